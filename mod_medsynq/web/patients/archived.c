/* archived.c -- the page of a form whose record is archived. Like replaced.c it stands behind every
 * page of a record at once: somebody may archive a record while anything about it is written. */
#include "web/patients/archived.h"

#include <string.h>

#include "domain/patients/patients.h"
#include "web/dates.h"
#include "web/patients/patient_banner.h"
#include "web/returned_forms.h"
#include "web/routes.h"

static const char of_record[] = "/patients/{id}";

typedef struct kept_t {
    const char *name;
    const char *label;
    const char *value;
} kept_t;

typedef struct archived_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    const char *reason;
    const char *by; /* who archived it, or NULL */
    const char *at;
    mq_list_t kept;
    const char *href;
    apr_int64_t record_version;
    int is_form; /* something was sent */
    int can_restore;
} archived_page_t;

static const mq_slot_t kept_slots[] = {MQ_TEXT(kept_t, name), MQ_TEXT(kept_t, label),
                                       MQ_TEXT(kept_t, value), MQ_SLOTS_END};

static const mq_slot_t archived_slots[] = {
    MQ_STRUCT(archived_page_t, patient, mq_patient_banner_slots),
    MQ_TEXT(archived_page_t, reason),
    MQ_TEXT(archived_page_t, by),
    MQ_TEXT(archived_page_t, at),
    MQ_LIST(archived_page_t, kept, kept_slots, kept_t),
    MQ_TEXT(archived_page_t, href),
    MQ_INT(archived_page_t, record_version),
    MQ_FLAG(archived_page_t, is_form),
    MQ_FLAG(archived_page_t, can_restore),
    MQ_INCLUDE(archived_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

const mq_page_t mq_archived_page = {"archived.html", archived_slots};

static mq_list_t typed(const mq_request_t *rq)
{
    kept_t *kept = apr_palloc(rq->pool, sizeof *kept * (size_t)(rq->form->nelts + 1));
    int count = 0;
    for (int i = 0; i < rq->form->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(rq->form, i, mq_form_field_t);
        if (*field->value && !mq_returned_is_secret(field->name) &&
            !mq_returned_is_carried(field->name)) {
            kept[count++] = (kept_t){field->name, mq_returned_label(rq, field->name), field->value};
        }
    }
    return (mq_list_t){kept, count};
}

static apr_status_t page_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                              const mq_patient_t *patient)
{
    archived_page_t page = {.frame.title = mq_say(rq, "This record is archived"),
                            .patient = mq_patient_banner(rq, patient),
                            .href = mq_patient_href(rq, &patient->id, ""),
                            .record_version = patient->version,
                            .is_form = rq->method == MQ_POST,
                            .can_restore = mq_patient_may_restore(sc, patient)};
    if (patient->change == MQ_CHANGE_ARCHIVED) {
        page.reason = patient->change_reason;
        page.by = patient->updated_by_name;
        page.at = mq_time_say(rq, patient->updated_at);
    }
    if (page.is_form && rq->form) {
        page.kept = typed(rq);
    }
    return mq_page_show(rq, status, &mq_archived_page, &page);
}

apr_status_t mq_archived_show(mq_request_t *rq, const mq_scope_t *sc, int status, const mq_id_t *id)
{
    mq_patient_t patient;
    MQ_TRY(mq_patient_view(&patient, sc, id));
    return page_show(rq, sc, status, &patient);
}

int mq_archived_is(const mq_scope_t *sc, const mq_id_t *patient)
{
    mq_patient_t record;
    return mq_patient_read(&record, sc, patient) == APR_SUCCESS &&
           record.status == MQ_PATIENT_ARCHIVED;
}

apr_status_t mq_archived_lead(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_patient_t patient;
    mq_id_t id;
    apr_status_t rv;
    if (strncmp(rq->route->pattern, of_record, sizeof of_record - 1) != 0) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(mq_request_record(&id, rq));
    rv = mq_patient_view(&patient, sc, &id);
    if (rv == MQ_EDENIED || rv == MQ_ENOTFOUND ||
        (rv == APR_SUCCESS && patient.status != MQ_PATIENT_ARCHIVED)) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(rv);
    return page_show(rq, sc, 409, &patient);
}

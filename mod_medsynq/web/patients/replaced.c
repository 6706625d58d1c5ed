/* replaced.c -- leading on. It stands behind every page of a record at once, after the record was
 * not found: so it costs the others nothing, and a page that is added later cannot forget it. */
#include "web/patients/replaced.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/patient_links.h"
#include "domain/patients/patients.h"
#include "web/flash.h"
#include "web/form_token.h"
#include "web/patients/patient_banner.h"
#include "web/routes.h"

static const char of_record[] = "/patients/{id}";

typedef struct kept_t {
    const char *name;
    const char *label;
    const char *value;
} kept_t;

typedef struct replaced_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_list_t kept;
    const char *replaced; /* the number of the one that is no more */
    const char *action;
    const char *back_href;
    int can_send;
} replaced_page_t;

static const mq_slot_t kept_slots[] = {MQ_TEXT(kept_t, name), MQ_TEXT(kept_t, label),
                                       MQ_TEXT(kept_t, value), MQ_SLOTS_END};

static const mq_slot_t replaced_slots[] = {
    MQ_STRUCT(replaced_page_t, patient, mq_patient_banner_slots),
    MQ_LIST(replaced_page_t, kept, kept_slots, kept_t),
    MQ_TEXT(replaced_page_t, replaced),
    MQ_TEXT(replaced_page_t, action),
    MQ_TEXT(replaced_page_t, back_href),
    MQ_FLAG(replaced_page_t, can_send),
    MQ_INCLUDE(replaced_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

const mq_page_t mq_replaced_page = {"replaced.html", replaced_slots, 1};

static mq_list_t typed(const mq_request_t *rq)
{
    kept_t *kept = apr_palloc(rq->pool, sizeof *kept * (size_t)(rq->form->nelts + 1));
    int count = 0;
    for (int i = 0; i < rq->form->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(rq->form, i, mq_form_field_t);
        if (*field->value && strcmp(field->name, "csrf_token") != 0 &&
            strcmp(field->name, MQ_FORM_TOKEN) != 0 && !strcasestr(field->name, "password")) {
            kept[count++] = (kept_t){field->name, field->name, field->value};
        }
    }
    return (mq_list_t){kept, count};
}

/* A form that says which version it is of has seen the other record: there is no sending it as it
 * is. */
static int has_version(const mq_request_t *rq)
{
    return mq_form_get(rq->form, "version", NULL) != NULL;
}

/* The same path of the other record. */
static const char *path_of(const mq_request_t *rq, const mq_id_t *target)
{
    const char *id = strstr(rq->path, rq->captures[0]);
    return mq_patient_href(rq, target, id + strlen(rq->captures[0]));
}

static apr_status_t form_show(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *target,
                              const char *replaced)
{
    replaced_page_t page = {.frame.title = mq_say(rq, "This record was merged into another one"),
                            .replaced = replaced,
                            .action = path_of(rq, target),
                            .back_href = mq_patient_href(rq, target, "")};
    mq_patient_t patient;
    MQ_TRY(mq_patient_view(&patient, sc, target));
    page.patient = mq_patient_banner(rq, &patient);
    page.kept = typed(rq);
    page.can_send = page.kept.count > 0 && patient.status == MQ_PATIENT_ACTIVE && !has_version(rq);
    return mq_page_show(rq, 409, &mq_replaced_page, &page);
}

/* Who has seen it is asked of the record that stays, which answers for both; anything else begins
 * at the record, so that whoever comes sees whose it is. */
static const char *place_of(const mq_request_t *rq, const mq_id_t *target)
{
    return mq_patient_href(rq, target,
                           rq->route->action == MQ_ACTION_PATIENT_ACCESSES ? "/accesses" : "");
}

apr_status_t mq_replaced_lead(mq_request_t *rq, const mq_scope_t *sc)
{
    const mq_route_t *route = rq->route;
    mq_patient_t source;
    mq_id_t id;
    mq_id_t target;
    if (strncmp(route->pattern, of_record, sizeof of_record - 1) != 0) {
        return MQ_ENOTFOUND;
    }
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_patient_replaced_by(&target, sc, &id));
    MQ_TRY(mq_patient_read_replaced(&source, sc, &id));
    if (rq->method == MQ_POST && rq->form) {
        return form_show(rq, sc, &target, source.mrn);
    }
    mq_db_give_back(sc);
    MQ_TRY(mq_flash_set(
        rq,
        &(mq_flash_t){.notice = mq_sayf(rq, "Record %s was merged into this one.", source.mrn)}));
    return mq_request_redirect(rq, place_of(rq, &target));
}

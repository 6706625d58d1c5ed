/* archived_pages.c -- the list of archived patients, from which administrators bring them back:
 * /patients/archived. Rules are in domain/patients/archived_patients.c. */

#include "domain/patients/archived_patients.h"
#include "web/dates.h"
#include "web/paging.h"
#include "web/patients/patient_href.h"
#include "web/route_tables.h"

typedef struct row_t {
    const char *name;
    const char *href; /* of the record; NULL: the person may not open it */
    const char *birth_date;
    const char *birth_date_text;
    const char *mrn;
    const char *at;
    const char *by;
    const char *reason;
    const char *restore_href;
    apr_int64_t version;
} row_t;

typedef struct archived_page_t {
    mq_frame_t frame;
    mq_list_t patients;
    mq_paging_t paging;
    int has_patients;
} archived_page_t;

static const mq_slot_t row_slots[] = {MQ_TEXT(row_t, name),
                                      MQ_TEXT(row_t, href),
                                      MQ_TEXT(row_t, birth_date),
                                      MQ_TEXT(row_t, birth_date_text),
                                      MQ_TEXT(row_t, mrn),
                                      MQ_TEXT(row_t, at),
                                      MQ_TEXT(row_t, by),
                                      MQ_TEXT(row_t, reason),
                                      MQ_TEXT(row_t, restore_href),
                                      MQ_INT(row_t, version),
                                      MQ_SLOTS_END};

static const mq_slot_t page_slots[] = {
    MQ_LIST(archived_page_t, patients, row_slots, row_t),
    MQ_INCLUDE(archived_page_t, paging, mq_paging_slots), MQ_FLAG(archived_page_t, has_patients),
    MQ_INCLUDE(archived_page_t, frame, mq_frame_slots), MQ_SLOTS_END};

static const mq_page_t archived_template = {"archived_patients.html", page_slots};

static const char list_path[] = "/patients/archived";

static row_t row_draw(const mq_request_t *rq, const mq_archived_patient_t *patient, int can_open)
{
    return (row_t){.name = patient->name,
                   .href = can_open ? mq_patient_href(rq, &patient->id, "") : NULL,
                   .birth_date = patient->birth_date,
                   .birth_date_text = mq_date_say(rq, patient->birth_date),
                   .mrn = patient->mrn,
                   .at = mq_time_say(rq, patient->at),
                   .by = patient->by,
                   .reason = patient->reason,
                   .restore_href = mq_patient_href(rq, &patient->id, "/restore"),
                   .version = patient->version};
}

static apr_status_t archived_show(mq_request_t *rq, const mq_scope_t *sc)
{
    archived_page_t page = {.frame.title = mq_say(rq, "Archived patients")};
    const int can_open = mq_policy_allows(MQ_ACTION_PATIENT_VIEW, mq_scope_roles(sc));
    const mq_id_t *after;
    apr_array_header_t *patients;
    row_t *rows;
    int more;
    MQ_TRY(mq_paging_read(&after, rq, "after"));
    MQ_TRY(mq_archived_patients(&patients, &more, sc, after));
    rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(patients->nelts + 1));
    for (int i = 0; i < patients->nelts; i++) {
        rows[i] = row_draw(rq, &APR_ARRAY_IDX(patients, i, mq_archived_patient_t), can_open);
    }
    page.patients = (mq_list_t){rows, patients->nelts};
    page.has_patients = patients->nelts > 0;
    page.paging = mq_paging(
        rq, list_path, "after",
        more ? mq_id_text(&APR_ARRAY_IDX(patients, patients->nelts - 1, mq_archived_patient_t).id,
                          rq->pool)
             : NULL,
        patients->nelts, mq_say(rq, "Next page"));
    return mq_page_show(rq, 200, &archived_template, &page);
}

const mq_route_t mq_archived_routes[] = {{MQ_GET, "/patients/archived", MQ_ACTION_PATIENTS_ARCHIVED,
                                          archived_show, .page = &archived_template},
                                         MQ_ROUTES_END};

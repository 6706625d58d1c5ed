/* patient_list_pages.c -- the table of patients. Rules are in domain/patient_lists.c. */
#include "web/patient_list_pages.h"

#include "domain/patient_lists.h"
#include "web/patients_table.h"

typedef struct list_page_t {
    mq_frame_t frame;
    mq_patients_table_t table;
    apr_int64_t patient_count;
} list_page_t;

static const mq_slot_t list_slots[] = {MQ_INT(list_page_t, patient_count),
                                       MQ_INCLUDE(list_page_t, table, mq_patients_table_slots),
                                       MQ_INCLUDE(list_page_t, frame, mq_frame_slots),
                                       MQ_SLOTS_END};

const mq_page_t mq_patients_page_template = {"patients.html", list_slots};

/* after= and before= name a row of the table; together, or no id at all, are malformed. */
static apr_status_t place_read(mq_page_place_t *place_out, mq_id_t *anchor_out,
                               const mq_request_t *rq)
{
    const char *after = mq_request_query(rq, "after");
    const char *before = mq_request_query(rq, "before");
    *place_out = after ? MQ_PAGE_AFTER : before ? MQ_PAGE_BEFORE : MQ_PAGE_FIRST;
    if (after && before) {
        return MQ_EINVALID;
    }
    return *place_out == MQ_PAGE_FIRST ? APR_SUCCESS
                                       : mq_id_parse(anchor_out, after ? after : before);
}

apr_status_t mq_patients_page_show(mq_request_t *rq)
{
    const mq_scope_t *sc = mq_request_scope(rq);
    list_page_t page = {.frame.title = mq_say(rq, "Patients")};
    mq_patients_page_t patients;
    mq_page_place_t place;
    mq_id_t anchor;
    MQ_TRY(place_read(&place, &anchor, rq));
    MQ_TRY(mq_patients_total(&page.patient_count, sc));
    MQ_TRY(mq_patients_page(&patients, sc, place, &anchor));
    page.table = mq_patients_table(rq, &patients);
    return mq_page_show(rq, 200, &mq_patients_page_template, &page);
}

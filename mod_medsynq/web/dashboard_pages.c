/* dashboard_pages.c -- the organisation's key figures. */
#include "web/dashboard_pages.h"

#include "domain/patient_lists.h"
#include "domain/policy.h"
#include "web/patients_table.h"

typedef struct dashboard_page_t {
    mq_frame_t frame;
    apr_int64_t patient_count;
    const char *q; /* the search box is empty here */
    mq_patients_table_t table;
} dashboard_page_t;

static const mq_slot_t dashboard_slots[] = {
    MQ_INT(dashboard_page_t, patient_count),
    MQ_TEXT(dashboard_page_t, q),
    MQ_INCLUDE(dashboard_page_t, table, mq_patients_table_slots),
    MQ_INCLUDE(dashboard_page_t, frame, mq_frame_slots), MQ_SLOTS_END};

const mq_page_t mq_dashboard_page_template = {"dashboard.html", dashboard_slots};

apr_status_t mq_dashboard_page(mq_request_t *rq)
{
    const mq_scope_t *sc = mq_request_scope(rq);
    dashboard_page_t page = {.frame.title = mq_say(rq, "Dashboard")};
    if (mq_policy_allows(MQ_ACTION_PATIENTS_LIST, mq_scope_roles(sc))) {
        const mq_patients_choice_t choice = MQ_PATIENTS_ACTIVE;
        mq_patients_page_t patients;
        MQ_TRY(mq_patients_total(&page.patient_count, sc));
        MQ_TRY(mq_patients_page(&patients, sc, &choice, MQ_PAGE_FIRST, NULL));
        page.table = mq_patients_table(rq, &patients, &choice);
    }
    return mq_page_show(rq, 200, &mq_dashboard_page_template, &page);
}

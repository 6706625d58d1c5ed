/* patient_lists.c -- pages of the table of patients. The disclosure is recorded. */
#include "domain/patient_lists.h"

#include "domain/audit.h"
#include "domain/counters.h"
#include "domain/policy.h"

static apr_status_t page_select(mq_rows_t *rows_out, const mq_scope_t *sc, mq_page_place_t place,
                                const mq_id_t *anchor, int limit)
{
    mq_rows_t rows;
    const char *key;
    if (place == MQ_PAGE_FIRST) {
        return mq_db_select(rows_out, sc, MQ_SQL_PATIENTS_FIRST,
                            MQ_PARAMS(mq_bind_int(MQ_PATIENT_ACTIVE), mq_bind_int(limit)));
    }
    /* the URL carries the row's id only: its sort key would put a name into logs */
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_SORT_KEY, MQ_PARAMS(mq_bind_id(anchor))));
    key = mq_rows_text(&rows, 0, mq_scope_pool(sc));
    mq_rows_close(&rows);
    return mq_db_select(
        rows_out, sc, place == MQ_PAGE_AFTER ? MQ_SQL_PATIENTS_AFTER : MQ_SQL_PATIENTS_BEFORE,
        MQ_PARAMS(mq_bind_int(MQ_PATIENT_ACTIVE), mq_bind_text(key), mq_bind_id(anchor),
                  mq_bind_int(limit)));
}

static void rows_reverse(mq_patient_t *rows, int count)
{
    for (int i = 0; i < count / 2; i++) {
        mq_patient_t row = rows[i];
        rows[i] = rows[count - 1 - i];
        rows[count - 1 - i] = row;
    }
}

apr_status_t mq_patients_page(mq_patients_page_t *page_out, const mq_scope_t *sc,
                              mq_page_place_t place, const mq_id_t *anchor)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_audit_event_t event = {.action = MQ_ACTION_PATIENTS_LIST, .outcome = MQ_OUTCOME_DONE};
    mq_patient_t *patients = apr_pcalloc(pool, sizeof *patients * MQ_PATIENTS_PER_PAGE);
    mq_rows_t rows;
    apr_status_t rv;
    int more;
    int count = 0;

    if (!mq_policy_allows(MQ_ACTION_PATIENTS_LIST, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(page_select(&rows, sc, place, anchor, MQ_PATIENTS_PER_PAGE + 1));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS && count < MQ_PATIENTS_PER_PAGE) {
        patients[count++] = (mq_patient_t){.id = mq_rows_id(&rows, 0),
                                           .name = mq_rows_text(&rows, 1, pool),
                                           .birth_date = mq_rows_text(&rows, 2, pool),
                                           .mrn = mq_rows_text(&rows, 3, pool),
                                           .status = MQ_PATIENT_ACTIVE};
    }
    more = rv == APR_SUCCESS;
    mq_rows_close(&rows);
    if (!more && rv != APR_EOF) {
        return rv;
    }
    if (place == MQ_PAGE_BEFORE) {
        rows_reverse(patients, count);
    }
    *page_out = (mq_patients_page_t){
        .rows = patients,
        .count = count,
        .has_previous = place == MQ_PAGE_AFTER || (place == MQ_PAGE_BEFORE && more),
        .has_next = place == MQ_PAGE_BEFORE || more};
    return mq_audit_record(sc, &event);
}

apr_status_t mq_patients_total(apr_int64_t *total_out, const mq_scope_t *sc)
{
    return mq_counter_value(total_out, sc, MQ_COUNTER_ACTIVE);
}

/* archived_patients.c -- one range of patients_by_change, from the last row that was shown. */
#include "domain/patients/archived_patients.h"

#include "domain/keyset.h"
#include "domain/policy.h"
#include "domain/trail/audit_groups.h"
#include "domain/trail/disclosures.h"

/* The path carries the row's id only; when that was archived is read here. */
static apr_status_t place_read(apr_time_t *at_out, const mq_scope_t *sc, const mq_id_t *after)
{
    mq_rows_t rows;
    *at_out = APR_INT64_MAX;
    if (!after) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_SORT_KEYS, MQ_PARAMS(mq_bind_id(after))));
    *at_out = mq_rows_int(&rows, MQ_PATIENT_SORT_KEYS_UPDATED_AT);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static mq_archived_patient_t row_read(const mq_rows_t *rows, apr_pool_t *pool)
{
    return (mq_archived_patient_t){
        .id = mq_rows_id(rows, MQ_PATIENTS_ARCHIVED_ID),
        .version = mq_rows_int(rows, MQ_PATIENTS_ARCHIVED_VERSION),
        .name = mq_rows_text(rows, MQ_PATIENTS_ARCHIVED_NAME, pool),
        .birth_date = mq_rows_text(rows, MQ_PATIENTS_ARCHIVED_BIRTH_DATE, pool),
        .mrn = mq_rows_text(rows, MQ_PATIENTS_ARCHIVED_MRN, pool),
        .at = mq_rows_int(rows, MQ_PATIENTS_ARCHIVED_UPDATED_AT),
        .by = mq_rows_text(rows, MQ_PATIENTS_ARCHIVED_UPDATED_BY_NAME, pool),
        .reason = mq_rows_text(rows, MQ_PATIENTS_ARCHIVED_CHANGE_REASON, pool)};
}

static apr_status_t patients_disclose(const mq_scope_t *sc, const apr_array_header_t *patients)
{
    mq_audit_event_t event = {.action = MQ_ACTION_PATIENTS_ARCHIVED, .outcome = MQ_OUTCOME_DONE};
    mq_id_t ids[MQ_ARCHIVED_SHOWN];
    if (patients->nelts == 0 || !mq_discloses(sc)) {
        return APR_SUCCESS;
    }
    for (int i = 0; i < patients->nelts; i++) {
        ids[i] = APR_ARRAY_IDX(patients, i, mq_archived_patient_t).id;
    }
    MQ_TRY(mq_audit_show(&event, ids, patients->nelts, mq_scope_pool(sc)));
    return mq_disclose(sc, &event, NULL);
}

apr_status_t mq_archived_patients(apr_array_header_t **patients_out, int *more_out,
                                  const mq_scope_t *sc, const mq_id_t *after)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *patients =
        apr_array_make(pool, MQ_ARCHIVED_SHOWN + 1, sizeof(mq_archived_patient_t));
    apr_time_t at;
    mq_rows_t rows;
    apr_status_t rv;
    if (!mq_policy_allows(MQ_ACTION_PATIENTS_ARCHIVED, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(place_read(&at, sc, after));
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENTS_ARCHIVED,
                        MQ_PARAMS(mq_bind_int(at), mq_bind_id(mq_keyset_before(after)),
                                  mq_bind_int(MQ_ARCHIVED_SHOWN + 1))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(patients, mq_archived_patient_t) = row_read(&rows, pool);
    }
    if (rv != APR_EOF) {
        return rv;
    }
    *more_out = mq_keyset_cut(patients, MQ_ARCHIVED_SHOWN);
    *patients_out = patients;
    return patients_disclose(sc, patients);
}

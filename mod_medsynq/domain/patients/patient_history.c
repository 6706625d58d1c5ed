/* patient_history.c -- reading versions: the newest is the record itself, the earlier ones are
 * what each change has put aside. */
#include "domain/patients/patient_history.h"

#include <apr_strings.h>

static mq_patient_version_t version_now(const mq_patient_t *patient)
{
    return (mq_patient_version_t){.version = patient->version,
                                  .changed_at = patient->updated_at,
                                  .changed_by = patient->updated_by_name,
                                  .change = patient->change,
                                  .reason = patient->change_reason,
                                  .status = patient->status,
                                  .fields = patient->fields};
}

static apr_status_t row_read(mq_patient_version_t *version_out, const mq_rows_t *rows,
                             apr_pool_t *pool)
{
    *version_out = (mq_patient_version_t){
        .version = mq_rows_int(rows, MQ_PATIENT_VERSION),
        .changed_at = mq_rows_int(rows, MQ_PATIENT_VERSION_CHANGED_AT),
        .changed_by = mq_rows_text(rows, MQ_PATIENT_VERSION_CHANGED_BY_NAME, pool),
        .change = (mq_patient_change_t)mq_rows_int(rows, MQ_PATIENT_VERSION_CHANGE_KIND),
        .reason = mq_rows_text(rows, MQ_PATIENT_VERSION_CHANGE_REASON, pool),
        .status = (mq_patient_status_t)mq_rows_int(rows, MQ_PATIENT_VERSION_STATUS)};
    return mq_patient_fields_decode(&version_out->fields,
                                    mq_rows_text(rows, MQ_PATIENT_VERSION_FIELDS, pool), pool);
}

apr_status_t mq_patient_version_read(mq_patient_version_t *version_out, const mq_scope_t *sc,
                                     const mq_patient_t *patient, apr_int64_t version)
{
    mq_rows_t rows;
    apr_status_t rv;
    if (version == patient->version) {
        *version_out = version_now(patient);
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_VERSION,
                            MQ_PARAMS(mq_bind_id(&patient->id), mq_bind_int(version))));
    rv = row_read(version_out, &rows, mq_scope_pool(sc));
    mq_rows_close(&rows);
    return rv;
}

apr_status_t mq_patient_history(apr_array_header_t **versions_out, mq_patient_t *patient_out,
                                const mq_scope_t *sc, const mq_id_t *id, apr_int64_t before,
                                int limit)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *versions = apr_array_make(pool, 8, sizeof(mq_patient_version_t));
    mq_rows_t rows;
    apr_status_t rv;
    rv = mq_patient_view_for(patient_out, sc, id, MQ_ACTION_PATIENT_HISTORY);
    if (rv == MQ_ENOTFOUND) {
        rv = mq_patient_view_replaced(patient_out, sc, id, MQ_ACTION_PATIENT_HISTORY);
    }
    MQ_TRY(rv);
    if (before == 0 || before > patient_out->version) {
        APR_ARRAY_PUSH(versions, mq_patient_version_t) = version_now(patient_out);
        before = patient_out->version;
    }
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENT_VERSIONS_BEFORE,
                        MQ_PARAMS(mq_bind_id(id), mq_bind_int(before), mq_bind_int(limit))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_patient_version_t version;
        rv = row_read(&version, &rows, pool);
        if (rv != APR_SUCCESS) {
            mq_rows_close(&rows);
            return rv;
        }
        APR_ARRAY_PUSH(versions, mq_patient_version_t) = version;
    }
    *versions_out = versions;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_patient_version_restore(const mq_scope_t *sc, const mq_id_t *id,
                                        apr_int64_t version, apr_int64_t seen)
{
    mq_patient_t patient;
    mq_patient_version_t earlier;
    if (!mq_policy_allows(MQ_ACTION_PATIENT_VERSION_RESTORE, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_patient_read(&patient, sc, id));
    MQ_TRY(mq_patient_version_read(&earlier, sc, &patient, version));
    return mq_patient_revert(sc, id, seen, &earlier.fields,
                             apr_psprintf(mq_scope_pool(sc), "version %" APR_INT64_T_FMT, version));
}

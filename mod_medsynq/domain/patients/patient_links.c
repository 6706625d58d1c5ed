/* patient_links.c -- following replaced-by and replaces. */
#include "domain/patients/patient_links.h"

#include <limits.h>

static apr_status_t target_find(mq_id_t *target_out, const mq_scope_t *sc, const mq_id_t *id)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_MERGE_BY_SOURCE, MQ_PARAMS(mq_bind_id(id))));
    *target_out = mq_rows_id(&rows, MQ_PATIENT_MERGE_BY_SOURCE_TARGET_ID);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

/* There are no circles: who is replaced is in use before, and replaces nobody afterwards. */
apr_status_t mq_patient_replaced_by(mq_id_t *target_out, const mq_scope_t *sc, const mq_id_t *id)
{
    mq_id_t next;
    apr_status_t rv;
    MQ_TRY(target_find(target_out, sc, id));
    while ((rv = target_find(&next, sc, target_out)) == APR_SUCCESS) {
        *target_out = next;
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

apr_status_t mq_patient_replaces(apr_array_header_t **links_out, const mq_scope_t *sc,
                                 const mq_id_t *id)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *links = apr_array_make(pool, 1, sizeof(mq_patient_link_t));
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENT_MERGES_BY_TARGET,
                        MQ_PARAMS(mq_bind_id(id), mq_bind_int(INT_MAX))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(links, mq_patient_link_t) = (mq_patient_link_t){
            .id = mq_rows_id(&rows, MQ_PATIENT_MERGES_BY_TARGET_SOURCE_ID),
            .mrn = mq_rows_text(&rows, MQ_PATIENT_MERGES_BY_TARGET_MRN, pool),
            .name = mq_rows_text(&rows, MQ_PATIENT_MERGES_BY_TARGET_NAME, pool),
            .birth_date = mq_rows_text(&rows, MQ_PATIENT_MERGES_BY_TARGET_BIRTH_DATE, pool),
            .merged_at = mq_rows_int(&rows, MQ_PATIENT_MERGES_BY_TARGET_MERGED_AT),
            .merged_by = mq_rows_text(&rows, MQ_PATIENT_MERGES_BY_TARGET_MERGED_BY_NAME, pool)};
    }
    *links_out = links;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_patient_stands_for(apr_array_header_t **ids_out, const mq_scope_t *sc,
                                   const mq_id_t *id)
{
    apr_array_header_t *ids = apr_array_make(mq_scope_pool(sc), 1, sizeof(mq_id_t));
    APR_ARRAY_PUSH(ids, mq_id_t) = *id;
    for (int i = 0; i < ids->nelts; i++) { /* all: their trail and copy are the record's */
        const mq_id_t target = APR_ARRAY_IDX(ids, i, mq_id_t);
        mq_rows_t rows;
        apr_status_t rv;
        MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENT_MERGES_BY_TARGET,
                            MQ_PARAMS(mq_bind_id(&target), mq_bind_int(INT_MAX))));
        while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
            APR_ARRAY_PUSH(ids, mq_id_t) = mq_rows_id(&rows, MQ_PATIENT_MERGES_BY_TARGET_SOURCE_ID);
        }
        if (rv != APR_EOF) {
            return rv;
        }
    }
    *ids_out = ids;
    return APR_SUCCESS;
}

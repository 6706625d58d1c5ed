/* audit_heads_rows.c -- reading the ends of all chains. */
#include "store/audit_heads_rows.h"

#include <string.h>

#include "store/owner.h"

static apr_status_t head_read(mq_audit_head_t *head_out, const mq_rows_t *rows)
{
    apr_size_t length;
    const void *digest = mq_rows_bytes(rows, MQ_OWNER_CHAIN_END_DIGEST, &length);
    head_out->tenant = mq_rows_int(rows, MQ_OWNER_CHAIN_END_TENANT_ID);
    head_out->number = mq_rows_int(rows, MQ_OWNER_CHAIN_END_NUMBER);
    if (!digest || length != sizeof head_out->digest) {
        return MQ_ECORRUPT;
    }
    memcpy(head_out->digest, digest, sizeof head_out->digest);
    return APR_SUCCESS;
}

apr_status_t mq_audit_heads_read(apr_array_header_t **heads_out, mq_owner_t *owner,
                                 apr_pool_t *pool)
{
    mq_rows_t rows;
    apr_status_t rv;
    *heads_out = apr_array_make(pool, 64, sizeof(mq_audit_head_t));
    MQ_TRY(mq_owner_select(&rows, owner, MQ_SQL_OWNER_HEADS, MQ_NO_PARAMS));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        rv = head_read(apr_array_push(*heads_out), &rows);
        if (rv != APR_SUCCESS) {
            break;
        }
    }
    mq_rows_close(&rows);
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_audit_heads_of(apr_array_header_t **heads_out, const char *driver,
                               const char *database, apr_pool_t *pool)
{
    const char *ignored;
    mq_owner_t *owner;
    apr_status_t rv;
    MQ_TRY(mq_owner_open(&owner, driver, database, &ignored, pool));
    rv = mq_audit_heads_read(heads_out, owner, pool);
    mq_owner_close(owner);
    return rv;
}

/* audit_heads_rows.c -- reading the ends of all chains. */
#include "store/audit_heads_rows.h"

#include <string.h>

#include "store/sqlite/sqlite_status.h"

enum { BUSY_MILLISECONDS = 5000 };

apr_status_t mq_audit_heads_read(apr_array_header_t **heads_out, sqlite3 *sqlite, apr_pool_t *pool)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(
        sqlite, "SELECT tenant_id, number, digest FROM audit_heads ORDER BY tenant_id", -1,
        &statement, NULL);
    *heads_out = apr_array_make(pool, 64, sizeof(mq_audit_head_t));
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        mq_audit_head_t *head = apr_array_push(*heads_out);
        head->tenant = sqlite3_column_int64(statement, 0);
        head->number = sqlite3_column_int64(statement, 1);
        code = sqlite3_column_bytes(statement, 2) == MQ_HEAD_DIGEST_LENGTH ? SQLITE_OK
                                                                           : SQLITE_CORRUPT;
        if (code == SQLITE_OK) {
            memcpy(head->digest, sqlite3_column_blob(statement, 2), sizeof head->digest);
        }
    }
    (void)sqlite3_finalize(statement);
    return mq_sqlite_status(code);
}

apr_status_t mq_audit_heads_of(apr_array_header_t **heads_out, const char *database,
                               apr_pool_t *pool)
{
    sqlite3 *sqlite = NULL;
    int code = sqlite3_open_v2(database, &sqlite, SQLITE_OPEN_READWRITE, NULL);
    apr_status_t rv = mq_sqlite_status(code);
    (void)sqlite3_busy_timeout(sqlite, BUSY_MILLISECONDS);
    if (rv == APR_SUCCESS) {
        rv = mq_audit_heads_read(heads_out, sqlite, pool);
    }
    (void)sqlite3_close(sqlite);
    return rv;
}

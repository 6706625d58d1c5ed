/* audit_archive.c -- the parts of audit_archive.h, done by the engine that has the database. */
#include "store/audit_archive.h"

#include "store/engine.h"
#include "store/owner.h"

apr_status_t mq_archive_copy(apr_array_header_t **chains_out, apr_int64_t *events_out,
                             const char *driver, const char *database, const char *file,
                             apr_time_t before, mq_progress_t progress, void *context,
                             const char **error_out, apr_pool_t *pool)
{
    const mq_engine_t *engine;
    MQ_TRY(mq_engine_of(&engine, driver, error_out, pool));
    return engine->archive_copy(chains_out, events_out, database, file, before, progress, context,
                                error_out, pool);
}

apr_status_t mq_archive_remove(const char *driver, const char *database,
                               const apr_array_header_t *chains, mq_progress_t progress,
                               void *context, const char **error_out, apr_pool_t *pool)
{
    const mq_engine_t *engine;
    MQ_TRY(mq_engine_of(&engine, driver, error_out, pool));
    return engine->archive_remove(database, chains, progress, context, error_out, pool);
}

int mq_archive_is_due(const char *driver, const char *database, apr_time_t before, apr_pool_t *pool)
{
    const char *ignored;
    mq_owner_t *owner;
    mq_rows_t rows;
    int is_due = 0;
    if (mq_owner_open(&owner, driver, database, &ignored, pool) != APR_SUCCESS) {
        return 0;
    }
    /* the first event of each chain: the heads lead to them */
    if (mq_owner_select(&rows, owner, MQ_SQL_OWNER_CHAIN_OLDER, MQ_PARAMS(mq_bind_int(before))) ==
        APR_SUCCESS) {
        is_due = mq_rows_next(&rows) == APR_SUCCESS;
        mq_rows_close(&rows);
    }
    mq_owner_close(owner);
    return is_due;
}

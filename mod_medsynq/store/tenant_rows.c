/* tenant_rows.c -- the parts of tenant_rows.h, done by the engine that has the database. */
#include "store/tenant_rows.h"

#include "store/engine.h"

apr_status_t mq_erasure_rows(apr_int64_t *rows_out, const char *driver, const char *database,
                             apr_int64_t tenant, mq_progress_t progress, void *context,
                             const char **error_out, apr_pool_t *pool)
{
    const mq_engine_t *engine;
    MQ_TRY(mq_engine_of(&engine, driver, error_out, pool));
    return engine->erase_rows(rows_out, database, tenant, progress, context, error_out, pool);
}

apr_status_t mq_erasure_sweep(int *was_due_out, const char *driver, const char *database,
                              const char **error_out, apr_pool_t *pool)
{
    const mq_engine_t *engine;
    MQ_TRY(mq_engine_of(&engine, driver, error_out, pool));
    return engine->erase_sweep(was_due_out, database, error_out, pool);
}

/* engine.c -- the engines there are, by the names of their drivers. */
#include "store/engine.h"

#include <apr_strings.h>
#include <string.h>

static const mq_engine_t *const engines[] = {
    &mq_sqlite_engine,
#ifndef MQ_WITHOUT_PGSQL
    &mq_pgsql_engine,
#endif
};
enum { ENGINES = sizeof engines / sizeof *engines };

const mq_engine_t *mq_engine_at(int place)
{
    return place < ENGINES ? engines[place] : NULL;
}

const mq_engine_t *mq_engine_find(const char *driver)
{
    for (int i = 0; i < ENGINES; i++) {
        if (strcmp(engines[i]->driver, driver) == 0) {
            return engines[i];
        }
    }
    return NULL;
}

apr_status_t mq_engine_of(const mq_engine_t **engine_out, const char *driver,
                          const char **error_out, apr_pool_t *pool)
{
    *engine_out = mq_engine_find(driver);
    if (*engine_out) {
        return APR_SUCCESS;
    }
    *error_out = apr_pstrcat(pool, "there is no engine ", driver, NULL);
    return MQ_EINVALID;
}

apr_status_t mq_db_open(mq_db_t **db_out, const char *driver, const char *parameters,
                        mq_db_purpose_t purpose, const char **error_out, apr_pool_t *pool)
{
    const mq_engine_t *engine;
    const char *ignored = NULL;
    const char **error = error_out ? error_out : &ignored;
    MQ_TRY(mq_engine_of(&engine, driver, error, pool));
    return engine->open(db_out, parameters, purpose, error, pool);
}

void mq_db_close(mq_db_t *db)
{
    if (db) {
        db->engine->close(db);
    }
}

apr_status_t mq_db_migrate(const char *driver, const char *parameters, apr_interval_time_t patience,
                           int *from_out, const char **error_out, apr_pool_t *pool)
{
    const mq_engine_t *engine;
    MQ_TRY(mq_engine_of(&engine, driver, error_out, pool));
    return engine->migrate(parameters, patience, from_out, error_out, pool);
}

void mq_db_prove(mq_trouble_t *trouble_out, const char *driver, const char *parameters,
                 apr_interval_time_t patience, int thoroughly, const char **error_out,
                 apr_pool_t *pool)
{
    const mq_engine_t *engine;
    *trouble_out = MQ_TROUBLE_BARRED;
    if (mq_engine_of(&engine, driver, error_out, pool) == APR_SUCCESS) {
        engine->prove(trouble_out, parameters, patience, thoroughly, error_out, pool);
    }
}

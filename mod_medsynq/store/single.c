/* single.c -- a store of one connection. Writers wait for the engine's own lock: the queue of the
 * server's writers lies in the server's memory. */
#include "store/single.h"

#include "store/engine.h"
#include "store/writer.h"

static apr_status_t single_lend(mq_db_t **db_out, void *lender)
{
    *db_out = ((mq_single_t *)lender)->db;
    return APR_SUCCESS;
}

static void single_take_back(mq_db_t *db, int broken, void *lender)
{
    (void)db;
    (void)broken;
    (void)lender;
}

static apr_status_t single_close(void *data)
{
    mq_single_t *single = data;
    single->store.is_ending = 1; /* whoever fails in a turn has it still: closing undoes it */
    mq_db_close(single->db);
    single->db = NULL;
    return APR_SUCCESS;
}

apr_status_t mq_single_open(mq_single_t **single_out, const char *driver, const char *parameters,
                            const char **error_out, apr_pool_t *pool)
{
    const mq_engine_t *engine = mq_engine_find(driver);
    mq_single_t *single = apr_pcalloc(pool, sizeof *single);
    single->store =
        (mq_store_t){.lend = single_lend, .take_back = single_take_back, .lender = single};
    if (engine && engine->has_one_writer) {
        MQ_TRY(mq_writer_make(&single->store.writer, NULL, single_lend, single_take_back, single,
                              pool));
    }
    MQ_TRY(mq_db_open(&single->db, driver, parameters, MQ_DB_SERVE, error_out, pool));
    apr_pool_cleanup_register(pool, single, single_close, apr_pool_cleanup_null);
    *single_out = single;
    return APR_SUCCESS;
}

void mq_single_close(mq_single_t *single, apr_pool_t *pool)
{
    (void)apr_pool_cleanup_run(pool, single, single_close);
}

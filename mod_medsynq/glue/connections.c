/* connections.c -- an apr_reslist of connections, and the turn to write. */
#include "glue/connections.h"

#include <apr_reslist.h>
#include <apr_strings.h>

#include <http_log.h>

#include "glue/module.h"

APLOG_USE_MODULE(medsynq);

enum { LEND_MILLISECONDS = 500, WRITE_TURN_SECONDS = 10 };

struct mq_connections_t {
    server_rec *server;
    const char *driver;
    const char *parameters;
    apr_reslist_t *list;
    mq_write_queue_t *writers;
};

static apr_status_t connection_open(void **resource_out, void *data, apr_pool_t *pool)
{
    const mq_connections_t *connections = data;
    const char *error = NULL;
    apr_pool_t *scratch;
    mq_db_t *db;
    apr_status_t rv;
    /* the list's pool is not ours to grow: an outage would fill it with sentences */
    MQ_TRY(apr_pool_create(&scratch, NULL));
    (void)pool;
    rv =
        mq_db_open(&db, connections->driver, connections->parameters, MQ_DB_SERVE, &error, scratch);
    if (rv == APR_SUCCESS) {
        *resource_out = db;
    } else {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, connections->server,
                     "MSQ0020: the database %s cannot be used: %s", connections->parameters, error);
    }
    apr_pool_destroy(scratch);
    return rv;
}

static apr_status_t connection_close(void *resource, void *data, apr_pool_t *pool)
{
    (void)data;
    (void)pool;
    mq_db_close(resource);
    return APR_SUCCESS;
}

static apr_status_t lend(mq_db_t **db_out, void *lender)
{
    const mq_connections_t *connections = lender;
    void *resource = NULL;
    apr_status_t rv = apr_reslist_acquire(connections->list, &resource);
    if (rv != APR_SUCCESS) {
        return MQ_EFULL; /* none free in time, or none to be had: the person tries again */
    }
    *db_out = resource;
    return APR_SUCCESS;
}

static void take_back(mq_db_t *db, int broken, void *lender)
{
    const mq_connections_t *connections = lender;
    if (broken) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, connections->server,
                     "MSQ0021: a database connection came back in disorder and was closed");
        (void)apr_reslist_invalidate(connections->list, db);
    } else {
        (void)apr_reslist_release(connections->list, db);
    }
}

static apr_status_t write_begin(void *lender)
{
    const mq_connections_t *connections = lender;
    apr_status_t rv =
        mq_write_queue_lock(connections->writers, apr_time_from_sec(WRITE_TURN_SECONDS));
    return APR_STATUS_IS_TIMEUP(rv) ? MQ_EFULL : rv;
}

static void write_end(void *lender)
{
    const mq_connections_t *connections = lender;
    (void)mq_write_queue_unlock(connections->writers);
}

apr_status_t mq_connections_make(mq_connections_t **connections_out, mq_store_t *store_out,
                                 server_rec *s, const char *driver, const char *parameters,
                                 int most, mq_write_queue_t *writers, apr_pool_t *pchild)
{
    mq_connections_t *connections = apr_pcalloc(pchild, sizeof *connections);
    connections->server = s;
    connections->driver = driver;
    connections->parameters = parameters;
    connections->writers = writers;
    MQ_TRY(apr_reslist_create(&connections->list, 0, most, most, 0, connection_open,
                              connection_close, connections, pchild));
    apr_reslist_timeout_set(connections->list, apr_time_from_msec(LEND_MILLISECONDS));
    *store_out = (mq_store_t){lend, take_back, write_begin, write_end, connections};
    *connections_out = connections;
    return APR_SUCCESS;
}

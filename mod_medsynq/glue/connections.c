/* connections.c -- the connections that read, lent to a thread at a time, and the one that writes.
 *
 * Not an apr_reslist: that opens under its lock whenever none is free, and opening takes as long as
 * a hundred pages do, while a connection is lent for a part of one. Here a thread waits a moment
 * for one to come back before it opens another, without the lock; one thread at a time opens. */
#include "glue/connections.h"

#include <apr_strings.h>
#include <errno.h>
#include <pthread.h>

#include <http_log.h>

#include "base/deadline.h"
#include "glue/module.h"
#include "store/engine.h"
#include "store/writer.h"

APLOG_USE_MODULE(medsynq);

enum {
    LEND_MILLISECONDS = 500,
    OPEN_MILLISECONDS = 3 /* all are lent for so long: one more is needed */
};

/* APR would destroy mutex and condition with the pool, and wait for their users: a child that a
 * signal ends runs that clean-up while requests are being served. */
struct mq_connections_t {
    server_rec *server;
    const char *driver;
    const char *parameters;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* one came back, or could not be opened */
    mq_db_t **idle;         /* the last of them was used last: its cache is warm */
    int idle_count;
    int open_count; /* idle and lent */
    int most;
    int is_opening;
    mq_db_t *writing; /* kept open, as a cache for the next who writes */
    int is_writing;   /* a thread has it */
    mq_store_t *store;
};

static apr_status_t open_one(mq_db_t **db_out, const mq_connections_t *connections,
                             mq_db_purpose_t purpose)
{
    const char *error = NULL;
    apr_pool_t *scratch;
    apr_status_t rv;
    /* no pool that lives on: an outage would fill it with sentences */
    MQ_TRY(apr_pool_create(&scratch, NULL));
    rv = mq_db_open(db_out, connections->driver, connections->parameters, purpose, &error, scratch);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, connections->server,
                     "MSQ0020: the database %s cannot be used: %s", connections->parameters, error);
    }
    apr_pool_destroy(scratch);
    return rv;
}

static mq_db_t *idle_take(mq_connections_t *connections)
{
    return connections->idle_count ? connections->idle[--connections->idle_count] : NULL;
}

/* Under the mutex, which is let go meanwhile. */
static apr_status_t another_open(mq_db_t **db_out, mq_connections_t *connections)
{
    apr_status_t rv;
    connections->is_opening = 1;
    (void)pthread_mutex_unlock(&connections->mutex);
    rv = open_one(db_out, connections, MQ_DB_SERVE);
    (void)pthread_mutex_lock(&connections->mutex);
    connections->is_opening = 0;
    connections->open_count += rv == APR_SUCCESS;
    (void)pthread_cond_broadcast(&connections->changed); /* if it failed, all have to know */
    return rv == APR_SUCCESS ? rv : MQ_EFULL;
}

/* @return whether one was free or came back in time; not if there is none that could */
static int idle_await(mq_db_t **db_out, mq_connections_t *connections, int milliseconds)
{
    struct timespec until = {0, 0};
    int rv = 0;
    while (!(*db_out = idle_take(connections)) && rv != ETIMEDOUT &&
           (connections->open_count || connections->is_opening)) {
        until = until.tv_sec ? until : mq_deadline_after(apr_time_from_msec(milliseconds));
        rv = pthread_cond_clockwait(&connections->changed, &connections->mutex, CLOCK_MONOTONIC,
                                    &until);
    }
    return *db_out != NULL;
}

static apr_status_t await_or_open(mq_db_t **db_out, mq_connections_t *connections)
{
    static const int waits[] = {OPEN_MILLISECONDS, LEND_MILLISECONDS};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        if (idle_await(db_out, connections, waits[i])) {
            return APR_SUCCESS;
        }
        if (!connections->is_opening && connections->open_count < connections->most) {
            return another_open(db_out, connections);
        }
    }
    return MQ_EFULL;
}

/* None free in time, or none to be had: the person tries again. */
static apr_status_t connection_lend(mq_db_t **db_out, void *lender)
{
    mq_connections_t *connections = lender;
    apr_status_t rv;
    (void)pthread_mutex_lock(&connections->mutex);
    rv = await_or_open(db_out, connections);
    (void)pthread_mutex_unlock(&connections->mutex);
    return rv;
}

static void disorder_tell(const mq_connections_t *connections)
{
    ap_log_error(APLOG_MARK, APLOG_WARNING, 0, connections->server,
                 "MSQ0021: a database connection came back in disorder and was closed");
}

static void connection_take_back(mq_db_t *db, int broken, void *lender)
{
    mq_connections_t *connections = lender;
    if (broken) {
        disorder_tell(connections);
        mq_db_close(db);
    }
    (void)pthread_mutex_lock(&connections->mutex);
    if (broken) {
        connections->open_count--;
    } else {
        connections->idle[connections->idle_count++] = db;
    }
    (void)pthread_cond_signal(&connections->changed);
    (void)pthread_mutex_unlock(&connections->mutex);
}

/* The writer's leader alone calls these two. */
static apr_status_t writing_lend(mq_db_t **db_out, void *lender)
{
    mq_connections_t *connections = lender;
    if (!connections->writing) {
        mq_db_t *db;
        if (open_one(&db, connections, MQ_DB_WRITE) != APR_SUCCESS) {
            return MQ_EFULL;
        }
        connections->writing = db;
    }
    connections->is_writing = 1;
    *db_out = connections->writing;
    return APR_SUCCESS;
}

static void writing_take_back(mq_db_t *db, int broken, void *lender)
{
    mq_connections_t *connections = lender;
    connections->is_writing = 0;
    if (broken) {
        disorder_tell(connections);
        mq_db_close(db);
        connections->writing = NULL;
    }
}

/* What is on loan stays with the thread that a signal ends in its midst. Under prefork that may be
 * this very thread, and have the mutex. */
static apr_status_t idle_close(void *data)
{
    mq_connections_t *connections = data;
    struct timespec until = mq_deadline_after(apr_time_from_msec(LEND_MILLISECONDS));
    mq_db_t *db;
    connections->store->is_ending = 1;
    if (pthread_mutex_clocklock(&connections->mutex, CLOCK_MONOTONIC, &until) != 0) {
        return APR_SUCCESS;
    }
    while ((db = idle_take(connections)) != NULL) {
        mq_db_close(db);
    }
    if (!connections->is_writing) {
        mq_db_close(connections->writing);
        connections->writing = NULL;
    }
    (void)pthread_mutex_unlock(&connections->mutex);
    return APR_SUCCESS;
}

apr_status_t mq_connections_make(mq_connections_t **connections_out, mq_store_t *store_out,
                                 server_rec *s, const char *driver, const char *parameters,
                                 int most, mq_fair_queue_t *writers, apr_pool_t *pchild)
{
    const mq_engine_t *engine = mq_engine_find(driver);
    mq_connections_t *connections = apr_pcalloc(pchild, sizeof *connections);
    connections->server = s;
    connections->driver = driver;
    connections->parameters = parameters;
    connections->most = most;
    connections->store = store_out;
    connections->idle = apr_pcalloc(pchild, sizeof(mq_db_t *) * (apr_size_t)most);
    MQ_TRY(pthread_mutex_init(&connections->mutex, NULL));
    MQ_TRY(pthread_cond_init(&connections->changed, NULL));
    *store_out = (mq_store_t){
        .lend = connection_lend, .take_back = connection_take_back, .lender = connections};
    if (engine && engine->has_one_writer) {
        MQ_TRY(mq_writer_make(&store_out->writer, writers, writing_lend, writing_take_back,
                              connections, pchild));
    }
    apr_pool_pre_cleanup_register(pchild, connections, idle_close);
    *connections_out = connections;
    return APR_SUCCESS;
}

void mq_connections_counts(int *lent_out, int *idle_out, mq_connections_t *connections)
{
    (void)pthread_mutex_lock(&connections->mutex);
    *idle_out = connections->idle_count;
    *lent_out = connections->open_count - connections->idle_count;
    (void)pthread_mutex_unlock(&connections->mutex);
}

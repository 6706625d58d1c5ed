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
    const mq_config_t *config;
    mq_outage_t *outage;
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
    rv = mq_db_open(db_out, connections->config->driver, connections->config->database, purpose,
                    &error, scratch);
    if (rv != APR_SUCCESS) {
        mq_outage_notice(connections->outage, connections->server, connections->config,
                         mq_outage_of(rv), error);
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

static void trouble_notice(const mq_connections_t *connections, mq_trouble_t trouble,
                           const char *cause)
{
    mq_outage_notice(connections->outage, connections->server, connections->config, trouble, cause);
}

/* A connection whose files are not in place any more is used for nothing; see connections_step. */
static apr_status_t place_check(const mq_db_t *db, const mq_connections_t *connections)
{
    mq_trouble_t trouble = db->engine->place(db);
    if (trouble == MQ_TROUBLE_NONE) {
        return APR_SUCCESS;
    }
    trouble_notice(connections, trouble,
                   trouble == MQ_TROUBLE_LOG_GONE
                       ? "its write-ahead log was deleted or replaced while it was used; what was "
                         "committed is put into the database, and another log is set aside"
                       : "its file was moved, deleted or replaced while it was used; what is there "
                         "now is opened when everybody has let go of the former one");
    return MQ_EFULL;
}

/* None free in time, or none to be had: the person tries again. */
static apr_status_t connection_lend(mq_db_t **db_out, void *lender)
{
    mq_connections_t *connections = lender;
    apr_status_t rv = MQ_EFULL;
    if (mq_outage_is_down(connections->outage)) {
        return rv;
    }
    (void)pthread_mutex_lock(&connections->mutex);
    rv = await_or_open(db_out, connections);
    if (rv == APR_SUCCESS && place_check(*db_out, connections) != APR_SUCCESS) {
        connections->idle[connections->idle_count++] = *db_out;
        *db_out = NULL;
        rv = MQ_EFULL;
    }
    (void)pthread_mutex_unlock(&connections->mutex);
    return rv;
}

static void disorder_tell(const mq_connections_t *connections)
{
    ap_log_error(APLOG_MARK, APLOG_WARNING, 0, connections->server,
                 "MSQ0021: a database connection came back in disorder and was closed");
}

/* What its use has shown of the database. */
static void trouble_take(mq_db_t *db, const mq_connections_t *connections)
{
    if (db->failed.trouble != MQ_TROUBLE_NONE) {
        apr_pool_t *scratch;
        if (apr_pool_create(&scratch, NULL) == APR_SUCCESS) {
            trouble_notice(connections, db->failed.trouble,
                           apr_psprintf(scratch, "%s (%s)", db->failed.cause, db->failed.code));
            apr_pool_destroy(scratch);
        }
        db->failed = (mq_failure_t){NULL};
    }
}

static void connection_take_back(mq_db_t *db, int broken, void *lender)
{
    mq_connections_t *connections = lender;
    trouble_take(db, connections);
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

/* The writer's leader alone calls these two. @return the connection that writes, which is its now,
 * or NULL: there is none */
static mq_db_t *writing_take(mq_connections_t *connections)
{
    mq_db_t *db;
    (void)pthread_mutex_lock(&connections->mutex);
    db = connections->writing;
    connections->is_writing = 1;
    (void)pthread_mutex_unlock(&connections->mutex);
    return db;
}

static void writing_put(mq_connections_t *connections, mq_db_t *db)
{
    (void)pthread_mutex_lock(&connections->mutex);
    connections->writing = db;
    connections->is_writing = 0;
    (void)pthread_mutex_unlock(&connections->mutex);
}

static apr_status_t writing_lend(mq_db_t **db_out, void *lender)
{
    mq_connections_t *connections = lender;
    mq_db_t *db;
    if (atomic_load(mq_outage_trouble(connections->outage)) != MQ_TROUBLE_NONE) {
        return MQ_EFULL; /* or all who stand in the line would wait for it, one after the other */
    }
    db = writing_take(connections);
    if ((!db && open_one(&db, connections, MQ_DB_WRITE) != APR_SUCCESS) ||
        place_check(db, connections) != APR_SUCCESS) {
        writing_put(connections, db);
        return MQ_EFULL;
    }
    *db_out = db;
    return APR_SUCCESS;
}

static void writing_take_back(mq_db_t *db, int broken, void *lender)
{
    mq_connections_t *connections = lender;
    trouble_take(db, connections);
    (void)place_check(db, connections);
    if (broken) {
        disorder_tell(connections);
        mq_db_close(db);
        db = NULL;
    }
    writing_put(connections, db);
}

/* One that lies idle, to be looked at or closed; it is taken out. */
static mq_db_t *any_take(mq_connections_t *connections)
{
    mq_db_t *db;
    (void)pthread_mutex_lock(&connections->mutex);
    db = idle_take(connections);
    if (db) {
        connections->open_count--;
    } else if (!connections->is_writing) {
        db = connections->writing;
        connections->writing = NULL;
    }
    (void)pthread_mutex_unlock(&connections->mutex);
    return db;
}

static int any_is_out_of_place(mq_connections_t *connections)
{
    apr_status_t rv = APR_SUCCESS;
    (void)pthread_mutex_lock(&connections->mutex);
    if (connections->idle_count) {
        rv = place_check(connections->idle[0], connections);
    } else if (connections->writing && !connections->is_writing) {
        rv = place_check(connections->writing, connections);
    }
    (void)pthread_mutex_unlock(&connections->mutex);
    return rv != APR_SUCCESS;
}

void mq_connections_step(mq_connections_t *connections)
{
    mq_db_t *db;
    if (!mq_outage_is_down(connections->outage) && !any_is_out_of_place(connections)) {
        return;
    }
    while ((db = any_take(connections)) != NULL) {
        if (db->engine->rescue(db) != APR_SUCCESS) { /* a disk is full, or somebody reads still */
            (void)pthread_mutex_lock(&connections->mutex);
            connections->open_count++;
            connections->idle[connections->idle_count++] = db;
            (void)pthread_mutex_unlock(&connections->mutex);
            return;
        }
        mq_db_close(db);
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
                                 server_rec *s, const mq_config_t *config, mq_outage_t *outage,
                                 mq_fair_queue_t *writers, apr_pool_t *pchild)
{
    const mq_engine_t *engine = mq_engine_find(config->driver);
    mq_connections_t *connections = apr_pcalloc(pchild, sizeof *connections);
    connections->server = s;
    connections->config = config;
    connections->outage = outage;
    connections->most = config->connections;
    connections->store = store_out;
    /* one more: that which writes may come to them, when it cannot be closed */
    connections->idle =
        apr_pcalloc(pchild, sizeof(mq_db_t *) * (apr_size_t)(connections->most + 1));
    MQ_TRY(pthread_mutex_init(&connections->mutex, NULL));
    MQ_TRY(pthread_cond_init(&connections->changed, NULL));
    *store_out = (mq_store_t){.lend = connection_lend,
                              .take_back = connection_take_back,
                              .lender = connections,
                              .trouble = mq_outage_trouble(outage)};
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

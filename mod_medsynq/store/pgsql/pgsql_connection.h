/* pgsql_connection.h -- the inside of a connection to PostgreSQL, for store/pgsql/ only.
 * pgsql_wait.c talks to the server, with a deadline for each wait; pgsql_hosts.c finds the one of
 * several that may be written; pgsql_connection.c opens and
 * closes; pgsql_run.c runs statements for one organisation at a time; pgsql_commit.c ends
 * transactions, also those of which nobody has said how they ended. The wall itself is in the
 * server: wall.sql. */
#ifndef MQ_STORE_PGSQL_CONNECTION_H
#define MQ_STORE_PGSQL_CONNECTION_H

#include <libpq-fe.h>
#include <pthread.h>

#include "store/engine.h"

enum { MQ_PGSQL_EVENT_DIGEST = 32 };

/** What is no statement of store/statements: it is numbered behind them. */
typedef enum {
    MQ_PGSQL_BEGIN_READ,
    MQ_PGSQL_BEGIN_WRITE,
    MQ_PGSQL_ENTER,    /* an organisation, until the transaction ends */
    MQ_PGSQL_GUEST,    /* whom a guest sees, or '' for nobody; until then, too */
    MQ_PGSQL_LOCK,     /* what must happen once per organisation waits for this */
    MQ_PGSQL_LOCK_NOW, /* the same, where waiting could be for one that waits for us */
    MQ_PGSQL_COMMIT,
    MQ_PGSQL_ROLL_BACK,
    MQ_PGSQL_SAVEPOINT, /* before a change: what it refuses undoes nothing before it */
    MQ_PGSQL_UNDO,
    MQ_PGSQL_RELEASE,
    MQ_PGSQL_PART, /* of a transaction, for mq_engine_t.savepoint */
    MQ_PGSQL_PART_UNDO,
    MQ_PGSQL_PART_RELEASE,
    MQ_PGSQL_EVENT, /* whether an event is stored */
    MQ_PGSQL_CONTROLS
} mq_pgsql_control_t;

/** The rows of a statement that is being read; kept and used again. */
typedef struct mq_cursor_t {
    PGresult *result; /* NULL: it is free */
    int row;
    int batch_of; /* the owner's statement whose next rows the server has yet; -1: all are here */
    struct mq_cursor_t *next;
} mq_cursor_t;

/** Whether a transaction is open. */
typedef enum {
    MQ_PGSQL_IDLE,
    MQ_PGSQL_PENDING, /* it begins with its first statement, in the same trip */
    MQ_PGSQL_OPEN,
    MQ_PGSQL_LOST /* the connection, or what is known of it: it is only closed */
} mq_pgsql_state_t;

/** An event that the open transaction has written: whoever finds it finds the transaction. */
typedef struct mq_pgsql_event_t {
    apr_int64_t tenant;
    apr_int64_t number; /* 0: it has written none */
    unsigned char digest[MQ_PGSQL_EVENT_DIGEST];
} mq_pgsql_event_t;

enum { MQ_PGSQL_SOON_MOST = 4 };

/** An integer that is read with what is read next: mq_engine_t.soon. */
typedef struct mq_pgsql_soon_t {
    int number; /* of mq_sql_rows */
    apr_int64_t tenant;
    const mq_param_t *params;
    apr_int64_t *value_out;
} mq_pgsql_soon_t;

/** A connection to PostgreSQL. */
typedef struct mq_pgsql_t {
    mq_db_t base;
    const char *parameters;
    PGconn *connection;
    unsigned char *prepared; /* for each statement and control: whether the server knows it */
    mq_pgsql_state_t state;
    mq_begin_t kind;
    int is_owner;             /* reads all organisations, and nothing else */
    apr_int64_t guest_tenant; /* whose patient a guest sees; MQ_NO_TENANT: there is no guest */
    mq_guest_key_t guest;
    apr_int64_t guest_entered; /* the same, as the transaction has set it */
    mq_guest_key_t guest_set;
    apr_int64_t entered; /* the organisation that the transaction has set; MQ_PGSQL_NOBODY: none */
    apr_int64_t highest; /* of those whose lock the transaction has; MQ_PGSQL_NOBODY: none */
    pthread_t thread;    /* that began it */
    int has_unread;      /* the answer to what was sent ahead: mq_pgsql_control_ahead */
    mq_pgsql_soon_t soon[MQ_PGSQL_SOON_MOST];
    int soon_count;
    mq_cursor_t *cursors;
    mq_pgsql_event_t event;
    mq_failure_t failed; /* what the server said last */
    char said[256];      /* in its own words */
} mq_pgsql_t;

enum { MQ_PGSQL_NOBODY = -2 }; /* not MQ_NO_TENANT, which is set as any other */

/** @return how many statements and controls there are */
static inline int mq_pgsql_statements(void)
{
    return mq_sql_count + MQ_PGSQL_CONTROLS;
}

/** @return the connection as PostgreSQL's */
static inline mq_pgsql_t *mq_pgsql_of(mq_db_t *db)
{
    return (mq_pgsql_t *)(void *)db;
}

/** mq_engine_t.parameters_fault of PostgreSQL. */
const char *mq_pgsql_parameters_fault(const char *parameters, apr_pool_t *pool);

/** mq_engine_t.open of PostgreSQL. */
apr_status_t mq_pgsql_open(mq_db_t **db_out, const char *parameters, mq_db_purpose_t purpose,
                           const char **error_out, apr_pool_t *pool);

/** mq_engine_t.close of PostgreSQL. */
void mq_pgsql_close(mq_db_t *base);

/** Take another connection in the place of one that was lost before anything was done on it. */
apr_status_t mq_pgsql_reconnect(mq_pgsql_t *db);

/** Keep what a failed result, or a lost connection (result NULL), says. @return our status */
apr_status_t mq_pgsql_fail(mq_pgsql_t *db, const PGresult *result);

#endif

/* connection.h -- a connection to a database, for all that handle one: the engine below it, the
 * turn to write, the scopes that borrow it. What it is made with, what a statement is given and
 * gives; running one for an organisation is in db.h. */
#ifndef MQ_STORE_CONNECTION_H
#define MQ_STORE_CONNECTION_H

#include <apr_pools.h>
#include <stdatomic.h>

#include "base/id.h"
#include "base/status.h"
#include "statements_gen.h"

/** One connection with all statements prepared. Used by one thread at a time. */
typedef struct mq_db_t mq_db_t;

/** What has the data: SQLite; see store/engine.h. */
typedef struct mq_engine_t mq_engine_t;

/** What is the matter with the database itself, whatever was asked of it; the gravest last. */
typedef enum {
    MQ_TROUBLE_NONE,
    MQ_TROUBLE_LOCKED,   /* another program keeps it from being written, longer than we wait */
    MQ_TROUBLE_FULL,     /* the disk */
    MQ_TROUBLE_BARRED,   /* it cannot be opened, read or written */
    MQ_TROUBLE_DAMAGED,  /* what it contains is not what was written */
    MQ_TROUBLE_LOG_GONE, /* its log is no longer the one that is open */
    MQ_TROUBLE_FILE_GONE /* nor its file */
} mq_trouble_t;

/** What went wrong, for the log. */
typedef struct mq_failure_t {
    const char *label; /* of the statement, or what else was tried; NULL: nothing has failed */
    const char *cause; /* in words that follow a colon; static */
    char code[24];     /* the engine's own word for it, "SQLite 5", or "" */
    mq_trouble_t trouble;
} mq_failure_t;

/** The turn to write, of one process; see store/writer.h. */
typedef struct mq_writer_t mq_writer_t;

/** A transaction that several scopes share; see mq_db_group_begin. */
typedef struct mq_group_t mq_group_t;

/** Where connections come from: the module lends from a pool, a command from its only one. */
typedef struct mq_store_t {
    /** @return MQ_EFULL when none became free in time; other codes when none could be opened */
    apr_status_t (*lend)(mq_db_t **db_out, void *lender);
    void (*take_back)(mq_db_t *db, int broken, void *lender);
    void *lender;
    mq_writer_t *writer; /* where transactions that write take their turn; NULL: they take none,
                          * and each has a connection of its own; see writer.h */
    const atomic_int *trouble; /* mq_trouble_t, as is known to whoever lends: nothing is written
                                * until it is over; NULL: nobody watches */
    atomic_int is_ending; /* the process: what is on loan stays as it is, the engine undoes it */
    mq_group_t *group;    /* a command's: every scope takes part in it; NULL: none */
} mq_store_t;

/** Called now and then by what takes long. @param done of total, in whatever unit it names */
typedef void (*mq_progress_t)(void *context, apr_int64_t done, apr_int64_t total);

/** What a connection is for. */
typedef enum {
    MQ_DB_SERVE, /* requests: guarded, one organisation at a time */
    MQ_DB_WRITE, /* the same, for the one connection that writes for all requests */
    MQ_DB_OWNER  /* the administrator's command: all organisations, to read; see store/owner.h */
} mq_db_purpose_t;

/** What is looked at in a whole database; see store/owner.h. */
typedef enum {
    MQ_CHECK_STORAGE, /* whether everything can be read, and each index says what its table says */
    MQ_CHECK_TRAIL,   /* the same of the audit trail alone */
    MQ_CHECK_KEYS     /* whether each row that another one points to is there */
} mq_check_t;

/**
 * Open a connection and prepare every statement.
 * @param db_out     lives in a pool of its own until mq_db_close
 * @param driver     the engine's name: "sqlite3"
 * @param parameters for sqlite3 the absolute path of an existing database
 * @param error_out  on failure one sentence for the log, from pool; may be NULL
 * @param pool       for error_out
 * @return MQ_ENOTFOUND no such database; MQ_ECORRUPT no database, or of another schema;
 *         MQ_EFULL locked by somebody else
 */
apr_status_t mq_db_open(mq_db_t **db_out, const char *driver, const char *parameters,
                        mq_db_purpose_t purpose, const char **error_out, apr_pool_t *pool);

/** Finalise all statements and close. db may be NULL. */
void mq_db_close(mq_db_t *db);

/**
 * Bring a database to this program's schema: each migration in one transaction. Makes it if it is
 * missing. Called at start-up in a child of its own with the server's identity.
 * @param parameters as for mq_db_open; the file need not be there
 * @param patience   how long to wait for a lock that somebody else has
 * @param from_out   the version found, also where a lock did not come free
 * @param error_out  on failure one sentence that names the cause and the remedy
 * @return MQ_ECORRUPT no database of ours, or a newer one; MQ_EFULL locked; APR_EACCES not writable
 */
apr_status_t mq_db_migrate(const char *driver, const char *parameters, apr_interval_time_t patience,
                           int *from_out, const char **error_out, apr_pool_t *pool);

/** One value for a statement's parameter, in the order of the statement's text. */
typedef struct mq_param_t {
    char kind;        /* s, i, b as in mq_sql_row_t.kinds */
    const void *data; /* NULL is SQL's NULL */
    apr_size_t length;
    apr_int64_t integer;
} mq_param_t;

/** A text parameter; NULL is SQL's NULL. The text must live until the statement has run. */
static inline mq_param_t mq_bind_text(const char *text)
{
    return (mq_param_t){'s', text, 0, 0};
}

/** An integer parameter. */
static inline mq_param_t mq_bind_int(apr_int64_t value)
{
    return (mq_param_t){'i', "", 0, value};
}

/** A parameter of bytes; data NULL is SQL's NULL. */
static inline mq_param_t mq_bind_bytes(const void *data, apr_size_t length)
{
    return (mq_param_t){'b', data, length, 0};
}

/** A parameter that is a record's id; NULL is SQL's NULL. */
static inline mq_param_t mq_bind_id(const mq_id_t *id)
{
    return (mq_param_t){'b', id ? id->bytes : NULL, sizeof id->bytes, 0};
}

#define MQ_PARAMS(...)                                                                             \
    (const mq_param_t[]){__VA_ARGS__},                                                             \
        (int)(sizeof((const mq_param_t[]){__VA_ARGS__}) / sizeof(mq_param_t))
#define MQ_NO_PARAMS NULL, 0

/** The rows of a running SELECT; lives on the caller's stack. */
typedef struct mq_rows_t {
    void *statement; /* the engine's */
    mq_db_t *db;
    void *loan;
    int row; /* of mq_sql_rows */
} mq_rows_t;

#endif

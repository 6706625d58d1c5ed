/* db.h -- running the statements of statements/. A scope borrows a connection with its first
 * statement and gives it back before any output; the store binds :tenant from the scope.
 * The turn to write is in writer.h, who may call what is in scope.h. */
#ifndef MQ_STORE_DB_H
#define MQ_STORE_DB_H

#include <apr_pools.h>
#include <stdatomic.h>

#include "base/id.h"
#include "base/status.h"
#include "statements_gen.h"
#include "store/scope.h"

/** One connection with all statements prepared. Used by one thread at a time. */
typedef struct mq_db_t mq_db_t;

/** What has the data: SQLite; see store/engine.h. */
typedef struct mq_engine_t mq_engine_t;

/** What went wrong, for the log. */
typedef struct mq_failure_t {
    const char *label; /* of the statement, or what else was tried; NULL: nothing has failed */
    const char *cause; /* in words that follow a colon; static */
    char code[24];     /* the engine's own word for it, "SQLite 5", or "" */
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
    mq_writer_t *writer;  /* where transactions that write take their turn; NULL: they take none,
                           * and each has a connection of its own; see writer.h */
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

/**
 * Run an INSERT, UPDATE or DELETE within the transaction begun by mq_db_begin.
 * @param changed_out how many rows were changed; may be NULL
 * @return MQ_ECONFLICT a key, foreign key or check refused it; MQ_EBUG outside a transaction, wrong
 *         parameters, or a row of another organisation
 */
apr_status_t mq_db_change(int *changed_out, const mq_scope_t *sc,
                          const mq_tenant_write_t *statement, const mq_param_t *params, int count);

/** The rows of a running SELECT; lives on the caller's stack. */
typedef struct mq_rows_t {
    void *statement; /* the engine's */
    mq_db_t *db;
    void *loan;
    int row; /* of mq_sql_rows */
} mq_rows_t;

/** Start a SELECT; read it with mq_rows_next until that is not APR_SUCCESS, or mq_rows_close. */
apr_status_t mq_db_select(mq_rows_t *rows_out, const mq_scope_t *sc,
                          const mq_tenant_read_t *statement, const mq_param_t *params, int count);

/** The same for a system statement. */
apr_status_t mq_db_system_select(mq_rows_t *rows_out, const mq_system_t *system,
                                 const mq_system_read_t *statement, const mq_param_t *params,
                                 int count);

/** Start a SELECT of one row and step to it. Close it with mq_rows_close.
 * @return MQ_ENOTFOUND there is none (then there is nothing to close) */
apr_status_t mq_db_select_one(mq_rows_t *rows_out, const mq_scope_t *sc,
                              const mq_tenant_read_t *statement, const mq_param_t *params,
                              int count);

/** @return APR_SUCCESS a row is there; APR_EOF no more, and the rows are closed */
apr_status_t mq_rows_next(mq_rows_t *rows);

/** End a SELECT before its last row; harmless after the end. */
void mq_rows_close(mq_rows_t *rows);

/** @param column by its name in statements_gen.h, here and below
 * @return the text of a column copied into pool, or NULL for SQL's NULL */
const char *mq_rows_text(const mq_rows_t *rows, int column, apr_pool_t *pool);

/** @return the integer of a column, 0 for SQL's NULL */
apr_int64_t mq_rows_int(const mq_rows_t *rows, int column);

/** @return the kind of what stands in a column: s, i, b as of a parameter, 0 for SQL's NULL; for
 * who must know what another program may have written there */
char mq_rows_kind(const mq_rows_t *rows, int column);

/** Read a column that holds an id; a NULL or something else gives the null id. */
mq_id_t mq_rows_id(const mq_rows_t *rows, int column);

/** @return the bytes of a column, valid until the next step, and their number; NULL for NULL */
const void *mq_rows_bytes(const mq_rows_t *rows, int column, apr_size_t *length_out);

/**
 * Begin a transaction that may write: waits for its turn. No SELECT of the scope is open. Unless
 * committed it is rolled back when the connection goes back.
 * @return MQ_EFULL the turn did not come in time
 */
apr_status_t mq_db_begin(const mq_scope_t *sc);

/** The same for one that takes longer than a request should: it shares its commit with nobody, so
 * that those who have done their part need not wait for it. */
apr_status_t mq_db_begin_long(const mq_scope_t *sc);

/** Commit; when it returns APR_SUCCESS the change is on disk.
 * @return MQ_EFULL another transaction has spoilt the commit that both were to share */
apr_status_t mq_db_commit(const mq_scope_t *sc);

/** Undo what the transaction did; harmless without one. */
void mq_db_rollback(const mq_scope_t *sc);

/**
 * Begin a transaction that several scopes share: one commit, one wait for the disk. Each statement
 * still runs as its own scope's organisation, behind both walls.
 * @param group_out lives in pool; ended by mq_db_group_end, at the latest by the pool
 * @return MQ_EFULL the turn did not come in time
 */
apr_status_t mq_db_group_begin(mq_group_t **group_out, const mq_store_t *store, apr_pool_t *pool);

/** Let a scope, which has no connection on loan, take part. Its mq_db_begin and mq_db_commit then
 * wait for the group's end; its mq_db_rollback spoils the whole group. */
void mq_db_group_join(mq_group_t *group, const mq_scope_t *sc);

/** Let it go again; its own transactions are its own. */
void mq_db_group_leave(const mq_scope_t *sc);

/** Commit what all have changed, or roll all of it back. Members have left before.
 * @return MQ_ECONFLICT one of them had to roll back: nothing was changed at all */
apr_status_t mq_db_group_end(mq_group_t *group, int keep);

/** Keep a scope for longer than its request: the same person, organisation and instant.
 * @param pool where the copy lives, with a loan of its own */
mq_scope_t *mq_scope_keep(const mq_scope_t *sc, apr_pool_t *pool);

/** Let a kept scope act at a later instant. */
void mq_scope_move(mq_scope_t *kept, apr_time_t now);

/**
 * See one state of the database in every SELECT from here to mq_db_give_back, whatever others write
 * meanwhile. For exports of a command: the longer it lasts, the longer the -wal grows.
 * @return MQ_EBUG inside a transaction
 */
apr_status_t mq_db_snapshot(const mq_scope_t *sc);

/** Give the connection back, as must be done before waiting for anything slow. The next statement
 * borrows again. Rolls back an open transaction. */
void mq_db_give_back(const mq_scope_t *sc);

/** @return for how long the scope has held a connection, in microseconds, up to its last giving
 * back: reading, writing, waiting for the turn to write */
apr_interval_time_t mq_db_lent(const mq_scope_t *sc);

/** The same for a system's loan. */
void mq_db_system_give_back(const mq_system_t *system);

/**
 * Say what failed last, for the log.
 * @param pool that of a scope: of all that live in it, the last failure counts
 * @return "statement LABEL: cause (engine's code)", from pool, or NULL when nothing has
 */
const char *mq_db_failed(apr_pool_t *pool);

#endif

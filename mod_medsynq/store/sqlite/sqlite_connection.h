/* sqlite_connection.h -- the inside of a connection to SQLite, for store/sqlite/ only: the driver's
 * handle, the prepared statements, what the second wall needs. sqlite_connection.c opens it,
 * sqlite_guard.c builds the wall on it, sqlite_engine.c runs statements. */
#ifndef MQ_STORE_SQLITE_CONNECTION_H
#define MQ_STORE_SQLITE_CONNECTION_H

#include <apr_dbd.h>
#include <apr_tables.h>
#include <sqlite3.h>

#include "store/sqlite/sqlite_files.h"

/* One column of a foreign key: SQLite reads it to check the key when either table changes. */
typedef struct mq_key_link_t {
    const char *child;
    const char *child_column;
    const char *parent;
    const char *parent_column;
} mq_key_link_t;

/** A connection to SQLite. */
typedef struct mq_sqlite_t {
    mq_db_t base;
    mq_files_t files;
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    sqlite3 *sqlite;
    sqlite3_stmt **statements; /* one for each row of mq_sql_rows */
    sqlite3_stmt *begin;
    sqlite3_stmt *read; /* begins a transaction that only reads */
    sqlite3_stmt *commit;
    sqlite3_stmt *rollback;
    sqlite3_stmt *savepoint; /* of one thread among those that share a commit */
    sqlite3_stmt *release;
    sqlite3_stmt *rollback_to;
    int is_owner;                /* opened to read all organisations, without walls */
    int held;                    /* how many open SELECTs hold the connection's mutex */
    int failed;                  /* SQLite's extended code of what failed last */
    apr_int64_t guest_tenant;    /* of whom a guest sees one patient; MQ_NO_TENANT: there is none */
    mq_guest_key_t guest;        /* whom, and what */
    const mq_sql_row_t *current; /* being prepared or stepped: what the authorizer goes by */
    int guarding;                /* set once the second wall is complete */
    apr_array_header_t *links;   /* mq_key_link_t */
    char veil[24];               /* secret part of this connection's view names */
} mq_sqlite_t;

/** @return the connection as SQLite's */
static inline mq_sqlite_t *mq_sqlite_of(mq_db_t *db)
{
    return (mq_sqlite_t *)(void *)db;
}

/** mq_engine_t.parameters_fault of SQLite. */
const char *mq_sqlite_parameters_fault(const char *parameters, apr_pool_t *pool);

/** mq_engine_t.open of SQLite, to serve or to write. */
apr_status_t mq_sqlite_open(mq_db_t **db_out, const char *parameters, mq_db_purpose_t purpose,
                            const char **error_out, apr_pool_t *pool);

/** mq_engine_t.close of SQLite. */
void mq_sqlite_close(mq_db_t *base);

/** mq_engine_t.rescue. When the connection is closed it then touches no file of that name. */
apr_status_t mq_sqlite_rescue(mq_db_t *base);

/** Prepare a statement that is used more than once. @return SQLite's code */
int mq_sqlite_prepare(mq_sqlite_t *db, sqlite3_stmt **statement_out, const char *sql);

/**
 * Build the second wall on a fresh connection: the function mq_tenant(), a TEMP view over each
 * tenant table that shows the current organisation's rows only, TEMP triggers that abort a write of
 * any other row, then the authorizer, which stays. Called after the PRAGMAs, before any prepare.
 * @return SQLite's code
 */
int mq_guard_raise(mq_sqlite_t *db);

/**
 * Prepare a statement behind the second wall: as the row that it is, whose declared target is the
 * one table it may write, and which reads only when it declares none.
 * @param statement_out lives until it is finalised; NULL on failure
 * @return SQLite's code; SQLITE_AUTH for one that is refused
 */
int mq_guard_prepare(sqlite3_stmt **statement_out, mq_sqlite_t *db, const mq_sql_row_t *row);

#endif

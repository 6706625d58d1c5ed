/* connection.h -- the inside of a connection, for store/ only: the driver's handle, the prepared
 * statements, and the organisation whose rows it shows. connection.c opens it, guard.c builds the
 * second wall on it, db.c runs statements. */
#ifndef MQ_STORE_CONNECTION_H
#define MQ_STORE_CONNECTION_H

#include <apr_dbd.h>
#include <apr_tables.h>
#include <sqlite3.h>

#include "store/db.h"

/* One column of a foreign key: SQLite reads it to check the key when either table changes. */
typedef struct mq_key_link_t {
    const char *child;
    const char *child_column;
    const char *parent;
    const char *parent_column;
} mq_key_link_t;

struct mq_db_t {
    apr_pool_t *pool;
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
    const mq_sql_row_t *current; /* being prepared or stepped: what the authorizer goes by */
    apr_int64_t tenant;          /* whose rows are visible; negative: nobody's */
    int guarding;                /* set once the second wall is complete */
    apr_array_header_t *links;   /* mq_key_link_t */
    char veil[24];               /* secret part of this connection's view names */
};

/**
 * Build the second wall on a fresh connection: the function mq_tenant(), a TEMP view over each
 * tenant table that shows the current organisation's rows only, TEMP triggers that abort a write of
 * any other row, then the authorizer, which stays. Called after the PRAGMAs, before any prepare.
 * @return SQLite's code
 */
int mq_guard_raise(mq_db_t *db);

/**
 * Prepare a statement behind the second wall: as the row that it is, whose declared target is the
 * one table it may write, and which reads only when it declares none.
 * @param statement_out lives until it is finalised; NULL on failure
 * @return SQLite's code; SQLITE_AUTH for one that is refused
 */
int mq_guard_prepare(sqlite3_stmt **statement_out, mq_db_t *db, const mq_sql_row_t *row);

/** Set an SQLite result as one of our codes: what a caller can do about it, no more. */
apr_status_t mq_sqlite_status(int code);

#endif

/* loan.h -- a connection on loan to a scope. Makers of scopes make the loan, db.c runs statements
 * on it; whoever else has a scope says mq_db_give_back. */
#ifndef MQ_STORE_LOAN_H
#define MQ_STORE_LOAN_H

#ifndef MQ_MAY_MINT_SCOPE
#error "a loan names an organisation: take a const mq_scope_t * instead"
#endif

#include "store/db.h"
#include "store/writer.h"

/* A connection on loan: borrowed by the first statement, given back before any output. */
typedef struct mq_loan_t {
    const mq_store_t *store;
    apr_pool_t *pool;
    mq_db_t *db;
    mq_group_t *group;  /* whose connection db is while the loan takes part in one */
    apr_int64_t tenant; /* MQ_NO_TENANT for a system loan */
    int in_transaction;
    mq_turn_t turn; /* while in_transaction of its own, not a group's */
    int in_snapshot;
    int is_reading;    /* a read transaction: SELECTs share one lock of the file, and one state */
    int open_rows;     /* SELECTs begun and not yet closed */
    int is_disorderly; /* the connection: it is not lent again */
    apr_time_t borrowed_at;
    apr_interval_time_t lent; /* how long the connection was away, in all */
    const char *failed_label; /* for the log: which statement broke, and SQLite's extended code */
    int failed_code;
} mq_loan_t;

enum { MQ_NO_TENANT = -1 };

/**
 * Open a loan that borrows from the store when the first statement needs it; a cleanup of the pool
 * gives the connection back at the latest.
 * @param tenant whose rows the connection shows while it is lent, or MQ_NO_TENANT
 */
mq_loan_t *mq_loan_make(const mq_store_t *store, apr_int64_t tenant, apr_pool_t *pool);

/** Have a connection that a statement can run on: borrowed, and in a transaction if only to read.
 */
apr_status_t mq_loan_ready(mq_loan_t *loan);

/** A SELECT has begun; the connection is held until it is closed. */
void mq_loan_rows_opened(mq_loan_t *loan);

/** It is closed. */
void mq_loan_rows_closed(mq_loan_t *loan);

/** Keep for the log what failed: a label, and SQLite's code. */
void mq_loan_fail(mq_loan_t *loan, const char *label, int code);

#endif

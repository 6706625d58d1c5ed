/* loan.h -- a connection on loan to a scope. Makers of scopes make the loan, db.c runs statements
 * on it; whoever else has a scope says mq_db_give_back. */
#ifndef MQ_STORE_LOAN_H
#define MQ_STORE_LOAN_H

#ifndef MQ_MAY_MINT_SCOPE
#error "a loan names an organisation: take a const mq_scope_t * instead"
#endif

#include "store/engine.h"
#include "store/writer.h"

/* A connection on loan: borrowed by the first statement, given back before any output. */
typedef struct mq_loan_t {
    const mq_store_t *store;
    apr_pool_t *pool;
    mq_db_t *db;
    mq_group_t *group;           /* whose connection db is while the loan takes part in one */
    apr_int64_t tenant;          /* MQ_NO_TENANT for a system loan */
    const mq_guest_key_t *guest; /* whom a guest sees of it; NULL: this is nobody's */
    int in_transaction;
    struct mq_loan_t *sides;        /* what takes part beside it: mq_loan_beside */
    struct mq_loan_t *next_side;    /* of the one that this loan stands beside */
    const struct mq_scope_t *scope; /* whose it is, of an organisation that stands beside */
    mq_turn_t turn;                 /* while in_transaction of its own, not a group's */
    int in_snapshot;
    int is_reading;    /* a read transaction: SELECTs share one lock of the file, and one state */
    int open_rows;     /* SELECTs begun and not yet closed */
    int is_disorderly; /* the connection: it is not lent again */
    int is_changed;    /* mq_db_changed */
    apr_int64_t kept;  /* bytes that the open transaction adds to what the organisation keeps */
    apr_time_t borrowed_at;
    apr_interval_time_t lent; /* how long the connection was away, in all */
} mq_loan_t;

/**
 * Open a loan that borrows from the store when the first statement needs it; a cleanup of the pool
 * gives the connection back at the latest.
 * @param tenant whose rows the connection shows while it is lent, or MQ_NO_TENANT
 */
mq_loan_t *mq_loan_make(const mq_store_t *store, apr_int64_t tenant, apr_pool_t *pool);

/** Give the connection back: mq_db_give_back for whoever has no scope. */
void mq_loan_give_back(mq_loan_t *loan);

/* Transactions, as db.h has them for whoever has a scope. */

/** mq_db_begin and mq_db_begin_long. */
apr_status_t mq_loan_begin(mq_loan_t *loan, mq_turn_length_t length);

/** mq_db_commit. In a group whoever began it commits, and answers nobody before. */
apr_status_t mq_loan_commit(mq_loan_t *loan);

/** mq_db_rollback. */
apr_status_t mq_loan_roll_back(mq_loan_t *loan);

/** mq_db_snapshot. */
apr_status_t mq_loan_snapshot(mq_loan_t *loan);

/** mq_db_group_read_begin, on the store of a loan. */
apr_status_t mq_loan_group_read(mq_group_t **group_out, const mq_loan_t *loan);

/** mq_db_group_join; the loan leaves when its connection is given back. */
void mq_loan_join(mq_loan_t *loan, mq_group_t *group);

/**
 * Take part in the transaction that a loan of a group has open, as nobody or as another
 * organisation: what one request does on both sides of a partnership is done whole or not at all.
 * @return MQ_EBUG it has none, or is no group's
 */
apr_status_t mq_loan_beside(mq_loan_t *loan, mq_loan_t *with);

/** Let all go that stand beside a loan. @param keep whether what they did may be kept */
void mq_loan_sides_end(mq_loan_t *loan, int keep);

/** mq_owner_select, for owner.c. */
apr_status_t mq_loan_select_as_owner(mq_rows_t *rows_out, mq_loan_t *loan,
                                     const mq_owner_read_t *statement, const mq_param_t *params,
                                     int count);

/** Have a connection that a statement can run on: borrowed, and in a transaction if only to read.
 */
apr_status_t mq_loan_ready(mq_loan_t *loan);

/** Keep for the log what the engine says of a failure. @return rv */
apr_status_t mq_loan_failed(const mq_loan_t *loan, const char *label, apr_status_t rv);

/** Keep for the log what was wrong before it came to the engine: a sentence without a subject.
 * @return rv */
apr_status_t mq_loan_refused(const mq_loan_t *loan, const char *label, const char *cause,
                             apr_status_t rv);

#endif

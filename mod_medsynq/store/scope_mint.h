/* scope_mint.h -- the inside of a scope. For store/, domain/access/sessions.c, the administrator's
 * command and tests: each defines MQ_MAY_MINT_SCOPE first; a lint lists who does. */
#ifndef MQ_STORE_SCOPE_MINT_H
#define MQ_STORE_SCOPE_MINT_H

#ifndef MQ_MAY_MINT_SCOPE
#error "a scope is minted by domain/access/sessions.c alone: take a const mq_scope_t * instead"
#endif

#include "store/db.h"
#include "store/writer.h"

enum { MQ_SESSION_NAME_LENGTH = 8 };

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

struct mq_scope_t {
    mq_loan_t *loan;
    const mq_core_t *core;
    mq_id_t user;
    int roles;
    int has_second_factor;
    int owes_second_factor;
    const char *own_language; /* of the person, or NULL */
    const char *language;     /* of the person, else of the organisation, or NULL */
    const char *time_zone;
    mq_zone_t *zone;
    mq_date_format_t date_format;
    const char *user_name;
    const char *tenant_name;
    const char *address;
    int shows_nothing;
    const unsigned char *session; /* MQ_SESSION_NAME_LENGTH bytes, or NULL */
    apr_time_t now;
};

struct mq_system_t {
    mq_loan_t *loan;
    apr_time_t now;
};

/**
 * Open a loan that borrows from the store when the first statement needs it; a cleanup of the pool
 * gives the connection back at the latest.
 * @param tenant whose rows the connection shows while it is lent, or MQ_NO_TENANT
 */
mq_loan_t *mq_loan_make(const mq_store_t *store, apr_int64_t tenant, apr_pool_t *pool);

#endif

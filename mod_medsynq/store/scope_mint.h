/* scope_mint.h -- the inside of a scope. For store/, domain/access/, the administrator's command
 * and tests: each defines MQ_MAY_MINT_SCOPE first; a lint lists who does. */
#ifndef MQ_STORE_SCOPE_MINT_H
#define MQ_STORE_SCOPE_MINT_H

#ifndef MQ_MAY_MINT_SCOPE
#error "a scope is minted by domain/access/scope_minting.c alone: take a const mq_scope_t * instead"
#endif

#include "store/loan.h"
#include "store/scope.h"

/* Who. */
typedef struct mq_actor_t {
    mq_id_t user;
    const char *name;
    int roles;
    int has_second_factor;
    int owes_second_factor;
    mq_session_name_t session;
    int has_session;
    unsigned char session_key[MQ_SESSION_KEY_LENGTH]; /* of the cache, where has_session */
    apr_int64_t epoch; /* of the account's sessions, when the person was last looked up */
    const char *address;
} mq_actor_t;

/* Where: the organisation whose rows are seen and changed, and the connection that shows them. */
typedef struct mq_place_t {
    mq_loan_t *loan;
    const char *tenant_name;
} mq_place_t;

struct mq_scope_t {
    const mq_core_t *core;
    mq_actor_t actor;
    mq_place_t place;
    mq_manners_t manners;
    apr_time_t now;
    int shows_nothing;
    mq_form_use_t *form; /* that is being worked on, or NULL */
};

struct mq_guest_t {
    mq_loan_t *loan; /* with the key of who is looked at */
};

struct mq_system_t {
    mq_loan_t *loan;
    apr_time_t now;
};

#endif

/* scope_mint.h -- the inside of a scope. For store/, domain/access/sessions.c, the administrator's
 * command and tests: each defines MQ_MAY_MINT_SCOPE first; a lint lists who does. */
#ifndef MQ_STORE_SCOPE_MINT_H
#define MQ_STORE_SCOPE_MINT_H

#ifndef MQ_MAY_MINT_SCOPE
#error "a scope is minted by domain/access/sessions.c alone: take a const mq_scope_t * instead"
#endif

#include "store/loan.h"

enum { MQ_SESSION_NAME_LENGTH = 8 };

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

#endif

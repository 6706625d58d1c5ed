/* scope.c -- what a scope says of who is acting, where and how. Its connection is in loan.c. */
#define MQ_MAY_MINT_SCOPE
#include "store/scope.h"

#include <apr_strings.h>

#include "store/scope_mint.h"

apr_pool_t *mq_scope_pool(const mq_scope_t *sc)
{
    return sc->loan->pool;
}

const mq_core_t *mq_scope_core(const mq_scope_t *sc)
{
    return sc->core;
}

const mq_id_t *mq_scope_user(const mq_scope_t *sc)
{
    return &sc->user;
}

const char *mq_scope_user_name(const mq_scope_t *sc)
{
    return sc->user_name;
}

const char *mq_scope_tenant_name(const mq_scope_t *sc)
{
    return sc->tenant_name;
}

int mq_scope_has_second_factor(const mq_scope_t *sc)
{
    return sc->has_second_factor;
}

int mq_scope_owes_second_factor(const mq_scope_t *sc)
{
    return sc->owes_second_factor;
}

int mq_scope_roles(const mq_scope_t *sc)
{
    return sc->roles;
}

const char *mq_scope_language(const mq_scope_t *sc)
{
    return sc->language;
}

const char *mq_scope_own_language(const mq_scope_t *sc)
{
    return sc->own_language;
}

mq_date_format_t mq_scope_date_format(const mq_scope_t *sc)
{
    return sc->date_format;
}

const char *mq_scope_time_zone(const mq_scope_t *sc)
{
    return sc->time_zone ? sc->time_zone : "UTC";
}

mq_zone_t *mq_scope_zone(const mq_scope_t *sc)
{
    return sc->zone;
}

apr_time_t mq_scope_now(const mq_scope_t *sc)
{
    return sc->now;
}

int mq_scope_shows_nothing(const mq_scope_t *sc)
{
    return sc->shows_nothing;
}

const char *mq_scope_address(const mq_scope_t *sc)
{
    return sc->address;
}

const unsigned char *mq_scope_session(const mq_scope_t *sc)
{
    return sc->session;
}

apr_int64_t mq_scope_chain(const mq_scope_t *sc)
{
    return sc->loan->tenant;
}

mq_scope_t *mq_scope_keep(const mq_scope_t *sc, apr_pool_t *pool)
{
    mq_scope_t *kept = apr_pmemdup(pool, sc, sizeof *kept);
    kept->loan = mq_loan_make(sc->loan->store, sc->loan->tenant, pool);
    kept->user_name = apr_pstrdup(pool, sc->user_name);
    kept->tenant_name = apr_pstrdup(pool, sc->tenant_name);
    kept->address = apr_pstrdup(pool, sc->address);
    kept->session = sc->session ? apr_pmemdup(pool, sc->session, MQ_SESSION_NAME_LENGTH) : NULL;
    return kept;
}

void mq_scope_move(mq_scope_t *kept, apr_time_t now)
{
    kept->now = now;
}

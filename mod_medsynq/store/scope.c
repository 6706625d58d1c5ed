/* scope.c -- what a scope says of who is acting, where and how. Its connection is in loan.c. */
#define MQ_MAY_MINT_SCOPE
#include "store/scope.h"

#include <apr_strings.h>

#include "store/scope_mint.h"

apr_pool_t *mq_scope_pool(const mq_scope_t *sc)
{
    return sc->place.loan->pool;
}

apr_pool_t *mq_guest_pool(const mq_guest_t *guest)
{
    return guest->loan->pool;
}

int mq_guest_parts(const mq_guest_t *guest)
{
    return guest->loan->guest->parts;
}

const mq_id_t *mq_guest_patient(const mq_guest_t *guest)
{
    return &guest->loan->guest->patient;
}

const mq_core_t *mq_scope_core(const mq_scope_t *sc)
{
    return sc->core;
}

const mq_id_t *mq_scope_user(const mq_scope_t *sc)
{
    return &sc->actor.user;
}

const char *mq_scope_user_name(const mq_scope_t *sc)
{
    return sc->actor.name;
}

const char *mq_scope_tenant_name(const mq_scope_t *sc)
{
    return sc->place.tenant_name;
}

int mq_scope_has_second_factor(const mq_scope_t *sc)
{
    return sc->actor.has_second_factor;
}

int mq_scope_owes_second_factor(const mq_scope_t *sc)
{
    return sc->actor.owes_second_factor;
}

int mq_scope_roles(const mq_scope_t *sc)
{
    return sc->actor.roles;
}

const mq_manners_t *mq_scope_manners(const mq_scope_t *sc)
{
    return &sc->manners;
}

apr_time_t mq_scope_now(const mq_scope_t *sc)
{
    return sc->now;
}

void mq_scope_today(mq_day_t *today_out, const mq_scope_t *sc)
{
    mq_date_today(today_out, mq_scope_now(sc), mq_scope_manners(sc)->zone);
}

int mq_scope_shows_nothing(const mq_scope_t *sc)
{
    return sc->shows_nothing;
}

const char *mq_scope_address(const mq_scope_t *sc)
{
    return sc->actor.address;
}

const mq_session_name_t *mq_scope_session(const mq_scope_t *sc)
{
    return sc->actor.has_session ? &sc->actor.session : NULL;
}

apr_int64_t mq_scope_epoch(const mq_scope_t *sc)
{
    return sc->actor.epoch;
}

apr_int64_t mq_scope_chain(const mq_scope_t *sc)
{
    return sc->place.loan->tenant;
}

const mq_scope_t *mq_scope_with_form(const mq_scope_t *sc, mq_form_use_t *form)
{
    mq_scope_t *with = apr_pmemdup(mq_scope_pool(sc), sc, sizeof *with);
    with->form = form;
    return with;
}

mq_form_use_t *mq_scope_form(const mq_scope_t *sc)
{
    return sc->form;
}

static mq_actor_t actor_keep(const mq_actor_t *actor, apr_pool_t *pool)
{
    mq_actor_t kept = *actor;
    kept.name = apr_pstrdup(pool, actor->name);
    kept.address = apr_pstrdup(pool, actor->address);
    return kept;
}

static mq_place_t place_keep(const mq_place_t *place, apr_pool_t *pool)
{
    return (mq_place_t){.loan = mq_loan_make(place->loan->store, place->loan->tenant, pool),
                        .tenant_name = apr_pstrdup(pool, place->tenant_name)};
}

/* The zone is opened anew when it is needed: the request's own closes with the request. */
static mq_manners_t manners_keep(const mq_manners_t *manners, apr_pool_t *pool)
{
    mq_manners_t kept = *manners;
    kept.language = apr_pstrdup(pool, manners->language);
    kept.own_language = apr_pstrdup(pool, manners->own_language);
    kept.digits = apr_pstrdup(pool, manners->digits);
    kept.own_digits = apr_pstrdup(pool, manners->own_digits);
    kept.time_zone = apr_pstrdup(pool, manners->time_zone);
    kept.zone = manners->zone ? mq_zone_later(kept.time_zone, pool) : NULL;
    return kept;
}

mq_scope_t *mq_scope_keep(const mq_scope_t *sc, apr_pool_t *pool)
{
    mq_scope_t *kept = apr_pmemdup(pool, sc, sizeof *kept);
    kept->actor = actor_keep(&sc->actor, pool);
    kept->place = place_keep(&sc->place, pool);
    kept->manners = manners_keep(&sc->manners, pool);
    kept->form = NULL; /* the request's */
    return kept;
}

void mq_scope_move(mq_scope_t *kept, apr_time_t now)
{
    kept->now = now;
}

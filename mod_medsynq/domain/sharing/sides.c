/* sides.c -- the one place that mints a scope of another organisation, and the only one that reads
 * which two a partnership joins.
 *
 * A partnership is the one row in which two organisations meet. Whoever could read it could list
 * who works with whom, so no organisation's statement may touch it: the build refuses such a
 * statement, and the second wall refuses to prepare it. Here it is read by its random id, as
 * nobody, and what is read is held against the organisation that asks.
 *
 * What must stay true: a side stands beside an open transaction of the person who acts, and goes
 * with it (mq_loan_beside); and it is minted only when the partnership names the organisation that
 * asks. */
#define MQ_MAY_MINT_SCOPE
#include "domain/sharing/sides.h"

#include <apr_strings.h>

#include "store/scope_mint.h"

enum { TENANT_ACTIVE = 1 };

static apr_status_t nobody_make(mq_system_t **system_out, const mq_scope_t *sc)
{
    mq_loan_t *own = sc->place.loan;
    mq_system_t *system = apr_pcalloc(own->pool, sizeof *system);
    system->loan = mq_loan_make(own->store, MQ_NO_TENANT, own->pool);
    system->now = sc->now;
    *system_out = system;
    return mq_loan_beside(system->loan, own);
}

const char *mq_side_actor(const mq_scope_t *sc)
{
    return mq_scope_roles(sc) & MQ_ROLE_OPERATOR ? "medsynqctl" : mq_scope_user_name(sc);
}

/* Nobody's account over there: who acts is said in words, and may nothing by themselves. */
static apr_status_t side_make(const mq_scope_t **other_out, const mq_scope_t *sc,
                              apr_int64_t tenant)
{
    apr_pool_t *pool = sc->place.loan->pool;
    mq_scope_t *other = apr_pcalloc(pool, sizeof *other);
    mq_rows_t rows;
    other->core = sc->core;
    other->now = sc->now;
    other->actor.name = apr_pstrcat(pool, mq_side_actor(sc), ", ", mq_scope_tenant_name(sc), NULL);
    other->actor.address = "";
    other->manners = sc->manners;
    other->place.loan = mq_loan_make(sc->place.loan->store, tenant, pool);
    other->place.loan->scope = other;
    MQ_TRY(mq_loan_beside(other->place.loan, sc->place.loan));
    MQ_TRY(mq_db_select_one(&rows, other, MQ_SQL_TENANT_STATE, MQ_NO_PARAMS));
    other->place.tenant_name = mq_rows_text(&rows, MQ_TENANT_STATE_NAME, pool);
    mq_rows_close(&rows);
    *other_out = other;
    return APR_SUCCESS;
}

apr_status_t mq_side_of_code(const mq_scope_t **other_out, const mq_scope_t *sc, const char *code)
{
    mq_system_t *nobody;
    mq_rows_t rows;
    apr_int64_t tenant;
    int is_active;
    apr_status_t rv;
    MQ_TRY(nobody_make(&nobody, sc));
    MQ_TRY(
        mq_db_system_select(&rows, nobody, MQ_SQL_TENANT_BY_CODE, MQ_PARAMS(mq_bind_text(code))));
    rv = mq_rows_next(&rows);
    if (rv != APR_SUCCESS) {
        return rv == APR_EOF ? MQ_ENOTFOUND : rv;
    }
    tenant = mq_rows_int(&rows, MQ_TENANT_BY_CODE_TENANT_ID);
    is_active = mq_rows_int(&rows, MQ_TENANT_BY_CODE_STATUS) == TENANT_ACTIVE;
    mq_rows_close(&rows);
    return is_active && tenant != sc->place.loan->tenant ? side_make(other_out, sc, tenant)
                                                         : MQ_ENOTFOUND;
}

apr_status_t mq_side_join(const mq_scope_t *sc, const mq_scope_t *other, const mq_id_t *id)
{
    apr_int64_t mine = sc->place.loan->tenant;
    apr_int64_t theirs = other->place.loan->tenant;
    mq_system_t *nobody;
    int changed = 0;
    MQ_TRY(nobody_make(&nobody, sc));
    MQ_TRY(mq_db_system_change(&changed, nobody, MQ_SQL_PARTNERSHIP_INSERT,
                               MQ_PARAMS(mq_bind_id(id), mq_bind_int(mine < theirs ? mine : theirs),
                                         mq_bind_int(mine < theirs ? theirs : mine))));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

apr_status_t mq_side_of(const mq_scope_t **other_out, mq_partner_state_t *state_out,
                        const mq_scope_t *sc, const mq_id_t *id)
{
    apr_int64_t mine = sc->place.loan->tenant;
    mq_system_t *nobody;
    mq_rows_t rows;
    apr_int64_t low;
    apr_int64_t high;
    apr_status_t rv;
    MQ_TRY(nobody_make(&nobody, sc));
    MQ_TRY(mq_db_system_select(&rows, nobody, MQ_SQL_PARTNERSHIP_BY_ID, MQ_PARAMS(mq_bind_id(id))));
    rv = mq_rows_next(&rows);
    if (rv != APR_SUCCESS) {
        return rv == APR_EOF ? MQ_ENOTFOUND : rv;
    }
    low = mq_rows_int(&rows, MQ_PARTNERSHIP_BY_ID_LOW);
    high = mq_rows_int(&rows, MQ_PARTNERSHIP_BY_ID_HIGH);
    *state_out = (mq_partner_state_t)mq_rows_int(&rows, MQ_PARTNERSHIP_BY_ID_STATE);
    mq_rows_close(&rows);
    if (mine != low && mine != high) {
        return MQ_ENOTFOUND;
    }
    return side_make(other_out, sc, mine == low ? high : low);
}

apr_status_t mq_side_name(const char **name_io, const mq_scope_t *sc, const mq_id_t *partner)
{
    mq_partner_state_t state = MQ_PARTNER_ENDED;
    const mq_scope_t *other;
    apr_status_t rv = mq_side_of(&other, &state, sc, partner);
    if (rv == APR_SUCCESS && state < MQ_PARTNER_ENDED) {
        *name_io = mq_scope_tenant_name(other);
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv; /* it is erased */
}

apr_status_t mq_side_move(const mq_scope_t *sc, const mq_id_t *id, mq_partner_state_t from,
                          mq_partner_state_t to)
{
    mq_system_t *nobody;
    int changed = 0;
    MQ_TRY(nobody_make(&nobody, sc));
    MQ_TRY(mq_db_system_change(&changed, nobody, MQ_SQL_PARTNERSHIP_STATE_SET,
                               MQ_PARAMS(mq_bind_int(to), mq_bind_id(id), mq_bind_int(from))));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

const char *mq_side_counter(const mq_scope_t *sc)
{
    return apr_psprintf(sc->place.loan->pool, "%" APR_INT64_T_FMT, sc->place.loan->tenant);
}

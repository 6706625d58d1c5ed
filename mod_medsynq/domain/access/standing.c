/* standing.c -- the second look at who is acting. The first one is scope_minting.c's. */
#define MQ_MAY_MINT_SCOPE
#include "domain/access/standing.h"

#include <apr_strings.h>
#include <string.h>

#include "store/scope_mint.h"

enum { STATUS_ACTIVE = 1 };

/* Logged out, ended from another device, or renewed under another token. Not whether its idle limit
 * has passed meanwhile: whoever sends a large file for long is not idle. */
static apr_status_t session_find(const mq_scope_t *sc)
{
    const mq_session_cache_t *cache = sc->core->sessions;
    unsigned char record[MQ_SESSION_RECORD_LIMIT];
    apr_size_t length = sizeof record;
    apr_status_t rv = APR_SUCCESS;
    if (sc->actor.has_session && cache->stands) {
        rv = cache->stands(sc, sc->actor.session_key);
    } else if (sc->actor.has_session) {
        rv = cache->get(sc->actor.session_key, record, &length, sc->place.loan->pool, cache->cache);
    }
    return rv == MQ_ENOTFOUND ? MQ_ESTANDING : rv;
}

/* What is written says how the organisation is called now, too: it may have been renamed since the
 * request began, and a partner keeps what it was told. */
static const mq_scope_t *scope_of_now(const mq_scope_t *sc, int roles, const char *tenant_name)
{
    mq_scope_t *now;
    if (roles == sc->actor.roles && strcmp(tenant_name, sc->place.tenant_name) == 0) {
        return sc;
    }
    now = apr_pmemdup(sc->place.loan->pool, sc, sizeof *now);
    now->actor.roles = roles;
    now->place.tenant_name = tenant_name;
    return now;
}

apr_status_t mq_standing_check(const mq_scope_t **now_out, const mq_scope_t *sc)
{
    mq_rows_t rows;
    apr_status_t rv;
    const char *name;
    int roles;
    int stands;
    *now_out = sc;
    if (mq_id_is_nil(&sc->actor.user)) { /* the administrator's command has no account to lose */
        return APR_SUCCESS;
    }
    MQ_TRY(session_find(sc));
    rv = mq_db_select_one(&rows, sc, MQ_SQL_STANDING_NOW, MQ_PARAMS(mq_bind_id(&sc->actor.user)));
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? MQ_ESTANDING : rv;
    }
    roles = (int)mq_rows_int(&rows, MQ_STANDING_NOW_ROLES);
    stands = mq_rows_int(&rows, MQ_STANDING_NOW_STATUS) == STATUS_ACTIVE &&
             mq_rows_int(&rows, MQ_STANDING_NOW_TENANT_STATUS) == STATUS_ACTIVE &&
             mq_rows_int(&rows, MQ_STANDING_NOW_SESSION_EPOCH) == sc->actor.epoch;
    name = mq_rows_text(&rows, MQ_STANDING_NOW_TENANT_NAME, mq_scope_pool(sc));
    mq_rows_close(&rows);
    if (!stands) {
        return MQ_ESTANDING;
    }
    *now_out = scope_of_now(sc, roles, name);
    return APR_SUCCESS;
}

apr_status_t mq_standing_check_nobody(const mq_scope_t *sc)
{
    mq_rows_t rows;
    int is_active;
    apr_status_t rv = mq_db_select_one(&rows, sc, MQ_SQL_TENANT_STATE, MQ_NO_PARAMS);
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv; /* it is being founded */
    }
    is_active = mq_rows_int(&rows, MQ_TENANT_STATE_STATUS) == STATUS_ACTIVE;
    mq_rows_close(&rows);
    return is_active ? APR_SUCCESS : MQ_ENOTFOUND;
}

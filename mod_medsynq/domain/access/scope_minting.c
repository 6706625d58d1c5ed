/* scope_minting.c -- makes scopes: the one place on the web that does.
 *
 * A scope says which organisation's rows are seen and what its holder may. If roles were kept in
 * the session's record, or in the cookie, a disabled account would go on until its session ends.
 * So standing_read() asks the database at every request, by primary key, which costs less than a
 * template. A number in the account, its epoch, ends all sessions of a person at once without
 * looking for them: records of an older epoch are worth nothing.
 *
 * What must stay true: none is made without having read the person's standing, or that of an
 * organisation for somebody who is not known yet; and an unknown organisation takes as long as a
 * known one. */
#define MQ_MAY_MINT_SCOPE
#include "domain/access/scope_minting.h"

#include <apr_strings.h>
#include <string.h>

#include "base/crypto.h"
#include "base/text.h"
#include "domain/policy.h"
#include "store/scope_mint.h"

enum { STATUS_ACTIVE = 1, INSTALLATION = 0 /* its own chain; whose name is unknown is nobody's */ };

static mq_scope_t *scope_make(const mq_visit_t *visit, apr_int64_t tenant)
{
    mq_scope_t *sc = apr_pcalloc(visit->pool, sizeof *sc);
    sc->place.loan = mq_loan_make(visit->core->store, tenant, visit->pool);
    sc->core = visit->core;
    sc->actor.name = "";
    sc->actor.address = visit->address;
    sc->place.tenant_name = "";
    sc->manners.time_zone = "UTC";
    sc->now = visit->now;
    sc->shows_nothing = visit->shows_nothing;
    return sc;
}

const mq_system_t *mq_system_mint(const mq_visit_t *visit)
{
    mq_system_t *system = apr_pcalloc(visit->pool, sizeof *system);
    system->loan = mq_loan_make(visit->core->store, MQ_NO_TENANT, visit->pool);
    system->now = visit->now;
    return system;
}

/* 47 random bits: nobody can infer from one tenant's id how many there are or were. */
static apr_int64_t tenant_id_make(void)
{
    apr_uint64_t id = 0;
    while (id == 0) {
        unsigned char bytes[6];
        if (mq_random(bytes, sizeof bytes) != APR_SUCCESS) {
            return MQ_NO_TENANT;
        }
        bytes[0] &= 0x7f;
        for (size_t i = 0; i < sizeof bytes; i++) {
            id = id << 8 | bytes[i];
        }
    }
    return (apr_int64_t)id;
}

const mq_scope_t *mq_scope_new(const mq_visit_t *visit, const char *tenant_name)
{
    mq_scope_t *sc = scope_make(visit, tenant_id_make());
    sc->place.tenant_name = tenant_name;
    return sc;
}

/* Find an organisation, unless one has been found. */
static apr_status_t tenant_find(apr_int64_t *tenant_io, int *active_io, const mq_system_t *system,
                                const mq_system_read_t *statement, const char *key)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_system_select(&rows, system, statement, MQ_PARAMS(mq_bind_text(key))));
    rv = mq_rows_next(&rows);
    if (rv == APR_SUCCESS && *tenant_io == INSTALLATION) {
        *tenant_io = mq_rows_int(&rows, MQ_TENANT_BY_NAME_TENANT_ID);
        *active_io = mq_rows_int(&rows, MQ_TENANT_BY_NAME_STATUS) == STATUS_ACTIVE;
    }
    if (rv == APR_SUCCESS) {
        mq_rows_close(&rows);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_scope_anonymous(const mq_scope_t **sc_out, int *active_out, const mq_visit_t *visit,
                                const char *tenant_name)
{
    const mq_system_t *system = mq_system_mint(visit);
    apr_int64_t found = INSTALLATION;
    const char *look;
    apr_status_t rv;
    *active_out = 0;
    (void)mq_text_look_key(&look, tenant_name, visit->pool); /* empty: nobody's */
    rv = tenant_find(&found, active_out, system, MQ_SQL_TENANT_BY_NAME,
                     mq_text_name_key(tenant_name, visit->pool));
    if (rv == APR_SUCCESS) { /* also where it was found: both take as long */
        rv = tenant_find(&found, active_out, system, MQ_SQL_TENANT_BY_LOOK, look);
    }
    mq_db_system_give_back(system);
    apr_int64_t tenant = found; /* a name that the weakened checks reach */
    *sc_out = scope_make(visit, tenant);
    return rv;
}

/* Whether a day, "2026-12-01", has begun for the organisation; NULL never does. */
static int has_begun(const char *day, const mq_scope_t *sc)
{
    mq_day_t today;
    if (!day) {
        return 0;
    }
    mq_date_today(&today, sc->now, sc->manners.zone);
    return strcmp(mq_date_iso(&today, sc->place.loan->pool), day) >= 0;
}

/* What the organisation and the person have chosen about dates and language. */
static void manners_read(mq_manners_t *manners, const mq_rows_t *rows, apr_pool_t *pool)
{
    apr_int64_t format = mq_rows_int(rows, MQ_PERSON_STANDING_DATE_FORMAT);
    const char *zone = mq_rows_text(rows, MQ_PERSON_STANDING_TIME_ZONE, pool);
    manners->date_format =
        format > 0 && format < MQ_DATE_FORMATS ? (mq_date_format_t)format : MQ_DATE_ISO;
    if (zone) { /* else it stays UTC */
        manners->time_zone = zone;
        manners->zone = mq_zone_later(zone, pool);
    }
    manners->own_language = mq_rows_text(rows, MQ_PERSON_STANDING_LANGUAGE, pool);
    manners->language = manners->own_language
                            ? manners->own_language
                            : mq_rows_text(rows, MQ_PERSON_STANDING_TENANT_LANGUAGE, pool);
    manners->own_digits = mq_rows_text(rows, MQ_PERSON_STANDING_DIGITS, pool);
    manners->digits = manners->own_digits
                          ? manners->own_digits
                          : mq_rows_text(rows, MQ_PERSON_STANDING_TENANT_DIGITS, pool);
}

/* Read who the person is today.
 * @return MQ_ENOTFOUND gone or disabled; MQ_EDENIED the organisation is suspended */
static apr_status_t standing_read(mq_scope_t *sc)
{
    apr_pool_t *pool = sc->place.loan->pool;
    mq_rows_t rows;
    int active;
    int admitted;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PERSON_STANDING,
                            MQ_PARAMS(mq_bind_id(&sc->actor.user))));
    sc->actor.name = mq_rows_text(&rows, MQ_PERSON_STANDING_NAME, pool);
    sc->actor.roles = (int)mq_rows_int(&rows, MQ_PERSON_STANDING_ROLES);
    sc->actor.epoch = mq_rows_int(&rows, MQ_PERSON_STANDING_SESSION_EPOCH);
    sc->place.tenant_name = mq_rows_text(&rows, MQ_PERSON_STANDING_TENANT_NAME, pool);
    active = mq_rows_int(&rows, MQ_PERSON_STANDING_STATUS) == STATUS_ACTIVE;
    admitted = mq_rows_int(&rows, MQ_PERSON_STANDING_TENANT_STATUS) == STATUS_ACTIVE;
    manners_read(&sc->manners, &rows, pool);
    sc->actor.has_second_factor = mq_rows_int(&rows, MQ_PERSON_STANDING_SECOND_FACTOR_AT) != 0;
    sc->actor.owes_second_factor =
        !sc->actor.has_second_factor &&
        has_begun(mq_rows_text(&rows, MQ_PERSON_STANDING_TWO_FACTOR_FROM, pool), sc);
    mq_rows_close(&rows);
    return !admitted ? MQ_EDENIED : active ? APR_SUCCESS : MQ_ENOTFOUND;
}

static mq_scope_t *operator_make(const mq_visit_t *visit, apr_int64_t tenant, const char *name)
{
    mq_scope_t *sc = scope_make(visit, tenant);
    sc->actor.roles = MQ_ROLES_ALL | MQ_ROLE_OPERATOR;
    sc->actor.name = name;
    return sc;
}

apr_status_t mq_scope_operator(const mq_scope_t **sc_out, const mq_visit_t *visit,
                               const char *tenant_name, const char *operator)
{
    const mq_scope_t *anonymous;
    mq_scope_t *sc;
    mq_rows_t rows;
    int active;
    apr_int64_t tenant = 0;
    if (tenant_name) {
        MQ_TRY(mq_scope_anonymous(&anonymous, &active, visit, tenant_name));
        tenant = anonymous->place.loan->tenant;
        if (tenant == 0) {
            return MQ_ENOTFOUND;
        }
    }
    sc = operator_make(visit, tenant, operator);
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_TENANT_STATE, MQ_NO_PARAMS));
    sc->place.tenant_name = mq_rows_text(&rows, MQ_TENANT_STATE_NAME, visit->pool);
    mq_rows_close(&rows);
    mq_db_give_back(sc);
    *sc_out = sc;
    return APR_SUCCESS;
}

const mq_scope_t *mq_scope_operator_new(const mq_visit_t *visit, const char *tenant_name,
                                        const char *operator)
{
    mq_scope_t *sc = operator_make(visit, tenant_id_make(), operator);
    sc->place.tenant_name = tenant_name;
    return sc;
}

const mq_scope_t *mq_scope_operator_of(const mq_visit_t *visit, apr_int64_t tenant,
                                       const char *operator)
{
    return operator_make(visit, tenant, operator);
}

apr_status_t mq_scope_anonymous_of(const mq_scope_t **sc_out, const mq_visit_t *visit,
                                   apr_int64_t tenant)
{
    mq_scope_t *sc = scope_make(visit, tenant);
    mq_rows_t rows;
    int active;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_TENANT_STATE, MQ_NO_PARAMS));
    sc->place.tenant_name = mq_rows_text(&rows, MQ_TENANT_STATE_NAME, visit->pool);
    active = mq_rows_int(&rows, MQ_TENANT_STATE_STATUS) == STATUS_ACTIVE;
    mq_rows_close(&rows);
    mq_db_give_back(sc);
    *sc_out = sc;
    return active ? APR_SUCCESS : MQ_ENOTFOUND;
}

apr_status_t mq_scope_job(const mq_scope_t **sc_out, const mq_scope_t *nobody, const mq_id_t *user)
{
    mq_scope_t *sc = apr_pmemdup(mq_scope_pool(nobody), nobody, sizeof *sc);
    apr_status_t rv;
    sc->actor.user = *user;
    rv = standing_read(sc);
    *sc_out = rv == MQ_ENOTFOUND ? nobody : sc;
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

apr_status_t mq_scope_of_person(mq_scope_t **sc_out, const mq_visit_t *visit, apr_int64_t tenant,
                                const mq_id_t *user, const unsigned char *session_key)
{
    mq_scope_t *sc = scope_make(visit, tenant);
    apr_status_t rv;
    sc->actor.user = *user;
    if (session_key) {
        memcpy(sc->actor.session.bytes, session_key, sizeof sc->actor.session.bytes);
        memcpy(sc->actor.session_key, session_key, sizeof sc->actor.session_key);
        sc->actor.has_session = 1;
    }
    rv = standing_read(sc);
    if (rv != APR_SUCCESS) {
        mq_db_give_back(sc); /* nobody else can */
        return rv;
    }
    *sc_out = sc;
    return APR_SUCCESS;
}

apr_status_t mq_scope_enter(const mq_scope_t **sc_out, const mq_visit_t *visit,
                            const mq_scope_t *anonymous, const mq_id_t *user)
{
    mq_scope_t *sc;
    mq_db_give_back(anonymous);
    MQ_TRY(mq_scope_of_person(&sc, visit, anonymous->place.loan->tenant, user, NULL));
    *sc_out = sc;
    return APR_SUCCESS;
}

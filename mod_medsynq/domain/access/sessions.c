/* sessions.c -- tokens, the session record, and minting scopes. The records live where core.h's
 * cache keeps them, under the SHA-256 of the token: a copy of the memory opens nothing.
 *
 * A session is a promise about somebody who may be dismissed while they are logged in. If roles
 * were kept in the record, or in the cookie, a disabled account would go on until its session ends.
 * So the record says who and since when, and nothing about what they may: standing_read() asks the
 * database at every request, by primary key, which costs less than a template. A number in the
 * account, its epoch, ends all sessions of a person at once without looking for them: records of an
 * older epoch are worth nothing.
 *
 * What somebody typed outlives their session by another way: each form says to whom its page was
 * shown (page_mark.h). So a record that is over is gone, however that came about.
 *
 * What must stay true: this is the only place on the web that mints a scope, and it mints none
 * without having read the person's standing, or that of an organisation for somebody who is not
 * known yet; an unknown organisation takes as long as a known one; a full table sends the newcomer
 * away and never somebody who is at work; and a record is renewed in one step, so that a log-out
 * between looking and writing is not undone. */
#define MQ_MAY_MINT_SCOPE
#include "domain/access/sessions.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/text.h"
#include "domain/change.h"
#include "store/scope_mint.h"

/* The record in the cache. Newer code reads what older code wrote: version first. */
enum {
    RECORD_VERSION = 1,
    KEY_LENGTH = MQ_SESSION_KEY_LENGTH,
    STATUS_ACTIVE = 1,
    INSTALLATION = 0, /* its own chain; whose name is unknown is nobody's */
    CLEARED_AT_ONCE = 256
};

typedef struct record_t {
    apr_uint32_t version;
    char agent[132];
    char address[48];
    apr_int64_t tenant;
    mq_id_t user;
    apr_int64_t epoch; /* users.session_epoch when it began: a newer one ends it */
    apr_time_t began;
    apr_time_t seen;
    apr_int64_t roles; /* when it began: other ones now want a new token */
} record_t;

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
static apr_status_t standing_read(mq_scope_t *sc, apr_int64_t *epoch_out)
{
    apr_pool_t *pool = sc->place.loan->pool;
    mq_rows_t rows;
    int active;
    int admitted;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PERSON_STANDING,
                            MQ_PARAMS(mq_bind_id(&sc->actor.user))));
    sc->actor.name = mq_rows_text(&rows, MQ_PERSON_STANDING_NAME, pool);
    sc->actor.roles = (int)mq_rows_int(&rows, MQ_PERSON_STANDING_ROLES);
    *epoch_out = mq_rows_int(&rows, MQ_PERSON_STANDING_SESSION_EPOCH);
    sc->actor.epoch = *epoch_out;
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
    apr_int64_t epoch;
    apr_status_t rv;
    sc->actor.user = *user;
    rv = standing_read(sc, &epoch);
    *sc_out = rv == MQ_ENOTFOUND ? nobody : sc;
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

apr_status_t mq_scope_enter(const mq_scope_t **sc_out, const mq_visit_t *visit,
                            const mq_scope_t *anonymous, const mq_id_t *user)
{
    mq_scope_t *sc = scope_make(visit, anonymous->place.loan->tenant);
    apr_int64_t epoch;
    mq_db_give_back(anonymous);
    sc->actor.user = *user;
    MQ_TRY(standing_read(sc, &epoch));
    *sc_out = sc;
    return APR_SUCCESS;
}

static apr_time_t record_expires(const mq_core_t *core, const record_t *record)
{
    apr_time_t idle = record->seen + core->idle_limit;
    apr_time_t absolute = record->began + core->absolute_limit;
    return idle < absolute ? idle : absolute;
}

/* One that says it was seen in the future lives no longer: else a clock that was ahead for a moment
 * would give it as much time as it was ahead. */
static int record_lives(const mq_core_t *core, const record_t *record, apr_time_t now)
{
    return mq_term_runs(now, record_expires(core, record), core->idle_limit);
}

typedef struct clearing_t {
    const mq_visit_t *visit;
    unsigned char (*keys)[KEY_LENGTH];
    int count;
} clearing_t;

static int clearing_wanted(void *context, const unsigned char *data, apr_uint32_t length)
{
    const clearing_t *clearing = context;
    record_t record;
    if (length != sizeof record) {
        return 0;
    }
    memcpy(&record, data, sizeof record);
    return !record_lives(clearing->visit->core, &record, clearing->visit->now);
}

static int clearing_one(const unsigned char *key, const void *data, apr_size_t length,
                        void *context)
{
    clearing_t *clearing = context;
    (void)data;
    (void)length;
    memcpy(clearing->keys[clearing->count++], key, KEY_LENGTH);
    return clearing->count == CLEARED_AT_ONCE;
}

/* The living need the room of the expired. @return how many went */
static int expired_clear(const mq_visit_t *visit)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    clearing_t clearing = {.visit = visit};
    clearing.keys = apr_palloc(visit->pool, sizeof *clearing.keys * CLEARED_AT_ONCE);
    if (cache->each(clearing_wanted, clearing_one, &clearing, visit->pool, cache->cache) !=
        APR_SUCCESS) {
        return 0;
    }
    for (int i = 0; i < clearing.count; i++) {
        cache->drop(clearing.keys[i], visit->pool, cache->cache);
    }
    return clearing.count;
}

static apr_status_t record_put(const mq_visit_t *visit, const unsigned char key[KEY_LENGTH],
                               const record_t *record, apr_time_t until)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    apr_status_t rv = cache->put(key, record, sizeof *record, until, visit->pool, cache->cache);
    if (rv == MQ_EFULL && expired_clear(visit) > 0) {
        rv = cache->put(key, record, sizeof *record, until, visit->pool, cache->cache);
    }
    return rv;
}

/* What a walk over the sessions looks for, and what it has found: nothing is dropped meanwhile. */
typedef struct walk_t {
    const mq_visit_t *visit;
    apr_int64_t tenant;
    mq_id_t user;
    apr_int64_t epoch;
    apr_array_header_t *found; /* of found_t: all of them, however many are shown */
    apr_uint32_t living;       /* of everybody */
    apr_uint32_t of_tenant;
} walk_t;

typedef struct found_t {
    unsigned char key[KEY_LENGTH];
    mq_session_item_t item;
} found_t;

static int walk_wanted(void *context, const unsigned char *data, apr_uint32_t length)
{
    walk_t *walk = context;
    record_t record;
    if (length != sizeof record) {
        return 0;
    }
    memcpy(&record, data, sizeof record);
    if (!record_lives(walk->visit->core, &record, walk->visit->now)) {
        return 0;
    }
    walk->living++;
    if (record.tenant != walk->tenant) {
        return 0;
    }
    walk->of_tenant++;
    return mq_id_equal(&record.user, &walk->user) && record.epoch == walk->epoch;
}

static int walk_one(const unsigned char *key, const void *data, apr_size_t length, void *context)
{
    walk_t *walk = context;
    found_t *found;
    record_t record;
    (void)length;
    memcpy(&record, data, sizeof record);
    found = apr_array_push(walk->found);
    memcpy(found->key, key, KEY_LENGTH);
    found->item = (mq_session_item_t){.began = record.began, .seen = record.seen};
    apr_cpystrn(found->item.agent, record.agent, sizeof found->item.agent);
    apr_cpystrn(found->item.address, record.address, sizeof found->item.address);
    apr_cpystrn(found->item.name, mq_hex_encode(key, MQ_SESSION_NAME_LENGTH, walk->found->pool),
                sizeof found->item.name);
    return 0;
}

/* This one first, then the one last seen. */
static int by_last_seen(const void *a, const void *b)
{
    const mq_session_item_t *x = &((const found_t *)a)->item;
    const mq_session_item_t *y = &((const found_t *)b)->item;
    return x->is_this != y->is_this ? y->is_this - x->is_this
                                    : (x->seen < y->seen) - (x->seen > y->seen);
}

/* All living ones of a person. @param key of this very one; NULL: none is it */
static apr_status_t walk_all(walk_t *walk, const mq_visit_t *visit, const unsigned char *key)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    walk->visit = visit;
    walk->found = apr_array_make(visit->pool, MQ_SESSION_ITEMS, sizeof(found_t));
    MQ_TRY(cache->each(walk_wanted, walk_one, walk, visit->pool, cache->cache));
    for (int i = 0; i < walk->found->nelts; i++) {
        found_t *found = &APR_ARRAY_IDX(walk->found, i, found_t);
        found->item.is_this = key && memcmp(found->key, key, KEY_LENGTH) == 0;
    }
    qsort(walk->found->elts, (size_t)walk->found->nelts, sizeof(found_t), by_last_seen);
    return APR_SUCCESS;
}

/* Of the last places those have none that have more than all others together: no organisation keeps
 * the others out. */
static apr_status_t share_check(const mq_visit_t *visit, const walk_t *walk)
{
    static const mq_cause_t kept = {
        "MSQ0055", "the last places of the session table are for other organisations"};
    enum { LAST_PART = 20 };
    apr_uint32_t capacity = visit->core->sessions->capacity;
    if (walk->living + capacity / LAST_PART >= capacity && capacity > 0 &&
        2 * walk->of_tenant > walk->living) {
        mq_cause_keep(&kept, visit->pool);
        return MQ_EFULL;
    }
    return APR_SUCCESS;
}

static apr_status_t token_make(unsigned char token[MQ_TOKEN_LENGTH], unsigned char key[KEY_LENGTH])
{
    MQ_TRY(mq_random(token, MQ_TOKEN_LENGTH));
    return mq_sha256(key, token, MQ_TOKEN_LENGTH);
}

apr_status_t mq_session_seat_take(mq_session_seat_t *seat_out, const mq_visit_t *visit,
                                  const mq_scope_t *sc)
{
    enum { SEAT_SECONDS = 120 };
    unsigned char key[KEY_LENGTH];
    const record_t nobody = {.began = visit->now, .seen = visit->now};
    if (sc) {
        walk_t walk = {.tenant = sc->place.loan->tenant, .living = 0};
        MQ_TRY(walk_all(&walk, visit, NULL));
        MQ_TRY(share_check(visit, &walk));
    }
    MQ_TRY(token_make(seat_out->token, key));
    return record_put(visit, key, &nobody, visit->now + apr_time_from_sec(SEAT_SECONDS));
}

void mq_session_seat_leave(const mq_session_seat_t *seat, const mq_visit_t *visit)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    unsigned char key[KEY_LENGTH];
    if (mq_sha256(key, seat->token, sizeof seat->token) == APR_SUCCESS) {
        cache->drop(key, visit->pool, cache->cache);
    }
}

/* Where somebody begins a session that nothing is known of yet, beside that they may. */
typedef struct start_t {
    apr_time_t began;
    const mq_session_seat_t *seat; /* NULL: it is looked for now */
    int goes_on;                   /* in the place of another of theirs: no share is asked for */
} start_t;

/* The newest of a person stay: nobody fills the table alone. Whoever is new has none of these keys.
 */
static void oldest_end(const mq_visit_t *visit, const walk_t *walk)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    for (int i = MQ_SESSIONS_MOST - 1; i < walk->found->nelts; i++) {
        cache->drop(APR_ARRAY_IDX(walk->found, i, found_t).key, visit->pool, cache->cache);
    }
}

static apr_status_t session_start(const char **cookie_out, const mq_visit_t *visit,
                                  const mq_scope_t *sc, const start_t *start)
{
    unsigned char token[MQ_TOKEN_LENGTH];
    unsigned char key[KEY_LENGTH];
    record_t record = {.version = RECORD_VERSION,
                       .tenant = sc->place.loan->tenant,
                       .user = sc->actor.user,
                       .began = start->began,
                       .seen = visit->now};
    walk_t walk = {.tenant = record.tenant, .user = record.user};
    mq_scope_t *person = scope_make(visit, record.tenant);

    mq_db_give_back(
        sc); /* a request has one connection at a time, or few would wait for each other */
    person->actor.user = sc->actor.user;
    MQ_TRY(standing_read(person, &record.epoch));
    mq_db_give_back(person);
    record.roles = person->actor.roles;
    apr_cpystrn(record.agent, visit->agent, sizeof record.agent);
    apr_cpystrn(record.address, visit->address, sizeof record.address);
    walk.epoch = record.epoch;
    MQ_TRY(walk_all(&walk, visit, NULL));
    if (start->seat) {
        memcpy(token, start->seat->token, sizeof token);
        MQ_TRY(mq_sha256(key, token, sizeof token));
    } else {
        MQ_TRY(start->goes_on ? APR_SUCCESS : share_check(visit, &walk));
        MQ_TRY(token_make(token, key));
    }
    MQ_TRY(record_put(visit, key, &record, record_expires(visit->core, &record)));
    oldest_end(visit, &walk);
    *cookie_out = mq_base64url_encode(token, sizeof token, visit->pool);
    return APR_SUCCESS;
}

static apr_status_t token_read(unsigned char token_out[MQ_TOKEN_LENGTH], const char *cookie,
                               apr_pool_t *pool)
{
    const unsigned char *bytes;
    apr_size_t length;
    if (!cookie || strlen(cookie) != MQ_TOKEN_TEXT_LENGTH ||
        mq_base64url_decode(&bytes, &length, cookie, pool) != APR_SUCCESS ||
        length != MQ_TOKEN_LENGTH) {
        return MQ_ENOTFOUND;
    }
    memcpy(token_out, bytes, MQ_TOKEN_LENGTH);
    return APR_SUCCESS;
}

/* Read the record of a cookie, and who its person is today. */
static apr_status_t session_find(mq_session_t **session_out, record_t *record, unsigned char *key,
                                 const mq_visit_t *visit, const char *cookie)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    mq_session_t *session = apr_pcalloc(visit->pool, sizeof *session);
    apr_int64_t epoch;
    apr_size_t length = sizeof *record;
    mq_scope_t *sc;
    apr_status_t rv;

    MQ_TRY(token_read(session->token, cookie, visit->pool));
    MQ_TRY(mq_sha256(key, session->token, sizeof session->token));
    MQ_TRY(cache->get(key, record, &length, visit->pool, cache->cache));
    if (length != sizeof *record || record->version != RECORD_VERSION ||
        !record_lives(visit->core, record, visit->now)) {
        return MQ_ENOTFOUND;
    }
    sc = scope_make(visit, record->tenant);
    sc->actor.user = record->user;
    memcpy(sc->actor.session.bytes, key, sizeof sc->actor.session.bytes);
    memcpy(sc->actor.session_key, key, sizeof sc->actor.session_key);
    sc->actor.has_session = 1;
    rv = standing_read(sc, &epoch);
    if (rv == MQ_EDENIED) {
        cache->drop(key, visit->pool, cache->cache);
    }
    MQ_TRY(rv);
    if (epoch != record->epoch) {
        cache->drop(key, visit->pool, cache->cache);
        return MQ_ENOTFOUND;
    }
    session->is_stale = record->roles != sc->actor.roles;
    session->scope = sc;
    *session_out = session;
    return APR_SUCCESS;
}

apr_status_t mq_session_resolve(mq_session_t **session_out, const mq_visit_t *visit,
                                const char *cookie)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    unsigned char *key = apr_palloc(visit->pool, KEY_LENGTH);
    mq_session_t *session;
    record_t record;
    MQ_TRY(session_find(&session, &record, key, visit, cookie));
    /* writing at every request would cost the lock twice: a quarter of the limit is exact enough */
    if (visit->now - record.seen > visit->core->idle_limit / 4) {
        record.seen = visit->now;
        MQ_TRY(cache->renew(key, &record, sizeof record, record_expires(visit->core, &record),
                            visit->pool, cache->cache));
    }
    session->idle_left = record_expires(visit->core, &record) - visit->now;
    *session_out = session;
    return APR_SUCCESS;
}

apr_status_t mq_session_proof(mq_session_t *session_out, const mq_visit_t *visit,
                              const char *cookie)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    unsigned char key[KEY_LENGTH];
    record_t record;
    apr_size_t length = sizeof record;
    MQ_TRY(token_read(session_out->token, cookie, visit->pool));
    MQ_TRY(mq_sha256(key, session_out->token, sizeof session_out->token));
    MQ_TRY(cache->get(key, &record, &length, visit->pool, cache->cache));
    return length == sizeof record && record.version == RECORD_VERSION ? APR_SUCCESS : MQ_ENOTFOUND;
}

apr_status_t mq_session_end(const mq_visit_t *visit, const mq_session_t *session)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    unsigned char key[KEY_LENGTH];
    mq_audit_event_t event = {.action = MQ_ACTION_SIGN_OUT, .outcome = MQ_OUTCOME_DONE};
    MQ_TRY(mq_sha256(key, session->token, sizeof session->token));
    cache->drop(key, visit->pool, cache->cache);
    return mq_event_record(session->scope, &event);
}

apr_status_t mq_session_begin(const char **cookie_out, const mq_visit_t *visit,
                              const mq_scope_t *sc, const mq_session_seat_t *seat)
{
    return session_start(cookie_out, visit, sc, &(start_t){visit->now, seat, 0});
}

apr_status_t mq_session_renew(mq_session_t **session_out, const char **cookie_out,
                              const mq_visit_t *visit, const mq_session_t *session)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    unsigned char key[KEY_LENGTH];
    record_t record;
    apr_size_t length = sizeof record;
    MQ_TRY(mq_sha256(key, session->token, sizeof session->token));
    MQ_TRY(cache->get(key, &record, &length, visit->pool, cache->cache));
    if (length != sizeof record) {
        return MQ_ENOTFOUND;
    }
    MQ_TRY(session_start(cookie_out, visit, session->scope, &(start_t){record.began, NULL, 1}));
    cache->drop(key, visit->pool, cache->cache);
    mq_db_give_back(session->scope);
    return mq_session_resolve(session_out, visit, *cookie_out);
}

static apr_status_t walk_mine(walk_t *walk, const mq_visit_t *visit, const mq_session_t *session)
{
    const mq_scope_t *sc = session->scope;
    mq_scope_t *person = scope_make(visit, sc->place.loan->tenant);
    unsigned char key[KEY_LENGTH];
    apr_status_t rv;
    mq_db_give_back(sc);
    person->actor.user = sc->actor.user;
    MQ_TRY(mq_sha256(key, session->token, sizeof session->token));
    rv = standing_read(person, &walk->epoch);
    if (rv == MQ_ENOTFOUND || rv == MQ_EDENIED) {
        return MQ_ESTANDING; /* since the request began */
    }
    MQ_TRY(rv);
    mq_db_give_back(person);
    walk->tenant = sc->place.loan->tenant;
    walk->user = sc->actor.user;
    return walk_all(walk, visit, key);
}

apr_status_t mq_sessions_list(apr_array_header_t **items_out, const mq_visit_t *visit,
                              const mq_session_t *session)
{
    walk_t walk = {0};
    MQ_TRY(walk_mine(&walk, visit, session));
    *items_out = apr_array_make(visit->pool, MQ_SESSION_ITEMS, sizeof(mq_session_item_t));
    for (int i = 0; i < walk.found->nelts && i < MQ_SESSION_ITEMS; i++) {
        APR_ARRAY_PUSH(*items_out, mq_session_item_t) = APR_ARRAY_IDX(walk.found, i, found_t).item;
    }
    return APR_SUCCESS;
}

/* Sessions are not in the database: of the change that ends them only the event is. */
static apr_status_t event_alone(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    (void)event_io;
    (void)sc;
    (void)data;
    return APR_SUCCESS;
}

apr_status_t mq_sessions_end(int *ended_out, const mq_visit_t *visit, const mq_session_t *session,
                             const char *name)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    walk_t walk = {0};
    *ended_out = 0;
    MQ_TRY(walk_mine(&walk, visit, session));
    for (int i = 0; i < walk.found->nelts; i++) {
        const found_t *found = &APR_ARRAY_IDX(walk.found, i, found_t);
        *ended_out += !found->item.is_this && (!name || strcmp(name, found->item.name) == 0);
    }
    if (name && *ended_out == 0) {
        return MQ_ENOTFOUND;
    }
    /* who may no longer act ends nobody's session either, and it is in the trail before it is so */
    MQ_TRY(mq_change(session->scope, MQ_ACTION_SESSION_END, event_alone, NULL));
    for (int i = 0; i < walk.found->nelts; i++) {
        const found_t *found = &APR_ARRAY_IDX(walk.found, i, found_t);
        if (!found->item.is_this && (!name || strcmp(name, found->item.name) == 0)) {
            cache->drop(found->key, visit->pool, cache->cache);
        }
    }
    return APR_SUCCESS;
}

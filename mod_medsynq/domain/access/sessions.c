/* sessions.c -- from a cookie to the scope of its person, and back.
 *
 * A session is a promise about somebody who may be dismissed while they are logged in. So its
 * record says who and since when, and nothing about what they may: that is asked of the database at
 * every request (scope_minting.c), and a record of an older epoch than the account's is over.
 *
 * What somebody typed outlives their session by another way: each form says to whom its page was
 * shown (page_mark.h). So a record that is over is gone, however that came about.
 *
 * What must stay true: a full table sends the newcomer away and never somebody who is at work; and
 * a record is renewed in one step, so that a log-out between looking and writing is not undone. */
#define MQ_MAY_MINT_SCOPE
#include "domain/access/sessions.h"

#include <apr_strings.h>
#include <string.h>

#include "base/cause.h"
#include "base/crypto.h"
#include "domain/access/scope_minting.h"
#include "domain/access/session_records.h"
#include "domain/change.h"
#include "store/scope_mint.h"

/* Of the last places those have none that have more than all others together: no organisation keeps
 * the others out. */
static apr_status_t share_check(const mq_visit_t *visit, const mq_session_walk_t *walk)
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

static apr_status_t token_make(unsigned char token[MQ_TOKEN_LENGTH],
                               unsigned char key[MQ_SESSION_KEY_LENGTH])
{
    MQ_TRY(mq_random(token, MQ_TOKEN_LENGTH));
    return mq_sha256(key, token, MQ_TOKEN_LENGTH);
}

apr_status_t mq_session_seat_take(mq_session_seat_t *seat_out, const mq_visit_t *visit,
                                  const mq_scope_t *sc)
{
    enum { SEAT_SECONDS = 120 };
    unsigned char key[MQ_SESSION_KEY_LENGTH];
    const mq_session_record_t nobody = {.began = visit->now, .seen = visit->now};
    if (sc) {
        mq_session_walk_t walk = {.tenant = sc->place.loan->tenant, .living = 0};
        MQ_TRY(mq_session_walk(&walk, visit, NULL));
        MQ_TRY(share_check(visit, &walk));
    }
    MQ_TRY(token_make(seat_out->token, key));
    if (visit->core->sessions->is_endless) {
        return APR_SUCCESS;
    }
    return mq_session_record_put(visit, key, &nobody, visit->now + apr_time_from_sec(SEAT_SECONDS));
}

void mq_session_seat_leave(const mq_session_seat_t *seat, const mq_visit_t *visit)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    const mq_session_owner_t nobody = {0, {{0}}};
    unsigned char key[MQ_SESSION_KEY_LENGTH];
    if (!cache->is_endless && mq_sha256(key, seat->token, sizeof seat->token) == APR_SUCCESS) {
        (void)cache->drop(&nobody, key, visit->pool, cache->cache);
    }
}

/* Where somebody begins a session that nothing is known of yet, beside that they may. */
typedef struct start_t {
    apr_time_t began;
    const mq_session_seat_t *seat; /* NULL: it is looked for now */
    int goes_on;                   /* in the place of another of theirs: no share is asked for */
} start_t;

static apr_status_t record_drop(const mq_session_record_t *record, const unsigned char *key,
                                const mq_visit_t *visit)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    const mq_session_owner_t owner = mq_session_record_owner(record);
    return cache->drop(&owner, key, visit->pool, cache->cache);
}

static apr_status_t found_drop(const mq_session_found_t *found, const mq_visit_t *visit)
{
    return record_drop(&found->record, found->key, visit);
}

/* The newest of a person stay: nobody fills the table alone. Whoever is new has none of these keys.
 */
static void oldest_end(const mq_visit_t *visit, const mq_session_walk_t *walk)
{
    for (int i = MQ_SESSIONS_MOST - 1; i < walk->found->nelts; i++) {
        (void)found_drop(&APR_ARRAY_IDX(walk->found, i, mq_session_found_t), visit);
    }
}

/* Whether another session of one form is to go: the one that was sent later stays, for its answer
 * is the one that a browser takes. */
static int goes_before(const mq_session_found_t *found, const mq_session_record_t *mine,
                       const unsigned char *key)
{
    int later = (found->record.began > mine->began) - (found->record.began < mine->began);
    return later < 0 || (later == 0 && memcmp(found->key, key, MQ_SESSION_KEY_LENGTH) < 0);
}

/* A form that was sent twice begins one session, however close the two are: each is stored before
 * the others are looked for. */
static apr_status_t twins_end(const mq_visit_t *visit, const mq_session_record_t *mine,
                              const unsigned char *key)
{
    mq_session_walk_t walk = {.tenant = mine->tenant, .user = mine->user, .epoch = mine->epoch};
    if (!visit->form) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_session_walk(&walk, visit, key));
    for (int i = 0; i < walk.found->nelts; i++) {
        const mq_session_found_t *found = &APR_ARRAY_IDX(walk.found, i, mq_session_found_t);
        if (!found->is_this && memcmp(found->record.form, mine->form, sizeof mine->form) == 0) {
            MQ_TRY(goes_before(found, mine, key) ? found_drop(found, visit)
                                                 : record_drop(mine, key, visit));
        }
    }
    return APR_SUCCESS;
}

static apr_status_t session_start(const char **cookie_out, const mq_visit_t *visit,
                                  const mq_scope_t *sc, const start_t *start)
{
    unsigned char token[MQ_TOKEN_LENGTH];
    unsigned char key[MQ_SESSION_KEY_LENGTH];
    mq_session_record_t record = {.version = MQ_SESSION_RECORD_VERSION,
                                  .tenant = sc->place.loan->tenant,
                                  .user = sc->actor.user,
                                  .began = start->began,
                                  .seen = visit->now};
    mq_session_walk_t walk = {.tenant = record.tenant, .user = record.user};
    mq_scope_t *person;

    /* a request has one connection at a time, or few would wait for each other */
    mq_db_give_back(sc);
    MQ_TRY(mq_scope_of_person(&person, visit, record.tenant, &record.user, NULL));
    mq_db_give_back(person);
    record.epoch = person->actor.epoch;
    record.roles = person->actor.roles;
    if (visit->form) {
        memcpy(record.form, visit->form, sizeof record.form);
    }
    apr_cpystrn(record.agent, visit->agent, sizeof record.agent);
    apr_cpystrn(record.address, visit->address, sizeof record.address);
    walk.epoch = record.epoch;
    MQ_TRY(mq_session_walk(&walk, visit, NULL));
    if (start->seat) {
        memcpy(token, start->seat->token, sizeof token);
        MQ_TRY(mq_sha256(key, token, sizeof token));
    } else {
        MQ_TRY(start->goes_on ? APR_SUCCESS : share_check(visit, &walk));
        MQ_TRY(token_make(token, key));
    }
    MQ_TRY(mq_session_record_put(visit, key, &record,
                                 mq_session_record_expires(visit->core, &record)));
    oldest_end(visit, &walk);
    MQ_TRY(twins_end(visit, &record, key));
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
static apr_status_t session_find(mq_session_t **session_out, mq_session_record_t *record,
                                 unsigned char *key, const mq_visit_t *visit, const char *cookie)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    mq_session_t *session = apr_pcalloc(visit->pool, sizeof *session);
    apr_size_t length = sizeof *record;
    mq_scope_t *sc;
    apr_status_t rv;

    MQ_TRY(token_read(session->token, cookie, visit->pool));
    MQ_TRY(mq_sha256(key, session->token, sizeof session->token));
    MQ_TRY(cache->get(key, record, &length, visit->pool, cache->cache));
    if (length != sizeof *record || record->version != MQ_SESSION_RECORD_VERSION ||
        !mq_session_record_lives(visit->core, record, visit->now)) {
        return MQ_ENOTFOUND;
    }
    rv = mq_scope_of_person(&sc, visit, record->tenant, &record->user, key);
    if (rv == MQ_EDENIED) {
        (void)record_drop(record, key, visit);
    }
    MQ_TRY(rv);
    if (sc->actor.epoch != record->epoch) {
        mq_db_give_back(sc);
        (void)record_drop(record, key, visit);
        return MQ_ENOTFOUND;
    }
    session->is_stale = record->roles != sc->actor.roles;
    session->scope = sc;
    *session_out = session;
    return APR_SUCCESS;
}

/* Where it is written to a database that cannot take it now, pages are read all the same. */
static apr_status_t seen_write(const mq_session_record_t *record, const unsigned char *key,
                               const mq_visit_t *visit, const mq_scope_t *sc)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    const mq_session_owner_t owner = mq_session_record_owner(record);
    apr_status_t rv;
    mq_db_give_back(sc);
    rv = cache->renew(&owner, key, record, sizeof *record,
                      mq_session_record_expires(visit->core, record), visit->pool, cache->cache);
    return rv == MQ_EFULL && cache->is_endless ? APR_SUCCESS : rv;
}

apr_status_t mq_session_resolve(mq_session_t **session_out, const mq_visit_t *visit,
                                const char *cookie)
{
    unsigned char *key = apr_palloc(visit->pool, MQ_SESSION_KEY_LENGTH);
    mq_session_t *session;
    mq_session_record_t record;
    MQ_TRY(session_find(&session, &record, key, visit, cookie));
    /* writing at every request would cost the lock twice: a quarter of the limit is exact enough */
    if (visit->now - record.seen > visit->core->idle_limit / 4) {
        record.seen = visit->now;
        MQ_TRY(seen_write(&record, key, visit, session->scope));
    }
    session->idle_left = mq_session_record_expires(visit->core, &record) - visit->now;
    *session_out = session;
    return APR_SUCCESS;
}

apr_status_t mq_session_look(mq_session_t **session_out, const mq_visit_t *visit,
                             const char *cookie)
{
    unsigned char *key = apr_palloc(visit->pool, MQ_SESSION_KEY_LENGTH);
    mq_session_record_t record;
    return session_find(session_out, &record, key, visit, cookie);
}

int mq_session_is_of(const mq_session_t *session, const mq_scope_t *sc)
{
    return session->scope->place.loan->tenant == sc->place.loan->tenant;
}

apr_status_t mq_session_proof(mq_session_t *session_out, const mq_visit_t *visit,
                              const char *cookie)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    unsigned char key[MQ_SESSION_KEY_LENGTH];
    mq_session_record_t record;
    apr_size_t length = sizeof record;
    apr_status_t rv;
    MQ_TRY(token_read(session_out->token, cookie, visit->pool));
    MQ_TRY(mq_sha256(key, session_out->token, sizeof session_out->token));
    rv = cache->get(key, &record, &length, visit->pool, cache->cache);
    if (rv != APR_SUCCESS && rv != MQ_ENOTFOUND && cache->is_endless) {
        return APR_SUCCESS; /* it lies where nobody can look now: its form's own proof has to do */
    }
    MQ_TRY(rv);
    return length == sizeof record && record.version == MQ_SESSION_RECORD_VERSION ? APR_SUCCESS
                                                                                  : MQ_ENOTFOUND;
}

apr_status_t mq_session_end(const mq_visit_t *visit, const mq_session_t *session)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    const mq_scope_t *sc = session->scope;
    const mq_session_owner_t owner = {sc->place.loan->tenant, sc->actor.user};
    unsigned char key[MQ_SESSION_KEY_LENGTH];
    mq_audit_event_t event = {.action = MQ_ACTION_SIGN_OUT, .outcome = MQ_OUTCOME_DONE};
    mq_db_give_back(sc);
    MQ_TRY(mq_sha256(key, session->token, sizeof session->token));
    MQ_TRY(cache->drop(&owner, key, visit->pool, cache->cache));
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
    unsigned char key[MQ_SESSION_KEY_LENGTH];
    mq_session_record_t record;
    apr_size_t length = sizeof record;
    MQ_TRY(mq_sha256(key, session->token, sizeof session->token));
    mq_db_give_back(session->scope);
    MQ_TRY(cache->get(key, &record, &length, visit->pool, cache->cache));
    if (length != sizeof record) {
        return MQ_ENOTFOUND;
    }
    MQ_TRY(session_start(cookie_out, visit, session->scope, &(start_t){record.began, NULL, 1}));
    MQ_TRY(record_drop(&record, key, visit));
    mq_db_give_back(session->scope);
    return mq_session_resolve(session_out, visit, *cookie_out);
}

static apr_status_t walk_mine(mq_session_walk_t *walk, const mq_visit_t *visit,
                              const mq_session_t *session)
{
    const mq_scope_t *sc = session->scope;
    mq_scope_t *person;
    unsigned char key[MQ_SESSION_KEY_LENGTH];
    apr_status_t rv;
    mq_db_give_back(sc);
    MQ_TRY(mq_sha256(key, session->token, sizeof session->token));
    walk->tenant = sc->place.loan->tenant;
    walk->user = sc->actor.user;
    rv = mq_scope_of_person(&person, visit, walk->tenant, &walk->user, NULL);
    if (rv == MQ_ENOTFOUND || rv == MQ_EDENIED) {
        return MQ_ESTANDING; /* since the request began */
    }
    MQ_TRY(rv);
    mq_db_give_back(person);
    walk->epoch = person->actor.epoch;
    return mq_session_walk(walk, visit, key);
}

static const char *name_of(const mq_session_found_t *found, apr_pool_t *pool)
{
    return mq_hex_encode(found->key, MQ_SESSION_NAME_LENGTH, pool);
}

static mq_session_item_t item_of(const mq_session_found_t *found, apr_pool_t *pool)
{
    mq_session_item_t item = {
        .began = found->record.began, .seen = found->record.seen, .is_this = found->is_this};
    apr_cpystrn(item.agent, found->record.agent, sizeof item.agent);
    apr_cpystrn(item.address, found->record.address, sizeof item.address);
    apr_cpystrn(item.name, name_of(found, pool), sizeof item.name);
    return item;
}

apr_status_t mq_sessions_list(apr_array_header_t **items_out, const mq_visit_t *visit,
                              const mq_session_t *session)
{
    mq_session_walk_t walk = {0};
    MQ_TRY(walk_mine(&walk, visit, session));
    *items_out = apr_array_make(visit->pool, MQ_SESSION_ITEMS, sizeof(mq_session_item_t));
    for (int i = 0; i < walk.found->nelts && i < MQ_SESSION_ITEMS; i++) {
        APR_ARRAY_PUSH(*items_out, mq_session_item_t) =
            item_of(&APR_ARRAY_IDX(walk.found, i, mq_session_found_t), visit->pool);
    }
    return APR_SUCCESS;
}

/* Sessions are no part of the change that ends them: of that only the event is. */
static apr_status_t event_alone(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    (void)event_io;
    (void)sc;
    (void)data;
    return APR_SUCCESS;
}

/* @param name NULL: all but this one */
static int is_to_end(const mq_session_found_t *found, const char *name, apr_pool_t *pool)
{
    return !found->is_this && (!name || strcmp(name, name_of(found, pool)) == 0);
}

apr_status_t mq_sessions_end(int *ended_out, const mq_visit_t *visit, const mq_session_t *session,
                             const char *name)
{
    mq_session_walk_t walk = {0};
    *ended_out = 0;
    MQ_TRY(walk_mine(&walk, visit, session));
    for (int i = 0; i < walk.found->nelts; i++) {
        const mq_session_found_t *found = &APR_ARRAY_IDX(walk.found, i, mq_session_found_t);
        *ended_out += is_to_end(found, name, visit->pool);
    }
    if (name && *ended_out == 0) {
        return MQ_ENOTFOUND;
    }
    /* who may no longer act ends nobody's session either, and it is in the trail before it is so */
    MQ_TRY(mq_change(session->scope, MQ_ACTION_SESSION_END, event_alone, NULL));
    for (int i = 0; i < walk.found->nelts; i++) {
        const mq_session_found_t *found = &APR_ARRAY_IDX(walk.found, i, mq_session_found_t);
        if (is_to_end(found, name, visit->pool)) {
            MQ_TRY(found_drop(found, visit));
        }
    }
    return APR_SUCCESS;
}

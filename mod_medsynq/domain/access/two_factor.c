/* two_factor.c -- setting up, checking and removing the second factor.
 *
 * A code of six digits is worth thirty seconds, and guessing it a million tries. So failures are
 * counted for the person, not the address, and slow down like those of a password; a code works
 * once, which is judged inside the transaction, or two requests with the same code would both pass.
 * A clock may be one step off, not more.
 *
 * The secret that is on offer is not stored: it follows from the person, the session, the account's
 * version and the server's key, so that reloading the page shows the same picture and somebody who
 * only looked has left nothing behind. Removing a factor raises the version: the same secret is
 * never offered again. What is stored is sealed, and bound to the person and the organisation: a
 * row that is copied to another account opens nothing. Seals of an older key, or of before they
 * were bound to the organisation, still open and are made anew when they are used.
 *
 * The day comes when the telephone lies in a lake. Ten recovery codes of 60 bits are shown once and
 * stored as hashes; each works once. An administrator can remove a factor, which ends the person's
 * sessions and is an event. There is no other way round it, and none by mail: who reads a person's
 * mail must not become that person. */
#include "domain/access/two_factor.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "base/crypto.h"
#include "domain/change.h"
#include "domain/access/secrets.h"
#include "domain/access/throttle.h"
#include "domain/people/accounts.h"

enum {
    RECOVERY_BYTES = 8, /* 12 of its 13 characters are shown: 60 bits */
    RECOVERY_LENGTH = 12,
    RESEAL_PAGE = 100
};

static mq_bytes_t secret_bound(const mq_scope_t *sc, const mq_id_t *user)
{
    const char *text = apr_psprintf(mq_scope_pool(sc), "two_factors secret %" APR_INT64_T_FMT " %s",
                                    mq_scope_chain(sc), mq_id_text(user, mq_scope_pool(sc)));
    return (mq_bytes_t){text, strlen(text)};
}

/* What the first seals were bound to: the person, but not the organisation. */
static mq_bytes_t bound_before(const mq_scope_t *sc, const mq_id_t *user)
{
    const char *text = apr_pstrcat(mq_scope_pool(sc), "two_factors secret ",
                                   mq_id_text(user, mq_scope_pool(sc)), NULL);
    return (mq_bytes_t){text, strlen(text)};
}

/* Open a stored secret. Of another key or bound than today's it is stale: to be sealed anew. */
static apr_status_t stored_open(mq_bytes_t *secret_out, int *stale_out, const mq_scope_t *sc,
                                const mq_id_t *user, mq_bytes_t stored)
{
    const mq_core_t *core = mq_scope_core(sc);
    apr_pool_t *pool = mq_scope_pool(sc);
    const unsigned char *data = NULL;
    apr_status_t rv =
        mq_open(&data, &secret_out->length, core->data_key, secret_bound(sc, user), stored, pool);
    *stale_out = rv == MQ_ECORRUPT;
    if (rv == MQ_ECORRUPT) {
        rv = mq_secret_open(&data, &secret_out->length, core, secret_bound(sc, user), stored, pool);
    }
    if (rv == MQ_ECORRUPT) {
        rv = mq_secret_open(&data, &secret_out->length, core, bound_before(sc, user), stored, pool);
    }
    secret_out->data = data;
    return rv;
}

static apr_status_t secret_reseal(const mq_scope_t *sc, const mq_id_t *user, mq_bytes_t secret)
{
    const unsigned char *sealed;
    apr_size_t length;
    MQ_TRY(mq_seal(&sealed, &length, mq_scope_core(sc)->data_key, secret_bound(sc, user), secret,
                   mq_scope_pool(sc)));
    return mq_db_change(NULL, sc, MQ_SQL_TWO_FACTOR_RESEAL,
                        MQ_PARAMS(mq_bind_bytes(sealed, length), mq_bind_id(user)));
}

apr_status_t mq_two_factor_offer(unsigned char secret_out[MQ_TOTP_SECRET_LENGTH],
                                 const mq_scope_t *sc)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    unsigned char mac[MQ_SHA256_LENGTH];
    const char *text;
    apr_int64_t version;
    mq_rows_t rows;
    MQ_TRY(
        mq_db_select_one(&rows, sc, MQ_SQL_USER_VERSION, MQ_PARAMS(mq_bind_id(mq_scope_user(sc)))));
    /* removing a second factor raises it: never the same again */
    version = mq_rows_int(&rows, MQ_USER_VERSION);
    mq_rows_close(&rows);
    text = apr_psprintf(pool, "totp %s %s %" APR_INT64_T_FMT, mq_id_text(mq_scope_user(sc), pool),
                        mq_hex_encode(mq_scope_session(sc)->bytes, MQ_SESSION_NAME_LENGTH, pool),
                        version);
    MQ_TRY(mq_hmac_sha256(mac, mq_scope_core(sc)->data_key, MQ_KEY_LENGTH, text, strlen(text)));
    memcpy(secret_out, mac, MQ_TOTP_SECRET_LENGTH);
    return APR_SUCCESS;
}

static apr_status_t recovery_hash(unsigned char hash_out[MQ_SHA256_LENGTH], const mq_scope_t *sc,
                                  const mq_id_t *user, const char *code)
{
    const char *text = apr_pstrcat(mq_scope_pool(sc), "recovery ",
                                   mq_id_text(user, mq_scope_pool(sc)), " ", code, NULL);
    return mq_sha256(hash_out, text, strlen(text));
}

static apr_status_t recovery_make(mq_recovery_codes_t *codes_out, const mq_scope_t *sc)
{
    const mq_id_t *user = mq_scope_user(sc);
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_RECOVERY_CODES_DELETE, MQ_PARAMS(mq_bind_id(user))));
    for (int i = 0; i < MQ_RECOVERY_CODES; i++) {
        unsigned char random[RECOVERY_BYTES];
        unsigned char hash[MQ_SHA256_LENGTH];
        const char *code;
        MQ_TRY(mq_random(random, sizeof random));
        code = apr_pstrmemdup(mq_scope_pool(sc),
                              mq_base32_encode(random, sizeof random, mq_scope_pool(sc)),
                              RECOVERY_LENGTH);
        MQ_TRY(recovery_hash(hash, sc, user, code));
        MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_RECOVERY_CODE_INSERT,
                            MQ_PARAMS(mq_bind_id(user), mq_bind_bytes(hash, sizeof hash))));
        codes_out->codes[i] =
            apr_psprintf(mq_scope_pool(sc), "%.4s-%.4s-%.4s", code, code + 4, code + 8);
    }
    return APR_SUCCESS;
}

/* Begin a try of a code: counted before it is looked at. */
static apr_status_t code_take(int *wait_out, const mq_visit_t *visit, const mq_scope_t *sc)
{
    const mq_id_t *user = mq_scope_user(sc);
    const char *name = mq_id_text(user, visit->pool);
    mq_db_give_back(sc);
    MQ_TRY(mq_throttle_check_person(wait_out, visit, sc, user, MQ_THROTTLE_CODE, name));
    return mq_throttle_take(wait_out, visit, MQ_THROTTLE_CODE, name);
}

static void code_end(const mq_visit_t *visit, const mq_scope_t *sc, apr_status_t rv)
{
    mq_throttle_end(visit, MQ_THROTTLE_CODE, mq_id_text(mq_scope_user(sc), visit->pool),
                    rv == APR_SUCCESS  ? MQ_TRY_FITS
                    : rv == MQ_EDENIED ? MQ_TRY_FAILED
                                       : MQ_TRY_UNDECIDED);
}

typedef struct turning_on_t {
    mq_recovery_codes_t *codes_out;
    const unsigned char *secret;
    apr_int64_t step;
} turning_on_t;

static apr_status_t factor_turn_on(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const turning_on_t *on = data;
    const mq_id_t *user = mq_scope_user(sc);
    const unsigned char *sealed;
    apr_size_t length;
    int changed = 0;
    event_io->object = user;
    MQ_TRY(mq_seal(&sealed, &length, mq_scope_core(sc)->data_key, secret_bound(sc, user),
                   (mq_bytes_t){on->secret, MQ_TOTP_SECRET_LENGTH}, mq_scope_pool(sc)));
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_TWO_FACTOR_INSERT,
                        MQ_PARAMS(mq_bind_id(user), mq_bind_bytes(sealed, length),
                                  mq_bind_int(mq_scope_now(sc)), mq_bind_int(on->step))));
    if (!changed) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(recovery_make(on->codes_out, sc));
    return mq_db_change(NULL, sc, MQ_SQL_USER_CHANGED, MQ_PARAMS(mq_bind_id(user)));
}

apr_status_t mq_two_factor_on(mq_recovery_codes_t *codes_out, int *wait_out,
                              const mq_visit_t *visit, const mq_scope_t *sc, const char *code)
{
    unsigned char secret[MQ_TOTP_SECRET_LENGTH];
    turning_on_t on = {.codes_out = codes_out, .secret = secret};
    apr_status_t rv;
    MQ_TRY(mq_two_factor_offer(secret, sc));
    mq_db_give_back(sc);
    MQ_TRY(code_take(wait_out, visit, sc));
    rv = mq_totp_check(&on.step, code, secret, sizeof secret, mq_scope_now(sc), 0);
    code_end(visit, sc, rv);
    MQ_TRY(rv);
    return mq_change(sc, MQ_ACTION_TWO_FACTOR_ON, factor_turn_on, &on);
}

/* Capital letters without hyphens and blanks, as recovery codes are hashed. */
static const char *recovery_fold(const char *typed, apr_pool_t *pool)
{
    char *folded = apr_pstrdup(pool, typed);
    char *out = folded;
    for (; *typed; typed++) {
        if (*typed != '-' && *typed != ' ') {
            *out++ = (char)apr_toupper(*typed);
        }
    }
    *out = 0;
    return folded;
}

static apr_status_t recovery_use(const mq_scope_t *sc, const char *typed)
{
    const mq_id_t *user = mq_scope_user(sc);
    unsigned char hash[MQ_SHA256_LENGTH];
    int changed = 0;
    MQ_TRY(recovery_hash(hash, sc, user, recovery_fold(typed, mq_scope_pool(sc))));
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_RECOVERY_CODE_USE,
                        MQ_PARAMS(mq_bind_id(user), mq_bind_bytes(hash, sizeof hash))));
    return changed ? APR_SUCCESS : MQ_EDENIED;
}

/* Inside the transaction, so that of two requests with the same code one is refused. What it is
 * good for has an event; that a recovery code is gone has one of its own. */
static apr_status_t code_use(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const char *code = *(const char **)data;
    const mq_id_t *user = mq_scope_user(sc);
    mq_bytes_t secret;
    mq_bytes_t stored;
    apr_int64_t last;
    apr_int64_t step;
    mq_rows_t rows;
    apr_status_t rv;
    int stale;
    int changed = 0;
    rv = mq_db_select_one(&rows, sc, MQ_SQL_TWO_FACTOR_BY_USER, MQ_PARAMS(mq_bind_id(user)));
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? MQ_EDENIED : rv;
    }
    stored.data = mq_rows_bytes(&rows, MQ_TWO_FACTOR_BY_USER_SECRET, &stored.length);
    last = mq_rows_int(&rows, MQ_TWO_FACTOR_BY_USER_LAST_STEP);
    rv = stored_open(&secret, &stale, sc, user, stored);
    mq_rows_close(&rows);
    if (rv == MQ_ECORRUPT) { /* sealed with a secret that is not there: no code can fit */
        event_io->object = user;
        rv = recovery_use(sc, code);
        return rv == MQ_EDENIED ? MQ_ECORRUPT : rv;
    }
    MQ_TRY(rv);
    rv = mq_totp_check(&step, code, secret.data, secret.length, mq_scope_now(sc), last);
    if (rv == MQ_EDENIED) {
        event_io->object = user;
        return recovery_use(sc, code);
    }
    event_io->outcome = MQ_OUTCOME_NONE;
    MQ_TRY(rv);
    if (stale) {
        MQ_TRY(secret_reseal(sc, user, secret));
    }
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_TWO_FACTOR_STEP_USE,
                        MQ_PARAMS(mq_bind_int(step), mq_bind_id(user), mq_bind_int(step),
                                  mq_bind_int(mq_totp_latest(mq_scope_now(sc))))));
    return changed ? APR_SUCCESS : MQ_EDENIED;
}

apr_status_t mq_two_factor_check(int *wait_out, const mq_visit_t *visit, const mq_scope_t *sc,
                                 const char *code)
{
    apr_status_t rv;
    MQ_TRY(code_take(wait_out, visit, sc));
    rv = mq_change(sc, MQ_ACTION_RECOVERY_CODE_USE, code_use, &code);
    code_end(visit, sc, rv);
    return rv;
}

apr_status_t mq_recovery_codes_left(int *left_out, const mq_scope_t *sc)
{
    mq_rows_t rows;
    apr_status_t rv;
    *left_out = 0;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_RECOVERY_CODES_LEFT,
                        MQ_PARAMS(mq_bind_id(mq_scope_user(sc)))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        ++*left_out;
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t recovery_renew(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    event_io->object = mq_scope_user(sc);
    return recovery_make(data, sc);
}

apr_status_t mq_recovery_codes_renew(mq_recovery_codes_t *codes_out, int *wait_out,
                                     const mq_visit_t *visit, const mq_scope_t *sc,
                                     const char *code)
{
    MQ_TRY(mq_two_factor_check(wait_out, visit, sc, code));
    return mq_change(sc, MQ_ACTION_RECOVERY_CODES_NEW, recovery_renew, codes_out);
}

static apr_status_t factor_turn_off(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mq_id_t *user = *(const mq_id_t **)data;
    int changed = 0;
    event_io->object = user;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_USER_CHANGED, MQ_PARAMS(mq_bind_id(user))));
    if (!changed) {
        return MQ_ENOTFOUND;
    }
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_TWO_FACTOR_DELETE, MQ_PARAMS(mq_bind_id(user))));
    return mq_db_change(NULL, sc, MQ_SQL_RECOVERY_CODES_DELETE, MQ_PARAMS(mq_bind_id(user)));
}

apr_status_t mq_two_factor_off(int *wait_out, const mq_visit_t *visit, const mq_scope_t *sc,
                               const char *code)
{
    const mq_id_t *user = mq_scope_user(sc);
    MQ_TRY(mq_two_factor_check(wait_out, visit, sc, code));
    return mq_change(sc, MQ_ACTION_TWO_FACTOR_OFF, factor_turn_off, &user);
}

static apr_status_t factor_take(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    MQ_TRY(mq_person_spare_oneself(sc, *(const mq_id_t **)data));
    return factor_turn_off(event_io, sc, data);
}

apr_status_t mq_two_factor_reset(const mq_scope_t *sc, const mq_id_t *user)
{
    return mq_change(sc, MQ_ACTION_USER_TWO_FACTOR_OFF, factor_take, &user);
}

/* What is to become of an organisation's factors, and how many open with no secret. */
typedef struct reseal_t {
    int drops_lost;
    int lost;
} reseal_t;

static apr_status_t lost_drop(const mq_scope_t *sc, const mq_id_t *user)
{
    mq_audit_event_t event = {.action = MQ_ACTION_USER_TWO_FACTOR_OFF,
                              .outcome = MQ_OUTCOME_DONE,
                              .reason = "secret adopt"};
    MQ_TRY(factor_turn_off(&event, sc, &user));
    return mq_audit_write(sc, &event);
}

/* One page of the organisation's factors. @param after_io the person up to whom it went */
static apr_status_t page_reseal(int *count_out, reseal_t *reseal, const mq_scope_t *sc,
                                mq_id_t *after_io)
{
    int is_lost[RESEAL_PAGE] = {0};
    mq_id_t users[RESEAL_PAGE];
    mq_bytes_t secrets[RESEAL_PAGE];
    mq_rows_t rows;
    apr_status_t rv;
    int count = 0;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_TWO_FACTORS_AFTER,
                        MQ_PARAMS(mq_bind_id(after_io), mq_bind_int(RESEAL_PAGE))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_bytes_t stored;
        int stale;
        users[count] = mq_rows_id(&rows, MQ_TWO_FACTORS_AFTER_USER_ID);
        stored.data = mq_rows_bytes(&rows, MQ_TWO_FACTORS_AFTER_SECRET, &stored.length);
        rv = stored_open(&secrets[count], &stale, sc, &users[count], stored);
        if (rv == MQ_ECORRUPT) {
            secrets[count].data = NULL;
            is_lost[count] = 1;
            reseal->lost++;
        } else if (rv != APR_SUCCESS) {
            mq_rows_close(&rows);
            return rv;
        } else if (!stale) {
            secrets[count].data = NULL;
        }
        count++;
    }
    for (int i = 0; rv == APR_EOF && i < count; i++) {
        if (secrets[i].data) {
            MQ_TRY(secret_reseal(sc, &users[i], secrets[i]));
        }
        if (is_lost[i] && reseal->drops_lost) {
            MQ_TRY(lost_drop(sc, &users[i]));
        }
        *after_io = users[i];
    }
    *count_out = count;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* No event of its own: the command that retires a secret is one. */
static apr_status_t all_reseal(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    reseal_t *reseal = data;
    mq_id_t after = {{0}};
    int count = RESEAL_PAGE;
    reseal->lost = 0;
    event_io->outcome = MQ_OUTCOME_NONE;
    while (count == RESEAL_PAGE) {
        MQ_TRY(page_reseal(&count, reseal, sc, &after));
    }
    return APR_SUCCESS;
}

apr_status_t mq_two_factors_reseal(int *lost_out, int drops_lost, const mq_scope_t *sc)
{
    reseal_t reseal = {.drops_lost = drops_lost};
    apr_status_t rv;
    if (!(mq_scope_roles(sc) & MQ_ROLE_OPERATOR)) {
        return MQ_EDENIED;
    }
    rv = mq_change(sc, MQ_ACTION_NONE, all_reseal, &reseal);
    *lost_out = reseal.lost;
    return rv;
}

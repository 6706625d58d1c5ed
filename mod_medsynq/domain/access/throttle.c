/* throttle.c -- counters with a doubling delay. The table pushes out what expires soonest when it
 * is full; one address can make few entries before it must wait itself: flooding gains nothing. */
#include "domain/access/throttle.h"

#include <apr_strings.h>
#include <limits.h>
#include <string.h>

#include "base/crypto.h"

enum { FORGET_SECONDS = 3600, DELAY_MOST = 900, REGISTER_SECONDS = 3600, REFUSAL_SECONDS = 60 };

typedef struct counter_t {
    apr_uint32_t count;
    apr_uint32_t unused;
    apr_time_t until; /* no further attempt before */
} counter_t;

typedef struct rule_t {
    mq_throttle_t kind;
    int free; /* attempts without delay; 0: not throttled */
    apr_time_t now;
} rule_t;

static rule_t rule_of(const mq_visit_t *visit, mq_throttle_t kind)
{
    const mq_core_t *core = visit->core;
    int free = kind == MQ_THROTTLE_ACCOUNT   ? core->failures_per_account
               : kind == MQ_THROTTLE_ADDRESS ? core->failures_per_address
                                             : core->registrations_per_hour;
    return (rule_t){kind, core->throttle ? free : 0, visit->now};
}

/* The first four groups of an IPv6 address as text. Written out in full or with "::", the same
 * network gives the same text often enough: httpd formats every address in one way. */
static const char *network_of(const char *address, apr_pool_t *pool)
{
    const char *s = address;
    int groups = 0;
    if (!strchr(address, ':')) {
        return address;
    }
    for (; *s && groups < 4; s++) {
        groups += *s == ':';
        if (s[0] == ':' && s[1] == ':') {
            break;
        }
    }
    return apr_pstrmemdup(pool, address, (apr_size_t)(s - address));
}

static apr_status_t key_of(unsigned char key[MQ_SHA256_LENGTH], const mq_visit_t *visit,
                           mq_throttle_t kind, const char *name)
{
    const char *text = apr_psprintf(
        visit->pool, "%d %s %s", (int)kind,
        kind == MQ_THROTTLE_ACCOUNT ? "" : network_of(visit->address, visit->pool), name);
    return mq_hmac_sha256(key, visit->core->throttle_key, sizeof visit->core->throttle_key, text,
                          strlen(text));
}

apr_status_t mq_throttle_check(int *seconds_out, const mq_visit_t *visit, mq_throttle_t kind,
                               const char *name)
{
    rule_t rule = rule_of(visit, kind);
    unsigned char key[MQ_SHA256_LENGTH];
    mq_table_record_t record;
    counter_t counter;
    *seconds_out = 0;
    if (!rule.free) {
        return APR_SUCCESS;
    }
    MQ_TRY(key_of(key, visit, kind, name));
    if (mq_table_find(&record, visit->core->throttle, visit->now, key) != APR_SUCCESS ||
        record.length != sizeof counter) {
        return APR_SUCCESS;
    }
    memcpy(&counter, record.data, sizeof counter);
    if (counter.until <= visit->now) {
        return APR_SUCCESS;
    }
    *seconds_out = (int)apr_time_sec(counter.until - visit->now) + 1;
    return MQ_EBUSY;
}

/* When the newest attempt was counted; the distant future where there is no counter any more. */
static apr_time_t counted_at(const mq_visit_t *visit, const char *name)
{
    unsigned char key[MQ_SHA256_LENGTH];
    mq_table_record_t record;
    if (key_of(key, visit, MQ_THROTTLE_ACCOUNT, name) != APR_SUCCESS ||
        mq_table_find(&record, visit->core->throttle, visit->now, key) != APR_SUCCESS) {
        return APR_INT64_MAX;
    }
    return record.expires - apr_time_from_sec(FORGET_SECONDS);
}

apr_status_t mq_throttle_check_person(int *seconds_out, const mq_visit_t *visit,
                                      const mq_scope_t *sc, const mq_id_t *user, const char *name)
{
    apr_status_t busy = mq_throttle_check(seconds_out, visit, MQ_THROTTLE_ACCOUNT, name);
    mq_rows_t rows;
    apr_time_t unlocked;
    apr_status_t rv;
    if (busy != MQ_EBUSY) {
        return busy;
    }
    rv = mq_db_select_one(&rows, sc, MQ_SQL_USER_UNLOCKED_AT, MQ_PARAMS(mq_bind_id(user)));
    if (rv != APR_SUCCESS) {
        mq_db_give_back(sc);
        return rv == MQ_ENOTFOUND ? busy : rv;
    }
    unlocked = mq_rows_int(&rows, MQ_USER_UNLOCKED_AT);
    mq_rows_close(&rows);
    mq_db_give_back(sc);
    if (unlocked <= counted_at(visit, name)) {
        return busy;
    }
    mq_throttle_forget(visit, MQ_THROTTLE_ACCOUNT, name);
    *seconds_out = 0;
    return APR_SUCCESS;
}

static apr_time_t delay_of(const rule_t *rule, apr_uint32_t count, apr_time_t expires)
{
    apr_uint32_t beyond = count - (apr_uint32_t)rule->free;
    if (count < (apr_uint32_t)rule->free) {
        return 0;
    }
    if (rule->kind == MQ_THROTTLE_REGISTER) {
        return expires - rule->now; /* the hour that began with the first one */
    }
    return apr_time_from_sec(beyond < 9 ? 2 << beyond : DELAY_MOST);
}

static apr_status_t count_one(void *context, mq_table_record_t *record, int is_new)
{
    const rule_t *rule = context;
    counter_t counter = {0};
    if (!is_new) {
        memcpy(&counter, record->data, sizeof counter);
    }
    counter.count++;
    if (is_new || rule->kind != MQ_THROTTLE_REGISTER) {
        record->expires =
            rule->now + apr_time_from_sec(rule->kind == MQ_THROTTLE_REGISTER ? REGISTER_SECONDS
                                                                             : FORGET_SECONDS);
    }
    counter.until = rule->now + delay_of(rule, counter.count, record->expires);
    memcpy(record->data, &counter, sizeof counter);
    record->length = sizeof counter;
    return APR_SUCCESS;
}

void mq_throttle_count(const mq_visit_t *visit, mq_throttle_t kind, const char *name)
{
    rule_t rule = rule_of(visit, kind);
    unsigned char key[MQ_SHA256_LENGTH];
    if (rule.free && key_of(key, visit, kind, name) == APR_SUCCESS) {
        (void)mq_table_change(visit->core->throttle, visit->now, key, 1, count_one, &rule);
    }
}

void mq_throttle_forget(const mq_visit_t *visit, mq_throttle_t kind, const char *name)
{
    unsigned char key[MQ_SHA256_LENGTH];
    if (rule_of(visit, kind).free && key_of(key, visit, kind, name) == APR_SUCCESS) {
        (void)mq_table_remove(visit->core->throttle, key);
    }
}

typedef struct refusals_t {
    apr_time_t now;
    int count;
} refusals_t;

/* The minute begins with its first one. */
static apr_status_t refusal_one(void *context, mq_table_record_t *record, int is_new)
{
    refusals_t *refusals = context;
    counter_t counter = {0};
    if (is_new) {
        record->expires = refusals->now + apr_time_from_sec(REFUSAL_SECONDS);
    } else {
        memcpy(&counter, record->data, sizeof counter);
    }
    counter.count += counter.count < INT_MAX;
    refusals->count = (int)counter.count;
    memcpy(record->data, &counter, sizeof counter);
    record->length = sizeof counter;
    return APR_SUCCESS;
}

int mq_throttle_refusal(const mq_visit_t *visit)
{
    refusals_t refusals = {visit->now, 1};
    unsigned char key[MQ_SHA256_LENGTH];
    if (visit->core->throttle &&
        key_of(key, visit, MQ_THROTTLE_ADDRESS, "refused") == APR_SUCCESS) {
        (void)mq_table_change(visit->core->throttle, visit->now, key, 1, refusal_one, &refusals);
    }
    return refusals.count;
}

const char *mq_throttle_account(const char *tenant_key, const char *email_key, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%" APR_SIZE_T_FMT " %s %s", strlen(tenant_key), tenant_key,
                        email_key);
}

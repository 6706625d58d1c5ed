/* throttle.c -- counters with a doubling delay, in shared memory or, of several servers, in rows of
 * the database, which nobody pushes out. The table pushes out what expires soonest when it
 * is full; a delay in force expires later than whatever is only counted, so it is never pushed out
 * by that, and one delay not by another (mq_shared_setup): flooding frees nobody. */
#include "domain/access/throttle.h"

#include <apr_strings.h>
#include <arpa/inet.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/access/throttle_rows.h"

enum {
    FORGET_SECONDS = 3600,
    DELAY_MOST = 900,
    REGISTER_SECONDS = 3600, /* the longest delay of all */
    HOUSE_DELAY_MOST = 30,   /* that others wait for whom somebody of their house has guessed */
    REFUSAL_SECONDS = 60,
    UNDER_WAY_SECONDS = 120 /* then whoever began the try is not there any more */
};

typedef struct counter_t {
    apr_uint32_t count;
    apr_uint32_t under_way; /* begun and not ended */
    apr_time_t until;       /* no further attempt before */
    apr_time_t counted;     /* the newest one */
    apr_time_t begun;       /* the newest try under way */
} counter_t;

_Static_assert(sizeof(counter_t) <= MQ_THROTTLE_RECORD, "a counter fits into its record");

/* What each kind is counted by. */
static const struct {
    size_t free; /* attempts without delay: a number of mq_core_t, 0 there: not throttled */
    int is_of_address;
    int counts_at_once; /* whatever comes of it */
    int is_of_the_hour; /* that begins with the first: no doubling delay */
    int delay_most;     /* seconds; 0: DELAY_MOST */
} kinds[] = {[MQ_THROTTLE_ACCOUNT] = {offsetof(mq_core_t, failures_per_account), 0, 0, 0, 0},
             [MQ_THROTTLE_ADDRESS] = {offsetof(mq_core_t, failures_per_address), 1, 0, 0, 0},
             [MQ_THROTTLE_PASSWORD] = {offsetof(mq_core_t, failures_per_account), 0, 0, 0, 0},
             [MQ_THROTTLE_CODE] = {offsetof(mq_core_t, failures_per_account), 0, 0, 0, 0},
             [MQ_THROTTLE_REGISTER] = {offsetof(mq_core_t, registrations_per_hour), 1, 1, 1, 0},
             [MQ_THROTTLE_RESET] = {offsetof(mq_core_t, failures_per_account), 0, 1, 0, 0},
             [MQ_THROTTLE_RESET_ADDRESS] = {offsetof(mq_core_t, failures_per_address), 1, 1, 0, 0},
             [MQ_THROTTLE_PARTNER] = {offsetof(mq_core_t, failures_per_account), 0, 0, 0, 0},
             [MQ_THROTTLE_LINK] = {offsetof(mq_core_t, failures_per_account), 0, 1, 0, 0},
             [MQ_THROTTLE_SHARE] = {offsetof(mq_core_t, shares_per_hour), 0, 1, 1, 0},
             [MQ_THROTTLE_EMERGENCY] = {offsetof(mq_core_t, failures_per_account), 0, 0, 0, 0},
             [MQ_THROTTLE_EMERGENCY_HOUSE] = {offsetof(mq_core_t, failures_per_address), 0, 0, 0,
                                              HOUSE_DELAY_MOST},
             [MQ_THROTTLE_REFUSED] = {offsetof(mq_core_t, failures_per_address), 1, 1, 0, 0}};

/* One step on a counter: what is asked, and what is said. */
typedef struct step_t {
    mq_throttle_t kind;
    int free;
    apr_time_t now;
    mq_try_end_t end;
    int seconds; /* to wait */
} step_t;

static int counts(const mq_core_t *core)
{
    return core->throttle || core->throttle_rows;
}

/* In shared memory of this server, or in rows that all servers have. */
static apr_status_t counter_change(const mq_visit_t *visit, const unsigned char *key, int create,
                                   mq_table_edit_t *edit, void *context)
{
    return visit->core->throttle_rows
               ? mq_throttle_row_change(visit, key, create, edit, context)
               : mq_table_change(visit->core->throttle, visit->now, key, create, edit, context);
}

static apr_status_t counter_look(mq_table_record_t *record_out, const mq_visit_t *visit,
                                 const unsigned char *key)
{
    return visit->core->throttle_rows
               ? mq_throttle_row_find(record_out, visit, key)
               : mq_table_find(record_out, visit->core->throttle, visit->now, key);
}

static step_t step_of(const mq_visit_t *visit, mq_throttle_t kind)
{
    const mq_core_t *core = visit->core;
    int free = *(const int *)(const void *)((const char *)core + kinds[kind].free);
    return (step_t){.kind = kind, .free = counts(core) ? free : 0, .now = visit->now};
}

/* Of an IPv6 address its /64; of an IPv4 address that is written as one, that. By its bytes: "::"
 * may stand anywhere in the text. */
static const char *network_of(const char *address, apr_pool_t *pool)
{
    static const unsigned char mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN];
    if (!strchr(address, ':')) {
        return address;
    }
    address = apr_pstrmemdup(pool, address, strcspn(address, "%")); /* the interface of a link */
    if (inet_pton(AF_INET6, address, bytes) != 1) {
        return address;
    }
    if (memcmp(bytes, mapped, sizeof mapped) == 0) {
        return apr_pstrdup(pool, inet_ntop(AF_INET, bytes + sizeof mapped, text, sizeof text));
    }
    memset(bytes + 8, 0, 8);
    return apr_pstrdup(pool, inet_ntop(AF_INET6, bytes, text, sizeof text));
}

static apr_status_t key_of(unsigned char key[MQ_SHA256_LENGTH], const mq_visit_t *visit,
                           mq_throttle_t kind, const char *name)
{
    const char *text = apr_psprintf(
        visit->pool, "%d %s %s", (int)kind,
        kinds[kind].is_of_address ? network_of(visit->address, visit->pool) : "", name);
    return mq_hmac_sha256(key, visit->core->throttle_key, sizeof visit->core->throttle_key, text,
                          strlen(text));
}

/* --- a counter --- */

/* As it stands now. What is older than an hour is forgotten, and so is what a clock has counted
 * that was wrong. */
static counter_t counter_read(const mq_table_record_t *record, const step_t *step)
{
    counter_t counter = {0};
    if (record->length != sizeof counter) {
        return counter;
    }
    memcpy(&counter, record->data, sizeof counter);
    if (counter.counted + apr_time_from_sec(FORGET_SECONDS) <= step->now ||
        mq_clock_was_wrong(step->now, counter.counted)) {
        counter.count = 0;
        counter.until = 0;
    }
    if (counter.begun + apr_time_from_sec(UNDER_WAY_SECONDS) <= step->now ||
        mq_clock_was_wrong(step->now, counter.begun)) {
        counter.under_way = 0;
    }
    return counter;
}

/* A delay in force outlives, in the table, all that is only counted: that has an hour to live. */
static void counter_write(mq_table_record_t *record, const counter_t *counter, apr_time_t now)
{
    apr_time_t kept = apr_time_from_sec(FORGET_SECONDS);
    record->expires = counter->until > now ? counter->until + MQ_THROTTLE_KEPT
                                           : (counter->count ? counter->counted : now) + kept;
    memcpy(record->data, counter, sizeof *counter);
    record->length = sizeof *counter;
}

static int counter_wait(const counter_t *counter, apr_time_t now)
{
    return counter->until > now ? (int)apr_time_sec(counter->until - now) + 1 : 0;
}

/* @param beyond failures after those that are free */
static int delay_of(mq_throttle_t kind, apr_uint32_t beyond)
{
    const int most = kinds[kind].delay_most ? kinds[kind].delay_most : DELAY_MOST;
    return beyond < 9 && (2 << beyond) < most ? 2 << beyond : most;
}

static void counter_add(counter_t *counter, const step_t *step)
{
    apr_uint32_t free = (apr_uint32_t)step->free;
    apr_uint32_t beyond;
    counter->count += counter->count < INT_MAX;
    if (counter->count == 1 || !kinds[step->kind].is_of_the_hour) {
        counter->counted = step->now;
    }
    if (counter->count < free) {
        return;
    }
    beyond = counter->count - free;
    counter->until = kinds[step->kind].is_of_the_hour
                         ? counter->counted + apr_time_from_sec(REGISTER_SECONDS)
                         : step->now + apr_time_from_sec(delay_of(step->kind, beyond));
}

/* --- its steps, under the table's lock --- */

static apr_status_t take_one(void *context, mq_table_record_t *record, int is_new)
{
    step_t *step = context;
    counter_t counter = counter_read(record, step);
    (void)is_new;
    step->seconds = counter_wait(&counter, step->now);
    if (step->seconds) {
        return MQ_EBUSY;
    }
    if (kinds[step->kind].counts_at_once) {
        counter_add(&counter, step);
    } else if (counter.under_way && counter.count + counter.under_way >= (apr_uint32_t)step->free) {
        return MQ_EFULL;
    } else {
        counter.under_way++;
        counter.begun = step->now;
    }
    counter_write(record, &counter, step->now);
    return APR_SUCCESS;
}

static apr_status_t end_one(void *context, mq_table_record_t *record, int is_new)
{
    const step_t *step = context;
    counter_t counter = counter_read(record, step);
    (void)is_new;
    counter.under_way -= counter.under_way > 0;
    if (step->end == MQ_TRY_FAILED) {
        counter_add(&counter, step);
    } else if (step->end == MQ_TRY_FITS && !kinds[step->kind].is_of_address) {
        counter.count = 0;
        counter.until = 0;
    }
    counter_write(record, &counter, step->now);
    if (!counter.count && !counter.under_way) {
        record->expires = 0;
    }
    return APR_SUCCESS;
}

/* --- the interface --- */

static int counter_find(counter_t *counter_out, const mq_visit_t *visit, mq_throttle_t kind,
                        const char *name)
{
    step_t step = step_of(visit, kind);
    unsigned char key[MQ_SHA256_LENGTH];
    mq_table_record_t record;
    if (!step.free || key_of(key, visit, kind, name) != APR_SUCCESS ||
        counter_look(&record, visit, key) != APR_SUCCESS) {
        return 0;
    }
    *counter_out = counter_read(&record, &step);
    return 1;
}

apr_status_t mq_throttle_check(int *seconds_out, const mq_visit_t *visit, mq_throttle_t kind,
                               const char *name)
{
    counter_t counter;
    *seconds_out =
        counter_find(&counter, visit, kind, name) ? counter_wait(&counter, visit->now) : 0;
    return *seconds_out ? MQ_EBUSY : APR_SUCCESS;
}

/* Since the last try. An unlocking of the future is none: it would let everybody try for ever. */
static int was_unlocked(apr_time_t unlocked, apr_time_t counted, apr_time_t now)
{
    return unlocked > counted && !mq_clock_was_wrong(now, unlocked);
}

apr_status_t mq_throttle_check_person(int *seconds_out, const mq_visit_t *visit,
                                      const mq_scope_t *sc, const mq_id_t *user, mq_throttle_t kind,
                                      const char *name)
{
    apr_status_t busy = mq_throttle_check(seconds_out, visit, kind, name);
    counter_t counter;
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
    if (counter_find(&counter, visit, kind, name) &&
        !was_unlocked(unlocked, counter.counted, visit->now)) {
        return busy;
    }
    mq_throttle_forget(visit, kind, name);
    *seconds_out = 0;
    return APR_SUCCESS;
}

apr_status_t mq_throttle_take(int *seconds_out, const mq_visit_t *visit, mq_throttle_t kind,
                              const char *name)
{
    step_t step = step_of(visit, kind);
    unsigned char key[MQ_SHA256_LENGTH];
    apr_status_t rv;
    *seconds_out = 0;
    if (!step.free) {
        return APR_SUCCESS;
    }
    MQ_TRY(key_of(key, visit, kind, name));
    rv = counter_change(visit, key, 1, take_one, &step);
    *seconds_out = step.seconds;
    return rv == APR_ENOSPC ? MQ_EFULL : rv;
}

void mq_throttle_end(const mq_visit_t *visit, mq_throttle_t kind, const char *name,
                     mq_try_end_t end)
{
    step_t step = step_of(visit, kind);
    unsigned char key[MQ_SHA256_LENGTH];
    step.end = end;
    if (step.free && key_of(key, visit, kind, name) == APR_SUCCESS) {
        (void)counter_change(visit, key, end == MQ_TRY_FAILED, end_one, &step);
    }
}

void mq_throttle_forget(const mq_visit_t *visit, mq_throttle_t kind, const char *name)
{
    unsigned char key[MQ_SHA256_LENGTH];
    if (step_of(visit, kind).free && key_of(key, visit, kind, name) == APR_SUCCESS) {
        if (visit->core->throttle_rows) {
            mq_throttle_row_remove(visit, key);
        } else {
            (void)mq_table_remove(visit->core->throttle, key);
        }
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
    if (is_new || record->length != sizeof counter ||
        !mq_term_runs(refusals->now, record->expires, apr_time_from_sec(REFUSAL_SECONDS))) {
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
    if (counts(visit->core) && key_of(key, visit, MQ_THROTTLE_REFUSED, "") == APR_SUCCESS) {
        if (counter_change(visit, key, 1, refusal_one, &refusals) != APR_SUCCESS) {
            return INT_MAX; /* no room to count: nothing is unlimited for that */
        }
    }
    return refusals.count;
}

apr_uint64_t mq_throttle_tag(const mq_visit_t *visit, mq_throttle_t kind, const char *name)
{
    unsigned char key[MQ_SHA256_LENGTH];
    apr_uint64_t tag = 0;
    if (key_of(key, visit, kind, name) == APR_SUCCESS) {
        memcpy(&tag, key, sizeof tag);
    }
    return tag;
}

const char *mq_throttle_account(const char *tenant_look, const char *email_key, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%" APR_SIZE_T_FMT " %s %s", strlen(tenant_look), tenant_look,
                        email_key);
}

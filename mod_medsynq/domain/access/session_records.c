/* session_records.c -- records live under the SHA-256 of the token: a copy of the memory opens
 * nothing. A full table makes room by what has expired, and else sends the newcomer away, never
 * somebody who is at work. */
#include "domain/access/session_records.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"

enum { CLEARED_AT_ONCE = 256 };

apr_time_t mq_session_record_expires(const mq_core_t *core, const mq_session_record_t *record)
{
    apr_time_t idle = record->seen + core->idle_limit;
    apr_time_t absolute = record->began + core->absolute_limit;
    return idle < absolute ? idle : absolute;
}

int mq_session_record_lives(const mq_core_t *core, const mq_session_record_t *record,
                            apr_time_t now)
{
    return mq_term_runs(now, mq_session_record_expires(core, record), core->idle_limit);
}

mq_session_owner_t mq_session_record_owner(const mq_session_record_t *record)
{
    return (mq_session_owner_t){record->tenant, record->user};
}

typedef struct clearing_t {
    const mq_visit_t *visit;
    unsigned char (*keys)[MQ_SESSION_KEY_LENGTH];
    int count;
} clearing_t;

static int clearing_wanted(void *context, const unsigned char *data, apr_uint32_t length)
{
    const clearing_t *clearing = context;
    mq_session_record_t record;
    if (length != sizeof record) {
        return 0;
    }
    memcpy(&record, data, sizeof record);
    return !mq_session_record_lives(clearing->visit->core, &record, clearing->visit->now);
}

static int clearing_one(const unsigned char *key, const void *data, apr_size_t length,
                        void *context)
{
    clearing_t *clearing = context;
    (void)data;
    (void)length;
    memcpy(clearing->keys[clearing->count++], key, MQ_SESSION_KEY_LENGTH);
    return clearing->count == CLEARED_AT_ONCE;
}

/* The living need the room of the expired. @return how many went */
static int expired_clear(const mq_visit_t *visit)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    const mq_session_owner_t nobody = {0, {{0}}}; /* where everybody's are, none is asked for */
    clearing_t clearing = {.visit = visit};
    clearing.keys = apr_palloc(visit->pool, sizeof *clearing.keys * CLEARED_AT_ONCE);
    if (cache->each(NULL, clearing_wanted, clearing_one, &clearing, visit->pool, cache->cache) !=
        APR_SUCCESS) {
        return 0;
    }
    for (int i = 0; i < clearing.count; i++) {
        (void)cache->drop(&nobody, clearing.keys[i], visit->pool, cache->cache);
    }
    return clearing.count;
}

apr_status_t mq_session_record_put(const mq_visit_t *visit,
                                   const unsigned char key[MQ_SESSION_KEY_LENGTH],
                                   const mq_session_record_t *record, apr_time_t until)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    const mq_session_owner_t owner = mq_session_record_owner(record);
    apr_status_t rv =
        cache->put(&owner, key, record, sizeof *record, until, visit->pool, cache->cache);
    if (rv == MQ_EFULL && expired_clear(visit) > 0) {
        rv = cache->put(&owner, key, record, sizeof *record, until, visit->pool, cache->cache);
    }
    return rv;
}

static int walk_wanted(void *context, const unsigned char *data, apr_uint32_t length)
{
    mq_session_walk_t *walk = context;
    mq_session_record_t record;
    if (length != sizeof record) {
        return 0;
    }
    memcpy(&record, data, sizeof record);
    if (!mq_session_record_lives(walk->visit->core, &record, walk->visit->now)) {
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
    mq_session_walk_t *walk = context;
    mq_session_found_t *found = apr_array_push(walk->found);
    (void)length;
    memcpy(&found->record, data, sizeof found->record);
    memcpy(found->key, key, MQ_SESSION_KEY_LENGTH);
    return 0;
}

/* This one first, then the one last seen. */
static int by_last_seen(const void *a, const void *b)
{
    const mq_session_found_t *x = a;
    const mq_session_found_t *y = b;
    return x->is_this != y->is_this
               ? y->is_this - x->is_this
               : (x->record.seen < y->record.seen) - (x->record.seen > y->record.seen);
}

apr_status_t mq_session_walk(mq_session_walk_t *walk, const mq_visit_t *visit,
                             const unsigned char *key)
{
    const mq_session_cache_t *cache = visit->core->sessions;
    const mq_session_owner_t owner = {walk->tenant, walk->user};
    walk->visit = visit;
    walk->found = apr_array_make(visit->pool, 16, sizeof(mq_session_found_t));
    MQ_TRY(cache->each(&owner, walk_wanted, walk_one, walk, visit->pool, cache->cache));
    for (int i = 0; i < walk->found->nelts; i++) {
        mq_session_found_t *found = &APR_ARRAY_IDX(walk->found, i, mq_session_found_t);
        found->is_this = key && memcmp(found->key, key, MQ_SESSION_KEY_LENGTH) == 0;
    }
    qsort(walk->found->elts, (size_t)walk->found->nelts, sizeof(mq_session_found_t), by_last_seen);
    return APR_SUCCESS;
}

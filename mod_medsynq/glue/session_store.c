/* session_store.c -- ap_socache behind the functions of domain/core.h, or the database. */
#include "glue/session_store.h"

#include <apr_global_mutex.h>
#include <apr_strings.h>
#include <string.h>

#include <ap_socache.h>
#include <http_log.h>
#include <util_mutex.h>

#include "base/cause.h"
#include "domain/access/session_rows.h"
#include "glue/module.h"
#include "glue/session_cache.h"

APLOG_USE_MODULE(medsynq);

enum { KEY_LENGTH = 32 };

typedef struct cache_t {
    const ap_socache_provider_t *provider;
    ap_socache_instance_t *instance;
    server_rec *server;
    apr_global_mutex_t *mutex; /* NULL: the provider locks for itself */
} cache_t;

static void cache_lock(const cache_t *cache)
{
    if (cache->mutex) {
        (void)apr_global_mutex_lock(cache->mutex);
    }
}

static void cache_unlock(const cache_t *cache)
{
    if (cache->mutex) {
        (void)apr_global_mutex_unlock(cache->mutex);
    }
}

static apr_status_t session_put(const mq_session_owner_t *owner, const unsigned char *key,
                                const void *data, apr_size_t length, apr_time_t expires,
                                apr_pool_t *pool, void *context)
{
    static const mq_cause_t full = {"MSQ0051", "the session table is full"};
    const cache_t *cache = context;
    apr_status_t rv;
    (void)owner;
    cache_lock(cache);
    rv = cache->provider->store(cache->instance, cache->server, key, KEY_LENGTH, expires,
                                (unsigned char *)(uintptr_t)data, (unsigned int)length, pool);
    cache_unlock(cache);
    mq_cause_keep(APR_STATUS_IS_ENOSPC(rv) ? &full : NULL, pool);
    return APR_STATUS_IS_ENOSPC(rv) ? MQ_EFULL : rv;
}

typedef struct renewal_t {
    const void *data;
    apr_size_t length;
    apr_time_t expires;
} renewal_t;

static apr_status_t renew_one(void *context, mq_table_record_t *record, int is_new)
{
    const renewal_t *renewal = context;
    (void)is_new;
    memcpy(record->data, renewal->data, renewal->length);
    record->length = (apr_uint32_t)renewal->length;
    record->expires = renewal->expires;
    return APR_SUCCESS;
}

/* Our own table does it in one step. Elsewhere a log-out between the request's look-up and this can
 * be undone: ap_socache has no such operation. */
static apr_status_t session_renew(const mq_session_owner_t *owner, const unsigned char *key,
                                  const void *data, apr_size_t length, apr_time_t expires,
                                  apr_pool_t *pool, void *context)
{
    const cache_t *cache = context;
    renewal_t renewal = {data, length, expires};
    mq_table_t *table = mq_session_cache_table(cache->provider, cache->instance);
    if (!table) {
        return session_put(owner, key, data, length, expires, pool, context);
    }
    return mq_table_change(table, apr_time_now(), key, 0, renew_one, &renewal) == APR_SUCCESS
               ? APR_SUCCESS
               : MQ_ENOTFOUND;
}

static apr_status_t session_get(const unsigned char *key, void *data, apr_size_t *length,
                                apr_pool_t *pool, void *context)
{
    const cache_t *cache = context;
    unsigned int size = (unsigned int)*length;
    apr_status_t rv;
    cache_lock(cache);
    rv = cache->provider->retrieve(cache->instance, cache->server, key, KEY_LENGTH, data, &size,
                                   pool);
    cache_unlock(cache);
    *length = size;
    return rv == APR_SUCCESS ? APR_SUCCESS : MQ_ENOTFOUND;
}

static apr_status_t session_drop(const mq_session_owner_t *owner, const unsigned char *key,
                                 apr_pool_t *pool, void *context)
{
    const cache_t *cache = context;
    (void)owner;
    cache_lock(cache);
    (void)cache->provider->remove(cache->instance, cache->server, key, KEY_LENGTH, pool);
    cache_unlock(cache);
    return APR_SUCCESS;
}

typedef struct walk_t {
    int (*wanted)(void *context, const unsigned char *data, apr_uint32_t length);
    int (*seen)(const unsigned char *key, const void *data, apr_size_t length, void *context);
    void *context;
} walk_t;

static apr_status_t walk_one(ap_socache_instance_t *instance, server_rec *s, void *context,
                             const unsigned char *id, unsigned int id_length,
                             const unsigned char *data, unsigned int length, apr_pool_t *pool)
{
    const walk_t *walk = context;
    (void)instance;
    (void)s;
    (void)pool;
    if (id_length == KEY_LENGTH && walk->wanted(walk->context, data, length) &&
        walk->seen(id, data, length, walk->context)) {
        return APR_EOF;
    }
    return APR_SUCCESS;
}

static int walk_wants(void *context, const unsigned char *data, apr_uint32_t length)
{
    const walk_t *walk = context;
    return walk->wanted(walk->context, data, length);
}

static apr_status_t walk_seen(void *context, const mq_table_record_t *record)
{
    const walk_t *walk = context;
    return walk->seen(record->key, record->data, record->length, walk->context) ? APR_EOF
                                                                                : APR_SUCCESS;
}

/* Our own table is asked in place: a copy of each record for each log-in would be most of its
 * work. */
static apr_status_t table_each(mq_table_t *table, walk_t *walk)
{
    return mq_table_each(table, apr_time_now(), walk_wants, walk_seen, walk);
}

static apr_status_t sessions_each(const mq_session_owner_t *owner,
                                  int (*wanted)(void *context, const unsigned char *data,
                                                apr_uint32_t length),
                                  int (*seen)(const unsigned char *key, const void *data,
                                              apr_size_t length, void *context),
                                  void *context, apr_pool_t *pool, void *cache_data)
{
    const cache_t *cache = cache_data;
    walk_t walk = {wanted, seen, context};
    mq_table_t *table = mq_session_cache_table(cache->provider, cache->instance);
    apr_status_t rv;
    (void)owner;
    if (table) {
        rv = table_each(table, &walk);
    } else {
        cache_lock(cache);
        rv = cache->provider->iterate(cache->instance, cache->server, &walk, walk_one, pool);
        cache_unlock(cache);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static const char *provider_open(mq_session_cache_t *cache_out, server_rec *s,
                                 server_rec *main_server, const mq_config_t *config,
                                 apr_pool_t *pconf, apr_pool_t *ptemp)
{
    static const struct ap_socache_hints hints = {KEY_LENGTH, MQ_SESSION_RECORD_LIMIT, 0};
    cache_t *cache = apr_pcalloc(pconf, sizeof *cache);
    const mq_table_t *table;
    const char *fault;
    apr_status_t rv;

    cache->server = main_server;
    cache->provider = ap_lookup_provider(AP_SOCACHE_PROVIDER_GROUP, config->session_provider,
                                         AP_SOCACHE_PROVIDER_VERSION);
    if (!cache->provider) {
        return "MedSynQSessionCache: its provider is not loaded";
    }
    fault = cache->provider->create(&cache->instance, config->session_arguments, ptemp, pconf);
    if (fault) {
        return apr_psprintf(ptemp, "MedSynQSessionCache: %s", fault);
    }
    if (cache->provider->flags & AP_SOCACHE_FLAG_NOTMPSAFE) {
        rv = ap_global_mutex_create(&cache->mutex, NULL, MQ_SESSION_MUTEX, NULL, s, pconf, 0);
        if (rv != APR_SUCCESS) {
            return "MedSynQSessionCache: its lock cannot be made";
        }
    }
    rv = cache->provider->init(cache->instance,
                               apr_pstrcat(pconf, "medsynq ", config->database, NULL), &hints,
                               main_server, pconf);
    if (rv != APR_SUCCESS) {
        char reason[256];
        return apr_psprintf(ptemp, "MedSynQSessionCache: %s cannot be opened: %s",
                            config->session_provider, apr_strerror(rv, reason, sizeof reason));
    }
    table = mq_session_cache_table(cache->provider, cache->instance);
    *cache_out = (mq_session_cache_t){.capacity = table ? mq_table_shape(table).capacity : 0,
                                      .put = session_put,
                                      .get = session_get,
                                      .renew = session_renew,
                                      .drop = session_drop,
                                      .each = sessions_each,
                                      .cache = cache};
    return NULL;
}

const char *mq_session_store_open(mq_session_cache_t *cache_out, const mq_store_t *store,
                                  server_rec *s, server_rec *main_server, const mq_config_t *config,
                                  apr_pool_t *pconf, apr_pool_t *ptemp)
{
    if (mq_config_is_shared(config)) {
        *cache_out = mq_session_rows(store);
        return NULL;
    }
    return provider_open(cache_out, s, main_server, config, pconf, ptemp);
}

/* @return NULL: no provider keeps them */
static cache_t *cache_of(const mq_session_cache_t *sessions)
{
    return sessions->put == session_put ? sessions->cache : NULL;
}

void mq_session_store_child(const mq_session_cache_t *sessions, apr_pool_t *pchild)
{
    cache_t *cache = cache_of(sessions);
    if (cache && cache->mutex) {
        (void)apr_global_mutex_child_init(&cache->mutex, apr_global_mutex_lockfile(cache->mutex),
                                          pchild);
    }
}

void mq_session_store_status(const mq_session_cache_t *sessions, request_rec *r, int flags)
{
    const cache_t *cache = cache_of(sessions);
    if (!cache) {
        return;
    }
    cache_lock(cache);
    cache->provider->status(cache->instance, r, flags);
    cache_unlock(cache);
}

mq_table_t *mq_session_store_table(const mq_session_cache_t *sessions)
{
    const cache_t *cache = cache_of(sessions);
    return cache ? mq_session_cache_table(cache->provider, cache->instance) : NULL;
}

/* session_cache.c -- the session table as an ap_socache provider named "medsynq".
 * Only the manners of the provider interface are here: arguments, bounds, the log, the status
 * page. The table is base/shared_table.c, its memory glue/shared_memory.c. */
#include "glue/session_cache.h"

#include <string.h>

#include <apr_strings.h>

#include <ap_provider.h>
#include <http_log.h>
#include <http_protocol.h>
#include <mod_status.h>

#include "glue/module.h"
#include "glue/shared_memory.h"

APLOG_USE_MODULE(medsynq);

/* One consumer's view of its table; made anew at each reload, the table is not. */
struct ap_socache_instance_t {
    apr_uint32_t records;
    mq_table_t *table; /* NULL before init */
};

static const char *cache_create(ap_socache_instance_t **instance_out, const char *argument,
                                apr_pool_t *temporary, apr_pool_t *p)
{
    apr_int64_t records = MQ_SESSION_CACHE_RECORDS;

    if (argument != NULL && *argument != '\0') {
        records = strspn(argument, "0123456789") == strlen(argument) ? apr_atoi64(argument) : 0;
    }
    if (records < MQ_SESSION_CACHE_RECORDS_MIN || records > MQ_TABLE_CAPACITY_MAX) {
        return apr_psprintf(temporary,
                            "'%s' is not a number of sessions; write one from %d to %d, as "
                            "in " MQ_SESSION_CACHE_NAME ":%d",
                            argument, MQ_SESSION_CACHE_RECORDS_MIN, MQ_TABLE_CAPACITY_MAX,
                            MQ_SESSION_CACHE_RECORDS);
    }
    *instance_out = apr_pcalloc(p, sizeof **instance_out);
    (*instance_out)->records = (apr_uint32_t)records;
    return NULL;
}

static apr_status_t cache_init(ap_socache_instance_t *instance, const char *consumer,
                               const struct ap_socache_hints *hints, server_rec *s, apr_pool_t *p)
{
    const mq_table_shape_t shape = {instance->records, MQ_SESSION_CACHE_DATA_SIZE,
                                    MQ_TABLE_EXPIRED_ONLY};

    (void)hints;
    (void)p;
    return mq_shared_table_open(&instance->table, s, consumer, &shape);
}

/* The table stays: the next generation finds it by the consumer's name. */
static void cache_destroy(ap_socache_instance_t *instance, server_rec *s)
{
    (void)s;
    instance->table = NULL;
}

/* After each use: what the table mended is told once, by whoever comes first. */
static void log_news(const ap_socache_instance_t *instance, server_rec *s)
{
    apr_uint32_t recoveries, faults;

    if (!mq_table_news(instance->table, &recoveries, &faults)) {
        return;
    }
    ap_log_error(APLOG_MARK, faults ? APLOG_ERR : APLOG_WARNING, 0, s,
                 "MSQ0045: the session table was put in order: %u times since the start a process "
                 "died while it changed the table, %u times a chain was broken",
                 recoveries, faults);
}

static apr_status_t cache_store(ap_socache_instance_t *instance, server_rec *s,
                                const unsigned char *id, unsigned int id_length, apr_time_t expires,
                                unsigned char *data, unsigned int length, apr_pool_t *pool)
{
    apr_status_t rv;

    (void)pool;
    if (id_length != MQ_TABLE_KEY_SIZE || instance->table == NULL) {
        return APR_EINVAL;
    }
    rv = mq_table_store(instance->table, apr_time_now(), id, expires, data, length);
    log_news(instance, s);
    return rv;
}

static apr_status_t cache_retrieve(ap_socache_instance_t *instance, server_rec *s,
                                   const unsigned char *id, unsigned int id_length,
                                   unsigned char *data, unsigned int *length_io, apr_pool_t *pool)
{
    mq_table_record_t record;
    apr_status_t rv;

    (void)pool;
    if (id_length != MQ_TABLE_KEY_SIZE || instance->table == NULL) {
        return APR_EINVAL;
    }
    rv = mq_table_find(&record, instance->table, apr_time_now(), id);
    log_news(instance, s);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (record.length > *length_io) {
        return APR_ENOSPC;
    }
    memcpy(data, record.data, record.length);
    *length_io = record.length;
    return APR_SUCCESS;
}

static apr_status_t cache_remove(ap_socache_instance_t *instance, server_rec *s,
                                 const unsigned char *id, unsigned int id_length, apr_pool_t *pool)
{
    apr_status_t rv;

    (void)pool;
    if (id_length != MQ_TABLE_KEY_SIZE || instance->table == NULL) {
        return APR_EINVAL;
    }
    rv = mq_table_remove(instance->table, id);
    log_news(instance, s);
    return rv;
}

static void cache_status(ap_socache_instance_t *instance, request_rec *r, int flags)
{
    mq_table_counts_t counts;
    double fill;

    if (instance->table == NULL ||
        mq_table_counts(&counts, instance->table, r->request_time) != APR_SUCCESS) {
        return;
    }
    fill = 100.0 * counts.living / counts.capacity;
    if (flags & AP_STATUS_SHORT) {
        ap_rprintf(r,
                   "MedSynQSessionsCapacity: %u\nMedSynQSessionsLiving: %u\n"
                   "MedSynQSessionsExpired: %u\nMedSynQSessionsFill: %.1f\n"
                   "MedSynQSessionsFound: %" APR_UINT64_T_FMT "\n"
                   "MedSynQSessionsMissed: %" APR_UINT64_T_FMT "\n"
                   "MedSynQSessionsStored: %" APR_UINT64_T_FMT "\n"
                   "MedSynQSessionsRefused: %" APR_UINT64_T_FMT "\n"
                   "MedSynQSessionsRecoveries: %u\nMedSynQSessionsFaults: %u\n",
                   counts.capacity, counts.living, counts.expired, fill, counts.found,
                   counts.missed, counts.stored, counts.refused, counts.recoveries, counts.faults);
        return;
    }
    ap_rprintf(r,
               "<p>Sessions: <b>%u</b> living of <b>%u</b> (%.1f&nbsp;%%), %u expired and not yet "
               "swept; looked up %" APR_UINT64_T_FMT " found, %" APR_UINT64_T_FMT " not; stored "
               "%" APR_UINT64_T_FMT ", refused for lack of room <b>%" APR_UINT64_T_FMT "</b>; "
               "put in order after a crash %u, broken chains %u</p>\n",
               counts.living, counts.capacity, fill, counts.expired, counts.found, counts.missed,
               counts.stored, counts.refused, counts.recoveries, counts.faults);
}

typedef struct iteration_t {
    ap_socache_instance_t *instance;
    server_rec *server;
    ap_socache_iterator_t *iterator;
    void *context;
    apr_pool_t *pool;
} iteration_t;

static apr_status_t iterate_one(void *context, const mq_table_record_t *record)
{
    const iteration_t *to = context;
    unsigned char id[MQ_TABLE_KEY_SIZE + 1]; /* the interface promises a zero byte behind it */

    memcpy(id, record->key, MQ_TABLE_KEY_SIZE);
    id[MQ_TABLE_KEY_SIZE] = 0;
    return to->iterator(to->instance, to->server, to->context, id, MQ_TABLE_KEY_SIZE, record->data,
                        record->length, to->pool);
}

static apr_status_t cache_iterate(ap_socache_instance_t *instance, server_rec *s, void *context,
                                  ap_socache_iterator_t *iterator, apr_pool_t *pool)
{
    iteration_t to = {instance, s, iterator, context, pool};

    if (instance->table == NULL) {
        return APR_EINVAL;
    }
    return mq_table_each(instance->table, apr_time_now(), NULL, iterate_one, &to);
}

static const ap_socache_provider_t session_cache = {
    MQ_SESSION_CACHE_NAME, 0,
    cache_create,          cache_init,
    cache_destroy,         cache_store,
    cache_retrieve,        cache_remove,
    cache_status,          cache_iterate,
};

void mq_session_cache_register(apr_pool_t *p)
{
    ap_register_provider(p, AP_SOCACHE_PROVIDER_GROUP, MQ_SESSION_CACHE_NAME,
                         AP_SOCACHE_PROVIDER_VERSION, &session_cache);
}

mq_table_t *mq_session_cache_table(const ap_socache_provider_t *provider,
                                   ap_socache_instance_t *instance)
{
    return provider == &session_cache ? instance->table : NULL;
}

/* session_cache.h -- the session table as an ap_socache provider named "medsynq".
 * Unlike shmcb it never pushes out a living session, and it outlives graceful and restart.
 * The table itself is base/shared_table.h; its memory is kept by shared_memory.h. */
#ifndef MQ_GLUE_SESSION_CACHE_H
#define MQ_GLUE_SESSION_CACHE_H

#include <httpd.h>

#include <ap_socache.h>

#include "base/shared_table.h"

/** The provider's name in `MedSynQSessionCache medsynq:records`. */
#define MQ_SESSION_CACHE_NAME "medsynq"

/** Records when the argument does not say: 50,000 people signed in, with room to spare. */
#define MQ_SESSION_CACHE_RECORDS 65536

/** Fewest records that can be asked for. */
#define MQ_SESSION_CACHE_RECORDS_MIN 16

/** Most bytes of data of one session. */
#define MQ_SESSION_CACHE_DATA_SIZE 512

/**
 * Register the provider; call it in the module's register_hooks.
 *
 * The provider, beyond what ap_socache.h says:
 * - ids are exactly 32 bytes (a raw SHA-256), data at most MQ_SESSION_CACHE_DATA_SIZE bytes;
 *   anything else is APR_EINVAL.
 * - store returns APR_ENOSPC when the table is full of living sessions: nobody is signed out.
 * - retrieve returns APR_NOTFOUND for a missing or expired session, APR_ENOSPC when the caller's
 *   buffer is too small.
 * - no lock of the caller's is needed (AP_SOCACHE_FLAG_NOTMPSAFE is not set).
 * - init is called in post_config; the same cname gives the same sessions after each reload.
 * - iterate calls back outside the lock: the callback may remove.
 */
void mq_session_cache_register(apr_pool_t *p);

/**
 * The table behind an instance, for what the provider interface lacks: mq_table_change (extend a
 * session without reviving one that was just removed) and mq_table_counts.
 * @param provider  the provider that the instance belongs to
 * @return NULL when it is another provider's instance, or init was not called
 */
mq_table_t *mq_session_cache_table(const ap_socache_provider_t *provider,
                                   ap_socache_instance_t *instance);

#endif

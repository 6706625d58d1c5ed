/* session_store.h -- the session cache that domain/ uses, over any ap_socache provider. */
#ifndef MQ_GLUE_SESSION_STORE_H
#define MQ_GLUE_SESSION_STORE_H

#include "glue/config.h"

/** The name under which providers that need a lock get one: Mutex medsynq-session. */
#define MQ_SESSION_MUTEX "medsynq-session"

/**
 * Open the configured provider's instance.
 * @param store where the database's connections will come from
 * @return NULL all well, else a sentence for the log
 */
const char *mq_session_store_open(mq_session_cache_t *cache_out, const mq_store_t *store,
                                  server_rec *s, server_rec *main_server, const mq_config_t *config,
                                  apr_pool_t *pconf, apr_pool_t *ptemp);

/** In a child: take up the lock again. */
void mq_session_store_child(const mq_session_cache_t *cache, apr_pool_t *pchild);

/** @return our own table, or NULL: another provider keeps the sessions */
struct mq_table_t *mq_session_store_table(const mq_session_cache_t *cache);

/** Show the fill on mod_status's page. */
void mq_session_store_status(const mq_session_cache_t *cache, request_rec *r, int flags);

#endif

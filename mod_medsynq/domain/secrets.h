/* secrets.h -- the secret file of a server: what seals links, tokens and second factors. The server
 * makes it at its first start, medsynqctl only reads it. */
#ifndef MQ_DOMAIN_SECRETS_H
#define MQ_DOMAIN_SECRETS_H

#include "domain/core.h"

/**
 * Derive a core's keys from the secret file. Others must not be able to read it.
 * @param core csrf_key, throttle_key and data_key are set
 * @param make whether a missing file is made
 * @return NULL all well, else a sentence that names cause and remedy, from pool
 */
const char *mq_secret_take(mq_core_t *core, const char *path, int make, apr_pool_t *pool);

#endif

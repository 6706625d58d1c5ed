/* secrets.h -- the secret file of a server: what seals links, tokens and second factors. The server
 * makes it at its first start; medsynqctl reads it, and puts a new secret in front of the old ones.
 */
#ifndef MQ_DOMAIN_SECRETS_H
#define MQ_DOMAIN_SECRETS_H

#include "base/crypto.h"
#include "domain/core.h"

/**
 * Derive a core's keys from the secret file. Others must not be able to read it.
 * @param core the keys, the old ones and the fingerprints are set
 * @param make whether a missing file is made
 * @return NULL all well, else a sentence that names cause and remedy, from pool
 */
const char *mq_secret_take(mq_core_t *core, const char *path, int make, apr_pool_t *pool);

/** Look at the secret file. @return why mq_secret_take could not take what is there, with the
 * remedy, from pool; or NULL: it is sound, or not there */
const char *mq_secret_fault(const char *path, apr_pool_t *pool);

/** Told of a secret before it is in the file. @return why it must not come, or NULL */
typedef const char *(*mq_secret_coming_t)(void *context,
                                          const unsigned char fingerprint[MQ_KEY_LENGTH]);

/**
 * Put a new secret in front of those of the file, which appears whole or not at all, with the owner
 * and mode that it had. A running server takes it at its next reload.
 * @param count_out how many secrets the file has now
 * @param coming    is told of it first, so that the database knows it before anything is sealed
 * @return NULL all well, else a sentence that names cause and remedy, from pool
 */
const char *mq_secret_rotate(int *count_out, const char *path, mq_secret_coming_t coming,
                             void *context, apr_pool_t *pool);

/**
 * Leave only the newest secret in the file, which is replaced as by mq_secret_rotate.
 * @param count_out how many secrets are gone
 * @return NULL all well, else a sentence that names cause and remedy, from pool
 */
const char *mq_secret_retire(int *count_out, const char *path, apr_pool_t *pool);

/**
 * Open what was sealed with a core's data_key, or with one that it had before.
 * @param data_out from pool, followed by a NUL that is not counted
 * @return MQ_ECORRUPT as mq_open
 */
apr_status_t mq_secret_open(const unsigned char **data_out, apr_size_t *length_out,
                            const mq_core_t *core, mq_bytes_t bound, mq_bytes_t sealed,
                            apr_pool_t *pool);

#endif

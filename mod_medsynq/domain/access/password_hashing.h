/* password_hashing.h -- hashing and checking passwords without starving the server: so many at once
 * in all processes (core.h's workers), the others wait a moment and are then told to come again. */
#ifndef MQ_DOMAIN_PASSWORD_HASHING_H
#define MQ_DOMAIN_PASSWORD_HASHING_H

#include "domain/core.h"

/** Hash a new password at the configured cost.
 * @param stored_out from pool; see base/crypto.h
 * @return MQ_EFULL too many at once */
apr_status_t mq_passwords_hash(const char **stored_out, const mq_core_t *core, const char *password,
                               apr_pool_t *pool);

/** Check a password. @return MQ_EDENIED another one; MQ_EFULL too many at once */
apr_status_t mq_passwords_verify(const mq_core_t *core, const char *password, const char *stored);

#endif

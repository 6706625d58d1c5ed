/* cookie.h -- reading a Cookie header and writing Set-Cookie (RFC 6265bis). */
#ifndef MQ_BASE_COOKIE_H
#define MQ_BASE_COOKIE_H

#include <apr_pools.h>

#include "base/status.h"

enum { MQ_COOKIE_SESSION = -1 /* until the browser closes */, MQ_COOKIE_DELETE = 0 };

/**
 * Find a cookie. Two of the name count as none: a neighbouring host may have planted the second.
 * @param header the Cookie header, or NULL
 * @param name   compared byte for byte
 * @return the value as sent, from pool; NULL without exactly one
 */
const char *mq_cookie_get(const char *header, const char *name, apr_pool_t *pool);

/**
 * Find every cookie of a name, whoever has set it: for what is to end.
 * @return the values as sent, '~' between them, from pool; NULL without one
 */
const char *mq_cookie_get_all(const char *header, const char *name, apr_pool_t *pool);

/**
 * Write a Set-Cookie header with Path=/, HttpOnly, SameSite=Lax.
 * @param header_out from pool
 * @param max_age    in seconds, or MQ_COOKIE_SESSION, or MQ_COOKIE_DELETE
 * @param secure     whether to say Secure; must be set for names that begin with __Host-
 * @return MQ_EBUG a name or value that would not survive, or __Host- without secure
 */
apr_status_t mq_cookie_build(const char **header_out, const char *name, const char *value,
                             int max_age, int secure, apr_pool_t *pool);

#endif

/* discretion.h -- what of a request may be written down, by logs and by httpd's status page: search
 * words name patients, and a one-time link lets in who reads it. */
#ifndef MQ_WEB_DISCRETION_H
#define MQ_WEB_DISCRETION_H

#include <apr_pools.h>

/** The head of an address's path after which a secret stands, in any spelling that httpd decodes.
 * A unit test holds this list against the routes that have a {token}. */
extern const char *const mq_discretion_secrets[];

/**
 * Leave out an address's query and fragment, and write "-" for the secret of a one-time link.
 * @param address a path, or an address with scheme and host; well-formed or not
 * @return address itself where there is nothing to leave out, else from pool
 */
const char *mq_discreet_address(const char *address, apr_pool_t *pool);

/** The same with the address in a request line, "GET /patients?q=a HTTP/1.1". */
const char *mq_discreet_line(const char *line, apr_pool_t *pool);

#endif

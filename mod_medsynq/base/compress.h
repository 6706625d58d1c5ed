/* compress.h -- what a browser unpacks: gzip (RFC 1952) and Brotli (RFC 7932), as small as can be.
 */
#ifndef MQ_BASE_COMPRESS_H
#define MQ_BASE_COMPRESS_H

#include <apr_pools.h>

#include "base/status.h"

/**
 * Pack data for many readers, at the price of milliseconds. The same data gives the same bytes.
 * @param packed_out  from the pool
 * @param length_out  in bytes
 * @return APR_EGENERAL the library does not want to
 */
apr_status_t mq_gzip(const char **packed_out, apr_size_t *length_out, const char *data,
                     apr_size_t length, apr_pool_t *pool);
apr_status_t mq_brotli(const char **packed_out, apr_size_t *length_out, const char *data,
                       apr_size_t length, apr_pool_t *pool);

#endif

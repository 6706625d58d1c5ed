/* pgsql_hosts.h -- connecting to whichever of several servers may be written: a primary and its
 * standbys change places, and nobody tells us. */
#ifndef MQ_STORE_PGSQL_HOSTS_H
#define MQ_STORE_PGSQL_HOSTS_H

#include <apr_pools.h>
#include <libpq-fe.h>

#include "base/status.h"

enum { MQ_PGSQL_CONNECT_SECONDS = 2, MQ_PGSQL_HOSTS_MOST = 8 };

/**
 * Connect, without any state of ours. Where the parameters name several hosts all are asked at
 * once, so that one that is silent keeps nobody waiting; the first that may be what they want is
 * taken, and the others are let go.
 * @param error_out why not, in words that follow a colon, from pool
 */
apr_status_t mq_pgsql_connect(PGconn **connection_out, const char *parameters,
                              const char **error_out, apr_pool_t *pool);

/** @return why several hosts of the parameters cannot be right, or NULL */
const char *mq_pgsql_hosts_fault(const PQconninfoOption *all);

#endif

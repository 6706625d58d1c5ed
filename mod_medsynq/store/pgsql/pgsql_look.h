/* pgsql_look.h -- what can be seen of the way to a PostgreSQL server without going it. */
#ifndef MQ_STORE_PGSQL_LOOK_H
#define MQ_STORE_PGSQL_LOOK_H

#include <apr_pools.h>

/** mq_engine_t.look of PostgreSQL: the files that libpq reads, as whoever runs this. A server that
 * is away is no fault of the configuration. */
const char *mq_pgsql_look(const char *parameters, apr_pool_t *pool);

#endif

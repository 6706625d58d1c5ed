/* sqlite_look.h -- looking at a database's files without touching them. */
#ifndef MQ_STORE_SQLITE_LOOK_H
#define MQ_STORE_SQLITE_LOOK_H

#include <apr_pools.h>

/** mq_engine_t.look of SQLite. */
const char *mq_sqlite_look(const char *parameters, apr_pool_t *pool);

#endif

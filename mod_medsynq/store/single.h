/* single.h -- a store of one connection, for a program or a child of one thread: medsynqctl, and
 * what the server does once at its start. */
#ifndef MQ_STORE_SINGLE_H
#define MQ_STORE_SINGLE_H

#include "store/db.h"

/** One connection behind both walls, lent to whoever asks. */
typedef struct mq_single_t {
    mq_store_t store;
    mq_db_t *db;
} mq_single_t;

/**
 * Open it. Closed by the pool, after the cleanups of whatever borrows from it later.
 * @param parameters of an existing database of this program's schema, as for mq_db_open
 * @param error_out  on failure one sentence, from pool
 * @return as mq_db_open
 */
apr_status_t mq_single_open(mq_single_t **single_out, const char *driver, const char *parameters,
                            const char **error_out, apr_pool_t *pool);

/** Close it before the pool does. Everything that has borrowed must be gone. */
void mq_single_close(mq_single_t *single, apr_pool_t *pool);

#endif

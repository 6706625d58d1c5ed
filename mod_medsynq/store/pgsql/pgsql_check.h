/* pgsql_check.h -- whether a whole database is sound, and how large it is; see store/owner.h. */
#ifndef MQ_STORE_PGSQL_CHECK_H
#define MQ_STORE_PGSQL_CHECK_H

#include "store/engine.h"

/** mq_engine_t.check of PostgreSQL: the server's own findings on pages and indexes; each foreign
 * key is proved, row by row, since a superuser can switch keys off. */
apr_status_t mq_pgsql_check(const char **fault_out, mq_db_t *base, mq_check_t what,
                            apr_pool_t *pool);

/** mq_engine_t.size of PostgreSQL. */
apr_status_t mq_pgsql_size(apr_int64_t *bytes_out, mq_db_t *base, apr_pool_t *pool);

#endif

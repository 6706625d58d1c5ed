/* pgsql_erase.h -- taking an organisation out of a database; see store/tenant_rows.h. */
#ifndef MQ_STORE_PGSQL_ERASE_H
#define MQ_STORE_PGSQL_ERASE_H

#include "store/engine.h"

/** mq_engine_t.erase_rows of PostgreSQL: all rows in one transaction, or none. */
apr_status_t mq_pgsql_erase_rows(apr_int64_t *rows_out, const char *parameters, apr_int64_t tenant,
                                 mq_progress_t progress, void *context, const char **error_out,
                                 apr_pool_t *pool);

/** mq_engine_t.erase_sweep of PostgreSQL: nothing is due. Space is the server's to use again, and
 * what it wrote of it before is in its log's archive. */
apr_status_t mq_pgsql_erase_sweep(int *was_due_out, const char *parameters, const char **error_out,
                                  apr_pool_t *pool);

#endif

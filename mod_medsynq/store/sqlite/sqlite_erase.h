/* sqlite_erase.h -- SQLite's part of store/tenant_rows.h. */
#ifndef MQ_STORE_SQLITE_ERASE_H
#define MQ_STORE_SQLITE_ERASE_H

#include "store/tenant_rows.h"

/** mq_engine_t.erase_rows */
apr_status_t mq_sqlite_erase_rows(apr_int64_t *rows_out, const char *database, apr_int64_t tenant,
                                  mq_progress_t progress, void *context, const char **error_out,
                                  apr_pool_t *pool);

/** mq_engine_t.erase_sweep */
apr_status_t mq_sqlite_erase_sweep(int *was_due_out, const char *database, const char **error_out,
                                   apr_pool_t *pool);

#endif

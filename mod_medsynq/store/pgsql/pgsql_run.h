/* pgsql_run.h -- statements, each with what must precede it in the same trip: the transaction, the
 * organisation, its lock. */
#ifndef MQ_STORE_PGSQL_RUN_H
#define MQ_STORE_PGSQL_RUN_H

#include "store/pgsql/pgsql_connection.h"

/** mq_engine_t.start and those that read rows. */
apr_status_t mq_pgsql_start(mq_rows_t *rows, apr_int64_t tenant, const mq_guest_key_t *guest,
                            const mq_param_t *params);
apr_status_t mq_pgsql_step(mq_rows_t *rows);
int mq_pgsql_changed(const mq_rows_t *rows);
void mq_pgsql_finish(mq_rows_t *rows);
void mq_pgsql_abandon(mq_db_t *base);

/** mq_engine_t.soon. */
apr_status_t mq_pgsql_soon(mq_db_t *base, int row, const mq_param_t *params,
                           apr_int64_t *value_out);

/** Read what is to be read soon, as nothing else will be: the transaction ends. */
apr_status_t mq_pgsql_soon_end(mq_pgsql_t *db);

const char *mq_pgsql_text(const mq_rows_t *rows, int column);
apr_int64_t mq_pgsql_integer(const mq_rows_t *rows, int column);
const void *mq_pgsql_bytes(const mq_rows_t *rows, int column, apr_size_t *length_out);
char mq_pgsql_kind(const mq_rows_t *rows, int column);

#endif

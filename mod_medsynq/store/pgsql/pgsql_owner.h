/* pgsql_owner.h -- a whole database, for whoever administers it; see store/owner.h. */
#ifndef MQ_STORE_PGSQL_OWNER_H
#define MQ_STORE_PGSQL_OWNER_H

#include "store/pgsql/pgsql_connection.h"

/** Have the next rows of an owner's statement: a trail may be larger than memory. */
apr_status_t mq_pgsql_owner_fetch(mq_pgsql_t *db, mq_cursor_t *cursor);

/** End it in the server, too. */
void mq_pgsql_owner_finish(mq_pgsql_t *db, mq_cursor_t *cursor);

/** mq_engine_t.version and has_table of PostgreSQL. */
apr_status_t mq_pgsql_owner_version(int *version_out, mq_db_t *base, const char **error_out,
                                    apr_pool_t *pool);
int mq_pgsql_owner_has(mq_db_t *base, const char *table);

#endif

/* pgsql_commit.h -- how a transaction ends, also where nobody has said how. */
#ifndef MQ_STORE_PGSQL_COMMIT_H
#define MQ_STORE_PGSQL_COMMIT_H

#include "store/pgsql/pgsql_connection.h"

/** mq_engine_t.commit of PostgreSQL.
 * @return MQ_EAGAIN nothing is stored; APR_INCOMPLETE nobody knows */
apr_status_t mq_pgsql_commit(mq_db_t *base);

#endif

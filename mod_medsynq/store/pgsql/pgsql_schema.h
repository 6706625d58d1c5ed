/* pgsql_schema.h -- the schema's version, migrations with the wall, and its proof. The SQL is made
 * by sqlgen: pgsql_gen.c. */
#ifndef MQ_STORE_PGSQL_SCHEMA_H
#define MQ_STORE_PGSQL_SCHEMA_H

#include <libpq-fe.h>

#include "store/engine.h"

/** Puts up the second wall; proves it; makes the roles. */
extern const char mq_pgsql_wall[];
extern const char mq_pgsql_proof[];
extern const char mq_pgsql_roles[];

/** @param version_out 0 for an empty database */
apr_status_t mq_pgsql_version(int *version_out, PGconn *connection, const char **error_out,
                              apr_pool_t *pool);

/** Look whether the schema is this program's. @return not APR_SUCCESS: error_out says why not */
apr_status_t mq_pgsql_schema_check(PGconn *connection, const char **error_out, apr_pool_t *pool);

/** Look whether the database is UTF8 with the order of C, by which everything is sorted.
 * @return not APR_SUCCESS: error_out says what to do */
apr_status_t mq_pgsql_order_check(PGconn *connection, const char **error_out, apr_pool_t *pool);

/** Make a fresh connection ready to read all organisations, for as long as that takes.
 * @return MQ_EDENIED its role sees one at a time; error_out says which one to take */
apr_status_t mq_pgsql_owner_enter(PGconn *connection, const char **error_out, apr_pool_t *pool);

/** mq_engine_t.migrate of PostgreSQL: as medsynq_admin it migrates, as another role it looks
 * whether that was done. */
apr_status_t mq_pgsql_migrate(const char *parameters, apr_interval_time_t patience, int *from_out,
                              const char **error_out, apr_pool_t *pool);

/** mq_engine_t.prove of PostgreSQL: that it can be written, and that the wall stands. */
void mq_pgsql_prove(mq_trouble_t *trouble_out, const char *parameters, apr_interval_time_t patience,
                    int thoroughly, const char **error_out, apr_pool_t *pool);

#endif

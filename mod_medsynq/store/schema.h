/* schema.h -- the schema's version and the migrations of store/migrations/, applied in order.
 * The version is SQLite's user_version; application_id tells another program's database. */
#ifndef MQ_STORE_SCHEMA_H
#define MQ_STORE_SCHEMA_H

#include <apr_pools.h>
#include <sqlite3.h>

#include "base/status.h"
#include "store/statements.h"

/**
 * Read the version of an open database.
 * @param version_out 0 for an empty one, else the number of the last migration
 * @return MQ_ECORRUPT no database, or another program's; error_out has the sentence
 */
apr_status_t mq_schema_version(int *version_out, sqlite3 *sqlite, const char **error_out,
                               apr_pool_t *pool);

/**
 * Bring a database to this program's schema: each migration in one transaction. Makes the file if
 * it is missing. Called at start-up in a child of its own with the server's identity.
 * @param path      absolute path of the database
 * @param from_out  the version found
 * @param error_out on failure one sentence that names the cause and the remedy
 * @return MQ_ECORRUPT no database of ours, or a newer one; MQ_EFULL locked; APR_EACCES not writable
 */
apr_status_t mq_schema_migrate(const char *path, int *from_out, const char **error_out,
                               apr_pool_t *pool);

#endif

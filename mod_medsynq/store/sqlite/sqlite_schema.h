/* sqlite_schema.h -- the schema's version and the migrations of store/migrations/, applied in
 * order. The version is SQLite's user_version; application_id tells another program's database. */
#ifndef MQ_STORE_SQLITE_SCHEMA_H
#define MQ_STORE_SQLITE_SCHEMA_H

#include <apr_pools.h>
#include <sqlite3.h>

#include "base/status.h"
#include "store/db.h"
#include "store/statements.h"

/** "MSYQ" in the file's header: another program's database is not taken for ours. */
enum { MQ_SQLITE_APPLICATION = 0x4d535951 };

/** @return why the library that is there at run time is too old, or NULL */
const char *mq_sqlite_library_fault(apr_pool_t *pool);

/** @return why this program does not open a database of this version, from pool, or NULL */
const char *mq_sqlite_version_fault(int version, apr_pool_t *pool);

/**
 * Read the version of an open database.
 * @param version_out 0 for an empty one, else the number of the last migration
 * @return MQ_ECORRUPT no database, or another program's; error_out has the sentence
 */
apr_status_t mq_sqlite_version(int *version_out, sqlite3 *sqlite, const char **error_out,
                               apr_pool_t *pool);

/** mq_engine_t.migrate of SQLite: makes the file if it is missing. */
apr_status_t mq_sqlite_migrate(const char *path, apr_interval_time_t patience, int *from_out,
                               const char **error_out, apr_pool_t *pool);

/** mq_engine_t.prove */
void mq_sqlite_prove(mq_trouble_t *trouble_out, const char *path, apr_interval_time_t patience,
                     int thoroughly, const char **error_out, apr_pool_t *pool);

#endif

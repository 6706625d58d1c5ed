/* sqlite_owner.h -- SQLite's part of store/owner.h: a file as its owner sees it. Functions of the
 * engine's table, whose comments are in store/engine.h and store/owner.h. */
#ifndef MQ_STORE_SQLITE_OWNER_H
#define MQ_STORE_SQLITE_OWNER_H

#include "store/sqlite/sqlite_connection.h"

/** Open a file to read it. @return as mq_owner_open */
apr_status_t mq_sqlite_owner_open(mq_db_t **db_out, const char *path, const char **error_out,
                                  apr_pool_t *pool);

/** A connection for the owner's statements on a handle, which is closed with it. */
mq_db_t *mq_sqlite_owner_on(sqlite3 *sqlite);

/** mq_engine_t.version */
apr_status_t mq_sqlite_owner_version(int *version_out, mq_db_t *base, const char **error_out,
                                     apr_pool_t *pool);

/** mq_engine_t.has_table */
int mq_sqlite_has_table(mq_db_t *base, const char *table);

/** mq_engine_t.check */
apr_status_t mq_sqlite_check(const char **fault_out, mq_db_t *base, mq_check_t what,
                             apr_pool_t *pool);

/** mq_engine_t.size */
apr_status_t mq_sqlite_size(apr_int64_t *bytes_out, mq_db_t *base, apr_pool_t *pool);

/** mq_engine_t.copy */
apr_status_t mq_sqlite_copy(mq_db_t *base, const char *file, mq_progress_t progress, void *context,
                            const char **error_out, apr_pool_t *pool);

/** mq_engine_t.settle */
apr_status_t mq_sqlite_settle(const char *path, const char **error_out, apr_pool_t *pool);

#endif

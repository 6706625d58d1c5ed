/* sqlite_archive.h -- SQLite's part of store/audit_archive.h. */
#ifndef MQ_STORE_SQLITE_ARCHIVE_H
#define MQ_STORE_SQLITE_ARCHIVE_H

#include "store/audit_archive.h"

/** mq_engine_t.archive_copy: the archive is attached to the database, and filled by its SQL. */
apr_status_t mq_sqlite_archive_copy(apr_array_header_t **chains_out, apr_int64_t *events_out,
                                    const char *database, const char *file, apr_time_t before,
                                    mq_progress_t progress, void *context, const char **error_out,
                                    apr_pool_t *pool);

/** mq_engine_t.archive_remove */
apr_status_t mq_sqlite_archive_remove(const char *database, const apr_array_header_t *chains,
                                      mq_progress_t progress, void *context, const char **error_out,
                                      apr_pool_t *pool);

#endif

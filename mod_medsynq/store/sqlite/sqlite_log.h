/* sqlite_log.h -- giving back what a write-ahead log holds on the disk. While somebody reads an old
 * state nothing of it can be used again, and it grows; afterwards it is empty, and as long as it
 * was. */
#ifndef MQ_STORE_SQLITE_LOG_H
#define MQ_STORE_SQLITE_LOG_H

#include "store/engine.h"

/** The most that a log keeps: whoever begins it anew cuts it to that (journal_size_limit). */
#define MQ_SQLITE_LOG_MOST "4194304"

/** mq_engine_t.log_trim */
apr_status_t mq_sqlite_log_trim(apr_int64_t *bytes_out, const char *parameters, apr_pool_t *pool);

#endif

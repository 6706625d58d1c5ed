/* sqlite_log.c -- the log of a database at which nobody writes is put into the database and cut. */
#include "store/sqlite/sqlite_log.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "store/sqlite/sqlite_status.h"

enum { IDLE_SECONDS = 2 };

static apr_int64_t size_of(const char *log, apr_time_t *written_out, apr_pool_t *pool)
{
    apr_finfo_t info;
    if (apr_stat(&info, log, APR_FINFO_SIZE | APR_FINFO_MTIME, pool) != APR_SUCCESS) {
        return 0;
    }
    *written_out = info.mtime;
    return (apr_int64_t)info.size;
}

/* The long part lets others write; the cutting, which does not, then has next to nothing to do, and
 * gives up at once where somebody is at it. */
static int log_cut(const char *database)
{
    sqlite3 *sqlite = NULL;
    int code = sqlite3_open_v2(database, &sqlite, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_exec(sqlite, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_wal_checkpoint_v2(sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_wal_checkpoint_v2(sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    }
    (void)sqlite3_close(sqlite);
    return code;
}

apr_status_t mq_sqlite_log_trim(apr_int64_t *bytes_out, const char *parameters, apr_pool_t *pool)
{
    const char *log = apr_pstrcat(pool, parameters, "-wal", NULL);
    apr_time_t written = 0;
    const apr_int64_t before = size_of(log, &written, pool);
    int code;
    *bytes_out = 0;
    if (before <= strtoll(MQ_SQLITE_LOG_MOST, NULL, 10) ||
        apr_time_now() - written < apr_time_from_sec(IDLE_SECONDS)) {
        return APR_SUCCESS;
    }
    code = log_cut(parameters);
    if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
        return APR_SUCCESS; /* somebody reads or writes: another time */
    }
    *bytes_out = code == SQLITE_OK ? before - size_of(log, &written, pool) : 0;
    return mq_sqlite_status(code);
}

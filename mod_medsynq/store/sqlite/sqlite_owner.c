/* sqlite_owner.c -- a whole file: opening it to read, looking whether it is sound, copying it while
 * others write. */
#include "store/sqlite/sqlite_owner.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <string.h>
#include <sys/statvfs.h>

#include "store/sqlite/sqlite_schema.h"
#include "store/sqlite/sqlite_status.h"

enum { BUSY_MILLISECONDS = 5000, TRIES = 600, PAUSE_MILLISECONDS = 100, STEP_PAGES = 2000 };

/* As a URI: what means something else there is escaped. */
static const char *as_immutable(const char *path, apr_pool_t *pool)
{
    static const char hex[] = "0123456789abcdef";
    char *uri = apr_palloc(pool, sizeof "file:?immutable=1" + 3 * strlen(path));
    char *to = apr_cpystrn(uri, "file:", sizeof "file:");
    for (; *path; path++) {
        if (strchr("%?#", *path)) {
            *to++ = '%';
            *to++ = hex[(unsigned char)*path >> 4];
            *to++ = hex[*path & 15];
        } else {
            *to++ = *path;
        }
    }
    (void)apr_cpystrn(to, "?immutable=1", sizeof "?immutable=1");
    return uri;
}

/* On a full disk, where not even a -shm has room and nobody has the file open: who has it alone
 * needs none. A backup to another disk is what one wants then. */
static int alone(sqlite3 **sqlite_out, const char *path)
{
    int code = sqlite3_open_v2(path, sqlite_out, SQLITE_OPEN_READWRITE, NULL);
    (void)sqlite3_busy_timeout(*sqlite_out, BUSY_MILLISECONDS);
    (void)sqlite3_db_config(*sqlite_out, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return code == SQLITE_OK
               ? sqlite3_exec(*sqlite_out,
                              "PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = 1; "
                              "SELECT 1 FROM sqlite_schema",
                              NULL, NULL, NULL)
               : code;
}

static int read_only(sqlite3 **sqlite_out, const char *path, apr_pool_t *pool)
{
    struct statvfs system;
    apr_finfo_t info;
    int code = sqlite3_open_v2(path, sqlite_out, SQLITE_OPEN_READONLY, NULL);
    (void)sqlite3_busy_timeout(*sqlite_out, BUSY_MILLISECONDS);
    if (code == SQLITE_OK) {
        code = sqlite3_exec(*sqlite_out, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);
    }
    if (code != SQLITE_OK && sqlite3_extended_errcode(*sqlite_out) == SQLITE_IOERR_SHMSIZE) {
        (void)sqlite3_close(*sqlite_out);
        return alone(sqlite_out, path);
    }
    /* a copy in a folder that may not be written: no -shm can be made for it. Without a -wal, or
     * with an empty one on a disk that nobody writes, the file is all there is. */
    if (code != SQLITE_OK && code != SQLITE_NOTADB &&
        (apr_stat(&info, apr_pstrcat(pool, path, "-wal", NULL), APR_FINFO_SIZE, pool) !=
             APR_SUCCESS ||
         (info.size == 0 && statvfs(path, &system) == 0 && system.f_flag & ST_RDONLY))) {
        (void)sqlite3_close(*sqlite_out);
        code = sqlite3_open_v2(as_immutable(path, pool), sqlite_out,
                               SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    }
    return code;
}

mq_db_t *mq_sqlite_owner_on(sqlite3 *sqlite)
{
    apr_pool_t *own;
    mq_sqlite_t *db;
    (void)apr_pool_create(&own, NULL); /* an owner is closed by a cleanup of its pool */
    db = apr_pcalloc(own, sizeof *db);
    db->base = (mq_db_t){&mq_sqlite_engine, own, MQ_NO_TENANT};
    db->sqlite = sqlite;
    db->is_owner = 1;
    db->statements = apr_pcalloc(own, sizeof(sqlite3_stmt *) * (size_t)mq_sql_count);
    (void)sqlite3_extended_result_codes(sqlite, 1);
    (void)mq_sqlite_prepare(db, &db->read, "BEGIN");
    (void)mq_sqlite_prepare(db, &db->commit, "COMMIT");
    (void)mq_sqlite_prepare(db, &db->rollback, "ROLLBACK");
    return &db->base;
}

apr_status_t mq_sqlite_owner_open(mq_db_t **db_out, const char *path, const char **error_out,
                                  apr_pool_t *pool)
{
    sqlite3 *sqlite = NULL;
    apr_finfo_t info;
    int code;
    if (apr_stat(&info, path, APR_FINFO_TYPE, pool) != APR_SUCCESS) {
        *error_out = "it cannot be opened";
        return MQ_ENOTFOUND;
    }
    code = read_only(&sqlite, path, pool);
    if (code != SQLITE_OK) {
        *error_out = apr_pstrdup(pool, mq_sqlite_words(sqlite));
        (void)sqlite3_close(sqlite);
        return mq_sqlite_status(code);
    }
    *db_out = mq_sqlite_owner_on(sqlite);
    return APR_SUCCESS;
}

apr_status_t mq_sqlite_owner_version(int *version_out, mq_db_t *base, const char **error_out,
                                     apr_pool_t *pool)
{
    return mq_sqlite_version(version_out, mq_sqlite_of(base)->sqlite, error_out, pool);
}

int mq_sqlite_has_table(mq_db_t *base, const char *table)
{
    return sqlite3_table_column_metadata(mq_sqlite_of(base)->sqlite, NULL, table, NULL, NULL, NULL,
                                         NULL, NULL, NULL) == SQLITE_OK;
}

/* The first row of a PRAGMA, NULL when there is none. */
static int first_row(const char **text_out, sqlite3 *sqlite, const char *sql, apr_pool_t *pool)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL);
    code = code == SQLITE_OK ? sqlite3_step(statement) : code;
    *text_out = NULL;
    if (code == SQLITE_ROW) {
        const char *column = (const char *)sqlite3_column_text(statement, 0);
        *text_out = apr_pstrdup(pool, column ? column : "");
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

apr_status_t mq_sqlite_check(const char **fault_out, mq_db_t *base, mq_check_t what,
                             apr_pool_t *pool)
{
    static const char *const pragmas[] = {[MQ_CHECK_STORAGE] = "PRAGMA integrity_check(1)",
                                          [MQ_CHECK_TRAIL] = "PRAGMA integrity_check(audit_events)",
                                          [MQ_CHECK_KEYS] = "PRAGMA foreign_key_check"};
    sqlite3 *sqlite = mq_sqlite_of(base)->sqlite;
    int code = first_row(fault_out, sqlite, pragmas[what], pool);
    if (code != SQLITE_OK) {
        *fault_out = apr_pstrdup(pool, mq_sqlite_words(sqlite));
    } else if (what == MQ_CHECK_KEYS && *fault_out) {
        *fault_out = apr_pstrcat(pool, "a row of ", *fault_out, " points to nothing", NULL);
    } else if (what != MQ_CHECK_KEYS && *fault_out && strcmp(*fault_out, "ok") == 0) {
        *fault_out = NULL;
    }
    return mq_sqlite_status(code);
}

apr_status_t mq_sqlite_size(apr_int64_t *bytes_out, mq_db_t *base, apr_pool_t *pool)
{
    const char *bytes;
    int code =
        first_row(&bytes, mq_sqlite_of(base)->sqlite,
                  "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", pool);
    *bytes_out = code == SQLITE_OK && bytes ? apr_atoi64(bytes) : 0;
    return mq_sqlite_status(code);
}

/* The transaction keeps one state of the source in sight: writers go on, and what they write does
 * not make the copy begin anew. */
static int database_copy(sqlite3 *from, sqlite3 *to, mq_progress_t progress, void *context)
{
    sqlite3_backup *backup;
    int code = sqlite3_exec(from, "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL);
    if (code != SQLITE_OK) {
        return code;
    }
    backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup) {
        return sqlite3_errcode(to);
    }
    for (int i = 0; code != SQLITE_DONE && i < TRIES;) {
        code = sqlite3_backup_step(backup, STEP_PAGES);
        if (progress) {
            int total = sqlite3_backup_pagecount(backup);
            progress(context, total - sqlite3_backup_remaining(backup), total);
        }
        if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
            i++;
            (void)sqlite3_sleep(PAUSE_MILLISECONDS);
        } else if (code != SQLITE_OK && code != SQLITE_DONE) {
            break;
        }
    }
    (void)sqlite3_backup_finish(backup);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

apr_status_t mq_sqlite_copy(mq_db_t *base, const char *file, mq_progress_t progress, void *context,
                            const char **error_out, apr_pool_t *pool)
{
    sqlite3 *to = NULL;
    int code = sqlite3_open_v2(file, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL);
    if (code == SQLITE_OK) { /* until it is whole nobody misses it */
        code = sqlite3_exec(to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL,
                            NULL);
    }
    if (code == SQLITE_OK) {
        code = database_copy(mq_sqlite_of(base)->sqlite, to, progress, context);
        (void)sqlite3_exec(mq_sqlite_of(base)->sqlite, "ROLLBACK", NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) { /* one file, no -wal beside it */
        code = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    }
    if (code != SQLITE_OK) {
        *error_out = apr_pstrdup(pool, mq_sqlite_words(to));
    }
    (void)sqlite3_close(to);
    return mq_sqlite_status(code);
}

/* Nobody else has it open when a connection can take the lock of all; what its -wal holds is in the
 * file then. */
apr_status_t mq_sqlite_settle(const char *path, const char **error_out, apr_pool_t *pool)
{
    sqlite3 *sqlite = NULL;
    int code = sqlite3_open_v2(path, &sqlite, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_exec(sqlite,
                            "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT; "
                            "PRAGMA journal_mode = DELETE",
                            NULL, NULL, NULL);
    }
    if (code != SQLITE_OK) {
        *error_out = apr_pstrdup(pool, mq_sqlite_words(sqlite));
    }
    (void)sqlite3_close(sqlite);
    return mq_sqlite_status(code);
}

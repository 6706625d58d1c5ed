/* sqlite_connection.c -- one connection from apr_dbd: open, PRAGMAs, guards, all statements
 * prepared. It runs on the driver's native handle: the driver's own statements share one
 * process-wide mutex, die for ever at a schema change and sleep when busy. What runs on it is in
 * sqlite_engine.c. */
#include "store/sqlite/sqlite_connection.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <string.h>

#include "store/sqlite/sqlite_log.h"
#include "store/sqlite/sqlite_schema.h"
#include "store/sqlite/sqlite_status.h"

/* A waiting writer waits in the write queue; this is for a checkpoint or another program. */
enum { BUSY_MILLISECONDS = 5000 };

static const char serve_pragmas[] = "PRAGMA journal_mode = WAL;"
                                    "PRAGMA synchronous = FULL;"
                                    "PRAGMA foreign_keys = ON;"
                                    "PRAGMA recursive_triggers = ON;"
                                    "PRAGMA trusted_schema = OFF;"
                                    "PRAGMA temp_store = MEMORY;"
                                    "PRAGMA mmap_size = 268435456;";

/* A mapping would be made anew after each commit of another process; the cache keeps what is this
 * connection's own. Whoever commits pays for the checkpoint, and those behind wait: a third of what
 * SQLite collects by itself takes a third of the time. */
static const char write_pragmas[] = "PRAGMA mmap_size = 0;"
                                    "PRAGMA journal_size_limit = " MQ_SQLITE_LOG_MOST ";"
                                    "PRAGMA cache_size = -4096;"
                                    "PRAGMA wal_autocheckpoint = 300;";

int mq_sqlite_prepare(mq_sqlite_t *db, sqlite3_stmt **statement_out, const char *sql)
{
    return sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, statement_out, NULL);
}

static int prepare_all(mq_sqlite_t *db, const char **failed_out)
{
    int code = SQLITE_OK;
    *failed_out = "BEGIN";
    db->statements = apr_pcalloc(db->base.pool, sizeof(sqlite3_stmt *) * (size_t)mq_sql_count);
    if ((code = mq_sqlite_prepare(db, &db->begin, "BEGIN IMMEDIATE")) != SQLITE_OK ||
        (code = mq_sqlite_prepare(db, &db->read, "BEGIN")) != SQLITE_OK ||
        (code = mq_sqlite_prepare(db, &db->commit, "COMMIT")) != SQLITE_OK ||
        (code = mq_sqlite_prepare(db, &db->rollback, "ROLLBACK")) != SQLITE_OK ||
        (code = mq_sqlite_prepare(db, &db->savepoint, "SAVEPOINT turn")) != SQLITE_OK ||
        (code = mq_sqlite_prepare(db, &db->release, "RELEASE turn")) != SQLITE_OK ||
        (code = mq_sqlite_prepare(db, &db->rollback_to, "ROLLBACK TO turn")) != SQLITE_OK) {
        return code;
    }
    for (int i = 0; code == SQLITE_OK && i < mq_sql_count; i++) {
        if (!mq_sql_rows[i].owner) { /* nobody who serves can run it */
            *failed_out = mq_sql_rows[i].label;
            code = mq_guard_prepare(&db->statements[i], db, &mq_sql_rows[i]);
        }
    }
    return code;
}

static apr_status_t set_up(mq_sqlite_t *db, mq_db_purpose_t purpose, const char **error_out,
                           apr_pool_t *pool)
{
    const char *failed = "PRAGMA";
    int version = 0;
    int code = sqlite3_busy_timeout(db->sqlite, BUSY_MILLISECONDS);
    (void)sqlite3_extended_result_codes(db->sqlite, 1);
    if (code == SQLITE_OK) {
        code = sqlite3_exec(db->sqlite, serve_pragmas, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK && purpose == MQ_DB_WRITE) {
        code = sqlite3_exec(db->sqlite, write_pragmas, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        failed = "schema";
        MQ_TRY(mq_sqlite_version(&version, db->sqlite, error_out, pool));
        if (version != mq_migration_count) {
            *error_out = apr_psprintf(pool,
                                      "its schema is version %d and this program's is %d: "
                                      "restart the server to migrate it",
                                      version, mq_migration_count);
            return MQ_ECORRUPT;
        }
        failed = "guard";
        code = mq_guard_raise(db);
        if (code == SQLITE_OK) {
            code = prepare_all(db, &failed);
        }
    }
    if (code != SQLITE_OK) {
        *error_out =
            apr_psprintf(pool, "%s: %s (SQLite code %d)", failed, mq_sqlite_words(db->sqlite),
                         sqlite3_extended_errcode(db->sqlite));
    }
    return mq_sqlite_status(code);
}

const char *mq_sqlite_parameters_fault(const char *parameters, apr_pool_t *pool)
{
    const apr_dbd_driver_t *found;
    if (apr_dbd_get_driver(pool, mq_sqlite_engine.driver, &found) != APR_SUCCESS) {
        return "apr_dbd has no driver sqlite3; install the package that brings it "
               "(Debian: libaprutil1-dbd-sqlite3, Red Hat: apr-util-sqlite)";
    }
    return parameters[0] == '/' ? NULL
                                : "give the database's absolute path, such as "
                                  "\"/var/lib/medsynq/medsynq.db\"";
}

apr_status_t mq_sqlite_open(mq_db_t **db_out, const char *parameters, mq_db_purpose_t purpose,
                            const char **error_out, apr_pool_t *pool)
{
    apr_pool_t *own;
    apr_finfo_t info;
    mq_sqlite_t *db;
    apr_status_t rv;

    /* SQLite would make an empty file, and everybody's data would seem to be gone. */
    rv = apr_stat(&info, parameters, APR_FINFO_TYPE, pool);
    if (rv != APR_SUCCESS) {
        *error_out = APR_STATUS_IS_ENOENT(rv) ? "there is no such file" : "it cannot be reached";
        return APR_STATUS_IS_ENOENT(rv) ? MQ_ENOTFOUND : rv;
    }
    MQ_TRY(apr_pool_create(&own, NULL));
    db = apr_pcalloc(own, sizeof *db);
    db->base.pool = own;
    db->base.engine = &mq_sqlite_engine;
    db->base.tenant = MQ_NO_TENANT;
    db->guest_tenant = MQ_NO_TENANT;
    *error_out = "it cannot be opened";
    rv = apr_dbd_get_driver(own, mq_sqlite_engine.driver, &db->driver);
    if (rv == APR_SUCCESS) {
        rv = apr_dbd_open_ex(db->driver, own, parameters, &db->handle, error_out);
    }
    if (rv == APR_SUCCESS) {
        db->sqlite = apr_dbd_native_handle(db->driver, db->handle);
        rv = set_up(db, purpose, error_out, pool);
    }
    if (rv == APR_SUCCESS) {
        mq_files_keep(&db->files, parameters, own);
    }
    if (rv != APR_SUCCESS) {
        *error_out = apr_pstrdup(pool, *error_out ? *error_out : "it cannot be opened");
        mq_sqlite_close(&db->base);
        return rv;
    }
    *db_out = &db->base;
    return APR_SUCCESS;
}

apr_status_t mq_sqlite_rescue(mq_db_t *base)
{
    mq_sqlite_t *db = mq_sqlite_of(base);
    if (!db->sqlite || mq_files_look(&db->files) == MQ_TROUBLE_NONE) {
        return APR_SUCCESS;
    }
    (void)sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return mq_sqlite_status(
        sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL));
}

void mq_sqlite_close(mq_db_t *base)
{
    mq_sqlite_t *db = mq_sqlite_of(base);
    (void)mq_sqlite_rescue(base);
    for (int i = 0; db->statements && i < mq_sql_count; i++) {
        (void)sqlite3_finalize(db->statements[i]);
    }
    (void)sqlite3_finalize(db->begin);
    (void)sqlite3_finalize(db->read);
    (void)sqlite3_finalize(db->commit);
    (void)sqlite3_finalize(db->rollback);
    (void)sqlite3_finalize(db->savepoint);
    (void)sqlite3_finalize(db->release);
    (void)sqlite3_finalize(db->rollback_to);
    if (db->handle) {
        (void)apr_dbd_close(db->driver, db->handle);
    } else {
        (void)sqlite3_close(db->sqlite);
    }
    apr_pool_destroy(db->base.pool);
}

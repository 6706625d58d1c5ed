/* sqlite_schema.c -- numbered migrations, forward only. Runs in a process of its own at start-up,
 * so that no SQLite handle crosses a fork; see glue/startup.c and medsynqctl migrate. */
#include "store/sqlite/sqlite_schema.h"

#include <apr_strings.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "store/sqlite/sqlite_status.h"

static int pragma_number(int *value_out, sqlite3 *sqlite, const char *sql)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        *value_out = code == SQLITE_ROW ? sqlite3_column_int(statement, 0) : 0;
        (void)sqlite3_finalize(statement);
    }
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

static const char *cause_say(sqlite3 *sqlite, int code, apr_pool_t *pool)
{
    if (mq_sqlite_trouble(sqlite3_extended_errcode(sqlite), sqlite3_system_errno(sqlite)) ==
        MQ_TROUBLE_FULL) {
        return mq_sqlite_words(sqlite);
    }
    switch (code & 0xff) {
    case SQLITE_NOTADB:
        return "the file is not an SQLite database: move it away, or name another file";
    case SQLITE_CORRUPT:
        return "the database is damaged: restore it from a backup";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "the database is locked by another program: end that program, then start again";
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return "the server's user may not write the database or its folder: make it their owner";
    case SQLITE_CANTOPEN:
        return "the database cannot be opened: make its folder, and let the server's user "
               "own it";
    default:
        return apr_psprintf(pool, "SQLite says: %s (code %d)", sqlite3_errmsg(sqlite), code);
    }
}

apr_status_t mq_sqlite_version(int *version_out, sqlite3 *sqlite, const char **error_out,
                               apr_pool_t *pool)
{
    int application = 0;
    int tables = 0;
    int code = pragma_number(version_out, sqlite, "PRAGMA user_version");
    if (code == SQLITE_OK) {
        code = pragma_number(&application, sqlite, "PRAGMA application_id");
    }
    if (code == SQLITE_OK) {
        code = pragma_number(&tables, sqlite, "SELECT COUNT(*) FROM sqlite_schema");
    }
    if (code != SQLITE_OK) {
        *error_out = cause_say(sqlite, code, pool);
        return mq_sqlite_status(code);
    }
    if (tables > 0 && application != MQ_SQLITE_APPLICATION) {
        *error_out = "the file is another program's database: name another file";
        return MQ_ECORRUPT;
    }
    return APR_SUCCESS;
}

enum { LIBRARY_LEAST = 3034000 };

#if defined(SQLITE_VERSION_NUMBER) && SQLITE_VERSION_NUMBER < 3034000
#error "MedSynQ needs SQLite 3.34 or newer"
#endif

const char *mq_sqlite_library_fault(apr_pool_t *pool)
{
    return sqlite3_libversion_number() >= LIBRARY_LEAST
               ? NULL
               : apr_psprintf(pool, "SQLite %s is too old: 3.34 or newer is needed",
                              sqlite3_libversion());
}

const char *mq_sqlite_version_fault(int version, apr_pool_t *pool)
{
    return version <= mq_migration_count
               ? NULL
               : apr_psprintf(pool,
                              "the database has schema version %d and this program knows %d: "
                              "install the newer MedSynQ again, or restore an older backup",
                              version, mq_migration_count);
}

static int migrate_one(sqlite3 *sqlite, const mq_migration_t *migration, apr_pool_t *pool)
{
    const char *end = apr_psprintf(pool, "PRAGMA user_version = %d; COMMIT", migration->number);
    int code = sqlite3_exec(sqlite, migration->sqlite, NULL, NULL, NULL);
    return code == SQLITE_OK ? sqlite3_exec(sqlite, end, NULL, NULL, NULL) : code;
}

#define NOW "CAST(strftime('%s', 'now') AS integer)" /* unixepoch() is of SQLite 3.38 */

/* Parked forms that nobody can open any more and tokens of forms a day old, of organisations that
 * have had none since. */
static const char tidying[] = "DELETE FROM parked_forms WHERE expires_at < " NOW " * 1000000"
                              " OR expires_at > (" NOW " + 7200) * 1000000;"
                              "DELETE FROM form_uses WHERE used_at < (" NOW " - 86400) * 1000000";

/* A key of a name that SQL cannot make. Of the older organisation first: of two that look the same
 * it keeps the look, and the other its name. */
typedef struct name_key_t {
    const char *lacking; /* those that have none yet */
    const char *set;
    apr_status_t (*make)(const char **key_out, const char *text, apr_pool_t *pool);
} name_key_t;

static const name_key_t name_keys[] = {
    {"SELECT tenant_id, name FROM tenants "
     "WHERE look_key IS NULL AND tenant_id <> 0 ORDER BY created_at, tenant_id",
     "UPDATE OR IGNORE tenants SET look_key = ? WHERE tenant_id = ?", mq_text_look_key},
    {"SELECT tenant_id, name FROM tenants "
     "WHERE sight_key IS NULL AND tenant_id <> 0 ORDER BY created_at, tenant_id",
     "UPDATE OR IGNORE tenants SET sight_key = ? WHERE tenant_id = ?", mq_text_sight_key}};

typedef struct look_t {
    apr_int64_t tenant;
    const char *key;
} look_t;

static int looks_make(apr_array_header_t *looks, sqlite3 *sqlite, const name_key_t *kind,
                      apr_pool_t *pool)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(sqlite, kind->lacking, -1, &statement, NULL);
    if (code != SQLITE_OK) {
        return code;
    }
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 1);
        look_t look = {sqlite3_column_int64(statement, 0), NULL};
        if (kind->make(&look.key, name, pool) == APR_SUCCESS && *look.key) {
            APR_ARRAY_PUSH(looks, look_t) = look;
        }
    }
    return sqlite3_finalize(statement);
}

static int looks_set(sqlite3 *sqlite, const name_key_t *kind, apr_pool_t *pool)
{
    apr_array_header_t *looks = apr_array_make(pool, 16, sizeof(look_t));
    sqlite3_stmt *statement;
    int code = looks_make(looks, sqlite, kind, pool);
    if (code != SQLITE_OK || looks->nelts == 0) {
        return code;
    }
    code = sqlite3_prepare_v2(sqlite, kind->set, -1, &statement, NULL);
    for (int i = 0; i < looks->nelts && code == SQLITE_OK; i++) {
        const look_t *look = &APR_ARRAY_IDX(looks, i, look_t);
        (void)sqlite3_bind_text(statement, 1, look->key, -1, SQLITE_TRANSIENT);
        (void)sqlite3_bind_int64(statement, 2, look->tenant);
        (void)sqlite3_step(statement);
        code = sqlite3_reset(statement);
    }
    (void)sqlite3_finalize(statement);
    return code;
}

/* SQL does not know how names look: organisations that have no such keys yet get them here. */
static int looks_give(sqlite3 *sqlite, apr_pool_t *pool)
{
    int code = SQLITE_OK;
    for (size_t i = 0; i < sizeof name_keys / sizeof *name_keys && code == SQLITE_OK; i++) {
        code = looks_set(sqlite, &name_keys[i], pool);
    }
    return code;
}

static apr_status_t migrate_open(sqlite3 *sqlite, int *from_out, const char **error_out,
                                 apr_pool_t *pool)
{
    const char *begin = apr_psprintf(pool, "PRAGMA application_id = %d", MQ_SQLITE_APPLICATION);
    int version = 0;
    int code = sqlite3_exec(sqlite,
                            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                            "PRAGMA foreign_keys = ON",
                            NULL, NULL, NULL);
    if (code == SQLITE_OK) {
        MQ_TRY(mq_sqlite_version(from_out, sqlite, error_out, pool));
    }
    for (int first = 1; code == SQLITE_OK; first = 0) {
        /* the lock first, then the version: two servers may start at once */
        code = sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        if (code != SQLITE_OK) {
            break;
        }
        MQ_TRY(mq_sqlite_version(&version, sqlite, error_out, pool));
        if (first) {
            *from_out = version;
        }
        if (version > mq_migration_count) {
            *error_out = mq_sqlite_version_fault(version, pool);
            return MQ_ECORRUPT;
        }
        if (version == mq_migration_count) {
            code = sqlite3_exec(sqlite, tidying, NULL, NULL, NULL);
            code = code == SQLITE_OK ? looks_give(sqlite, pool) : code;
            code = code == SQLITE_OK ? sqlite3_exec(sqlite, "COMMIT", NULL, NULL, NULL) : code;
            break;
        }
        code = sqlite3_exec(sqlite, begin, NULL, NULL, NULL);
        if (code == SQLITE_OK) {
            code = migrate_one(sqlite, &mq_migrations[version], pool);
        }
    }
    if (code != SQLITE_OK) {
        *error_out = cause_say(sqlite, code, pool);
    }
    return mq_sqlite_status(code);
}

/* Not for others to read, from its first second. Only a new file: closing one that a connection of
 * this process has open would drop its locks. */
static void file_make(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd >= 0) {
        (void)close(fd);
    }
}

apr_status_t mq_sqlite_migrate(const char *path, apr_interval_time_t patience, int *from_out,
                               const char **error_out, apr_pool_t *pool)
{
    sqlite3 *sqlite = NULL;
    apr_status_t rv;
    int code;
    file_make(path);
    code = sqlite3_open_v2(path, &sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code != SQLITE_OK) {
        *error_out = cause_say(sqlite, code, pool);
        (void)sqlite3_close(sqlite);
        return mq_sqlite_status(code);
    }
    (void)sqlite3_busy_timeout(sqlite, (int)apr_time_as_msec(patience));
    rv = migrate_open(sqlite, from_out, error_out, pool);
    (void)sqlite3_close(sqlite); /* an open transaction is rolled back */
    return rv;
}

static int quick_check(sqlite3 *sqlite)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(sqlite, "PRAGMA quick_check(1)", -1, &statement, NULL);
    code = code == SQLITE_OK ? sqlite3_step(statement) : code;
    if (code == SQLITE_ROW) {
        const char *said = (const char *)sqlite3_column_text(statement, 0);
        code = said && strcmp(said, "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
    }
    (void)sqlite3_finalize(statement);
    return code;
}

/* The version as it is, written anew: a page goes to the log and to the disk, as for any commit. */
static int write_try(sqlite3 *sqlite, int version, apr_pool_t *pool)
{
    return sqlite3_exec(sqlite, apr_psprintf(pool, "PRAGMA user_version = %d; COMMIT", version),
                        NULL, NULL, NULL);
}

/* The version is read within the transaction that writes it: another one may migrate. */
void mq_sqlite_prove(mq_trouble_t *trouble_out, const char *path, apr_interval_time_t patience,
                     int thoroughly, const char **error_out, apr_pool_t *pool)
{
    sqlite3 *sqlite = NULL;
    int version = 0;
    int code = sqlite3_open_v2(path, &sqlite, SQLITE_OPEN_READWRITE, NULL);
    (void)sqlite3_busy_timeout(sqlite, (int)apr_time_as_msec(patience));
    (void)sqlite3_extended_result_codes(sqlite, 1);
    if (code == SQLITE_OK && thoroughly) {
        code = quick_check(sqlite);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(sqlite, "PRAGMA synchronous = FULL; BEGIN IMMEDIATE", NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        code = pragma_number(&version, sqlite, "PRAGMA user_version");
    }
    if (code == SQLITE_OK) {
        code = write_try(sqlite, version, pool);
    }
    *trouble_out = mq_sqlite_trouble(code, sqlite3_system_errno(sqlite));
    if (code != SQLITE_OK) {
        *error_out = cause_say(sqlite, code, pool);
        *trouble_out = *trouble_out == MQ_TROUBLE_NONE ? MQ_TROUBLE_BARRED : *trouble_out;
    }
    (void)sqlite3_close(sqlite);
}

/* backup.c -- medsynqctl backup, restore, check: a copy while the server writes, and proof that a
 * database is whole. */
#include <apr_file_info.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/trail.h"
#include "store/schema.h"

enum { WAIT_MILLISECONDS = 5000, TRIES = 600, PAUSE_MILLISECONDS = 100 };

/* All pages in one step: a step-wise copy begins anew whenever somebody writes. Readers and, in WAL
 * mode, writers go on meanwhile. */
static int copy(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    int code = SQLITE_BUSY;
    if (!backup) {
        return sqlite3_errcode(to);
    }
    for (int i = 0; i < TRIES && (code == SQLITE_BUSY || code == SQLITE_LOCKED); i++) {
        code = sqlite3_backup_step(backup, -1);
        if (code != SQLITE_DONE) {
            (void)sqlite3_sleep(PAUSE_MILLISECONDS);
        }
    }
    (void)sqlite3_backup_finish(backup);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Copy into a file beside the target, then put it in its place: never half a database there. */
static int copy_file(const ctl_t *ctl, const char *from_path, const char *to_path)
{
    const char *part = apr_pstrcat(ctl->pool, to_path, ".part", NULL);
    sqlite3 *from = NULL;
    sqlite3 *to = NULL;
    mode_t mask = umask(077);
    int code = ctl_sqlite_read(&from, from_path, ctl);
    int result = CTL_DONE;
    if (code != SQLITE_OK) {
        result = ctl_fail(ctl, "%s cannot be read: %s", from_path,
                          from ? sqlite3_errmsg(from) : "there is no such file");
    } else {
        (void)unlink(part);
        code = sqlite3_open_v2(part, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
        (void)sqlite3_busy_timeout(from, WAIT_MILLISECONDS);
        code = code == SQLITE_OK ? copy(from, to) : code;
        if (code == SQLITE_OK) { /* one file, no -wal beside it */
            code = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
        }
        if (code != SQLITE_OK) {
            result = ctl_fail(ctl, "%s cannot be written: %s", part, sqlite3_errmsg(to));
        }
    }
    (void)sqlite3_close(from);
    (void)sqlite3_close(to);
    (void)umask(mask);
    if (result == CTL_DONE && rename(part, to_path) != 0) {
        result = ctl_fail(ctl, "%s cannot be put in its place", to_path);
    }
    if (result != CTL_DONE) {
        (void)unlink(part);
    }
    return result;
}

int ctl_backup(ctl_t *ctl)
{
    const char *file = NULL;
    const char *wrong = ctl_options(ctl, NULL, &file);
    int code;
    if (wrong || !file) {
        return ctl_usage(ctl, wrong ? wrong : "backup needs the name of the file to write");
    }
    code = copy_file(ctl, ctl->database, file);
    if (code == CTL_DONE && ctl->json) {
        ctl_print("{\"done\":true}\n");
    } else if (code == CTL_DONE) {
        ctl_print("written; medsynqctl --database %s check proves it\n", file);
    }
    return code;
}

/* Nobody else has it open when a connection can take the lock of all. */
static int is_in_use(const ctl_t *ctl)
{
    sqlite3 *sqlite;
    int code = sqlite3_open_v2(ctl->database, &sqlite, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_exec(sqlite,
                            "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT; "
                            "PRAGMA journal_mode = DELETE",
                            NULL, NULL, NULL);
    }
    (void)sqlite3_close(sqlite);
    return (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED;
}

int ctl_restore(ctl_t *ctl)
{
    const char *file = NULL;
    const char *wrong = ctl_options(ctl, NULL, &file);
    apr_finfo_t info;
    int code;
    if (wrong || !file) {
        return ctl_usage(ctl, wrong ? wrong : "restore needs the name of the backup");
    }
    if (apr_stat(&info, ctl->database, APR_FINFO_TYPE, ctl->pool) == APR_SUCCESS &&
        is_in_use(ctl)) {
        return ctl_fail(ctl, "%s is in use: stop the server first", ctl->database);
    }
    code = copy_file(ctl, file, ctl->database);
    if (code == CTL_DONE) {
        (void)unlink(apr_pstrcat(ctl->pool, ctl->database, "-wal", NULL));
        (void)unlink(apr_pstrcat(ctl->pool, ctl->database, "-shm", NULL));
        ctl_print(ctl->json ? "{\"done\":true}\n" : "restored; the server may start\n");
    }
    return code;
}

/* The first row of a PRAGMA, or NULL when there is none. */
static const char *first_row(const ctl_t *ctl, sqlite3 *sqlite, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    const char *text = NULL;
    int code = sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL);
    code = code == SQLITE_OK ? sqlite3_step(statement) : code;
    if (code == SQLITE_ROW) {
        const char *column = (const char *)sqlite3_column_text(statement, 0);
        text = apr_pstrdup(ctl->pool, column ? column : "");
    } else if (code != SQLITE_DONE) {
        text = apr_pstrdup(ctl->pool, sqlite3_errmsg(sqlite));
    }
    (void)sqlite3_finalize(statement);
    return text;
}

typedef struct finding_t {
    const char *what;
    const char *fault; /* NULL: sound */
} finding_t;

static const char *permissions_fault(const ctl_t *ctl)
{
    struct stat info;
    struct stat other;
    static const char *const suffixes[] = {"-wal", "-shm"};
    if (stat(ctl->database, &info) != 0) {
        return "the file cannot be reached";
    }
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (stat(apr_pstrcat(ctl->pool, ctl->database, suffixes[i], NULL), &other) == 0 &&
            other.st_uid != info.st_uid) {
            return apr_pstrcat(ctl->pool, "the file ending in ", suffixes[i],
                               " has another owner than the database", NULL);
        }
    }
    return info.st_mode & S_IWOTH ? "everybody may write the database: chmod o-w it" : NULL;
}

static const char *version_fault(const ctl_t *ctl, sqlite3 *sqlite)
{
    const char *error = NULL;
    int version = 0;
    if (mq_schema_version(&version, sqlite, &error, ctl->pool) != APR_SUCCESS) {
        return error;
    }
    return version == mq_migration_count
               ? NULL
               : apr_psprintf(ctl->pool, "schema %d, this program's is %d", version,
                              mq_migration_count);
}

static const char *trail_fault(ctl_t *ctl, sqlite3 *sqlite)
{
    trail_fault_t fault;
    apr_int64_t events;
    trail_verify(&fault, &events, sqlite, NULL, ctl);
    return fault.code == CTL_DONE
               ? NULL
               : apr_psprintf(ctl->pool,
                              "tenant %" APR_INT64_T_FMT ", event %" APR_INT64_T_FMT ": %s",
                              fault.tenant, fault.number, fault.reason);
}

static int findings_tell(const ctl_t *ctl, const finding_t *findings, int count)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 256)};
    int code = CTL_DONE;
    mq_json_object(&json, NULL);
    for (int i = 0; i < count; i++) {
        code = findings[i].fault ? CTL_FAILED : code;
        mq_json_text(&json, findings[i].what, findings[i].fault ? findings[i].fault : "ok");
        if (!ctl->json) {
            ctl_print("%-14s %s\n", findings[i].what, findings[i].fault ? findings[i].fault : "ok");
        }
    }
    mq_json_object_end(&json);
    mq_buffer_text(json.out, "\n");
    if (ctl->json) {
        ctl_write(json.out);
    }
    return code;
}

int ctl_check(ctl_t *ctl)
{
    sqlite3 *sqlite;
    const char *integrity;
    int code;
    if (ctl->argc > 0) {
        return ctl_usage(ctl, "check takes no arguments; --database names another file");
    }
    if (ctl_sqlite_read(&sqlite, ctl->database, ctl) != SQLITE_OK) {
        (void)ctl_fail(ctl, "%s cannot be read: %s", ctl->database,
                       sqlite ? sqlite3_errmsg(sqlite) : "there is no such file");
        (void)sqlite3_close(sqlite);
        return CTL_UNREADABLE;
    }
    integrity = first_row(ctl, sqlite, "PRAGMA integrity_check(1)");
    {
        const char *key = first_row(ctl, sqlite, "PRAGMA foreign_key_check");
        const finding_t findings[] = {
            {"database", integrity && strcmp(integrity, "ok") == 0 ? NULL : integrity},
            {"foreign keys",
             key ? apr_pstrcat(ctl->pool, "a row of ", key, " points to nothing", NULL) : NULL},
            {"version", version_fault(ctl, sqlite)},
            {"trail", trail_fault(ctl, sqlite)},
            {"permissions", permissions_fault(ctl)}};
        code = findings_tell(ctl, findings, (int)(sizeof findings / sizeof *findings));
    }
    (void)sqlite3_close(sqlite);
    return code;
}

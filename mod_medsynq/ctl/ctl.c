/* ctl.c -- what the commands share: output, options, identity, opening the database. */
#include "ctl/ctl.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "domain/sessions.h"

enum { PROGRESS_STEP = 200000 /* microseconds */ };

int ctl_fail(const ctl_t *ctl, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fprintf(stderr, "medsynqctl: %s\n", apr_pvsprintf(ctl->pool, format, arguments));
    va_end(arguments);
    return CTL_FAILED;
}

int ctl_usage(const ctl_t *ctl, const char *sentence)
{
    (void)ctl_fail(ctl, "%s", sentence);
    return CTL_USAGE;
}

void ctl_print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vprintf(format, arguments);
    va_end(arguments);
}

void ctl_write(const mq_buffer_t *buffer)
{
    (void)fwrite(buffer->data, 1, buffer->length, stdout);
}

void ctl_progress(ctl_t *ctl, const char *what, apr_int64_t done, apr_int64_t total)
{
    apr_time_t now = apr_time_now();
    if (!ctl->progress || (done < total && now - ctl->shown < PROGRESS_STEP)) {
        return;
    }
    ctl->shown = now;
    (void)fprintf(stderr, "\r%s: %ld of %ld%s", what, (long)done, (long)total,
                  done == total ? "\n" : "");
}

const char *ctl_options(const ctl_t *ctl, const ctl_option_t *options, const char **operand)
{
    for (int i = 0; i < ctl->argc; i++) {
        const ctl_option_t *row = options;
        const char *argument = ctl->argv[i];
        while (row && row->name && strcmp(row->name, argument) != 0) {
            row++;
        }
        if (row && row->name) {
            if (i + 1 == ctl->argc) {
                return apr_pstrcat(ctl->pool, argument, " needs a value", NULL);
            }
            *row->value = ctl->argv[++i];
        } else if (strncmp(argument, "--", 2) == 0) {
            return apr_pstrcat(ctl->pool, "there is no option ", argument, NULL);
        } else if (!operand || *operand) {
            return apr_pstrcat(ctl->pool, "one argument too many: ", argument, NULL);
        } else {
            *operand = argument;
        }
    }
    return NULL;
}

apr_int64_t ctl_number(const char *text, apr_int64_t least, apr_int64_t most)
{
    char *end;
    apr_int64_t value = apr_strtoi64(text, &end, 10);
    return end == text || *end || value < least || value > most ? -1 : value;
}

int ctl_take_identity(const ctl_t *ctl)
{
    struct stat info;
    const char *folder = apr_pstrndup(ctl->pool, ctl->database,
                                      (apr_size_t)(strrchr(ctl->database, '/') - ctl->database));
    if (stat(ctl->database, &info) != 0 && stat(*folder ? folder : "/", &info) != 0) {
        (void)ctl_fail(ctl, "there is no folder %s: make it, and let the server's user own it",
                       folder);
        return 0;
    }
    if (geteuid() != 0 || info.st_uid == 0) {
        return 1;
    }
    const struct passwd *owner = getpwuid(info.st_uid);
    if ((owner ? initgroups(owner->pw_name, info.st_gid) : setgroups(0, NULL)) != 0 ||
        setgid(info.st_gid) != 0 || setuid(info.st_uid) != 0) {
        (void)ctl_fail(ctl, "the identity of the database's owner cannot be taken on");
        return 0;
    }
    return 1;
}

int ctl_sqlite_read(sqlite3 **sqlite_out, const char *path, const ctl_t *ctl)
{
    apr_finfo_t info;
    int code;
    *sqlite_out = NULL;
    if (apr_stat(&info, path, APR_FINFO_TYPE, ctl->pool) != APR_SUCCESS) {
        return SQLITE_CANTOPEN;
    }
    code = sqlite3_open_v2(path, sqlite_out, SQLITE_OPEN_READONLY, NULL);
    (void)sqlite3_busy_timeout(*sqlite_out, 5000);
    if (code == SQLITE_OK) {
        code = sqlite3_exec(*sqlite_out, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);
    }
    /* a copy in a folder that may not be written: no -shm can be made for it. Without a -wal the
     * file is all there is, and nobody writes it. */
    if (code != SQLITE_OK && code != SQLITE_NOTADB &&
        apr_stat(&info, apr_pstrcat(ctl->pool, path, "-wal", NULL), APR_FINFO_TYPE, ctl->pool) !=
            APR_SUCCESS) {
        (void)sqlite3_close(*sqlite_out);
        code = sqlite3_open_v2(apr_pstrcat(ctl->pool, "file:", path, "?immutable=1", NULL),
                               sqlite_out, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    }
    return code;
}

static apr_status_t lend(mq_db_t **db_out, void *lender)
{
    *db_out = ((ctl_core_t *)lender)->db;
    return APR_SUCCESS;
}

static void take_back(mq_db_t *db, int broken, void *lender)
{
    (void)db;
    (void)broken;
    (void)lender;
}

/* The queue lies in the server's memory: a command waits in SQLite's busy handler instead. */
static apr_status_t write_begin(void *lender)
{
    (void)lender;
    return APR_SUCCESS;
}

static void write_end(void *lender)
{
    (void)lender;
}

int ctl_core_open(ctl_core_t **core_out, const ctl_t *ctl)
{
    ctl_core_t *core = apr_pcalloc(ctl->pool, sizeof *core);
    const char *error = NULL;
    if (mq_db_open(&core->db, "sqlite3", ctl->database, MQ_DB_SERVE, &error, ctl->pool) !=
        APR_SUCCESS) {
        return ctl_fail(ctl, "the database %s cannot be used: %s", ctl->database, error);
    }
    core->store = (mq_store_t){lend, take_back, write_begin, write_end, core, NULL};
    core->core = (mq_core_t){.store = &core->store, .password_cost = 12};
    if (mq_text_make(&core->core.folding, ctl->pool) != APR_SUCCESS ||
        mq_gate_make(&core->core.hashing, 1, ctl->pool) != APR_SUCCESS) {
        mq_db_close(core->db);
        return ctl_fail(ctl, "ICU's data is missing: install the package libicu");
    }
    *core_out = core;
    return CTL_DONE;
}

void ctl_core_close(ctl_core_t *core)
{
    mq_db_close(core->db);
}

mq_visit_t ctl_visit(const ctl_core_t *core, apr_pool_t *pool)
{
    return (mq_visit_t){.core = &core->core,
                        .pool = pool,
                        .address = "",
                        .agent = "medsynqctl",
                        .now = apr_time_now()};
}

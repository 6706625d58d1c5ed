/* ctl_restore.c -- medsynqctl restore: a backup takes the database's place. The copy is checked,
 * migrated and recorded beside the database before anything is touched; what it replaces stays
 * aside until the new file is on the disk. */
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder_lock.h"
#include "ctl/ctl_check.h"
#include "ctl/ctl.h"
#include "ctl/ctl_files.h"

/* Whole, ours, not of a newer program? */
static int part_check(ctl_t *ctl, const char *file, const char *part)
{
    finding_t findings[CHECK_CONTENTS];
    const char *why;
    mq_owner_t *owner;
    int result = ctl_owner_try(&owner, &why, part, ctl);
    if (result != CTL_DONE) {
        (void)ctl_fail(ctl, "%s is no database that can be read: %s", file, why);
        return result;
    }
    check_contents(findings, ctl, owner, 1);
    mq_owner_close(owner);
    for (int i = 0; i < CHECK_CONTENTS; i++) {
        if (findings[i].fault) {
            result = ctl_fail(ctl, "%s is not sound, and nothing was changed: %s: %s", file,
                              findings[i].what, findings[i].fault);
        }
    }
    return result;
}

/* The copy as the server will want it, with the restoring in its trail. */
static int part_finish(ctl_t *ctl, const char *file, const char *part)
{
    const char *database = ctl->database;
    const char *error = "it cannot be opened";
    int code;
    ctl->database = part;
    code = ctl_migrate_quietly(ctl);
    if (code == CTL_DONE) {
        code = ctl_record(ctl, MQ_ACTION_COMMAND, "restore %s", file);
    }
    ctl->database = database;
    if (code == CTL_DONE && mq_owner_settle(ctl->driver, part, &error, ctl->pool) != APR_SUCCESS) {
        code = ctl_fail(ctl, "%s cannot be written: %s", part, error);
    }
    return code;
}

/* What stands beside another database would be taken for the new file's own. It is moved, not
 * removed: it is still there when the database was too damaged to take it in. */
static int put_aside(const ctl_t *ctl, const char *aside)
{
    const char *const *companion = mq_owner_companions(ctl->driver);
    files_forget(ctl, aside);
    if (link(ctl->database, aside) != 0) {
        return errno == ENOENT;
    }
    for (; *companion; companion++) {
        if (rename(files_companion(ctl, ctl->database, *companion),
                   files_companion(ctl, aside, *companion)) != 0 &&
            errno != ENOENT) {
            return 0;
        }
    }
    return 1;
}

static int restore(ctl_t *ctl, int from, const char *file)
{
    const char *part = apr_pstrcat(ctl->pool, ctl->database, ".part", NULL);
    const char *aside = apr_pstrcat(ctl->pool, ctl->database, ".replaced", NULL);
    const char *ignored;
    struct stat info;
    int code;
    files_forget(ctl, part);
    /* as bytes: root has opened it, and the owner of the database, who works now, could not */
    code = files_copy(ctl, from, file, part);
    if (code == CTL_DONE) {
        code = part_check(ctl, file, part);
    }
    if (ctl->dry) {
        files_forget(ctl, part);
        return code == CTL_DONE ? ctl_would(ctl, "put %s, which is sound, in the place of %s", file,
                                            ctl->database)
                                : code;
    }
    if (code == CTL_DONE) {
        code = part_finish(ctl, file, part);
    }
    if (code == CTL_DONE && stat(ctl->database, &info) == 0 &&
        mq_owner_settle(ctl->driver, ctl->database, &ignored, ctl->pool) == MQ_EFULL) {
        code = ctl_fail(ctl, "%s is in use: end what has it open first", ctl->database);
    }
    if (code == CTL_DONE &&
        (!put_aside(ctl, aside) || !files_put(part, ctl->database, ctl->pool))) {
        code = ctl_fail(ctl, "%s cannot be replaced: %s; if it is gone it is in %s", ctl->database,
                        strerror(errno), aside);
    }
    if (code != CTL_DONE) {
        files_forget(ctl, part);
        return code;
    }
    files_forget(ctl, aside);
    return ctl_done(ctl, "restored; the server may start");
}

int ctl_restore(ctl_t *ctl)
{
    const char *file = NULL;
    const char *wrong = ctl_options(ctl, NULL, &file);
    const char *pending = mq_owner_companions(ctl->driver)[0];
    struct stat info;
    apr_status_t rv;
    int from;
    if (wrong || !file) {
        return ctl_usage(ctl, wrong ? wrong : "restore needs the name of the backup");
    }
    file = ctl_absolute(ctl, file);
    from = open(file, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        (void)ctl_fail(ctl, "%s cannot be read: %s", file, strerror(errno));
        return CTL_UNREADABLE;
    }
    if (pending && stat(files_companion(ctl, file, pending), &info) == 0 && info.st_size > 0) {
        return ctl_fail(ctl,
                        "%s is a database in use, not a backup: medsynqctl --database %s "
                        "backup makes one",
                        file, file);
    }
    if (!ctl_take_identity(ctl)) {
        return CTL_FAILED;
    }
    if (ctl->dry) { /* beside a server, too */
        return restore(ctl, from, file);
    }
    rv = mq_folder_lock(ctl->database, 1, ctl->pool);
    if (rv == MQ_EFULL) {
        return ctl_fail(ctl, "a server runs on %s: stop it first", ctl->database);
    }
    return rv == APR_SUCCESS ? restore(ctl, from, file)
                             : ctl_failed(ctl, rv, "the database's folder cannot be locked");
}

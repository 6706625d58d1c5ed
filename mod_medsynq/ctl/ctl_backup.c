/* ctl_backup.c -- medsynqctl backup: a consistent copy while the server writes. Its way back is
 * ctl_restore.c. */
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/ctl_files.h"

static void pages_tell(void *context, apr_int64_t done, apr_int64_t total)
{
    ctl_progress(context, "pages", done, total);
}

static int copy_into(ctl_t *ctl, const char *part)
{
    const char *error = "it cannot be opened";
    mq_owner_t *owner;
    int code = ctl_owner_open(&owner, ctl->database, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    if (mq_owner_copy(owner, part, pages_tell, ctl, &error, ctl->pool) != APR_SUCCESS) {
        code = ctl_fail(ctl, "%s cannot be written: %s", part, error);
    }
    mq_owner_close(owner);
    return code;
}

/* A new file for the copy. As root, and where the database's owner may not write, root writes and
 * gives the file away; elsewhere root becomes the owner first, so that no link which the owner has
 * laid leads it astray. */
static int part_make(const ctl_t *ctl, const char *part, const struct stat *owner)
{
    int descriptor;
    files_forget(ctl, part);
    if (geteuid() == 0 && owner->st_uid != 0) {
        pid_t child = fork();
        int status = 1;
        if (child == 0) {
            _exit(!ctl_take_identity(ctl) || files_create(part) < 0);
        }
        while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        if (status == 0) {
            return ctl_take_identity(ctl);
        }
    }
    descriptor = files_create(part);
    if (descriptor < 0) {
        (void)ctl_fail(ctl, "%s cannot be made: %s; choose a folder that you may write", part,
                       strerror(errno));
        return 0;
    }
    if (geteuid() == 0 && fchown(descriptor, owner->st_uid, owner->st_gid) != 0) {
        (void)ctl_fail(ctl, "%s cannot be given to the database's owner: %s", part,
                       strerror(errno));
        (void)unlink(part);
        descriptor = -1;
    } else {
        (void)close(descriptor);
    }
    return descriptor >= 0;
}

/* After a change of the schema, and before the server has started again, it cannot be recorded. */
static int backup_record(const ctl_t *ctl, const char *file)
{
    const char *error = NULL;
    mq_owner_t *owner = NULL;
    int version = 0;
    if (!ctl_take_identity(ctl)) {
        return CTL_FAILED;
    }
    if (ctl_owner_try(&owner, &error, ctl->database, ctl) != CTL_DONE ||
        mq_owner_version(&version, owner, &error, ctl->pool) != APR_SUCCESS) {
        version = mq_migration_count;
    }
    mq_owner_close(owner);
    if (version != mq_migration_count) {
        (void)ctl_fail(ctl, "the backup is not in the audit trail: the database has another schema "
                            "than this program");
        return CTL_DONE;
    }
    return ctl_record(ctl, MQ_ACTION_COMMAND, "backup %s", file);
}

int ctl_backup(ctl_t *ctl)
{
    const char *file = NULL;
    const char *wrong = ctl_options(ctl, NULL, &file);
    struct stat owner;
    struct stat there;
    const char *part;
    int code;
    if (wrong || !file) {
        return ctl_usage(ctl, wrong ? wrong : "backup needs the name of the file to write");
    }
    if (stat(ctl->database, &owner) != 0) {
        (void)ctl_fail(ctl, "%s cannot be read: %s", ctl->database,
                       ctl_unreadable(ctl, ctl->database, NULL));
        return CTL_UNREADABLE;
    }
    file = ctl_absolute(ctl, file);
    if (stat(file, &there) == 0 && (!S_ISREG(there.st_mode) || (there.st_dev == owner.st_dev &&
                                                                there.st_ino == owner.st_ino))) {
        return ctl_fail(ctl, "%s is %s: name another file", file,
                        S_ISREG(there.st_mode) ? "the database itself" : "no file");
    }
    part = apr_pstrcat(ctl->pool, file, ".part", NULL);
    if (!part_make(ctl, part, &owner)) {
        return CTL_FAILED;
    }
    code = copy_into(ctl, part);
    if (code == CTL_DONE && !files_put(part, file, ctl->pool)) {
        code = ctl_fail(ctl, "%s cannot be put in its place: %s", file, strerror(errno));
    }
    if (code != CTL_DONE) {
        files_forget(ctl, part);
        return code;
    }
    code = backup_record(ctl, file);
    return code == CTL_DONE
               ? ctl_done(ctl, "written; medsynqctl --database %s check proves it", file)
               : code;
}

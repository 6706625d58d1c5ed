/* ctl_backup.c -- medsynqctl backup: a consistent copy while the server writes, proved before it
 * takes the place of the one before. Which copies stay is in ctl_backup_kept.c, its way back in
 * ctl_restore.c. */
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/ctl_backup_kept.h"
#include "ctl/ctl_check.h"
#include "ctl/ctl_files.h"

enum { STILL_TRIES = 3 };

static void pages_tell(void *context, apr_int64_t done, apr_int64_t total)
{
    ctl_progress(context, "pages", done, total);
}

static int is_read_only(const char *path)
{
    struct statvfs system;
    return statvfs(path, &system) == 0 && system.f_flag & ST_RDONLY;
}

static int is_unchanged(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int copy_one(ctl_t *ctl, const char *file, const char *copy)
{
    int from = open(file, O_RDONLY | O_CLOEXEC);
    int code;
    if (from < 0) {
        (void)ctl_fail(ctl, "%s cannot be read: %s", file, strerror(errno));
        return CTL_UNREADABLE;
    }
    code = files_copy(ctl, from, file, copy);
    (void)close(from);
    return code;
}

/* On a disk that nobody may write lies what a server left that did not end by itself: the file, and
 * beside it what it does not have yet. SQLite wants to write there to read both. Copied together
 * they are read; files that change meanwhile are somebody else's to copy. */
static int copy_both(ctl_t *ctl, const char *pending, const char *part)
{
    const char *part_pending = files_companion(ctl, part, mq_owner_companions(ctl->driver)[0]);
    struct stat before[2];
    struct stat after[2];
    const char *error = "";
    for (int i = 0; i < STILL_TRIES; i++) {
        int code;
        files_forget(ctl, part);
        if (stat(ctl->database, &before[0]) != 0 || stat(pending, &before[1]) != 0) {
            return ctl_fail(ctl, "%s went away", ctl->database);
        }
        code = copy_one(ctl, ctl->database, part);
        code = code == CTL_DONE ? copy_one(ctl, pending, part_pending) : code;
        if (code != CTL_DONE) {
            return code;
        }
        if (stat(ctl->database, &after[0]) == 0 && stat(pending, &after[1]) == 0 &&
            is_unchanged(&before[0], &after[0]) && is_unchanged(&before[1], &after[1])) {
            return mq_owner_settle(ctl->driver, part, &error, ctl->pool) == APR_SUCCESS
                       ? CTL_DONE
                       : ctl_fail(ctl, "%s cannot be written: %s", part, error);
        }
    }
    return ctl_fail(ctl, "%s is being written through another mount: run this where that happens",
                    ctl->database);
}

/* The copy, and how many organisations it must have at least: some may come or go meanwhile. */
static int copy_into(ctl_t *ctl, apr_int64_t *least_out, const char *part)
{
    const char *pending = files_companion(ctl, ctl->database, mq_owner_companions(ctl->driver)[0]);
    const char *error = "it cannot be opened";
    struct stat info;
    mq_owner_t *owner;
    apr_int64_t after;
    int code;
    *least_out = 0;
    if (is_read_only(ctl->database) && stat(pending, &info) == 0 && info.st_size > 0) {
        return copy_both(ctl, pending, part);
    }
    code = ctl_owner_open(&owner, ctl->database, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    *least_out = ctl_organisations(owner);
    if (mq_owner_copy(owner, part, pages_tell, ctl, &error, ctl->pool) != APR_SUCCESS) {
        code = ctl_fail(ctl, "%s cannot be written: %s", part, error);
    }
    after = ctl_organisations(owner);
    *least_out = after < *least_out ? after : *least_out;
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
    (void)close(descriptor);
    return 1;
}

/* Root gives what it has written to the database's owner. */
static int part_give(const ctl_t *ctl, const char *part, const struct stat *owner)
{
    if (geteuid() == 0 && lchown(part, owner->st_uid, owner->st_gid) != 0) {
        return ctl_fail(ctl, "%s cannot be given to the database's owner: %s", part,
                        strerror(errno));
    }
    return CTL_DONE;
}

/* @return what keeps the copy from being one to rely on, or NULL
 * @param least  organisations that were in the database
 * @param before organisations of the copy before this one, -1: there is none */
static const char *part_fault(ctl_t *ctl, const char *part, apr_int64_t least, apr_int64_t before)
{
    finding_t findings[CHECK_CONTENTS];
    const char *why;
    mq_owner_t *owner;
    apr_int64_t count;
    if (ctl_owner_try(&owner, &why, part, ctl) != CTL_DONE) {
        return why;
    }
    check_contents(findings, ctl, owner, 1);
    count = ctl_organisations(owner);
    mq_owner_close(owner);
    for (int i = 0; i < CHECK_CONTENTS; i++) {
        if (findings[i].fault) {
            return apr_pstrcat(ctl->pool, findings[i].what, ": ", findings[i].fault, NULL);
        }
    }
    if (count < least) {
        return apr_psprintf(ctl->pool, "it has %ld organisations, and the database %ld",
                            (long)count, (long)least);
    }
    return count < before
               ? apr_psprintf(ctl->pool,
                              "it has %ld organisations, and the backup before it %ld; where that "
                              "is right, say --fewer once",
                              (long)count, (long)before)
               : NULL;
}

/* What is not sound is no backup, and may yet be the last of what was written. */
static int part_set_aside(ctl_t *ctl, const char *part, const char *file, const char *fault)
{
    const char *aside = apr_pstrcat(ctl->pool, file, ".unsound", NULL);
    files_forget(ctl, aside);
    if (!files_put(part, aside, ctl->pool)) {
        return ctl_fail(ctl, "the copy is not sound (%s), and %s cannot be made: %s", fault, aside,
                        strerror(errno));
    }
    return ctl_fail(ctl,
                    "the copy is not sound, and every backup before it stays as it was: %s; "
                    "the copy is %s",
                    fault, aside);
}

/* After a change of the schema, and before the server has started again, it cannot be recorded. */
static int backup_record(const ctl_t *ctl, const char *file)
{
    const char *error = NULL;
    mq_owner_t *owner = NULL;
    int version = 0;
    if (is_read_only(ctl->database)) {
        (void)ctl_fail(ctl, "the backup is not in the audit trail: the database is on a read-only "
                            "file system");
        return CTL_DONE;
    }
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

/* @return why no file may be written there, or NULL */
static const char *target_fault(const ctl_t *ctl, const char *file, const struct stat *database)
{
    struct stat there;
    if (lstat(file, &there) != 0) {
        return NULL;
    }
    if (!S_ISREG(there.st_mode)) {
        return apr_pstrcat(ctl->pool, file, " is no file: name another one", NULL);
    }
    return there.st_dev == database->st_dev && there.st_ino == database->st_ino
               ? apr_pstrcat(ctl->pool, file, " is the database itself: name another file", NULL)
               : NULL;
}

static int written_say(const ctl_t *ctl, const char *file, int removed)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 256)};
    if (!ctl->json) {
        ctl_print("%s is written, and sound%s\n", file,
                  removed ? apr_psprintf(ctl->pool, "; %d older removed", removed) : "");
        return CTL_DONE;
    }
    mq_json_object(&json, NULL);
    mq_json_flag(&json, "done", 1);
    mq_json_text(&json, "file", file);
    mq_json_int(&json, "removed", removed);
    mq_json_object_end(&json);
    mq_buffer_text(json.out, "\n");
    ctl_write(json.out);
    return CTL_DONE;
}

/* The file has its name; its event, and what is said of it. */
static int written_end(ctl_t *ctl, const char *file, int removed)
{
    return backup_record(ctl, file) == CTL_DONE
               ? written_say(ctl, file, removed)
               : ctl_fail(ctl, "%s is whole all the same, and proved; the trail has no word of it",
                          file);
}

static int backup(ctl_t *ctl, const char *named, const char *file, int keep, int fewer)
{
    const char *part = apr_pstrcat(ctl->pool, file, ".part", NULL);
    const char *fault;
    struct stat owner;
    apr_int64_t before;
    apr_int64_t least;
    int code;
    if (stat(ctl->database, &owner) != 0) {
        (void)ctl_fail(ctl, "%s cannot be read: %s", ctl->database,
                       ctl_unreadable(ctl, ctl->database, NULL));
        return CTL_UNREADABLE;
    }
    if ((fault = target_fault(ctl, file, &owner)) != NULL) {
        return ctl_fail(ctl, "%s", fault);
    }
    if (!part_make(ctl, part, &owner)) {
        return CTL_FAILED;
    }
    before = fewer ? -1 : ctl_organisations_in(ctl, keep ? kept_newest(ctl, named) : file);
    code = copy_into(ctl, &least, part);
    if (code != CTL_DONE) {
        files_forget(ctl, part);
        return code;
    }
    fault = part_fault(ctl, part, least, before);
    code = part_give(ctl, part, &owner);
    if (fault) {
        return part_set_aside(ctl, part, named, fault);
    }
    if (code == CTL_DONE && !files_put(part, file, ctl->pool)) {
        code = ctl_fail(ctl, "%s cannot be put in its place: %s", file, strerror(errno));
    }
    if (code != CTL_DONE) {
        files_forget(ctl, part);
        return code;
    }
    return written_end(ctl, file, keep ? kept_prune(ctl, named, keep) : 0);
}

int ctl_backup(ctl_t *ctl)
{
    const char *file = NULL;
    const char *count = NULL;
    int fewer = 0;
    const ctl_option_t options[] = {
        {"--keep", &count, NULL}, {"--fewer", NULL, &fewer}, {NULL, NULL, NULL}};
    const char *wrong = ctl_options(ctl, options, &file);
    apr_int64_t keep = count ? ctl_number(count, 1, KEPT_MOST) : 0;
    if (wrong || !file) {
        return ctl_usage(ctl, wrong ? wrong : "backup needs the name of the file to write");
    }
    if (keep < 0) {
        return ctl_usage(ctl, "--keep takes a number of copies, 1 to 10000");
    }
    file = ctl_absolute(ctl, file);
    return backup(ctl, file, keep ? kept_name(ctl, file, apr_time_now()) : file, (int)keep, fewer);
}

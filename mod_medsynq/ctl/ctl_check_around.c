/* ctl_check_around.c -- the disk, and how old the newest backup is. */
#include "ctl/ctl_check_around.h"

#include <apr_strings.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "ctl/ctl_backup_kept.h"
#include "ctl/ctl_files.h"

static const char *megabytes(const ctl_t *ctl, apr_int64_t bytes)
{
    return apr_psprintf(ctl->pool, "%" APR_INT64_T_FMT ".%d MB", bytes / 1000000,
                        (int)(bytes / 100000 % 10));
}

static apr_int64_t size_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? info.st_size : 0;
}

const char *around_disk_fault(const ctl_t *ctl)
{
    const char *pending = mq_owner_companions(ctl->driver)[0];
    apr_int64_t needed =
        2 * (size_of(ctl->database) +
             (pending ? size_of(files_companion(ctl, ctl->database, pending)) : 0));
    apr_int64_t room;
    struct statvfs disk;
    if (statvfs(ctl->database, &disk) != 0) {
        return "it cannot be looked at";
    }
    room = (apr_int64_t)disk.f_bavail * (apr_int64_t)disk.f_frsize;
    if (disk.f_flag & ST_RDONLY) {
        return "the file system is mounted read-only: the server could not write";
    }
    return room >= needed
               ? NULL
               : apr_psprintf(ctl->pool,
                              "%s are free, and a copy of the database with room to work "
                              "takes %s: make room",
                              megabytes(ctl, room), megabytes(ctl, needed));
}

const char *around_backups_fault(const ctl_t *ctl, const char *file, int hours)
{
    const char *newest = kept_newest(ctl, file);
    apr_time_t age;
    struct stat info;
    if (stat(newest, &info) != 0) {
        return apr_psprintf(ctl->pool, "there is none of the name %s, or you may not look", file);
    }
    age = apr_time_now() - apr_time_from_sec(info.st_mtime);
    if (age > apr_time_from_sec((apr_time_t)hours * 3600)) {
        return apr_psprintf(ctl->pool, "the newest, %s, is %d hours old: see why the last failed",
                            newest, (int)(apr_time_sec(age) / 3600));
    }
    return ctl_organisations_in(ctl, newest) < 0
               ? apr_psprintf(ctl->pool, "the newest, %s, cannot be read", newest)
               : NULL;
}

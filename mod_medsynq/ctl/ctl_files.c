/* ctl_files.c -- making files, and putting them in their place for good. */
#include "ctl/ctl_files.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 18 };

int files_create(const char *path)
{
    return open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static int write_all(int descriptor, const char *data, ssize_t length)
{
    while (length > 0) {
        ssize_t n = write(descriptor, data, (size_t)length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return 0;
        }
        data += n;
        length -= n;
    }
    return 1;
}

int files_copy(ctl_t *ctl, int from, const char *file, const char *copy)
{
    char *piece = apr_palloc(ctl->pool, PIECE);
    struct stat info;
    apr_int64_t done = 0;
    ssize_t n = 0;
    int to = files_create(copy);
    if (to < 0 || fstat(from, &info) != 0) {
        return ctl_fail(ctl, "%s cannot be made: %s", copy, strerror(errno));
    }
    while ((n = read(from, piece, PIECE)) > 0 || (n < 0 && errno == EINTR)) {
        if (n > 0 && !write_all(to, piece, n)) {
            (void)close(to);
            return ctl_fail(ctl, "%s cannot be written: %s", copy, strerror(errno));
        }
        done += n > 0 ? n : 0;
        ctl_progress(ctl, "bytes", done, info.st_size);
    }
    if (n < 0 || fsync(to) != 0) {
        (void)close(to);
        return ctl_fail(ctl, "%s cannot be copied: %s", file, strerror(errno));
    }
    (void)close(to);
    return CTL_DONE;
}

const char *files_companion(const ctl_t *ctl, const char *path, const char *companion)
{
    return apr_pstrcat(ctl->pool, path, companion, NULL);
}

void files_forget(const ctl_t *ctl, const char *path)
{
    (void)unlink(path);
    for (const char *const *companion = mq_owner_companions(ctl->driver); *companion; companion++) {
        (void)unlink(files_companion(ctl, path, *companion));
    }
}

static int sync_path(const char *path, int flags)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | flags);
    int done = descriptor >= 0 && fsync(descriptor) == 0;
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    return done;
}

int files_sync_folder(const char *path, apr_pool_t *pool)
{
    apr_size_t length = (apr_size_t)(strrchr(path, '/') - path);
    return sync_path(apr_pstrndup(pool, path, length ? length : 1), O_DIRECTORY);
}

int files_put(const char *path, const char *target, apr_pool_t *pool)
{
    return sync_path(path, 0) && rename(path, target) == 0 && files_sync_folder(target, pool);
}

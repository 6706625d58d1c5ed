/* ctl_files.c -- making files, and putting them in their place for good. */
#include "ctl/ctl_files.h"

#include <apr_strings.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int files_create(const char *path)
{
    return open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
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

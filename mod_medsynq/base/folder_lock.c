/* folder_lock.c -- a lock on a folder, held by an open descriptor. */
#include "base/folder_lock.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { LOOKS = 10, LOOK_MILLISECONDS = 20 };

static apr_status_t lock_release(void *descriptor)
{
    (void)close(*(int *)descriptor);
    return APR_SUCCESS;
}

apr_status_t mq_folder_lock(const char *path, int only, apr_pool_t *pool)
{
    apr_size_t length = (apr_size_t)(strrchr(path, '/') - path);
    int *descriptor = apr_palloc(pool, sizeof *descriptor);
    int looks = 0;
    *descriptor =
        open(apr_pstrndup(pool, path, length ? length : 1), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*descriptor < 0) {
        return errno;
    }
    apr_pool_cleanup_register(pool, descriptor, lock_release, apr_pool_cleanup_null);
    while (flock(*descriptor, (only ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK && (only || ++looks > LOOKS)) {
            return MQ_EFULL;
        }
        if (errno == EWOULDBLOCK) {
            apr_sleep(apr_time_from_msec(LOOK_MILLISECONDS));
        } else if (errno != EINTR) {
            break; /* a file system without locks */
        }
    }
    return APR_SUCCESS;
}

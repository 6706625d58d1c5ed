/* secrets.c -- the secret file of a server, and the keys that come from it. */
#include "domain/secrets.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"

enum { SECRET_LENGTH = 32 };

static const char *secret_make(unsigned char secret[SECRET_LENGTH], const char *path,
                               apr_pool_t *pool)
{
    int fd;
    ssize_t written;
    if (mq_random(secret, SECRET_LENGTH) != APR_SUCCESS) {
        return "the system gives no random bytes";
    }
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return apr_psprintf(pool,
                            "the secret file %s cannot be made: %s; make its folder, or name "
                            "another with MedSynQSecretFile",
                            path, strerror(errno));
    }
    written = write(fd, secret, SECRET_LENGTH);
    if (fsync(fd) != 0 || close(fd) != 0 || written != SECRET_LENGTH) {
        (void)unlink(path);
        return apr_psprintf(pool, "the secret file %s cannot be written: is the disk full?", path);
    }
    return NULL;
}

/* Read the server's secret, or make it at the first start. Others must not be able to read it. */
static const char *secret_read(unsigned char secret[SECRET_LENGTH], const char *path, int make,
                               apr_pool_t *pool)
{
    struct stat info;
    ssize_t length;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && make) {
        return secret_make(secret, path, pool);
    }
    if (fd < 0) {
        return apr_psprintf(pool, "the secret file %s cannot be read: %s", path, strerror(errno));
    }
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || (info.st_mode & 077) != 0) {
        (void)close(fd);
        return apr_psprintf(pool, "the secret file %s may be read by others: chmod 600 it", path);
    }
    length = read(fd, secret, SECRET_LENGTH);
    (void)close(fd);
    return length == SECRET_LENGTH
               ? NULL
               : apr_psprintf(pool,
                              "the secret file %s is too short: restore it from a backup, or "
                              "remove it and everybody logs in again",
                              path);
}

const char *mq_secret_take(mq_core_t *core, const char *path, int make, apr_pool_t *pool)
{
    unsigned char secret[SECRET_LENGTH];
    const char *fault = secret_read(secret, path, make, pool);
    if (fault) {
        return fault;
    }
    if (mq_key_derive(core->csrf_key, sizeof core->csrf_key, secret, sizeof secret,
                      "medsynq csrf 1") != APR_SUCCESS ||
        mq_key_derive(core->throttle_key, sizeof core->throttle_key, secret, sizeof secret,
                      "medsynq throttle 1") != APR_SUCCESS ||
        mq_key_derive(core->data_key, sizeof core->data_key, secret, sizeof secret,
                      "medsynq data 1") != APR_SUCCESS) {
        fault = "libcrypto gives no keys";
    }
    mq_wipe(secret, sizeof secret);
    return fault;
}

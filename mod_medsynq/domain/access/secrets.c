/* secrets.c -- the secret file of a server, and the keys that come from it. */
#include "domain/access/secrets.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* The secrets of one file, the newest first. */
typedef struct secrets_t {
    unsigned char bytes[MQ_SECRETS_MOST * SECRET_LENGTH];
    int count;
    struct stat info;
} secrets_t;

static int has_zeros(const secrets_t *secrets)
{
    static const unsigned char zeros[SECRET_LENGTH];
    for (int i = 0; i < secrets->count; i++) {
        if (memcmp(secrets->bytes + (size_t)i * SECRET_LENGTH, zeros, SECRET_LENGTH) == 0) {
            return 1;
        }
    }
    return 0;
}

static const char *secrets_load(secrets_t *secrets, int fd, const char *path, apr_pool_t *pool)
{
    ssize_t length;
    if (fstat(fd, &secrets->info) != 0 || !S_ISREG(secrets->info.st_mode) ||
        (secrets->info.st_mode & 077) != 0) {
        return S_ISREG(secrets->info.st_mode)
                   ? apr_psprintf(pool, "the secret file %s may be read by others: chmod 600 it",
                                  path)
                   : apr_psprintf(pool, "%s is no file: name one for the secret", path);
    }
    length = read(fd, secrets->bytes, sizeof secrets->bytes);
    if (length < SECRET_LENGTH || length % SECRET_LENGTH != 0 || length != secrets->info.st_size) {
        return apr_psprintf(pool,
                            "the secret file %s is not of its length: restore it from its copy; "
                            "without one remove it, and 'medsynqctl secret adopt' says what is "
                            "lost",
                            path);
    }
    secrets->count = (int)(length / SECRET_LENGTH);
    if (has_zeros(secrets)) {
        return apr_psprintf(pool,
                            "the secret file %s holds zeros, as a disk leaves them after a power "
                            "cut: restore it from its copy; without one remove it, and 'medsynqctl "
                            "secret adopt' says what is lost",
                            path);
    }
    return NULL;
}

/* Read the server's secrets, or make the first. Others must not be able to read them. */
static const char *secrets_read(secrets_t *secrets, const char *path, int make, apr_pool_t *pool)
{
    const char *fault;
    int fd =
        open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); /* a pipe may wait for ever */
    if (fd < 0 && errno == ENOENT && make) {
        secrets->count = 1;
        return secret_make(secrets->bytes, path, pool);
    }
    if (fd < 0 && errno == ELOOP) {
        return apr_psprintf(pool, "the secret file %s is a symbolic link: name the file itself",
                            path);
    }
    if (fd < 0) {
        return apr_psprintf(pool, "the secret file %s cannot be read: %s", path, strerror(errno));
    }
    fault = secrets_load(secrets, fd, path, pool);
    (void)close(fd);
    return fault;
}

#define HEADS_PURPOSE "medsynq audit heads 1"

static apr_status_t fingerprint_make(unsigned char fingerprint_out[MQ_KEY_LENGTH],
                                     const unsigned char *secret)
{
    return mq_key_derive(fingerprint_out, MQ_KEY_LENGTH, secret, SECRET_LENGTH,
                         "medsynq fingerprint 1");
}

static apr_status_t keys_derive(mq_core_t *core, const secrets_t *secrets)
{
    const unsigned char *secret = secrets->bytes;
    MQ_TRY(mq_key_derive(core->csrf_key, MQ_KEY_LENGTH, secret, SECRET_LENGTH, "medsynq csrf 1"));
    MQ_TRY(mq_mac_key_make(&core->csrf_mac, core->csrf_key, MQ_KEY_LENGTH));
    MQ_TRY(mq_key_derive(core->throttle_key, MQ_KEY_LENGTH, secret, SECRET_LENGTH,
                         "medsynq throttle 1"));
    MQ_TRY(mq_key_derive(core->search_key, MQ_KEY_LENGTH, core->csrf_key, MQ_KEY_LENGTH,
                         "medsynq search 1"));
    MQ_TRY(mq_key_derive(core->data_key, MQ_KEY_LENGTH, secret, SECRET_LENGTH, "medsynq data 1"));
    MQ_TRY(mq_key_derive(core->heads_key, MQ_KEY_LENGTH, secret, SECRET_LENGTH, HEADS_PURPOSE));
    core->fingerprints_count = secrets->count;
    for (int i = 0; i < secrets->count; i++) {
        MQ_TRY(fingerprint_make(core->fingerprints[i], secret + (size_t)i * SECRET_LENGTH));
    }
    core->old_keys_count = secrets->count - 1;
    for (int i = 0; i < core->old_keys_count; i++) {
        mq_old_keys_t *old = &core->old_keys[i];
        secret += SECRET_LENGTH;
        MQ_TRY(
            mq_key_derive(old->csrf_key, MQ_KEY_LENGTH, secret, SECRET_LENGTH, "medsynq csrf 1"));
        MQ_TRY(mq_mac_key_make(&old->csrf, old->csrf_key, MQ_KEY_LENGTH));
        MQ_TRY(mq_key_derive(old->data, MQ_KEY_LENGTH, secret, SECRET_LENGTH, "medsynq data 1"));
        MQ_TRY(mq_key_derive(old->heads, MQ_KEY_LENGTH, secret, SECRET_LENGTH, HEADS_PURPOSE));
    }
    return APR_SUCCESS;
}

const char *mq_secret_take(mq_core_t *core, const char *path, int make, apr_pool_t *pool)
{
    secrets_t secrets = {.count = 0};
    const char *fault = secrets_read(&secrets, path, make, pool);
    if (!fault && keys_derive(core, &secrets) != APR_SUCCESS) {
        fault = "libcrypto gives no keys";
    }
    mq_wipe(&secrets, sizeof secrets);
    return fault;
}

const char *mq_secret_fault(const char *path, apr_pool_t *pool)
{
    secrets_t secrets = {.count = 0};
    const char *fault = NULL;
    struct stat info;
    if (lstat(path, &info) == 0) {
        fault = secrets_read(&secrets, path, 0, pool);
    }
    mq_wipe(&secrets, sizeof secrets);
    return fault;
}

static int folder_sync(const char *path, apr_pool_t *pool)
{
    const char *slash = strrchr(path, '/');
    const char *folder = !slash          ? "."
                         : slash == path ? "/"
                                         : apr_pstrmemdup(pool, path, (apr_size_t)(slash - path));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return done;
}

/* Owner and mode first: nobody else may read what is written. */
static int secrets_write(const secrets_t *secrets, int fd)
{
    size_t length = (size_t)secrets->count * SECRET_LENGTH;
    return fchown(fd, secrets->info.st_uid, secrets->info.st_gid) == 0 &&
           fchmod(fd, secrets->info.st_mode & 0700) == 0 &&
           write(fd, secrets->bytes, length) == (ssize_t)length && fsync(fd) == 0;
}

static const char *secrets_put(const secrets_t *secrets, const char *path, apr_pool_t *pool)
{
    const char *made = apr_pstrcat(pool, path, ".new", NULL);
    int fd = open(made, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int error;
    if (fd < 0) {
        return errno == EEXIST
                   ? apr_psprintf(pool,
                                  "%s is there: another command is at work, or was killed and "
                                  "left it; remove it",
                                  made)
                   : apr_psprintf(pool, "%s cannot be made: %s", made, strerror(errno));
    }
    error = secrets_write(secrets, fd) ? 0 : errno;
    if (close(fd) != 0 && !error) {
        error = errno;
    }
    if (!error && rename(made, path) != 0) {
        error = errno;
    }
    if (error) {
        (void)unlink(made);
        return apr_psprintf(pool,
                            "the secret file %s is as it was: a new one cannot be written: %s",
                            path, strerror(error));
    }
    return folder_sync(path, pool) ? NULL : "the new secret is there, but not yet on the disk";
}

const char *mq_secret_rotate(int *count_out, const char *path, mq_secret_coming_t coming,
                             void *context, apr_pool_t *pool)
{
    unsigned char fingerprint[MQ_KEY_LENGTH];
    secrets_t secrets = {.count = 0};
    const char *fault = secrets_read(&secrets, path, 0, pool);
    if (!fault && secrets.count == MQ_SECRETS_MOST) {
        fault = apr_psprintf(pool, "the secret file %s has %d secrets, and more do not fit", path,
                             MQ_SECRETS_MOST);
    }
    if (!fault) {
        memmove(secrets.bytes + SECRET_LENGTH, secrets.bytes,
                (size_t)secrets.count * SECRET_LENGTH);
        secrets.count++;
        fault = mq_random(secrets.bytes, SECRET_LENGTH) == APR_SUCCESS &&
                        fingerprint_make(fingerprint, secrets.bytes) == APR_SUCCESS
                    ? coming(context, fingerprint)
                    : "the system gives no random bytes";
    }
    if (!fault) {
        fault = secrets_put(&secrets, path, pool);
    }
    *count_out = secrets.count;
    mq_wipe(&secrets, sizeof secrets);
    return fault;
}

const char *mq_secret_retire(int *count_out, const char *path, apr_pool_t *pool)
{
    secrets_t secrets = {.count = 0};
    const char *fault = secrets_read(&secrets, path, 0, pool);
    *count_out = secrets.count - 1;
    if (!fault && *count_out > 0) {
        secrets.count = 1;
        fault = secrets_put(&secrets, path, pool);
    }
    mq_wipe(&secrets, sizeof secrets);
    return fault;
}

apr_status_t mq_secret_open(const unsigned char **data_out, apr_size_t *length_out,
                            const mq_core_t *core, mq_bytes_t bound, mq_bytes_t sealed,
                            apr_pool_t *pool)
{
    apr_status_t rv = mq_open(data_out, length_out, core->data_key, bound, sealed, pool);
    for (int i = 0; rv == MQ_ECORRUPT && i < core->old_keys_count; i++) {
        rv = mq_open(data_out, length_out, core->old_keys[i].data, bound, sealed, pool);
    }
    return rv;
}

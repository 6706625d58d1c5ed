/* sqlite_look.c -- what a look at the files of a database tells: nothing is opened by SQLite,
 * locked or made, so that configtest can ask while a server is running. */
#include "store/sqlite/sqlite_look.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <apr_user.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite/sqlite_schema.h"
#include "store/statements.h"

enum {
    HEADER_LENGTH = 100,
    PAGE_SIZE_AT = 16,
    PAGE_SIZE_MOST = 65536, /* which is written as 1 */
    PAGES_AT = 28,
    VERSION_AT = 60,
    APPLICATION_AT = 68
};

static const char magic[] = "SQLite format 3"; /* with its NUL */

static const char *user_name(apr_uid_t uid, apr_pool_t *pool)
{
    char *name;
    return apr_uid_name_get(&name, uid, pool) == APR_SUCCESS ? name
                                                             : apr_psprintf(pool, "user %u", uid);
}

static const char *group_name(apr_pool_t *pool)
{
    char *name;
    return apr_gid_name_get(&name, getegid(), pool) == APR_SUCCESS
               ? name
               : apr_psprintf(pool, "%u", getegid());
}

/* A file system that is mounted read-only, or fails, is no fault of who wrote the configuration. */
static int is_forbidden(const char *path, int how)
{
    return access(path, how) != 0 && errno == EACCES;
}

static const char *permission_fault(const char *what, const char *path, const struct stat *info,
                                    apr_pool_t *pool)
{
    const char *me = user_name(geteuid(), pool);
    return apr_psprintf(pool, "%s cannot write %s %s, which is %s's: chown %s:%s '%s'", me, what,
                        path, user_name(info->st_uid, pool), me, group_name(pool), path);
}

static const char *folder_fault(const char *path, apr_pool_t *pool)
{
    const char *slash = strrchr(path, '/');
    const char *folder =
        slash == path ? "/" : apr_pstrmemdup(pool, path, (apr_size_t)(slash - path));
    const char *me = user_name(geteuid(), pool);
    struct stat info;
    if (stat(folder, &info) != 0 && errno == EACCES) {
        return apr_psprintf(pool, "%s cannot enter a folder above %s: chmod a+x it", me, folder);
    }
    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode)) {
        return apr_psprintf(pool, "there is no folder %s: install -d -o %s -g %s -m 750 '%s'",
                            folder, me, group_name(pool), folder);
    }
    if (info.st_mode & S_IWOTH) {
        return apr_psprintf(pool,
                            "everybody may write the folder %s, and replace what lies there: "
                            "chmod o-w it",
                            folder);
    }
    return is_forbidden(folder, W_OK | X_OK) ? permission_fault("the folder", folder, &info, pool)
                                             : NULL;
}

static const char *file_fault(const char *path, apr_pool_t *pool)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return errno == ENAMETOOLONG
                   ? apr_psprintf(pool, "the name %s is too long: shorten it", path)
               : lstat(path, &info) == 0
                   ? apr_psprintf(pool, "%s is a link that leads nowhere: mend or remove it", path)
                   : NULL; /* it is made */
    }
    if (!S_ISREG(info.st_mode)) {
        return apr_psprintf(pool, "%s is no file: name one", path);
    }
    return is_forbidden(path, R_OK | W_OK) ? permission_fault("the file", path, &info, pool) : NULL;
}

static unsigned number_at(const unsigned char *header, int at)
{
    return (unsigned)header[at] << 24 | (unsigned)header[at + 1] << 16 |
           (unsigned)header[at + 2] << 8 | header[at + 3];
}

/* A copy that was cut off. What stands in the log may not be in the file yet. */
static const char *length_fault(const char *path, const unsigned char *header, apr_pool_t *pool)
{
    apr_off_t page = (apr_off_t)header[PAGE_SIZE_AT] << 8 | header[PAGE_SIZE_AT + 1];
    apr_off_t wanted;
    struct stat info;
    page = page == 1 ? PAGE_SIZE_MOST : page;
    wanted = number_at(header, PAGES_AT) > 1 ? page * number_at(header, PAGES_AT) : page;
    if (stat(apr_pstrcat(pool, path, "-wal", NULL), &info) == 0 && info.st_size > 0) {
        return NULL;
    }
    return stat(path, &info) == 0 && info.st_size < wanted
               ? apr_psprintf(pool,
                              "%s was cut off, at %" APR_OFF_T_FMT " of %" APR_OFF_T_FMT
                              " bytes: move it away, and restore a backup",
                              path, (apr_off_t)info.st_size, wanted)
               : NULL;
}

static const char *header_fault(const char *path, apr_pool_t *pool)
{
    unsigned char header[HEADER_LENGTH];
    const char *fault;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, header, sizeof header);
    if (fd >= 0) {
        (void)close(fd);
    }
    if (length <= 0) {
        return NULL;
    }
    if (length < HEADER_LENGTH || memcmp(header, magic, sizeof magic) != 0 ||
        (header[PAGE_SIZE_AT] == 0 && header[PAGE_SIZE_AT + 1] != 1)) {
        return apr_psprintf(pool,
                            "%s is not an SQLite database: move it away, name another file, or "
                            "restore a backup",
                            path);
    }
    if (number_at(header, PAGES_AT) > 1 &&
        number_at(header, APPLICATION_AT) != MQ_SQLITE_APPLICATION) {
        return apr_psprintf(pool, "%s is another program's database: name another file", path);
    }
    fault = mq_sqlite_version_fault((int)number_at(header, VERSION_AT), pool);
    return fault ? fault : length_fault(path, header, pool);
}

const char *mq_sqlite_look(const char *parameters, apr_pool_t *pool)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    const char *fault = mq_sqlite_library_fault(pool);
    fault = fault ? fault : folder_fault(parameters, pool);
    for (size_t i = 0; !fault && i < sizeof endings / sizeof *endings; i++) {
        fault = file_fault(apr_pstrcat(pool, parameters, endings[i], NULL), pool);
    }
    return fault ? fault : header_fault(parameters, pool);
}

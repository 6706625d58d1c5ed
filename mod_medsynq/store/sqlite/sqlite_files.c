/* sqlite_files.c -- inodes and locks of the database's files. */
#include "store/sqlite/sqlite_files.h"

#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where SQLite's own locks lie, by its file format: whoever uses a database with a log keeps a lock
 * to read in its file, and one in the log's index. */
enum {
    FILE_LOCKS_AT = 0x40000000 + 2,
    FILE_LOCKS = 510,
    INDEX_LOCK_AT = 128,
    FILE_HELD = 1,
    INDEX_HELD = 2
};

static mq_file_id_t id_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (mq_file_id_t){info.st_dev, info.st_ino} : (mq_file_id_t){0, 0};
}

static int is_same(mq_file_id_t a, mq_file_id_t b)
{
    return a.inode == b.inode && a.device == b.device;
}

void mq_files_keep(mq_files_t *files, const char *path, apr_pool_t *pool)
{
    files->file = apr_pstrdup(pool, path);
    files->log = apr_pstrcat(pool, path, "-wal", NULL);
    files->file_id = id_of(files->file);
    files->log_id = id_of(files->log);
}

mq_trouble_t mq_files_look(const mq_files_t *files)
{
    if (!files->file) {
        return MQ_TROUBLE_NONE;
    }
    return !is_same(files->file_id, id_of(files->file)) ? MQ_TROUBLE_FILE_GONE
           : !is_same(files->log_id, id_of(files->log)) ? MQ_TROUBLE_LOG_GONE
                                                        : MQ_TROUBLE_NONE;
}

void mq_files_set_aside(const char *path, apr_pool_t *pool)
{
    const char *log = apr_pstrcat(pool, path, "-wal", NULL);
    (void)rename(log, apr_psprintf(pool, "%s.foreign-%" APR_TIME_T_FMT, log, apr_time_now()));
}

/* Nothing here may take a lock or memory: another thread may have had it when the process forked.
 */
static int is_held(const char *path, off_t at, off_t length)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = at, .l_len = length};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static int held_ask(const char *path, const char *index)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit((is_held(path, FILE_LOCKS_AT, FILE_LOCKS) ? FILE_HELD : 0) |
              (is_held(index, INDEX_LOCK_AT, 1) ? INDEX_HELD : 0));
    }
    while (child > 0 && waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return FILE_HELD | INDEX_HELD;
        }
    }
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : FILE_HELD | INDEX_HELD;
}

mq_users_t mq_files_users(const char *path)
{
    char index[PATH_MAX];
    int held;
    (void)snprintf(index, sizeof index, "%s-shm", path);
    held = held_ask(path, index);
    return held == 0 ? MQ_USERS_NONE : held == INDEX_HELD ? MQ_USERS_STRANDED : MQ_USERS_SOME;
}

/* as_server.c -- a child that changes its identity, works, and says in a pipe how it went. */
#include "glue/as_server.h"

#include <apr_strings.h>
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <unixd.h>

enum { SENTENCE_LENGTH = 1024, EXIT_IDENTITY = 99 };

/* Become what the server's children are: chroot, groups, user. */
static int take_identity(void)
{
    if (geteuid() != 0) {
        return 1;
    }
    if (ap_unixd_config.chroot_dir &&
        (chdir(ap_unixd_config.chroot_dir) != 0 || chroot(ap_unixd_config.chroot_dir) != 0 ||
         chdir("/") != 0)) {
        return 0;
    }
    return initgroups(ap_unixd_config.user_name, ap_unixd_config.group_id) == 0 &&
           setgid(ap_unixd_config.group_id) == 0 && setuid(ap_unixd_config.user_id) == 0;
}

static void report_read(int fd, char *sentence, apr_size_t size)
{
    apr_size_t length = 0;
    while (length + 1 < size) {
        ssize_t n = read(fd, sentence + length, size - 1 - length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        length += (apr_size_t)n;
    }
    sentence[length] = 0;
}

static void work_run(mq_as_server_work_t work, const void *context, int report, apr_pool_t *pool)
{
    const char *sentence;
    int failed = 0;
    if (!take_identity()) {
        _exit(EXIT_IDENTITY);
    }
    sentence = work(&failed, context, pool);
    (void)!write(report, sentence, strlen(sentence));
    _exit(failed ? 1 : 0);
}

int mq_as_server(const char **said_out, mq_as_server_work_t work, const void *context,
                 apr_pool_t *pool)
{
    char sentence[SENTENCE_LENGTH];
    int fd[2];
    int status = 0;
    pid_t child;
    if (pipe(fd) != 0 || (child = fork()) < 0) {
        *said_out = apr_psprintf(pool, "no process can be made for it: %s", strerror(errno));
        return 0;
    }
    if (child == 0) {
        (void)close(fd[0]);
        work_run(work, context, fd[1], pool);
    }
    (void)close(fd[1]);
    report_read(fd[0], sentence, sizeof sentence);
    (void)close(fd[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    *said_out = apr_pstrdup(pool, sentence);
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_IDENTITY) {
        *said_out = "the server's User and Group cannot be taken on";
    } else if (!WIFEXITED(status)) {
        *said_out = "the process that was to do it ended without a word";
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

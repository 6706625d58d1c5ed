/* mail.c -- RFC 5322 for one short message, and the process that takes it. */
#include "base/mail.h"

#include <apr_base64.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"

enum {
    MESSAGE_MOST = 32 * 1024, /* fits into a pipe, so that writing never blocks */
    CANNOT_RUN = 127,         /* as shells say it */
    SLICE_MSEC = 50
};

static int is_address(const char *to)
{
    for (const unsigned char *s = (const unsigned char *)to; *s; s++) {
        if (*s <= ' ' || *s == 0x7f || strchr("<>(),;:\\\"[]", *s)) {
            return 0;
        }
    }
    return *to != 0 && *to != '-' && strchr(to, '@') != NULL;
}

apr_status_t mq_mail_compose(const char **message_out, const char *to, const char *subject,
                             const char *body, apr_pool_t *pool)
{
    size_t length = strlen(subject);
    char *encoded = apr_palloc(pool, (apr_size_t)apr_base64_encode_len((int)length));
    if (!is_address(to)) {
        return MQ_EINVALID;
    }
    (void)apr_base64_encode(encoded, subject, (int)length);
    *message_out = apr_pstrcat(pool, "To: <", to, ">\nSubject: =?UTF-8?B?", encoded,
                               "?=\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
                               "Content-Transfer-Encoding: 8bit\n"
                               "Auto-Submitted: auto-generated\n\n",
                               body, NULL);
    return APR_SUCCESS;
}

/* In the child: only what is safe between fork and exec in a threaded program. */
static void program_become(const char *const *argv, int input, int output)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    output = output >= 0 ? output : null;
    if (dup2(input, 0) < 0 || (output >= 0 && (dup2(output, 1) < 0 || dup2(output, 2) < 0))) {
        _exit(CANNOT_RUN);
    }
    (void)execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(CANNOT_RUN);
}

/* init reaps it: httpd's children do not wait for anybody. */
static apr_status_t program_leave(const char *const *argv, int input)
{
    pid_t child = fork();
    int status;
    if (child == 0) {
        pid_t grandchild = fork();
        if (grandchild == 0) {
            program_become(argv, input, -1);
        }
        _exit(grandchild < 0);
    }
    if (child < 0) {
        return errno;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return APR_SUCCESS;
}

/* What comes after the beginning is read, too: nobody writes for ever into a full pipe. */
static void said_read(mq_mail_end_t *end, size_t *length, int from)
{
    char piece[512];
    ssize_t n = read(from, piece, sizeof piece);
    for (ssize_t i = 0; i < n && *length + 1 < sizeof end->said; i++) {
        end->said[(*length)++] = piece[i];
    }
}

static void program_await(mq_mail_end_t *end, pid_t child, int from, int seconds,
                          const atomic_int *hurry)
{
    struct timespec until = mq_deadline_after(apr_time_from_sec(seconds));
    struct pollfd wait = {.fd = from, .events = POLLIN};
    size_t length = 0;
    while (!end->has_ended && mq_deadline_left(&until) > 0 && !(hurry && atomic_load(hurry))) {
        (void)poll(&wait, 1, SLICE_MSEC);
        if (wait.revents & POLLIN) {
            said_read(end, &length, from);
        } else if (wait.revents) { /* it has closed its output, and ends now or goes on */
            wait.fd = -1;
        }
        end->has_ended = waitpid(child, &end->status, WNOHANG) == child;
    }
    wait.fd = from;
    if (end->has_ended && poll(&wait, 1, 0) > 0 && wait.revents & POLLIN) {
        said_read(end, &length, from);
    }
}

static apr_status_t program_run(mq_mail_end_t *end, const char *const *argv, int input, int seconds,
                                const atomic_int *hurry)
{
    int output[2];
    pid_t child;
    apr_status_t rv = APR_SUCCESS;
    memset(end, 0, sizeof *end);
    if (pipe2(output, O_CLOEXEC) != 0) {
        return errno;
    }
    child = fork();
    if (child == 0) {
        program_become(argv, input, output[1]);
    }
    rv = child < 0 ? errno : APR_SUCCESS;
    (void)close(output[1]);
    if (rv == APR_SUCCESS) {
        program_await(end, child, output[0], seconds, hurry);
    }
    (void)close(output[0]);
    return rv;
}

apr_status_t mq_mail_hand_over(mq_mail_end_t *end_out, const char *const *argv, const char *message,
                               int seconds, const atomic_int *hurry)
{
    size_t length = strlen(message);
    int fd[2];
    apr_status_t rv = APR_SUCCESS;
    if (length > MESSAGE_MOST) {
        return MQ_EINVALID;
    }
    if (pipe2(fd, O_CLOEXEC) != 0) {
        return errno;
    }
    if (write(fd[1], message, length) != (ssize_t)length) {
        rv = APR_EGENERAL;
    }
    (void)close(fd[1]);
    if (rv == APR_SUCCESS) {
        rv = end_out ? program_run(end_out, argv, fd[0], seconds, hurry)
                     : program_leave(argv, fd[0]);
    }
    (void)close(fd[0]);
    return rv;
}

const char *mq_mail_end_fault(const mq_mail_end_t *end, apr_pool_t *pool)
{
    if (!end->has_ended) {
        return "the command has not ended yet";
    }
    if (WIFSIGNALED(end->status)) {
        return apr_psprintf(pool, "the command was ended by signal %d", WTERMSIG(end->status));
    }
    if (WEXITSTATUS(end->status) == CANNOT_RUN) {
        return "the command cannot be run (127)";
    }
    return WEXITSTATUS(end->status) == 0
               ? NULL
               : apr_psprintf(pool, "the command ended with %d", WEXITSTATUS(end->status));
}

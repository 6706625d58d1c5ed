/* mail.c -- RFC 5322 for one short message, and a process that nobody waits for. */
#include "base/mail.h"

#include <apr_base64.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MESSAGE_MOST = 32 * 1024 /* fits into a pipe, so that writing never blocks */ };

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

/* In the grandchild: only what is safe between fork and exec in a threaded program. */
static void program_become(const char *const *argv, int input)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (dup2(input, 0) < 0 || (null >= 0 && (dup2(null, 1) < 0 || dup2(null, 2) < 0))) {
        _exit(1);
    }
    (void)execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(1);
}

apr_status_t mq_mail_hand_over(const char *const *argv, const char *message)
{
    size_t length = strlen(message);
    int fd[2];
    int status;
    pid_t child;
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
    child = rv == APR_SUCCESS ? fork() : -1;
    if (child == 0) {
        pid_t grandchild = fork(); /* init reaps it: httpd's children do not wait for anybody */
        if (grandchild == 0) {
            program_become(argv, fd[0]);
        }
        _exit(grandchild < 0);
    }
    if (child < 0 && rv == APR_SUCCESS) {
        rv = errno;
    }
    (void)close(fd[0]);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return rv;
}

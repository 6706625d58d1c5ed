/* mail.h -- handing one plain-text mail to a sendmail command, without a shell. When it is
 * handed over is mail_queue.h's affair. */
#ifndef MQ_BASE_MAIL_H
#define MQ_BASE_MAIL_H

#include <apr_pools.h>
#include <stdatomic.h>

#include "base/status.h"

/**
 * Compose a mail: headers, a blank line, the body. The subject may have any characters (RFC 2047).
 * @param to      one address; no line breaks, blanks or brackets
 * @param message_out from pool
 * @return MQ_EINVALID the address has what a header must not have
 */
apr_status_t mq_mail_compose(const char **message_out, const char *to, const char *subject,
                             const char *body, apr_pool_t *pool);

/** How the command has ended that was given a mail. */
typedef struct mq_mail_end_t {
    int has_ended;   /* else it goes on, and nobody knows */
    int status;      /* as waitpid has it */
    char said[1024]; /* the beginning of what it wrote: may name addresses */
} mq_mail_end_t;

/**
 * Start the command with the message as its standard input.
 * @param end_out how it ended; NULL: nobody waits for it
 * @param argv    the command's absolute path and its arguments, ended by NULL
 * @param seconds it is waited for at most; it then goes on
 * @param hurry   is looked at meanwhile: not 0, nobody waits any longer. May be NULL
 * @return MQ_EINVALID the message has more than 32 KB; otherwise why no process could be started
 */
apr_status_t mq_mail_hand_over(mq_mail_end_t *end_out, const char *const *argv, const char *message,
                               int seconds, const atomic_int *hurry);

/** @return what is wrong with how it ended, from pool, or NULL: it took the mail */
const char *mq_mail_end_fault(const mq_mail_end_t *end, apr_pool_t *pool);

#endif

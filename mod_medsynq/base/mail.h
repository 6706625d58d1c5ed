/* mail.h -- handing one plain-text mail to a sendmail command, without a shell and without waiting
 * for it. When it is handed over is mail_queue.h's affair. */
#ifndef MQ_BASE_MAIL_H
#define MQ_BASE_MAIL_H

#include <apr_pools.h>

#include "base/status.h"

/**
 * Compose a mail: headers, a blank line, the body. The subject may have any characters (RFC 2047).
 * @param to      one address; no line breaks, blanks or brackets
 * @param message_out from pool
 * @return MQ_EINVALID the address has what a header must not have
 */
apr_status_t mq_mail_compose(const char **message_out, const char *to, const char *subject,
                             const char *body, apr_pool_t *pool);

/**
 * Start the command with the message as its standard input. How it ends nobody waits for.
 * @param argv the command's absolute path and its arguments, ended by NULL
 * @return MQ_EINVALID the message has more than 32 KB; otherwise why no process could be started
 */
apr_status_t mq_mail_hand_over(const char *const *argv, const char *message);

#endif

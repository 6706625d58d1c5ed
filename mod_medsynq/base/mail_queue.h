/* mail_queue.h -- mails that leave after the answer to the request that wrote them, by a thread of
 * their own. How long a request takes tells nobody whether a mail was sent. */
#ifndef MQ_BASE_MAIL_QUEUE_H
#define MQ_BASE_MAIL_QUEUE_H

#include <apr_pools.h>

#include "base/status.h"

/** The mails of one process that have not left yet. They are not kept anywhere else: with a process
 * that is killed they are gone, and whoever waits for one asks again. */
typedef struct mq_mail_queue_t mq_mail_queue_t;

/** Told, by the queue's thread, why a mail was not taken. @param rv of the system, or APR_SUCCESS
 * and what says it */
typedef void (*mq_mail_tell_t)(apr_status_t rv, const char *what, void *context);

/**
 * Make the queue of this process; its thread begins with the first mail.
 * @param queue_out lives as long as pool; what waits then is handed over first
 * @param command   as mq_mail_hand_over takes it; lives as long as pool
 */
apr_status_t mq_mail_queue_make(mq_mail_queue_t **queue_out, const char *const *command,
                                mq_mail_tell_t tell, void *context, apr_pool_t *pool);

/**
 * Hand a mail over in about half a second.
 * @param message  is copied
 * @param is_meant 0: it only takes the same way, and is thrown away at its end
 * @return MQ_EFULL too many wait
 */
apr_status_t mq_mail_queue_add(mq_mail_queue_t *queue, const char *message, int is_meant);

#endif

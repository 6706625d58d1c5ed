/* mail_links.h -- links that leave the site: with scheme and host, to be copied by a person or
 * mailed through the administrator's command. */
#ifndef MQ_WEB_MAIL_LINKS_H
#define MQ_WEB_MAIL_LINKS_H

#include "web/request.h"

/** @return a path of ours with scheme and host: those of MedSynQSendmail, else as this browser
 * reaches us */
const char *mq_request_url(const mq_request_t *rq, const char *path);

/**
 * Mail a one-time link, where the administrator lets mails out (MedSynQSendmail). A failure is
 * logged and goes no further.
 * @param to   the address; subject and lead are in the reader's language
 * @param path of the link
 * @param end  what follows the link
 * @param is_meant 0: nobody is to get it, and nobody to notice; see base/mail_queue.h
 * @return whether the mail is on its way
 */
int mq_link_mail(const mq_request_t *rq, const char *to, const char *subject, const char *lead,
                 const char *path, const char *end, int is_meant);

#endif

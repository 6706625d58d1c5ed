/* invitation_pages.h -- where a one-time link leads: choosing a name and a password. */
#ifndef MQ_WEB_INVITATION_PAGES_H
#define MQ_WEB_INVITATION_PAGES_H

#include "domain/access/weak_passwords.h"
#include "web/pages.h"

/** @return what to tell the person whose new password is refused */
const char *mq_password_verdict_text(const mq_request_t *rq, mq_password_verdict_t verdict);

#endif

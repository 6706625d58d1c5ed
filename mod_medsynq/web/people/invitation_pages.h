/* invitation_pages.h -- where a one-time link leads: choosing a name and a password. */
#ifndef MQ_WEB_INVITATION_PAGES_H
#define MQ_WEB_INVITATION_PAGES_H

#include "domain/access/weak_passwords.h"
#include "web/pages.h"

extern const mq_page_t mq_invitation_page_template;

/** GET /invitations/{token} */
apr_status_t mq_invitation_page(mq_request_t *rq);

/** POST /invitations/{token}: makes the account and signs in. */
apr_status_t mq_invitation_post(mq_request_t *rq);

/** @return what to tell the person whose new password is refused */
const char *mq_password_verdict_text(const mq_request_t *rq, mq_password_verdict_t verdict);

#endif

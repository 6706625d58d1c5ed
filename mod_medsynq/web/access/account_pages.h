/* account_pages.h -- one's own account and password, and the links that set a password. */
#ifndef MQ_WEB_ACCOUNT_PAGES_H
#define MQ_WEB_ACCOUNT_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_account_page_template;
extern const mq_page_t mq_password_page_template;

/** GET /account */
apr_status_t mq_account_page(mq_request_t *rq, const mq_scope_t *sc);

/** GET /account/password */
apr_status_t mq_password_page(mq_request_t *rq, const mq_scope_t *sc);

/** POST /account/password: asks for the old one; ends all other sessions. */
apr_status_t mq_password_post(mq_request_t *rq, const mq_scope_t *sc);

/** GET /password-reset */
apr_status_t mq_reset_ask_page(mq_request_t *rq);

/** POST /password-reset: the answer is the same whether there is such an account or not. */
apr_status_t mq_reset_ask_post(mq_request_t *rq);

/** GET /password-reset/{token} */
apr_status_t mq_reset_page(mq_request_t *rq);

/** POST /password-reset/{token} */
apr_status_t mq_reset_post(mq_request_t *rq);

/** POST /users/{id}/reset: makes a link for the administrator to hand over. */
apr_status_t mq_user_reset_post(mq_request_t *rq, const mq_scope_t *sc);

#endif

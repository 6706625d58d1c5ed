/* sign_in_pages.h -- Create Organisation, log-in and log-out. */
#ifndef MQ_WEB_SIGN_IN_PAGES_H
#define MQ_WEB_SIGN_IN_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_register_page_template;
extern const mq_page_t mq_login_page_template;
extern const mq_page_t mq_logout_page_template;

/** GET and POST /register-tenant */
apr_status_t mq_register_page(mq_request_t *rq);
apr_status_t mq_register_post(mq_request_t *rq);

/** GET and POST /login; next is a path of ours to go to afterwards */
apr_status_t mq_login_page(mq_request_t *rq);
apr_status_t mq_login_post(mq_request_t *rq);

/** GET /logout asks, POST ends this very session */
apr_status_t mq_logout_page(mq_request_t *rq, const mq_scope_t *sc);
apr_status_t mq_logout_post(mq_request_t *rq, const mq_scope_t *sc);

#endif

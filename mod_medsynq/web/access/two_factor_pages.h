/* two_factor_pages.h -- the second step of logging in, and one's own second factor. */
#ifndef MQ_WEB_TWO_FACTOR_PAGES_H
#define MQ_WEB_TWO_FACTOR_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_code_page_template;
extern const mq_page_t mq_two_factor_page_template;

/**
 * Ask for the code: the password was right, but nobody is signed in yet. A sealed cookie remembers
 * for five minutes who it was.
 * @param next where to go afterwards, a path of ours, or NULL
 */
apr_status_t mq_code_ask(mq_request_t *rq, const mq_scope_t *sc, const char *next);

/** @return whether a path is one of ours, so that a browser can be sent there */
int mq_is_path_of_ours(const char *path);

/** GET /login/code */
apr_status_t mq_code_page(mq_request_t *rq);

/** POST /login/code: the second step. */
apr_status_t mq_code_post(mq_request_t *rq);

/** GET /account/two-factor */
apr_status_t mq_two_factor_page(mq_request_t *rq, const mq_scope_t *sc);

/** POST /account/two-factor: turns it on with a first code. */
apr_status_t mq_two_factor_post(mq_request_t *rq, const mq_scope_t *sc);

/** POST /account/two-factor/codes: new recovery codes. */
apr_status_t mq_two_factor_codes_post(mq_request_t *rq, const mq_scope_t *sc);

/** POST /account/two-factor/off */
apr_status_t mq_two_factor_off_post(mq_request_t *rq, const mq_scope_t *sc);

/** POST /users/{id}/two-factor-off: an administrator resets it. */
apr_status_t mq_user_two_factor_off_post(mq_request_t *rq, const mq_scope_t *sc);

#endif

/* csrf.h -- the token that every form carries: bound to the session, or before log-in to the
 * browser's form cookie; masked anew in each page, so that compression tells nothing (BREACH). */
#ifndef MQ_WEB_CSRF_H
#define MQ_WEB_CSRF_H

#include "web/request.h"

/**
 * Make the token for a page. Sets the form cookie where nobody is signed in and it is missing.
 * @return from the request's pool
 */
apr_status_t mq_csrf_token(const char **token_out, mq_request_t *rq);

/**
 * Check a POST: it comes from a page of ours (Sec-Fetch-Site, Origin) and carries a token of this
 * session or browser.
 * @return MQ_EDENIED it does not
 */
apr_status_t mq_csrf_check(const mq_request_t *rq);

#endif

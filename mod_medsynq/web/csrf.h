/* csrf.h -- the token that every form carries: bound to the session, or before log-in to the
 * browser's form cookie; another one in each page, so that compression tells nothing (BREACH). It
 * also says to whom the page was shown, which holds longer than the session: domain/access/
 * page_mark.h. */
#ifndef MQ_WEB_CSRF_H
#define MQ_WEB_CSRF_H

#include "domain/access/page_mark.h"
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

/** @return whether a page of another site sent it, as far as the browser says */
int mq_csrf_is_foreign(const mq_request_t *rq);

/** Whom the page of a form was shown to, whatever has become of the session since.
 * @return MQ_EDENIED it has no token, or none of ours */
apr_status_t mq_csrf_mark(mq_page_mark_t *mark_out, const mq_request_t *rq);

#endif

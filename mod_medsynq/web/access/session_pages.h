/* session_pages.h -- where the person is logged in: /account/sessions. */
#ifndef MQ_WEB_SESSION_PAGES_H
#define MQ_WEB_SESSION_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_sessions_page_template;

/** GET /account/sessions: the person's living sessions. */
apr_status_t mq_sessions_page(mq_request_t *rq, const mq_scope_t *sc);

/** POST /account/sessions: end is a session's name, or "others". */
apr_status_t mq_sessions_post(mq_request_t *rq, const mq_scope_t *sc);

#endif

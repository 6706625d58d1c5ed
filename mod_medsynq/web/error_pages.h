/* error_pages.h -- the page for everything that did not work: what happened, what to do now, the
 * request's id. Never SQL, paths or stack. */
#ifndef MQ_WEB_ERROR_PAGES_H
#define MQ_WEB_ERROR_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_error_page;

/** Answer with an error's page, keeping what was typed where the person is signed in. */
apr_status_t mq_error_show(mq_request_t *rq, int status);

/** Answer that the organisation is suspended, and take the session's cookie back. */
apr_status_t mq_error_suspended(mq_request_t *rq);

/** 503 while the whole database is out of order; asks it nothing.
 * @param can_be_read it is only that nothing can be saved */
apr_status_t mq_error_outage(mq_request_t *rq, int can_be_read);

/** 503 during maintenance, with what rq->maintenance says; asks the database nothing. */
apr_status_t mq_error_maintenance(mq_request_t *rq);

#endif

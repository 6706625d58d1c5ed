/* dashboard_pages.h -- the organisation's key figures. */
#ifndef MQ_WEB_DASHBOARD_PAGES_H
#define MQ_WEB_DASHBOARD_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_dashboard_page_template;

/** GET /dashboard */
apr_status_t mq_dashboard_page(mq_request_t *rq, const mq_scope_t *sc);

#endif

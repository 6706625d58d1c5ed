/* health_pages.h -- for load balancers: alive, and ready to serve. No secrets. */
#ifndef MQ_WEB_HEALTH_PAGES_H
#define MQ_WEB_HEALTH_PAGES_H

#include "web/request.h"

/** GET /healthz: the process answers. */
apr_status_t mq_health_page(mq_request_t *rq);

/** GET /readyz: a connection can be had and reads. MQ_EFULL otherwise. */
apr_status_t mq_ready_page(mq_request_t *rq);

#endif

/* home_pages.h -- the page for everybody. */
#ifndef MQ_WEB_HOME_PAGES_H
#define MQ_WEB_HOME_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_home_page_template;

/** GET / */
apr_status_t mq_home_page(mq_request_t *rq);

#endif

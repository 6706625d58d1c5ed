/* log_in_href.h -- an organisation's own log-in address: the same page for all, with its name in
 * the form. Nobody learns from it which organisations there are: nothing is looked up. */
#ifndef MQ_WEB_LOG_IN_HREF_H
#define MQ_WEB_LOG_IN_HREF_H

#include "web/request.h"

/** @return "/login/Riverside-Clinic", for an organisation of this name; "/login" for a name that no
 * path can carry */
const char *mq_log_in_href(const mq_request_t *rq, const char *name);

/** @return the name that such an address has, to be typed into the form; NULL: it has none */
const char *mq_log_in_organisation(const mq_request_t *rq);

#endif

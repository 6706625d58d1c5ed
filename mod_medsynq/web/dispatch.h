/* dispatch.h -- from a request to its answer: route, session, body, CSRF, role, handler, error
 * page, headers. */
#ifndef MQ_WEB_DISPATCH_H
#define MQ_WEB_DISPATCH_H

#include "web/request.h"

/** @return whether MedSynQ owns this path: glue asks before it claims a request */
int mq_dispatch_owns(const char *path);

/* Where httpd's ErrorDocument leads to for what it refuses itself. Only httpd comes here: asked for
 * from outside, the path does not exist. */
#define MQ_ERROR_PATH "/medsynq-error"

/** Answer with the error page of a status that httpd has decided on. Complete as below. */
void mq_dispatch_error(mq_request_t *rq, int status);

/** Answer the request. When it returns, status, headers and body are complete and no connection is
 * on loan. */
void mq_dispatch(mq_request_t *rq);

#endif

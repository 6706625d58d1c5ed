/* failures.h -- the line of the error log for a request that failed: one number for each cause. */
#ifndef MQ_WEB_FAILURES_H
#define MQ_WEB_FAILURES_H

#include "web/request.h"

/** Log why a request is answered 500 or 503. @param rv what its handler returned */
void mq_failure_log(const mq_request_t *rq, apr_status_t rv);

/** Log that nobody's turn to hash a password came, or what else kept a log-in waiting. */
void mq_failure_log_busy(const mq_request_t *rq);

/** Log that an organisation has reached a limit of what it may keep. */
void mq_failure_log_quota(const mq_request_t *rq);

#endif

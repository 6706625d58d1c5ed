/* refusals.h -- requests that are refused leave an event: in the trail of the organisation of who
 * sent it, before log-in in the installation's own. So many of an address in a minute, or anybody
 * could fill the disk. */
#ifndef MQ_WEB_REFUSALS_H
#define MQ_WEB_REFUSALS_H

#include "web/request.h"

/** Record that a request was refused. What cannot be recorded is logged, and refused all the same.
 * @param reason "csrf", or the name of the action that the person's roles do not allow */
void mq_refusal_record(mq_request_t *rq, const char *reason);

/** Tell the error log that somebody could not prove who they are: one line for each try, for
 * fail2ban and its kind, with the address and without a name.
 * @param wrong "password", "code"
 * @param rv    MQ_EDENIED: it was wrong; MQ_EBUSY: too many were before it; for anything else
 * nothing is told */
void mq_refusal_tell(const mq_request_t *rq, const char *wrong, apr_status_t rv);

#endif

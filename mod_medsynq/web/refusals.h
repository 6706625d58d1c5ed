/* refusals.h -- requests that are refused leave an event: in the trail of the organisation of who
 * sent it, before log-in in the installation's own. So many of an address in a minute, or anybody
 * could fill the disk. */
#ifndef MQ_WEB_REFUSALS_H
#define MQ_WEB_REFUSALS_H

#include "web/request.h"

/** Record that a request was refused. What cannot be recorded is logged, and refused all the same.
 * @param reason "csrf", or the name of the action that the person's roles do not allow */
void mq_refusal_record(mq_request_t *rq, const char *reason);

#endif

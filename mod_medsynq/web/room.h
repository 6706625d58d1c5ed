/* room.h -- saying how much an organisation keeps, and that it has no room left. */
#ifndef MQ_WEB_ROOM_H
#define MQ_WEB_ROOM_H

#include "domain/organisations/quotas.h"
#include "web/pages.h"

/** @return which limit a request has reached, and who can help; NULL where it has reached none */
const char *mq_room_refusal(const mq_request_t *rq);

/** @return what of the limits is nearly reached, and who can help, or NULL */
const char *mq_room_warning(const mq_request_t *rq, const mq_quota_use_t uses[MQ_QUOTAS]);

/** @return what is counted, "Patients" */
const char *mq_room_name(const mq_request_t *rq, mq_quota_t what);

/** @return "1,200", or "3.4 GB" of bytes */
const char *mq_room_figure(const mq_request_t *rq, mq_quota_t what, apr_int64_t figure);

#endif

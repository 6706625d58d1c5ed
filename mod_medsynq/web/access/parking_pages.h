/* parking_pages.h -- what a person typed while the session ended: kept, and shown after log-in
 * for confirmation at /parked. Nothing of it happens before that. */
#ifndef MQ_WEB_PARKING_PAGES_H
#define MQ_WEB_PARKING_PAGES_H

#include "web/pages.h"

/** @return whether the POST has anything that is worth keeping, and may be kept */
int mq_parking_takes(const mq_request_t *rq);

/**
 * Park the POST for the person to whom its page was shown.
 * @param kept_out whether there was anything to keep
 * @return MQ_EFULL too many wait already, or it is too long
 */
apr_status_t mq_parking_take(int *kept_out, mq_request_t *rq, const mq_scope_t *sc);

/** @return where to go after log-in: to what waits for this very person, else to next or to the
 * dashboard */
const char *mq_parking_next(const mq_request_t *rq, const mq_scope_t *sc, const char *next);

/** @return whether this browser has something at /parked for its person: waiting, or discarded */
int mq_parking_has(const mq_request_t *rq, const mq_scope_t *sc);

/** After the handler: a parked form that has been answered waits no longer. */
void mq_parking_settle(mq_request_t *rq);

#endif

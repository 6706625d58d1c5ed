/* dates.h -- dates and times as the organisation writes them, on its clock, with months in the
 * request's language. Before anybody has signed in they are ISO and UTC. */
#ifndef MQ_WEB_DATES_H
#define MQ_WEB_DATES_H

#include "base/date.h"
#include "web/request.h"

/** @return an ISO date (YYYY, YYYY-MM, YYYY-MM-DD) as the organisation writes it; NULL for NULL; a
 * text that is none as it is */
const char *mq_date_say(const mq_request_t *rq, const char *iso);

/** @return an instant as in "03.04.1975 14:05" */
const char *mq_time_say(const mq_request_t *rq, apr_time_t when);

/** The organisation's day of today. */
mq_day_t mq_today(const mq_request_t *rq);

/** @return a day that shows how dates are written: 23 April 1975 */
const char *mq_date_example(const mq_request_t *rq);

/** Read a whole day as people of the organisation type it, or as ISO.
 * @return MQ_EINVALID it is no day of the calendar */
apr_status_t mq_day_read(mq_day_t *day_out, const mq_request_t *rq, const char *typed);

#endif

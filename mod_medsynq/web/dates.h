/* dates.h -- dates, times and numbers as the organisation writes them, on its clock, with months
 * and digits of the request's language. Before anybody has signed in they are ISO and UTC. */
#ifndef MQ_WEB_DATES_H
#define MQ_WEB_DATES_H

#include "base/date.h"
#include "web/request.h"

/** @return an ISO date (YYYY, YYYY-MM, YYYY-MM-DD) as the organisation writes it, to be shown: in a
 * language from right to left it is isolated (U+2066-9), so it is no value of a form's field; NULL
 * for NULL; a text that is none as it is */
const char *mq_date_say(const mq_request_t *rq, const char *iso);

/** @return a day with its month in letters, whatever the organisation's format: 3 Apr 1975. To
 * stand in a sentence, whose translation isolates it. */
const char *mq_date_say_words(const mq_request_t *rq, const char *iso);

/** @return an instant as in "03.04.1975 14:05", likewise */
const char *mq_time_say(const mq_request_t *rq, apr_time_t when);

/** @return an instant that becomes part of a name, as it is stored: 29 Nov 2026 14:05, in digits
 * that everybody types */
const char *mq_time_name(const mq_request_t *rq, apr_time_t when);

/** @return an end: its time alone, where its day is that of the beginning */
const char *mq_time_end_say(const mq_request_t *rq, apr_time_t from, apr_time_t until);

/** @return a number with the digits that people chose; nothing that another program reads, nor an
 * identifier */
const char *mq_digits_say(const mq_request_t *rq, const char *number);

/** The organisation's day of today. */
mq_day_t mq_today(const mq_request_t *rq);

/** @return a day that shows how dates are written: 23 April 1975 */
const char *mq_date_example(const mq_request_t *rq);

/** Read a whole day as people of the organisation type it, or as ISO.
 * @return MQ_EINVALID it is no day of the calendar */
apr_status_t mq_day_read(mq_day_t *day_out, const mq_request_t *rq, const char *typed);

#endif

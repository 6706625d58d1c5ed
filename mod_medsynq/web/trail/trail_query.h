/* trail_query.h -- what the address of a page of the trail asks for: days, and links that keep the
 * choice. */
#ifndef MQ_WEB_TRAIL_QUERY_H
#define MQ_WEB_TRAIL_QUERY_H

#include "web/paging.h"

/** @return a parameter that is there and not empty, or NULL */
const char *mq_query_given(const mq_request_t *rq, const char *name);

/**
 * Read a day as people of the organisation type it.
 * @param time_out where the day begins on the organisation's clock, where it was given
 * @param end      days behind it: 1 for where it ends
 * @return 0 it is no day of the calendar
 */
int mq_query_day(apr_time_t *time_out, const mq_request_t *rq, const char *name, int end);

/** The same choice on a path. @param names parameters to keep, NULL at the end
 * @return from the request's pool */
const char *mq_query_href(const mq_request_t *rq, const char *path, const char *const *names);

/** Where one is in a list of the trail, and the way to what is older, with the same choice.
 * @param next  the event behind which it goes on; 0: it ends here
 * @param count rows that are shown */
mq_paging_t mq_query_paging(const mq_request_t *rq, const char *path, const char *const *names,
                            apr_int64_t next, int count);

#endif

/* deadline.h -- the instant at which a wait is given up, as the pthread functions want it: on the
 * monotonic clock, for a wall clock that is set meanwhile must not stretch or cut the waiting. */
#ifndef MQ_BASE_DEADLINE_H
#define MQ_BASE_DEADLINE_H

#include <apr_time.h>
#include <time.h>

/** @return the instant in so many microseconds from now, at once if that is not above 0; for
 * pthread_mutex_clocklock and pthread_cond_clockwait with CLOCK_MONOTONIC */
struct timespec mq_deadline_after(apr_interval_time_t timeout);

/** @return how many microseconds are left until then, 0 if it is over */
apr_interval_time_t mq_deadline_left(const struct timespec *until);

#endif

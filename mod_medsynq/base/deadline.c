/* deadline.c -- instants of deadline.h. */
#include "base/deadline.h"

struct timespec mq_deadline_after(apr_interval_time_t timeout)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    if (timeout > 0) {
        until.tv_sec += (time_t)apr_time_sec(timeout);
        until.tv_nsec += (long)apr_time_usec(timeout) * 1000;
    }
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    return until;
}

apr_interval_time_t mq_deadline_left(const struct timespec *until)
{
    struct timespec now;
    apr_interval_time_t left;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    left = apr_time_from_sec(until->tv_sec - now.tv_sec) + (until->tv_nsec - now.tv_nsec) / 1000;
    return left > 0 ? left : 0;
}

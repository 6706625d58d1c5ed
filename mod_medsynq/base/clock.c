/* clock.c -- terms that a wrong clock has written do not run. */
#include "base/clock.h"

int mq_term_runs(apr_time_t now, apr_time_t end, apr_interval_time_t longest)
{
    return end > now && end - now <= longest + MQ_CLOCK_SLACK;
}

int mq_clock_was_wrong(apr_time_t now, apr_time_t written)
{
    return written > now + MQ_CLOCK_SLACK;
}

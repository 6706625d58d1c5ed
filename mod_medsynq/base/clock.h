/* clock.h -- terms by a wall clock that may have been wrong: an end that was written while it was
 * ahead lies further away than the term is long, and would hold for as long as it was ahead. */
#ifndef MQ_BASE_CLOCK_H
#define MQ_BASE_CLOCK_H

#include <apr_time.h>

/** Processes and machines need not agree to the second, and a clock is set back a little at times:
 * so much ahead is no fault. */
#define MQ_CLOCK_SLACK apr_time_from_sec(60)

/**
 * @param end     of a term
 * @param longest how long such a term can be, counted from its beginning
 * @return whether it runs now: it has not ended, and did not begin in the future
 */
int mq_term_runs(apr_time_t now, apr_time_t end, apr_interval_time_t longest);

/** @return whether an instant of the past lies ahead: it was written by a clock that was wrong */
int mq_clock_was_wrong(apr_time_t now, apr_time_t written);

#endif

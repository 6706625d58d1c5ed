/* test_deadline.c -- what base/deadline.h promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/deadline.h"

static void a_deadline_is_the_timeout_away(void **state)
{
    static const apr_interval_time_t timeouts[] = {400000000, 999999, 1000000, 5600000};
    (void)state;
    for (size_t i = 0; i < sizeof timeouts / sizeof *timeouts; i++) {
        struct timespec now;
        struct timespec until;
        apr_interval_time_t away;
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        until = mq_deadline_after(timeouts[i]);
        away = apr_time_from_sec(until.tv_sec - now.tv_sec) + (until.tv_nsec - now.tv_nsec) / 1000;
        assert_in_range(until.tv_nsec, 0, 999999999);
        assert_in_range(away, timeouts[i], timeouts[i] + apr_time_from_sec(60));
    }
}

static void no_timeout_is_over_at_once(void **state)
{
    static const apr_interval_time_t timeouts[] = {0, -1, -5600000};
    (void)state;
    for (size_t i = 0; i < sizeof timeouts / sizeof *timeouts; i++) {
        struct timespec until = mq_deadline_after(timeouts[i]);
        assert_int_equal(mq_deadline_left(&until), 0);
    }
}

static void what_is_left_grows_less(void **state)
{
    struct timespec until = mq_deadline_after(apr_time_from_sec(400));
    apr_interval_time_t first = mq_deadline_left(&until);
    apr_interval_time_t second = mq_deadline_left(&until);
    (void)state;
    assert_in_range(first, apr_time_from_sec(340), apr_time_from_sec(400));
    assert_true(second <= first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deadline_is_the_timeout_away),
        cmocka_unit_test(no_timeout_is_over_at_once),
        cmocka_unit_test(what_is_left_grows_less),
    };
    return cmocka_run_group_tests_name("deadline", tests, NULL, NULL);
}

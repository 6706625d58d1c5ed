/* test_log_budget.c -- what base/log_budget.h promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <apr_general.h>

#include "base/log_budget.h"

static const apr_time_t minute = APR_USEC_PER_SEC * 60;

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static int written(mq_log_budget_t *budget, const char *tag, apr_time_t now, int lines)
{
    int count = 0;
    int skipped;
    for (int i = 0; i < lines; i++) {
        count += mq_log_budget_take(&skipped, budget, tag, now);
    }
    return count;
}

static void twenty_of_a_minute_are_written(void **state)
{
    mq_log_budget_t *budget = mq_log_budget_make(*state);
    assert_int_equal(written(budget, "MSQ0030", 5 * minute, 1000), 20);
    assert_int_equal(written(budget, "MSQ0030", 6 * minute - 1, 1000), 0);
    assert_int_equal(written(budget, "MSQ0030", 6 * minute, 1000), 20);
}

static void numbers_do_not_share(void **state)
{
    mq_log_budget_t *budget = mq_log_budget_make(*state);
    assert_int_equal(written(budget, "MSQ0030", minute, 100), 20);
    assert_int_equal(written(budget, "MSQ0031", minute, 100), 20);
}

static void the_next_line_says_how_many_were_not(void **state)
{
    mq_log_budget_t *budget = mq_log_budget_make(*state);
    int skipped = -1;
    (void)written(budget, "MSQ0050", minute, 20 + 812);
    assert_int_equal(mq_log_budget_take(&skipped, budget, "MSQ0050", 9 * minute), 1);
    assert_int_equal(skipped, 812);
    assert_int_equal(mq_log_budget_take(&skipped, budget, "MSQ0050", 9 * minute), 1);
    assert_int_equal(skipped, 0);
}

static void without_a_budget_all_are_written(void **state)
{
    (void)state;
    assert_int_equal(written(NULL, "MSQ0030", minute, 100), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(twenty_of_a_minute_are_written),
                                       cmocka_unit_test(numbers_do_not_share),
                                       cmocka_unit_test(the_next_line_says_how_many_were_not),
                                       cmocka_unit_test(without_a_budget_all_are_written)};

    apr_initialize();
    return cmocka_run_group_tests_name("base/log_budget", tests, pool_open, pool_close);
}

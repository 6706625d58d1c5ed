/* test_lock_order.c -- who takes part is noted in one order, each once, and not more than there is
 * room for. */
#include "fixture.h"

#include "store/engine.h"

static void each_is_noted_once_in_one_order(void **state)
{
    static const apr_int64_t came[] = {7, 3, MQ_NO_TENANT, 9, 3, 0, 7};
    static const apr_int64_t noted[] = {0, 3, 7, 9};
    mq_lock_order_t order = {0};
    (void)state;
    for (size_t i = 0; i < sizeof came / sizeof *came; i++) {
        assert_true(mq_lock_order_note(&order, came[i]));
    }
    assert_int_equal(order.count, 4);
    assert_memory_equal(order.ahead, noted, sizeof noted);
}

static void one_more_than_there_is_room_for_is_told(void **state)
{
    mq_lock_order_t order = {0};
    (void)state;
    for (int i = MQ_LOCKS_AHEAD_MOST; i > 0; i--) {
        assert_true(mq_lock_order_note(&order, i));
    }
    assert_false(mq_lock_order_note(&order, 0));
    assert_true(mq_lock_order_note(&order, MQ_LOCKS_AHEAD_MOST));
    assert_int_equal(order.ahead[0], 1);
    assert_int_equal(order.ahead[MQ_LOCKS_AHEAD_MOST - 1], MQ_LOCKS_AHEAD_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_noted_once_in_one_order),
        cmocka_unit_test(one_more_than_there_is_room_for_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

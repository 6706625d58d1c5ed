/* test_referral_states.c -- each step from each state by each side. What is open stands here a
 * second time on purpose: whoever changes the table says so twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/sharing/referral_states.h"

enum {
    SENT = MQ_REFERRAL_SENT,
    ACCEPTED = MQ_REFERRAL_ACCEPTED,
    DECLINED = MQ_REFERRAL_DECLINED,
    CANCELLED = MQ_REFERRAL_CANCELLED,
    BEGUN = MQ_REFERRAL_IN_PROGRESS,
    COMPLETED = MQ_REFERRAL_COMPLETED,
    OWNER_ASKS = MQ_REFERRAL_OWNER_ASKS,
    READER_ASKS = MQ_REFERRAL_READER_ASKS
};

static const mq_referral_step_t steps[] = {MQ_REFERRAL_ACCEPT, MQ_REFERRAL_DECLINE,
                                           MQ_REFERRAL_START, MQ_REFERRAL_COMPLETE,
                                           MQ_REFERRAL_CANCEL};
enum { STEPS = 5 };

/* By state; in the order of the steps, what each leads to. */
static const int by_owner[MQ_REFERRAL_STATES][STEPS] = {[SENT] = {0, 0, 0, 0, CANCELLED},
                                                        [ACCEPTED] = {0, 0, 0, 0, OWNER_ASKS},
                                                        [BEGUN] = {0, 0, 0, 0, OWNER_ASKS},
                                                        [READER_ASKS] = {0, 0, 0, 0, CANCELLED}};
static const int by_reader[MQ_REFERRAL_STATES][STEPS] = {
    [SENT] = {ACCEPTED, DECLINED, 0, 0, 0},
    [ACCEPTED] = {0, 0, BEGUN, 0, READER_ASKS},
    [BEGUN] = {0, 0, 0, COMPLETED, READER_ASKS},
    [OWNER_ASKS] = {0, 0, BEGUN, 0, CANCELLED},
    [READER_ASKS] = {0, 0, BEGUN, 0, 0}};
static const int by_owner_alone[MQ_REFERRAL_STATES][STEPS] = {
    [SENT] = {0, 0, 0, 0, CANCELLED},
    [ACCEPTED] = {0, 0, 0, 0, CANCELLED},
    [BEGUN] = {0, 0, 0, 0, CANCELLED},
    [OWNER_ASKS] = {0, 0, 0, 0, CANCELLED},
    [READER_ASKS] = {0, 0, 0, 0, CANCELLED}};

static void side_is(const int expected[MQ_REFERRAL_STATES][STEPS], mq_referral_side_t side)
{
    for (int state = 0; state < MQ_REFERRAL_STATES; state++) {
        int open = 0;
        for (int i = 0; i < STEPS; i++) {
            assert_int_equal(mq_referral_after((mq_referral_state_t)state, steps[i], side),
                             expected[state][i]);
            open |= expected[state][i] ? (int)steps[i] : 0;
        }
        assert_int_equal(mq_referral_steps((mq_referral_state_t)state, side), open);
    }
}

static void each_step_from_each_state_is_open_to_its_side_alone(void **state)
{
    (void)state;
    side_is(by_owner, MQ_REFERRAL_OWNER);
    side_is(by_reader, MQ_REFERRAL_READER);
    side_is(by_owner_alone, MQ_REFERRAL_OWNER_ALONE);
}

static void only_one_that_waits_for_an_answer_expires(void **state)
{
    (void)state;
    for (int i = 0; i < MQ_REFERRAL_STATES; i++) {
        mq_referral_state_t stored = (mq_referral_state_t)i;
        assert_int_equal(mq_referral_now(stored, 100, 99), stored);
        assert_int_equal(mq_referral_now(stored, 100, 100),
                         i == SENT ? MQ_REFERRAL_EXPIRED : stored);
    }
}

static void what_either_side_can_still_do_something_with_is_open(void **state)
{
    (void)state;
    for (int i = 0; i < MQ_REFERRAL_STATES; i++) {
        assert_int_equal(mq_referral_is_open((mq_referral_state_t)i),
                         i == SENT || i == ACCEPTED || i == BEGUN || i == OWNER_ASKS ||
                             i == READER_ASKS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_from_each_state_is_open_to_its_side_alone),
        cmocka_unit_test(only_one_that_waits_for_an_answer_expires),
        cmocka_unit_test(what_either_side_can_still_do_something_with_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_mrn.c -- record numbers: a slip of the finger is no other patient. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <cmocka.h>

#include "domain/patients/mrn.h"

/* ISO/IEC 7064 MOD 11,10 as the standard checks a string: the sum comes to 1. */
static int is_sound(const char *digits)
{
    int product = 10;
    for (const char *s = digits; s[1]; s++) {
        int sum = (product + *s - '0') % 10;
        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return (product + digits[strlen(digits) - 1] - '0') % 10 == 1;
}

static void numbers_are_a_letter_seven_digits_and_a_check_digit(void **state)
{
    apr_pool_t *pool = *state;
    assert_string_equal(mq_mrn_format(1, pool), "P00000015");
    assert_int_equal(strlen(mq_mrn_format(9999999, pool)), 9);
    assert_int_equal(strlen(mq_mrn_format(10000000, pool)), 10);
    assert_true(is_sound("07945")); /* the standard's own example: 0794 has 5 */
}

static void each_number_has_a_right_check_digit_and_any_wrong_digit_shows(void **state)
{
    apr_pool_t *pool = *state;
    for (apr_int64_t number = 1; number < 3000; number += 7) {
        char *digits = apr_pstrdup(pool, mq_mrn_format(number, pool) + 1);
        assert_true(is_sound(digits));
        for (char *s = digits; *s; s++) {
            char right = *s;
            for (*s = '0'; *s <= '9'; ++*s) {
                assert_int_equal(is_sound(digits), *s == right);
            }
            *s = right;
        }
    }
}

static void nearly_every_swap_of_neighbours_shows(void **state)
{
    apr_pool_t *pool = *state;
    int swaps = 0;
    int unseen = 0;
    for (apr_int64_t number = 1; number < 20000; number += 3) {
        char *digits = apr_pstrdup(pool, mq_mrn_format(number, pool) + 1);
        for (char *s = digits; s[1]; s++) {
            char first = s[0];
            if (s[0] == s[1]) {
                continue;
            }
            s[0] = s[1];
            s[1] = first;
            swaps++;
            unseen += is_sound(digits);
            s[1] = s[0];
            s[0] = first;
        }
    }
    assert_true(unseen * 50 < swaps);
}

static void a_number_is_read_as_people_say_it(void **state)
{
    static const struct {
        const char *typed;
        const char *number;
        mq_mrn_said_t said;
    } cases[] = {{"P00000015", "P00000015", MQ_MRN_SAID},
                 {"p15", "P00000015", MQ_MRN_SAID},
                 {"P000 00015", "P00000015", MQ_MRN_SAID},
                 {"MRN P00000015", "P00000015", MQ_MRN_SAID},
                 {"mrn: 15", "P00000015", MQ_MRN_DIGITS},
                 {"15", "P00000015", MQ_MRN_DIGITS},
                 {"P00000016", "P00000016", MQ_MRN_MISTYPED},
                 {"16", NULL, MQ_MRN_MISTYPED},
                 {"Pat 15", NULL, MQ_MRN_SAID},
                 {"P", NULL, MQ_MRN_SAID},
                 {"", NULL, MQ_MRN_SAID},
                 {"123456789", NULL, MQ_MRN_SAID}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mq_mrn_said_t said = MQ_MRN_SAID;
        const char *number = mq_mrn_read(&said, cases[i].typed, *state);
        print_message("%s\n", cases[i].typed);
        assert_int_equal(number != NULL, cases[i].number != NULL);
        if (number) {
            assert_string_equal(number, cases[i].number);
            assert_int_equal(said, cases[i].said);
        }
    }
}

static int pool_make(void **state)
{
    apr_initialize();
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_drop(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_a_letter_seven_digits_and_a_check_digit),
        cmocka_unit_test(each_number_has_a_right_check_digit_and_any_wrong_digit_shows),
        cmocka_unit_test(nearly_every_swap_of_neighbours_shows),
        cmocka_unit_test(a_number_is_read_as_people_say_it)};
    return cmocka_run_group_tests(tests, pool_make, pool_drop);
}

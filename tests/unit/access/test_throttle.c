/* test_throttle.c -- how often somebody may try, and how long each counter remembers. */
#include "fixture.h"

#include <apr_strings.h>
#include <limits.h>

#include "domain/access/throttle.h"

static int wait_of(fixture_t *f, mq_throttle_t kind, const char *name)
{
    int seconds;
    apr_status_t rv = mq_throttle_check(&seconds, fixture_visit(f), kind, name);
    assert_int_equal(rv, seconds ? MQ_EBUSY : APR_SUCCESS);
    return seconds;
}

static void count(fixture_t *f, mq_throttle_t kind, const char *name, int times)
{
    for (int i = 0; i < times; i++) {
        mq_throttle_end(fixture_visit(f), kind, name, MQ_TRY_FAILED);
    }
}

static void the_free_attempts_are_free_and_each_further_one_doubles_the_wait(void **state)
{
    fixture_t *f = *state;
    int last = 0;
    count(f, MQ_THROTTLE_ACCOUNT, "ana", f->core.failures_per_account - 1);
    assert_int_equal(wait_of(f, MQ_THROTTLE_ACCOUNT, "ana"), 0);
    for (int i = 0; i < 12; i++) {
        int seconds;
        count(f, MQ_THROTTLE_ACCOUNT, "ana", 1);
        seconds = wait_of(f, MQ_THROTTLE_ACCOUNT, "ana") - 1;
        assert_int_equal(seconds, i < 9 ? 2 << i : 900);
        assert_true(seconds >= last);
        last = seconds;
    }
}

static void for_what_a_colleague_guesses_nobody_waits_long(void **state)
{
    fixture_t *f = *state;
    count(f, MQ_THROTTLE_EMERGENCY_HOUSE, "1", f->core.failures_per_address - 1);
    assert_int_equal(wait_of(f, MQ_THROTTLE_EMERGENCY_HOUSE, "1"), 0);
    for (int i = 0; i < 12; i++) {
        count(f, MQ_THROTTLE_EMERGENCY_HOUSE, "1", 1);
        assert_int_equal(wait_of(f, MQ_THROTTLE_EMERGENCY_HOUSE, "1") - 1, i < 4 ? 2 << i : 30);
    }
}

static void the_wait_ends_and_the_count_goes_on(void **state)
{
    fixture_t *f = *state;
    count(f, MQ_THROTTLE_ACCOUNT, "ana", f->core.failures_per_account);
    fixture_wait(f, 1);
    assert_int_not_equal(wait_of(f, MQ_THROTTLE_ACCOUNT, "ana"), 0);
    fixture_wait(f, 1);
    assert_int_equal(wait_of(f, MQ_THROTTLE_ACCOUNT, "ana"), 0);
    count(f, MQ_THROTTLE_ACCOUNT, "ana", 1);
    assert_int_equal(wait_of(f, MQ_THROTTLE_ACCOUNT, "ana"), 5);
}

static void an_hour_without_attempts_forgets_all(void **state)
{
    fixture_t *f = *state;
    count(f, MQ_THROTTLE_ACCOUNT, "ana", f->core.failures_per_account + 3);
    fixture_wait(f, 3600);
    count(f, MQ_THROTTLE_ACCOUNT, "ana", 1);
    assert_int_equal(wait_of(f, MQ_THROTTLE_ACCOUNT, "ana"), 0);
}

static void the_right_password_forgets_the_account_and_not_the_address(void **state)
{
    fixture_t *f = *state;
    count(f, MQ_THROTTLE_ACCOUNT, "ana", f->core.failures_per_account);
    count(f, MQ_THROTTLE_ADDRESS, "", f->core.failures_per_address);
    mq_throttle_forget(fixture_visit(f), MQ_THROTTLE_ACCOUNT, "ana");
    assert_int_equal(wait_of(f, MQ_THROTTLE_ACCOUNT, "ana"), 0);
    assert_int_not_equal(wait_of(f, MQ_THROTTLE_ADDRESS, ""), 0);
}

static void accounts_and_addresses_are_counted_apart(void **state)
{
    fixture_t *f = *state;
    mq_visit_t elsewhere;
    int seconds;
    count(f, MQ_THROTTLE_ACCOUNT, "ana", f->core.failures_per_account);
    count(f, MQ_THROTTLE_ADDRESS, "", f->core.failures_per_address);
    assert_int_equal(wait_of(f, MQ_THROTTLE_ACCOUNT, "ben"), 0);
    elsewhere = *fixture_visit(f);
    elsewhere.address = "192.0.2.2";
    assert_ok(mq_throttle_check(&seconds, &elsewhere, MQ_THROTTLE_ADDRESS, ""));
    assert_int_equal(mq_throttle_check(&seconds, &elsewhere, MQ_THROTTLE_ACCOUNT, "ana"), MQ_EBUSY);
}

static void one_network_of_ipv6_is_one_address(void **state)
{
    static const struct {
        const char *one;
        const char *other;
        int is_same;
    } rows[] = {{"2001:db8:1:2:1:1:1:1", "2001:db8:1:2:ffff::9", 1},
                {"2001:db8:1:2:1:1:1:1", "2001:db8:1:2:3:4:5:6", 1},
                {"2001:db8:1:2:1:1:1:1", "2001:db8:1:3::9", 0},
                {"2001:db8::7", "2001:db8:0:0:5::1", 1},
                {"2001:db8:2::5:6:7:8", "2001:db8:2:0:1::", 1},
                {"2a00::5:1:2:3:4", "2a00::9", 0}, /* the second of these is 2a00:0:0:0::/64 */
                {"2a00::5:1:2:3:5", "2a00:0:0:5::", 1},
                {"::ffff:192.0.2.8", "192.0.2.8", 1},
                {"::ffff:192.0.2.8", "::ffff:192.0.2.9", 0},
                {"fe80::1:2:3:4%eth0", "fe80::9%eth1", 1}};
    fixture_t *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mq_visit_t visit = *fixture_visit(f);
        int seconds;
        visit.address = rows[i].one;
        for (int j = 0; j < f->core.failures_per_address; j++) {
            mq_throttle_end(&visit, MQ_THROTTLE_ADDRESS, "", MQ_TRY_FAILED);
        }
        visit.address = rows[i].other;
        assert_int_equal(mq_throttle_check(&seconds, &visit, MQ_THROTTLE_ADDRESS, ""),
                         rows[i].is_same ? MQ_EBUSY : APR_SUCCESS);
        fixture_wait(f, 7200);
    }
}

static void registrations_are_so_many_in_the_hour_that_the_first_began(void **state)
{
    fixture_t *f = *state;
    f->core.registrations_per_hour = 3;
    count(f, MQ_THROTTLE_REGISTER, "", 1);
    fixture_wait(f, 3000);
    count(f, MQ_THROTTLE_REGISTER, "", 2);
    assert_int_equal(wait_of(f, MQ_THROTTLE_REGISTER, ""), 601);
    fixture_wait(f, 600);
    assert_int_equal(wait_of(f, MQ_THROTTLE_REGISTER, ""), 0);
}

static void a_limit_of_none_counts_nothing(void **state)
{
    fixture_t *f = *state;
    f->core.failures_per_account = 0;
    count(f, MQ_THROTTLE_ACCOUNT, "ana", 100);
    assert_int_equal(wait_of(f, MQ_THROTTLE_ACCOUNT, "ana"), 0);
}

static void refusals_are_counted_by_the_minute(void **state)
{
    fixture_t *f = *state;
    assert_int_equal(mq_throttle_refusal(fixture_visit(f)), 1);
    assert_int_equal(mq_throttle_refusal(fixture_visit(f)), 2);
    fixture_wait(f, 59);
    assert_int_equal(mq_throttle_refusal(fixture_visit(f)), 3);
    fixture_wait(f, 1);
    assert_int_equal(mq_throttle_refusal(fixture_visit(f)), 1);
}

static void names_that_run_together_are_not_the_same(void **state)
{
    fixture_t *f = *state;
    assert_string_not_equal(mq_throttle_account("a b", "c", f->pool),
                            mq_throttle_account("a", "b c", f->pool));
}

static apr_status_t take(fixture_t *f, mq_throttle_t kind, const char *name)
{
    int seconds;
    apr_status_t rv = mq_throttle_take(&seconds, fixture_visit(f), kind, name);
    assert_int_equal(seconds > 0, rv == MQ_EBUSY);
    return rv;
}

static void end(fixture_t *f, mq_throttle_t kind, const char *name, mq_try_end_t how)
{
    mq_throttle_end(fixture_visit(f), kind, name, how);
}

static void of_many_at_once_no_more_get_through_than_may_fail(void **state)
{
    fixture_t *f = *state;
    int through = 0;
    for (int i = 0; i < 40; i++) {
        apr_status_t rv = take(f, MQ_THROTTLE_ACCOUNT, "ana");
        through += rv == APR_SUCCESS;
        assert_true(rv == APR_SUCCESS || rv == MQ_EFULL);
    }
    assert_int_equal(through, f->core.failures_per_account);
    count(f, MQ_THROTTLE_ACCOUNT, "ana", through);
    assert_int_equal(take(f, MQ_THROTTLE_ACCOUNT, "ana"), MQ_EBUSY);
    fixture_wait(f, 3); /* the delay has passed: one more, alone */
    assert_ok(take(f, MQ_THROTTLE_ACCOUNT, "ana"));
    assert_int_equal(take(f, MQ_THROTTLE_ACCOUNT, "ana"), MQ_EFULL);
    end(f, MQ_THROTTLE_ACCOUNT, "ana", MQ_TRY_FAILED);
    assert_int_equal(take(f, MQ_THROTTLE_ACCOUNT, "ana"), MQ_EBUSY);
}

static void tries_of_one_address_that_fit_are_no_failures(void **state)
{
    fixture_t *f = *state;
    const int most = f->core.failures_per_address;
    count(f, MQ_THROTTLE_ADDRESS, "", most - 2);
    for (int people = 0; people < 60; people += 2) {
        assert_ok(take(f, MQ_THROTTLE_ADDRESS, ""));
        assert_ok(take(f, MQ_THROTTLE_ADDRESS, ""));
        assert_int_equal(take(f, MQ_THROTTLE_ADDRESS, ""), MQ_EFULL); /* not MQ_EBUSY */
        end(f, MQ_THROTTLE_ADDRESS, "", MQ_TRY_FITS);
        end(f, MQ_THROTTLE_ADDRESS, "", MQ_TRY_UNDECIDED);
    }
    count(f, MQ_THROTTLE_ADDRESS, "", 2); /* and they have taken nothing back */
    assert_int_equal(take(f, MQ_THROTTLE_ADDRESS, ""), MQ_EBUSY);
}

static void a_try_whose_process_died_is_under_way_for_two_minutes(void **state)
{
    fixture_t *f = *state;
    for (int i = 0; i < f->core.failures_per_account; i++) {
        assert_ok(take(f, MQ_THROTTLE_ACCOUNT, "ana"));
    }
    fixture_wait(f, 119);
    assert_int_equal(take(f, MQ_THROTTLE_ACCOUNT, "ana"), MQ_EFULL);
    fixture_wait(f, 1);
    assert_ok(take(f, MQ_THROTTLE_ACCOUNT, "ana"));
}

static void mails_count_whatever_comes_of_them(void **state)
{
    fixture_t *f = *state;
    for (int i = 0; i < f->core.failures_per_account; i++) {
        assert_ok(take(f, MQ_THROTTLE_RESET, "ana"));
    }
    assert_int_equal(take(f, MQ_THROTTLE_RESET, "ana"), MQ_EBUSY);
    assert_ok(take(f, MQ_THROTTLE_RESET, "ben"));
}

static void no_name_of_one_kind_is_a_name_of_another(void **state)
{
    static const mq_throttle_t kinds[] = {MQ_THROTTLE_ACCOUNT, MQ_THROTTLE_PASSWORD,
                                          MQ_THROTTLE_CODE, MQ_THROTTLE_RESET};
    fixture_t *f = *state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        assert_int_equal(wait_of(f, kinds[i], "ana"), 0);
        count(f, kinds[i], "ana", f->core.failures_per_account);
        assert_int_not_equal(wait_of(f, kinds[i], "ana"), 0);
    }
}

static void delays_in_force_are_never_pushed_out(void **state)
{
    fixture_t *f = *state;
    apr_status_t rv = APR_SUCCESS;
    int locked = 0;
    count(f, MQ_THROTTLE_ACCOUNT, "ana", f->core.failures_per_account + 9);
    fixture_wait(f, 600); /* of fifteen minutes */
    for (int i = 0; i < 2000; i++) {
        count(f, MQ_THROTTLE_ACCOUNT, apr_psprintf(f->pool, "flood %d", i), 1);
    }
    assert_int_not_equal(wait_of(f, MQ_THROTTLE_ACCOUNT, "ana"), 0);
    for (int i = 0; i < 100; i++) {
        const char *name = apr_psprintf(f->pool, "locked %d", i);
        count(f, MQ_THROTTLE_ACCOUNT, name, f->core.failures_per_account);
        locked += wait_of(f, MQ_THROTTLE_ACCOUNT, name) > 0;
    }
    assert_true(locked > 50 && locked < 64);
    rv = take(f, MQ_THROTTLE_ACCOUNT, "another");
    assert_int_equal(rv, MQ_EFULL); /* what cannot be counted is not done */
    assert_int_equal(mq_throttle_refusal(fixture_visit(f)), INT_MAX);
    assert_int_not_equal(wait_of(f, MQ_THROTTLE_ACCOUNT, "ana"), 0);
    fixture_wait(f, 301);
    assert_ok(take(f, MQ_THROTTLE_ACCOUNT, "another"));
}

static void a_clock_that_was_ahead_locks_nobody_out(void **state)
{
    fixture_t *f = *state;
    fixture_wait(f, 86400);
    count(f, MQ_THROTTLE_ACCOUNT, "ana", f->core.failures_per_account + 9);
    fixture_wait(f, -86400);
    assert_ok(take(f, MQ_THROTTLE_ACCOUNT, "ana"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_free_attempts_are_free_and_each_further_one_doubles_the_wait),
        TEST(for_what_a_colleague_guesses_nobody_waits_long),
        TEST(the_wait_ends_and_the_count_goes_on),
        TEST(an_hour_without_attempts_forgets_all),
        TEST(the_right_password_forgets_the_account_and_not_the_address),
        TEST(accounts_and_addresses_are_counted_apart),
        TEST(one_network_of_ipv6_is_one_address),
        TEST(registrations_are_so_many_in_the_hour_that_the_first_began),
        TEST(a_limit_of_none_counts_nothing),
        TEST(refusals_are_counted_by_the_minute),
        TEST(of_many_at_once_no_more_get_through_than_may_fail),
        TEST(tries_of_one_address_that_fit_are_no_failures),
        TEST(a_try_whose_process_died_is_under_way_for_two_minutes),
        TEST(mails_count_whatever_comes_of_them),
        TEST(no_name_of_one_kind_is_a_name_of_another),
        TEST(delays_in_force_are_never_pushed_out),
        TEST(a_clock_that_was_ahead_locks_nobody_out),
        TEST(names_that_run_together_are_not_the_same)};
    return FIXTURE_RUN(tests);
}

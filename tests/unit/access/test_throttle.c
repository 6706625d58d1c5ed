/* test_throttle.c -- how often somebody may try, and how long each counter remembers. */
#include "fixture.h"

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
        mq_throttle_count(fixture_visit(f), kind, name);
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
        const char *address;
        int is_same;
    } rows[] = {{"2001:db8:1:2:ffff::9", 1}, {"2001:db8:1:2:3:4:5:6", 1}, {"2001:db8:1:3::9", 0}};
    fixture_t *f = *state;
    mq_visit_t visit = *fixture_visit(f);
    int seconds;
    visit.address = "2001:db8:1:2:1:1:1:1";
    for (int i = 0; i < f->core.failures_per_address; i++) {
        mq_throttle_count(&visit, MQ_THROTTLE_ADDRESS, "");
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        visit.address = rows[i].address;
        assert_int_equal(mq_throttle_check(&seconds, &visit, MQ_THROTTLE_ADDRESS, ""),
                         rows[i].is_same ? MQ_EBUSY : APR_SUCCESS);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_free_attempts_are_free_and_each_further_one_doubles_the_wait),
        TEST(the_wait_ends_and_the_count_goes_on),
        TEST(an_hour_without_attempts_forgets_all),
        TEST(the_right_password_forgets_the_account_and_not_the_address),
        TEST(accounts_and_addresses_are_counted_apart),
        TEST(one_network_of_ipv6_is_one_address),
        TEST(registrations_are_so_many_in_the_hour_that_the_first_began),
        TEST(a_limit_of_none_counts_nothing),
        TEST(refusals_are_counted_by_the_minute),
        TEST(names_that_run_together_are_not_the_same)};
    return FIXTURE_RUN(tests);
}

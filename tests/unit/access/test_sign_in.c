/* test_sign_in.c -- organisation, address and password: all three or nothing, and slower each time.
 */
#include "fixture.h"

#include "domain/access/sign_in.h"
#include "domain/organisations/tenants.h"
#include "domain/people/accounts.h"

static apr_status_t tried(const mq_scope_t **sc_out, fixture_t *f, const char *tenant,
                          const char *email, const char *password)
{
    const mq_sign_in_t in = {tenant, email, password};
    int wait = 0;
    apr_status_t rv = mq_user_sign_in(sc_out, &wait, fixture_visit(f), &in);
    assert_int_equal(wait > 0, rv == MQ_EBUSY);
    return rv;
}

static void all_three_together_let_in_and_are_an_event(void **state)
{
    fixture_t *f = *state;
    const mq_scope_t *sc;
    assert_ok(tried(&sc, f, FIXTURE_CLINIC, fixture_email(CLINICIAN), FIXTURE_PASSWORD));
    assert_string_equal(mq_scope_user_name(sc), "Clara Clinician");
    assert_event(f, MQ_ACTION_SIGN_IN, "Clara Clinician");
}

static void names_are_the_same_however_they_are_written(void **state)
{
    fixture_t *f = *state;
    const mq_scope_t *sc;
    assert_ok(tried(&sc, f, "  harbour   CLINIC ", "Clinician@Harbour.Example", FIXTURE_PASSWORD));
}

static void anything_wrong_is_refused_in_the_same_way(void **state)
{
    fixture_t *f = *state;
    const mq_scope_t *sc;
    mq_audit_entry_t event;
    assert_int_equal(tried(&sc, f, FIXTURE_CLINIC, fixture_email(CLINICIAN), "wrong"), MQ_EDENIED);
    event = fixture_event(f);
    assert_int_equal(event.action, MQ_ACTION_SIGN_IN);
    assert_int_equal(event.outcome, MQ_OUTCOME_FAILED);
    assert_null(event.actor_name);
    assert_int_equal(tried(&sc, f, FIXTURE_CLINIC, "nobody@harbour.example", FIXTURE_PASSWORD),
                     MQ_EDENIED);
    assert_int_equal(tried(&sc, f, "No such clinic", fixture_email(CLINICIAN), FIXTURE_PASSWORD),
                     MQ_EDENIED);
    assert_int_equal(tried(&sc, f, FIXTURE_OTHER, fixture_email(CLINICIAN), FIXTURE_PASSWORD),
                     MQ_EDENIED);
}

static void the_disabled_are_refused_like_a_wrong_password(void **state)
{
    fixture_t *f = *state;
    const mq_scope_t *sc;
    assert_ok(
        mq_person_status_set(fixture_as(f, ADMIN), &f->people[CLINICIAN], MQ_PERSON_DISABLED));
    assert_int_equal(tried(&sc, f, FIXTURE_CLINIC, fixture_email(CLINICIAN), FIXTURE_PASSWORD),
                     MQ_EDENIED);
}

static void who_knows_the_password_learns_that_the_organisation_is_suspended(void **state)
{
    fixture_t *f = *state;
    const mq_scope_t *sc;
    assert_ok(mq_tenant_status_set(fixture_operator(f), MQ_TENANT_SUSPENDED));
    assert_int_equal(tried(&sc, f, FIXTURE_CLINIC, fixture_email(CLINICIAN), FIXTURE_PASSWORD),
                     MQ_ENOTFOUND);
    assert_int_equal(tried(&sc, f, FIXTURE_CLINIC, fixture_email(CLINICIAN), "wrong"), MQ_EDENIED);
}

static void after_five_failures_the_right_password_waits_too(void **state)
{
    fixture_t *f = *state;
    const mq_scope_t *sc;
    for (int i = 0; i < f->core.failures_per_account; i++) {
        assert_int_equal(tried(&sc, f, FIXTURE_CLINIC, fixture_email(CLINICIAN), "wrong"),
                         MQ_EDENIED);
    }
    assert_int_equal(tried(&sc, f, FIXTURE_CLINIC, fixture_email(CLINICIAN), FIXTURE_PASSWORD),
                     MQ_EBUSY);
    assert_ok(tried(&sc, f, FIXTURE_CLINIC, fixture_email(COLLEAGUE), FIXTURE_PASSWORD));
    fixture_wait(f, 3);
    assert_ok(tried(&sc, f, FIXTURE_CLINIC, fixture_email(CLINICIAN), FIXTURE_PASSWORD));
    assert_int_equal(tried(&sc, f, FIXTURE_CLINIC, fixture_email(CLINICIAN), "wrong"), MQ_EDENIED);
}

static void an_administrator_unlocks_at_once(void **state)
{
    fixture_t *f = *state;
    const mq_scope_t *sc;
    for (int i = 0; i < f->core.failures_per_account; i++) {
        (void)tried(&sc, f, FIXTURE_CLINIC, fixture_email(CLINICIAN), "wrong");
    }
    f->now++;
    assert_ok(mq_person_unlock(fixture_as(f, ADMIN), &f->people[CLINICIAN]));
    assert_ok(tried(&sc, f, FIXTURE_CLINIC, fixture_email(CLINICIAN), FIXTURE_PASSWORD));
}

static void a_password_of_a_lower_cost_is_hashed_anew(void **state)
{
    fixture_t *f = *state;
    const mq_scope_t *sc;
    f->core.password_cost = 5;
    assert_ok(tried(&sc, f, FIXTURE_CLINIC, fixture_email(CLINICIAN), FIXTURE_PASSWORD));
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM users WHERE password LIKE '%$05$%'"),
                     1);
    assert_ok(tried(&sc, f, FIXTURE_CLINIC, fixture_email(CLINICIAN), FIXTURE_PASSWORD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_three_together_let_in_and_are_an_event),
        TEST(names_are_the_same_however_they_are_written),
        TEST(anything_wrong_is_refused_in_the_same_way),
        TEST(the_disabled_are_refused_like_a_wrong_password),
        TEST(who_knows_the_password_learns_that_the_organisation_is_suspended),
        TEST(after_five_failures_the_right_password_waits_too),
        TEST(an_administrator_unlocks_at_once),
        TEST(a_password_of_a_lower_cost_is_hashed_anew)};
    return FIXTURE_RUN(tests);
}

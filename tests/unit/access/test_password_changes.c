/* test_password_changes.c -- by its owner who knows the old one, or by a link that works once
 * within half an hour; each change ends all sessions. */
#include "fixture.h"

#include "domain/access/password_changes.h"
#include "domain/access/sign_in.h"
#include "domain/people/accounts.h"

static const char good[] = "nine violet kites hum";

static apr_status_t changed(fixture_t *f, const char *old_password, const char *new_password)
{
    const mq_visit_t *visit = fixture_visit(f);
    mq_password_verdict_t verdict;
    int wait;
    return mq_password_change(&verdict, &wait, visit, fixture_enter(visit, f, CLINICIAN),
                              old_password, new_password);
}

static apr_status_t opens(fixture_t *f, const char *password)
{
    const mq_sign_in_t in = {FIXTURE_CLINIC, fixture_email(CLINICIAN), password};
    const mq_scope_t *sc;
    int wait;
    return mq_user_sign_in(&sc, &wait, fixture_visit(f), &in);
}

static apr_status_t set(fixture_t *f, const char *token, const char *password)
{
    mq_password_verdict_t verdict;
    return mq_reset_finish(&verdict, fixture_visit(f), token, password);
}

static const char *reset_made(fixture_t *f)
{
    const char *token;
    assert_ok(mq_reset_make(&token, fixture_as(f, ADMIN), &f->people[CLINICIAN]));
    return token;
}

static void whoever_knows_the_old_one_changes_it_and_all_sessions_end(void **state)
{
    fixture_t *f = *state;
    const char *cookie = fixture_sign_in(f, CLINICIAN);
    mq_session_t *session;
    assert_ok(changed(f, FIXTURE_PASSWORD, good));
    assert_event(f, MQ_ACTION_PASSWORD_CHANGE, "Clara Clinician");
    assert_int_equal(mq_session_resolve(&session, fixture_visit(f), cookie), MQ_ENOTFOUND);
    assert_int_equal(opens(f, FIXTURE_PASSWORD), MQ_EDENIED);
    assert_ok(opens(f, good));
}

static void a_wrong_old_one_is_an_event_and_after_five_it_waits(void **state)
{
    fixture_t *f = *state;
    mq_audit_entry_t event;
    assert_int_equal(changed(f, "wrong", good), MQ_EDENIED);
    event = fixture_event(f);
    assert_int_equal(event.action, MQ_ACTION_PASSWORD_CHANGE);
    assert_int_equal(event.outcome, MQ_OUTCOME_FAILED);
    for (int i = 1; i < f->core.failures_per_account; i++) {
        assert_int_equal(changed(f, "wrong", good), MQ_EDENIED);
    }
    assert_int_equal(changed(f, FIXTURE_PASSWORD, good), MQ_EBUSY);
    assert_ok(opens(f, FIXTURE_PASSWORD));
}

static void a_weak_new_one_changes_nothing(void **state)
{
    fixture_t *f = *state;
    assert_refused(f, changed(f, FIXTURE_PASSWORD, "password1234"), MQ_EINVALID);
    assert_refused(f, changed(f, FIXTURE_PASSWORD, "claraclinician"), MQ_EINVALID);
    assert_ok(opens(f, FIXTURE_PASSWORD));
}

static void a_link_sets_it_once(void **state)
{
    fixture_t *f = *state;
    const char *token = reset_made(f);
    mq_reset_t reset;
    assert_event(f, MQ_ACTION_USER_RESET, "Ada Admin");
    assert_ok(mq_reset_open(&reset, fixture_visit(f), token));
    assert_string_equal(reset.email, fixture_email(CLINICIAN));
    assert_string_equal(reset.tenant_name, FIXTURE_CLINIC);
    assert_ok(set(f, token, good));
    assert_int_equal(fixture_event(f).action, MQ_ACTION_PASSWORD_RESET);
    assert_int_equal(set(f, token, "eleven grey owls sing"), MQ_ENOTFOUND);
    assert_ok(opens(f, good));
}

static void a_link_is_good_for_half_an_hour(void **state)
{
    fixture_t *f = *state;
    const char *token = reset_made(f);
    mq_reset_t reset;
    fixture_wait(f, MQ_RESET_MINUTES * 60);
    f->now--;
    assert_ok(mq_reset_open(&reset, fixture_visit(f), token));
    f->now++;
    assert_int_equal(mq_reset_open(&reset, fixture_visit(f), token), MQ_ENOTFOUND);
    assert_int_equal(set(f, token, good), MQ_ENOTFOUND);
    assert_ok(opens(f, FIXTURE_PASSWORD));
}

static void a_newer_link_makes_the_older_worthless(void **state)
{
    fixture_t *f = *state;
    const char *older = reset_made(f);
    const char *newer = reset_made(f);
    assert_int_equal(set(f, older, good), MQ_ENOTFOUND);
    assert_ok(set(f, newer, good));
}

static void a_change_makes_a_waiting_link_worthless(void **state)
{
    fixture_t *f = *state;
    const char *token = reset_made(f);
    assert_ok(changed(f, FIXTURE_PASSWORD, good));
    assert_int_equal(set(f, token, "eleven grey owls sing"), MQ_ENOTFOUND);
}

static void only_administrators_make_links_and_only_for_their_own(void **state)
{
    fixture_t *f = *state;
    const mq_id_t *id = &f->people[CLINICIAN];
    const char *token;
    assert_refused(f, mq_reset_make(&token, fixture_as(f, COLLEAGUE), id), MQ_EDENIED);
    assert_refused(f, mq_reset_make(&token, fixture_as(f, AUDITOR), id), MQ_EDENIED);
    assert_refused(f, mq_reset_make(&token, fixture_as(f, STRANGER), id), MQ_ENOTFOUND);
}

static void nobody_makes_a_link_for_themselves(void **state)
{
    fixture_t *f = *state;
    const char *token;
    assert_refused(f, mq_reset_make(&token, fixture_as(f, ADMIN), &f->people[ADMIN]), MQ_EDENIED);
    assert_ok(mq_reset_make(&token, fixture_as(f, FOUNDER), &f->people[ADMIN]));
}

static apr_status_t proved(fixture_t *f, const char *password)
{
    const mq_visit_t *visit = fixture_visit(f);
    int wait;
    return mq_password_prove(&wait, visit, fixture_enter(visit, f, ADMIN), MQ_ACTION_USER_RESET,
                             &f->people[CLINICIAN], password);
}

static void a_wrong_proof_is_an_event_of_what_was_tried(void **state)
{
    fixture_t *f = *state;
    assert_refused(f, proved(f, FIXTURE_PASSWORD), APR_SUCCESS);
    assert_int_equal(proved(f, "wrong"), MQ_EDENIED);
    assert_int_equal(fixture_event(f).action, MQ_ACTION_USER_RESET);
    assert_int_equal(fixture_event(f).outcome, MQ_OUTCOME_FAILED);
}

/* What asks for the password counts together with the change of it, and the right one forgives. */
static void guessing_it_waits_wherever_it_is_asked_for(void **state)
{
    fixture_t *f = *state;
    const mq_visit_t *visit = fixture_visit(f);
    mq_password_verdict_t verdict;
    int wait;
    for (int i = 1; i < f->core.failures_per_account; i++) {
        assert_int_equal(proved(f, "wrong"), MQ_EDENIED);
    }
    assert_ok(proved(f, FIXTURE_PASSWORD));
    for (int i = 0; i < f->core.failures_per_account; i++) {
        assert_int_equal(proved(f, "wrong"), MQ_EDENIED);
    }
    assert_refused(f, proved(f, FIXTURE_PASSWORD), MQ_EBUSY);
    assert_int_equal(mq_password_change(&verdict, &wait, visit, fixture_enter(visit, f, ADMIN),
                                        FIXTURE_PASSWORD, good),
                     MQ_EBUSY);
    assert_true(wait > 0);
}

static void the_disabled_get_no_link_and_lose_the_one_they_have(void **state)
{
    fixture_t *f = *state;
    const char *token = reset_made(f);
    const char *another;
    assert_ok(
        mq_person_status_set(fixture_as(f, ADMIN), &f->people[CLINICIAN], MQ_PERSON_DISABLED));
    assert_int_equal(set(f, token, good), MQ_ENOTFOUND);
    assert_int_equal(mq_reset_make(&another, fixture_as(f, ADMIN), &f->people[CLINICIAN]),
                     MQ_ECONFLICT);
}

static apr_status_t asked_for(fixture_t *f, mq_reset_asked_t *asked_out)
{
    return mq_reset_ask(asked_out, fixture_visit(f), FIXTURE_CLINIC, fixture_email(CLINICIAN));
}

static void who_asked_sets_the_password_with_the_link(void **state)
{
    fixture_t *f = *state;
    mq_reset_asked_t asked;
    assert_ok(asked_for(f, &asked));
    assert_ok(set(f, asked.token, good));
}

static void asking_again_and_again_waits(void **state)
{
    fixture_t *f = *state;
    mq_reset_asked_t asked;
    for (int i = 0; i < f->core.failures_per_account; i++) {
        assert_ok(asked_for(f, &asked));
    }
    assert_int_equal(asked_for(f, &asked), MQ_EBUSY);
    assert_true(asked.wait > 0);
}

static void asking_for_a_link_is_one_event_and_a_token_whatever_there_is(void **state)
{
    fixture_t *f = *state;
    static const char resets[] = "SELECT COUNT(*) FROM password_resets";
    const struct {
        const char *organisation;
        const char *email;
        int is_meant;
    } cases[] = {{FIXTURE_CLINIC, fixture_email(CLINICIAN), 1},
                 {FIXTURE_CLINIC, fixture_email(COLLEAGUE), 0},
                 {FIXTURE_CLINIC, "nobody@harbour.example", 0},
                 {"No Such Place", fixture_email(CLINICIAN), 0}};
    assert_ok(
        mq_person_status_set(fixture_as(f, ADMIN), &f->people[COLLEAGUE], MQ_PERSON_DISABLED));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        apr_int64_t events = fixture_number(f, "SELECT COUNT(*) FROM audit_events");
        apr_int64_t links = fixture_number(f, resets);
        mq_reset_asked_t asked;
        mq_reset_t reset;
        assert_ok(mq_reset_ask(&asked, fixture_visit(f), cases[i].organisation, cases[i].email));
        assert_int_equal(asked.is_meant, cases[i].is_meant);
        assert_int_equal(fixture_number(f, "SELECT COUNT(*) FROM audit_events"), events + 1);
        assert_int_equal(fixture_number(f, resets), links + cases[i].is_meant);
        assert_int_equal(mq_reset_open(&reset, fixture_visit(f), asked.token),
                         cases[i].is_meant ? APR_SUCCESS : MQ_ENOTFOUND);
    }
}

static void the_link_goes_to_the_address_of_the_account_however_it_was_typed(void **state)
{
    fixture_t *f = *state;
    mq_reset_asked_t asked;
    assert_ok(
        mq_reset_ask(&asked, fixture_visit(f), "HARBOUR  clinic", "CLINICIAN@Harbour.Example"));
    assert_true(asked.is_meant);
    assert_string_equal(asked.email, fixture_email(CLINICIAN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whoever_knows_the_old_one_changes_it_and_all_sessions_end),
        TEST(a_wrong_old_one_is_an_event_and_after_five_it_waits),
        TEST(a_weak_new_one_changes_nothing),
        TEST(a_link_sets_it_once),
        TEST(a_link_is_good_for_half_an_hour),
        TEST(a_newer_link_makes_the_older_worthless),
        TEST(a_change_makes_a_waiting_link_worthless),
        TEST(only_administrators_make_links_and_only_for_their_own),
        TEST(nobody_makes_a_link_for_themselves),
        TEST(a_wrong_proof_is_an_event_of_what_was_tried),
        TEST(guessing_it_waits_wherever_it_is_asked_for),
        TEST(the_disabled_get_no_link_and_lose_the_one_they_have),
        TEST(who_asked_sets_the_password_with_the_link),
        TEST(asking_again_and_again_waits),
        TEST(asking_for_a_link_is_one_event_and_a_token_whatever_there_is),
        TEST(the_link_goes_to_the_address_of_the_account_however_it_was_typed)};
    return FIXTURE_RUN(tests);
}

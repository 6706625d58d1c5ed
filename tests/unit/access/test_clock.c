/* test_clock.c -- a clock that runs ahead for a while and comes back: what was written meanwhile
 * holds no longer than it would have held anyway, and locks nobody out. */
#include "fixture.h"

#include <apr_strings.h>

#include "base/clock.h"
#include "domain/access/parking.h"
#include "domain/access/password_changes.h"
#include "domain/access/throttle.h"
#include "domain/access/two_factor.h"
#include "domain/people/accounts.h"
#include "domain/people/invitations.h"

static const apr_interval_time_t ahead[] = {apr_time_from_sec(120), apr_time_from_sec(1800),
                                            apr_time_from_sec(3 * 86400),
                                            apr_time_from_sec((apr_int64_t)400 * 86400)};

enum { JUMPS = sizeof ahead / sizeof *ahead };

/* Whether it opens a session now. */
static apr_status_t session_opens(fixture_t *f, const char *cookie)
{
    const mq_visit_t *visit = fixture_visit(f);
    mq_session_t *session;
    MQ_TRY(mq_session_resolve(&session, visit, cookie));
    mq_db_give_back(session->scope);
    return APR_SUCCESS;
}

static void a_term_runs_between_its_beginning_and_its_end(void **state)
{
    const apr_time_t now = apr_time_from_sec(1000000);
    const apr_interval_time_t hour = apr_time_from_sec(3600);
    (void)state;
    assert_false(mq_term_runs(now, now, hour));
    assert_false(mq_term_runs(now, 0, hour));
    assert_true(mq_term_runs(now, now + 1, hour));
    assert_true(mq_term_runs(now, now + hour + MQ_CLOCK_SLACK, hour));
    assert_false(mq_term_runs(now, now + hour + MQ_CLOCK_SLACK + 1, hour));
    assert_false(mq_term_runs(now, APR_INT64_MAX, hour));
}

static void a_session_of_the_future_opens_nothing(void **state)
{
    fixture_t *f = *state;
    for (int i = 0; i < JUMPS; i++) {
        const char *cookie;
        f->now += ahead[i];
        cookie = fixture_sign_in(f, CLINICIAN);
        assert_ok(session_opens(f, cookie));
        f->now -= ahead[i];
        assert_int_equal(session_opens(f, cookie), MQ_ENOTFOUND);
    }
}

static void a_session_seen_in_the_future_ends_and_the_others_go_on(void **state)
{
    fixture_t *f = *state;
    const char *seen = fixture_sign_in(f, CLINICIAN);
    const char *unseen = fixture_sign_in(f, CLINICIAN);
    const apr_interval_time_t jump = f->core.idle_limit - apr_time_from_sec(60);
    f->now += jump;
    assert_ok(session_opens(f, seen)); /* renewed */
    f->now -= jump;
    assert_int_equal(session_opens(f, seen), MQ_ENOTFOUND);
    assert_ok(session_opens(f, unseen));
}

static void a_little_ahead_is_no_fault(void **state)
{
    fixture_t *f = *state;
    const char *cookie;
    f->now += apr_time_from_sec(30);
    cookie = fixture_sign_in(f, CLINICIAN);
    f->now -= apr_time_from_sec(30);
    assert_ok(session_opens(f, cookie));
}

static void sessions_of_the_future_give_their_room_to_the_living(void **state)
{
    fixture_t *f = *state;
    const char *cookie;
    f->now += ahead[2];
    for (int i = 0; i < 8; i++) { /* as many as the fixture's table has */
        (void)fixture_sign_in(f, (fixture_person_t)(i % AUDITOR));
    }
    f->now -= ahead[2];
    cookie = fixture_sign_in(f, CLINICIAN);
    assert_ok(session_opens(f, cookie));
}

static void a_link_to_a_password_of_the_future_is_none(void **state)
{
    fixture_t *f = *state;
    for (int i = 0; i < JUMPS; i++) {
        const char *token;
        mq_reset_t reset;
        f->now += ahead[i];
        assert_ok(mq_reset_make(&token, fixture_as(f, ADMIN), &f->people[CLINICIAN]));
        assert_ok(mq_reset_open(&reset, fixture_visit(f), token));
        f->now -= ahead[i];
        assert_int_equal(mq_reset_open(&reset, fixture_visit(f), token), MQ_ENOTFOUND);
    }
}

static void an_invitation_of_the_future_has_expired(void **state)
{
    fixture_t *f = *state;
    for (int i = 0; i < JUMPS; i++) {
        const char *token;
        mq_invitation_t invitation;
        f->now += ahead[i];
        assert_ok(mq_invitation_make(&token, fixture_as(f, ADMIN), "new@harbour.example", "New",
                                     MQ_ROLE_AUDITOR));
        f->now -= ahead[i];
        assert_ok(mq_invitation_open(&invitation, NULL, fixture_visit(f), token));
        assert_int_equal(invitation.state, MQ_INVITATION_EXPIRED);
    }
}

static int forms_waiting(fixture_t *f, const unsigned char *browser)
{
    apr_array_header_t *forms;
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    assert_ok(mq_parking_list(&forms, sc, browser));
    mq_db_give_back(sc);
    return forms->nelts;
}

static void a_form_parked_in_the_future_goes(void **state)
{
    static const unsigned char browser[MQ_PARKING_SECRET_LENGTH] = {1};
    fixture_t *f = *state;
    for (int i = 0; i < JUMPS; i++) {
        f->now += ahead[i];
        assert_ok(mq_parking_add(fixture_as(f, CLINICIAN), browser, "/patients/new", "name=Ana"));
        assert_int_equal(forms_waiting(f, browser), 1);
        f->now -= ahead[i];
        assert_int_equal(forms_waiting(f, browser), 0);
    }
    assert_ok(mq_parking_add(fixture_as(f, COLLEAGUE), browser, "/patients/new", "name=Ben"));
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM parked_forms"), 1);
}

static const char *code_now(fixture_t *f, const unsigned char *secret)
{
    char code[MQ_TOTP_CODE_SIZE];
    assert_ok(mq_totp_code(code, secret, MQ_TOTP_SECRET_LENGTH, mq_totp_step(f->now)));
    return apr_pstrdup(f->pool, code);
}

static apr_status_t code_opens(fixture_t *f, const char *code)
{
    const mq_visit_t *visit = fixture_visit(f);
    int wait;
    return mq_two_factor_check(&wait, visit, fixture_enter(visit, f, CLINICIAN), code);
}

static void a_code_used_in_the_future_does_not_lock_its_person_out(void **state)
{
    fixture_t *f = *state;
    unsigned char secret[MQ_TOTP_SECRET_LENGTH];
    const mq_visit_t *visit = fixture_visit(f);
    mq_recovery_codes_t codes;
    mq_session_t *session;
    int wait;
    assert_ok(mq_session_resolve(&session, visit, fixture_sign_in(f, CLINICIAN)));
    assert_ok(mq_two_factor_offer(secret, session->scope));
    mq_db_give_back(session->scope);
    assert_ok(mq_two_factor_on(&codes, &wait, visit, session->scope, code_now(f, secret)));
    for (int i = 0; i < JUMPS; i++) {
        f->now += ahead[i];
        assert_ok(code_opens(f, code_now(f, secret)));
        f->now -= ahead[i];
        fixture_wait(f, 180);
        assert_ok(code_opens(f, code_now(f, secret)));
        assert_int_equal(code_opens(f, code_now(f, secret)), MQ_EDENIED); /* once, as ever */
    }
}

static int is_waiting(fixture_t *f, mq_throttle_t kind, const char *name)
{
    int seconds;
    return mq_throttle_check(&seconds, fixture_visit(f), kind, name) == MQ_EBUSY;
}

static void a_delay_of_the_future_is_none(void **state)
{
    static const mq_throttle_t kinds[] = {
        MQ_THROTTLE_ACCOUNT,  MQ_THROTTLE_ADDRESS, MQ_THROTTLE_PASSWORD,     MQ_THROTTLE_CODE,
        MQ_THROTTLE_REGISTER, MQ_THROTTLE_RESET,   MQ_THROTTLE_RESET_ADDRESS};
    fixture_t *f = *state;
    f->core.registrations_per_hour = 5;
    for (int i = 0; i < JUMPS; i++) {
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            f->now += ahead[i];
            for (int n = 0; n < 40; n++) {
                mq_throttle_end(fixture_visit(f), kinds[k], "", MQ_TRY_FAILED);
            }
            assert_true(is_waiting(f, kinds[k], ""));
            f->now -= ahead[i];
            assert_false(is_waiting(f, kinds[k], ""));
        }
    }
}

static void refusals_of_the_future_hide_none_of_today(void **state)
{
    fixture_t *f = *state;
    f->now += ahead[2];
    for (int n = 0; n < 100; n++) {
        (void)mq_throttle_refusal(fixture_visit(f));
    }
    f->now -= ahead[2];
    assert_int_equal(mq_throttle_refusal(fixture_visit(f)), 1);
}

/* The fixture's table of counters is small. */
static void a_table_full_of_the_future_counts_today(void **state)
{
    fixture_t *f = *state;
    f->now += ahead[2];
    for (int i = 0; i < 64; i++) {
        for (int n = 0; n < f->core.failures_per_account + 3; n++) {
            mq_throttle_end(fixture_visit(f), MQ_THROTTLE_ACCOUNT, apr_itoa(f->pool, i),
                            MQ_TRY_FAILED);
        }
    }
    f->now -= ahead[2];
    for (int i = 0; i < 20; i++) {
        int seconds;
        assert_ok(mq_throttle_take(&seconds, fixture_visit(f), MQ_THROTTLE_ACCOUNT,
                                   apr_psprintf(f->pool, "today %d", i)));
    }
}

static void an_unlocking_of_the_future_unlocks_nothing_for_ever(void **state)
{
    fixture_t *f = *state;
    const char *name = mq_id_text(&f->people[CLINICIAN], f->pool);
    const mq_visit_t *visit;
    int wait;
    f->now += ahead[2];
    assert_ok(mq_person_unlock(fixture_as(f, ADMIN), &f->people[CLINICIAN]));
    f->now -= ahead[2];
    for (int n = 0; n < 40; n++) {
        mq_throttle_end(fixture_visit(f), MQ_THROTTLE_CODE, name, MQ_TRY_FAILED);
    }
    visit = fixture_visit(f);
    assert_int_equal(mq_throttle_check_person(&wait, visit, fixture_enter(visit, f, ADMIN),
                                              &f->people[CLINICIAN], MQ_THROTTLE_CODE, name),
                     MQ_EBUSY);
    fixture_wait(f, 1);
    assert_ok(mq_person_unlock(fixture_as(f, ADMIN), &f->people[CLINICIAN]));
    visit = fixture_visit(f);
    assert_ok(mq_throttle_check_person(&wait, visit, fixture_enter(visit, f, ADMIN),
                                       &f->people[CLINICIAN], MQ_THROTTLE_CODE, name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(a_term_runs_between_its_beginning_and_its_end),
                                       TEST(a_session_of_the_future_opens_nothing),
                                       TEST(a_session_seen_in_the_future_ends_and_the_others_go_on),
                                       TEST(a_little_ahead_is_no_fault),
                                       TEST(sessions_of_the_future_give_their_room_to_the_living),
                                       TEST(a_link_to_a_password_of_the_future_is_none),
                                       TEST(an_invitation_of_the_future_has_expired),
                                       TEST(a_form_parked_in_the_future_goes),
                                       TEST(a_code_used_in_the_future_does_not_lock_its_person_out),
                                       TEST(a_delay_of_the_future_is_none),
                                       TEST(refusals_of_the_future_hide_none_of_today),
                                       TEST(a_table_full_of_the_future_counts_today),
                                       TEST(an_unlocking_of_the_future_unlocks_nothing_for_ever)};
    return FIXTURE_RUN(tests);
}

/* test_shared_rows.c -- sessions and counters of tries as rows of the database, as several servers
 * have them: what the tables in shared memory promise, rows do as well. */
#include "fixture.h"

#include <apr_strings.h>

#include "domain/access/session_rows.h"
#include "domain/access/throttle.h"

/* Each test is two servers' in turn: what one has written the other reads. */
static void share(fixture_t *f)
{
    mq_session_cache_t *rows = apr_palloc(f->pool, sizeof *rows);
    *rows = mq_session_rows(f->core.store);
    f->core.sessions = rows;
    f->core.throttle_rows = 1;
}

static apr_status_t resolved(mq_session_t **session_out, fixture_t *f, const char *cookie)
{
    apr_status_t rv = mq_session_resolve(session_out, fixture_visit(f), cookie);
    if (rv == APR_SUCCESS) {
        mq_db_give_back((*session_out)->scope);
    }
    return rv;
}

static void a_session_begins_goes_on_and_ends(void **state)
{
    fixture_t *f = *state;
    mq_session_t *session;
    const char *cookie;
    share(f);
    cookie = fixture_sign_in(f, CLINICIAN);
    assert_ok(resolved(&session, f, cookie));
    assert_string_equal(mq_scope_user_name(session->scope), "Clara Clinician");
    for (int i = 0; i < 4; i++) {
        fixture_wait(f, 600);
        assert_ok(resolved(&session, f, cookie));
    }
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"), 1);
    assert_ok(mq_session_end(fixture_visit(f), session));
    assert_int_equal(resolved(&session, f, cookie), MQ_ENOTFOUND);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"), 0);
}

static void what_is_idle_ends_and_is_swept_when_somebody_comes(void **state)
{
    fixture_t *f = *state;
    mq_session_t *session;
    const char *cookie;
    share(f);
    cookie = fixture_sign_in(f, CLINICIAN);
    fixture_wait(f, 901);
    assert_int_equal(resolved(&session, f, cookie), MQ_ENOTFOUND);
    fixture_wait(f, 3600);
    (void)fixture_sign_in(f, COLLEAGUE);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"), 1);
}

static void last_seen_is_written_at_most_each_quarter_of_the_limit(void **state)
{
    fixture_t *f = *state;
    mq_session_t *session;
    const char *cookie;
    apr_int64_t began;
    share(f);
    cookie = fixture_sign_in(f, CLINICIAN);
    began = fixture_number(f, "SELECT seen_at FROM sessions");
    fixture_wait(f, 200);
    assert_ok(resolved(&session, f, cookie));
    assert_true(fixture_number(f, "SELECT seen_at FROM sessions") == began);
    fixture_wait(f, 100);
    assert_ok(resolved(&session, f, cookie));
    assert_true(fixture_number(f, "SELECT seen_at FROM sessions") ==
                began + 300 * APR_USEC_PER_SEC);
}

static void a_further_one_ends_the_one_seen_longest_ago(void **state)
{
    fixture_t *f = *state;
    mq_session_t *session;
    const char *first;
    share(f);
    first = fixture_sign_in(f, CLINICIAN);
    for (int i = 0; i < MQ_SESSIONS_MOST; i++) {
        fixture_wait(f, 1);
        (void)fixture_sign_in(f, CLINICIAN);
    }
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"), MQ_SESSIONS_MOST);
    assert_int_equal(resolved(&session, f, first), MQ_ENOTFOUND);
}

static void who_is_logged_out_meanwhile_changes_nothing(void **state)
{
    fixture_t *f = *state;
    mq_session_t *session;
    mq_session_t *same;
    const char *cookie;
    int ended;
    share(f);
    cookie = fixture_sign_in(f, CLINICIAN);
    assert_ok(resolved(&session, f, cookie));
    assert_ok(resolved(&same, f, cookie));
    assert_ok(mq_session_end(fixture_visit(f), same));
    assert_int_equal(mq_sessions_end(&ended, fixture_visit(f), session, NULL), MQ_ESTANDING);
}

static void no_place_is_kept_where_there_is_room_for_all(void **state)
{
    fixture_t *f = *state;
    mq_session_seat_t seat;
    mq_session_t *session;
    const mq_visit_t *visit = fixture_visit(f);
    const mq_scope_t *sc = fixture_enter(visit, f, CLINICIAN);
    const char *cookie;
    share(f);
    visit = fixture_visit(f);
    assert_ok(mq_session_seat_take(&seat, visit, sc));
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"), 0);
    mq_session_seat_leave(&seat, visit);
    assert_ok(mq_session_begin(&cookie, visit, sc, &seat));
    assert_ok(resolved(&session, f, cookie));
}

static void a_row_has_no_token(void **state)
{
    fixture_t *f = *state;
    const char *cookie;
    share(f);
    cookie = fixture_sign_in(f, CLINICIAN);
    assert_int_equal(strlen(cookie), MQ_TOKEN_TEXT_LENGTH);
    assert_int_equal(fixture_number(f, apr_psprintf(f->pool,
                                                    "SELECT count(*) FROM sessions WHERE "
                                                    "length(key) = 32 AND instr(key, '%s') = 0",
                                                    cookie)),
                     1);
}

static int wait_of(fixture_t *f, const char *name)
{
    int seconds;
    apr_status_t rv = mq_throttle_check(&seconds, fixture_visit(f), MQ_THROTTLE_ACCOUNT, name);
    assert_int_equal(rv, seconds ? MQ_EBUSY : APR_SUCCESS);
    return seconds;
}

static void fail_at(fixture_t *f, const char *name, int times)
{
    for (int i = 0; i < times; i++) {
        int seconds;
        (void)mq_throttle_take(&seconds, fixture_visit(f), MQ_THROTTLE_ACCOUNT, name);
        mq_throttle_end(fixture_visit(f), MQ_THROTTLE_ACCOUNT, name, MQ_TRY_FAILED);
    }
}

static void tries_count_wait_and_are_forgotten(void **state)
{
    fixture_t *f = *state;
    share(f);
    fail_at(f, "ana", f->core.failures_per_account);
    assert_true(wait_of(f, "ana") > 0);
    assert_int_equal(wait_of(f, "ben"), 0);
    fixture_wait(f, 3600);
    assert_int_equal(wait_of(f, "ana"), 0);
    fail_at(f, "ana", f->core.failures_per_account);
    assert_true(wait_of(f, "ana") > 0);
    mq_throttle_forget(fixture_visit(f), MQ_THROTTLE_ACCOUNT, "ana");
    assert_int_equal(wait_of(f, "ana"), 0);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM throttles"), 0);
}

static void what_fits_leaves_no_row(void **state)
{
    fixture_t *f = *state;
    int seconds;
    share(f);
    assert_ok(mq_throttle_take(&seconds, fixture_visit(f), MQ_THROTTLE_ACCOUNT, "ana"));
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM throttles"), 1);
    mq_throttle_end(fixture_visit(f), MQ_THROTTLE_ACCOUNT, "ana", MQ_TRY_FITS);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM throttles"), 0);
    mq_throttle_end(fixture_visit(f), MQ_THROTTLE_ACCOUNT, "ana", MQ_TRY_FITS);
}

static void refusals_of_a_minute_are_counted(void **state)
{
    fixture_t *f = *state;
    share(f);
    for (int i = 1; i <= 25; i++) {
        assert_int_equal(mq_throttle_refusal(fixture_visit(f)), i);
    }
    fixture_wait(f, 61);
    assert_int_equal(mq_throttle_refusal(fixture_visit(f)), 1);
}

static void counters_that_are_over_are_swept(void **state)
{
    fixture_t *f = *state;
    share(f);
    fail_at(f, "ana", 1);
    fixture_wait(f, 4 * 3600);
    for (int i = 0; i < 600; i++) {
        fail_at(f, apr_psprintf(f->pool, "somebody %d", i), 1);
    }
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM throttles"), 600);
}

/* One sweep takes so many of a long attack that the next try need not wait for all of them. */
static void a_sweep_takes_some(void **state)
{
    fixture_t *f = *state;
    apr_int64_t left = 1000;
    share(f);
    for (int i = 0; i < 1000; i++) {
        fail_at(f, apr_psprintf(f->pool, "nobody %d", i), 1);
    }
    fixture_wait(f, 4 * 3600);
    for (int i = 0; left == 1000 && i < 2000; i++) {
        fail_at(f, apr_psprintf(f->pool, "somebody %d", i), 1);
        left = fixture_number(f, apr_psprintf(f->pool,
                                              "SELECT count(*) FROM throttles WHERE expires_at < "
                                              "%" APR_TIME_T_FMT,
                                              fixture_visit(f)->now));
    }
    assert_int_equal(left, 1000 - 512);
}

/* Of a form that was sent twice, at whichever servers. */
static void a_form_begins_one_session(void **state)
{
    static const unsigned char form[MQ_VISIT_FORM_LENGTH] = "one and the same";
    fixture_t *f = *state;
    share(f);
    for (int i = 0; i < 3; i++) {
        mq_visit_t *visit = apr_pmemdup(f->pool, fixture_visit(f), sizeof *visit);
        const mq_scope_t *sc = fixture_enter(visit, f, CLINICIAN);
        const char *cookie;
        visit->form = form;
        assert_ok(mq_session_begin(&cookie, visit, sc, NULL));
    }
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"), 1);
    (void)fixture_sign_in(f, CLINICIAN);
    (void)fixture_sign_in(f, CLINICIAN);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_begins_goes_on_and_ends),
        TEST(what_is_idle_ends_and_is_swept_when_somebody_comes),
        TEST(last_seen_is_written_at_most_each_quarter_of_the_limit),
        TEST(a_further_one_ends_the_one_seen_longest_ago),
        TEST(who_is_logged_out_meanwhile_changes_nothing),
        TEST(no_place_is_kept_where_there_is_room_for_all),
        TEST(a_row_has_no_token),
        TEST(tries_count_wait_and_are_forgotten),
        TEST(what_fits_leaves_no_row),
        TEST(refusals_of_a_minute_are_counted),
        TEST(counters_that_are_over_are_swept),
        TEST(a_sweep_takes_some),
        TEST(a_form_begins_one_session),
    };
    return FIXTURE_RUN(tests);
}

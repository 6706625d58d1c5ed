/* test_sessions.c -- from a cookie to a person: how long, and what ends it at once. */
#include "fixture.h"

#include <apr_strings.h>

#include "domain/organisations/tenants.h"
#include "domain/people/accounts.h"

static apr_status_t resolved(mq_session_t **session_out, fixture_t *f, const char *cookie)
{
    const mq_visit_t *visit = fixture_visit(f);
    apr_status_t rv = mq_session_resolve(session_out, visit, cookie);
    if (rv == APR_SUCCESS) {
        mq_db_give_back((*session_out)->scope);
    }
    return rv;
}

static void a_cookie_leads_to_its_person_and_organisation(void **state)
{
    fixture_t *f = *state;
    const char *cookie = fixture_sign_in(f, CLINICIAN);
    mq_session_t *session;
    assert_int_equal(strlen(cookie), MQ_TOKEN_TEXT_LENGTH);
    assert_ok(resolved(&session, f, cookie));
    assert_string_equal(mq_scope_user_name(session->scope), "Clara Clinician");
    assert_string_equal(mq_scope_tenant_name(session->scope), FIXTURE_CLINIC);
    assert_int_equal(mq_scope_roles(session->scope), MQ_ROLE_CLINICIAN);
    assert_true(session->idle_left == f->core.idle_limit);
}

static void no_other_cookie_does(void **state)
{
    fixture_t *f = *state;
    char *cookie = apr_pstrdup(f->pool, fixture_sign_in(f, CLINICIAN));
    mq_session_t *session;
    assert_int_equal(resolved(&session, f, NULL), MQ_ENOTFOUND);
    assert_int_equal(resolved(&session, f, ""), MQ_ENOTFOUND);
    cookie[5] = cookie[5] == 'x' ? 'y' : 'x';
    assert_int_equal(resolved(&session, f, cookie), MQ_ENOTFOUND);
    cookie[20] = 0;
    assert_int_equal(resolved(&session, f, cookie), MQ_ENOTFOUND);
}

static void an_idle_session_ends_and_a_used_one_goes_on(void **state)
{
    fixture_t *f = *state;
    const char *cookie = fixture_sign_in(f, CLINICIAN);
    mq_session_t *session;
    for (int i = 0; i < 4; i++) {
        fixture_wait(f, 600);
        assert_ok(resolved(&session, f, cookie));
    }
    fixture_wait(f, 900);
    assert_int_equal(resolved(&session, f, cookie), MQ_ENOTFOUND);
}

static void no_session_is_older_than_the_absolute_limit(void **state)
{
    fixture_t *f = *state;
    const char *cookie = fixture_sign_in(f, CLINICIAN);
    mq_session_t *session;
    int seconds = (int)apr_time_sec(f->core.absolute_limit);
    for (int passed = 600; passed < seconds; passed += 600) {
        fixture_wait(f, 600);
        assert_ok(resolved(&session, f, cookie));
    }
    fixture_wait(f, 600);
    assert_int_equal(resolved(&session, f, cookie), MQ_ENOTFOUND);
}

static void a_log_out_ends_it_and_is_an_event(void **state)
{
    fixture_t *f = *state;
    const char *cookie = fixture_sign_in(f, CLINICIAN);
    const mq_visit_t *visit = fixture_visit(f);
    mq_session_t *session;
    assert_ok(mq_session_resolve(&session, visit, cookie));
    assert_ok(mq_session_end(visit, session));
    assert_event(f, MQ_ACTION_SIGN_OUT, "Clara Clinician");
    assert_int_equal(resolved(&session, f, cookie), MQ_ENOTFOUND);
}

static void disabling_the_person_ends_it_at_the_next_request(void **state)
{
    fixture_t *f = *state;
    const char *cookie = fixture_sign_in(f, CLINICIAN);
    mq_session_t *session;
    assert_ok(
        mq_person_status_set(fixture_as(f, ADMIN), &f->people[CLINICIAN], MQ_PERSON_DISABLED));
    assert_int_equal(resolved(&session, f, cookie), MQ_ENOTFOUND);
}

static void other_roles_act_at_the_next_request_and_want_a_new_token(void **state)
{
    fixture_t *f = *state;
    const char *cookie = fixture_sign_in(f, CLINICIAN);
    const char *renewed;
    const mq_visit_t *visit;
    mq_session_t *session;
    assert_ok(resolved(&session, f, cookie));
    assert_false(session->is_stale);
    assert_ok(mq_person_roles_set(fixture_as(f, ADMIN), &f->people[CLINICIAN], 0, MQ_ROLE_AUDITOR));
    visit = fixture_visit(f);
    assert_ok(mq_session_resolve(&session, visit, cookie));
    assert_int_equal(mq_scope_roles(session->scope), MQ_ROLE_AUDITOR);
    assert_true(session->is_stale);
    assert_ok(mq_session_renew(&session, &renewed, visit, session));
    mq_db_give_back(session->scope);
    assert_false(session->is_stale);
    assert_int_equal(resolved(&session, f, cookie), MQ_ENOTFOUND);
    assert_ok(resolved(&session, f, renewed));
}

static void ending_a_persons_sessions_ends_them_all(void **state)
{
    fixture_t *f = *state;
    const char *first = fixture_sign_in(f, CLINICIAN);
    const char *second = fixture_sign_in(f, CLINICIAN);
    const char *others = fixture_sign_in(f, COLLEAGUE);
    mq_session_t *session;
    assert_ok(mq_person_sessions_end(fixture_as(f, ADMIN), &f->people[CLINICIAN]));
    assert_int_equal(resolved(&session, f, first), MQ_ENOTFOUND);
    assert_int_equal(resolved(&session, f, second), MQ_ENOTFOUND);
    assert_ok(resolved(&session, f, others));
}

static void a_suspended_organisation_has_no_sessions_also_after_it_is_resumed(void **state)
{
    fixture_t *f = *state;
    const char *cookie = fixture_sign_in(f, CLINICIAN);
    const char *elsewhere = fixture_sign_in(f, STRANGER);
    mq_session_t *session;
    assert_ok(mq_tenant_status_set(fixture_operator(f), MQ_TENANT_SUSPENDED));
    assert_int_equal(resolved(&session, f, cookie), MQ_EDENIED);
    assert_ok(resolved(&session, f, elsewhere));
    assert_ok(mq_tenant_status_set(fixture_operator(f), MQ_TENANT_ACTIVE));
    assert_int_equal(resolved(&session, f, cookie), MQ_ENOTFOUND);
}

static void ones_sessions_are_listed_and_ended_by_name(void **state)
{
    fixture_t *f = *state;
    const char *old = fixture_sign_in(f, CLINICIAN);
    const char *other;
    const char *mine;
    const mq_visit_t *visit;
    apr_array_header_t *items;
    mq_session_t *session;
    int ended;
    fixture_wait(f, 60);
    other = fixture_sign_in(f, CLINICIAN);
    (void)fixture_sign_in(f, COLLEAGUE);
    mine = fixture_sign_in(f, CLINICIAN);
    visit = fixture_visit(f);
    assert_ok(mq_session_resolve(&session, visit, mine));
    assert_ok(mq_sessions_list(&items, visit, session));
    assert_int_equal(items->nelts, 3);
    assert_true(APR_ARRAY_IDX(items, 0, mq_session_item_t).is_this);
    assert_string_equal(APR_ARRAY_IDX(items, 0, mq_session_item_t).agent, "unit test");
    assert_ok(
        mq_sessions_end(&ended, visit, session, APR_ARRAY_IDX(items, 2, mq_session_item_t).name));
    assert_int_equal(ended, 1);
    assert_event(f, MQ_ACTION_SESSION_END, "Clara Clinician");
    assert_int_equal(mq_sessions_end(&ended, visit, session, "0000000000000000"), MQ_ENOTFOUND);
    assert_int_equal(resolved(&session, f, old), MQ_ENOTFOUND);
    assert_ok(resolved(&session, f, other));
    assert_ok(resolved(&session, f, mine));
}

static void where_all_are_living_nobody_is_thrown_out(void **state)
{
    fixture_t *f = *state;
    const char *first = fixture_sign_in(f, CLINICIAN);
    const mq_visit_t *visit;
    mq_session_t *session;
    const char *cookie;
    apr_status_t rv = APR_SUCCESS;
    for (int i = 0; i < 20 && rv == APR_SUCCESS; i++) {
        visit = fixture_visit(f);
        rv = mq_session_begin(&cookie, visit, fixture_enter(visit, f, COLLEAGUE), NULL);
    }
    assert_int_equal(rv, MQ_EFULL);
    assert_ok(resolved(&session, f, first));
    fixture_wait(f, 901); /* the expired ones give way, although they are still known */
    (void)fixture_sign_in(f, COLLEAGUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_cookie_leads_to_its_person_and_organisation),
        TEST(no_other_cookie_does),
        TEST(an_idle_session_ends_and_a_used_one_goes_on),
        TEST(no_session_is_older_than_the_absolute_limit),
        TEST(a_log_out_ends_it_and_is_an_event),
        TEST(disabling_the_person_ends_it_at_the_next_request),
        TEST(other_roles_act_at_the_next_request_and_want_a_new_token),
        TEST(ending_a_persons_sessions_ends_them_all),
        TEST(a_suspended_organisation_has_no_sessions_also_after_it_is_resumed),
        TEST(ones_sessions_are_listed_and_ended_by_name),
        TEST(where_all_are_living_nobody_is_thrown_out)};
    return FIXTURE_RUN(tests);
}

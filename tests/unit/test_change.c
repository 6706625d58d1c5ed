/* test_change.c -- the bracket of a change: who may, what is undone, what is recorded, what is
 * tried again. */
#include "fixture.h"

#include "domain/change.h"
#include "domain/form_use.h"
#include "domain/organisations/tenants.h"
#include "domain/people/accounts.h"

/* What a work is told to do, and how often it ran. */
typedef struct script_t {
    apr_status_t ends[8];
    int is_silent;
    int runs;
    int roles; /* of the scope that it was given */
    const char *tenant_name;
} script_t;

static apr_status_t language_set(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    script_t *script = data;
    script->roles = mq_scope_roles(sc);
    script->tenant_name = mq_scope_tenant_name(sc);
    event_io->reason = "scripted";
    if (script->is_silent) {
        event_io->outcome = MQ_OUTCOME_NONE;
    }
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_USER_LANGUAGE_SET,
                        MQ_PARAMS(mq_bind_text("de"), mq_bind_id(mq_scope_user(sc)))));
    return script->ends[script->runs++];
}

static apr_int64_t changed(fixture_t *f)
{
    return fixture_number(f, "SELECT count(*) FROM users WHERE language = 'de'");
}

static void a_change_and_its_event_are_kept_together(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {APR_SUCCESS}};
    int before = fixture_events(f);
    assert_ok(
        mq_change(fixture_as(f, CLINICIAN), MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script));
    assert_int_equal(changed(f), 1);
    assert_int_equal(fixture_events(f), before + 1);
    assert_event(f, MQ_ACTION_LANGUAGE_CHOOSE, "Clara Clinician");
    assert_string_equal(fixture_event(f).reason, "scripted");
}

static void what_fails_leaves_nothing(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {MQ_ECONFLICT}};
    assert_refused(
        f, mq_change(fixture_as(f, CLINICIAN), MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script),
        MQ_ECONFLICT);
    assert_int_equal(changed(f), 0);
    assert_int_equal(script.runs, 1);
}

/* As a partner is told it, who keeps it. */
static void a_work_knows_how_the_organisation_is_called_now(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {APR_SUCCESS}};
    const mq_scope_t *begun = fixture_as(f, CLINICIAN);
    assert_ok(mq_tenant_rename(fixture_operator(f), "Renamed Clinic"));
    assert_ok(mq_change(begun, MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script));
    assert_string_equal(script.tenant_name, "Renamed Clinic");
}

static void whoever_may_not_is_not_even_let_begin(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {APR_SUCCESS}};
    assert_refused(
        f, mq_change(fixture_as(f, CLINICIAN), MQ_ACTION_USER_DISABLE, language_set, &script),
        MQ_EDENIED);
    assert_int_equal(script.runs, 0);
}

static void a_change_that_changes_nothing_has_no_event(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {APR_SUCCESS}, .is_silent = 1};
    assert_refused(
        f,
        mq_change_long(fixture_as(f, CLINICIAN), MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script),
        APR_SUCCESS);
    assert_int_equal(changed(f), 1);
}

static void a_thwarted_change_is_done_again_and_counts_once(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {MQ_EAGAIN, MQ_EAGAIN, APR_SUCCESS}};
    int before = fixture_events(f);
    assert_ok(
        mq_change(fixture_as(f, CLINICIAN), MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script));
    assert_int_equal(script.runs, 3);
    assert_int_equal(changed(f), 1);
    assert_int_equal(fixture_events(f), before + 1);
}

static void thwarted_again_and_again_it_is_told_to_come_later(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {MQ_EAGAIN, MQ_EAGAIN, MQ_EAGAIN, MQ_EAGAIN, MQ_EAGAIN}};
    assert_refused(
        f, mq_change(fixture_as(f, CLINICIAN), MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script),
        MQ_EFULL);
    assert_int_equal(script.runs, 5);
    assert_int_equal(changed(f), 0);
}

static void nobodys_change_is_for_nobody(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {APR_SUCCESS}};
    assert_refused(f,
                   mq_change_by_nobody(fixture_as(f, CLINICIAN), MQ_ACTION_LANGUAGE_CHOOSE,
                                       language_set, &script),
                   MQ_EBUG);
    assert_int_equal(script.runs, 0);
}

static void whoever_is_disabled_meanwhile_changes_nothing(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {APR_SUCCESS}};
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    const mq_id_t *id = &f->people[CLINICIAN];
    assert_ok(mq_person_status_set(fixture_as(f, ADMIN), id, MQ_PERSON_DISABLED));
    assert_refused(f, mq_change(sc, MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script),
                   MQ_ESTANDING);
    assert_ok(mq_person_status_set(fixture_as(f, ADMIN), id, MQ_PERSON_ACTIVE));
    assert_refused(f, mq_change(sc, MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script),
                   MQ_ESTANDING); /* the epoch has moved on */
    assert_int_equal(script.runs, 0);
    assert_ok(
        mq_change(fixture_as(f, CLINICIAN), MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script));
}

static void whose_sessions_were_ended_meanwhile_changes_nothing(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {APR_SUCCESS}};
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    assert_ok(mq_person_sessions_end(fixture_as(f, ADMIN), &f->people[CLINICIAN]));
    assert_refused(f, mq_change(sc, MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script),
                   MQ_ESTANDING);
    assert_int_equal(script.runs, 0);
}

static void a_work_sees_the_roles_of_now(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {APR_SUCCESS, APR_SUCCESS}};
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    assert_ok(
        mq_person_roles_set(fixture_as(f, ADMIN), &f->people[CLINICIAN], 0, MQ_ROLE_FRONT_DESK));
    assert_ok(mq_change(sc, MQ_ACTION_PATIENT_ADD, language_set, &script));
    assert_int_equal(script.roles, MQ_ROLE_FRONT_DESK);
    assert_refused(f, mq_change(sc, MQ_ACTION_PATIENT_NOTE_ADD, language_set, &script),
                   MQ_ESTANDING);
    assert_int_equal(script.runs, 1);
}

/* A person at work on a form: byte by byte its token, and what is typed into it. */
static const mq_scope_t *with_form(const mq_scope_t *sc, mq_form_use_t *form, int token,
                                   int content)
{
    memset(form, 0, sizeof *form);
    memset(form->token, token, sizeof form->token);
    memset(form->content, content, sizeof form->content);
    return mq_scope_with_form(sc, form);
}

static apr_status_t patient_find(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mq_id_t *patient = data;
    (void)sc;
    event_io->patient = patient;
    return APR_SUCCESS;
}

static void a_form_has_its_effect_once(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {APR_SUCCESS, APR_SUCCESS}};
    mq_form_use_t form;
    const mq_scope_t *sc = with_form(fixture_as(f, CLINICIAN), &form, 1, 1);
    assert_ok(mq_change_once(sc, MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script));
    assert_true(form.is_used);
    sc = with_form(fixture_as(f, CLINICIAN), &form, 1, 1);
    assert_refused(f, mq_change_once(sc, MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script),
                   MQ_EREPEATED);
    assert_true(form.is_used && form.is_same);
    assert_int_equal(script.runs, 1);
    assert_ok(mq_change_once(with_form(fixture_as(f, CLINICIAN), &form, 2, 1),
                             MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script));
    assert_int_equal(script.runs, 2);
}

static void a_repeated_form_tells_what_it_made_and_whether_it_is_the_same(void **state)
{
    fixture_t *f = *state;
    mq_id_t patient = fixture_patient(f, "Ida Once", NULL);
    mq_form_use_t form;
    const mq_scope_t *sc = with_form(fixture_as(f, CLINICIAN), &form, 1, 1);
    assert_ok(mq_change_once(sc, MQ_ACTION_PATIENT_ADD, patient_find, &patient));
    sc = with_form(fixture_as(f, CLINICIAN), &form, 1, 2);
    assert_ok(mq_form_use_look(sc));
    assert_true(form.is_used && !form.is_same);
    assert_true(mq_id_equal(&form.result, &patient));
}

static void a_form_that_failed_may_be_sent_again(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {MQ_ECONFLICT, MQ_EAGAIN, APR_SUCCESS}};
    mq_form_use_t form;
    const mq_scope_t *sc = with_form(fixture_as(f, CLINICIAN), &form, 1, 1);
    assert_refused(f, mq_change_once(sc, MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script),
                   MQ_ECONFLICT);
    assert_false(form.is_used);
    assert_ok(mq_change_once(sc, MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script));
    assert_int_equal(script.runs, 3); /* the one that was thwarted is no repetition of itself */
}

static void the_form_of_another_is_another_form(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {APR_SUCCESS, APR_SUCCESS, APR_SUCCESS}};
    const fixture_person_t people[] = {CLINICIAN, COLLEAGUE, STRANGER};
    mq_form_use_t form;
    for (int i = 0; i < 3; i++) {
        assert_ok(mq_change_once(with_form(fixture_as(f, people[i]), &form, 1, 1),
                                 MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script));
    }
    assert_int_equal(script.runs, 3);
}

static void without_a_form_a_change_is_made_each_time(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {APR_SUCCESS, APR_SUCCESS}};
    const mq_scope_t *sc = fixture_as(f, CLINICIAN);
    assert_ok(mq_change_once(sc, MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script));
    assert_ok(mq_change_once(sc, MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script));
    assert_int_equal(script.runs, 2);
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM form_uses"), 0);
}

static void a_form_is_remembered_for_a_day(void **state)
{
    fixture_t *f = *state;
    script_t script = {.ends = {APR_SUCCESS, APR_SUCCESS}};
    mq_form_use_t form;
    assert_ok(mq_change_once(with_form(fixture_as(f, CLINICIAN), &form, 1, 1),
                             MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script));
    fixture_wait(f, 24 * 3600);
    assert_ok(mq_change_once(with_form(fixture_as(f, CLINICIAN), &form, 2, 1),
                             MQ_ACTION_LANGUAGE_CHOOSE, language_set, &script));
    assert_int_equal(fixture_number(f, "SELECT count(*) FROM form_uses"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_change_and_its_event_are_kept_together),
        TEST(what_fails_leaves_nothing),
        TEST(a_work_knows_how_the_organisation_is_called_now),
        TEST(whoever_may_not_is_not_even_let_begin),
        TEST(a_change_that_changes_nothing_has_no_event),
        TEST(a_thwarted_change_is_done_again_and_counts_once),
        TEST(thwarted_again_and_again_it_is_told_to_come_later),
        TEST(nobodys_change_is_for_nobody),
        TEST(whoever_is_disabled_meanwhile_changes_nothing),
        TEST(whose_sessions_were_ended_meanwhile_changes_nothing),
        TEST(a_work_sees_the_roles_of_now),
        TEST(a_form_has_its_effect_once),
        TEST(a_repeated_form_tells_what_it_made_and_whether_it_is_the_same),
        TEST(a_form_that_failed_may_be_sent_again),
        TEST(the_form_of_another_is_another_form),
        TEST(without_a_form_a_change_is_made_each_time),
        TEST(a_form_is_remembered_for_a_day)};
    return FIXTURE_RUN(tests);
}

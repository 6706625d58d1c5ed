/* test_record_views.c -- what a patient is told of who came to their record: visits and changes,
 * the lists apart. */
#include "fixture.h"

#include "domain/patients/patient_lists.h"
#include "domain/trail/record_views.h"

enum { MINUTE = 60 };

static mq_record_views_t views_of(fixture_t *f, const mq_audit_choice_t *choice)
{
    mq_record_views_t views;
    assert_ok(mq_record_views(&views, fixture_as(f, AUDITOR), choice));
    return views;
}

static const mq_record_view_t *line(const mq_record_views_t *views, int i)
{
    assert_true(i < views->views->nelts);
    return &APR_ARRAY_IDX(views->views, i, mq_record_view_t);
}

static mq_action_t deed(const mq_record_view_t *view, int i)
{
    assert_true(i < view->actions->nelts);
    return APR_ARRAY_IDX(view->actions, i, mq_action_t);
}

static void open_record(fixture_t *f, fixture_person_t person, const mq_id_t *id)
{
    mq_patient_t patient;
    assert_ok(mq_patient_view(&patient, fixture_as(f, person), id));
}

static void list_patients(fixture_t *f, fixture_person_t person)
{
    const mq_patients_choice_t all = MQ_PATIENTS_ACTIVE;
    mq_patients_page_t page;
    assert_ok(mq_patients_page(&page, fixture_as(f, person), &all, MQ_PAGE_FIRST, NULL, NULL));
}

/* @return an instant as the fixture's clock says it */
static apr_time_t minutes_pass(fixture_t *f, int minutes)
{
    fixture_wait(f, minutes * MINUTE);
    return f->now;
}

static void looks_within_minutes_are_one_visit(void **state)
{
    fixture_t *f = *state;
    const mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    const mq_audit_choice_t choice = {.patient = &ana};
    apr_time_t first = minutes_pass(f, 60);
    apr_time_t last;
    mq_record_views_t views;
    open_record(f, COLLEAGUE, &ana);
    (void)minutes_pass(f, 9);
    open_record(f, FRONT_DESK, &ana); /* between two looks of another */
    last = minutes_pass(f, 1);        /* ten minutes after the first */
    open_record(f, COLLEAGUE, &ana);
    (void)minutes_pass(f, 11);
    open_record(f, COLLEAGUE, &ana); /* a visit of its own */
    views = views_of(f, &choice);
    assert_int_equal(views.views->nelts, 4);
    assert_string_equal(line(&views, 0)->name, "Colin Colleague");
    assert_true(line(&views, 0)->from == f->now && line(&views, 0)->until == f->now);
    assert_string_equal(line(&views, 1)->name, "Colin Colleague");
    assert_true(line(&views, 1)->from == first && line(&views, 1)->until == last);
    assert_int_equal(line(&views, 1)->actions->nelts, 1);
    assert_int_equal(deed(line(&views, 1), 0), MQ_ACTION_PATIENT_VIEW);
    assert_int_equal(line(&views, 1)->roles, MQ_ROLE_CLINICIAN);
    assert_int_equal(line(&views, 2)->roles, MQ_ROLE_FRONT_DESK);
    assert_int_equal(deed(line(&views, 3), 0), MQ_ACTION_PATIENT_ADD);
}

static void a_change_is_a_line_of_its_own(void **state)
{
    fixture_t *f = *state;
    const mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    const mq_audit_choice_t choice = {.patient = &ana};
    mq_record_views_t views;
    (void)minutes_pass(f, 1);
    open_record(f, CLINICIAN, &ana);
    (void)minutes_pass(f, 1);
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &ana, 1, "left"));
    (void)minutes_pass(f, 1);
    open_record(f, CLINICIAN, &ana);
    views = views_of(f, &choice);
    assert_int_equal(views.views->nelts, 4);
    assert_int_equal(deed(line(&views, 0), 0), MQ_ACTION_PATIENT_VIEW);
    assert_int_equal(deed(line(&views, 1), 0), MQ_ACTION_PATIENT_ARCHIVE);
    assert_int_equal(deed(line(&views, 2), 0), MQ_ACTION_PATIENT_VIEW);
}

static void lists_are_counted_and_told_apart(void **state)
{
    fixture_t *f = *state;
    const mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_audit_choice_t choice = {.patient = &ana};
    mq_record_views_t views;
    (void)minutes_pass(f, 1);
    list_patients(f, COLLEAGUE); /* alone on the page, so the event names her */
    (void)fixture_patient(f, "Ben Reed", NULL);
    (void)minutes_pass(f, 1);
    list_patients(f, COLLEAGUE); /* with another: it names the two together */
    (void)minutes_pass(f, 30);
    list_patients(f, FRONT_DESK);
    views = views_of(f, &choice);
    assert_int_equal(views.views->nelts, 1);
    assert_int_equal(deed(line(&views, 0), 0), MQ_ACTION_PATIENT_ADD);
    assert_int_equal(views.listed, 3);
    choice.lists = MQ_AUDIT_LISTS_ONLY;
    views = views_of(f, &choice);
    assert_int_equal(views.listed, 0);
    assert_int_equal(views.views->nelts, 2);
    assert_int_equal(line(&views, 0)->roles, MQ_ROLE_FRONT_DESK);
    assert_int_equal(deed(line(&views, 1), 0), MQ_ACTION_PATIENTS_LIST);
}

static void a_person_and_days_narrow_lines_and_count(void **state)
{
    fixture_t *f = *state;
    const mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_audit_choice_t choice = {.patient = &ana, .actor = &f->people[COLLEAGUE]};
    mq_record_views_t views;
    open_record(f, FRONT_DESK, &ana);
    list_patients(f, FRONT_DESK);
    (void)minutes_pass(f, 24 * 60);
    open_record(f, COLLEAGUE, &ana);
    list_patients(f, COLLEAGUE);
    views = views_of(f, &choice);
    assert_int_equal(views.views->nelts, 1);
    assert_int_equal(views.listed, 1);
    assert_int_equal(views.people->nelts, 3); /* whoever is chosen */
    assert_string_equal(APR_ARRAY_IDX(views.people, 0, mq_viewer_t).name, "Clara Clinician");
    choice.until = f->now;
    assert_int_equal(views_of(f, &choice).views->nelts, 0);
    choice = (mq_audit_choice_t){.patient = &ana, .from = f->now};
    views = views_of(f, &choice);
    assert_int_equal(views.views->nelts, 2); /* the auditor's asking, and the colleague */
    assert_string_equal(line(&views, 1)->name, "Colin Colleague");
    assert_int_equal(views.listed, 1);
}

static void pages_follow_without_gap_or_repetition(void **state)
{
    fixture_t *f = *state;
    const mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_audit_choice_t choice = {.patient = &ana, .actor = &f->people[COLLEAGUE]};
    apr_time_t oldest = APR_INT64_MAX;
    mq_record_views_t views;
    int lines = 0;
    for (int i = 0; i < MQ_VIEWS_PER_PAGE + 3; i++) {
        (void)minutes_pass(f, 11);
        open_record(f, COLLEAGUE, &ana);
        (void)minutes_pass(f, 1);
        open_record(f, COLLEAGUE, &ana);
    }
    do {
        views = views_of(f, &choice);
        for (int i = 0; i < views.views->nelts; i++) {
            assert_true(line(&views, i)->until < oldest);
            assert_true(line(&views, i)->until - line(&views, i)->from ==
                        apr_time_from_sec(MINUTE));
            oldest = line(&views, i)->from;
        }
        lines += views.views->nelts;
        choice.before = views.next;
    } while (views.next);
    assert_int_equal(lines, MQ_VIEWS_PER_PAGE + 3);
}

static void asking_is_an_event_and_not_everybody_may(void **state)
{
    fixture_t *f = *state;
    const mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    const mq_audit_choice_t choice = {.patient = &ana};
    mq_record_views_t views = views_of(f, &choice);
    assert_event(f, MQ_ACTION_PATIENT_ACCESSES, "Aud Auditor");
    assert_event_patient(f, &ana);
    assert_refused(f, mq_record_views(&views, fixture_as(f, FRONT_DESK), &choice), MQ_EDENIED);
    assert_refused(f, mq_record_views(&views, fixture_as(f, ADMIN), &choice), MQ_EDENIED);
    assert_refused(f, mq_record_views(&views, fixture_as(f, STRANGER), &choice), MQ_ENOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(looks_within_minutes_are_one_visit),
        TEST(a_change_is_a_line_of_its_own),
        TEST(lists_are_counted_and_told_apart),
        TEST(a_person_and_days_narrow_lines_and_count),
        TEST(pages_follow_without_gap_or_repetition),
        TEST(asking_is_an_event_and_not_everybody_may),
    };
    return FIXTURE_RUN(tests);
}

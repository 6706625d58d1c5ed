/* test_patient_lists.c -- the table of patients: orders, lists, and pages that neither skip nor
 * repeat anybody. */
#include "fixture.h"

#include <apr_strings.h>

#include "domain/patients/patient_lists.h"

static void many_add(fixture_t *f, int count)
{
    for (int i = 0; i < count; i++) {
        (void)fixture_patient(f, apr_psprintf(f->pool, "Patient %03d", i), NULL);
    }
}

static mq_patients_page_t page_of(fixture_t *f, const mq_patients_choice_t *choice,
                                  mq_page_place_t place, const mq_id_t *anchor)
{
    mq_patients_page_t page;
    assert_ok(mq_patients_page(&page, fixture_as(f, CLINICIAN), choice, place, anchor, NULL));
    return page;
}

static void pages_follow_each_other_and_lead_back(void **state)
{
    fixture_t *f = *state;
    const mq_patients_choice_t choice = MQ_PATIENTS_ACTIVE;
    mq_patients_page_t first;
    mq_patients_page_t second;
    mq_patients_page_t back;
    many_add(f, MQ_PATIENTS_PER_PAGE + 3);
    first = page_of(f, &choice, MQ_PAGE_FIRST, NULL);
    assert_int_equal(first.count, MQ_PATIENTS_PER_PAGE);
    assert_false(first.has_previous);
    assert_true(first.has_next);
    assert_string_equal(first.rows[0].name, "Patient 000");
    second = page_of(f, &choice, MQ_PAGE_AFTER, &first.rows[first.count - 1].id);
    assert_int_equal(second.count, 3);
    assert_true(second.has_previous);
    assert_false(second.has_next);
    assert_string_equal(second.rows[0].name,
                        apr_psprintf(f->pool, "Patient %03d", MQ_PATIENTS_PER_PAGE));
    back = page_of(f, &choice, MQ_PAGE_BEFORE, &second.rows[0].id);
    assert_int_equal(back.count, MQ_PATIENTS_PER_PAGE);
    assert_false(back.has_previous);
    assert_true(back.has_next);
    assert_memory_equal(&back.rows[0].id, &first.rows[0].id, sizeof first.rows[0].id);
}

static void people_of_one_name_are_neither_skipped_nor_repeated(void **state)
{
    fixture_t *f = *state;
    const mq_patients_choice_t choice = MQ_PATIENTS_ACTIVE;
    mq_patients_page_t first;
    mq_patients_page_t second;
    for (int i = 0; i < MQ_PATIENTS_PER_PAGE + 2; i++) {
        (void)fixture_patient(f, "Ana Lima", NULL);
    }
    first = page_of(f, &choice, MQ_PAGE_FIRST, NULL);
    second = page_of(f, &choice, MQ_PAGE_AFTER, &first.rows[first.count - 1].id);
    assert_int_equal(second.count, 2);
    for (int i = 0; i < first.count; i++) {
        assert_false(mq_id_equal(&first.rows[i].id, &second.rows[0].id));
        assert_false(mq_id_equal(&first.rows[i].id, &second.rows[1].id));
    }
}

static void names_are_in_the_order_of_their_folded_letters(void **state)
{
    static const char *const names[] = {"Zoe Ash", "émile Roy", "Ada Byron", "Émile Abt"};
    static const char *const wanted[] = {"Ada Byron", "Émile Abt", "émile Roy", "Zoe Ash"};
    fixture_t *f = *state;
    const mq_patients_choice_t choice = MQ_PATIENTS_ACTIVE;
    mq_patients_page_t page;
    for (int i = 0; i < 4; i++) {
        (void)fixture_patient(f, names[i], NULL);
    }
    page = page_of(f, &choice, MQ_PAGE_FIRST, NULL);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(page.rows[i].name, wanted[i]);
    }
}

static void the_last_changed_comes_first_in_the_order_of_changes(void **state)
{
    fixture_t *f = *state;
    const mq_patients_choice_t choice = {MQ_SORT_UPDATED, MQ_LISTING_ACTIVE, 0};
    mq_patients_choice_t since = choice;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    const mq_patient_new_t in = {.fields = {.name = "Ana Lima", .birth_date = "1980"}};
    mq_patients_page_t page;
    (void)fixture_patient(f, "Ben Reed", NULL);
    fixture_wait(f, 60);
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &ana, 1, &in));
    page = page_of(f, &choice, MQ_PAGE_FIRST, NULL);
    assert_int_equal(page.count, 2);
    assert_string_equal(page.rows[0].name, "Ana Lima");
    assert_true(page.rows[0].updated_at == f->now);
    since.since = f->now;
    page = page_of(f, &since, MQ_PAGE_FIRST, NULL);
    assert_int_equal(page.count, 1);
    assert_string_equal(page.rows[0].name, "Ana Lima");
}

static void each_patient_is_in_one_list(void **state)
{
    fixture_t *f = *state;
    const mq_patients_choice_t active = MQ_PATIENTS_ACTIVE;
    const mq_patients_choice_t archived = {MQ_SORT_NAME, MQ_LISTING_ARCHIVED, 0};
    const mq_patients_choice_t deceased = {MQ_SORT_NAME, MQ_LISTING_DECEASED, 0};
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_id_t ben = fixture_patient(f, "Ben Reed", NULL);
    const mq_patient_new_t dead = {.fields = {.name = "Ben Reed", .is_deceased = "1"}};
    (void)fixture_patient(f, "Cy Young", NULL);
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &ana, 1, NULL));
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &ben, 1, &dead));
    assert_int_equal(page_of(f, &active, MQ_PAGE_FIRST, NULL).count, 1);
    assert_string_equal(page_of(f, &archived, MQ_PAGE_FIRST, NULL).rows[0].name, "Ana Lima");
    assert_string_equal(page_of(f, &deceased, MQ_PAGE_FIRST, NULL).rows[0].name, "Ben Reed");
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &ben, 2, NULL));
    assert_int_equal(page_of(f, &deceased, MQ_PAGE_FIRST, NULL).count, 0);
    assert_int_equal(page_of(f, &archived, MQ_PAGE_FIRST, NULL).count, 2);
}

static void a_page_is_one_event_and_names_whom_it_shows(void **state)
{
    fixture_t *f = *state;
    const mq_patients_choice_t choice = MQ_PATIENTS_ACTIVE;
    int before;
    many_add(f, 3);
    before = fixture_events(f);
    (void)page_of(f, &choice, MQ_PAGE_FIRST, NULL);
    assert_int_equal(fixture_events(f), before + 1);
    assert_event(f, MQ_ACTION_PATIENTS_LIST, "Clara Clinician");
    assert_int_equal(fixture_number(f, "SELECT length(members) / 16 FROM audit_groups"), 3);
}

static void a_row_of_another_organisation_begins_no_page(void **state)
{
    fixture_t *f = *state;
    const mq_patients_choice_t choice = MQ_PATIENTS_ACTIVE;
    mq_id_t ana = fixture_patient(f, "Ana Lima", NULL);
    mq_patients_page_t page;
    assert_int_equal(
        mq_patients_page(&page, fixture_as(f, STRANGER), &choice, MQ_PAGE_AFTER, &ana, NULL),
        MQ_ENOTFOUND);
    assert_ok(mq_patients_page(&page, fixture_as(f, STRANGER), &choice, MQ_PAGE_FIRST, NULL, NULL));
    assert_int_equal(page.count, 0);
    assert_refused(
        f, mq_patients_page(&page, fixture_as(f, ADMIN), &choice, MQ_PAGE_FIRST, NULL, NULL),
        MQ_EDENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(pages_follow_each_other_and_lead_back),
                                       TEST(people_of_one_name_are_neither_skipped_nor_repeated),
                                       TEST(names_are_in_the_order_of_their_folded_letters),
                                       TEST(the_last_changed_comes_first_in_the_order_of_changes),
                                       TEST(each_patient_is_in_one_list),
                                       TEST(a_page_is_one_event_and_names_whom_it_shows),
                                       TEST(a_row_of_another_organisation_begins_no_page)};
    return FIXTURE_RUN(tests);
}

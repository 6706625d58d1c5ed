/* test_dashboard.c -- the figures are kept as patients come and change, and are those of counting.
 */
#include "fixture.h"

#include "domain/organisations/dashboard.h"

static mq_dashboard_t figures_of(fixture_t *f, fixture_person_t person)
{
    mq_dashboard_t figures;
    assert_ok(mq_dashboard_read(&figures, fixture_as(f, person)));
    return figures;
}

static void ages_are_counted_by_tens_of_years(void **state)
{
    fixture_t *f = *state;
    mq_dashboard_t figures;
    (void)fixture_patient(f, "Newborn 1", "2026-03-01");
    (void)fixture_patient(f, "Ana Lima", "1980-04-03");
    (void)fixture_patient(f, "Ben Reed", "1976");
    (void)fixture_patient(f, "Cy Young", "1920");
    (void)fixture_patient(f, "Di Nil", NULL);
    figures = figures_of(f, CLINICIAN);
    assert_int_equal(figures.active, 5);
    assert_int_equal(figures.bands[0], 1);
    assert_int_equal(figures.bands[4], 1);
    assert_int_equal(figures.bands[5], 1);
    assert_int_equal(figures.bands[9], 1);
    assert_int_equal(figures.age_unknown, 1);
    assert_int_equal(figures_of(f, STRANGER).active, 0);
}

static void a_change_and_the_archive_move_the_figures(void **state)
{
    fixture_t *f = *state;
    mq_id_t id = fixture_patient(f, "Ana Lima", "1980-04-03");
    const mq_patient_new_t older = {.fields = {.name = "Ana Lima", .birth_date = "1940"}};
    mq_dashboard_t figures;
    assert_ok(mq_patient_edit(fixture_as(f, CLINICIAN), &id, 1, &older));
    figures = figures_of(f, CLINICIAN);
    assert_int_equal(figures.bands[4], 0);
    assert_int_equal(figures.bands[8], 1);
    assert_ok(mq_patient_archive(fixture_as(f, CLINICIAN), &id, 2, NULL));
    figures = figures_of(f, CLINICIAN);
    assert_int_equal(figures.active, 0);
    assert_int_equal(figures.bands[8], 0);
}

static void registrations_are_of_the_last_seven_days_and_of_each_month(void **state)
{
    fixture_t *f = *state;
    mq_dashboard_t figures;
    (void)fixture_patient(f, "Ana Lima", NULL);
    fixture_wait(f, 6 * 86400);
    (void)fixture_patient(f, "Ben Reed", NULL);
    assert_int_equal(figures_of(f, CLINICIAN).new_this_week, 2);
    fixture_wait(f, 86400);
    assert_int_equal(figures_of(f, CLINICIAN).new_this_week, 1);
    fixture_wait(f, 30 * 86400);
    figures = figures_of(f, CLINICIAN);
    assert_int_equal(figures.new_this_week, 0);
    assert_string_equal(figures.months[MQ_DASHBOARD_MONTHS - 1], "2026-04");
    assert_int_equal(figures.registrations[MQ_DASHBOARD_MONTHS - 1], 0);
    assert_int_equal(figures.registrations[MQ_DASHBOARD_MONTHS - 2], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ages_are_counted_by_tens_of_years), TEST(a_change_and_the_archive_move_the_figures),
        TEST(registrations_are_of_the_last_seven_days_and_of_each_month)};
    return FIXTURE_RUN(tests);
}

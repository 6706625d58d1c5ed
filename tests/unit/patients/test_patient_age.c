/* test_patient_age.c -- ages in the unit that matters at that age, and at death. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <apr_general.h>

#include "domain/patients/patient_age.h"

static const mq_day_t today = {2026, 3, 15};

typedef struct case_t {
    const char *birth;
    const char *death;
    int number;
    mq_age_unit_t unit;
    int is_about;
} case_t;

static void case_check(const case_t *wanted, const mq_day_t *day)
{
    mq_patient_age_t age;
    assert_int_equal(mq_patient_age(&age, wanted->birth, wanted->death != NULL, wanted->death, day),
                     APR_SUCCESS);
    if (age.number != wanted->number || age.unit != wanted->unit ||
        age.is_about != wanted->is_about || age.is_at_death != (wanted->death != NULL)) {
        fail_msg("%s: %d of unit %d, about: %d", wanted->birth, age.number, (int)age.unit,
                 age.is_about);
    }
}

static void the_young_are_counted_in_days_weeks_and_months(void **state)
{
    static const case_t cases[] = {
        {"2026-03-15", NULL, 0, MQ_AGE_DAYS, 0},    {"2026-03-14", NULL, 1, MQ_AGE_DAYS, 0},
        {"2026-02-16", NULL, 27, MQ_AGE_DAYS, 0},   {"2026-02-15", NULL, 4, MQ_AGE_WEEKS, 0},
        {"2025-12-15", NULL, 12, MQ_AGE_WEEKS, 0},  {"2025-12-14", NULL, 3, MQ_AGE_MONTHS, 0},
        {"2024-03-16", NULL, 23, MQ_AGE_MONTHS, 0}, {"2024-03-15", NULL, 2, MQ_AGE_YEARS, 0},
        {"2025-08", NULL, 7, MQ_AGE_MONTHS, 1},     {"2026-03", NULL, 0, MQ_AGE_MONTHS, 1},
        {"2024-03", NULL, 2, MQ_AGE_YEARS, 1},      {"2026", NULL, 0, MQ_AGE_YEARS, 1},
        {"2025-12-31", NULL, 10, MQ_AGE_WEEKS, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        case_check(&cases[i], &today);
    }
}

static void others_are_counted_in_completed_years(void **state)
{
    static const case_t cases[] = {
        {"1975-03-15", NULL, 51, MQ_AGE_YEARS, 0}, {"1975-03-16", NULL, 50, MQ_AGE_YEARS, 0},
        {"1975-03", NULL, 51, MQ_AGE_YEARS, 1},    {"1975-04", NULL, 50, MQ_AGE_YEARS, 1},
        {"1975", NULL, 51, MQ_AGE_YEARS, 1},       {"1886-03-15", NULL, 140, MQ_AGE_YEARS, 0}};
    static const case_t leaping = {"2020-02-29", NULL, 2, MQ_AGE_YEARS, 0};
    static const case_t leapt = {"2020-02-29", NULL, 3, MQ_AGE_YEARS, 0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        case_check(&cases[i], &today);
    }
    case_check(&leaping, &(const mq_day_t){2023, 2, 28});
    case_check(&leapt, &(const mq_day_t){2023, 3, 1});
}

static void the_dead_have_the_age_at_which_they_died(void **state)
{
    static const case_t cases[] = {{"1930-06-01", "2011-05-31", 80, MQ_AGE_YEARS, 0},
                                   {"1930-06-01", "2011", 81, MQ_AGE_YEARS, 1},
                                   {"1930", "2011-05-31", 81, MQ_AGE_YEARS, 1},
                                   {"2011-05-01", "2011-05-09", 8, MQ_AGE_DAYS, 0},
                                   {"2011-05-01", "2011-05", 0, MQ_AGE_MONTHS, 1}};
    mq_patient_age_t age;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        case_check(&cases[i], &today);
    }
    assert_int_equal(mq_patient_age(&age, "1930", 1, NULL, &today), MQ_EINVALID);
}

static void what_cannot_be_known_is_no_age(void **state)
{
    mq_patient_age_t age;
    (void)state;
    assert_int_equal(mq_patient_age(&age, NULL, 0, NULL, &today), MQ_EINVALID);
    assert_int_equal(mq_patient_age(&age, "never", 0, NULL, &today), MQ_EINVALID);
    assert_int_equal(mq_patient_age(&age, "2026-03-16", 0, NULL, &today), MQ_EINVALID);
    assert_int_equal(mq_patient_age(&age, "2027", 0, NULL, &today), MQ_EINVALID);
    assert_int_equal(mq_patient_age(&age, "2011-05-02", 1, "2011-05-01", &today), MQ_EINVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_young_are_counted_in_days_weeks_and_months),
        cmocka_unit_test(others_are_counted_in_completed_years),
        cmocka_unit_test(the_dead_have_the_age_at_which_they_died),
        cmocka_unit_test(what_cannot_be_known_is_no_age),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

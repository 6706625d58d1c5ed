/* test_patient_fields.c -- what the table of a record's fields promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "domain/patients/patient_fields.h"

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

/** @return a record with a value of its own in each field */
static mq_patient_fields_t filled(apr_pool_t *pool)
{
    mq_patient_fields_t record = {0};

    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const mq_patient_field_t *field = &mq_patient_field_table[i];

        *(const char **)((char *)&record + field->offset) =
            mq_patient_field_is_flag(i) ? "1" : apr_psprintf(pool, "value %d", i);
    }
    return record;
}

static void each_column_is_a_field_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(sizeof(mq_patient_fields_t), MQ_PATIENT_FIELDS * sizeof(const char *));
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        assert_non_null(mq_patient_field_table[i].name);
        assert_non_null(mq_patient_field_table[i].label);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(mq_patient_field_table[i].name, mq_patient_field_table[j].name);
            assert_int_not_equal(mq_patient_field_table[i].offset,
                                 mq_patient_field_table[j].offset);
        }
    }
}

static void parameters_are_as_the_list_of_columns_says(void **state)
{
    mq_patient_fields_t record = filled(*state);
    const mq_sql_row_t *insert = NULL;
    int count;
    const mq_param_t *params =
        mq_patient_fields_bind(&count, MQ_PARAMS(mq_bind_int(1)), &record,
                               MQ_PARAMS(mq_bind_text("a"), mq_bind_int(2)), *state);

    assert_int_equal(count, MQ_PATIENT_FIELDS + 3);
    assert_int_equal(params[0].integer, 1);
    assert_int_equal(params[count - 1].integer, 2);
    for (int i = 0; i < mq_sql_count; i++) {
        insert = strcmp(mq_sql_rows[i].label, "patient_insert") == 0 ? &mq_sql_rows[i] : insert;
    }
    assert_non_null(insert);
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *kinds = insert->kinds + strlen(insert->kinds) - MQ_PATIENT_FIELDS;

        assert_int_equal(kinds[i] == 'i', mq_patient_field_is_flag(i));
    }
}

static mq_field_fault_t fault_of(int field, const char *value, apr_pool_t *pool)
{
    mq_patient_fields_t record = {.name = "Ana"};
    mq_patient_faults_t faults;
    const mq_day_t today = {2026, 3, 2};
    int wrong;

    mq_patient_field_set(&record, field, value);
    wrong = mq_patient_check(&faults, &record, &today, pool) == MQ_EINVALID;
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        assert_true(i == field || faults.of[i] == MQ_FAULT_NONE);
    }
    assert_int_equal(wrong, faults.of[field] != MQ_FAULT_NONE);
    return faults.of[field];
}

static void each_field_is_judged_by_its_rule(void **state)
{
    char *longest = apr_palloc(*state, 2000);
    const struct {
        int field;
        const char *value;
        mq_field_fault_t fault;
    } cases[] = {
        {MQ_PATIENT_FIELD_NAME, NULL, MQ_FAULT_MISSING},
        {MQ_PATIENT_FIELD_NAME, " Ana", MQ_FAULT_CHARACTERS},
        {MQ_PATIENT_FIELD_NAME, "A\na", MQ_FAULT_CHARACTERS},
        {MQ_PATIENT_FIELD_NAME, "e\xcc\x81", MQ_FAULT_CHARACTERS}, /* not composed */
        {MQ_PATIENT_FIELD_NAME, longest, MQ_FAULT_TOO_LONG},
        {MQ_PATIENT_FIELD_ADDRESS, longest, MQ_FAULT_TOO_LONG},
        {MQ_PATIENT_FIELD_ADDRESS, "1 Quay\nHarbour", MQ_FAULT_NONE},
        {MQ_PATIENT_FIELD_BIRTH_DATE, "1980-04", MQ_FAULT_NONE},
        {MQ_PATIENT_FIELD_BIRTH_DATE, "3.4.1980", MQ_FAULT_DATE},
        {MQ_PATIENT_FIELD_BIRTH_DATE, "1980-02-30", MQ_FAULT_CALENDAR},
        {MQ_PATIENT_FIELD_BIRTH_DATE, "2026-03-03", MQ_FAULT_FUTURE},
        {MQ_PATIENT_FIELD_BIRTH_DATE, "1880", MQ_FAULT_TOO_OLD},
        {MQ_PATIENT_FIELD_SEX, "female", MQ_FAULT_NONE},
        {MQ_PATIENT_FIELD_SEX, "F", MQ_FAULT_CHOICE},
        {MQ_PATIENT_FIELD_AGE_ESTIMATED, "yes", MQ_FAULT_FLAG},
        {MQ_PATIENT_FIELD_PHONE2, "12", MQ_FAULT_PHONE},
        {MQ_PATIENT_FIELD_PHONE2, "+351 912 345 678", MQ_FAULT_NONE},
        {MQ_PATIENT_FIELD_EMAIL, "ana", MQ_FAULT_EMAIL},
        {MQ_PATIENT_FIELD_DECEASED_DATE, "2030", MQ_FAULT_FUTURE},
    };

    memset(longest, 'x', 1999);
    longest[1999] = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(fault_of(cases[i].field, cases[i].value, *state), cases[i].fault);
    }
}

static void nobody_dies_before_birth(void **state)
{
    static const char *const dates[][3] = {{"1980-04-03", "1980-04-02", "before"},
                                           {"1980-04-03", "1979", "before"},
                                           {"1980-04-03", "1980", ""},
                                           {"1980", "1980-01-01", ""},
                                           {"1980-04-03", "1980-04-03", ""}};
    const mq_day_t today = {2026, 3, 2};

    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        mq_patient_fields_t record = {
            .name = "Ana", .birth_date = dates[i][0], .deceased_date = dates[i][1]};
        mq_patient_faults_t faults;

        (void)mq_patient_check(&faults, &record, &today, *state);
        assert_int_equal(faults.of[MQ_PATIENT_FIELD_DECEASED_DATE],
                         *dates[i][2] ? MQ_FAULT_DEATH : MQ_FAULT_NONE);
    }
}

static void what_follows_is_said(void **state)
{
    mq_patient_fields_t record = {.given_name = "Ana",
                                  .family_name = "Lima",
                                  .birth_date = "1980-04-03",
                                  .age_estimated = "1",
                                  .deceased_date = "2020"};
    mq_patient_fields_t changed = {.name = "Ana Lima", .given_name = "Ana", .family_name = "Sá"};

    mq_patient_fields_settle(&record, NULL, *state);
    assert_string_equal(record.name, "Ana Lima");
    assert_string_equal(record.birth_date, "1980");
    assert_string_equal(record.is_deceased, "1");
    mq_patient_fields_settle(&changed, &record, *state);
    assert_string_equal(changed.name, "Ana Sá");
}

static void a_name_made_of_two_long_ones_fits(void **state)
{
    char *half = apr_palloc(*state, MQ_LIMIT_NAME + 1);
    mq_patient_fields_t record = {.given_name = half, .family_name = half};
    mq_patient_faults_t faults;
    const mq_day_t today = {2026, 3, 2};

    memset(half, 'x', MQ_LIMIT_NAME);
    half[MQ_LIMIT_NAME] = 0;
    mq_patient_fields_settle(&record, NULL, *state);
    assert_int_equal(mq_patient_check(&faults, &record, &today, *state), APR_SUCCESS);
}

static void a_kept_version_gives_everything_back(void **state)
{
    mq_patient_fields_t record = filled(*state);
    mq_patient_fields_t again;
    const char *text = mq_patient_fields_encode(&record, *state);

    assert_int_equal(mq_patient_fields_decode(&again, text, *state), APR_SUCCESS);
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        assert_string_equal(mq_patient_field(&again, i), mq_patient_field(&record, i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_column_is_a_field_of_its_own),
        cmocka_unit_test(parameters_are_as_the_list_of_columns_says),
        cmocka_unit_test(each_field_is_judged_by_its_rule),
        cmocka_unit_test(nobody_dies_before_birth),
        cmocka_unit_test(what_follows_is_said),
        cmocka_unit_test(a_name_made_of_two_long_ones_fits),
        cmocka_unit_test(a_kept_version_gives_everything_back),
    };

    apr_initialize();
    return cmocka_run_group_tests_name("domain/patient_fields", tests, pool_open, pool_close);
}

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
            field->is_flag ? "1" : apr_psprintf(pool, "value %d", i);
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

        assert_int_equal(kinds[i] == 'i', mq_patient_field_table[i].is_flag);
    }
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
        cmocka_unit_test(a_kept_version_gives_everything_back),
    };

    apr_initialize();
    return cmocka_run_group_tests_name("domain/patient_fields", tests, pool_open, pool_close);
}

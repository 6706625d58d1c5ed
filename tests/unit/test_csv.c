/* test_csv.c -- what base/csv.h promises of writing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/csv.h"

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static const char *field_written(const char *text, apr_pool_t *pool)
{
    mq_buffer_t *out = mq_buffer_make(pool, 16);
    mq_csv_writer_t writer = {out};

    mq_csv_add(&writer, text);
    return apr_pstrmemdup(pool, out->data, out->length);
}

static void fields_are_quoted_where_needed(void **state)
{
    static const char *const pairs[][2] = {
        {"", ""},
        {"Anna", "Anna"},
        {"Anna Smith", "Anna Smith"},
        {"Smith, Anna", "\"Smith, Anna\""},
        {"a;b", "\"a;b\""},
        {"5\" nail", "\"5\"\" nail\""},
        {"\"\"", "\"\"\"\"\"\""},
        {"a\nb", "\"a\nb\""},
        {" a", "\" a\""},
        {"a ", "\"a \""},
        {"Ren\xc3\xa9", "Ren\xc3\xa9"},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_string_equal(field_written(pairs[i][0], *state), pairs[i][1]);
    }
    assert_string_equal(field_written(NULL, *state), "");
}

static void no_field_is_a_formula(void **state)
{
    static const char *const pairs[][2] = {
        {"=1+1", "\"'=1+1\""},
        {"+49 30", "\"'+49 30\""},
        {"-1", "\"'-1\""},
        {"@SUM(A1)", "\"'@SUM(A1)\""},
        {"\t=1", "\"'\t=1\""},
        {"\r=1", "\"'\r=1\""},
        {"\n=1", "\"'\n=1\""},
        {"\xef\xbc\x9d"
         "1",
         "\"'\xef\xbc\x9d"
         "1\""},
        {"=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""},
        {"=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
        {"1-1", "1-1"},
        {"'=1", "\"''=1\""},
        {"'tis", "'tis"},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_string_equal(field_written(pairs[i][0], *state), pairs[i][1]);
    }
}

static void the_apostrophe_before_a_formula_comes_off_again(void **state)
{
    static const char *const texts[] = {"=1+1", "+49 30", "'=1", "''-", "'tis", "'", "", "Anna"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char *written = apr_pstrdup(*state, field_written(texts[i], *state));
        apr_size_t length = strlen(written);
        if (*written == '"') {
            written[length - 1] = 0;
            written++;
        }
        assert_string_equal(mq_csv_plain(written), texts[i]);
    }
}

static apr_status_t row_compare(void *context, int line, const char *const *fields, int count)
{
    const char *const *expected = context;

    assert_int_equal(count, 3);
    for (int i = 0; i < count; i++) {
        assert_string_equal(fields[i], expected[3 * (line > 1) + i]);
    }
    return APR_SUCCESS;
}

static void what_is_written_is_read_again(void **state)
{
    static const char *const rows[] = {"a", "", "c, \"d\"", "x\r\ny", " z ", ""};
    mq_buffer_t *out = mq_buffer_make(*state, 16);
    mq_csv_writer_t writer = {out};
    mq_csv_reader_t *reader =
        mq_csv_reader_make(MQ_CSV_LIMITS_DEFAULT, row_compare, (void *)rows, *state);

    for (int i = 0; i < 6; i++) {
        mq_csv_add(&writer, rows[i]);
        if (i % 3 == 2) {
            mq_csv_row_end(&writer);
        }
    }
    assert_int_equal(mq_csv_push(reader, out->data, out->length), APR_SUCCESS);
    assert_int_equal(mq_csv_end(reader), APR_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_quoted_where_needed),
        cmocka_unit_test(no_field_is_a_formula),
        cmocka_unit_test(the_apostrophe_before_a_formula_comes_off_again),
        cmocka_unit_test(what_is_written_is_read_again),
    };

    apr_initialize();
    return cmocka_run_group_tests_name("base/csv", tests, pool_open, pool_close);
}

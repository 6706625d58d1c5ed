/* test_csv_reader.c -- what base/csv.h promises of reading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/csv.h"

static const mq_csv_limits_t small_limits = {8, 16, 3};

/** The rows seen, as text: "line: [field][field]\n". */
typedef struct seen_t {
    apr_pool_t *pool;
    const char *text;
    int stop_at_line; /* 0: never */
} seen_t;

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static apr_status_t row_note(void *context, int line, const char *const *fields, int count)
{
    seen_t *seen = context;

    seen->text = apr_psprintf(seen->pool, "%s%d:", seen->text, line);
    for (int i = 0; i < count; i++) {
        seen->text = apr_pstrcat(seen->pool, seen->text, "[", fields[i], "]", NULL);
    }
    seen->text = apr_pstrcat(seen->pool, seen->text, "\n", NULL);
    return line == seen->stop_at_line ? MQ_EFULL : APR_SUCCESS;
}

/** Read a file in pieces of a given length. @return the rows, or the fault */
static const char *rows_of(const char *file, apr_size_t length, apr_size_t piece, apr_pool_t *pool)
{
    seen_t seen = {pool, "", 0};
    mq_csv_reader_t *reader = mq_csv_reader_make(MQ_CSV_LIMITS_DEFAULT, row_note, &seen, pool);
    apr_status_t rv = APR_SUCCESS;
    const char *fault;
    int line;

    for (apr_size_t i = 0; i < length; i += piece) {
        apr_size_t now = length - i < piece ? length - i : piece;

        rv = mq_csv_push(reader, apr_pmemdup(pool, file + i, now), now);
    }
    rv = mq_csv_end(reader);
    fault = mq_csv_fault(reader, &line);
    assert_int_equal(rv, fault != NULL ? MQ_EINVALID : APR_SUCCESS);
    return fault != NULL ? apr_psprintf(pool, "%s%d: %s", seen.text, line, fault) : seen.text;
}

static void rows_are_read_wherever_the_bytes_are_cut(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"\n\r\n\r", ""},
        {"a,b\r\n1,2\r\n", "1:[a][b]\n2:[1][2]\n"},
        {"a,b\n1,2", "1:[a][b]\n2:[1][2]\n"},
        {"a,b\r1,2\r", "1:[a][b]\n2:[1][2]\n"},
        {"a\n\nb\r\n\r\nc", "1:[a]\n3:[b]\n5:[c]\n"},
        {"\n\na,b\n", "3:[a][b]\n"},
        {"a,,\n,\n", "1:[a][][]\n2:[][]\n"},
        {"\"\"\n", "1:[]\n"},
        {"\"a,b\",\"c \"\"d\"\"\"\n", "1:[a,b][c \"d\"]\n"},
        {"a,\"x\r\ny\nz\",b\nc\n", "1:[a][x\r\ny\nz][b]\n4:[c]\n"},
        {"5\" nail,6\"\n", "1:[5\" nail][6\"]\n"},
        {"a,b \" c\nd,e\n", "1:[a][b \" c]\n2:[d][e]\n"},
        {" a , \"b\"\n", "1:[ a ][b]\n"},
        {"\"a, b\", \"c, d\" ,  \"\"\n", "1:[a, b][c, d][]\n"},
        {" , \"\"\"x\"\"\",y \"z\"\n", "1:[ ][\"x\"][y \"z\"]\n"},
        {"a\n\"b\" \"c\"\n", "1:[a]\n2: There is text after a closing quotation mark."},
        {"name;note\nA;\"b,c,d,e\"\n", "1:[name][note]\n2:[A][b,c,d,e]\n"},
        {"name\tnote\nA,B\tc\n", "1:[name][note]\n2:[A,B][c]\n"},
        {"\"a;b;c\",d\n", "1:[a;b;c][d]\n"},
        {"Ren\xc3\xa9,\xff\n", "1:[Ren\xc3\xa9][\xff]\n"},
        {"'a','b'\n'x, y','O''Neil'\n'O'Neil',z\n", "1:[a][b]\n2:[x, y][O'Neil]\n3:[O'Neil][z]\n"},
        {"\n'a';'b'\r\n'x\r\ny';''''\r\n", "2:[a][b]\n3:[x\r\ny][']\n"},
        {"sep=;\n'a';'b'\n'1;2';'3'\n", "2:[a][b]\n3:[1;2][3]\n"},
        {"'a','b'\n'x", "1:[a][b]\n2: A closing quotation mark is missing."},
        {"'a',b\n'x, y'\n", "1:['a'][b]\n2:['x][ y']\n"},
        {"'a'\n'x, y'\n", "1:['a']\n2:['x][ y']\n"},
        {"',b'\nx,y\n", "1:['][b']\n2:[x][y]\n"},
        {"a\n\"b", "1:[a]\n2: A closing quotation mark is missing."},
        {"a\n\"b\"c\n", "1:[a]\n2: There is text after a closing quotation mark."},
        {"a\n\"x\n\ny\"z\n", "1:[a]\n2: There is text after a closing quotation mark."},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (apr_size_t piece = 1; piece <= 8; piece++) {
            assert_string_equal(rows_of(cases[i][0], strlen(cases[i][0]), piece, *state),
                                cases[i][1]);
        }
    }
}

static void a_nul_is_refused(void **state)
{
    assert_string_equal(rows_of("a\nb\0c\n", 6, 3, *state),
                        "1:[a]\n2: The file has a NUL character.");
}

static void the_delimiter_is_what_most_rows_have_alike(void **state)
{
    static const struct {
        const char *file;
        char delimiter;
    } cases[] = {{"a,b;c,d\nx,y\n1,2,3\n", ','},
                 {"a;b;c,d\n", ';'},
                 {"a\tb\n", '\t'},
                 {"alone\n", ','},
                 {"", ','},
                 {"\"a;;;\",b\n", ','},
                 {"a;b,c\n", ','},
                 {"\n\n;\n", ';'},
                 {"Patients, all of them, as of 3 March, 2026\n\na;b\n1;2\n", ';'},
                 {"a;b\n1 High St, Leeds;2\n3, 4, 5, Rue;6\n", ';'},
                 {"sep=|\na|b\n", '|'},
                 {"\"SEP=;\"\r\na,b\r\n", ';'},
                 {"a|b|c, d\n1|2|3\n", '|'},
                 {"a,b|c\n1,2|3\n", ','},
                 {"sep=", ','},
                 {"sep=;x\n", ';'},
                 {"sep=\n", ','}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        seen_t seen = {*state, "", 0};
        mq_csv_reader_t *reader =
            mq_csv_reader_make(MQ_CSV_LIMITS_DEFAULT, row_note, &seen, *state);

        assert_int_equal(mq_csv_delimiter(reader), 0);
        assert_int_equal(mq_csv_push(reader, cases[i].file, strlen(cases[i].file)), APR_SUCCESS);
        assert_int_equal(mq_csv_end(reader), APR_SUCCESS);
        assert_int_equal(mq_csv_delimiter(reader), cases[i].delimiter);
    }
}

static void the_line_that_names_the_delimiter_is_no_row(void **state)
{
    assert_string_equal(rows_of("sep=;\r\na;b,c\n", 13, 3, *state), "2:[a][b,c]\n");
    assert_string_equal(rows_of("sep=;", 5, 1, *state), "");
    assert_string_equal(rows_of("sep=ab\n", 7, 3, *state), "1:[sep=ab]\n");
}

static void rows_and_fields_are_bounded(void **state)
{
    static const struct {
        const char *file;
        const char *fault; /* NULL: it fits */
    } cases[] = {
        {"12345678,1234\n", NULL},
        {"123456789\n", "A field is too long."},
        {"a\n123456789\n", "A field is too long."},
        {"a\n\"12345\n789\"\n", "A field is too long."},
        {"a\n12345678,12345678\n", "The row is too long."},
        {"1,2,3\n", NULL},
        {"1,2,3,4\n", "The row has too many fields."},
        {"a\n\"never closed, and long enough to be noticed", "A field is too long."},
        {"\"never closed, and long enough to be noticed", "A field is too long."},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        seen_t seen = {*state, "", 0};
        mq_csv_reader_t *reader = mq_csv_reader_make(small_limits, row_note, &seen, *state);
        const char *fault;
        int line;

        (void)mq_csv_push(reader, cases[i].file, strlen(cases[i].file)); /* may be kept back */
        if (cases[i].fault == NULL) {
            assert_int_equal(mq_csv_end(reader), APR_SUCCESS);
            continue;
        }
        assert_int_equal(mq_csv_end(reader), MQ_EINVALID);
        assert_int_equal(mq_csv_push(reader, "a\n", 2), MQ_EINVALID);
        assert_int_equal(mq_csv_end(reader), MQ_EINVALID);
        fault = mq_csv_fault(reader, &line);
        assert_string_equal(fault, cases[i].fault);
    }
}

static void the_row_function_can_stop_the_reading(void **state)
{
    seen_t seen = {*state, "", 2};
    mq_csv_reader_t *reader = mq_csv_reader_make(MQ_CSV_LIMITS_DEFAULT, row_note, &seen, *state);
    int line;

    assert_int_equal(mq_csv_push(reader, "a\nb\nc\n", 6), APR_SUCCESS); /* kept back */
    assert_int_equal(mq_csv_end(reader), MQ_EFULL);
    assert_int_equal(mq_csv_push(reader, "d\n", 2), MQ_EFULL);
    assert_string_equal(seen.text, "1:[a]\n2:[b]\n");
    assert_null(mq_csv_fault(reader, &line));
}

static apr_status_t row_count(void *context, int line, const char *const *fields, int count)
{
    (void)line;
    (void)fields;
    *(int *)context += count;
    return APR_SUCCESS;
}

static void a_long_file_is_read_to_its_end(void **state)
{
    static const char rows[] = "MRN-1,\"Anna \"\"Ann\"\" Smith\",1975-04-03\r\n";
    int fields = 0;
    mq_csv_reader_t *reader = mq_csv_reader_make(MQ_CSV_LIMITS_DEFAULT, row_count, &fields, *state);

    for (int i = 0; i < 50000; i++) {
        assert_int_equal(mq_csv_push(reader, rows, sizeof rows - 1), APR_SUCCESS);
    }
    assert_int_equal(mq_csv_end(reader), APR_SUCCESS);
    assert_int_equal(fields, 150000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read_wherever_the_bytes_are_cut),
        cmocka_unit_test(a_nul_is_refused),
        cmocka_unit_test(the_delimiter_is_what_most_rows_have_alike),
        cmocka_unit_test(the_line_that_names_the_delimiter_is_no_row),
        cmocka_unit_test(rows_and_fields_are_bounded),
        cmocka_unit_test(the_row_function_can_stop_the_reading),
        cmocka_unit_test(a_long_file_is_read_to_its_end),
    };

    apr_initialize();
    return cmocka_run_group_tests_name("base/csv_reader", tests, pool_open, pool_close);
}

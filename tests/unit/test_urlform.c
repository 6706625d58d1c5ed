/* test_urlform.c -- what base/urlform.h promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/urlform.h"

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static const apr_array_header_t *parse(const char *body, apr_pool_t *pool)
{
    const apr_array_header_t *fields;
    const char *reason;
    /* copied without a NUL, so that a sanitizer sees a step too far */
    char *data = apr_pmemdup(pool, body, strlen(body));

    assert_int_equal(
        mq_form_parse(&fields, &reason, data, strlen(body), MQ_FORM_FIELDS_DEFAULT, pool),
        APR_SUCCESS);
    assert_null(reason);
    return fields;
}

static void fields_come_in_the_order_sent(void **state)
{
    const apr_array_header_t *fields = parse("b=2&a=1&c=3", *state);

    assert_int_equal(fields->nelts, 3);
    assert_string_equal(APR_ARRAY_IDX(fields, 0, mq_form_field_t).name, "b");
    assert_string_equal(APR_ARRAY_IDX(fields, 1, mq_form_field_t).value, "1");
    assert_string_equal(APR_ARRAY_IDX(fields, 2, mq_form_field_t).name, "c");
}

static void pairs_are_split_before_they_are_decoded(void **state)
{
    const apr_array_header_t *fields = parse("a%3Db=c%26d%3de=f", *state);

    assert_int_equal(fields->nelts, 1);
    assert_string_equal(APR_ARRAY_IDX(fields, 0, mq_form_field_t).name, "a=b");
    assert_string_equal(APR_ARRAY_IDX(fields, 0, mq_form_field_t).value, "c&d=e=f");
}

static void values_are_decoded(void **state)
{
    const apr_array_header_t *fields = parse("q=Ren%c3%A9+%2B+x&n=%0D%0a", *state);

    assert_string_equal(mq_form_get(fields, "q", NULL), "Ren\xc3\xa9 + x");
    assert_string_equal(mq_form_get(fields, "n", NULL), "\r\n");
    assert_int_equal(APR_ARRAY_IDX(fields, 0, mq_form_field_t).value_length, 9);
}

static void empty_things_are_no_error(void **state)
{
    const apr_array_header_t *fields = parse("&&a&b=&=c&", *state);

    assert_int_equal(fields->nelts, 3);
    assert_string_equal(mq_form_get(fields, "a", NULL), "");
    assert_string_equal(mq_form_get(fields, "b", NULL), "");
    assert_string_equal(mq_form_get(fields, "", NULL), "c");
    assert_null(mq_form_get(fields, "d", NULL));
    assert_int_equal(parse("", *state)->nelts, 0);
    assert_int_equal(mq_form_parse(&fields, NULL, NULL, 0, 1, *state), APR_SUCCESS);
    assert_int_equal(fields->nelts, 0);
}

static void a_field_sent_twice_is_noticed(void **state)
{
    const apr_array_header_t *fields = parse("a=1&b=2&%61=3", *state);
    int duplicate;

    assert_string_equal(mq_form_get(fields, "a", &duplicate), "1");
    assert_true(duplicate);
    assert_string_equal(mq_form_get(fields, "b", &duplicate), "2");
    assert_false(duplicate);
    assert_null(mq_form_get(fields, "B", &duplicate));
    assert_false(duplicate);
}

static void malformed_requests_are_refused_with_a_reason(void **state)
{
    static const struct {
        const char *body;
        apr_size_t length;
        const char *word;
    } cases[] = {
        {"a=%", 3, "percent"},        {"a=%4", 4, "percent"},          {"a=%zz", 5, "percent"},
        {"a=%4g", 5, "percent"},      {"%=1", 3, "percent"},           {"a=%00", 5, "NUL"},
        {"a=b\0c", 5, "NUL"},         {"a%00b=c", 7, "NUL"},           {"a=%ff", 5, "UTF-8"},
        {"a=%C0%AF", 8, "UTF-8"},     {"%ed%a0%80=1", 11, "UTF-8"},    {"a=\xe9", 3, "UTF-8"},
        {"a=%c3&b=%a9", 11, "UTF-8"}, {"a=1&b=%u0041", 12, "percent"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const apr_array_header_t *fields;
        const char *reason;

        assert_int_equal(mq_form_parse(&fields, &reason,
                                       apr_pmemdup(*state, cases[i].body, cases[i].length),
                                       cases[i].length, MQ_FORM_FIELDS_DEFAULT, *state),
                         MQ_EINVALID);
        assert_non_null(strstr(reason, cases[i].word));
        assert_int_equal(fields->nelts, 0);
    }
}

static void the_number_of_fields_is_bounded(void **state)
{
    const apr_array_header_t *fields;
    const char *reason;

    assert_int_equal(mq_form_parse(&fields, &reason, "a=1&b=2&&", 9, 2, *state), APR_SUCCESS);
    assert_int_equal(mq_form_parse(&fields, &reason, "a=1&b=2&c", 9, 2, *state), MQ_EINVALID);
    assert_non_null(strstr(reason, "too many"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_come_in_the_order_sent),
        cmocka_unit_test(pairs_are_split_before_they_are_decoded),
        cmocka_unit_test(values_are_decoded),
        cmocka_unit_test(empty_things_are_no_error),
        cmocka_unit_test(a_field_sent_twice_is_noticed),
        cmocka_unit_test(malformed_requests_are_refused_with_a_reason),
        cmocka_unit_test(the_number_of_fields_is_bounded),
    };

    apr_initialize();
    return cmocka_run_group_tests_name("base/urlform", tests, pool_open, pool_close);
}

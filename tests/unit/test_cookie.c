/* test_cookie.c -- what base/cookie.h promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/cookie.h"

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static void exactly_one_cookie_of_the_name_is_found(void **state)
{
    static const struct {
        const char *header;
        const char *value; /* NULL: none */
    } cases[] = {
        {NULL, NULL},
        {"", NULL},
        {"medsynq=abc", "abc"},
        {"a=1; medsynq=abc; b=2", "abc"},
        {"a=1;medsynq=abc", "abc"},
        {"; ;medsynq = abc ;", "abc"},
        {"medsynq=", ""},
        {"medsynq=a=b", "a=b"},
        {"medsynq=\"abc\"", "\"abc\""},
        {"medsynq=a%20,b", "a%20,b"},
        {"medsynq", NULL},
        {"MedSynQ=abc", NULL},
        {"xmedsynq=abc", NULL},
        {"medsynqx=abc", NULL},
        {"__Host-medsynq=abc", NULL},
        {"medsynq=abc; medsynq=def", NULL},
        {"medsynq=abc; medsynq=abc", NULL},
        {"medsynq=abc;medsynq", "abc"},
        {"a=medsynq=abc", NULL},
        {"a=1, medsynq=abc", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *value = mq_cookie_get(cases[i].header, "medsynq", *state);

        if (cases[i].value == NULL) {
            assert_null(value);
        } else {
            assert_non_null(value);
            assert_string_equal(value, cases[i].value);
        }
    }
}

static void whoever_has_set_it_all_of_the_name_are_found(void **state)
{
    static const struct {
        const char *header;
        const char *values; /* NULL: none */
    } cases[] = {
        {NULL, NULL},          {"", NULL},
        {"a=1; b", NULL},      {"medsynq=abc", "abc"},
        {"medsynq=; a=1", ""}, {"medsynq=abc; a=1; medsynq = d~e ;medsynq=", "abc~d~e~"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *values = mq_cookie_get_all(cases[i].header, "medsynq", *state);

        if (cases[i].values == NULL) {
            assert_null(values);
        } else {
            assert_non_null(values);
            assert_string_equal(values, cases[i].values);
        }
    }
}

static void a_set_cookie_header_says_all_that_protects_it(void **state)
{
    const char *header;

    assert_int_equal(
        mq_cookie_build(&header, "__Host-medsynq", "abc-_", MQ_COOKIE_SESSION, 1, *state),
        APR_SUCCESS);
    assert_string_equal(header, "__Host-medsynq=abc-_; Path=/; HttpOnly; SameSite=Lax; Secure");
    assert_int_equal(mq_cookie_build(&header, "medsynq", "abc", 900, 0, *state), APR_SUCCESS);
    assert_string_equal(header, "medsynq=abc; Max-Age=900; Path=/; HttpOnly; SameSite=Lax");
    assert_int_equal(mq_cookie_build(&header, "medsynq", "", MQ_COOKIE_DELETE, 0, *state),
                     APR_SUCCESS);
    assert_string_equal(header, "medsynq=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");
}

static void nothing_is_smuggled_into_a_header(void **state)
{
    static const char *const names[] = {"", "a b", "a=b", "a;b", "a\r\nb", "\xc3\xa9"};
    static const char *const values[] = {"a b", "a;b", "a,b", "a\"b", "a\\b", "a\r\nb", "\xc3\xa9"};
    const char *header;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(mq_cookie_build(&header, names[i], "x", MQ_COOKIE_SESSION, 1, *state),
                         MQ_EBUG);
        assert_null(header);
    }
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_int_equal(mq_cookie_build(&header, "x", values[i], MQ_COOKIE_SESSION, 1, *state),
                         MQ_EBUG);
    }
    assert_int_equal(mq_cookie_build(&header, "__Host-x", "x", MQ_COOKIE_SESSION, 0, *state),
                     MQ_EBUG);
    assert_int_equal(mq_cookie_build(&header, "x", "x", -2, 0, *state), MQ_EBUG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exactly_one_cookie_of_the_name_is_found),
        cmocka_unit_test(whoever_has_set_it_all_of_the_name_are_found),
        cmocka_unit_test(a_set_cookie_header_says_all_that_protects_it),
        cmocka_unit_test(nothing_is_smuggled_into_a_header),
    };

    apr_initialize();
    return cmocka_run_group_tests_name("base/cookie", tests, pool_open, pool_close);
}

/* test_totp.c -- what base/totp.h promises: the vectors of RFC 6238 and RFC 4648. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>

#include "base/totp.h"

static const unsigned char secret[] = "12345678901234567890";

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static void codes_are_those_of_rfc_6238(void **state)
{
    static const struct {
        apr_int64_t seconds;
        const char *code;
    } vectors[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                   {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char code[MQ_TOTP_CODE_SIZE];
        assert_int_equal(
            mq_totp_code(code, secret, 20, mq_totp_step(apr_time_from_sec(vectors[i].seconds))),
            APR_SUCCESS);
        assert_string_equal(code, vectors[i].code);
    }
}

static apr_status_t check(const char *typed, apr_int64_t seconds, apr_int64_t last)
{
    apr_int64_t step;
    return mq_totp_check(&step, typed, secret, 20, apr_time_from_sec(seconds), last);
}

static void a_clock_may_be_one_step_off(void **state)
{
    (void)state;
    assert_int_equal(check("081804", 1111111109, 0), APR_SUCCESS);
    assert_int_equal(check("081 804", 1111111109 + 30, 0), APR_SUCCESS);
    assert_int_equal(check("081804", 1111111109 - 30, 0), APR_SUCCESS);
    assert_int_equal(check("081804", 1111111109 + 60, 0), MQ_EDENIED);
    assert_int_equal(check("081804", 1111111109 - 60, 0), MQ_EDENIED);
}

static void a_code_never_works_twice(void **state)
{
    (void)state;
    assert_int_equal(check("081804", 1111111109, 1111111109 / 30), MQ_EDENIED);
    assert_int_equal(check("081804", 1111111109, 1111111109 / 30 - 1), APR_SUCCESS);
}

static void anything_but_six_digits_is_refused(void **state)
{
    static const char *const bad[] = {"", "08180", "0818040", "08180a", "-81804", "٠٨١٨٠٤"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(check(bad[i], 1111111109, 0), MQ_EDENIED);
    }
}

static void base32_is_that_of_rfc_4648(void **state)
{
    static const char *const vectors[][2] = {{"", ""},
                                             {"f", "MY"},
                                             {"fo", "MZXQ"},
                                             {"foo", "MZXW6"},
                                             {"foob", "MZXW6YQ"},
                                             {"fooba", "MZXW6YTB"},
                                             {"foobar", "MZXW6YTBOI"}};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const unsigned char *data;
        apr_size_t length;
        assert_string_equal(mq_base32_encode(vectors[i][0], strlen(vectors[i][0]), *state),
                            vectors[i][1]);
        assert_int_equal(mq_base32_decode(&data, &length, vectors[i][1], *state), APR_SUCCESS);
        assert_int_equal(length, strlen(vectors[i][0]));
        assert_memory_equal(data, vectors[i][0], length);
    }
}

static void base32_of_another_spelling_is_refused(void **state)
{
    static const char *const bad[] = {"M", "MZ1", "MZXW6===", "MR", "MZX"};
    const unsigned char *data;
    apr_size_t length;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(mq_base32_decode(&data, &length, bad[i], *state), MQ_EINVALID);
    }
    assert_int_equal(mq_base32_decode(&data, &length, "mzxw 6ytb-oi", *state), APR_SUCCESS);
    assert_int_equal(length, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_rfc_6238),
        cmocka_unit_test(a_clock_may_be_one_step_off),
        cmocka_unit_test(a_code_never_works_twice),
        cmocka_unit_test(anything_but_six_digits_is_refused),
        cmocka_unit_test_setup_teardown(base32_is_that_of_rfc_4648, pool_open, pool_close),
        cmocka_unit_test_setup_teardown(base32_of_another_spelling_is_refused, pool_open,
                                        pool_close)};
    int failed;
    apr_initialize();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}

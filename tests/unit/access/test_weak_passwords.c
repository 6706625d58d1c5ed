/* test_weak_passwords.c -- what domain/access/weak_passwords.h promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <apr_general.h>

#include "domain/access/weak_passwords.h"

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static mq_password_verdict_t judge(const char *password, apr_pool_t *pool)
{
    static const char *const names[] = {"Sunrise Clinic", "Ada Lovelace",
                                        "ada.lovelace@example.org", NULL};
    return mq_password_judge(password, names, pool);
}

static void common_passwords_are_refused(void **state)
{
    static const char *const common[] = {"password",         "password1234",     "PassWord2026",
                                         "passwordpassword", "123123123123",     "123456789012",
                                         "abcdefghijkl",     "qwertyuiop12",     "aaaaaaaaaaaaaaa",
                                         "098765432109",     "p a s s w o r d 1"};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        assert_int_equal(judge(common[i], *state), MQ_PASSWORD_COMMON);
    }
}

static void own_names_are_refused(void **state)
{
    static const char *const named[] = {"sunrise clinic", "SunriseClinic2026", "ada lovelace 1",
                                        "ada.lovelace@example.org", "Ada.Lovelace99"};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        assert_int_equal(judge(named[i], *state), MQ_PASSWORD_NAMED);
    }
}

static void good_passwords_are_taken(void **state)
{
    static const char *const good[] = {"a long enough sentence 7",
                                       "correct horse battery staple",
                                       "Ada Lovelace likes her purple kettle",
                                       "7f!kQ2z-Wm9x",
                                       "пароль из многих слов",
                                       "五月雨を集めて早し最上川"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(judge(good[i], *state), MQ_PASSWORD_GOOD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(common_passwords_are_refused, pool_open, pool_close),
        cmocka_unit_test_setup_teardown(own_names_are_refused, pool_open, pool_close),
        cmocka_unit_test_setup_teardown(good_passwords_are_taken, pool_open, pool_close)};
    int failed;
    apr_initialize();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}

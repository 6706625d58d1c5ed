/* test_mail.c -- what base/mail.h promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_time.h>
#include <unistd.h>

#include "base/mail.h"

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static void a_message_has_headers_and_a_body(void **state)
{
    const char *message;
    assert_int_equal(mq_mail_compose(&message, "a@b.example", "Café", "one\ntwo\n", *state),
                     APR_SUCCESS);
    assert_non_null(strstr(message, "To: <a@b.example>\nSubject: =?UTF-8?B?Q2Fmw6k=?=\n"));
    assert_non_null(strstr(message, "\n\none\ntwo\n"));
}

static void an_address_cannot_add_headers_or_options(void **state)
{
    static const char *const bad[] = {"a@b\nBcc: c@d", "a@b>,<c@d", "", "nobody", "-Oq@x", "a b@c"};
    const char *message;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(mq_mail_compose(&message, bad[i], "s", "b", *state), MQ_EINVALID);
    }
}

static void the_command_reads_the_message(void **state)
{
    char path[] = "/tmp/medsynq-mail-XXXXXX";
    const char *argv[] = {"/usr/bin/tee", path, NULL};
    char read[32] = "";
    apr_size_t length = 0;
    apr_file_t *file;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(mq_mail_hand_over(NULL, argv, "hello; $(id)", 0, NULL), APR_SUCCESS);
    for (int i = 0; i < 200 && length == 0; i++) {
        apr_sleep(apr_time_from_msec(20));
        length = sizeof read - 1;
        assert_int_equal(apr_file_open(&file, path, APR_READ, 0, *state), APR_SUCCESS);
        if (apr_file_read(file, read, &length) != APR_SUCCESS) {
            length = 0;
        }
        (void)apr_file_close(file);
    }
    (void)close(fd);
    (void)unlink(path);
    assert_string_equal(read, "hello; $(id)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_has_headers_and_a_body, pool_open, pool_close),
        cmocka_unit_test_setup_teardown(an_address_cannot_add_headers_or_options, pool_open,
                                        pool_close),
        cmocka_unit_test_setup_teardown(the_command_reads_the_message, pool_open, pool_close)};
    int failed;
    apr_initialize();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}

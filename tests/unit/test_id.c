/* test_id.c -- what base/id.h promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <apr_time.h>

#include "base/id.h"

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static void an_id_is_a_uuid_of_version_7_and_of_now(void **state)
{
    mq_id_t id;
    apr_time_t before = apr_time_now() / 1000;
    apr_time_t made = 0;

    (void)state;
    assert_int_equal(mq_id_make(&id), APR_SUCCESS);
    for (int i = 0; i < 6; i++) {
        made = made << 8 | id.bytes[i];
    }
    assert_in_range(made, before, apr_time_now() / 1000);
    assert_int_equal(id.bytes[6] >> 4, 7);
    assert_int_equal(id.bytes[8] >> 6, 2);
    assert_false(mq_id_is_nil(&id));
}

static void ids_are_different_and_sort_by_time(void **state)
{
    mq_id_t previous;
    mq_id_t id;

    (void)state;
    assert_int_equal(mq_id_make(&previous), APR_SUCCESS);
    for (int i = 0; i < 200; i++) {
        apr_sleep(2);
        assert_int_equal(mq_id_make(&id), APR_SUCCESS);
        assert_true(memcmp(previous.bytes, id.bytes, 16) < 0);
        assert_false(mq_id_equal(&previous, &id));
        previous = id;
    }
}

static void text_and_bytes_are_the_same_id(void **state)
{
    static const char text[] = "0189abcd-ef01-7234-8567-89abcdef0123";
    static const mq_id_t bytes = {{0x01, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x72, 0x34, 0x85, 0x67, 0x89,
                                   0xab, 0xcd, 0xef, 0x01, 0x23}};
    mq_id_t id;

    assert_int_equal(mq_id_parse(&id, text), APR_SUCCESS);
    assert_true(mq_id_equal(&id, &bytes));
    assert_string_equal(mq_id_text(&id, *state), text);
}

static void only_our_own_spelling_is_an_id(void **state)
{
    static const char *const wrong[] = {
        NULL,
        "",
        "0189ABCD-ef01-7234-8567-89abcdef0123",
        "0189abcd-ef01-7234-8567-89abcdef012",
        "0189abcd-ef01-7234-8567-89abcdef01234",
        "0189abcdef01723485678 9abcdef0123----",
        "0189abcd_ef01-7234-8567-89abcdef0123",
        "{189abcd-ef01-7234-8567-89abcdef012}",
        "0189abcd-ef01-7234-8567-89abcdef012g",
        " 189abcd-ef01-7234-8567-89abcdef0123",
        "0189abcd-ef01-7234-8567-89abcdef01\xc3\xa9",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        mq_id_t id = {{1}};

        assert_int_equal(mq_id_parse(&id, wrong[i]), MQ_EINVALID);
        assert_true(mq_id_is_nil(&id));
    }
}

static void hexadecimal_goes_there_and_back(void **state)
{
    unsigned char bytes[4];

    assert_string_equal(mq_hex_encode("\x00\x7f\xab\xff", 4, *state), "007fabff");
    assert_int_equal(mq_hex_decode(bytes, 4, "007FabfF"), APR_SUCCESS);
    assert_memory_equal(bytes, "\x00\x7f\xab\xff", 4);
    assert_int_equal(mq_hex_decode(bytes, 4, "007fabf"), MQ_EINVALID);
    assert_int_equal(mq_hex_decode(bytes, 4, "007fabff0"), MQ_EINVALID);
    assert_int_equal(mq_hex_decode(bytes, 4, "007fabfg"), MQ_EINVALID);
}

static void base64url_goes_there_and_back(void **state)
{
    static const char *const pairs[][2] = {
        /* RFC 4648, 10, without padding */
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"}};

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const unsigned char *data;
        apr_size_t length;

        assert_string_equal(mq_base64url_encode(pairs[i][0], strlen(pairs[i][0]), *state),
                            pairs[i][1]);
        assert_int_equal(mq_base64url_decode(&data, &length, pairs[i][1], *state), APR_SUCCESS);
        assert_int_equal(length, strlen(pairs[i][0]));
        assert_memory_equal(data, pairs[i][0], length);
    }
}

static void base64url_has_one_spelling(void **state)
{
    static const char *const wrong[] = {
        "Z", "Zh", "Zm9", "Zg==", "Zm9v\n", "+//+", "Zm 9v", "Z\xc3"};
    const unsigned char *data;
    apr_size_t length;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(mq_base64url_decode(&data, &length, wrong[i], *state), MQ_EINVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_a_uuid_of_version_7_and_of_now),
        cmocka_unit_test(ids_are_different_and_sort_by_time),
        cmocka_unit_test(text_and_bytes_are_the_same_id),
        cmocka_unit_test(only_our_own_spelling_is_an_id),
        cmocka_unit_test(hexadecimal_goes_there_and_back),
        cmocka_unit_test(base64url_goes_there_and_back),
        cmocka_unit_test(base64url_has_one_spelling),
    };

    apr_initialize();
    return cmocka_run_group_tests_name("base/id", tests, pool_open, pool_close);
}

/* test_json.c -- what base/json.h promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/json.h"

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static void values_nest_and_commas_come_by_themselves(void **state)
{
    mq_buffer_t *out = mq_buffer_make(*state, 16);
    mq_json_t json = {out};

    mq_json_object(&json, NULL);
    mq_json_text(&json, "name", "Anna");
    mq_json_text(&json, "none", NULL);
    mq_json_int(&json, "low", INT64_MIN);
    mq_json_flag(&json, "good", 1);
    mq_json_array(&json, "list");
    mq_json_object(&json, NULL);
    mq_json_object_end(&json);
    mq_json_int(&json, NULL, 2);
    mq_json_array(&json, NULL);
    mq_json_array_end(&json);
    mq_json_array_end(&json);
    mq_json_flag(&json, "bad", 0);
    mq_json_object_end(&json);
    assert_string_equal(apr_pstrmemdup(*state, out->data, out->length),
                        "{\"name\":\"Anna\",\"none\":null,\"low\":-9223372036854775808,"
                        "\"good\":true,\"list\":[{},2,[]],\"bad\":false}");
}

static void strings_are_escaped(void **state)
{
    static const char *const pairs[][2] = {
        {"", "\"\""},
        {"Ren\xc3\xa9 \xf0\x9f\x98\x80", "\"Ren\xc3\xa9 \xf0\x9f\x98\x80\""},
        {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
        {"a\nb\tc\x01\x7f", "\"a\\nb\\u0009c\\u0001\\u007f\""},
        {"</script>", "\"\\u003c/script>\""},
        {"a\xff"
         "b\xc3",
         "\"a\xef\xbf\xbd"
         "b\xef\xbf\xbd\""},
        {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        mq_buffer_t *out = mq_buffer_make(*state, 16);
        mq_json_t json = {out};

        mq_json_text(&json, NULL, pairs[i][0]);
        assert_string_equal(apr_pstrmemdup(*state, out->data, out->length), pairs[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_nest_and_commas_come_by_themselves),
        cmocka_unit_test(strings_are_escaped),
    };

    apr_initialize();
    return cmocka_run_group_tests_name("base/json", tests, pool_open, pool_close);
}

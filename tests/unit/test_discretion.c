/* test_discretion.c -- what web/discretion.h leaves out, and what it leaves alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "web/discretion.h"
#include "web/route_tables.h"

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static void a_line_keeps_all_but_its_secrets(void **state)
{
    static const char *const pairs[][2] = {
        {"GET /patients?q=Ann HTTP/1.1", "GET /patients HTTP/1.1"},
        {"GET /patients?q=Ann Smith HTTP/1.1", "GET /patients HTTP/1.1"},
        {"GET /patients?q=a HTTP/1.1 HTTP/1.1", "GET /patients HTTP/1.1"},
        {"GET /patients?q=Ann", "GET /patients"},
        {"/patients?q=Ann", "/patients"},
        {"GET http://h/patients?q=Ann HTTP/1.1", "GET http://h/patients HTTP/1.1"},
        {"GET http://h?q=Ann HTTP/1.1", "GET http://h HTTP/1.1"},
        {"GET /invitations/abc HTTP/2.0", "GET /invitations/- HTTP/2.0"},
        {"GET /invitations/abc", "GET /invitations/-"},
        {"POST https://h/password-reset/abc#x HTTP/1.1",
         "POST https://h/password-reset/- HTTP/1.1"},
        {"GET /%69nvitations%2fabc HTTP/1.1", "GET /invitations/- HTTP/1.1"},
        {"GET //invitations//abc HTTP/1.1", "GET /invitations/- HTTP/1.1"},
        {"GET /x/../invitations/abc?d HTTP/1.1", "GET /invitations/- HTTP/1.1"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_string_equal(mq_discreet_line(pairs[i][0], *state), pairs[i][1]);
    }
}

static void what_has_nothing_to_hide_is_not_copied(void **state)
{
    static const char *const lines[] = {"GET /patients HTTP/1.1",
                                        "GET /invitations/ HTTP/1.1",
                                        "GET /password-reset HTTP/1.1",
                                        "GET / HTTP/1.1",
                                        "GET",
                                        "",
                                        "OPTIONS * HTTP/1.1",
                                        "GET /caf%C3%A9 HTTP/1.1",
                                        "GET /100%/a//b HTTP/1.1",
                                        "\x16\x03\x01",
                                        " ",
                                        "%",
                                        "%4"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_string_equal(mq_discreet_line(lines[i], *state), lines[i]);
    }
    assert_ptr_equal(mq_discreet_line(lines[1], *state), lines[1]);
}

/* A row that is added to the table is covered, or fails here. */
static void every_route_with_a_token_is_covered(void **state)
{
    const mq_routes_t *routes;
    const char *fault;
    int seen = 0;
    assert_int_equal(mq_routes_compile(&routes, mq_route_tables, &fault, *state), APR_SUCCESS);
    for (const mq_route_t *row = routes->rows; row->pattern; row++) {
        const char *brace = strstr(row->pattern, "{token}");
        if (brace) {
            const char *address = apr_pstrcat(
                *state, apr_pstrmemdup(*state, row->pattern, (apr_size_t)(brace - row->pattern)),
                "SECRET", brace + strlen("{token}"), NULL);
            assert_null(strstr(mq_discreet_address(address, *state), "SECRET"));
            seen++;
        }
    }
    assert_true(seen >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_keeps_all_but_its_secrets),
        cmocka_unit_test(what_has_nothing_to_hide_is_not_copied),
        cmocka_unit_test(every_route_with_a_token_is_covered),
    };
    apr_initialize();
    return cmocka_run_group_tests(tests, pool_open, pool_close);
}

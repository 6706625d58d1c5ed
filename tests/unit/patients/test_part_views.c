/* test_part_views.c -- no kind of part, and no kind of the chart, is without its pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "domain/patients/chart_kinds.h"
#include "domain/patients/patient_parts.h"
#include "web/patients/part_views.h"
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

static void each_part_is_drawn(void **state)
{
    (void)state;
    for (int i = 0; i < MQ_PATIENT_PARTS; i++) {
        assert_non_null(mq_part_views[i].draw);
    }
}

static void each_kind_of_the_chart_has_its_paths_and_they_do_what_its_row_says(void **state)
{
    apr_pool_t *pool = *state;
    const mq_routes_t *routes;
    const char *fault = NULL;
    assert_int_equal(mq_routes_compile(&routes, mq_route_tables, &fault, pool), APR_SUCCESS);
    for (int i = 0; i < MQ_CHART_KINDS; i++) {
        const mq_chart_kind_t *kind = &mq_chart_kinds[i];
        const struct {
            mq_method_t method;
            const char *rest;
            mq_action_t action;
        } paths[] = {{MQ_GET, "", kind->reading},
                     {MQ_POST, "", kind->adding},
                     {MQ_GET, "/7", kind->reading},
                     {MQ_POST, "/7", kind->changing},
                     {MQ_POST, "/7/error", kind->error}};
        for (size_t j = 0; j < sizeof paths / sizeof *paths; j++) {
            const char *path = apr_pstrcat(pool, "/patients/1/", kind->name, paths[j].rest, NULL);
            const char *captures[MQ_CAPTURES];
            int methods;
            const mq_route_t *row =
                mq_route_find(&methods, captures, routes, path, paths[j].method, pool);
            assert_non_null(row);
            assert_int_equal(row->action, paths[j].action);
            assert_non_null(row->handler);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_is_drawn),
        cmocka_unit_test(each_kind_of_the_chart_has_its_paths_and_they_do_what_its_row_says)};
    apr_initialize();
    return cmocka_run_group_tests(tests, pool_open, pool_close);
}

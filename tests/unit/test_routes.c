/* test_routes.c -- which row a path finds, which paths are ours, what the rows bring along, and
 * what a table may not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>

#include "web/route_tables.h"

static const mq_page_t one = {"one.html", NULL};
static const mq_page_t other = {"other.html", NULL};
static const mq_page_t creating = {"creating.html", NULL, 1};
static const mq_page_t wrong = {"wrong.html", NULL};
static const mq_page_t *const wrong_pages[] = {&wrong, NULL};
static const mq_face_t pages = {.pages = wrong_pages};
static const mq_face_t programs = {0};

static apr_status_t page_of_all(mq_request_t *rq)
{
    (void)rq;
    return APR_SUCCESS;
}

static apr_status_t page_of_one(mq_request_t *rq, const mq_scope_t *sc)
{
    (void)rq;
    (void)sc;
    return APR_SUCCESS;
}

static const mq_route_t page_rows[] = {
    {MQ_GET, "/", .open = page_of_all, .page = &one},
    {MQ_GET, "/things/{id}", MQ_ACTION_PATIENT_VIEW, page_of_one, .page = &other},
    {MQ_GET, "/things/new", MQ_ACTION_PATIENT_ADD, page_of_one, .page = &other},
    {MQ_POST, "/things/new", MQ_ACTION_PATIENT_ADD, page_of_one},
    {MQ_GET, "/things", MQ_ACTION_PATIENTS_LIST, page_of_one, .page = &one, .tab = "Things"},
    {MQ_POST, "/things/{id}/parts/{part}", MQ_ACTION_PATIENT_EDIT, page_of_one},
    {MQ_GET, "/things-of-all", .open = page_of_all},
    MQ_ROUTES_END};
static const mq_route_t program_rows[] = {{MQ_GET, "/api/things", .open = page_of_all},
                                          MQ_ROUTES_END};
static const mq_route_table_t tables[] = {
    {&pages, page_rows}, {&programs, program_rows}, {NULL, NULL}};

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static const mq_routes_t *compiled(apr_pool_t *pool)
{
    const mq_routes_t *routes = NULL;
    const char *fault = NULL;
    assert_int_equal(mq_routes_compile(&routes, tables, &fault, pool), APR_SUCCESS);
    return routes;
}

/* @return the pattern that is found, "" for none */
static const char *found(const char *path, mq_method_t method, int *methods, apr_pool_t *pool)
{
    const char *captures[MQ_CAPTURES];
    const mq_route_t *row = mq_route_find(methods, captures, compiled(pool), path, method, pool);
    return row ? row->pattern : "";
}

static void a_literal_segment_goes_first_wherever_its_row_stands(void **state)
{
    int methods;
    assert_string_equal(found("/things/new", MQ_GET, &methods, *state), "/things/new");
    assert_int_equal(methods, MQ_GET | MQ_POST);
    assert_string_equal(found("/things/newer", MQ_GET, &methods, *state), "/things/{id}");
    assert_string_equal(found("/things/newer", MQ_POST, &methods, *state), "");
    assert_int_equal(methods, MQ_GET);
    assert_string_equal(found("/things", MQ_GET, &methods, *state), "/things");
    assert_string_equal(found("/things-of-all", MQ_GET, &methods, *state), "/things-of-all");
    assert_string_equal(found("/", MQ_GET, &methods, *state), "/");
    assert_string_equal(found("//", MQ_GET, &methods, *state), "");
    assert_string_equal(found("/things/", MQ_GET, &methods, *state), "");
    assert_int_equal(methods, 0);
}

static void what_the_names_stand_for_is_captured(void **state)
{
    const char *captures[MQ_CAPTURES];
    int methods;
    assert_non_null(
        mq_route_find(&methods, captures, compiled(*state), "/things/a/parts/b", MQ_POST, *state));
    assert_string_equal(captures[0], "a");
    assert_string_equal(captures[1], "b");
}

static void ours_is_what_lies_at_or_below_a_first_word(void **state)
{
    const char *const ours[] = {"/", "/things", "/things/", "/things/a/b/c", "/api", "/api/x"};
    const char *const theirs[] = {"", "x", "//", "//things", "/thing", "/thingsx", "/public/x"};
    (void)state;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        assert_true(mq_routes_own(tables, ours[i]));
    }
    for (size_t i = 0; i < sizeof theirs / sizeof *theirs; i++) {
        assert_false(mq_routes_own(tables, theirs[i]));
    }
}

static void an_unknown_path_has_the_face_of_its_neighbours(void **state)
{
    const mq_routes_t *routes = compiled(*state);
    assert_ptr_equal(mq_routes_face(routes, "/api/nothing"), &programs);
    assert_ptr_equal(mq_routes_face(routes, "/things/nothing"), &pages);
    assert_ptr_equal(mq_routes_face(routes, "/nothing"), &pages);
}

static void pages_and_tabs_follow_from_the_rows(void **state)
{
    const mq_routes_t *routes = compiled(*state);
    const mq_page_t *const expected[] = {&one, &wrong, &other};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_ptr_equal(routes->pages[i], expected[i]);
    }
    assert_null(routes->pages[3]);
    assert_string_equal(routes->tabs[0].label, "Things");
    assert_string_equal(routes->tabs[0].path, "/things");
    assert_null(routes->tabs[1].label);
}

static void a_faulty_row_is_refused(void **state)
{
    const mq_route_t faulty[][3] = {
        {{MQ_GET, "/a", .open = page_of_all}, {MQ_GET, "/a", .open = page_of_all}, MQ_ROUTES_END},
        {{MQ_GET, "/{a}/x", .open = page_of_all}, MQ_ROUTES_END},
        {{MQ_GET, "/a/{b}", .open = page_of_all},
         {MQ_GET, "/a/{c}", .open = page_of_all},
         MQ_ROUTES_END},
        {{MQ_GET, "/a"}, MQ_ROUTES_END},
        {{MQ_GET, "/a", MQ_ACTION_PATIENT_VIEW, page_of_one, page_of_all}, MQ_ROUTES_END},
        {{MQ_GET, "/a", (mq_action_t)9999, page_of_one}, MQ_ROUTES_END},
        {{MQ_POST, "/a", MQ_ACTION_PATIENT_ADD, page_of_one, .once = "/a"}, MQ_ROUTES_END},
        {{MQ_POST, "/a", MQ_ACTION_PATIENT_ADD, page_of_one, .page = &one, .once = "/a"},
         MQ_ROUTES_END},
        {{MQ_POST, "/a", .open = page_of_all, .page = &creating, .once = "/a"}, MQ_ROUTES_END},
        {{MQ_GET, "/a", .open = page_of_all},
         {MQ_GET, "/a/b", .open = page_of_all, .face = &programs},
         MQ_ROUTES_END}};
    for (size_t i = 0; i < sizeof faulty / sizeof *faulty; i++) {
        const mq_route_table_t only[] = {{&pages, faulty[i]}, {NULL, NULL}};
        const mq_routes_t *routes;
        const char *fault = NULL;
        assert_int_equal(mq_routes_compile(&routes, only, &fault, *state), MQ_EINVALID);
        assert_non_null(strstr(fault, "route /"));
    }
}

static void our_own_tables_are_sound(void **state)
{
    const mq_routes_t *routes;
    const char *fault = NULL;
    assert_int_equal(mq_routes_compile(&routes, mq_route_tables, &fault, *state), APR_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_literal_segment_goes_first_wherever_its_row_stands),
        cmocka_unit_test(what_the_names_stand_for_is_captured),
        cmocka_unit_test(ours_is_what_lies_at_or_below_a_first_word),
        cmocka_unit_test(an_unknown_path_has_the_face_of_its_neighbours),
        cmocka_unit_test(pages_and_tabs_follow_from_the_rows),
        cmocka_unit_test(a_faulty_row_is_refused),
        cmocka_unit_test(our_own_tables_are_sound),
    };
    apr_initialize();
    return cmocka_run_group_tests(tests, pool_open, pool_close);
}

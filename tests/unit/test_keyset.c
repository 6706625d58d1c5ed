/* test_keyset.c -- a page has no more rows than it should, and says whether the list goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>

#include "domain/keyset.h"

static apr_pool_t *pool;

static apr_array_header_t *rows_make(int count)
{
    apr_array_header_t *rows = apr_array_make(pool, 4, sizeof(int));
    for (int i = 0; i < count; i++) {
        APR_ARRAY_PUSH(rows, int) = i;
    }
    return rows;
}

static void only_the_row_too_many_is_taken_away(void **state)
{
    static const struct {
        int read;
        int left;
        int goes_on;
    } pages[] = {{0, 0, 0}, {4, 4, 0}, {5, 5, 0}, {6, 5, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        apr_array_header_t *rows = rows_make(pages[i].read);
        assert_int_equal(mq_keyset_cut(rows, 5), pages[i].goes_on);
        assert_int_equal(rows->nelts, pages[i].left);
    }
}

static void the_newest_page_begins_behind_every_id(void **state)
{
    mq_id_t id;
    (void)state;
    assert_int_equal(mq_id_make(&id), APR_SUCCESS);
    assert_true(memcmp(mq_keyset_before(NULL), &id, sizeof id) > 0);
    assert_ptr_equal(mq_keyset_before(&id), &id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_the_row_too_many_is_taken_away),
                                       cmocka_unit_test(the_newest_page_begins_behind_every_id)};
    int failed;
    apr_initialize();
    apr_pool_create(&pool, NULL);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_pool_destroy(pool);
    return failed;
}

/* test_duplicates.c -- which names are alike enough to warn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <apr_general.h>
#include <cmocka.h>

#include "domain/patients/duplicates.h"

typedef struct pair_t {
    const char *a;
    const char *b;
} pair_t;

static int alike(const pair_t *pair)
{
    apr_pool_t *pool;
    int answer;
    apr_pool_create(&pool, NULL);
    answer = mq_names_are_similar(pair->a, pair->b, pool);
    assert_int_equal(mq_names_are_similar(pair->b, pair->a, pool), answer);
    apr_pool_destroy(pool);
    return answer;
}

static void slips_of_the_keys_are_seen_through(void **state)
{
    static const pair_t pairs[] = {
        {"anna muller", "anna mueller"}, {"anna mueller", "mueller anna"},
        {"jona smith", "jonas smiht"},   {"newborn 2", "newborn 2"},
        {"anna", "anna mueller"},        {"maria del carmen ruiz", "carmen ruiz"},
        {"katherine", "catherine"}};
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(alike(&pairs[i]), 1);
    }
}

static void other_names_are_other_people(void **state)
{
    static const pair_t pairs[] = {{"anna mueller", "berta mueller"},
                                   {"newborn 1", "newborn 2"},
                                   {"li", "lu"},
                                   {"", "anna"},
                                   {"", ""},
                                   {"al", "ali"},
                                   {"maria del carmen ruiz", "jose del rio garcia"}};
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(alike(&pairs[i]), 0);
    }
}

static void words_longer_than_any_name_do_no_harm(void **state)
{
    char a[300];
    char b[300];
    (void)state;
    memset(a, 'a', sizeof a - 1);
    memset(b, 'b', sizeof b - 1);
    a[sizeof a - 1] = b[sizeof b - 1] = 0;
    assert_int_equal(alike(&(pair_t){a, a}), 1);
    assert_int_equal(alike(&(pair_t){a, b}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(slips_of_the_keys_are_seen_through),
                                       cmocka_unit_test(other_names_are_other_people),
                                       cmocka_unit_test(words_longer_than_any_name_do_no_harm)};
    apr_initialize();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

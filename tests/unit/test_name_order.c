/* test_name_order.c -- by which part of a name people are sorted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <apr_general.h>

#include "base/name_order.h"

static void what_belongs_to_the_next_word_is_known(void **state)
{
    static const char *const are[] = {"van", "van den", "d'", "de la", " von der "};
    static const char *const are_none[] = {"",
                                           " ",
                                           "Van",
                                           "garc\xc3\xad"
                                           "a",
                                           "van lopez",
                                           "lopez de"};
    (void)state;
    for (size_t i = 0; i < sizeof are / sizeof *are; i++) {
        assert_true(mq_name_is_particles(are[i]));
    }
    for (size_t i = 0; i < sizeof are_none / sizeof *are_none; i++) {
        assert_false(mq_name_is_particles(are_none[i]));
    }
}

static void the_family_name_is_found_with_what_belongs_to_it(void **state)
{
    static const char *const cases[][3] = {
        {"ana lima", NULL, "lima ana lima"},
        {"ana maria de souza", NULL, "de souza ana maria de souza"},
        {"siobhan o connor", "", "o connor siobhan o connor"},
        {"johann van der berg jr", NULL, "van der berg johann van der berg jr"},
        {"martin king iii", NULL, "king martin king iii"},
        {"suharto", NULL, "suharto suharto"},
        {"de souza", NULL, "souza de souza"}, /* somebody called De is likelier than nobody */
        {"gabriel garcia marquez", "garcia marquez", "garcia marquez gabriel garcia marquez"},
        {"king jr", NULL, "jr king jr"},
        {"", NULL, " "}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(mq_name_order(cases[i][0], cases[i][1], *state), cases[i][2]);
    }
}

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_belongs_to_the_next_word_is_known),
        cmocka_unit_test(the_family_name_is_found_with_what_belongs_to_it)};
    apr_initialize();
    return cmocka_run_group_tests_name("base/name_order", tests, pool_open, pool_close);
}

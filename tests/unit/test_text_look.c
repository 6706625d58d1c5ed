/* test_text_look.c -- names that look the same have one key; names that do not have two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/text.h"

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static const char *look(const char *name, apr_pool_t *pool)
{
    const char *key;
    assert_int_equal(mq_text_look_key(&key, name, pool), APR_SUCCESS);
    return key;
}

static void what_looks_the_same_is_the_same(void **state)
{
    static const char *const same[][24] = {
        {"Lakeside Clinic",
         "LAKESIDE CLINIC",
         "lakeside  clinic",
         " Lakeside Clinic ",
         "LakesideClinic",
         "Lakeside-Clinic",
         "Lakeside\u2013Clinic",
         "Lakeside_Clinic",
         "Lakeside.Clinic.",
         "Lakeside\u00a0Clinic",
         "Lakeside\u2800Clinic",
         "Lakeside\u3164Clinic",
         "Lake\u00adside Clinic",
         "Lake\u200bside Clinic",
         "Lake\u034fside Clinic",
         "Lakeside Clinic\ufe0f",
         "Lakeside Clinic\U000e0041",
         "\u200eLakeside Clinic\u200f",
         "\uff2c\uff41\uff4b\uff45side Clinic",
         "Lakeside \u2102linic",
         "Lakeside \U0001d402linic",
         "\u2160akeside Clinic"},
        {"Lakeside Clinic", "L\u0430keside Clinic", "Lak\u0435side Clinic", "Lakeside \u0421linic",
         "L\u0251keside Clinic", "Lake\u0455ide Clinic", "Lakeside Clin\u0456c",
         "Lakeside Clin\u0131c", "Lakeside C1inic", "Lakeside CIinic", "Lakeside C|inic",
         "\u216cakeside Clinic", "Lakeside Clini\u03f2", "Lakeside Clinic\xee\x80\x80",
         "Lakeside Clinic\xef\xb7\x90", "Lakeside Clinic\xef\xbf\xbf", "Lakeside Clinic\U000e0fff",
         "Lakeside Clinic\u0378", "\u2068Lakeside Clinic\u2069"},
        {"O'Brien Ward 10", "O\u2019Brien Ward 10", "O\u02bcBrien Ward 10", "OBrien Ward lO",
         "O\u00b4Brien Ward 10", "O`Brien Ward 10", "O\u2032Brien Ward 10"},
        {"Ren\u00e9", "Rene\u0301", "REN\u00c9"},
        {"Modern", "Modem"},
        {"Stra\u00dfe 1", "STRASSE 1"}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        for (int n = 1; same[i][n]; n++) {
            assert_string_equal(look(same[i][0], *state), look(same[i][n], *state));
        }
    }
}

static void what_does_not_look_the_same_stays_apart(void **state)
{
    static const char *const apart[][2] = {
        {"Ren\u00e9", "Rene"},
        {"Lakeside", "Lakesides"},
        {"Clinic 1", "Clinic 2"},
        {"A & B", "A + B"},
        {"\u00d8Brien", "OBrien"},
        {"\u5317\u4eac", "\u4e1c\u4eac"},
        {"\u0645\u0634\u0641\u0649", "\u0639\u064a\u0627\u062f\u0629"}};
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++) {
        assert_string_not_equal(look(apart[i][0], *state), look(apart[i][1], *state));
    }
}

static const char *sight(const char *name, apr_pool_t *pool)
{
    const char *key;
    assert_int_equal(mq_text_sight_key(&key, name, pool), APR_SUCCESS);
    return key;
}

/* Whose small form is another letter to the eye. */
static void a_capital_of_another_script_is_what_it_looks_like(void **state)
{
    static const char *const same[][2] = {
        {"Hospital", "\u041dospital"}, {"Hospital", "\u0397ospital"},
        {"Hospital", "\u13bbospital"}, {"Birch", "\u0412irch"},
        {"Birch", "\u0392irch"},       {"Nova", "\u039dova"},
        {"Mill", "\u041cill"},         {"Tower", "\u0422ower"},
        {"Kay", "\u041aay"},           {"Hospital", "HOSPITAL"},
        {"HOSPITAL", "\u041dOSPITAL"}, {"Park", "\u03a1ark"},
        {"Lakeside", "L\u0430keside"}, {"Zoo", "\u0396oo"}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_string_equal(sight(same[i][0], *state), sight(same[i][1], *state));
    }
    assert_string_not_equal(sight("Hill", *state), sight("Nill", *state));
    assert_string_not_equal(sight("\u043d\u043e\u0441", *state), sight("hoc", *state));
}

static void of_what_nobody_sees_nothing_is_left(void **state)
{
    static const char *const unseen[] = {"",
                                         " ",
                                         "...",
                                         "- -",
                                         "\u200b\u2060",
                                         "\u3164",
                                         "\xef\xb7\x90",
                                         "\u2800",
                                         "\xee\x80\x80\xef\xa3\xbf",
                                         "''"};
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++) {
        assert_string_equal(look(unseen[i], *state), "");
    }
}

static void blanks_of_every_kind_show_nothing(void **state)
{
    static const char *const unseen[] = {
        "",       " ",      "\n\t ",  "\u00a0", "\u3000\u2003", "\u200b", "\u2060\ufeff",
        "\u3164", "\u2800", "\u00ad", "\u200e"};
    static const char *const seen[] = {".", "-", "a", " \u4e00", "\u200b?", "\u0301"};
    (void)state;
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++) {
        assert_true(mq_text_is_unseen(unseen[i]));
    }
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
        assert_false(mq_text_is_unseen(seen[i]));
    }
}

static void what_is_seen_is_counted(void **state)
{
    static const struct {
        const char *text;
        apr_size_t count;
    } rows[] = {{"", 0},
                {" \n\u3164", 0},
                {"a b", 3},
                {" a \n\n  b ", 3},
                {"a\u0301\u0302\u0303", 1},
                {"a\u200d\u200db", 2},
                {"\u0301\u0301\u0301", 0},
                {"\u6551\u6025", 2},
                {"\u0641\u064e\u0642", 2},
                {"\u0915\u094d\u0937\u093f", 3}}; /* a vowel that has room of its own */
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(mq_text_count_seen(rows[i].text), rows[i].count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_looks_the_same_is_the_same, pool_open, pool_close),
        cmocka_unit_test_setup_teardown(what_does_not_look_the_same_stays_apart, pool_open,
                                        pool_close),
        cmocka_unit_test(blanks_of_every_kind_show_nothing),
        cmocka_unit_test(what_is_seen_is_counted),
        cmocka_unit_test_setup_teardown(a_capital_of_another_script_is_what_it_looks_like,
                                        pool_open, pool_close),
        cmocka_unit_test_setup_teardown(of_what_nobody_sees_nothing_is_left, pool_open,
                                        pool_close)};
    int failed;
    apr_initialize();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}

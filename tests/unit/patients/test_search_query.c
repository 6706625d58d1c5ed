/* test_search_query.c -- what is read out of the search box: dates in their readings, numbers, and
 * what means nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <cmocka.h>

#include "domain/patients/search_query.h"

static apr_pool_t *pool;
static const mq_text_t *folding;

static const mq_date_style_t day_first = {MQ_DATE_DMY_SLASHES, NULL};
static const mq_date_style_t month_first = {MQ_DATE_MDY_SLASHES, NULL};
static const mq_date_style_t *const not_said = NULL;

static mq_search_query_t query_of(const char *typed, const mq_date_style_t *style)
{
    mq_search_query_t query = {.style = style, .pool = pool};
    mq_search_query_read(&query, folding, typed);
    return query;
}

static const char *term_said(const mq_search_term_t *term)
{
    const char *said = term->word;
    for (int i = 0; i < MQ_SEARCH_OTHERS && term->others[i]; i++) {
        said = apr_pstrcat(pool, said, "|", term->others[i], NULL);
    }
    return said;
}

/* The terms with blanks between them, other readings behind a bar. */
static const char *terms(const char *typed, const mq_date_style_t *style)
{
    const mq_search_query_t query = query_of(typed, style);
    const char *said = "";
    for (int i = 0; i < query.count; i++) {
        said = apr_pstrcat(pool, said, i ? " " : "", term_said(&query.terms[i]), NULL);
    }
    return said;
}

static const char *alone(const char *typed, const mq_date_style_t *style)
{
    const mq_search_query_t query = query_of(typed, style);
    return query.alone.word ? term_said(&query.alone) : "";
}

static void a_short_year_is_of_both_centuries_in_the_order_that_is_known(void **state)
{
    (void)state;
    assert_string_equal(terms("04/03/61", &day_first), "@1961-03-04|@2061-03-04");
    assert_string_equal(terms("04/03/61", &month_first), "@1961-04-03|@2061-04-03");
    assert_string_equal(terms("04.03.61", not_said), "@1961-03-04|@2061-03-04");
    assert_string_equal(terms("3-Apr-61", not_said), "@1961-04-03|@2061-04-03");
    assert_string_equal(terms("3 apr 61", &day_first), "@1961-04-03|@2061-04-03");
    assert_string_equal(terms("29/02/00", &day_first), "@2000-02-29"); /* 1900 had none */
}

static void where_nobody_has_said_the_order_both_are_read(void **state)
{
    (void)state;
    assert_string_equal(terms("04/03/61", not_said),
                        "@1961-03-04|@1961-04-03|@2061-03-04|@2061-04-03");
    assert_string_equal(terms("04/03/1961", not_said), "@1961-03-04|@1961-04-03");
    assert_string_equal(terms("04/23/61", not_said), "@1961-04-23|@2061-04-23");
    assert_string_equal(terms("04/04/61", not_said), "@1961-04-04|@2061-04-04");
    assert_int_equal(query_of("04/03/61", not_said).typed.has_two_orders, 1);
    assert_int_equal(query_of("04/03/61", &day_first).typed.has_two_orders, 0);
    assert_int_equal(query_of("04/04/61", not_said).typed.has_two_orders, 0);
    assert_string_equal(query_of("04/03/1961", not_said).typed.birth_date, "04/03/1961");
    assert_string_equal(query_of("04/03/1961", &day_first).typed.birth_date, "1961-03-04");
}

static void a_day_that_only_one_order_has_is_read_in_it(void **state)
{
    (void)state;
    assert_string_equal(terms("04/23/1961", &day_first), "@1961-04-23");
    assert_string_equal(terms("23/04/1961", &month_first), "@1961-04-23");
    assert_string_equal(terms("23/04/61", &month_first), "@1961-04-23|@2061-04-23");
}

static void digits_alone_may_be_a_date_or_of_a_name(void **state)
{
    (void)state;
    assert_string_equal(alone("19610403", not_said), "@1961-04-03|19610403");
    assert_string_equal(alone("03041961", &day_first), "@1961-04-03|03041961");
    assert_string_equal(alone("03041961", not_said), "@1961-04-03|@1961-03-04|03041961");
    assert_string_equal(alone("stevenson 030461", &month_first), "@1961-03-04|@2061-03-04|030461");
    assert_string_equal(alone("1961", not_said), "@1961|1961");
    assert_string_equal(alone("99991231", not_said), "99991231");
    assert_string_equal(alone("1234567", not_said), "1234567");
    assert_string_equal(alone("+1234567", not_said), "");
}

static const char *last_digits(const char *typed)
{
    const mq_search_query_t query = query_of(typed, not_said);
    return mq_search_last_digits(&query.terms[0], pool);
}

/* Without its zeros "001" would be the end of every tenth number. */
static void few_digits_behind_zeros_are_the_end_of_a_number(void **state)
{
    (void)state;
    assert_string_equal(terms("001", not_said), MQ_SEARCH_NO_NUMBER "001");
    assert_string_equal(last_digits("001") + 1, "100");
    assert_string_equal(last_digits("0001") + 1, "1000");
    assert_string_equal(terms("0161", not_said), "#161");
    assert_string_equal(last_digits("12000000007") + 1, "700000000");
    assert_string_equal(last_digits("+44 20 0123 4567") + 1, "7654321");
    assert_null(last_digits("000"));
}

static void brackets_around_a_date_are_no_part_of_it(void **state)
{
    (void)state;
    assert_string_equal(terms("lima (04/03/1961)", &day_first), "@1961-03-04 lima");
    assert_string_equal(terms("lima (4 Mar 1961)", &day_first), "@1961-03-04 lima");
    assert_string_equal(terms("lima (1961)", &day_first), "@1961 lima");
    assert_string_equal(query_of("(0161) 496 0000", not_said).typed.phone, "(0161) 496 0000");
    assert_string_equal(query_of("+44 (0)161 496 0000", not_said).typed.phone,
                        "+44 (0)161 496 0000");
}

/* A term that says nothing would be the beginning of every word of its kind. */
static void zeros_are_a_number_that_nobody_has(void **state)
{
    static const char *const zeros[] = {"000", "0/0/00", "0/0/0000", "0000000000", "+000 (0) 00"};
    (void)state;
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++) {
        assert_string_equal(terms(zeros[i], not_said), MQ_SEARCH_NO_NUMBER);
        assert_null(query_of(zeros[i], not_said).typed.phone);
    }
    assert_string_equal(terms("lima 000", not_said), MQ_SEARCH_NO_NUMBER " lima");
}

static void signs_alone_are_no_term(void **state)
{
    static const char *const signs[] = {"%", "~", "@", "#", "--- ///", "*", "_", "()", ", ,"};
    (void)state;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        assert_string_equal(terms(signs[i], not_said), "");
    }
}

static void what_there_is_no_room_for_changes_no_other_term(void **state)
{
    (void)state;
    assert_string_equal(
        terms("111 a 222 b 333 c 444 d 555 e 666 f 777 g 888 h 03/04/1961 i", not_said),
        "#111 #222 #333 #444 #555 #666 #777 #888");
    assert_string_equal(
        terms("111 a 222 b 333 c 444 d 555 e 666 f 777 g 888 h 03/04/61 i", not_said),
        "#111 #222 #333 #444 #555 #666 #777 #888");
    assert_string_equal(
        terms("111 a 222 b 333 c 444 d 555 e 666 f 777 g 888 m\xc3\xbcller", not_said),
        "#111 #222 #333 #444 #555 #666 #777 #888");
    assert_int_equal(query_of("a b c d e f g h", not_said).count, MQ_SEARCH_TERMS);
    assert_null(query_of("a b c d e f g h", not_said).further);
    assert_int_equal(query_of("a b c d e f g h i j", not_said).further->nelts, 2);
}

/* Fillers in brackets. */
static const char *fillers(const char *typed)
{
    const mq_search_query_t query = query_of(typed, &day_first);
    const char *said = "";
    for (int i = 0; i < query.count; i++) {
        const int is_filler = query.terms[i].filler != MQ_FILLER_NONE;
        said = apr_pstrcat(pool, said, i ? " " : "", is_filler ? "(" : "", query.terms[i].word,
                           is_filler ? ")" : "", NULL);
    }
    return said;
}

static void titles_and_what_announces_a_date_are_fillers_beside_something_else(void **state)
{
    static const char *const cases[][2] = {
        {"Mr Stevenson", "(mr) stevenson"},
        {"Stevenson, Mrs.", "stevenson (mrs)"},
        {"Prof. Dr. Stevenson", "(prof) (dr) stevenson"},
        {"M. Dupont", "(m) dupont"},
        {"Mme Dupont née le 4/3/1961", "@1961-03-04 (mme) dupont (le) (nee)"},
        {"Dupont né en 1961", "@1961 dupont (en) (ne)"},
        {"Stevenson born 1961", "@1961 stevenson (born)"},
        {"Stevenson DOB:4/3/1961", "@1961-03-04 stevenson (dob)"},
        {"Stevenson D.O.B. 4/3/61", "@1961-03-04 stevenson (d) (o) (b)"},
        {"Stevenson date of birth 4 Mar 1961", "@1961-03-04 stevenson (birth) (of) (date)"},
        {"born 1961", "@1961 (born)"},
        {"Stevenson born 61", "stevenson (born)"},
        {"السيد محمد", "(السيد) محمد"},
        {"الدكتورة آمنة مواليد 1961", "@1961 (الدكتورة) امنة (مواليد)"},
        {"Born", "born"},
        {"born 61", "born"},
        {"Mr", "mr"},
        {"Dr 1961", "@1961 dr"},
        {"born stein", "born stein"},
        {"born 0161 496 0000", "#1614960000 born"},
        {"Stevenson Tel. 0161 496 0000", "#1614960000 stevenson (tel)"},
        {"phone number: 0161 496 0000", "#1614960000 (number) (phone)"},
        {"Stevenson tel", "stevenson tel"},
        {"الدكتور سيد", "(الدكتور) سيد"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(fillers(cases[i][0]), cases[i][1]);
    }
    assert_string_equal(query_of("Max Stevenson born on 4/3/1961", not_said).typed.name,
                        "Max Stevenson");
}

static int set_up(void **state)
{
    (void)state;
    apr_initialize();
    return apr_pool_create(&pool, NULL) || mq_text_make(&folding, pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_year_is_of_both_centuries_in_the_order_that_is_known),
        cmocka_unit_test(where_nobody_has_said_the_order_both_are_read),
        cmocka_unit_test(a_day_that_only_one_order_has_is_read_in_it),
        cmocka_unit_test(digits_alone_may_be_a_date_or_of_a_name),
        cmocka_unit_test(few_digits_behind_zeros_are_the_end_of_a_number),
        cmocka_unit_test(brackets_around_a_date_are_no_part_of_it),
        cmocka_unit_test(zeros_are_a_number_that_nobody_has),
        cmocka_unit_test(signs_alone_are_no_term),
        cmocka_unit_test(what_there_is_no_room_for_changes_no_other_term),
        cmocka_unit_test(titles_and_what_announces_a_date_are_fillers_beside_something_else)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}

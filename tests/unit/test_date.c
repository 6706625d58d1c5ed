/* test_date.c -- what base/date.h promises of calendar days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/date.h"

static const mq_day_t today = {2026, 3, 15};

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static void a_birth_date_is_a_day_of_the_calendar(void **state)
{
    static const struct {
        const char *text;
        mq_birth_date_fault_t fault;
    } cases[] = {
        {"1975-04-03", MQ_BIRTH_DATE_OK},
        {"1975-04", MQ_BIRTH_DATE_OK},
        {"1975", MQ_BIRTH_DATE_OK},
        {"2024-02-29", MQ_BIRTH_DATE_OK},
        {"2000-02-29", MQ_BIRTH_DATE_OK},
        {"2026-03-15", MQ_BIRTH_DATE_OK},
        {"2026-03", MQ_BIRTH_DATE_OK},
        {"2026", MQ_BIRTH_DATE_OK},
        {"1886-03-15", MQ_BIRTH_DATE_OK},
        {"1886", MQ_BIRTH_DATE_OK},
        {"2026-03-16", MQ_BIRTH_DATE_IN_FUTURE},
        {"2026-04", MQ_BIRTH_DATE_IN_FUTURE},
        {"2027", MQ_BIRTH_DATE_IN_FUTURE},
        {"9999-12-31", MQ_BIRTH_DATE_IN_FUTURE},
        {"1886-03-14", MQ_BIRTH_DATE_TOO_OLD},
        {"1886-02", MQ_BIRTH_DATE_TOO_OLD},
        {"1885", MQ_BIRTH_DATE_TOO_OLD},
        {"0001-01-01", MQ_BIRTH_DATE_TOO_OLD},
        {"2023-02-29", MQ_BIRTH_DATE_NOT_IN_CALENDAR},
        {"1900-02-29", MQ_BIRTH_DATE_NOT_IN_CALENDAR},
        {"1975-04-31", MQ_BIRTH_DATE_NOT_IN_CALENDAR},
        {"1975-13-01", MQ_BIRTH_DATE_NOT_IN_CALENDAR},
        {"1975-00-01", MQ_BIRTH_DATE_NOT_IN_CALENDAR},
        {"1975-04-00", MQ_BIRTH_DATE_NOT_IN_CALENDAR},
        {"1975-00", MQ_BIRTH_DATE_NOT_IN_CALENDAR},
        {"1975-00-00", MQ_BIRTH_DATE_NOT_IN_CALENDAR},
        {"0000", MQ_BIRTH_DATE_NOT_IN_CALENDAR},
        {"", MQ_BIRTH_DATE_MALFORMED},
        {"75", MQ_BIRTH_DATE_MALFORMED},
        {"1975-4-3", MQ_BIRTH_DATE_MALFORMED},
        {"1975/04/03", MQ_BIRTH_DATE_MALFORMED},
        {"1975-04-03 ", MQ_BIRTH_DATE_MALFORMED},
        {"1975-04-031", MQ_BIRTH_DATE_MALFORMED},
        {"-975-04-03", MQ_BIRTH_DATE_MALFORMED},
        {"1975-04-", MQ_BIRTH_DATE_MALFORMED},
        {"1975-", MQ_BIRTH_DATE_MALFORMED},
        {"197x-04-03", MQ_BIRTH_DATE_MALFORMED},
        {"03.04.1975", MQ_BIRTH_DATE_MALFORMED},
        {"1975-04-03T00:00:00Z", MQ_BIRTH_DATE_MALFORMED},
        {"\xd9\xa1\xd9\xa9\xd9\xa7\xd9\xa5", MQ_BIRTH_DATE_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(mq_birth_date_check(cases[i].text, &today), cases[i].fault);
    }
}

static void typed_dates_are_day_first_or_iso(void **state)
{
    static const char *const pairs[][2] = {
        {"1975-04-03", "1975-04-03"},  {"1975-4-3", "1975-04-03"},
        {"3.4.1975", "1975-04-03"},    {"03.04.1975", "1975-04-03"},
        {"03/04/1975", "1975-04-03"},  {"3-4-1975", "1975-04-03"},
        {"3 4 1975", "1975-04-03"},    {" 3. 4. 1975 ", "1975-04-03"},
        {"3 Apr 1975", "1975-04-03"},  {"3. april 1975", "1975-04-03"},
        {"3-APR-1975", "1975-04-03"},  {"Apr 3, 1975", "1975-04-03"},
        {"3 Sept 1975", "1975-09-03"}, {"4/1975", "1975-04"},
        {"1975-04", "1975-04"},        {"April 1975", "1975-04"},
        {"29.2.2024", "2024-02-29"},   {"3apr1975", "1975-04-03"},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const char *iso;

        assert_int_equal(mq_date_parse_typed(&iso, pairs[i][0], NULL, *state), APR_SUCCESS);
        assert_string_equal(iso, pairs[i][1]);
    }
}

static void what_is_no_date_is_not_taken_for_one(void **state)
{
    static const char *const wrong[] = {
        "",
        "1975",
        "19750403",
        "3.4.75",
        "3.4.",
        "30.2.1975",
        "3.13.1975",
        "04/13/1975",
        "0.4.1975",
        "1975-04-00",
        "3 Ap 1975",
        "3 Foo 1975",
        "3 Aprilx 1975",
        "Apr 1975 3",
        "1.2.3.4",
        "anna 1975",
        "12345 1975",
        "3:4:1975",
        "3.4.19750",
        "April",
        "3.4.0000",
        "... 1975",
        "Apr Apr 1975",
        "1975 04 03 17",
        "3 \xc3\xa4pr 1975",
        "3.4.1975 and a text that goes on without end",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *iso = "";

        mq_day_t day;

        assert_int_equal(mq_date_parse_typed(&iso, wrong[i], NULL, *state), MQ_EINVALID);
        assert_true(iso == NULL || mq_date_parse(&day, iso) != APR_SUCCESS);
    }
}

static void typed_dates_follow_the_order_and_months_of_the_style(void **state)
{
    static const mq_date_style_t american = {MQ_DATE_MDY_SLASHES, NULL};
    static const mq_date_style_t words = {MQ_DATE_WORDS, mq_date_months_french};
    static const struct {
        const mq_date_style_t *style;
        const char *typed;
        const char *iso;
    } cases[] = {
        {&american, "04/03/1975", "1975-04-03"},    {&american, "4-3-1975", "1975-04-03"},
        {&american, "1975-04-03", "1975-04-03"},    {&american, "3 Apr 1975", "1975-04-03"},
        {&american, "Apr 3, 1975", "1975-04-03"},   {&american, "4/1975", "1975-04"},
        {&words, "3 avr. 1975", "1975-04-03"},      {&words, "3 Avril 1975", "1975-04-03"},
        {&words, "1 août 1975", "1975-08-01"},      {&words, "3 July 1975", "1975-07-03"},
        {&words, "juillet 1975", "1975-07"},        {&words, "3 juin 1975", "1975-06-03"},
        {&words, "31 décembre 1975", "1975-12-31"}, {&words, "3/4/1975", "1975-04-03"},
        {&words, "1er avril 1975", "1975-04-01"},   {&words, "12 janv. 1980", "1980-01-12"},
        {&words, "2 FÉVRIER 1980", "1980-02-02"},   {&words, "2 fevr. 1980", "1980-02-02"},
        {&words, "3 Aout 1975", "1975-08-03"},      {&words, "12-DEC-1975", "1975-12-12"},
        {&words, "12 Déc 1975", "1975-12-12"},      {&words, "12 mai 1975", "1975-05-12"},
        {&words, "12-juil-1975", "1975-07-12"},     {&words, "3rd May, 1975", "1975-05-03"},
        {&words, "3 Mar 1980", "1980-03-03"},       {&words, "12 janvier 1980", "1980-01-12"},
    };
    const char *iso;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(mq_date_parse_typed(&iso, cases[i].typed, cases[i].style, *state),
                         APR_SUCCESS);
        assert_string_equal(iso, cases[i].iso);
    }
    assert_int_equal(mq_date_parse_typed(&iso, "Marsan 1975", &words, *state), MQ_EINVALID);
    assert_int_equal(mq_date_parse_typed(&iso, "3 jui 1975", &words, *state), MQ_EINVALID);
    assert_int_equal(mq_date_parse_typed(&iso, "3 f\xc3 1975", &words, *state), MQ_EINVALID);
    assert_int_equal(mq_date_parse_typed(&iso, "3 f\xc3\xa9 1975", &words, *state), MQ_EINVALID);
    assert_int_equal(mq_date_parse_typed(&iso, "3 aoi 1975", &words, *state), MQ_EINVALID);
    assert_int_equal(mq_date_parse_typed(&iso, "3er3 1975", &words, *state), MQ_EINVALID);
    /* no guessing: a month 23 is a slip, not another order */
    assert_int_equal(mq_date_parse_typed(&iso, "23/04/1975", &american, *state), MQ_EINVALID);
    assert_string_equal(mq_date_format("1975-12-03", &words, *state), "3 déc. 1975");
    assert_string_equal(mq_date_format("1975-08", &words, *state), "août 1975");
}

static void a_date_tells_its_order_only_where_one_reading_is_of_the_calendar(void **state)
{
    static const struct {
        const char *typed;
        mq_date_order_t order;
    } cases[] = {
        {"23/04/1975", MQ_DATE_ORDER_DAY_FIRST},
        {"13.1.1975", MQ_DATE_ORDER_DAY_FIRST},
        {"31-12-1975", MQ_DATE_ORDER_DAY_FIRST},
        {"04/23/1975", MQ_DATE_ORDER_MONTH_FIRST},
        {"1-13-1975", MQ_DATE_ORDER_MONTH_FIRST},
        {"2/29/2024", MQ_DATE_ORDER_MONTH_FIRST},
        {"03/04/1975", MQ_DATE_ORDER_EITHER},
        {"12 1 1975", MQ_DATE_ORDER_EITHER},
        {"05/05/1975", MQ_DATE_ORDER_PLAIN},
        {"1975-04-03", MQ_DATE_ORDER_PLAIN},
        {"1975/04/23", MQ_DATE_ORDER_PLAIN},
        {"1975", MQ_DATE_ORDER_PLAIN},
        {"04/1975", MQ_DATE_ORDER_PLAIN},
        {"3 Apr 1975", MQ_DATE_ORDER_PLAIN},
        {"Apr 3, 1975", MQ_DATE_ORDER_PLAIN},
        {"13/13/1975", MQ_DATE_ORDER_PLAIN},
        {"30/02/1975", MQ_DATE_ORDER_PLAIN},
        {"02/29/1975", MQ_DATE_ORDER_PLAIN},
        {"0/4/1975", MQ_DATE_ORDER_PLAIN},
        {"3/4/75", MQ_DATE_ORDER_PLAIN},
        {"", MQ_DATE_ORDER_PLAIN},
        {"0123 4567 89", MQ_DATE_ORDER_PLAIN},
        {"12, High Street", MQ_DATE_ORDER_PLAIN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(mq_date_order(cases[i].typed), cases[i].order);
    }
}

static void an_organisation_sees_dates_in_its_format(void **state)
{
    static const struct {
        mq_date_format_t format;
        const char *whole;
        const char *month;
    } cases[] = {
        {MQ_DATE_ISO, "1975-04-03", "1975-04"},
        {MQ_DATE_DMY_DOTS, "03.04.1975", "04.1975"},
        {MQ_DATE_DMY_SLASHES, "03/04/1975", "04/1975"},
        {MQ_DATE_MDY_SLASHES, "04/03/1975", "04/1975"},
        {MQ_DATE_WORDS, "3 Apr 1975", "Apr 1975"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mq_date_style_t style = {cases[i].format, NULL};

        assert_string_equal(mq_date_format("1975-04-03", &style, *state), cases[i].whole);
        assert_string_equal(mq_date_format("1975-04", &style, *state), cases[i].month);
        assert_string_equal(mq_date_format("1975", &style, *state), "1975");
        assert_string_equal(mq_date_format("", &style, *state), "");
    }
}

static void an_iso_date_is_read_whole_or_not_at_all(void **state)
{
    mq_day_t day;

    assert_int_equal(mq_date_parse(&day, "1975-04-03"), APR_SUCCESS);
    assert_string_equal(mq_date_iso(&day, *state), "1975-04-03");
    assert_int_equal(mq_date_parse(&day, "1975-02-30"), MQ_EINVALID);
    assert_int_equal(day.year, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_birth_date_is_a_day_of_the_calendar),
        cmocka_unit_test(typed_dates_are_day_first_or_iso),
        cmocka_unit_test(typed_dates_follow_the_order_and_months_of_the_style),
        cmocka_unit_test(what_is_no_date_is_not_taken_for_one),
        cmocka_unit_test(a_date_tells_its_order_only_where_one_reading_is_of_the_calendar),
        cmocka_unit_test(an_organisation_sees_dates_in_its_format),
        cmocka_unit_test(an_iso_date_is_read_whole_or_not_at_all),
    };

    apr_initialize();
    return cmocka_run_group_tests_name("base/date", tests, pool_open, pool_close);
}

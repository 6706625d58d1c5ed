/* test_date_zone.c -- what base/date.h promises of instants and time zones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/date.h"

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static mq_zone_t *zone_of(const char *name, apr_pool_t *pool)
{
    mq_zone_t *zone;

    assert_int_equal(mq_zone_open(&zone, name, pool), APR_SUCCESS);
    return zone;
}

static void only_zones_of_the_database_exist(void **state)
{
    static const char *const wrong[] = {"",          "Europe/Nowhere", "GMT+5",     "europe/berlin",
                                        "../../etc", "Etc/Unknown",    "\xc3\xa9t", "+01:00"};
    mq_zone_t *zone;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(mq_zone_open(&zone, wrong[i], *state), MQ_EINVALID);
        assert_null(zone);
    }
    zone_of("UTC", *state);
    zone_of("America/Argentina/Buenos_Aires", *state);
}

static void a_zone_may_be_opened_later(void **state)
{
    mq_zone_t *zone = mq_zone_later("Europe/Berlin", *state);

    assert_int_equal(mq_zone_offset(zone, apr_time_from_sec(1743296400)), 120);
    assert_int_equal(mq_zone_offset(mq_zone_later("No/Where", *state), 0), 0);
    assert_int_equal(mq_zone_offset(mq_zone_later(NULL, *state), 0), 0);
}

static void every_zone_that_is_offered_exists(void **state)
{
    apr_array_header_t *names;
    int kolkata = 0;

    assert_int_equal(mq_zone_names(&names, NULL, *state), APR_SUCCESS);
    assert_in_range(names->nelts, 300, 600);
    assert_string_equal(APR_ARRAY_IDX(names, 0, const char *), "UTC");
    for (int i = 0; i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);

        zone_of(name, *state);
        kolkata += strcmp(name, "Asia/Kolkata") == 0;
        assert_true(i < 2 || strcmp(APR_ARRAY_IDX(names, i - 1, const char *), name) < 0);
    }
    assert_int_equal(kolkata, 1);
}

static void the_zones_of_the_browsers_country_come_first(void **state)
{
    static const char *const firsts[][2] = {{"de-AT,de;q=0.5", "Europe/Vienna"},
                                            {"fr", "Europe/Paris"},
                                            {"en-IN", "Asia/Kolkata"},
                                            {"x", "UTC"},
                                            {"*", "UTC"},
                                            {"", "UTC"}};
    apr_array_header_t *all;
    apr_array_header_t *names;

    assert_int_equal(mq_zone_names(&all, NULL, *state), APR_SUCCESS);
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        assert_int_equal(mq_zone_names(&names, firsts[i][0], *state), APR_SUCCESS);
        assert_string_equal(APR_ARRAY_IDX(names, 0, const char *), firsts[i][1]);
        assert_int_equal(names->nelts, all->nelts);
    }
}

static void an_instant_is_shown_on_the_zones_clock(void **state)
{
    static const mq_date_style_t words = {MQ_DATE_WORDS, NULL};
    static const struct {
        const char *zone;
        apr_time_t seconds;
        const char *text;
    } cases[] = {
        {"UTC", 0, "1970-01-01 00:00"},
        {"Europe/Berlin", 1743296399, "2025-03-30 01:59"}, /* before the clock goes forward */
        {"Europe/Berlin", 1743296400, "2025-03-30 03:00"},
        {"Europe/Berlin", 1761440399, "2025-10-26 02:59"}, /* and back */
        {"Europe/Berlin", 1761440400, "2025-10-26 02:00"},
        {"Asia/Kathmandu", 1735689600, "2025-01-01 05:45"},
        {"America/New_York", 1735689600, "2024-12-31 19:00"},
        {"Pacific/Kiritimati", 1735689600, "2025-01-01 14:00"},
        {"UTC", -1, "1969-12-31 23:59"},
        {"UTC", 253402300799, "9999-12-31 23:59"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mq_zone_t *zone = zone_of(cases[i].zone, *state);
        apr_time_t when = apr_time_from_sec(cases[i].seconds);

        assert_string_equal(mq_time_format(when, zone, NULL, *state), cases[i].text);
    }
    assert_string_equal(mq_time_format(0, NULL, &words, *state), "1 Jan 1970 00:00");
}

static void a_remembered_offset_is_not_used_beyond_its_end(void **state)
{
    mq_zone_t *zone = zone_of("Europe/Berlin", *state);
    apr_time_t change = apr_time_from_sec(1743296400);

    for (int i = 0; i < 3; i++) {
        assert_int_equal(mq_zone_offset(zone, change - 1), 60);
        assert_int_equal(mq_zone_offset(zone, change), 120);
        assert_int_equal(mq_zone_offset(zone, change + apr_time_from_sec(400 * 86400)), 120);
        assert_int_equal(mq_zone_offset(zone, change - apr_time_from_sec(20000 * 86400LL)), 60);
    }
    assert_int_equal(mq_zone_offset(zone_of("America/St_Johns", *state), 0), -210);
}

static void today_depends_on_the_zone(void **state)
{
    apr_time_t now = apr_time_from_sec(1735689600); /* 2025-01-01T00:00:00Z */
    mq_day_t day;

    mq_date_today(&day, now, NULL);
    assert_string_equal(mq_date_iso(&day, *state), "2025-01-01");
    mq_date_today(&day, now - 1, NULL);
    assert_string_equal(mq_date_iso(&day, *state), "2024-12-31");
    mq_date_today(&day, now, zone_of("America/New_York", *state));
    assert_string_equal(mq_date_iso(&day, *state), "2024-12-31");
}

static void a_day_begins_at_its_first_instant(void **state)
{
    static const struct {
        const char *zone;
        const char *day;
        const char *begins;
    } cases[] = {
        {"UTC", "2025-03-30", "2025-03-30T00:00:00Z"},
        {"UTC", "2024-02-29", "2024-02-29T00:00:00Z"},
        {"Europe/Berlin", "2025-03-30", "2025-03-29T23:00:00Z"},
        {"Europe/Berlin", "2025-03-31", "2025-03-30T22:00:00Z"},
        {"Europe/Berlin", "2025-10-26", "2025-10-25T22:00:00Z"},
        {"Europe/Berlin", "2025-10-27", "2025-10-26T23:00:00Z"},
        {"America/New_York", "2025-07-01", "2025-07-01T04:00:00Z"},
        {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"}, /* 00:00 does not exist */
        {"America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"}, /* 24:00 is 23:00 again */
        {"Europe/Berlin", "2025-04", "2025-03-31T22:00:00Z"},
        {"Europe/Berlin", "2025", "2024-12-31T23:00:00Z"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mq_zone_t *zone = zone_of(cases[i].zone, *state);
        mq_day_t day;

        assert_int_equal(mq_date_parse(&day, cases[i].day), APR_SUCCESS);
        assert_string_equal(mq_time_iso(mq_date_begins(&day, zone), *state), cases[i].begins);
    }
}

static void days_and_instants_agree_for_eight_centuries(void **state)
{
    mq_day_t day;
    mq_day_t previous = {1599, 12, 31};
    mq_day_t first = {1600, 1, 1};
    apr_time_t at = mq_date_begins(&first, NULL);

    (void)state;
    for (int i = 0; i < 2 * 146097; i++, at += apr_time_from_sec(86400)) {
        mq_date_today(&day, at, NULL);
        assert_int_equal(mq_date_begins(&day, NULL), at);
        assert_true(day.day == previous.day + 1 || day.day == 1);
        previous = day;
    }
    assert_int_equal(day.year, 2399);
    assert_int_equal(day.month, 12);
    assert_int_equal(day.day, 31);
}

static void files_have_instants_in_utc(void **state)
{
    assert_string_equal(mq_time_iso(0, *state), "1970-01-01T00:00:00Z");
    assert_string_equal(mq_time_iso(apr_time_from_sec(1763861240) + 999999, *state),
                        "2025-11-23T01:27:20Z");
    assert_string_equal(mq_time_iso(-1, *state), "1969-12-31T23:59:59Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_zones_of_the_database_exist),
        cmocka_unit_test(a_zone_may_be_opened_later),
        cmocka_unit_test(every_zone_that_is_offered_exists),
        cmocka_unit_test(the_zones_of_the_browsers_country_come_first),
        cmocka_unit_test(an_instant_is_shown_on_the_zones_clock),
        cmocka_unit_test(a_remembered_offset_is_not_used_beyond_its_end),
        cmocka_unit_test(today_depends_on_the_zone),
        cmocka_unit_test(a_day_begins_at_its_first_instant),
        cmocka_unit_test(days_and_instants_agree_for_eight_centuries),
        cmocka_unit_test(files_have_instants_in_utc),
    };

    apr_initialize();
    return cmocka_run_group_tests_name("base/date_zone", tests, pool_open, pool_close);
}

/* date_zone.c -- instants in a time zone: the civil day, the beginning of a day, date and time as
 * text. ICU knows the zones' rules; the calendar is computed here. The calendar days of people
 * are in date.c. */
#include "base/date.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <unicode/ucal.h>
#include <unicode/uenum.h>
#include <unicode/uloc.h>

enum { ZONE_NAME_MAX = 64 };

#define DAY_LENGTH APR_TIME_C(86400000000)

struct mq_zone_t {
    UCalendar *calendar; /* NULL for UTC */
    const char *later;   /* the zone's name until somebody asks for it */
    apr_pool_t *pool;    /* likewise */
    apr_time_t from;     /* offset holds from here ... */
    apr_time_t until;    /* ... to just before here */
    apr_time_t offset;   /* added to UTC gives the zone's clock */
};

static apr_status_t calendar_close(void *data)
{
    ucal_close(data);
    return APR_SUCCESS;
}

apr_status_t mq_zone_open(mq_zone_t **zone_out, const char *name, apr_pool_t *pool)
{
    mq_zone_t *zone = apr_pcalloc(pool, sizeof *zone);
    UErrorCode error = U_ZERO_ERROR;
    UBool known = 0;
    UChar wide[ZONE_NAME_MAX + 1];
    UChar canonical[ZONE_NAME_MAX + 1];
    int32_t length = (int32_t)strnlen(name, ZONE_NAME_MAX + 1);

    *zone_out = NULL;
    if (strcmp(name, "UTC") == 0) {
        *zone_out = zone;
        return APR_SUCCESS;
    }
    if (length == 0 || length > ZONE_NAME_MAX) {
        return MQ_EINVALID;
    }
    for (int32_t i = 0; i < length; i++) {
        wide[i] = (unsigned char)name[i];
    }
    /* ucal_open takes any name, for UTC where it knows none */
    ucal_getCanonicalTimeZoneID(wide, length, canonical, ZONE_NAME_MAX + 1, &known, &error);
    if (U_FAILURE(error) || !known) {
        return MQ_EINVALID;
    }
    zone->calendar = ucal_open(wide, length, "", UCAL_GREGORIAN, &error);
    if (U_FAILURE(error)) {
        return MQ_EBUG;
    }
    apr_pool_cleanup_register(pool, zone->calendar, calendar_close, apr_pool_cleanup_null);
    *zone_out = zone;
    return APR_SUCCESS;
}

mq_zone_t *mq_zone_later(const char *name, apr_pool_t *pool)
{
    mq_zone_t *zone = apr_pcalloc(pool, sizeof *zone);
    zone->later = name;
    zone->pool = pool;
    return zone;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* ICU's list has one name for each place, but the former one where IANA has renamed it. */
static const char *name_now(const char *name)
{
    static const char *const renamed[][2] = {
        {"Africa/Asmera", "Africa/Asmara"},
        {"America/Buenos_Aires", "America/Argentina/Buenos_Aires"},
        {"America/Catamarca", "America/Argentina/Catamarca"},
        {"America/Coral_Harbour", "America/Atikokan"},
        {"America/Cordoba", "America/Argentina/Cordoba"},
        {"America/Godthab", "America/Nuuk"},
        {"America/Indianapolis", "America/Indiana/Indianapolis"},
        {"America/Jujuy", "America/Argentina/Jujuy"},
        {"America/Louisville", "America/Kentucky/Louisville"},
        {"America/Mendoza", "America/Argentina/Mendoza"},
        {"Asia/Calcutta", "Asia/Kolkata"},
        {"Asia/Katmandu", "Asia/Kathmandu"},
        {"Asia/Rangoon", "Asia/Yangon"},
        {"Asia/Saigon", "Asia/Ho_Chi_Minh"},
        {"Atlantic/Faeroe", "Atlantic/Faroe"},
        {"Europe/Kiev", "Europe/Kyiv"},
        {"Pacific/Enderbury", "Pacific/Kanton"},
        {"Pacific/Ponape", "Pacific/Pohnpei"},
        {"Pacific/Truk", "Pacific/Chuuk"}};
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++) {
        if (strcmp(renamed[i][0], name) == 0) {
            return renamed[i][1];
        }
    }
    return name;
}

static int is_among(const apr_array_header_t *names, int count, const char *name)
{
    int i = 0;
    while (i < count && strcmp(APR_ARRAY_IDX(names, i, const char *), name) != 0) {
        i++;
    }
    return i < count;
}

/* @param first the number of names that stand for themselves, and are not added once more */
static void name_add(apr_array_header_t *names, int first, const char *name, apr_pool_t *pool)
{
    mq_zone_t *zone;
    const char *now = name_now(name);
    if (strchr(name, '/') && mq_zone_open(&zone, now, pool) != APR_SUCCESS) {
        now = name; /* older data of ICU's */
    }
    if (strchr(name, '/') && strncmp(name, "Etc/", 4) != 0 && !is_among(names, first, now)) {
        APR_ARRAY_PUSH(names, const char *) = apr_pstrdup(names->pool, now);
    }
}

/* @param region ISO 3166; NULL: of all */
static apr_status_t names_add(apr_array_header_t *names, const char *region)
{
    UErrorCode error = U_ZERO_ERROR;
    UEnumeration *all =
        ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, region, NULL, &error);
    int first = names->nelts;
    apr_pool_t *turn;
    const char *name;
    MQ_TRY(apr_pool_create(&turn, names->pool));
    while (U_SUCCESS(error) && (name = uenum_next(all, NULL, &error)) != NULL) {
        apr_pool_clear(turn);
        name_add(names, first, name, turn);
    }
    apr_pool_destroy(turn);
    uenum_close(all);
    qsort(names->elts + (size_t)first * (size_t)names->elt_size, (size_t)(names->nelts - first),
          (size_t)names->elt_size, by_name);
    return U_SUCCESS(error) ? APR_SUCCESS : MQ_EBUG;
}

/* What a browser asks for names a country ("en-US,en;q=0.5"), or most likely means one ("fr"). */
static int region_of(char *region_out, const char *accept)
{
    char tag[ULOC_FULLNAME_CAPACITY] = {0};
    char likely[ULOC_FULLNAME_CAPACITY];
    UErrorCode error = U_ZERO_ERROR;
    apr_size_t length = accept ? strcspn(accept, ",; \t") : 0;
    if (length == 0 || length >= sizeof tag) {
        return 0;
    }
    memcpy(tag, accept, length);
    uloc_addLikelySubtags(tag, likely, sizeof likely, &error);
    uloc_getCountry(likely, region_out, ULOC_COUNTRY_CAPACITY, &error);
    return U_SUCCESS(error) && *region_out;
}

apr_status_t mq_zone_names(apr_array_header_t **names_out, const char *accept, apr_pool_t *pool)
{
    apr_array_header_t *names = apr_array_make(pool, 500, sizeof(const char *));
    char region[ULOC_COUNTRY_CAPACITY] = {0};
    if (region_of(region, accept)) {
        MQ_TRY(names_add(names, region));
    }
    APR_ARRAY_PUSH(names, const char *) = "UTC";
    *names_out = names;
    return names_add(names, NULL);
}

static apr_time_t floor_divide(apr_time_t value, apr_time_t by)
{
    return value / by - (value % by < 0);
}

/** Fill from, until and offset for an instant. Whatever ICU cannot tell is UTC. */
static void rule_find(mq_zone_t *zone, apr_time_t when)
{
    UErrorCode error = U_ZERO_ERROR;
    UDate at;

    zone->from = when;
    zone->until = when; /* nothing is remembered unless both ends become known */
    ucal_setMillis(zone->calendar, (UDate)floor_divide(when, 1000), &error);
    zone->offset = (ucal_get(zone->calendar, UCAL_ZONE_OFFSET, &error) +
                    ucal_get(zone->calendar, UCAL_DST_OFFSET, &error)) *
                   APR_TIME_C(1000);
    if (U_FAILURE(error)) {
        zone->offset = 0;
        return;
    }
    if (!ucal_getTimeZoneTransitionDate(zone->calendar, UCAL_TZ_TRANSITION_NEXT, &at, &error)) {
        at = 253402300800000.0; /* the year 10000 */
    }
    zone->until = (apr_time_t)at * 1000;
    if (ucal_getTimeZoneTransitionDate(zone->calendar, UCAL_TZ_TRANSITION_PREVIOUS_INCLUSIVE, &at,
                                       &error)) {
        zone->from = (apr_time_t)at * 1000;
    }
}

/* A zone of mq_zone_later: whatever ICU cannot open is UTC. */
static void open_now(mq_zone_t *zone)
{
    mq_zone_t *opened;
    if (mq_zone_open(&opened, zone->later, zone->pool) == APR_SUCCESS) {
        zone->calendar = opened->calendar;
    }
    zone->later = NULL;
}

static apr_time_t offset_at(mq_zone_t *zone, apr_time_t when)
{
    if (zone && zone->later) {
        open_now(zone);
    }
    if (zone == NULL || zone->calendar == NULL) {
        return 0;
    }
    if (when < zone->from || when >= zone->until) {
        rule_find(zone, when);
    }
    return zone->offset;
}

int mq_zone_offset(mq_zone_t *zone, apr_time_t when)
{
    return (int)(offset_at(zone, when) / apr_time_from_sec(60));
}

/** @return the days from 1970-01-01 to a day. Years begin in March here, so that the leap day is
 * their last; 400 of them have 146,097 days. */
static apr_time_t days_from_civil(const mq_day_t *day)
{
    int year = day->year - (day->month <= 2);
    int era = year / 400;
    int year_of_era = year % 400;
    int day_of_year = (153 * (day->month + (day->month > 2 ? -3 : 9)) + 2) / 5 + day->day - 1;

    return (apr_time_t)era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
           day_of_year - 719468;
}

/** The opposite of days_from_civil. */
static void civil_from_days(mq_day_t *day_out, apr_time_t days)
{
    apr_time_t shifted = days + 719468;
    apr_time_t era = floor_divide(shifted, 146097);
    int day_of_era = (int)(shifted - era * 146097);
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (5 * day_of_year + 2) / 153; /* 0 is March */

    day_out->day = day_of_year - (153 * month + 2) / 5 + 1;
    day_out->month = month + (month < 10 ? 3 : -9);
    day_out->year = (int)(year_of_era + era * 400) + (day_out->month <= 2);
}

void mq_date_today(mq_day_t *today_out, apr_time_t now, mq_zone_t *zone)
{
    civil_from_days(today_out, floor_divide(now + offset_at(zone, now), DAY_LENGTH));
}

apr_time_t mq_date_begins(const mq_day_t *day, mq_zone_t *zone)
{
    mq_day_t first = {day->year, day->month > 0 ? day->month : 1, day->day > 0 ? day->day : 1};
    apr_time_t midnight = days_from_civil(&first) * DAY_LENGTH; /* on the zone's clock */
    apr_time_t offset_before = offset_at(zone, midnight - DAY_LENGTH);
    apr_time_t offset_after = offset_at(zone, midnight + DAY_LENGTH);

    if (offset_at(zone, midnight - offset_before) == offset_before) {
        return midnight - offset_before;
    }
    if (offset_at(zone, midnight - offset_after) == offset_after) {
        return midnight - offset_after;
    }
    offset_at(zone, midnight - offset_before); /* the clock skips midnight: the day begins ... */
    return zone->from;                         /* ... with the rule that is valid afterwards */
}

const char *mq_time_format(apr_time_t when, mq_zone_t *zone, const mq_date_style_t *style,
                           apr_pool_t *pool)
{
    apr_time_t local = when + offset_at(zone, when);
    int minute = (int)(floor_divide(local, apr_time_from_sec(60)) % 1440);
    mq_day_t day;

    if (minute < 0) {
        minute += 1440; /* before 1970 */
    }
    mq_date_today(&day, when, zone);
    return apr_psprintf(pool, "%s %02d:%02d", mq_date_format(mq_date_iso(&day, pool), style, pool),
                        minute / 60, minute % 60);
}

const char *mq_time_iso(apr_time_t when, apr_pool_t *pool)
{
    apr_time_t seconds = floor_divide(when, apr_time_from_sec(1));
    int second = (int)(seconds - floor_divide(seconds, 86400) * 86400);
    mq_day_t day;

    civil_from_days(&day, floor_divide(seconds, 86400));
    return apr_psprintf(pool, "%sT%02d:%02d:%02dZ", mq_date_iso(&day, pool), second / 3600,
                        second / 60 % 60, second % 60);
}

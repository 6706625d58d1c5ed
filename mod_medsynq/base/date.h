/* date.h -- dates of birth, which are text and never pass through a time zone; and instants, which
 * are UTC microseconds and are shown in the organisation's zone. Knowledge of zones is ICU's. */
#ifndef MQ_BASE_DATE_H
#define MQ_BASE_DATE_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

#include "base/status.h"

/** A day of the proleptic Gregorian calendar. */
typedef struct mq_day_t {
    int year;  /* 1 to 9999 */
    int month; /* 1 to 12; 0 unknown */
    int day;   /* 1 to 31; 0 unknown */
} mq_day_t;

/** How an organisation writes dates. The numbers are stored: never change one. */
typedef enum {
    MQ_DATE_ISO,         /* 1975-04-03 */
    MQ_DATE_DMY_DOTS,    /* 03.04.1975 */
    MQ_DATE_DMY_SLASHES, /* 03/04/1975 */
    MQ_DATE_MDY_SLASHES, /* 04/03/1975 */
    MQ_DATE_WORDS,       /* 3 Apr 1975 */
    MQ_DATE_FORMATS
} mq_date_format_t;

/** How dates are written and read for one person. Where a style is NULL, below, it is ISO. */
typedef struct mq_date_style_t {
    mq_date_format_t format;
    const char *const *months; /* 12 short names for MQ_DATE_WORDS, then 12 long ones, which can
                                * be typed as well; NULL: English */
} mq_date_style_t;

/** French months as mq_date_style_t has them, for files that come from anywhere. */
extern const char *const mq_date_months_french[24];

/** What a date in numbers says about the order of its parts. The numbers are stored. */
typedef enum {
    MQ_DATE_ORDER_PLAIN = 0,   /* nothing: it has only one reading, or none */
    MQ_DATE_ORDER_DAY_FIRST,   /* 23/04/1975 */
    MQ_DATE_ORDER_MONTH_FIRST, /* 04/23/1975 */
    MQ_DATE_ORDER_EITHER       /* 03/04/1975: two readings */
} mq_date_order_t;

typedef enum {
    MQ_BIRTH_DATE_OK,
    MQ_BIRTH_DATE_MALFORMED,       /* not YYYY, YYYY-MM or YYYY-MM-DD */
    MQ_BIRTH_DATE_NOT_IN_CALENDAR, /* such as 30 February */
    MQ_BIRTH_DATE_IN_FUTURE,
    MQ_BIRTH_DATE_TOO_OLD /* more than 140 years ago */
} mq_birth_date_fault_t;

enum { MQ_BIRTH_DATE_MAX_YEARS = 140 };

/** Read YYYY, YYYY-MM or YYYY-MM-DD. @return MQ_EINVALID something else, or not in the calendar */
apr_status_t mq_date_parse(mq_day_t *day_out, const char *iso);

/** Check a birth date (YYYY, YYYY-MM or YYYY-MM-DD) against the calendar and today. A month or year
 * that has begun is not in the future. */
mq_birth_date_fault_t mq_birth_date_check(const char *iso, const mq_day_t *today);

/**
 * Read a date as people type it: ISO (1975-04-03, 1975-04), or with dots, slashes, hyphens or
 * blanks (3.4.1975, 03/04/1975, 4/1975), day first but for MQ_DATE_MDY_SLASHES, or with a month in
 * English or in the style's language (3 Apr 1975, April 1975, 1er avril 1975), accents and capitals
 * being the same to it. Years have four digits. A bare year
 * is not taken: it may as well be part of a number.
 * @param iso_out YYYY-MM-DD or YYYY-MM, from pool; also of a day that no calendar has, so that a
 *                form can say so; NULL where it is no date at all
 * @param style   whose order and months; NULL: day first, English
 * @return MQ_EINVALID it is no date of the calendar
 */
apr_status_t mq_date_parse_typed(const char **iso_out, const char *typed,
                                 const mq_date_style_t *style, apr_pool_t *pool);

/** @return whether a typed date proves in which order it is written. What has the year first, a
 * month's name or the same number twice is plain; so is what mq_date_parse_typed does not take. */
mq_date_order_t mq_date_order(const char *typed);

/** @return an ISO date (YYYY, YYYY-MM, YYYY-MM-DD) as the organisation writes it, from pool; a text
 * that is none is returned as it is */
const char *mq_date_format(const char *iso, const mq_date_style_t *style, apr_pool_t *pool);

/** @return YYYY-MM-DD (or shorter where day or month is 0), from pool */
const char *mq_date_iso(const mq_day_t *day, apr_pool_t *pool);

/** A time zone, opened for one request: not to be shared between threads. It remembers the last
 * offset, so the second instant costs next to nothing. */
typedef struct mq_zone_t mq_zone_t;

/**
 * Open a zone of the IANA database.
 * @param name for example "Europe/Berlin" or "UTC"
 * @return MQ_EINVALID there is no zone of that name
 */
apr_status_t mq_zone_open(mq_zone_t **zone_out, const char *name, apr_pool_t *pool);

/** @return a zone that is opened when it is first asked, for a request that may not need it. A name
 * that is none, or NULL, is UTC. */
mq_zone_t *mq_zone_later(const char *name, apr_pool_t *pool);

/** Find the names of the zones that people choose from (const char *): those of the country that
 * a browser's language is of, "UTC", and all others, by the alphabet. It takes a millisecond: for
 * the pages that ask for a zone alone.
 * @param accept Accept-Language as it was sent, or NULL */
apr_status_t mq_zone_names(apr_array_header_t **names_out, const char *accept, apr_pool_t *pool);

/** @return the minutes that the zone is ahead of UTC at an instant */
int mq_zone_offset(mq_zone_t *zone, apr_time_t when);

/** The civil date at an instant. zone NULL is UTC, here and below. */
void mq_date_today(mq_day_t *today_out, apr_time_t now, mq_zone_t *zone);

/** The instant at which a day (or month, or year) begins in the zone, for filters from/to. Where
 * the clock skips midnight it is the first instant of the day. */
apr_time_t mq_date_begins(const mq_day_t *day, mq_zone_t *zone);

/** @return date and 24-hour time as in "03.04.1975 14:05", from pool */
const char *mq_time_format(apr_time_t when, mq_zone_t *zone, const mq_date_style_t *style,
                           apr_pool_t *pool);

/** @return an instant as in "2026-11-23T01:27:20Z" for <time datetime> and files, from pool */
const char *mq_time_iso(apr_time_t when, apr_pool_t *pool);

#endif

/* date.c -- dates of birth and other calendar days: checking, reading and writing them. No time
 * zone occurs here; instants are in date_zone.c. */
#include "base/date.h"

#include <string.h>

#include <apr_cstr.h>
#include <apr_strings.h>

enum { WORDS_MAX = 3, TYPED_MAX = 40 };

static const char *const month_names[12] = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

const char *const mq_date_months_french[24] = {
    "janv.", "févr.", "mars",    "avr.", "mai",       "juin",    "juil.",    "août",
    "sept.", "oct.",  "nov.",    "déc.", "janvier",   "février", "mars",     "avril",
    "mai",   "juin",  "juillet", "août", "septembre", "octobre", "novembre", "décembre"};

/** @return whether the known parts exist; a day needs a month */
static int is_in_calendar(const mq_day_t *day)
{
    if (day->year < 1 || day->year > 9999 || day->month < 0 || day->month > 12 || day->day < 0) {
        return 0;
    }
    return day->month == 0 ? day->day == 0 : day->day <= days_in_month(day->year, day->month);
}

/** Read exactly count digits. @return -1 if there are other characters */
static int digits_read(const char *text, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++) {
        if (!is_digit(text[i])) {
            return -1;
        }
        value = 10 * value + text[i] - '0';
    }
    return value;
}

/** Read exactly two digits. @return below 0 if there are other characters */
static int two_digits_read(const char *text)
{
    return is_digit(text[0]) && is_digit(text[1]) ? 10 * (text[0] - '0') + text[1] - '0' : -1;
}

/** Read exactly four digits, likewise; fifty of them for a page of patients. */
static int year_read(const char *text)
{
    int century = two_digits_read(text);
    int year = century < 0 ? -1 : two_digits_read(text + 2);

    return year < 0 ? -1 : 100 * century + year;
}

/** Read the shape of an ISO date; the numbers may still be in no calendar.
 * @return its length: 4, 7 or 10; 0 when it has no such shape */
static int shape_read(mq_day_t *day_out, const char *iso)
{
    memset(day_out, 0, sizeof *day_out);
    if ((day_out->year = year_read(iso)) < 0) {
        return 0;
    }
    if (!iso[4]) {
        return 4;
    }
    if (iso[4] != '-' || (day_out->month = two_digits_read(iso + 5)) < 0) {
        return 0;
    }
    if (!iso[7]) {
        return 7;
    }
    return iso[7] == '-' && (day_out->day = two_digits_read(iso + 8)) >= 0 && !iso[10] ? 10 : 0;
}

/** @return whether a shape that was read names something of the calendar; a month 00 does not */
static int shape_is_in_calendar(const mq_day_t *day, int length)
{
    return is_in_calendar(day) && (length < 7 || day->month > 0) && (length < 10 || day->day > 0);
}

apr_status_t mq_date_parse(mq_day_t *day_out, const char *iso)
{
    int length = shape_read(day_out, iso);

    if (length && shape_is_in_calendar(day_out, length)) {
        return APR_SUCCESS;
    }
    memset(day_out, 0, sizeof *day_out);
    return MQ_EINVALID;
}

/** @return below, at or above 0 as a is before, like or after b, as far as a's parts are known */
static int known_parts_compare(const mq_day_t *a, const mq_day_t *b)
{
    if (a->year != b->year || a->month == 0) {
        return a->year - b->year;
    }
    return a->month != b->month || a->day == 0 ? a->month - b->month : a->day - b->day;
}

static mq_birth_date_fault_t birth_date_read(mq_day_t *birth_out, const char *iso,
                                             const mq_day_t *today)
{
    mq_day_t oldest = *today;
    int length = shape_read(birth_out, iso);

    if (!length) {
        return MQ_BIRTH_DATE_MALFORMED;
    }
    if (!shape_is_in_calendar(birth_out, length)) {
        return MQ_BIRTH_DATE_NOT_IN_CALENDAR;
    }
    if (known_parts_compare(birth_out, today) > 0) {
        return MQ_BIRTH_DATE_IN_FUTURE;
    }
    oldest.year -= MQ_BIRTH_DATE_MAX_YEARS;
    return known_parts_compare(birth_out, &oldest) < 0 ? MQ_BIRTH_DATE_TOO_OLD : MQ_BIRTH_DATE_OK;
}

mq_birth_date_fault_t mq_birth_date_check(const char *iso, const mq_day_t *today)
{
    mq_day_t birth;

    return birth_date_read(&birth, iso, today);
}

/* ---- dates as people type them ---- */

/** A number or a word between separators. */
typedef struct part_t {
    const char *text;
    apr_size_t length;
    int number; /* -1 for a word */
} part_t;

/** @return the length of the "er" in "1er avril", of the "rd" in "3rd April" */
static apr_size_t ordinal_length(const char *number, apr_size_t digits)
{
    static const char *const endings[] = {"er", "st", "nd", "rd", "th"};
    const char *ending = number + digits;

    for (size_t i = 0; digits > 0 && digits <= 2 && i < sizeof endings / sizeof *endings; i++) {
        if (apr_cstr_casecmpn(ending, endings[i], 2) == 0 && strchr(" .,-/", ending[2])) {
            return 2;
        }
    }
    return 0;
}

/** Cut a typed date into numbers and words. @return how many there are, or -1 */
static int parts_read(part_t parts[WORDS_MAX], const char *typed)
{
    int count = 0;

    while (*typed != '\0') {
        apr_size_t separators = strspn(typed, " ./-,");
        part_t part = {typed + separators, 0, -1};
        apr_size_t digits = strspn(part.text, "0123456789");

        part.length = digits > 0 ? digits : strcspn(part.text, " ./-,0123456789");
        typed = part.text + part.length + ordinal_length(part.text, digits);
        if (part.length == 0) {
            return separators > 0 ? count : -1; /* separators at the end are no harm: "3.4." */
        }
        if (count == WORDS_MAX || digits > 4) {
            return -1;
        }
        if (digits > 0) {
            part.number = digits_read(part.text, (int)digits);
        }
        parts[count++] = part;
    }
    return count;
}

/** @return the next letter in lower case and without the accent that French months have, as "FE" of
 * "FÉVRIER"; 0 at the end */
static int letter_next(const char **at, const char *end)
{
    unsigned char c = *at < end ? (unsigned char)*(*at)++ : 0;

    if (c == 0xc3 && *at < end) { /* U+00C0 to U+00FF; a small letter is 0x20 after its capital */
        c = (unsigned char)*(*at)++ & 0xdf;
        return c >= 0x88 && c <= 0x8b ? 'e' : c >= 0x99 && c <= 0x9c ? 'u' : c;
    }
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/** @return whether a word is the beginning of a long name, and at least its short one: "avr.",
 * "avril" and "AVRIL", but neither "av" nor "avrila" */
static int is_named(const part_t *part, const char *short_name, const char *long_name)
{
    const char *word = part->text;
    const char *word_end = word + part->length;
    const char *least = short_name;
    const char *least_end = least + strcspn(least, ".");
    int letter;

    while ((letter = letter_next(&word, word_end)) != 0) {
        if (letter != letter_next(&long_name, long_name + strlen(long_name))) {
            return 0;
        }
        (void)letter_next(&least, least_end);
    }
    return least == least_end;
}

/** @return 1 to 12 for an English month or its first three or more letters, or one of the style;
 * else 0 */
static int month_of(const part_t *part, const mq_date_style_t *style)
{
    if (part->number >= 0) {
        return part->length <= 2 ? part->number : 0;
    }
    for (int month = 1; style && style->months && month <= 12; month++) {
        if (is_named(part, style->months[month - 1], style->months[month + 11])) {
            return month;
        }
    }
    for (int month = 1; month <= 12; month++) {
        const char *name = month_names[month - 1];

        if (part->length >= 3 && part->length <= strlen(name) &&
            apr_cstr_casecmpn(part->text, name, part->length) == 0) {
            return month;
        }
    }
    return 0;
}

/** @return whether a part is a year: four digits */
static int is_year(const part_t *part)
{
    return part->number >= 0 && part->length == 4;
}

/** @return the day of the month, or 0 if it cannot be one */
static int day_of(const part_t *part)
{
    return part->number >= 0 && part->length <= 2 ? part->number : 0;
}

apr_status_t mq_date_parse_typed(const char **iso_out, const char *typed,
                                 const mq_date_style_t *style, apr_pool_t *pool)
{
    part_t parts[WORDS_MAX];
    const part_t *last;
    mq_day_t day = {0};
    int count = strnlen(typed, TYPED_MAX + 1) <= TYPED_MAX ? parts_read(parts, typed) : -1;

    *iso_out = NULL;
    if (count < 2) {
        return MQ_EINVALID;
    }
    last = &parts[count - 1];
    if (is_year(&parts[0])) { /* 1975-04-03 */
        day.year = parts[0].number;
        day.month = month_of(&parts[1], style);
        day.day = count == 3 ? day_of(last) : 0;
    } else if (is_year(last)) {
        int month_first = count == 2 || parts[0].number < 0 || /* 4/1975; Apr 3, 1975 */
                          (parts[1].number >= 0 && style && style->format == MQ_DATE_MDY_SLASHES);

        day.year = last->number;
        day.month = month_of(&parts[month_first ? 0 : 1], style);
        day.day = count == 3 ? day_of(&parts[month_first ? 1 : 0]) : 0;
    }
    if (day.month == 0 || (count == 3 && day.day == 0)) {
        return MQ_EINVALID;
    }
    *iso_out = mq_date_iso(&day, pool);
    return is_in_calendar(&day) ? APR_SUCCESS : MQ_EINVALID;
}

/** @return whether these numbers are a day of the calendar */
static int is_day(const part_t *year, const part_t *month, const part_t *number)
{
    const mq_day_t day = {year->number, month->number, number->number};

    return day.month > 0 && day.day > 0 && is_in_calendar(&day);
}

mq_date_order_t mq_date_order(const char *typed)
{
    part_t parts[WORDS_MAX];
    int day_first;
    int month_first;

    if (!is_digit(*typed) || strnlen(typed, TYPED_MAX + 1) > TYPED_MAX ||
        parts_read(parts, typed) != WORDS_MAX || !is_year(&parts[2]) || !day_of(&parts[0]) ||
        !day_of(&parts[1])) {
        return MQ_DATE_ORDER_PLAIN;
    }
    day_first = is_day(&parts[2], &parts[1], &parts[0]);
    month_first = is_day(&parts[2], &parts[0], &parts[1]);
    if (day_first && month_first) {
        return parts[0].number == parts[1].number ? MQ_DATE_ORDER_PLAIN : MQ_DATE_ORDER_EITHER;
    }
    return day_first     ? MQ_DATE_ORDER_DAY_FIRST
           : month_first ? MQ_DATE_ORDER_MONTH_FIRST
                         : MQ_DATE_ORDER_PLAIN;
}

/* ---- writing ---- */

/* By hand: a table of patients has fifty dates, and a formatter costs ten times as much. */
static char *digits_write(char *at, int value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + count;
}

/* Two or three numbers; a negative one is left out with the separator before it. */
static const char *numbers_write(const int numbers[3], const int widths[3], char separator,
                                 apr_pool_t *pool)
{
    char *text = apr_palloc(pool, sizeof "1975-04-03");
    char *at = text;

    for (int i = 0; i < 3; i++) {
        if (numbers[i] >= 0) {
            if (at != text) {
                *at++ = separator;
            }
            at = digits_write(at, numbers[i], widths[i]);
        }
    }
    *at = '\0';
    return text;
}

const char *mq_date_iso(const mq_day_t *day, apr_pool_t *pool)
{
    const int numbers[] = {day->year, day->month ? day->month : -1,
                           day->month && day->day ? day->day : -1};
    const int widths[] = {4, 2, 2};

    return numbers_write(numbers, widths, '-', pool);
}

static const char *in_words(const mq_day_t *day, const mq_date_style_t *style, apr_pool_t *pool)
{
    const char *name = style->months ? style->months[day->month - 1] : month_names[day->month - 1];
    apr_size_t length = style->months ? strlen(name) : 3;
    char *text = apr_palloc(pool, sizeof "23  1975" + length);
    char *at = text;

    if (day->day) {
        at = digits_write(at, day->day, day->day < 10 ? 1 : 2);
        *at++ = ' ';
    }
    memcpy(at, name, length);
    at += length;
    *at++ = ' ';
    at = digits_write(at, day->year, 4);
    *at = '\0';
    return text;
}

static const char *year_last(const mq_day_t *day, int month_first, char separator, apr_pool_t *pool)
{
    int number = day->day ? day->day : -1;
    const int numbers[] = {month_first ? day->month : number, month_first ? number : day->month,
                           day->year};
    const int widths[] = {2, 2, 4};

    return numbers_write(numbers, widths, separator, pool);
}

const char *mq_date_format(const char *iso, const mq_date_style_t *style, apr_pool_t *pool)
{
    mq_day_t day;

    if (!style || style->format == MQ_DATE_ISO || mq_date_parse(&day, iso) != APR_SUCCESS ||
        day.month == 0) {
        return iso;
    }
    switch (style->format) {
    case MQ_DATE_DMY_DOTS:
        return year_last(&day, 0, '.', pool);
    case MQ_DATE_DMY_SLASHES:
        return year_last(&day, 0, '/', pool);
    case MQ_DATE_MDY_SLASHES:
        return year_last(&day, 1, '/', pool);
    case MQ_DATE_WORDS:
        return in_words(&day, style, pool);
    case MQ_DATE_ISO:
    default:
        return iso;
    }
}

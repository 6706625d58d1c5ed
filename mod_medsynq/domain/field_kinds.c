/* field_kinds.c -- cleaning and judging one value by its rule. */
#include "domain/field_kinds.h"

#include <apr_strings.h>
#include <string.h>

#include "base/text.h"

const mq_field_rule_t mq_name_rule = {MQ_FIELD_LINE, MQ_LIMIT_NAME, NULL};
const mq_field_rule_t mq_email_rule = {MQ_FIELD_EMAIL, MQ_LIMIT_EMAIL, NULL};
const mq_field_rule_t mq_notes_rule = {MQ_FIELD_BLOCK, MQ_LIMIT_NOTES, NULL};

int mq_field_is_date(mq_field_kind_t kind)
{
    return kind == MQ_FIELD_BIRTH_DATE || kind == MQ_FIELD_PAST_DATE || kind == MQ_FIELD_DAY ||
           kind == MQ_FIELD_DATE;
}

int mq_field_most(const mq_field_rule_t *rule)
{
    return mq_field_is_date(rule->kind) ? MQ_LIMIT_DATE : rule->limit;
}

/* How many bytes are looked at. Cleaning leaves out blanks and puts letters and marks together (a
 * Korean syllable may come as three letters of three bytes each), so that more may be typed than is
 * kept; but not without end. */
static apr_size_t bytes_most(const mq_field_rule_t *rule)
{
    enum { OF_CHARACTER = 12, OF_BYTE = 4 };
    return (apr_size_t)mq_field_most(rule) *
           (rule->kind == MQ_FIELD_BLOCK ? OF_BYTE : OF_CHARACTER);
}

static int is_too_long(const mq_field_rule_t *rule, const char *text)
{
    apr_size_t length =
        rule->kind == MQ_FIELD_BLOCK ? strlen(text) : (apr_size_t)mq_text_count(text);
    return length > (apr_size_t)mq_field_most(rule);
}

mq_field_fault_t mq_field_clean(const char **text_out, const mq_field_rule_t *rule,
                                const char *typed, apr_pool_t *pool)
{
    const char *text = typed;
    apr_status_t rv = APR_SUCCESS;
    *text_out = NULL;
    if (strlen(typed) > bytes_most(rule)) {
        return MQ_FAULT_TOO_LONG;
    }
    if (!mq_text_is_stream_safe(typed)) {
        return MQ_FAULT_MARKS;
    }
    if (mq_field_is_date(rule->kind) || rule->kind == MQ_FIELD_AGE) {
        typed = mq_text_plain_digits(typed, pool);
    }
    switch (rule->kind) {
    case MQ_FIELD_PASSWORD:
    case MQ_FIELD_NEW_PASSWORD:
        text = mq_text_nfc(typed, pool);
        break;
    case MQ_FIELD_BLOCK:
        rv = mq_text_clean_block(&text, typed, pool);
        break;
    default:
        rv = mq_text_clean_line(&text, typed, pool);
    }
    if (rv != APR_SUCCESS) {
        return MQ_FAULT_CHARACTERS;
    }
    if (is_too_long(rule, text)) {
        return MQ_FAULT_TOO_LONG;
    }
    if (rule->kind != MQ_FIELD_PASSWORD && rule->kind != MQ_FIELD_NEW_PASSWORD &&
        mq_text_is_unseen(text)) {
        text = ""; /* nobody has typed anything that anybody can read */
    }
    *text_out = text;
    return MQ_FAULT_NONE;
}

static mq_field_fault_t date_judge(const char *iso, const mq_day_t *today)
{
    switch (mq_birth_date_check(iso, today)) {
    case MQ_BIRTH_DATE_OK:
        return MQ_FAULT_NONE;
    case MQ_BIRTH_DATE_IN_FUTURE:
        return MQ_FAULT_FUTURE;
    case MQ_BIRTH_DATE_TOO_OLD:
        return MQ_FAULT_TOO_OLD;
    case MQ_BIRTH_DATE_NOT_IN_CALENDAR:
        return MQ_FAULT_CALENDAR;
    case MQ_BIRTH_DATE_MALFORMED:
    default:
        return MQ_FAULT_DATE;
    }
}

static int is_day(const char *iso)
{
    mq_day_t day;
    return mq_date_parse(&day, iso) == APR_SUCCESS && day.day;
}

static int is_phone(const char *text, apr_pool_t *pool)
{
    size_t digits = strlen(mq_text_digits(text, pool));
    return digits >= MQ_LIMIT_PHONE_DIGITS_LEAST && digits <= MQ_LIMIT_PHONE_DIGITS;
}

static int is_age(const char *text)
{
    return strspn(text, "0123456789") == strlen(text) && apr_atoi64(text) <= MQ_LIMIT_AGE;
}

static int is_choice(const mq_choice_t *choice, const char *text)
{
    while (choice->value && strcmp(choice->value, text) != 0) {
        choice++;
    }
    return choice->value != NULL;
}

mq_field_fault_t mq_field_judge(const mq_field_rule_t *rule, const char *text,
                                const mq_day_t *today, apr_pool_t *pool)
{
    mq_day_t day;
    if (!*text) {
        return MQ_FAULT_NONE;
    }
    switch (rule->kind) {
    case MQ_FIELD_EMAIL:
        return mq_text_is_email(text) ? MQ_FAULT_NONE : MQ_FAULT_EMAIL;
    case MQ_FIELD_NEW_PASSWORD:
        return mq_text_count(text) >= MQ_LIMIT_PASSWORD_LEAST ? MQ_FAULT_NONE : MQ_FAULT_SHORT;
    case MQ_FIELD_BIRTH_DATE:
    case MQ_FIELD_PAST_DATE:
        return date_judge(text, today);
    case MQ_FIELD_DAY:
        return is_day(text) ? MQ_FAULT_NONE : MQ_FAULT_DATE;
    case MQ_FIELD_DATE:
        return mq_date_parse(&day, text) == APR_SUCCESS ? MQ_FAULT_NONE : MQ_FAULT_DATE;
    case MQ_FIELD_PHONE:
        return is_phone(text, pool) ? MQ_FAULT_NONE : MQ_FAULT_PHONE;
    case MQ_FIELD_AGE:
        return is_age(text) ? MQ_FAULT_NONE : MQ_FAULT_AGE;
    case MQ_FIELD_SELECT:
        return is_choice(rule->choices, text) ? MQ_FAULT_NONE : MQ_FAULT_CHOICE;
    case MQ_FIELD_CHECKBOX:
        return strcmp(text, "1") == 0 ? MQ_FAULT_NONE : MQ_FAULT_FLAG;
    case MQ_FIELD_LINE:
    case MQ_FIELD_PASSWORD:
    case MQ_FIELD_BLOCK:
    case MQ_FIELD_HIDDEN:
    default:
        return MQ_FAULT_NONE;
    }
}

mq_field_fault_t mq_field_check(const mq_field_rule_t *rule, const char *text,
                                const mq_day_t *today, apr_pool_t *pool)
{
    const char *clean;
    mq_field_fault_t fault;
    if (!text) {
        return MQ_FAULT_NONE;
    }
    fault = mq_field_clean(&clean, rule, text, pool);
    if (!fault && strcmp(clean, text) != 0) {
        fault = MQ_FAULT_CHARACTERS;
    }
    return fault ? fault : mq_field_judge(rule, text, today, pool);
}

int mq_field_holds(const mq_field_rule_t *rule, const char *text, apr_pool_t *pool)
{
    return text && *text && mq_field_check(rule, text, NULL, pool) == MQ_FAULT_NONE;
}

void mq_field_today(mq_day_t *today_out, apr_time_t now)
{
    enum { EARLIEST_ZONE = 14 * 3600 /* seconds before Greenwich */ };
    mq_date_today(today_out, now + apr_time_from_sec(EARLIEST_ZONE), NULL);
}

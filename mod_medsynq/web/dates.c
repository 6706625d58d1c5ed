/* dates.c -- base/date.c with the style, zone and digits of the request. */
#include "web/dates.h"

#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

/* Behind Arabic letters, a hyphen between two numbers turns them round: 2026-11-28 would be read as
 * the 2026th of 11. So a date stands in a run of its own: in words as its first letter goes, in
 * numbers from left to right; and where the digits are the script's own from right to left as they
 * are read, which every separator has to be told (U+200F), as Unicode's CLDR has it. */
static const char *isolate(const mq_request_t *rq, const char *text)
{
    static const char left_to_right[] = "\u2066";
    static const char right_to_left[] = "\u2067";
    static const char as_first_letter[] = "\u2068";
    static const char end[] = "\u2069";
    static const char mark[] = "\u200f";
    mq_buffer_t *out = mq_buffer_make(rq->pool, 2 * strlen(text) + sizeof left_to_right);
    int turns = rq->script.digits && rq->dates.format != MQ_DATE_WORDS;
    mq_buffer_text(out, turns                               ? right_to_left
                        : rq->dates.format == MQ_DATE_WORDS ? as_first_letter
                                                            : left_to_right);
    for (; *text; text++) {
        if (turns && strchr("-./", *text)) {
            mq_buffer_text(out, mark);
        }
        mq_buffer_add(out, text, 1);
    }
    mq_buffer_text(out, end);
    return mq_buffer_string(out);
}

const char *mq_digits_say(const mq_request_t *rq, const char *number)
{
    return mq_script_with_digits(number, rq->script.digits, rq->pool);
}

static const char *shown(const mq_request_t *rq, const char *text)
{
    text = mq_digits_say(rq, text);
    return rq->script.is_right_to_left ? isolate(rq, text) : text;
}

const char *mq_date_say(const mq_request_t *rq, const char *iso)
{
    return iso ? shown(rq, mq_date_format(iso, &rq->dates, rq->pool)) : NULL;
}

const char *mq_date_say_words(const mq_request_t *rq, const char *iso)
{
    const mq_date_style_t words = {MQ_DATE_WORDS, rq->dates.months};
    return mq_digits_say(rq, mq_date_format(iso, &words, rq->pool));
}

const char *mq_time_say(const mq_request_t *rq, apr_time_t when)
{
    return shown(rq, mq_time_format(when, rq->zone, &rq->dates, rq->pool));
}

const char *mq_time_name(const mq_request_t *rq, apr_time_t when)
{
    const mq_date_style_t words = {MQ_DATE_WORDS, rq->dates.months};
    return mq_time_format(when, rq->zone, &words, rq->pool);
}

const char *mq_time_end_say(const mq_request_t *rq, apr_time_t from, apr_time_t until)
{
    const char *begun = mq_time_format(from, rq->zone, &rq->dates, rq->pool);
    const char *text = mq_time_format(until, rq->zone, &rq->dates, rq->pool);
    const char *time = strrchr(text, ' ');
    int is_one_day = time && strncmp(text, begun, (size_t)(time - text)) == 0;
    return shown(rq, is_one_day ? time + 1 : text);
}

mq_day_t mq_today(const mq_request_t *rq)
{
    mq_day_t today;
    mq_date_today(&today, rq->now, rq->zone);
    return today;
}

const char *mq_date_example(const mq_request_t *rq)
{
    return mq_date_say(rq, "1975-04-23");
}

apr_status_t mq_day_read(mq_day_t *day_out, const mq_request_t *rq, const char *typed)
{
    const char *iso;
    typed = mq_text_plain_digits(typed, rq->pool);
    MQ_TRY(mq_date_parse_typed(&iso, typed, &rq->dates, rq->pool));
    MQ_TRY(mq_date_parse(day_out, iso));
    return day_out->day ? APR_SUCCESS : MQ_EINVALID;
}

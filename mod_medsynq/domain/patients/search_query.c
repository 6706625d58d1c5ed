/* search_query.c -- reading what was typed: words of a name, a date in one of the ways in which
 * people write it, the digits of a telephone number. */
#include "domain/patients/search_query.h"

#include <apr_strings.h>
#include <string.h>

#include "base/date.h"
#include "domain/patients/name_spellings.h"
#include "domain/patients/patient_fields.h"
#include "domain/patients/patient_index.h"

enum {
    DATE_PARTS = 3,  /* "3 Apr 1975" */
    PHONE_LEAST = 3, /* digits */
    PHONE_SURE = 9,  /* of one that is nothing else: no year, no number of a record */
    YEAR_LENGTH = 4,
    YEAR_SHORT = 2,
    DATE_LENGTH = 8, /* 03041961 */
};

static void term_add(mq_search_query_t *query, const char *term)
{
    if (query->count < MQ_SEARCH_TERMS) {
        query->others[query->count] = NULL;
        query->terms[query->count++] = term;
    }
}

static void word_add(mq_search_query_t *query, const char *word, const char *spelt)
{
    const int before = query->count;
    term_add(query, word);
    if (query->count > before) {
        query->others[query->count - 1] = mq_other_spelling(word, spelt, query->pool);
    }
}

static int is_phone_part(const char *word)
{
    return strspn(word, "0123456789+-()/.") == strlen(word) && strpbrk(word, "0123456789");
}

static int is_year(const char *word)
{
    return strlen(word) == YEAR_LENGTH && strspn(word, "0123456789") == YEAR_LENGTH &&
           (strncmp(word, "19", 2) == 0 || strncmp(word, "20", 2) == 0);
}

static const char *date_word(const mq_search_query_t *query, const char *iso)
{
    return apr_psprintf(query->pool, "%c%s", MQ_WORD_DATE, iso);
}

/* Whether day and month stand in an order that the organisation has said, or that dots say. */
static int is_order_known(const mq_search_query_t *query, const char *text)
{
    return (query->style && query->style->format != MQ_DATE_ISO &&
            query->style->format != MQ_DATE_WORDS) ||
           strchr(text, '.');
}

static const char *month_first(const mq_search_query_t *query, const char *text)
{
    const mq_date_style_t style = {MQ_DATE_MDY_SLASHES, NULL};
    const char *iso;
    return mq_date_parse_typed(&iso, text, &style, query->pool) == APR_SUCCESS ? iso : NULL;
}

/* Where the order is not known, both readings are found, and a new record is given what was typed:
 * its form asks. @return whether it is a date */
static int date_add(mq_search_query_t *query, const char *text)
{
    const mq_date_order_t order =
        is_order_known(query, text) ? MQ_DATE_ORDER_PLAIN : mq_date_order(text);
    const char *iso;
    if (order == MQ_DATE_ORDER_MONTH_FIRST) {
        iso = month_first(query, text);
    } else if (mq_date_parse_typed(&iso, text, query->style, query->pool) != APR_SUCCESS) {
        return 0;
    }
    query->has_date = 1;
    query->typed.birth_date = order == MQ_DATE_ORDER_EITHER ? text : iso;
    term_add(query, date_word(query, iso));
    if (order == MQ_DATE_ORDER_EITHER) {
        query->others[query->count - 1] = date_word(query, month_first(query, text));
    }
    return 1;
}

/* "03/04/61": of either century. */
static int short_date_take(mq_search_query_t *query, const char *text)
{
    const char *last = text + strcspn(text, "./-");
    const char *isos[2];
    last += *last != 0;
    last += strcspn(last, "./-");
    if (!*last || strlen(++last) != YEAR_SHORT || strspn(last, "0123456789") != YEAR_SHORT) {
        return 0;
    }
    for (int i = 0; i < 2; i++) {
        if (mq_date_parse_typed(
                &isos[i],
                apr_psprintf(query->pool, "%.*s%d%s", (int)(last - text), text, 20 - i, last),
                query->style, query->pool) != APR_SUCCESS) {
            return 0;
        }
    }
    query->has_date = 1;
    term_add(query, date_word(query, isos[0]));
    query->others[query->count - 1] = date_word(query, isos[1]);
    return 1;
}

/* A date of up to three parts at this place. @return how many parts it takes, 0 none */
static int date_take(mq_search_query_t *query, const apr_array_header_t *parts, int at)
{
    for (int n = DATE_PARTS; n > 0 && !query->has_date; n--) {
        const char *text = "";
        for (int i = at; i < at + n && i < parts->nelts; i++) {
            text = apr_pstrcat(query->pool, text, *text ? " " : "",
                               APR_ARRAY_IDX(parts, i, const char *), NULL);
        }
        if (at + n <= parts->nelts && date_add(query, text)) {
            return n;
        }
    }
    return !query->has_date && short_date_take(query, APR_ARRAY_IDX(parts, at, const char *));
}

/* Digits alone that may be a date: a year, 19610403, or 03041961 as the organisation writes it.
 * @return as much of an ISO date, or NULL */
static const char *date_alone(const mq_search_query_t *query, const char *digits)
{
    const char *iso = apr_psprintf(query->pool, "%.4s-%.2s-%.2s", digits,
                                   strlen(digits) == DATE_LENGTH ? digits + 4 : "",
                                   strlen(digits) == DATE_LENGTH ? digits + 6 : "");
    mq_day_t day;
    if (is_year(digits)) {
        return digits;
    }
    if (strlen(digits) != DATE_LENGTH) {
        return NULL;
    }
    if (mq_date_parse(&day, iso) == APR_SUCCESS && (iso[0] == '1' || iso[0] == '2')) {
        return iso;
    }
    return mq_date_parse_typed(
               &iso, apr_psprintf(query->pool, "%.2s/%.2s/%.4s", digits, digits + 2, digits + 4),
               query->style, query->pool) == APR_SUCCESS
               ? iso
               : NULL;
}

/* Numbers side by side are one telephone number, as people group its digits. */
static int phone_take(mq_search_query_t *query, const apr_array_header_t *parts, int at)
{
    const char *text = "";
    const char *grouped = "";
    const char *digits;
    int n = 0;
    while (at + n < parts->nelts && is_phone_part(APR_ARRAY_IDX(parts, at + n, const char *))) {
        const char *part = APR_ARRAY_IDX(parts, at + n, const char *);
        text = apr_pstrcat(query->pool, text, part, NULL);
        grouped = apr_pstrcat(query->pool, grouped, n ? " " : "", part, NULL);
        n++;
    }
    digits = mq_text_digits(text, query->pool);
    if (n == 1 && parts->nelts > 1 && is_year(text)) {
        term_add(query, apr_psprintf(query->pool, "%c%s", MQ_WORD_DATE, text));
    } else if (n == 1 && parts->nelts > 1 && strlen(digits) == YEAR_SHORT && !query->year) {
        query->year = digits;
    } else if (n && strlen(digits) >= PHONE_LEAST) {
        query->alone = parts->nelts == 1 && n == 1 ? date_alone(query, text) : NULL;
        query->typed.phone = strlen(digits) >= PHONE_SURE && strlen(digits) <= MQ_LIMIT_PHONE_DIGITS
                                 ? grouped
                                 : NULL;
        term_add(query, mq_phone_word(digits, 0, query->pool));
    } else {
        return 0;
    }
    return n;
}

static void words_take(mq_search_query_t *query, const mq_text_t *folding)
{
    const char *name = query->typed.name;
    const char *spelt =
        mq_text_search_key(folding, mq_name_spelt_out(name, query->pool), query->pool);
    const apr_array_header_t *words =
        mq_text_words(mq_text_search_key(folding, name, query->pool), query->pool);
    const apr_array_header_t *spelt_words = mq_text_words(spelt, query->pool);
    for (int i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);
        word_add(query, word,
                 spelt_words->nelts == words->nelts ? APR_ARRAY_IDX(spelt_words, i, const char *)
                                                    : word);
    }
}

/* The apostrophe of "'61", which stands for a century. */
static const char *without_apostrophe(const char *part)
{
    static const char curly[] = "\xe2\x80\x99";
    const char *digits = part;
    digits += *part == '\''                                 ? 1
              : strncmp(part, curly, sizeof curly - 1) == 0 ? sizeof curly - 1
                                                            : 0;
    return strspn(digits, "0123456789") == YEAR_SHORT && !digits[YEAR_SHORT] ? digits : part;
}

void mq_search_query_read(mq_search_query_t *query, const mq_text_t *folding, const char *typed)
{
    apr_array_header_t *parts = apr_array_make(query->pool, 8, sizeof(const char *));
    char *state;
    query->typed.name = "";
    for (char *part = apr_strtok(apr_pstrdup(query->pool, typed), " ,", &state); part;
         part = apr_strtok(NULL, " ,", &state)) {
        APR_ARRAY_PUSH(parts, const char *) = without_apostrophe(part);
    }
    for (int i = 0; i < parts->nelts;) {
        int taken = date_take(query, parts, i);
        taken = taken ? taken : phone_take(query, parts, i);
        if (!taken) {
            query->typed.name =
                apr_pstrcat(query->pool, query->typed.name, *query->typed.name ? " " : "",
                            APR_ARRAY_IDX(parts, i, const char *), NULL);
            taken = 1;
        }
        i += taken;
    }
    words_take(query, folding);
}

int mq_search_is_of_name(const char *term)
{
    return term[0] != MQ_WORD_DATE && term[0] != MQ_WORD_PHONE &&
           term[0] != MQ_WORD_PHONE_BACKWARDS;
}

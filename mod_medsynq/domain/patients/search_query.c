/* search_query.c -- reading what was typed: words of a name, a date in one of the ways in which
 * people write it, the digits of a telephone number. */
#include "domain/patients/search_query.h"

#include <apr_strings.h>
#include <string.h>

#include "base/date.h"
#include "domain/patients/name_spellings.h"
#include "domain/patients/patient_fields.h"
#include "domain/patients/patient_index.h"
#include "domain/patients/query_fillers.h"

enum {
    DATE_PARTS = 3,  /* "3 Apr 1975" */
    PHONE_LEAST = 3, /* digits */
    PHONE_END = 6,   /* that decide without the zeros before them */
    PHONE_LAST = 9,  /* what country codes, zeros and brackets leave alone */
    IDENTIFIER_LEAST = 4,
    PHONE_SURE = 9, /* of one that is nothing else: no year, no number of a record */
    YEAR_LENGTH = 4,
    YEAR_SHORT = 2,
    DATE_LENGTH = 8, /* 03041961 */
    DATE_SHORT = 6   /* 030461 */
};

static void term_add(mq_search_query_t *query, const mq_search_term_t *term)
{
    if (query->count < MQ_SEARCH_TERMS) {
        query->terms[query->count++] = *term;
        return;
    }
    if (!query->further) {
        query->further = apr_array_make(query->pool, 4, sizeof *term);
    }
    APR_ARRAY_PUSH(query->further, mq_search_term_t) = *term;
}

void mq_search_term_also(mq_search_term_t *term, const char *other)
{
    if (!other || strcmp(term->word, other) == 0) {
        return;
    }
    for (int i = 0; i < MQ_SEARCH_OTHERS; i++) {
        if (!term->others[i]) {
            term->others[i] = other;
            return;
        }
        if (strcmp(term->others[i], other) == 0) {
            return;
        }
    }
}

static void word_add(mq_search_query_t *query, const char *word, const char *spelt,
                     mq_filler_t filler)
{
    mq_search_term_t term = {.word = word, .filler = filler};
    mq_search_term_also(&term, mq_other_spelling(word, spelt, query->pool));
    mq_search_term_also(&term, mq_other_beginning(word, 0, query->pool));
    term_add(query, &term);
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

/* Whether day and month stand in an order that the organisation has said, or that dots say. */
static int is_order_known(const mq_search_query_t *query, const char *text)
{
    return (query->style && query->style->format != MQ_DATE_ISO &&
            query->style->format != MQ_DATE_WORDS) ||
           strchr(text, '.');
}

static void reading_add(mq_search_term_t *date, const mq_search_query_t *query, const char *text,
                        const mq_date_style_t *style)
{
    const char *iso;
    if (mq_date_parse_typed(&iso, text, style, query->pool) != APR_SUCCESS) {
        return;
    }
    iso = apr_psprintf(query->pool, "%c%s", MQ_WORD_DATE, iso);
    if (date->word) {
        mq_search_term_also(date, iso);
    } else {
        date->word = iso;
    }
}

/* Where the order is not known both readings are found; where a day is of the calendar in one
 * order only, it is that one. */
static void readings_add(mq_search_term_t *date, const mq_search_query_t *query, const char *text)
{
    static const mq_date_style_t day_first = {MQ_DATE_DMY_SLASHES, NULL};
    static const mq_date_style_t month_first = {MQ_DATE_MDY_SLASHES, NULL};
    const mq_date_order_t order = mq_date_order(text);
    if (order == MQ_DATE_ORDER_PLAIN ||
        (order == MQ_DATE_ORDER_EITHER && is_order_known(query, text))) {
        reading_add(date, query, text, query->style);
        return;
    }
    if (order != MQ_DATE_ORDER_MONTH_FIRST) {
        reading_add(date, query, text, &day_first);
    }
    if (order != MQ_DATE_ORDER_DAY_FIRST) {
        reading_add(date, query, text, &month_first);
    }
}

/* The year of "03/04/61" or "3 Apr 61", or NULL. */
static const char *short_year(const char *text)
{
    static const char separators[] = " ./-";
    const char *field = text;
    int fields = 1;
    for (const char *at = strpbrk(text, separators); at; at = strpbrk(at, separators)) {
        at += strspn(at, separators);
        field = at;
        fields++;
    }
    return fields == DATE_PARTS && strlen(field) == YEAR_SHORT &&
                   strspn(field, "0123456789") == YEAR_SHORT
               ? field
               : NULL;
}

/* Of either century. */
static void short_readings_add(mq_search_term_t *date, const mq_search_query_t *query,
                               const char *text, const char *year)
{
    for (int century = 19; century <= 20; century++) {
        readings_add(
            date, query,
            apr_psprintf(query->pool, "%.*s%d%s", (int)(year - text), text, century, year));
    }
}

/* A new record is given what was typed where it has more than one reading: its form asks.
 * @return whether it is a date */
static int date_add(mq_search_query_t *query, const char *text, int may_be_short)
{
    mq_search_term_t date = {.word = NULL};
    const char *year = NULL;
    readings_add(&date, query, text);
    if (!date.word && may_be_short && (year = short_year(text)) != NULL) {
        short_readings_add(&date, query, text, year);
    }
    if (!date.word) {
        return 0;
    }
    query->has_date = 1;
    query->typed.has_two_orders = date.others[0] && (!year || date.others[1]);
    query->typed.birth_date = year ? NULL : date.others[0] ? text : date.word + 1;
    term_add(query, &date);
    return 1;
}

/* Whether it has a month's name: "04 03 61" may as well be a telephone number. */
static int has_word(const char *text)
{
    return text[strspn(text, "0123456789 ./-")] != 0;
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
        if (at + n <= parts->nelts && date_add(query, text, n == 1 || has_word(text))) {
            return n;
        }
    }
    return 0;
}

/* Digits alone that may be a date: 19610403, 03041961 or 030461 as the organisation writes it. */
static void date_of_digits(mq_search_term_t *date, const mq_search_query_t *query,
                           const char *digits)
{
    const apr_size_t length = strlen(digits);
    const char *text;
    mq_day_t day;
    if (length != DATE_LENGTH && length != DATE_SHORT) {
        return;
    }
    text = apr_psprintf(query->pool, "%.4s-%.2s-%.2s", digits, digits + 4, digits + 6);
    if (length == DATE_LENGTH && (text[0] == '1' || text[0] == '2') &&
        mq_date_parse(&day, text) == APR_SUCCESS) {
        reading_add(date, query, text, NULL);
        return;
    }
    text = apr_psprintf(query->pool, "%.2s/%.2s/%s", digits, digits + 2, digits + 4);
    if (length == DATE_SHORT) {
        short_readings_add(date, query, text, short_year(text));
    } else {
        readings_add(date, query, text);
    }
}

/* Few digits behind zeros begin half of all numbers: "001" is how one ends. */
static void number_add(mq_search_query_t *query, const char *digits)
{
    const apr_size_t length = strlen(digits + strspn(digits, "0"));
    const mq_search_term_t term = {
        .word = length >= PHONE_LEAST ? mq_phone_word(digits, 0, query->pool)
                : length > 0          ? apr_pstrcat(query->pool, MQ_SEARCH_NO_NUMBER, digits, NULL)
                                      : MQ_SEARCH_NO_NUMBER};
    term_add(query, &term);
}

/* Digits alone may be in a name, too: "Newborn 1204". */
static void alone_read(mq_search_query_t *query, const char *digits)
{
    query->alone = (mq_search_term_t){.word = NULL};
    if (is_year(digits)) {
        query->alone.word = apr_psprintf(query->pool, "%c%s", MQ_WORD_DATE, digits);
    } else {
        date_of_digits(&query->alone, query, digits);
    }
    if (query->alone.word) {
        mq_search_term_also(&query->alone, digits);
    } else {
        query->alone.word = digits;
    }
}

static void year_add(mq_search_query_t *query, const char *year)
{
    const mq_search_term_t term = {.word = apr_psprintf(query->pool, "%c%s", MQ_WORD_DATE, year)};
    term_add(query, &term);
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
        year_add(query, text);
    } else if (n == 1 && parts->nelts > 1 && strlen(digits) == YEAR_SHORT && !query->year) {
        query->year = digits;
    } else if (n && strlen(digits) >= PHONE_LEAST) {
        if (n == 1 && strcmp(text, digits) == 0) {
            alone_read(query, digits);
        }
        query->typed.phone = strlen(digits) >= PHONE_SURE &&
                                     strlen(digits) <= MQ_LIMIT_PHONE_DIGITS &&
                                     digits[strspn(digits, "0")]
                                 ? grouped
                                 : NULL;
        number_add(query, digits);
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
                                                    : word,
                 words->nelts == 1           ? MQ_FILLER_NONE
                 : mq_filler_is_title(word)  ? MQ_FILLER_WORD
                 : mq_filler_is_letter(word) ? MQ_FILLER_LETTER
                                             : MQ_FILLER_NONE);
    }
}

/* Words are fillers beside a word that is none: where all are, the last of them is the name. */
static void titles_settle(mq_search_query_t *query)
{
    mq_search_term_t *name = NULL;
    for (int i = 0; i < query->count; i++) {
        mq_search_term_t *term = &query->terms[i];
        if (mq_search_is_of_name(term->word) && (!name || name->filler != MQ_FILLER_NONE)) {
            name = term;
        }
    }
    if (name) {
        name->filler = MQ_FILLER_NONE;
    }
}

/* What says that a date follows, which has been read. */
static void births_take(mq_search_query_t *query, const mq_text_t *folding,
                        const apr_array_header_t *births)
{
    const apr_array_header_t *words = mq_text_words(
        mq_text_search_key(folding, apr_array_pstrcat(query->pool, births, ' '), query->pool),
        query->pool);
    for (int i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);
        word_add(query, word, word, MQ_FILLER_WORD);
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

/* A year or a date without the brackets around it, of which a part has both or one: "(6 May 1944)".
 * Those within a telephone number stay: "+44 (0)161". */
static const char *without_brackets(const char *part, apr_pool_t *pool)
{
    const apr_size_t open = *part == '(';
    const char *inner = part + open;
    const apr_size_t length = strcspn(inner, "()");
    const int is_closed = inner[length] == ')' && !inner[length + 1];
    const char *text = apr_pstrmemdup(pool, inner, length);
    if ((inner[length] && !is_closed) || (!open && !is_closed)) {
        return part;
    }
    return open && is_closed && !is_year(text) && !strpbrk(text, "./-") ? part : text;
}

static apr_array_header_t *parts_of(const char *typed, apr_pool_t *pool)
{
    static const char separators[] = " ,:";
    apr_array_header_t *parts = apr_array_make(pool, 8, sizeof(const char *));
    char *state;
    for (char *part = apr_strtok(apr_pstrdup(pool, typed), separators, &state); part;
         part = apr_strtok(NULL, separators, &state)) {
        APR_ARRAY_PUSH(parts, const char *) = without_apostrophe(without_brackets(part, pool));
    }
    return parts;
}

/* What announces the date, year or number that was just read is no name, where something else
 * narrows. */
static void births_read(apr_array_header_t *births, apr_array_header_t *names,
                        const mq_search_query_t *query, const mq_text_t *folding, int is_number)
{
    const int is_date = query->count > 0 && query->terms[query->count - 1].word[0] == MQ_WORD_DATE;
    int n = is_number ? mq_filler_phones(folding, names, query->pool)
                      : mq_filler_births(folding, names, query->pool);
    for (; n > 0 && (is_date || is_number || names->nelts > n); n--) {
        APR_ARRAY_PUSH(births, const char *) = *(const char **)apr_array_pop(names);
    }
}

/* @return the parts that are neither date nor number */
static apr_array_header_t *parts_take(mq_search_query_t *query, const mq_text_t *folding,
                                      const apr_array_header_t *parts, apr_array_header_t *births)
{
    apr_array_header_t *names = apr_array_make(query->pool, 4, sizeof(const char *));
    int after = -1; /* where the part behind the last name is */
    for (int i = 0; i < parts->nelts;) {
        int taken = date_take(query, parts, i);
        const int count = query->count;
        int is_number;
        taken = taken ? taken : phone_take(query, parts, i);
        is_number = query->count > count && query->terms[count].word[0] == MQ_WORD_PHONE;
        if (!taken) {
            APR_ARRAY_PUSH(names, const char *) = APR_ARRAY_IDX(parts, i, const char *);
            taken = 1;
            after = i + 1;
        } else if (after == i) {
            births_read(births, names, query, folding, is_number);
        }
        i += taken;
    }
    return names;
}

void mq_search_query_read(mq_search_query_t *query, const mq_text_t *folding, const char *typed)
{
    apr_array_header_t *parts = parts_of(typed, query->pool);
    apr_array_header_t *births = apr_array_make(query->pool, 1, sizeof(const char *));
    if (strpbrk(typed, "0123456789")) {
        parts = parts_take(query, folding, parts, births);
    }
    query->typed.name = apr_array_pstrcat(query->pool, parts, ' ');
    words_take(query, folding);
    titles_settle(query);
    births_take(query, folding, births);
}

int mq_search_filler(const mq_search_query_t *query, mq_filler_t filler)
{
    for (int i = 0; i < query->count; i++) {
        if (query->terms[i].filler == filler) {
            return i;
        }
    }
    return -1;
}

void mq_search_unfill(mq_search_query_t *query, mq_filler_t filler)
{
    int kept = 0;
    for (int i = 0; i < query->count; i++) {
        if (query->terms[i].filler != filler) {
            query->terms[kept++] = query->terms[i];
        }
    }
    query->count = kept;
}

void mq_search_join(mq_search_query_t *query, int first, int last)
{
    const int fewer = last - first;
    const char *word = query->terms[first].word;
    for (int i = first + 1; i <= last; i++) {
        word = apr_pstrcat(query->pool, word, query->terms[i].word, NULL);
    }
    query->terms[first] = (mq_search_term_t){.word = word};
    mq_search_term_also(&query->terms[first], mq_other_beginning(word, 1, query->pool));
    query->count -= fewer;
    for (int i = first + 1; i < query->count; i++) {
        query->terms[i] = query->terms[i + fewer];
    }
}

const char *mq_search_last_digits(const mq_search_term_t *number, apr_pool_t *pool)
{
    const char *digits = number->word + 1;
    const apr_size_t length = strlen(digits);
    const char *word;
    if (strcmp(number->word, MQ_SEARCH_NO_NUMBER) == 0) {
        return NULL;
    }
    digits += *digits == '0' ? 1 : length > PHONE_LAST ? length - PHONE_LAST : 0;
    if (strlen(digits + strspn(digits, "0")) >= PHONE_END) {
        return mq_phone_word(digits, 1, pool);
    }
    word = mq_phone_word(apr_pstrcat(pool, "1", digits, NULL), 1, pool); /* with their zeros */
    return apr_pstrmemdup(pool, word, strlen(word) - 1);
}

int mq_search_identifiers(const char *keys_out[MQ_SEARCH_IDENTIFIERS], const char *typed,
                          apr_pool_t *pool)
{
    const char *number = strpbrk(typed, "0123456789");
    const char *starts[MQ_SEARCH_IDENTIFIERS] = {typed, NULL};
    int count = 0;
    while (number && number > typed && number[-1] != ' ' && number[-1] != ':') {
        number--;
    }
    starts[1] = number > typed ? number : NULL;
    for (int i = 0; number && i < MQ_SEARCH_IDENTIFIERS && starts[i]; i++) {
        const char *key = mq_national_id_key(starts[i], pool);
        if (key && strlen(key) >= IDENTIFIER_LEAST) {
            keys_out[count++] = key;
        }
    }
    return count;
}

int mq_search_number(const mq_search_query_t *query)
{
    int longest = -1;
    for (int i = 0; i < query->count; i++) {
        if (query->terms[i].word[0] == MQ_WORD_PHONE &&
            (longest < 0 || strlen(query->terms[i].word) > strlen(query->terms[longest].word))) {
            longest = i;
        }
    }
    return longest;
}

int mq_search_is_of_name(const char *term)
{
    return term[0] != MQ_WORD_DATE && term[0] != MQ_WORD_PHONE;
}

/* search_fit.c -- comparing a key of patient_index.c with a query of search_query.c. */
#include "domain/patients/search_fit.h"

#include <apr_strings.h>
#include <string.h>

#include "base/text.h"
#include "domain/patients/likeness.h"
#include "domain/patients/mrn.h"
#include "domain/patients/patient_index.h"

enum { YEAR_LENGTH = 4, YEAR_SHORT = 2, WORD_MOST = 60 };

/* Whether the term stands at the beginning of a text in which blanks do not count. */
static int begins_joined(const char *text, const char *end, const char *term, const char *term_end)
{
    while (text < end && term < term_end) {
        if (*text == ' ') {
            text++;
        } else if (*text++ != *term++) {
            return 0;
        }
    }
    return term == term_end;
}

static int has_word(const char *key, const char *end, const char *part, apr_size_t length,
                    int is_whole)
{
    for (const char *word = key; word < end;) {
        const char *blank = memchr(word, ' ', (apr_size_t)(end - word));
        const apr_size_t size = (apr_size_t)((blank ? blank : end) - word);
        if ((is_whole ? size == length : size >= length) && memcmp(word, part, length) == 0) {
            return 1;
        }
        word = blank ? blank + 1 : end;
    }
    return 0;
}

/* In scripts that write names without blanks the family name is said first, wherever a form has put
 * it: the beginning of the term is a word of the key, and what follows begins another one. */
static int has_turned(const char *key, const char *end, const char *term)
{
    for (const char *rest = term + 1; *rest; rest++) {
        if ((*rest & 0xc0) != 0x80 && has_word(key, end, term, (apr_size_t)(rest - term), 1) &&
            has_word(key, end, rest, strlen(rest), 0)) {
            return 1;
        }
    }
    return 0;
}

/* Whether words of the key, wherever their blanks are, begin with the term: "ogrady" fits "o
 * grady". A date ends the names. In scripts that write names without blanks the term may stand
 * within a word: the given name alone. */
static int key_has(const char *key, apr_size_t length, const char *term)
{
    const char *end = key + length;
    const char *term_end = term + strlen(term);
    const char *word = key;
    while (word < end) {
        const char *blank;
        if (begins_joined(word, end, term, term_end)) {
            return 1;
        }
        blank = memchr(word, ' ', (apr_size_t)(end - word));
        word = blank ? blank + 1 : end;
    }
    return mq_text_is_unspaced(term) &&
           (memmem(key, length, term, strlen(term)) != NULL || has_turned(key, end, term));
}

static int has_year(const char *key, apr_size_t length, const char *year)
{
    const char *date = memchr(key, MQ_WORD_DATE, length);
    return date && key + length - date > YEAR_LENGTH && strncmp(date + 3, year, YEAR_SHORT) == 0;
}

/* Whether a word of the key is like the term. */
static int key_has_like(const char *key, apr_size_t length, const char *term)
{
    const char *end = key + length;
    char word[WORD_MOST + 1];
    for (const char *at = key; at < end; at++) {
        const char *blank = memchr(at, ' ', (apr_size_t)(end - at));
        const apr_size_t size = (apr_size_t)((blank ? blank : end) - at);
        apr_cpystrn(word, at, size < WORD_MOST ? size + 1 : sizeof word);
        if (mq_words_are_similar(word, term)) {
            return 1;
        }
        at += size;
    }
    return 0;
}

/* Whether the key has this very word. */
static int key_has_word(const char *key, apr_size_t length, const char *word)
{
    const apr_size_t size = strlen(word);
    const char *end = key + length;
    for (const char *at = key; at && at < end; at = memchr(at, ' ', (apr_size_t)(end - at))) {
        at += *at == ' ';
        if ((apr_size_t)(end - at) >= size && memcmp(at, word, size) == 0 &&
            (at + size == end || at[size] == ' ')) {
            return 1;
        }
    }
    return 0;
}

static int word_fits(const mq_search_term_t *term, const char *key, apr_size_t length,
                     const char *word)
{
    return term->filler == MQ_FILLER_WORD ? key_has_word(key, length, word)
                                          : key_has(key, length, word);
}

static int term_fits(const mq_search_query_t *query, const mq_search_term_t *term, const char *key,
                     apr_size_t length)
{
    if (term->word[0] == MQ_WORD_PHONE || word_fits(term, key, length, term->word)) {
        return 1;
    }
    for (int i = 0; i < MQ_SEARCH_OTHERS && term->others[i]; i++) {
        if (word_fits(term, key, length, term->others[i])) {
            return 1;
        }
    }
    return query->is_loose && mq_search_is_of_name(term->word) &&
           key_has_like(key, length, term->word);
}

int mq_search_fits(const mq_search_query_t *query, int driver, const char *key, apr_size_t length)
{
    for (int i = 0; i < query->count; i++) {
        if (i != driver && !term_fits(query, &query->terms[i], key, length)) {
            return 0;
        }
    }
    for (int i = 0; query->further && i < query->further->nelts; i++) {
        const mq_search_term_t *term = &APR_ARRAY_IDX(query->further, i, mq_search_term_t);
        if (term->filler == MQ_FILLER_NONE && !term_fits(query, term, key, length)) {
            return 0;
        }
    }
    return !query->year || has_year(key, length, query->year) ||
           key_has(key, length, query->year); /* "Newborn 12" */
}

static int begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

static int number_fits(const mq_search_query_t *query, const mq_search_term_t *number,
                       const mq_search_record_t *record)
{
    const char *last = mq_search_last_digits(number, query->pool);
    for (int i = 0; i < MQ_SEARCH_PHONES && last; i++) {
        const char *digits =
            record->phones[i] ? mq_text_digits(record->phones[i], query->pool) : "";
        if (begins_with(mq_phone_word(digits, 0, query->pool), number->word) ||
            begins_with(mq_phone_word(digits, 1, query->pool), last)) {
            return 1;
        }
    }
    return query->alone.word && term_fits(query, &query->alone, record->key, strlen(record->key));
}

static int terms_fit(const mq_search_query_t *query, const mq_search_record_t *record)
{
    for (int i = 0; i < query->count; i++) {
        if (query->terms[i].word[0] == MQ_WORD_PHONE &&
            !number_fits(query, &query->terms[i], record)) {
            return 0;
        }
    }
    return query->count > 0 && mq_search_fits(query, -1, record->key, strlen(record->key));
}

static int joined_terms_fit(const mq_search_query_t *query, const mq_search_record_t *record)
{
    for (int first = 0; first < query->count; first++) {
        for (int last = first + 1;
             last < query->count && mq_search_is_of_name(query->terms[first].word) &&
             mq_search_is_of_name(query->terms[last].word);
             last++) {
            mq_search_query_t other = *query;
            mq_search_join(&other, first, last);
            if (terms_fit(&other, record)) {
                return 1;
            }
        }
    }
    return 0;
}

static int is_number_of(const mq_search_query_t *query, const char *typed,
                        const mq_search_record_t *record)
{
    const char *keys[MQ_SEARCH_IDENTIFIERS];
    const int count = record->national_id ? mq_search_identifiers(keys, typed, query->pool) : 0;
    mq_mrn_said_t said;
    const char *number = mq_mrn_read(&said, typed, query->pool);
    if (strcasecmp(record->mrn, typed) == 0 ||
        (number && said != MQ_MRN_MISTYPED && strcmp(record->mrn, number) == 0)) {
        return 1;
    }
    for (int i = 0; i < count; i++) {
        const char *key = mq_national_id_key(record->national_id, query->pool);
        if (key && strcmp(key, keys[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

int mq_search_finds(const mq_search_query_t *query, const char *typed,
                    const mq_search_record_t *record)
{
    return is_number_of(query, typed, record) || terms_fit(query, record) ||
           joined_terms_fit(query, record);
}

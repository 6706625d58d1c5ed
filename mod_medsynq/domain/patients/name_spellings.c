/* name_spellings.c -- two letters for one, and back. */
#include "domain/patients/name_spellings.h"

#include <apr_strings.h>
#include <string.h>

static const char *const doubles[] = {"ae", "oe", "ue", "aa"};

/* How a letter is written where there is no key for it. In a search key it is one letter. */
static const struct {
    const char *letter;
    const char *spelt;
} spelt[] = {{"\xc3\xa4", "ae"}, {"\xc3\x84", "Ae"}, {"\xc3\xb6", "oe"}, {"\xc3\x96", "Oe"},
             {"\xc3\xbc", "ue"}, {"\xc3\x9c", "Ue"}, {"\xc3\xa5", "aa"}, {"\xc3\x85", "Aa"},
             {"\xc3\xb8", "oe"}, {"\xc3\x98", "Oe"}};

static const char article[] = "\xd8\xa7\xd9\x84"; /* alef and lam */

const char *mq_name_spelt_out(const char *name, apr_pool_t *pool)
{
    char *made = apr_palloc(pool, strlen(name) + 1); /* both take two bytes */
    char *end = made;
    while (*name) {
        const char *letters = NULL;
        for (size_t i = 0; i < sizeof spelt / sizeof *spelt && !letters; i++) {
            letters = strncmp(name, spelt[i].letter, 2) == 0 ? spelt[i].spelt : NULL;
        }
        *end++ = letters ? letters[0] : name[0];
        if (letters) {
            *end++ = letters[1];
        }
        name += letters ? 2 : 1;
    }
    *end = 0;
    return made;
}

/* The next letter of a word that is read with two letters as one. */
static const char *letter_next(const char *at)
{
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) {
        if (strncmp(at, doubles[i], 2) == 0) {
            return at + 2;
        }
    }
    return at + 1;
}

const char *mq_name_single_letters(const char *key, apr_pool_t *pool)
{
    char *made = apr_palloc(pool, strlen(key) + 1);
    char *end = made;
    for (; *key; key = letter_next(key)) {
        *end++ = *key;
    }
    *end = 0;
    return made;
}

const char *mq_other_spelling(const char *word, const char *spelt_word, apr_pool_t *pool)
{
    const apr_size_t length = sizeof article - 1;
    const char *other = strcmp(spelt_word, word) ? spelt_word : mq_name_single_letters(word, pool);
    if (strncmp(word, article, length) == 0 && word[length]) {
        other = word + length;
    } else if ((unsigned char)*word >= 0xd8 && (unsigned char)*word <= 0xdb) {
        other = apr_pstrcat(pool, article, word, NULL);
    }
    return strcmp(other, word) ? other : NULL;
}

/* A word that begins with a short one need not be two: "stevenson" is not of a saint. */
static const struct {
    const char *short_word;
    const char *long_word;
    int begins_words;
} beginnings[] = {{"mc", "mac", 1}, {"st", "saint", 0}};

static const char *begun_with(const char *word, const char *beginning, const char *other,
                              int begins_words, apr_pool_t *pool)
{
    enum { REST_LEAST = 3 /* letters: "mack" is no McK */ };
    const char *rest = word + strlen(beginning);
    return strncmp(word, beginning, strlen(beginning)) == 0 &&
                   (!*rest || strcmp(rest, "e") == 0 ||
                    (begins_words && strlen(rest) >= REST_LEAST))
               ? apr_pstrcat(pool, other, rest, NULL)
               : NULL;
}

const char *mq_other_beginning(const char *word, int joined, apr_pool_t *pool)
{
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        const char *as_long = beginnings[i].long_word;
        const char *as_short = beginnings[i].short_word;
        const char *other = begun_with(word, as_long, as_short, 1, pool);
        if (!other) {
            other = begun_with(word, as_short, as_long, joined || beginnings[i].begins_words, pool);
        }
        if (other) {
            return other;
        }
    }
    return NULL;
}

int mq_words_are_spelt_alike(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a = letter_next(a);
        b = letter_next(b);
    }
    return !*a && !*b;
}

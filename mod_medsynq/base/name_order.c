/* name_order.c -- finding the family name in a name of one field. */
#include "base/name_order.h"

#include <apr_cstr.h>
#include <apr_strings.h>
#include <string.h>

enum { WORDS_MOST = 24 };

/* What stands behind a name and is none. */
static const char *const suffixes[] = {"jr",   "sr",    "junior", "senior", "ii",  "iii", "iv",
                                       "neto", "filho", "md",     "phd",    "dds", "esq"};

enum { GENERATIONS = 9 /* the first of them tell somebody from a parent of the same name */ };

/* What belongs to the word behind it. */
static const char *const particles[] = {
    "de",    "del", "della", "dello",  "di",   "da",  "do",  "dos", "das", "du",  "des",   "d",
    "van",   "von", "vom",   "vander", "der",  "den", "ter", "ten", "zu",  "zur", "la",    "le",
    "lo",    "el",  "al",    "ul",     "bin",  "ibn", "ben", "abu", "abd", "st",  "saint", "san",
    "santa", "o",   "mac",   "mc",     "fitz", "ap",  "af",  "av",  "y",   "e"};

static int is_among(const char *const *words, size_t count, const char *word, size_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i]) == length && strncmp(words[i], word, length) == 0) {
            return 1;
        }
    }
    return 0;
}

#define AMONG(words, place)                                                                        \
    is_among(words, sizeof(words) / sizeof *(words), starts[place], lengths[place])

static const char *family_of(const char *name_key, apr_pool_t *pool)
{
    const char *starts[WORDS_MOST];
    size_t lengths[WORDS_MOST];
    const char *at = name_key;
    int count = 0;
    int last;
    int first;
    while (*at && count < WORDS_MOST) {
        starts[count] = at;
        lengths[count] = strcspn(at, " ");
        at += lengths[count++];
        at += *at == ' ';
    }
    if (count == 0 || *at) { /* as it is: it has more words than any name */
        return name_key;
    }
    for (last = count - 1; last > 1 && AMONG(suffixes, last); last--) {
    }
    for (first = last; first > 1 && AMONG(particles, first - 1); first--) {
    }
    return apr_pstrmemdup(pool, starts[first],
                          (apr_size_t)(starts[last] + lengths[last] - starts[first]));
}

int mq_name_is_particles(const char *text)
{
    const char *const between = " '";
    int known = 0;
    for (const char *s = text + strspn(text, between); *s; s += strspn(s, between)) {
        const size_t length = strcspn(s, between);
        if (!is_among(particles, sizeof particles / sizeof *particles, s, length)) {
            return 0;
        }
        s += length;
        known = 1;
    }
    return known;
}

/* Whether a text is one of the first suffixes. */
static int is_suffix(const char *text, size_t count)
{
    const apr_size_t length = strcspn(text, ". ");
    for (size_t i = 0; i < count && !text[length + !!text[length]]; i++) {
        if (strlen(suffixes[i]) == length && apr_cstr_casecmpn(text, suffixes[i], length) == 0) {
            return 1;
        }
    }
    return 0;
}

int mq_name_is_suffix(const char *text)
{
    return is_suffix(text, sizeof suffixes / sizeof *suffixes);
}

int mq_name_is_generation(const char *text)
{
    return is_suffix(text, GENERATIONS);
}

const char *mq_name_order(const char *name_key, const char *family_key, apr_pool_t *pool)
{
    return apr_pstrcat(pool, family_key && *family_key ? family_key : family_of(name_key, pool),
                       " ", name_key, NULL);
}

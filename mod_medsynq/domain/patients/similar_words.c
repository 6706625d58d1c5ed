/* similar_words.c -- going through the words of one letter, and how a word sounds. */
#include "domain/patients/similar_words.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "domain/patients/likeness.h"
#include "domain/patients/patient_index.h"

enum { WORDS_MOST = 6000 };

/* Letters that are heard as others, the longer ones first. */
static const char *const heard[][2] = {{"sch", "s"}, {"ph", "f"}, {"ck", "k"}, {"ch", "k"},
                                       {"gh", "g"},  {"th", "t"}, {"sh", "s"}, {"c", "k"},
                                       {"q", "k"},   {"x", "ks"}, {"z", "s"},  {"w", "v"},
                                       {"j", "i"},   {"y", "i"},  {"h", ""}};

static int is_vowel(char letter)
{
    return letter && strchr("aeiou", letter);
}

/* As it is heard, vowels left out but for the first, and doubles once. */
const char *mq_word_sound(const char *word, apr_pool_t *pool)
{
    char *sound = apr_palloc(pool, 2 * strlen(word) + 1);
    char *end = sound;
    while (*word) {
        const char *letters = NULL;
        apr_size_t length = 1;
        for (size_t i = 0; i < sizeof heard / sizeof *heard && !letters; i++) {
            if (strncmp(word, heard[i][0], strlen(heard[i][0])) == 0) {
                letters = heard[i][1];
                length = strlen(heard[i][0]);
            }
        }
        letters = letters ? letters : apr_pstrndup(pool, word, 1);
        for (; *letters; letters++) {
            if (is_vowel(*letters) ? end == sound : end == sound || end[-1] != *letters) {
                *end++ = (char)(is_vowel(*letters) ? 'a' : *letters);
            }
        }
        word += length;
    }
    *end = 0;
    return sound;
}

static int is_similar(const char *word, const char *sound, const char *other, apr_pool_t *pool)
{
    return mq_words_are_similar(word, other) ||
           (strlen(sound) > 1 && strcmp(sound, mq_word_sound(other, pool)) == 0);
}

static apr_status_t word_next(const char **word_io, const mq_scope_t *sc, const char *last,
                              apr_pool_t *pool)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_WORD_NEXT,
                            MQ_PARAMS(mq_bind_text(*word_io), mq_bind_text(last))));
    *word_io = mq_rows_text(&rows, MQ_PATIENT_WORD_NEXT_WORD, pool);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

apr_status_t mq_similar_words(apr_array_header_t **words_out, const mq_scope_t *sc,
                              const char *word, apr_pool_t *pool)
{
    const char *sound = mq_word_sound(word, pool);
    const char *letter = apr_pstrndup(pool, word, 1);
    const char *last = apr_pstrcat(pool, letter, MQ_WORD_END, NULL);
    const char *at = letter;
    apr_pool_t *turns[2];
    apr_status_t rv = APR_SUCCESS;
    *words_out = apr_array_make(pool, MQ_SIMILAR_MOST, sizeof(const char *));
    if (strlen(word) < MQ_SIMILAR_LEAST || !apr_isalpha(*word)) {
        return APR_SUCCESS;
    }
    MQ_TRY(apr_pool_create(&turns[0], pool));
    MQ_TRY(apr_pool_create(&turns[1], pool));
    for (int i = 0; i < WORDS_MOST && (*words_out)->nelts < MQ_SIMILAR_MOST; i++) {
        apr_pool_t *turn = turns[i % 2]; /* the last word is still asked with */
        apr_pool_clear(turn);
        rv = word_next(&at, sc, last, turn);
        if (rv != APR_SUCCESS) {
            break;
        }
        if (is_similar(word, sound, at, turn)) {
            APR_ARRAY_PUSH(*words_out, const char *) = apr_pstrdup(pool, at);
        }
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

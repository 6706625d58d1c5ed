/* similar_words.c -- going through words of the index, and how a word sounds. */
#include "domain/patients/similar_words.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/likeness.h"
#include "domain/patients/patient_index.h"

enum {
    PASS_MOST = 6000,  /* words looked at in one pass */
    PATIENCE_MOST = 8, /* rows, whose reading costs less than another look */
    LOOK_WORDS = 8,    /* that one look may read, if each has as many rows as are waited for */
    FEW_MOST =
        1000 /* words of the first letter, in an organisation whose words are all looked at */
};

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
            if (*word == *heard[i][0] && strncmp(word, heard[i][0], strlen(heard[i][0])) == 0) {
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

/* Words of the index in their order, each once. To look for the next word costs as much as a dozen
 * rows: so a look is read on from, through some rows of the same word. Through how many depends on
 * what that has led to so far: in most registers most words have one or two people. */
typedef struct word_reader_t {
    const mq_scope_t *sc;
    const char *last;     /* all words are below */
    apr_pool_t *pools[2]; /* of this word and the one before */
    apr_pool_t *asked;    /* what a look was made with stays until its last row is read */
    mq_rows_t rows;
    int turn;
    int left;     /* rows of the look that have not been read */
    int patience; /* rows of one word that are read before the next look */
} word_reader_t;

static apr_status_t reader_make(word_reader_t *reader_out, const mq_scope_t *sc, const char *last,
                                apr_pool_t *pool)
{
    *reader_out = (word_reader_t){.sc = sc, .last = last, .patience = 1};
    MQ_TRY(apr_pool_create(&reader_out->asked, pool));
    MQ_TRY(apr_pool_create(&reader_out->pools[0], pool));
    return apr_pool_create(&reader_out->pools[1], pool);
}

static apr_status_t reader_look(word_reader_t *reader, const char *after)
{
    apr_status_t rv;
    mq_rows_close(&reader->rows);
    apr_pool_clear(reader->asked);
    reader->left = reader->patience * LOOK_WORDS;
    rv = mq_db_select(&reader->rows, reader->sc, MQ_SQL_PATIENT_WORDS_NEXT,
                      MQ_PARAMS(mq_bind_text(apr_pstrdup(reader->asked, after)),
                                mq_bind_text(reader->last), mq_bind_int(reader->left)));
    if (rv != APR_SUCCESS) {
        reader->rows = (mq_rows_t){NULL}; /* nothing was opened */
    }
    return rv;
}

/* The word after one, which is valid until the next but one is asked for. @return MQ_ENOTFOUND
 * there is none */
static apr_status_t word_next(const char **word_io, word_reader_t *reader)
{
    apr_pool_t *pool = reader->pools[reader->turn++ % 2];
    apr_status_t rv;
    apr_pool_clear(pool);
    for (int same = 0;; same++) {
        const int is_in_vain = same == reader->patience;
        const int is_looking = is_in_vain || reader->left == 0;
        const char *word;
        if (is_in_vain && reader->patience > 1) {
            reader->patience /= 2;
        }
        if (is_looking) {
            MQ_TRY(reader_look(reader, *word_io));
        }
        reader->left--;
        rv = mq_rows_next(&reader->rows);
        if (rv != APR_SUCCESS) {
            return rv == APR_EOF ? MQ_ENOTFOUND : rv;
        }
        word = mq_rows_text(&reader->rows, MQ_PATIENT_WORDS_NEXT_WORD, pool);
        if (strcmp(word, *word_io) != 0) {
            *word_io = word;
            if (!is_looking && reader->patience < PATIENCE_MOST) {
                reader->patience *= 2;
            }
            return APR_SUCCESS;
        }
    }
}

/* A look for words that are like one. */
typedef struct look_t {
    const mq_scope_t *sc;
    const char *word;
    const char *sound;
    apr_array_header_t *words;
    apr_pool_t *pool;
    int *steps;
} look_t;

static void word_found(const look_t *look, const char *word)
{
    for (int i = 0; i < look->words->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(look->words, i, const char *), word) == 0) {
            return;
        }
    }
    if (look->words->nelts < MQ_SIMILAR_MOST) {
        APR_ARRAY_PUSH(look->words, const char *) = apr_pstrdup(look->pool, word);
    }
}

/* What comes after the first letter. */
static const char *rest_of(const char *word)
{
    do {
        word++;
    } while ((*word & 0xc0) == 0x80);
    return word;
}

/* All words from one on that are below another.
 * @param third what some words must have reached where they are looked at for what they have
 * within, or there are too many to be looked at; NULL: they are looked at for likeness */
static apr_status_t words_walk(const look_t *look, const char *from, const char *below,
                               const char *third)
{
    const char *at = from;
    word_reader_t reader;
    apr_pool_t *turn;
    apr_status_t rv = APR_SUCCESS;
    MQ_TRY(apr_pool_create(&turn, look->pool));
    MQ_TRY(reader_make(&reader, look->sc, below, look->pool));
    for (int i = 0; i < PASS_MOST && look->words->nelts < MQ_SIMILAR_MOST; i++) {
        if (--*look->steps < 0) {
            break;
        }
        rv = word_next(&at, &reader);
        if (rv != APR_SUCCESS || (third && i == FEW_MOST && strcmp(at, third) < 0)) {
            break;
        }
        apr_pool_clear(turn);
        if (third ? strstr(at, look->word) != NULL
                  : is_similar(look->word, look->sound, at, turn)) {
            word_found(look, at);
        }
    }
    mq_rows_close(&reader.rows);
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

static apr_status_t beginning_walk(const look_t *look, const char *beginning)
{
    return words_walk(look, beginning, apr_pstrcat(look->pool, beginning, MQ_WORD_END, NULL), NULL);
}

/* Letters that begin a word for others that are heard as they are; the rest of it decides. */
static const struct {
    const char *letter;
    const char *others[6];
} beginnings[] = {{"ph", {"f"}},
                  {"a", {"e", "o", "ha"}},
                  {"b", {"p", "v"}},
                  {"c", {"k", "s", "q", "ts"}},
                  {"d", {"t"}},
                  {"e", {"i", "a", "he"}},
                  {"f", {"ph", "v", "p"}},
                  {"g", {"j", "k", "h"}},
                  {"h", {"", "j", "g", "ch"}},
                  {"i", {"y", "j", "e", "hi"}},
                  {"j", {"g", "y", "i", "h", "dj"}},
                  {"k", {"c", "q", "g", "ch"}},
                  {"m", {"n"}},
                  {"n", {"m"}},
                  {"o", {"u", "a", "ho"}},
                  {"p", {"b", "f"}},
                  {"q", {"k", "c"}},
                  {"s", {"z", "c", "x", "ts"}},
                  {"t", {"d"}},
                  {"u", {"w", "o", "hu"}},
                  {"v", {"w", "f", "b"}},
                  {"w", {"v", "u"}},
                  {"x", {"s", "z", "j", "ch"}},
                  {"y", {"j", "i"}},
                  {"z", {"s", "x", "j"}}};

/* With the letter behind it, or half the index would have to be read. */
static apr_status_t heard_walk(const look_t *look)
{
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        const apr_size_t length = strlen(beginnings[i].letter);
        if (strncmp(look->word, beginnings[i].letter, length) != 0) {
            continue;
        }
        for (const char *const *other = beginnings[i].others; *other; other++) {
            MQ_TRY(beginning_walk(look,
                                  apr_psprintf(look->pool, "%s%.1s", *other, look->word + length)));
        }
    }
    return APR_SUCCESS;
}

/* The word, if the index has one that begins so. */
static apr_status_t beginning_ask(const look_t *look, const char *beginning)
{
    mq_rows_t rows;
    apr_status_t rv = mq_db_select_one(
        &rows, look->sc, MQ_SQL_PATIENT_WORDS_RANGE,
        MQ_PARAMS(mq_bind_text(beginning),
                  mq_bind_text(apr_pstrcat(look->pool, beginning, MQ_WORD_END, NULL)),
                  mq_bind_int(1)));
    if (rv == APR_SUCCESS) {
        mq_rows_close(&rows);
        word_found(look, beginning);
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

/* The letters of scripts that are written letter by letter, as search keys have them: their first
 * and last, by their order in Unicode. */
static const struct {
    int first;
    int last;
} alphabets[] = {{'a', 'z'},       {0x3b1, 0x3c9}, /* Greek */
                 {0x430, 0x45f},                   /* Cyrillic */
                 {0x561, 0x586},                   /* Armenian */
                 {0x5d0, 0x5ea},                   /* Hebrew */
                 {0x621, 0x64a},                   /* Arabic */
                 {0x905, 0x939},                   /* Devanagari */
                 {0x10d0, 0x10f0},                 /* Georgian */
                 {0x1100, 0x1112}};                /* Hangul: what begins a syllable */

enum { ALPHABETS = sizeof alphabets / sizeof *alphabets };

static const char *letter_text(int letter, apr_pool_t *pool)
{
    if (letter < 0x80) {
        return apr_psprintf(pool, "%c", letter);
    }
    return letter < 0x800 ? apr_psprintf(pool, "%c%c", 0xc0 | letter >> 6, 0x80 | (letter & 0x3f))
                          : apr_psprintf(pool, "%c%c%c", 0xe0 | letter >> 12,
                                         0x80 | (letter >> 6 & 0x3f), 0x80 | (letter & 0x3f));
}

static int letter_count(const char *word)
{
    int count = 0;
    for (; *word; word = rest_of(word)) {
        count++;
    }
    return count;
}

/* @return the place in alphabets of the script that the word begins in; -1: none of them */
static int alphabet_of(const char *word, apr_pool_t *pool)
{
    for (int i = 0; i < ALPHABETS; i++) {
        if (strcmp(letter_text(alphabets[i].first, pool), word) <= 0 &&
            strncmp(word, letter_text(alphabets[i].last, pool), (size_t)(rest_of(word) - word)) <=
                0) {
            return i;
        }
    }
    return -1;
}

/* A slip of the first letter: left out, another, one too many, changed places with the second. */
static apr_status_t first_letter_mend(const look_t *look, int alphabet)
{
    const char *word = look->word;
    const char *rest = rest_of(word);
    const char *end = rest_of(rest);
    for (int letter = alphabets[alphabet].first; letter <= alphabets[alphabet].last; letter++) {
        const char *text = letter_text(letter, look->pool);
        MQ_TRY(beginning_ask(look, apr_pstrcat(look->pool, text, word, NULL)));
        MQ_TRY(beginning_ask(look, apr_pstrcat(look->pool, text, rest, NULL)));
    }
    MQ_TRY(beginning_ask(look, rest));
    return beginning_ask(look, apr_psprintf(look->pool, "%.*s%.*s%s", (int)(end - rest), rest,
                                            (int)(rest - word), word, end));
}

/* A Latin word is cut and put together within the first three bytes: no character is. */
static int begins_in_ascii(const char *word)
{
    for (int i = 0; i < 3 && word[i]; i++) {
        if ((unsigned char)word[i] >= 0x80) {
            return 0;
        }
    }
    return 1;
}

apr_status_t mq_similar_words(apr_array_header_t **words_out, int *steps_io, const mq_scope_t *sc,
                              const char *word, apr_pool_t *pool)
{
    const look_t look = {.sc = sc,
                         .word = word,
                         .sound = mq_word_sound(word, pool),
                         .words = apr_array_make(pool, MQ_SIMILAR_MOST, sizeof(const char *)),
                         .pool = pool,
                         .steps = steps_io};
    const int alphabet = alphabet_of(word, pool);
    *words_out = look.words;
    if (letter_count(word) < MQ_SIMILAR_LEAST || alphabet < 0 ||
        (alphabet == 0 && !begins_in_ascii(word))) {
        return APR_SUCCESS;
    }
    MQ_TRY(beginning_walk(&look, apr_pstrndup(pool, word, (apr_size_t)(rest_of(word) - word))));
    if (look.words->nelts == 0) {
        MQ_TRY(alphabet == 0 ? heard_walk(&look) : APR_SUCCESS);
        MQ_TRY(first_letter_mend(&look, alphabet));
    }
    return look.words->nelts
               ? APR_SUCCESS
               : words_walk(&look, letter_text(alphabets[alphabet].first, pool),
                            apr_pstrcat(pool, letter_text(alphabets[alphabet].last, pool),
                                        MQ_WORD_END, NULL),
                            letter_text(alphabets[alphabet].first + 2, pool));
}

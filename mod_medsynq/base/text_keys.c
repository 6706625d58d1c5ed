/* text_keys.c -- the keys by which names are compared (same organisation, same address) and
 * searched (any spelling that a keyboard has). The rules are ICU's; Latin-ASCII is read out of its
 * transliterator once at start-up: threads may not share one, and a clone for each name takes six
 * times as long as the table (2.8 and 0.45 microseconds measured). */
#include <string.h>

#include <apr_strings.h>
#include <unicode/uchar.h>
#include <unicode/utrans.h>

#include "base/text.h"
#include "base/text_icu.h"

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static const char *ascii_name_key(const char *text, apr_size_t length, apr_pool_t *pool)
{
    char *key = apr_palloc(pool, length + 1);
    apr_size_t written = 0;

    for (apr_size_t i = 0; i < length; i++) {
        if (text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r')) {
            if (written > 0 && key[written - 1] != ' ') {
                key[written++] = ' ';
            }
        } else {
            key[written++] = ascii_lower(text[i]);
        }
    }
    if (written > 0 && key[written - 1] == ' ') {
        written--;
    }
    key[written] = '\0';
    return key;
}

const char *mq_text_name_key(const char *text, apr_pool_t *pool)
{
    apr_size_t length = strlen(text);
    mq_utf16_t key;
    int32_t i = 0;
    int32_t written = 0;
    int blank_waits = 0;

    if (mq_text_is_ascii(text, length)) {
        return ascii_name_key(text, length, pool);
    }
    if (mq_utf16_from_utf8(&key, text, length, pool) != APR_SUCCESS ||
        mq_utf16_normalize(&key, MQ_UTF16_NFD, pool) != APR_SUCCESS ||
        mq_utf16_fold_case(&key, pool) != APR_SUCCESS) {
        return text;
    }
    while (i < key.length) {
        UChar32 c = mq_utf16_next(&key, &i);

        if (u_isUWhiteSpace(c)) {
            blank_waits = written > 0;
        } else if (!u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) {
            if (blank_waits) {
                key.units[written++] = ' '; /* in place of the white space that was read */
                blank_waits = 0;
            }
            U16_APPEND_UNSAFE(key.units, written, c);
        }
    }
    key.length = written;
    if (mq_utf16_normalize(&key, MQ_UTF16_NFC, pool) != APR_SUCCESS) {
        return text;
    }
    return mq_utf16_to_utf8(&key, pool);
}

/* ---- search ---- */

/** The blocks in which Latin letters and the modifiers used with them live. */
static const struct {
    UChar32 first;
    UChar32 last;
} latin_blocks[] = {
    {0x0080, 0x02ff}, /* Latin-1, Extended-A and B, phonetic, modifiers */
    {0x1d00, 0x1dbf}, /* phonetic extensions */
    {0x1e00, 0x1eff}, /* additional: those that do not decompose */
    {0x2c60, 0x2c7f}, /* Extended-C */
    {0xa720, 0xa7ff}, /* Extended-D */
    {0xab30, 0xab6f}, /* Extended-E */
};

enum {
    LATIN_BLOCKS = sizeof latin_blocks / sizeof latin_blocks[0],
    LETTERS = 4,
    BLANK = ' ',
    TATWEEL = 0x0640
};

/** What a code point becomes: up to four ASCII letters or a blank; "" leaves it as it is. */
typedef struct folding_t {
    char letters[LETTERS];
} folding_t;

struct mq_text_t {
    const folding_t *blocks[LATIN_BLOCKS];
};

static int is_ascii_word_character(UChar32 c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/** Ask the transliterator for one code point. */
static apr_status_t folding_read(folding_t *folding_out, const UTransliterator *latin_ascii,
                                 UChar32 c)
{
    UChar units[16] = {(UChar)c}; /* all blocks are in the basic plane */
    int32_t length = 1;
    int32_t limit = 1;
    int written = 0;
    UErrorCode error = U_ZERO_ERROR;

    utrans_transUChars(latin_ascii, units, &length, (int32_t)(sizeof units / sizeof units[0]), 0,
                       &limit, &error);
    if (U_FAILURE(error)) {
        return MQ_EBUG;
    }
    if (length == 1 && units[0] == c) {
        return APR_SUCCESS;
    }
    for (int32_t i = 0; i < length; i++) {
        UChar32 letter = u_tolower(units[i]);

        if (is_ascii_word_character(letter) && written < LETTERS) {
            folding_out->letters[written++] = (char)letter;
        }
    }
    if (written == 0) {
        folding_out->letters[0] = BLANK; /* quotes, dashes, modifiers */
    }
    return APR_SUCCESS;
}

static apr_status_t foldings_read(mq_text_t *text, const UTransliterator *latin_ascii,
                                  apr_pool_t *pool)
{
    for (int block = 0; block < LATIN_BLOCKS; block++) {
        UChar32 first = latin_blocks[block].first;
        UChar32 last = latin_blocks[block].last;
        folding_t *foldings = apr_pcalloc(pool, (apr_size_t)(last - first + 1) * sizeof *foldings);

        for (UChar32 c = first; c <= last; c++) {
            MQ_TRY(folding_read(&foldings[c - first], latin_ascii, c));
        }
        text->blocks[block] = foldings;
    }
    return APR_SUCCESS;
}

apr_status_t mq_text_make(const mq_text_t **text_out, apr_pool_t *pool)
{
    static const UChar name[] = u"Latin-ASCII";
    mq_text_t *text = apr_pcalloc(pool, sizeof *text);
    UErrorCode error = U_ZERO_ERROR;
    UTransliterator *latin_ascii = utrans_openU(name, -1, UTRANS_FORWARD, NULL, 0, NULL, &error);
    apr_status_t rv;

    *text_out = NULL;
    if (U_FAILURE(error)) {
        return MQ_EBUG;
    }
    rv = foldings_read(text, latin_ascii, pool);
    utrans_close(latin_ascii);
    MQ_TRY(rv);
    *text_out = text;
    return APR_SUCCESS;
}

/** @return the folding of a code point, or NULL if it has none */
static const folding_t *folding_of(const mq_text_t *text, UChar32 c)
{
    for (int block = 0; block < LATIN_BLOCKS; block++) {
        if (c >= latin_blocks[block].first && c <= latin_blocks[block].last) {
            const folding_t *folding = &text->blocks[block][c - latin_blocks[block].first];

            return folding->letters[0] != '\0' ? folding : NULL;
        }
    }
    return NULL;
}

/** A search key while it grows: never two blanks in a row, none at either end. */
typedef struct growing_key_t {
    UChar *units;
    int32_t length;
    int blank_waits;
} growing_key_t;

static void key_add(growing_key_t *key, UChar32 c)
{
    if (c == BLANK) {
        key->blank_waits = key->length > 0;
        return;
    }
    if (key->blank_waits) {
        key->units[key->length++] = BLANK;
        key->blank_waits = 0;
    }
    U16_APPEND_UNSAFE(key->units, key->length, c);
}

/** Add a code point of a text that is already in NFKD and case-folded. */
static void key_add_folded(growing_key_t *key, const mq_text_t *text, UChar32 c)
{
    const folding_t *folding;
    int type;

    if (c < 0x80) {
        key_add(key, is_ascii_word_character(c) ? c : BLANK);
        return;
    }
    folding = folding_of(text, c);
    if (folding != NULL) {
        for (int i = 0; i < LETTERS && folding->letters[i] != '\0'; i++) {
            key_add(key, folding->letters[i]);
        }
        return;
    }
    type = u_charType(c);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || c == TATWEEL ||
        u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) {
        return;
    }
    if (type == U_DECIMAL_DIGIT_NUMBER) {
        key_add(key, '0' + u_charDigitValue(c));
        return;
    }
    key_add(key, u_isalnum(c) || type == U_COMBINING_SPACING_MARK ? c : BLANK);
}

static const char *ascii_search_key(const char *text, apr_size_t length, apr_pool_t *pool)
{
    char *key = apr_palloc(pool, length + 1);
    apr_size_t written = 0;

    for (apr_size_t i = 0; i < length; i++) {
        char c = ascii_lower(text[i]);

        if (is_ascii_word_character(c)) {
            key[written++] = c;
        } else if (written > 0 && key[written - 1] != ' ') {
            key[written++] = ' ';
        }
    }
    if (written > 0 && key[written - 1] == ' ') {
        written--;
    }
    key[written] = '\0';
    return key;
}

const char *mq_text_search_key(const mq_text_t *folding, const char *text, apr_pool_t *pool)
{
    apr_size_t length = strlen(text);
    growing_key_t key = {0};
    mq_utf16_t folded;
    int32_t i = 0;

    if (mq_text_is_ascii(text, length)) {
        return ascii_search_key(text, length, pool);
    }
    if (mq_utf16_from_utf8(&folded, text, length, pool) != APR_SUCCESS ||
        mq_utf16_normalize(&folded, MQ_UTF16_NFKC_CASEFOLD, pool) != APR_SUCCESS ||
        mq_utf16_normalize(&folded, MQ_UTF16_NFKD, pool) != APR_SUCCESS) {
        return "";
    }
    key.units = apr_palloc(pool, ((apr_size_t)folded.length * LETTERS + 1) * sizeof(UChar));
    while (i < folded.length) {
        UChar32 c = mq_utf16_next(&folded, &i);

        key_add_folded(&key, folding, c);
    }
    return mq_utf16_to_utf8(&(mq_utf16_t){key.units, key.length}, pool);
}

apr_array_header_t *mq_text_words(const char *search_key, apr_pool_t *pool)
{
    apr_array_header_t *words = apr_array_make(pool, 4, sizeof(const char *));

    while (*search_key != '\0' && words->nelts < MQ_TEXT_WORDS_MAX) {
        apr_size_t length = strcspn(search_key, " ");
        int known = length == 0;

        for (int i = 0; i < words->nelts && !known; i++) {
            const char *word = APR_ARRAY_IDX(words, i, const char *);

            known = strncmp(word, search_key, length) == 0 && word[length] == '\0';
        }
        if (!known) {
            APR_ARRAY_PUSH(words, const char *) = apr_pstrmemdup(pool, search_key, length);
        }
        search_key += length;
        search_key += *search_key == ' ';
    }
    return words;
}

/* ---- names without blanks ---- */

enum {
    JAMO_FIRST = 0x1100, /* conjoining ones, as NFKD leaves Hangul */
    JAMO_VOWELS = 0x1160,
    JAMO_LAST = 0x11ff,
    KANA_FIRST = 0x3041,
    KANA_LAST = 0x30ff
};

static int is_unspaced(UChar32 c)
{
    return (c >= JAMO_FIRST && c <= JAMO_LAST) || (c >= KANA_FIRST && c <= KANA_LAST) ||
           u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC);
}

/* A syllable of Hangul begins with a leading consonant. */
static int begins_character(UChar32 c)
{
    return c < JAMO_VOWELS || c > JAMO_LAST;
}

int mq_text_is_unspaced(const char *word)
{
    apr_size_t length = strlen(word);
    apr_size_t i = 0;

    while (i < length) {
        if (!is_unspaced(mq_utf8_next(word, &i, length))) {
            return 0;
        }
    }
    return length > 0;
}

apr_array_header_t *mq_text_unspaced_ends(const char *word, apr_pool_t *pool)
{
    apr_array_header_t *ends = apr_array_make(pool, MQ_TEXT_ENDS_MAX, sizeof(const char *));
    apr_size_t length = strlen(word);
    apr_size_t i = 0;

    if (!mq_text_is_unspaced(word)) {
        return ends;
    }
    (void)mq_utf8_next(word, &i, length);
    while (i < length && ends->nelts < MQ_TEXT_ENDS_MAX) {
        const char *end = word + i;

        if (begins_character(mq_utf8_next(word, &i, length))) {
            APR_ARRAY_PUSH(ends, const char *) = end;
        }
    }
    return ends;
}

/* text_look.c -- the key by which names are told apart by eye. Which letters look like which is
 * ICU's table (UTS #39); that small i and l are one here is ours, because a capital I is an l to
 * whoever reads it.
 *
 * Case and likeness do not commute: a Cyrillic capital En is a Latin H to the eye, and its small
 * form is no h. So there are two keys, and names are told apart only if both differ: the look folds
 * case first, which makes one of a name and its capitals; the sight compares the letters as they
 * stand, and folds then. */
#include <string.h>

#include <apr_strings.h>

#include <unicode/uchar.h>
#include <unicode/uspoof.h>

#include "base/text.h"
#include "base/text_icu.h"

enum {
    ACUTE = 0xb4,
    LUNATE = 0x3f2,
    CAPITAL_LUNATE = 0x3f9,
    APOSTROPHE = '\'',
    BRAILLE_BLANK = 0x2800,
    REPLACEMENT = 0xfffd
};

/* What its compatibility form would make look like something else: an accent out of the acute,
 * which is typed as an apostrophe on many keyboards, an s out of the lunate sigma. */
static void looks_keep(mq_utf16_t *text)
{
    for (int32_t i = 0; i < text->length; i++) {
        UChar c = text->units[i];
        text->units[i] = c == ACUTE ? APOSTROPHE : c == LUNATE || c == CAPITAL_LUNATE ? 'c' : c;
    }
}

static apr_status_t skeleton_take(mq_utf16_t *text, apr_pool_t *pool)
{
    UErrorCode error = U_ZERO_ERROR;
    USpoofChecker *checker = uspoof_open(&error); /* a microsecond: its table is ICU's own */
    mq_utf16_t skeleton = {NULL, 0};
    apr_status_t rv = MQ_EBUG;
    if (U_SUCCESS(error)) {
        skeleton.length =
            uspoof_getSkeleton(checker, 0, text->units, text->length, NULL, 0, &error);
        if (error == U_BUFFER_OVERFLOW_ERROR || U_SUCCESS(error)) {
            error = U_ZERO_ERROR;
            skeleton.units = apr_palloc(pool, ((apr_size_t)skeleton.length + 1) * sizeof(UChar));
            uspoof_getSkeleton(checker, 0, text->units, text->length, skeleton.units,
                               skeleton.length + 1, &error);
        }
        rv = U_SUCCESS(error) ? APR_SUCCESS : MQ_EBUG;
        uspoof_close(checker);
    }
    if (rv == APR_SUCCESS) {
        *text = skeleton;
    }
    return rv;
}

/* What nobody sees at all. */
static int is_unseen(UChar32 c)
{
    int type = u_charType(c);
    return u_isUWhiteSpace(c) || c == BRAILLE_BLANK ||
           u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || type == U_UNASSIGNED ||
           type == U_PRIVATE_USE_CHAR || type == U_CONTROL_CHAR || type == U_FORMAT_CHAR ||
           type == U_SURROGATE || c == REPLACEMENT;
}

/* What a name differs by, and yet not to the eye that skims it. */
static int is_passed_over(UChar32 c)
{
    int type = u_charType(c);
    return is_unseen(c) || c == '`' || c == '.' || c == ',' || u_hasBinaryProperty(c, UCHAR_DASH) ||
           u_hasBinaryProperty(c, UCHAR_QUOTATION_MARK) || type == U_DASH_PUNCTUATION ||
           type == U_CONNECTOR_PUNCTUATION;
}

int mq_text_is_unseen(const char *text)
{
    const apr_size_t length = strlen(text);
    apr_size_t i = 0;
    while (i < length) {
        UChar32 c = mq_utf8_next(text, &i, length);
        if (c < 0 || !is_unseen(c)) {
            return 0;
        }
    }
    return 1;
}

apr_size_t mq_text_count_seen(const char *text)
{
    const apr_size_t length = strlen(text);
    apr_size_t count = 0;
    apr_size_t i = 0;
    int is_after_blank = 0;
    while (i < length) {
        const UChar32 c = mq_utf8_next(text, &i, length);
        const int type = u_charType(c);
        if (u_isUWhiteSpace(c)) {
            is_after_blank = count > 0;
        } else if (type != U_NON_SPACING_MARK && type != U_ENCLOSING_MARK && !is_unseen(c)) {
            count += is_after_blank ? 2 : 1;
            is_after_blank = 0;
        }
    }
    return count;
}

/* @param is_seen the letters as they stand count, before their case is folded */
static apr_status_t key_make(const char **key_out, const char *text, int is_seen, apr_pool_t *pool)
{
    mq_utf16_t look;
    int32_t i = 0;
    int32_t written = 0;
    *key_out = "";
    MQ_TRY(mq_utf16_from_utf8(&look, text, strlen(text), pool));
    looks_keep(&look);
    if (is_seen) {
        MQ_TRY(skeleton_take(&look, pool));
    }
    MQ_TRY(mq_utf16_normalize(&look, MQ_UTF16_NFKC_CASEFOLD, pool));
    MQ_TRY(skeleton_take(&look, pool));
    MQ_TRY(mq_utf16_normalize(&look, MQ_UTF16_NFKC_CASEFOLD, pool)); /* 0 has become O */
    while (i < look.length) {
        UChar32 c = mq_utf16_next(&look, &i);
        if (!is_passed_over(c)) {
            U16_APPEND_UNSAFE(look.units, written, c == 'i' ? 'l' : c);
        }
    }
    look.length = written;
    *key_out = mq_utf16_to_utf8(&look, pool);
    return APR_SUCCESS;
}

apr_status_t mq_text_look_key(const char **key_out, const char *text, apr_pool_t *pool)
{
    return key_make(key_out, text, 0, pool);
}

apr_status_t mq_text_sight_key(const char **key_out, const char *text, apr_pool_t *pool)
{
    return key_make(key_out, text, 1, pool);
}

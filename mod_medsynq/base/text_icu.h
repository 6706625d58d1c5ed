/* text_icu.h -- the bridge from our UTF-8 to ICU's UTF-16, for text.c and text_keys.c alone. */
#ifndef MQ_BASE_TEXT_ICU_H
#define MQ_BASE_TEXT_ICU_H

#include <apr_pools.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include "base/status.h"

/** A text in UTF-16; not NUL-terminated. */
typedef struct mq_utf16_t {
    UChar *units;
    int32_t length;
} mq_utf16_t;

typedef enum { MQ_UTF16_NFC, MQ_UTF16_NFD, MQ_UTF16_NFKD, MQ_UTF16_NFKC_CASEFOLD } mq_utf16_form_t;

/** Read the code point at *at and step over it. @return it, or a negative number where the bytes
 * are no UTF-8 */
static inline UChar32 mq_utf8_next(const char *text, apr_size_t *at, apr_size_t length)
{
    const uint8_t *bytes = (const uint8_t *)text;
    apr_size_t i = *at;
    UChar32 c;

    U8_NEXT(bytes, i, length, c);
    *at = i;
    return c;
}

/** Write a code point at *at and step over it; there must be room for four bytes. */
static inline void mq_utf8_append(char *text, apr_size_t *at, UChar32 c)
{
    uint8_t *bytes = (uint8_t *)text;
    apr_size_t i = *at;
    uint32_t scalar = (uint32_t)c;

    U8_APPEND_UNSAFE(bytes, i, scalar);
    *at = i;
}

/** Read the code point at *at and step over it. @return it; U+FFFD for a lone surrogate */
static inline UChar32 mq_utf16_next(const mq_utf16_t *utf16, int32_t *at)
{
    UChar32 unit = utf16->units[(*at)++];

    if ((unit & 0xf800) != 0xd800) {
        return unit;
    }
    if ((unit & 0x400) != 0 || *at == utf16->length || !U16_IS_TRAIL(utf16->units[*at])) {
        return 0xfffd;
    }
    return 0x10000 + ((unit & 0x3ff) << 10) + (utf16->units[(*at)++] & 0x3ff);
}

/** @return whether all bytes are ASCII, so that ICU need not be asked */
int mq_text_is_ascii(const char *text, apr_size_t length);

/** Convert; what is no UTF-8 becomes U+FFFD. @return MQ_EINVALID more than 2^28 bytes */
apr_status_t mq_utf16_from_utf8(mq_utf16_t *utf16_out, const char *text, apr_size_t length,
                                apr_pool_t *pool);

/** @return UTF-8 from pool; a lone surrogate becomes U+FFFD */
const char *mq_utf16_to_utf8(const mq_utf16_t *utf16, apr_pool_t *pool);

/** Bring into a normalisation form. @return MQ_EINVALID more marks in a row than are sorted,
 * MQ_EBUG ICU's data is missing; utf16 is as before */
apr_status_t mq_utf16_normalize(mq_utf16_t *utf16, mq_utf16_form_t form, apr_pool_t *pool);

/** Fold the case, full and without a language's own rules. @return MQ_EBUG ICU failed */
apr_status_t mq_utf16_fold_case(mq_utf16_t *utf16, apr_pool_t *pool);

#endif

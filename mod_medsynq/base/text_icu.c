/* text_icu.c -- UTF-8 to UTF-16 and back, normalisation and case folding in pool memory. ICU's
 * normalisers are constant singletons that ICU makes thread-safely at their first use. */
#include "base/text_icu.h"

#include <unicode/uchar.h>
#include <unicode/uloc.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#if defined(U_ICU_VERSION_MAJOR_NUM) && U_ICU_VERSION_MAJOR_NUM < 67
#error "MedSynQ needs ICU 67 or newer" /* at run time, too: its functions bear its number */
#endif

#include "base/text_marks.h"

enum { TEXT_LIMIT = 1 << 28, REPLACEMENT = 0xfffd };

apr_status_t mq_utf16_from_utf8(mq_utf16_t *utf16_out, const char *text, apr_size_t length,
                                apr_pool_t *pool)
{
    UErrorCode error = U_ZERO_ERROR;

    if (length > TEXT_LIMIT) {
        return MQ_EINVALID;
    }
    /* never more units than bytes */
    utf16_out->units = apr_palloc(pool, (length + 1) * sizeof(UChar));
    u_strFromUTF8WithSub(utf16_out->units, (int32_t)length + 1, &utf16_out->length, text,
                         (int32_t)length, REPLACEMENT, NULL, &error);
    return U_SUCCESS(error) ? APR_SUCCESS : MQ_EINVALID;
}

const char *mq_utf16_to_utf8(const mq_utf16_t *utf16, apr_pool_t *pool)
{
    /* at most three bytes a unit */
    char *text = apr_palloc(pool, 3 * (apr_size_t)utf16->length + 1);
    apr_size_t written = 0;
    int32_t i = 0;

    while (i < utf16->length) {
        mq_utf8_append(text, &written, mq_utf16_next(utf16, &i));
    }
    text[written] = '\0';
    return text;
}

/** @return whether sorting its marks costs no more than reading it */
static int is_stream_safe(const mq_utf16_t *utf16)
{
    int32_t i = 0;
    int run = 0;

    while (i < utf16->length) {
        if (!mq_marks_fit(&run, mq_utf16_next(utf16, &i))) {
            return 0;
        }
    }
    return 1;
}

static const UNormalizer2 *normalizer(mq_utf16_form_t form, UErrorCode *error)
{
    switch (form) {
    case MQ_UTF16_NFC:
        return unorm2_getNFCInstance(error);
    case MQ_UTF16_NFD:
        return unorm2_getNFDInstance(error);
    case MQ_UTF16_NFKD:
        return unorm2_getNFKDInstance(error);
    case MQ_UTF16_NFKC_CASEFOLD:
        return unorm2_getNFKCCasefoldInstance(error);
    }
    *error = U_ILLEGAL_ARGUMENT_ERROR;
    return NULL;
}

apr_status_t mq_utf16_normalize(mq_utf16_t *utf16, mq_utf16_form_t form, apr_pool_t *pool)
{
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2 *how = normalizer(form, &error);
    mq_utf16_t result;

    if (U_FAILURE(error)) {
        return MQ_EBUG;
    }
    if (unorm2_spanQuickCheckYes(how, utf16->units, utf16->length, &error) == utf16->length &&
        U_SUCCESS(error)) {
        return APR_SUCCESS;
    }
    if (!is_stream_safe(utf16)) {
        return MQ_EINVALID;
    }
    error = U_ZERO_ERROR;
    result.length = unorm2_normalize(how, utf16->units, utf16->length, NULL, 0, &error);
    if (error != U_BUFFER_OVERFLOW_ERROR && U_FAILURE(error)) {
        return MQ_EBUG;
    }
    result.units = apr_palloc(pool, ((apr_size_t)result.length + 1) * sizeof(UChar));
    error = U_ZERO_ERROR;
    unorm2_normalize(how, utf16->units, utf16->length, result.units, result.length + 1, &error);
    if (U_FAILURE(error)) {
        return MQ_EBUG;
    }
    *utf16 = result;
    return APR_SUCCESS;
}

apr_status_t mq_utf16_fold_case(mq_utf16_t *utf16, apr_pool_t *pool)
{
    UErrorCode error = U_ZERO_ERROR;
    int32_t capacity = 3 * utf16->length + 1; /* no code point folds to more than three */
    UChar *folded = apr_palloc(pool, (apr_size_t)capacity * sizeof(UChar));
    int32_t length =
        u_strFoldCase(folded, capacity, utf16->units, utf16->length, U_FOLD_CASE_DEFAULT, &error);

    if (U_FAILURE(error)) {
        return MQ_EBUG;
    }
    utf16->units = folded;
    utf16->length = length;
    return APR_SUCCESS;
}

const char *mq_text_language_name(const char *tag, apr_pool_t *pool)
{
    enum { NAME_MOST = 100 };
    UErrorCode error = U_ZERO_ERROR;
    UChar units[NAME_MOST];
    mq_utf16_t name = {units, 0};
    int32_t length = uloc_getDisplayName(tag, tag, units, NAME_MOST, &error);
    if (U_FAILURE(error) || length <= 0 || length >= NAME_MOST) {
        return tag;
    }
    name.length = length;
    return mq_utf16_to_utf8(&name, pool);
}

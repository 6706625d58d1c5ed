/* script.c -- asking ICU, once for each language when the server starts; and writing numbers. */
#include "base/script.h"

#include <apr_strings.h>
#include <string.h>
#include <unicode/uloc.h>
#include <unicode/unumsys.h>

#include "base/text_icu.h"

/* Of Arabic "٠١٢٣٤٥٦٧٨٩". Hebrew and Georgian have numerals of their own, but no ten digits. */
static const char *digits_of(const char *tag, apr_pool_t *pool)
{
    enum { DIGITS = 10, UNITS = 2 * DIGITS };
    UErrorCode error = U_ZERO_ERROR;
    UNumberingSystem *system =
        unumsys_open(apr_pstrcat(pool, tag, "@numbers=native", NULL), &error);
    UChar units[UNITS + 1];
    mq_utf16_t digits = {units, 0};
    const char *text = NULL;
    if (U_SUCCESS(error) && !unumsys_isAlgorithmic(system) && unumsys_getRadix(system) == DIGITS) {
        digits.length = unumsys_getDescription(system, units, UNITS + 1, &error);
        text = U_SUCCESS(error) ? mq_utf16_to_utf8(&digits, pool) : NULL;
    }
    unumsys_close(system);
    return text && *text != '0' && strlen(text) % DIGITS == 0 ? text : NULL;
}

mq_script_t mq_script_of(const char *tag, apr_pool_t *pool)
{
    return (mq_script_t){uloc_isRightToLeft(tag), digits_of(tag, pool)};
}

const char *mq_script_with_digits(const char *text, const char *digits, apr_pool_t *pool)
{
    apr_size_t width = digits ? strlen(digits) / 10 : 0;
    char *written;
    char *at;
    if (!digits) {
        return text;
    }
    written = apr_palloc(pool, strlen(text) * width + 1);
    at = written;
    for (; *text; text++) {
        if (*text >= '0' && *text <= '9') {
            memcpy(at, digits + (apr_size_t)(*text - '0') * width, width);
            at += width;
        } else {
            *at++ = *text;
        }
    }
    *at = '\0';
    return written;
}

/* text.c -- checking, cleaning and decoding people's text. The keys by which it is compared and
 * searched are made in text_keys.c; both work on UTF-8 and go through UTF-16 for ICU only. */
#include "base/text.h"

#include <string.h>

#include <apr_strings.h>
#include <unicode/uchar.h>

#include "base/text_icu.h"

/** @return how many of the first bytes are ASCII */
static apr_size_t ascii_span(const char *bytes, apr_size_t length)
{
    const apr_uint64_t high_bits = APR_UINT64_C(0x8080808080808080);
    apr_size_t i = 0;

    for (; length - i >= sizeof(apr_uint64_t); i += sizeof(apr_uint64_t)) {
        apr_uint64_t eight;

        memcpy(&eight, bytes + i, sizeof eight);
        if ((eight & high_bits) != 0) {
            break;
        }
    }
    while (i < length && (signed char)bytes[i] >= 0) {
        i++;
    }
    return i;
}

int mq_text_is_utf8(const char *bytes, apr_size_t length)
{
    apr_size_t i = ascii_span(bytes, length);

    while (i < length) {
        if (mq_utf8_next(bytes, &i, length) < 0) {
            return 0;
        }
    }
    return 1;
}

int mq_text_is_ascii(const char *text, apr_size_t length)
{
    return ascii_span(text, length) == length;
}

int mq_text_is_stream_safe(const char *text)
{
    apr_size_t length = strlen(text);
    apr_size_t i = ascii_span(text, length);
    int run = 0;

    while (i < length) {
        if (!mq_marks_fit(&run, mq_utf8_next(text, &i, length))) {
            return 0;
        }
    }
    return 1;
}

const char *mq_text_nfc(const char *text, apr_pool_t *pool)
{
    apr_size_t length = strlen(text);
    mq_utf16_t utf16;

    if (mq_text_is_ascii(text, length) ||
        mq_utf16_from_utf8(&utf16, text, length, pool) != APR_SUCCESS ||
        mq_utf16_normalize(&utf16, MQ_UTF16_NFC, pool) != APR_SUCCESS) {
        return text;
    }
    return mq_utf16_to_utf8(&utf16, pool);
}

/** How a code point is treated in a text of one line. */
typedef enum { KIND_KEEP, KIND_BLANK, KIND_LINE_BREAK, KIND_DROP, KIND_REFUSE } line_kind_t;

static line_kind_t line_kind(UChar32 c)
{
    if (c == ' ' || c == '\t') {
        return KIND_BLANK;
    }
    if (c > ' ' && c < 0x7f) {
        return KIND_KEEP;
    }
    if ((c >= 0x0a && c <= 0x0d) || c == 0x85 || c == 0x2028 || c == 0x2029) {
        return KIND_LINE_BREAK;
    }
    if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
        u_charType(c) == U_CONTROL_CHAR) {
        return KIND_REFUSE;
    }
    if (c == 0xad || c == 0x200b || c == 0x2060 || c == 0xfeff) {
        return KIND_DROP; /* invisible, they come with a paste; joiners (U+200C-D) have a meaning */
    }
    return u_isUWhiteSpace(c) ? KIND_BLANK : KIND_KEEP;
}

/** @return whether the bytes are printable ASCII with single blanks inside: what most names are */
static int is_clean_ascii_line(const char *text, apr_size_t length)
{
    char previous = ' ';

    for (apr_size_t i = 0; i < length; i++) {
        if (text[i] < ' ' || text[i] > '~' || (text[i] == ' ' && previous == ' ')) {
            return 0;
        }
        previous = text[i];
    }
    return length == 0 || previous != ' ';
}

apr_status_t mq_text_clean_line(const char **line_out, const char *text, apr_pool_t *pool)
{
    apr_size_t length = strlen(text);
    apr_size_t i = 0;
    apr_size_t written = 0;
    int blank_waits = 0;
    int break_waits = 0;
    char *line;

    *line_out = text;
    if (is_clean_ascii_line(text, length)) {
        return APR_SUCCESS;
    }
    if (!mq_text_is_utf8(text, length) || !mq_text_is_stream_safe(text)) {
        return MQ_EINVALID;
    }
    text = mq_text_nfc(text, pool);
    length = strlen(text);
    line = apr_palloc(pool, length + 1);
    while (i < length) {
        apr_size_t start = i;
        line_kind_t kind = line_kind(mq_utf8_next(text, &i, length));

        if (kind == KIND_REFUSE || (kind == KIND_KEEP && break_waits && written > 0)) {
            return MQ_EINVALID;
        }
        if (kind == KIND_KEEP) {
            if (blank_waits && written > 0) {
                line[written++] = ' ';
            }
            memcpy(line + written, text + start, i - start);
            written += i - start;
            blank_waits = 0;
            break_waits = 0;
        }
        blank_waits |= kind == KIND_BLANK;
        break_waits |= kind == KIND_LINE_BREAK;
    }
    line[written] = '\0';
    *line_out = mq_text_nfc(line, pool); /* what was dropped may have kept a mark from its letter */
    return APR_SUCCESS;
}

/* Bidirectional controls of a block: https://www.unicode.org/reports/tr9/ */
enum {
    LRE = 0x202a,
    RLE = 0x202b,
    PDF = 0x202c,
    LRO = 0x202d,
    RLO = 0x202e,
    LRI = 0x2066,
    RLI = 0x2067,
    FSI = 0x2068,
    PDI = 0x2069,
    PARAGRAPH_END = 0x2029,
    SHOWN = 0xfffd,
    OPEN_MOST = 60 /* no reader follows more */
};

static void isolates_close(char *block, apr_size_t *written, int *open)
{
    for (; *open > 0; (*open)--) {
        mq_utf8_append(block, written, PDI);
    }
}

/* What a text that runs from right to left needs stays, and reaches no further than its own line:
 * embeddings become isolates, all are closed, and what would turn letters round is shown as what it
 * is, a character that does not belong there. @return whether c was such a control */
static int direction_settle(char *block, apr_size_t *written, int *open, UChar32 c)
{
    if (c == LRO || c == RLO) {
        mq_utf8_append(block, written, SHOWN);
    } else if (c == PDF || c == PDI) {
        if (*open > 0) {
            mq_utf8_append(block, written, PDI);
            (*open)--;
        }
    } else if (c == LRE || c == RLE || (c >= LRI && c <= FSI)) {
        if (*open < OPEN_MOST) {
            mq_utf8_append(block, written, c == LRE ? LRI : c == RLE ? RLI : c);
            (*open)++;
        }
    } else {
        return 0;
    }
    return 1;
}

apr_status_t mq_text_clean_block(const char **block_out, const char *text, apr_pool_t *pool)
{
    apr_size_t length = strlen(text);
    apr_size_t i = 0;
    apr_size_t written = 0;
    int open = 0;
    char *block;

    *block_out = text;
    if (!mq_text_is_utf8(text, length) || !mq_text_is_stream_safe(text)) {
        return MQ_EINVALID;
    }
    text = mq_text_nfc(text, pool);
    length = strlen(text);
    block = apr_palloc(pool, 2 * length + 1); /* what is opened is closed */
    while (i < length) {
        apr_size_t start = i;
        UChar32 c = mq_utf8_next(text, &i, length);

        if (c == '\r' || c == '\n' || c == PARAGRAPH_END) {
            isolates_close(block, &written, &open);
        }
        if (c == '\r') {
            if (i == length || text[i] != '\n') {
                block[written++] = '\n';
            }
            continue;
        }
        if (c != '\n' && c != '\t' && (c < ' ' || (c >= 0x7f && u_charType(c) == U_CONTROL_CHAR))) {
            return MQ_EINVALID;
        }
        if (!direction_settle(block, &written, &open, c)) {
            memcpy(block + written, text + start, i - start);
            written += i - start;
        }
    }
    isolates_close(block, &written, &open);
    block[written] = '\0';
    *block_out = block;
    return APR_SUCCESS;
}

apr_size_t mq_text_count(const char *text)
{
    apr_size_t count = 0;

    for (; *text != '\0'; text++) {
        count += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return count;
}

const char *mq_text_digits(const char *text, apr_pool_t *pool)
{
    apr_size_t length = strlen(text);
    char *digits = apr_palloc(pool, length + 1);
    apr_size_t i = 0;
    apr_size_t written = 0;

    while (i < length) {
        UChar32 c = mq_utf8_next(text, &i, length);

        if (c >= '0' && c <= '9') {
            digits[written++] = (char)c;
        } else if (c >= 0x80 && u_charType(c) == U_DECIMAL_DIGIT_NUMBER) {
            digits[written++] = (char)('0' + u_charDigitValue(c));
        }
    }
    digits[written] = '\0';
    return digits;
}

const char *mq_text_plain_digits(const char *text, apr_pool_t *pool)
{
    apr_size_t length = strlen(text);
    char *folded;
    apr_size_t i = 0;
    apr_size_t written = 0;

    if (mq_text_is_ascii(text, length) || !mq_text_is_utf8(text, length)) {
        return text;
    }
    folded = apr_palloc(pool, length + 1); /* no digit grows */
    while (i < length) {
        apr_size_t start = i;
        UChar32 c = mq_utf8_next(text, &i, length);

        if (c >= 0x80 && u_charType(c) == U_DECIMAL_DIGIT_NUMBER) {
            folded[written++] = (char)('0' + u_charDigitValue(c));
        } else if (!u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL)) {
            memcpy(folded + written, text + start, i - start);
            written += i - start;
        }
    }
    folded[written] = '\0';
    return folded;
}

/** @return what a byte above 127 is in windows-1252, or 0 for the five that it does not have */
static UChar32 windows_1252(unsigned char byte)
{
    static const UChar32 low[32] = {0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
                                    0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

    return byte < 0xa0 ? low[byte - 0x80] : byte;
}

apr_status_t mq_text_decode_windows(const char **text_out, const char *bytes, apr_size_t length,
                                    apr_pool_t *pool)
{
    char *text = apr_palloc(pool, 3 * length + 1);
    apr_size_t written = 0;

    *text_out = NULL;
    for (apr_size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        UChar32 c = byte < 0x80 ? byte : windows_1252(byte);

        if (c == 0) {
            return MQ_EINVALID;
        }
        mq_utf8_append(text, &written, c);
    }
    text[written] = '\0';
    *text_out = text;
    return APR_SUCCESS;
}

apr_status_t mq_text_decode(const char **text_out, const char *bytes, apr_size_t length,
                            apr_pool_t *pool)
{
    static const char mark[] = "\xef\xbb\xbf";
    apr_size_t mark_length = sizeof mark - 1;
    int marked = length >= mark_length && memcmp(bytes, mark, mark_length) == 0;

    *text_out = NULL;
    if (marked) {
        bytes += mark_length;
        length -= mark_length;
    }
    if (length > 0 && memchr(bytes, '\0', length) != NULL) {
        return MQ_EINVALID;
    }
    if (mq_text_is_utf8(bytes, length)) {
        *text_out = apr_pstrmemdup(pool, bytes, length);
        return APR_SUCCESS;
    }
    if (marked) {
        return MQ_EINVALID;
    }
    return mq_text_decode_windows(text_out, bytes, length, pool);
}

static uint32_t unit_read(const char *bytes, int big_endian)
{
    unsigned char first = (unsigned char)bytes[0];
    unsigned char second = (unsigned char)bytes[1];

    return (uint32_t)(big_endian ? first << 8 | second : second << 8 | first);
}

apr_status_t mq_text_decode_utf16(const char **text_out, apr_size_t *used_out, const char *bytes,
                                  apr_size_t length, int big_endian, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, 3 * (length / 2) + 1);
    apr_size_t written = 0;
    apr_size_t used = 0;

    *text_out = NULL;
    while (length - used >= 2) {
        uint32_t c = unit_read(bytes + used, big_endian);
        apr_size_t units = U16_IS_LEAD(c) ? 2 : 1;

        if (length - used < 2 * units) {
            break;
        }
        if (units == 2) {
            uint32_t trail = unit_read(bytes + used + 2, big_endian);

            c = U16_IS_TRAIL(trail) ? (uint32_t)U16_GET_SUPPLEMENTARY(c, trail) : 0;
        }
        if (c == 0 || U16_IS_TRAIL(c)) {
            return MQ_EINVALID;
        }
        mq_utf8_append(text, &written, (UChar32)c);
        used += 2 * units;
    }
    text[written] = '\0';
    *text_out = text;
    *used_out = used;
    return APR_SUCCESS;
}

int mq_text_is_email(const char *line)
{
    const char *at = strchr(line, '@');
    return at && at != line && at[1] && !strchr(at + 1, '@') && !strchr(line, ' ');
}

/* id.c -- making, writing and reading record ids, hexadecimal and base64url.
 * Random bytes come from crypto.c. */
#include "base/id.h"

#include <string.h>

#include <apr_time.h>

#include "base/crypto.h"

static const char hex_digits[] = "0123456789abcdef";
/* Two digits for each byte: half the steps where a table of patients writes fifty ids. */
#define HEX_ROW(high)                                                                              \
    high "0" high "1" high "2" high "3" high "4" high "5" high "6" high "7" high "8" high "9" high \
         "a" high "b" high "c" high "d" high "e" high "f"
static const char hex_pairs[] = HEX_ROW("0") HEX_ROW("1") HEX_ROW("2") HEX_ROW("3") HEX_ROW("4")
    HEX_ROW("5") HEX_ROW("6") HEX_ROW("7") HEX_ROW("8") HEX_ROW("9") HEX_ROW("a") HEX_ROW("b")
        HEX_ROW("c") HEX_ROW("d") HEX_ROW("e") HEX_ROW("f");
static const char base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

apr_status_t mq_id_make(mq_id_t *id_out)
{
    apr_time_t now = apr_time_now();
    apr_uint64_t milliseconds = (apr_uint64_t)(now / 1000);
    unsigned fraction = (unsigned)(now % 1000) * 4096 / 1000; /* of a millisecond, in 1/4096 */
    unsigned char *bytes = id_out->bytes;

    memset(id_out, 0, sizeof *id_out);
    MQ_TRY(mq_random(bytes + 8, 8));
    for (int i = 0; i < 6; i++) {
        bytes[i] = (unsigned char)(milliseconds >> (40 - 8 * i));
    }
    bytes[6] = (unsigned char)(0x70 | fraction >> 8); /* version 7 */
    bytes[7] = (unsigned char)(fraction & 0xff);
    bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3f)); /* variant 10 */
    return APR_SUCCESS;
}

static int hyphen_follows(int byte)
{
    return byte == 3 || byte == 5 || byte == 7 || byte == 9;
}

static char *bytes_write(char *at, const unsigned char *bytes, int count)
{
    for (int i = 0; i < count; i++) {
        memcpy(at + 2 * i, hex_pairs + 2 * bytes[i], 2);
    }
    return at + 2 * count;
}

void mq_id_format(char text_out[MQ_ID_TEXT_SIZE], const mq_id_t *id)
{
    char *at = bytes_write(text_out, id->bytes, 4);

    *at++ = '-';
    at = bytes_write(at, id->bytes + 4, 2);
    *at++ = '-';
    at = bytes_write(at, id->bytes + 6, 2);
    *at++ = '-';
    at = bytes_write(at, id->bytes + 8, 2);
    *at++ = '-';
    at = bytes_write(at, id->bytes + 10, 6);
    *at = '\0';
}

const char *mq_id_text(const mq_id_t *id, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, MQ_ID_TEXT_SIZE);

    mq_id_format(text, id);
    return text;
}

/** @return 0 to 15, or -1 */
static int hex_value(char c, int upper_too)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return upper_too && c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

apr_status_t mq_id_parse(mq_id_t *id_out, const char *text)
{
    mq_id_t id;
    const char *at = text;

    memset(id_out, 0, sizeof *id_out);
    if (text == NULL || strnlen(text, MQ_ID_TEXT_SIZE) != MQ_ID_TEXT_SIZE - 1) {
        return MQ_EINVALID;
    }
    for (int i = 0; i < 16; i++) {
        int high = hex_value(*at++, 0);
        int low = hex_value(*at++, 0);

        if (high < 0 || low < 0 || (hyphen_follows(i) && *at++ != '-')) {
            return MQ_EINVALID;
        }
        id.bytes[i] = (unsigned char)(high << 4 | low);
    }
    *id_out = id;
    return APR_SUCCESS;
}

int mq_id_equal(const mq_id_t *a, const mq_id_t *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

int mq_id_is_nil(const mq_id_t *id)
{
    static const mq_id_t nil;

    return mq_id_equal(id, &nil);
}

const char *mq_hex_encode(const void *data, apr_size_t length, apr_pool_t *pool)
{
    const unsigned char *bytes = data;
    char *text = apr_palloc(pool, 2 * length + 1);

    for (apr_size_t i = 0; i < length; i++) {
        text[2 * i] = hex_digits[bytes[i] >> 4];
        text[2 * i + 1] = hex_digits[bytes[i] & 15];
    }
    text[2 * length] = '\0';
    return text;
}

apr_status_t mq_hex_decode(void *data_out, apr_size_t length, const char *text)
{
    unsigned char *bytes = data_out;

    if (strlen(text) != 2 * length) {
        return MQ_EINVALID;
    }
    for (apr_size_t i = 0; i < length; i++) {
        int high = hex_value(text[2 * i], 1);
        int low = hex_value(text[2 * i + 1], 1);

        if (high < 0 || low < 0) {
            return MQ_EINVALID;
        }
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    return APR_SUCCESS;
}

const char *mq_base64url_encode(const void *data, apr_size_t length, apr_pool_t *pool)
{
    const unsigned char *bytes = data;
    char *text = apr_palloc(pool, length / 3 * 4 + 4);
    char *at = text;
    apr_size_t whole = length - length % 3;

    for (apr_size_t i = 0; i < whole; i += 3) {
        unsigned bits = (unsigned)bytes[i] << 16 | (unsigned)bytes[i + 1] << 8 | bytes[i + 2];
        *at++ = base64url_digits[bits >> 18];
        *at++ = base64url_digits[bits >> 12 & 63];
        *at++ = base64url_digits[bits >> 6 & 63];
        *at++ = base64url_digits[bits & 63];
    }
    if (length > whole) {
        unsigned bits = (unsigned)bytes[whole] << 8 | (length - whole == 2 ? bytes[whole + 1] : 0);
        *at++ = base64url_digits[bits >> 10];
        *at++ = base64url_digits[bits >> 4 & 63];
        if (length - whole == 2) {
            *at++ = base64url_digits[bits << 2 & 63];
        }
    }
    *at = '\0';
    return text;
}

/** @return 0 to 63, or -1 */
static int base64url_value(char c)
{
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

apr_status_t mq_base64url_decode(const unsigned char **data_out, apr_size_t *length_out,
                                 const char *text, apr_pool_t *pool)
{
    unsigned char *data = apr_palloc(pool, strlen(text) / 4 * 3 + 3);
    apr_size_t length = 0;
    unsigned long bits = 0;
    int waiting = 0;

    *data_out = NULL;
    *length_out = 0;
    for (; *text != '\0'; text++) {
        int value = base64url_value(*text);

        if (value < 0) {
            return MQ_EINVALID;
        }
        bits = (bits << 6 | (unsigned long)value) & 0x3fff;
        waiting += 6;
        if (waiting >= 8) {
            waiting -= 8;
            data[length++] = (unsigned char)(bits >> waiting & 0xff);
        }
    }
    if (waiting == 6 || (bits & ((1UL << waiting) - 1)) != 0) {
        return MQ_EINVALID; /* a single digit left over, or a second spelling of the same bytes */
    }
    *data_out = data;
    *length_out = length;
    return APR_SUCCESS;
}

/* totp.c -- RFC 6238 on RFC 4226, and base32. */
#include "base/totp.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

apr_int64_t mq_totp_step(apr_time_t at)
{
    return apr_time_sec(at) / MQ_TOTP_STEP;
}

apr_status_t mq_totp_code(char code_out[MQ_TOTP_CODE_SIZE], const unsigned char *secret,
                          apr_size_t length, apr_int64_t step)
{
    unsigned char counter[8];
    unsigned char mac[MQ_SHA1_LENGTH];
    apr_uint64_t rest = (apr_uint64_t)step;
    apr_uint32_t number;
    int at;
    for (int i = 7; i >= 0; i--) {
        counter[i] = (unsigned char)(rest & 0xff);
        rest >>= 8;
    }
    MQ_TRY(mq_hmac_sha1(mac, secret, length, counter, sizeof counter));
    at = mac[MQ_SHA1_LENGTH - 1] & 0x0f; /* RFC 4226, 5.3 */
    number = ((apr_uint32_t)(mac[at] & 0x7f) << 24 | (apr_uint32_t)mac[at + 1] << 16 |
              (apr_uint32_t)mac[at + 2] << 8 | mac[at + 3]) %
             1000000;
    for (int i = MQ_TOTP_DIGITS - 1; i >= 0; i--) {
        code_out[i] = (char)('0' + number % 10);
        number /= 10;
    }
    code_out[MQ_TOTP_DIGITS] = 0;
    return APR_SUCCESS;
}

apr_int64_t mq_totp_latest(apr_time_t now)
{
    return mq_totp_step(now + MQ_CLOCK_SLACK) + MQ_TOTP_DRIFT;
}

apr_status_t mq_totp_check(apr_int64_t *step_out, const char *typed, const unsigned char *secret,
                           apr_size_t length, apr_time_t now, apr_int64_t last)
{
    char digits[MQ_TOTP_DIGITS] = "";
    int count = 0;
    apr_int64_t found = -1;
    if (last > mq_totp_latest(now)) {
        last = -1;
    }
    for (; *typed; typed++) {
        if (*typed == ' ') {
            continue;
        }
        if (!apr_isdigit(*typed) || count == MQ_TOTP_DIGITS) {
            return MQ_EDENIED;
        }
        digits[count++] = *typed;
    }
    if (count != MQ_TOTP_DIGITS) {
        return MQ_EDENIED;
    }
    for (int drift = -MQ_TOTP_DRIFT; drift <= MQ_TOTP_DRIFT; drift++) {
        apr_int64_t step = mq_totp_step(now) + drift;
        char code[MQ_TOTP_CODE_SIZE];
        MQ_TRY(mq_totp_code(code, secret, length, step));
        if (step > last && mq_equal_secret(code, digits, MQ_TOTP_DIGITS)) {
            found = step;
        }
    }
    *step_out = found;
    return found < 0 ? MQ_EDENIED : APR_SUCCESS;
}

const char *mq_base32_encode(const void *data, apr_size_t length, apr_pool_t *pool)
{
    const unsigned char *bytes = data;
    char *text = apr_palloc(pool, (length * 8 + 4) / 5 + 1);
    char *out = text;
    apr_uint32_t held = 0;
    int bits = 0;
    for (apr_size_t i = 0; i < length; i++) {
        held = (held << 8 | bytes[i]) & 0xffff;
        for (bits += 8; bits >= 5; bits -= 5) {
            *out++ = alphabet[held >> (bits - 5) & 31];
        }
    }
    if (bits > 0) {
        *out++ = alphabet[held << (5 - bits) & 31];
    }
    *out = 0;
    return text;
}

apr_status_t mq_base32_decode(const unsigned char **data_out, apr_size_t *length_out,
                              const char *text, apr_pool_t *pool)
{
    unsigned char *bytes = apr_palloc(pool, strlen(text) * 5 / 8 + 1);
    apr_size_t length = 0;
    apr_uint32_t held = 0;
    int bits = 0;
    for (; *text; text++) {
        const char *found;
        if (*text == ' ' || *text == '-') {
            continue;
        }
        found = strchr(alphabet, apr_toupper(*text));
        if (!found) {
            return MQ_EINVALID;
        }
        held = (held << 5 | (apr_uint32_t)(found - alphabet)) & 0xffff;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            bytes[length++] = (unsigned char)(held >> bits & 0xff);
        }
    }
    if (bits >= 5 || (held & ((1U << bits) - 1)) != 0) {
        return MQ_EINVALID;
    }
    *data_out = bytes;
    *length_out = length;
    return APR_SUCCESS;
}

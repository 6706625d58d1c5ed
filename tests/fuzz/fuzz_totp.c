/* fuzz_totp.c -- any bytes as a secret in base32 and as a typed code: what was read writes itself
 * back, and a code is let through only for a step near the time that was not used. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/totp.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char key[] = "12345678901234567890";
    const apr_time_t now = apr_time_from_sec(1111111109);
    const unsigned char *secret;
    const unsigned char *again;
    apr_size_t length;
    apr_size_t again_length;
    apr_int64_t step;
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL);
    const char *text = apr_pstrmemdup(pool, (const char *)data, size);
    if (mq_base32_decode(&secret, &length, text, pool) == APR_SUCCESS) {
        const char *written = mq_base32_encode(secret, length, pool);
        if (mq_base32_decode(&again, &again_length, written, pool) != APR_SUCCESS ||
            again_length != length || memcmp(again, secret, length) != 0) {
            abort();
        }
    }
    if (mq_totp_check(&step, text, key, sizeof key - 1, now, mq_totp_step(now) - 1) ==
            APR_SUCCESS &&
        (step < mq_totp_step(now) || step > mq_totp_step(now) + MQ_TOTP_DRIFT)) {
        abort();
    }
    apr_pool_destroy(pool);
    return 0;
}

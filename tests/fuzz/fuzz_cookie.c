/* fuzz_cookie.c -- any text as a Cookie header: never a crash, and a value has no ';'. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/cookie.h"

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
    apr_pool_t *pool;
    const char *value;
    const char *header;

    apr_pool_create(&pool, NULL);
    value = mq_cookie_get(apr_pstrmemdup(pool, (const char *)data, size), "medsynq", pool);
    if (value != NULL && strchr(value, ';') != NULL) {
        abort();
    }
    if (value != NULL &&
        mq_cookie_build(&header, "medsynq", value, MQ_COOKIE_SESSION, 0, pool) == APR_SUCCESS &&
        strpbrk(header, "\r\n") != NULL) {
        abort();
    }
    apr_pool_destroy(pool);
    return 0;
}

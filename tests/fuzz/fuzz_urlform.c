/* fuzz_urlform.c -- any bytes as a form body: never a crash, and whatever is let through is UTF-8
 * without NUL. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_tables.h>

#include "base/text.h"
#include "base/urlform.h"

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
    const apr_array_header_t *fields;
    const char *reason;
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL);
    if (mq_form_parse(&fields, &reason, (const char *)data, size, 16, pool) == APR_SUCCESS) {
        if (fields->nelts > 16) {
            abort();
        }
        for (int i = 0; i < fields->nelts; i++) {
            const mq_form_field_t *field = &APR_ARRAY_IDX(fields, i, mq_form_field_t);

            if (strlen(field->value) != field->value_length ||
                !mq_text_is_utf8(field->value, field->value_length) ||
                !mq_text_is_utf8(field->name, strlen(field->name)) ||
                mq_form_get(fields, field->name, NULL) == NULL) {
                abort();
            }
        }
    } else if (reason == NULL) {
        abort();
    }
    apr_pool_destroy(pool);
    return 0;
}

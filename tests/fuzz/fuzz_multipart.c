/* fuzz_multipart.c -- any bytes as an upload, whole and cut into pieces: both ways the reader sees
 * the same fields or refuses, and calls come in the order begin, data, end. The first byte is the
 * size of the pieces, the rest of the first line the boundary. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/buffer.h"
#include "base/multipart.h"

/** What came of one reading. */
typedef struct seen_t {
    mq_buffer_t *text;
    int inside; /* between begin and end */
} seen_t;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize();
}

static apr_status_t begin(void *context, const char *name, const char *file)
{
    seen_t *seen = context;
    if (seen->inside || !name) {
        abort();
    }
    seen->inside = 1;
    mq_buffer_text(seen->text, name);
    mq_buffer_text(seen->text, file ? file : "\1");
    return APR_SUCCESS;
}

static apr_status_t data(void *context, const char *bytes, apr_size_t length)
{
    seen_t *seen = context;
    if (!seen->inside) {
        abort();
    }
    mq_buffer_add(seen->text, bytes, length);
    return APR_SUCCESS;
}

static apr_status_t end(void *context)
{
    seen_t *seen = context;
    if (!seen->inside) {
        abort();
    }
    seen->inside = 0;
    mq_buffer_add(seen->text, "\2", 1);
    return APR_SUCCESS;
}

static const mq_multipart_calls_t calls = {begin, data, end};

/* NULL: it was refused. */
static mq_buffer_t *read_body(const char *type, const char *body, size_t size, size_t piece,
                              apr_pool_t *pool)
{
    seen_t seen = {mq_buffer_make(pool, 64), 0};
    mq_multipart_t *reader;
    if (mq_multipart_make(&reader, type, &calls, &seen, pool) != APR_SUCCESS) {
        return NULL;
    }
    for (size_t at = 0; at < size; at += piece) {
        if (mq_multipart_push(reader, body + at, size - at < piece ? size - at : piece) !=
            APR_SUCCESS) {
            return NULL;
        }
    }
    if (mq_multipart_end(reader) != APR_SUCCESS) {
        return NULL;
    }
    if (seen.inside) {
        abort();
    }
    return seen.text;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    const char *text = (const char *)input;
    const char *line = size ? memchr(text, '\n', size) : NULL;
    apr_pool_t *pool;
    mq_buffer_t *whole;
    mq_buffer_t *cut;
    if (!line || line == text) {
        return 0;
    }
    apr_pool_create(&pool, NULL);
    size_t piece = 1 + input[0] % 64;
    const char *type =
        apr_pstrcat(pool, "multipart/form-data; boundary=",
                    apr_pstrmemdup(pool, text + 1, (apr_size_t)(line - text - 1)), NULL);
    size -= (size_t)(line + 1 - text);
    whole = read_body(type, line + 1, size, size ? size : 1, pool);
    cut = read_body(type, line + 1, size, piece, pool);
    if (!whole != !cut || (whole && strcmp(mq_buffer_string(whole), mq_buffer_string(cut)) != 0)) {
        abort();
    }
    apr_pool_destroy(pool);
    return 0;
}

/* fuzz_csv.c -- any bytes as an uploaded file: decoded, read whole and read in pieces. Both ways
 * must see the same rows, within the limits; what was read is written, too. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "base/csv.h"
#include "base/text.h"

static const mq_csv_limits_t limits = {64, 256, 8};

/** All fields of a file, each with the number of its row's fields. */
typedef struct seen_t {
    mq_buffer_t *text;
    mq_csv_writer_t writer;
} seen_t;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize();
}

static apr_status_t row_note(void *context, int line, const char *const *fields, int count)
{
    seen_t *seen = context;

    if (line < 1 || count < 1 || count > limits.fields) {
        abort();
    }
    mq_buffer_int(seen->text, count);
    for (int i = 0; i < count; i++) {
        if (strlen(fields[i]) > limits.field_length) {
            abort();
        }
        mq_buffer_add(seen->text, fields[i], strlen(fields[i]) + 1);
        mq_csv_add(&seen->writer, fields[i]);
    }
    mq_csv_row_end(&seen->writer);
    return APR_SUCCESS;
}

static apr_status_t read_all(seen_t *seen, const char *text, apr_size_t length, apr_size_t piece,
                             apr_pool_t *pool)
{
    mq_csv_reader_t *reader;

    seen->text = mq_buffer_make(pool, 64);
    seen->writer = (mq_csv_writer_t){mq_buffer_make(pool, 64), 0};
    reader = mq_csv_reader_make(limits, row_note, seen, pool);
    for (apr_size_t i = 0; i < length; i += piece) {
        if (mq_csv_push(reader, text + i, length - i < piece ? length - i : piece) != APR_SUCCESS) {
            break;
        }
    }
    return mq_csv_end(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool;
    const char *text;
    seen_t whole;
    seen_t pieces;
    apr_status_t rv;

    apr_pool_create(&pool, NULL);
    if (size > 0 && mq_text_decode(&text, (const char *)data + 1, size - 1, pool) == APR_SUCCESS) {
        apr_size_t length = strlen(text);

        if (!mq_text_is_utf8(text, length)) {
            abort();
        }
        rv = read_all(&whole, text, length, length + 1, pool);
        if (read_all(&pieces, text, length, 1 + data[0] % 7, pool) != rv ||
            whole.text->length != pieces.text->length ||
            memcmp(whole.text->data, pieces.text->data, whole.text->length) != 0) {
            abort();
        }
    }
    apr_pool_destroy(pool);
    return 0;
}

/* multipart_form.c -- gathering fields from the parts of a body that is here as a whole. */
#include "web/multipart_form.h"

#include <apr_strings.h>
#include <string.h>

#include "base/buffer.h"
#include "base/multipart.h"
#include "base/text.h"

typedef struct gathering_t {
    apr_array_header_t *fields;
    const char *name;
    mq_buffer_t *value; /* NULL: a file, of which nothing is kept */
    apr_pool_t *pool;
} gathering_t;

static apr_status_t part_begin(void *context, const char *name, const char *file)
{
    gathering_t *gathering = context;
    MQ_TRY(
        mq_text_clean_line(&gathering->name, apr_pstrdup(gathering->pool, name), gathering->pool));
    gathering->value = file ? NULL : mq_buffer_make(gathering->pool, 128);
    return gathering->fields->nelts < MQ_FORM_FIELDS_DEFAULT ? APR_SUCCESS : MQ_EINVALID;
}

static apr_status_t part_data(void *context, const char *bytes, apr_size_t length)
{
    gathering_t *gathering = context;
    if (gathering->value) {
        mq_buffer_add(gathering->value, bytes, length);
    }
    return APR_SUCCESS;
}

static apr_status_t part_end(void *context)
{
    gathering_t *gathering = context;
    const char *value;
    if (!gathering->value) {
        return APR_SUCCESS;
    }
    if (memchr(gathering->value->data, 0, gathering->value->length) ||
        mq_text_clean_block(&value, mq_buffer_string(gathering->value), gathering->pool) !=
            APR_SUCCESS) {
        return MQ_EINVALID;
    }
    APR_ARRAY_PUSH(gathering->fields, mq_form_field_t) =
        (mq_form_field_t){gathering->name, value, strlen(value)};
    return APR_SUCCESS;
}

apr_status_t mq_multipart_form(const apr_array_header_t **fields_out, const char *content_type,
                               const char *data, apr_size_t length, apr_pool_t *pool)
{
    static const mq_multipart_calls_t calls = {part_begin, part_data, part_end};
    gathering_t gathering = {.fields = apr_array_make(pool, 8, sizeof(mq_form_field_t)),
                             .pool = pool};
    mq_multipart_t *reader;
    MQ_TRY(mq_multipart_make(&reader, content_type, &calls, &gathering, pool));
    MQ_TRY(mq_multipart_push(reader, data, length));
    MQ_TRY(mq_multipart_end(reader));
    *fields_out = gathering.fields;
    return APR_SUCCESS;
}

/* buffer.c -- growing and numbers; appending is inline in the header. */
#include "base/buffer.h"

enum { CAPACITY_LEAST = 64, DIGITS_MOST = 20 };

mq_buffer_t *mq_buffer_make(apr_pool_t *pool, apr_size_t capacity)
{
    mq_buffer_t *buffer = apr_palloc(pool, sizeof *buffer);
    buffer->pool = pool;
    buffer->length = 0;
    buffer->capacity = capacity < CAPACITY_LEAST ? CAPACITY_LEAST : capacity;
    buffer->data = apr_palloc(pool, buffer->capacity);
    return buffer;
}

void mq_buffer_grow(mq_buffer_t *buffer, apr_size_t more)
{
    apr_size_t capacity = buffer->capacity * 2;
    char *data;
    if (capacity < buffer->length + more) {
        capacity = buffer->length + more;
    }
    data = apr_palloc(buffer->pool, capacity);
    memcpy(data, buffer->data, buffer->length);
    buffer->data = data;
    buffer->capacity = capacity;
}

void mq_buffer_int(mq_buffer_t *buffer, apr_int64_t number)
{
    char digits[DIGITS_MOST + 1];
    char *s = digits + sizeof digits;
    apr_uint64_t rest = number < 0 ? 0 - (apr_uint64_t)number : (apr_uint64_t)number;
    do {
        *--s = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0) {
        *--s = '-';
    }
    mq_buffer_add(buffer, s, (apr_size_t)(digits + sizeof digits - s));
}

void mq_buffer_figure(mq_buffer_t *buffer, apr_int64_t number, const char *digits)
{
    apr_size_t begin = buffer->length;
    apr_size_t width = digits ? strlen(digits) / 10 : 0;
    char plain[DIGITS_MOST + 1];
    apr_size_t length;
    mq_buffer_int(buffer, number);
    if (!digits) {
        return;
    }
    length = buffer->length - begin;
    memcpy(plain, buffer->data + begin, length);
    buffer->length = begin;
    for (apr_size_t i = 0; i < length; i++) {
        if (plain[i] == '-') {
            mq_buffer_add(buffer, plain + i, 1);
        } else {
            mq_buffer_add(buffer, digits + (apr_size_t)(plain[i] - '0') * width, width);
        }
    }
}

const char *mq_buffer_string(mq_buffer_t *buffer)
{
    mq_buffer_add(buffer, "", 1);
    buffer->length--;
    return buffer->data;
}

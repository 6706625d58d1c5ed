/* buffer.h -- a growing row of bytes in a pool: pages, JSON and CSV are written into one. */
#ifndef MQ_BASE_BUFFER_H
#define MQ_BASE_BUFFER_H

#include <apr_pools.h>
#include <string.h>

/** Bytes so far; not ended by a NUL. */
typedef struct mq_buffer_t {
    char *data;
    apr_size_t length;
    apr_size_t capacity;
    apr_pool_t *pool;
} mq_buffer_t;

/** Make an empty buffer with room for so many bytes; it lives as long as the pool. */
mq_buffer_t *mq_buffer_make(apr_pool_t *pool, apr_size_t capacity);

/** Make room for so many more bytes: at least doubles, so that growing costs little. */
void mq_buffer_grow(mq_buffer_t *buffer, apr_size_t more);

/** memcpy for the short texts that a page is made of: two moves that overlap, and no call. */
static inline void mq_copy_short(char *to, const char *from, apr_size_t length)
{
    if (length > 32) {
        memcpy(to, from, length);
    } else if (length >= 16) {
        memcpy(to, from, 16);
        memcpy(to + length - 16, from + length - 16, 16);
    } else if (length >= 8) {
        memcpy(to, from, 8);
        memcpy(to + length - 8, from + length - 8, 8);
    } else if (length >= 4) {
        memcpy(to, from, 4);
        memcpy(to + length - 4, from + length - 4, 4);
    } else if (length) {
        *to = *from;
        if (length > 1) {
            memcpy(to + length - 2, from + length - 2, 2);
        }
    }
}

/** Append bytes. */
static inline void mq_buffer_add(mq_buffer_t *buffer, const void *data, apr_size_t length)
{
    if (buffer->capacity - buffer->length < length) {
        mq_buffer_grow(buffer, length);
    }
    mq_copy_short(buffer->data + buffer->length, data, length);
    buffer->length += length;
}

/** Append a text. */
static inline void mq_buffer_text(mq_buffer_t *buffer, const char *text)
{
    mq_buffer_add(buffer, text, strlen(text));
}

/** Append a number in decimal. */
void mq_buffer_int(mq_buffer_t *buffer, apr_int64_t number);

/** Append a number for people. @param digits a script's, of mq_script_t; NULL: 0 to 9 */
void mq_buffer_figure(mq_buffer_t *buffer, apr_int64_t number, const char *digits);

/** @return the bytes as a NUL-terminated text; the NUL is not counted in length. Valid until the
 * next append. */
const char *mq_buffer_string(mq_buffer_t *buffer);

#endif

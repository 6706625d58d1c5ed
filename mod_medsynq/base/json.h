/* json.h -- writing JSON (RFC 8259) into a buffer; for --json, readyz and the API to come. Commas
 * come by themselves; that brackets match is the caller's business. */
#ifndef MQ_BASE_JSON_H
#define MQ_BASE_JSON_H

#include "base/buffer.h"

/** Where JSON is being written; start it as {out}. */
typedef struct mq_json_t {
    mq_buffer_t *out;
    int comma; /* the next value needs one before it */
} mq_json_t;

/* In each function name is the member's name, or NULL for an element of an array and for the
 * outermost value. */

void mq_json_object(mq_json_t *json, const char *name);
void mq_json_object_end(mq_json_t *json);
void mq_json_array(mq_json_t *json, const char *name);
void mq_json_array_end(mq_json_t *json);

/** Write a string; NULL is null. What is not UTF-8 becomes U+FFFD; '<' is escaped, so that the
 * result is harmless in a page, too. */
void mq_json_text(mq_json_t *json, const char *name, const char *text);

void mq_json_int(mq_json_t *json, const char *name, apr_int64_t value);

/** Write true or false. */
void mq_json_flag(mq_json_t *json, const char *name, int value);

#endif

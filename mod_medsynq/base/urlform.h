/* urlform.h -- application/x-www-form-urlencoded: bodies of forms and query strings. Strict where
 * ap_parse_form_data is not: split before decoding, nothing malformed gets through. */
#ifndef MQ_BASE_URLFORM_H
#define MQ_BASE_URLFORM_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "base/status.h"

enum {
    MQ_FORM_FIELDS_DEFAULT = 256,
    MQ_FORM_NAME_MOST = 100 /* bytes as sent: each name is compared with all others */
};

/** One field: valid UTF-8 without NUL, both texts NUL-terminated. */
typedef struct mq_form_field_t {
    const char *name;
    const char *value; /* "" where there was no '=' */
    apr_size_t value_length;
} mq_form_field_t;

/**
 * Parse a body or a query string.
 * @param fields_out elements are mq_form_field_t, in the order sent, from pool; empty pairs
 *                   ("&&") are skipped
 * @param reason_out what is wrong, a constant sentence for the error page; may be NULL
 * @param data       need not end with a NUL; NULL when length is 0
 * @param limit      most fields taken, for example MQ_FORM_FIELDS_DEFAULT
 * @return MQ_EINVALID bad percent-encoding, NUL, not UTF-8, a very long name or too many fields:
 *         answer 400
 */
apr_status_t mq_form_parse(const apr_array_header_t **fields_out, const char **reason_out,
                           const char *data, apr_size_t length, int limit, apr_pool_t *pool);

/**
 * Find a field.
 * @param duplicate_out set to whether the name occurs more than once: answer 400 then; may be NULL
 * @return its (first) value, or NULL if it was not sent
 */
const char *mq_form_get(const apr_array_header_t *fields, const char *name, int *duplicate_out);

/**
 * Whether a field is there more than once.
 * @param except the one that may be, or NULL
 */
int mq_form_repeats(const apr_array_header_t *fields, const char *except);

#endif

/* multipart_form.h -- the fields of a form that came as multipart/form-data although its route
 * reads none: only to be given back. */
#ifndef MQ_WEB_MULTIPART_FORM_H
#define MQ_WEB_MULTIPART_FORM_H

#include "base/urlform.h"

/**
 * Read the fields that are no files.
 * @param fields_out of mq_form_field_t, from pool
 * @return MQ_EINVALID malformed, too many, or not UTF-8
 */
apr_status_t mq_multipart_form(const apr_array_header_t **fields_out, const char *content_type,
                               const char *data, apr_size_t length, apr_pool_t *pool);

#endif

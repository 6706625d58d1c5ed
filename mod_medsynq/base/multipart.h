/* multipart.h -- uploads (multipart/form-data, RFC 7578), pushed in as they arrive and handed on in
 * pieces: nothing of a file is kept in memory. */
#ifndef MQ_BASE_MULTIPART_H
#define MQ_BASE_MULTIPART_H

#include <apr_pools.h>

#include "base/status.h"

/** What a reader calls back; anything but APR_SUCCESS ends the reading and is returned by push. */
typedef struct mq_multipart_calls_t {
    /** A field begins. file is its file name as sent, or NULL for a field that is no file. */
    apr_status_t (*begin)(void *context, const char *name, const char *file);
    /** The next bytes of the field. */
    apr_status_t (*data)(void *context, const char *bytes, apr_size_t length);
    /** The field is complete. */
    apr_status_t (*end)(void *context);
} mq_multipart_calls_t;

typedef struct mq_multipart_t mq_multipart_t;

/**
 * Begin to read a body.
 * @param content_type the request's header: "multipart/form-data; boundary=…"
 * @return MQ_EINVALID it is another type, or has no sound boundary
 */
apr_status_t mq_multipart_make(mq_multipart_t **reader_out, const char *content_type,
                               const mq_multipart_calls_t *calls, void *context, apr_pool_t *pool);

/** Read the next bytes, cut anywhere. @return MQ_EINVALID malformed; or what a call returned */
apr_status_t mq_multipart_push(mq_multipart_t *reader, const char *bytes, apr_size_t length);

/** The body ends here. @return MQ_EINVALID it is incomplete */
apr_status_t mq_multipart_end(mq_multipart_t *reader);

#endif

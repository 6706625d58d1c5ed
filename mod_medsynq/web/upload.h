/* upload.h -- reading an uploaded file. */
#ifndef MQ_WEB_UPLOAD_H
#define MQ_WEB_UPLOAD_H

#include <apr_file_io.h>

#include "base/crypto.h"
#include "web/request.h"

/** An uploaded file; lives as long as the request. */
typedef struct mq_upload_t {
    apr_file_t *file; /* NULL: none was chosen */
    const char *name; /* as the person's computer calls it */
} mq_upload_t;

/**
 * Read a multipart body with the field "file".
 * @param status_out 415: it is no such body; 413: over the limit; 0: it was read
 * @return MQ_EDENIED the CSRF token is missing or wrong (recorded); MQ_EINVALID malformed
 */
apr_status_t mq_upload_read(mq_upload_t *upload_out, int *status_out, mq_request_t *rq,
                            const mq_scope_t *sc);

/** Digest a file and its name: the same file again has the same. */
apr_status_t mq_upload_digest(unsigned char digest_out[MQ_SHA256_LENGTH], const mq_upload_t *upload,
                              apr_pool_t *pool);

#endif

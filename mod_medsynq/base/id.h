/* id.h -- record ids: UUIDv7 (RFC 9562), 16 bytes in the database, 36 lower-case characters in
 * URLs, JSON and CSV. Also hexadecimal and base64url, the two spellings of tokens and digests. */
#ifndef MQ_BASE_ID_H
#define MQ_BASE_ID_H

#include <apr_pools.h>

#include "base/status.h"

typedef struct mq_id_t {
    unsigned char bytes[16];
} mq_id_t;

enum { MQ_ID_TEXT_SIZE = 37 /* 36 characters and the NUL */ };

/**
 * Make a new id: 48 bits of Unix milliseconds, 12 bits of the fraction below, 62 random bits
 * (RFC 9562, 5.7 and 6.2 method 3). Ids made in different microseconds sort by time, in every
 * thread and process, without a lock or a counter.
 * @return MQ_EBUG the system gives no random bytes
 */
apr_status_t mq_id_make(mq_id_t *id_out);

/** Write the 36-character text and a NUL. */
void mq_id_format(char text_out[MQ_ID_TEXT_SIZE], const mq_id_t *id);

/** @return the 36-character text, from pool */
const char *mq_id_text(const mq_id_t *id, apr_pool_t *pool);

/**
 * Read an id that we have written ourselves: 36 characters, lower case, hyphens in place. Nothing
 * else is taken, so that each record has exactly one URL.
 * @param text may be NULL; id_out is then, as after every failure, the null id
 * @return MQ_EINVALID anything else
 */
apr_status_t mq_id_parse(mq_id_t *id_out, const char *text);

/** @return whether both are the same id */
int mq_id_equal(const mq_id_t *a, const mq_id_t *b);

/** @return whether all bytes are 0: "no record" */
int mq_id_is_nil(const mq_id_t *id);

/** @return 2 * length lower-case hexadecimal digits, from pool */
const char *mq_hex_encode(const void *data, apr_size_t length, apr_pool_t *pool);

/**
 * Read exactly 2 * length hexadecimal digits of either case.
 * @return MQ_EINVALID too few, too many, or something else; data_out is then undefined
 */
apr_status_t mq_hex_decode(void *data_out, apr_size_t length, const char *text);

/** @return base64url without padding (RFC 4648, 5), from pool */
const char *mq_base64url_encode(const void *data, apr_size_t length, apr_pool_t *pool);

/**
 * Read base64url without padding, in its one canonical spelling: unused bits must be 0.
 * @param data_out the bytes, from pool
 * @return MQ_EINVALID anything else
 */
apr_status_t mq_base64url_decode(const unsigned char **data_out, apr_size_t *length_out,
                                 const char *text, apr_pool_t *pool);

#endif

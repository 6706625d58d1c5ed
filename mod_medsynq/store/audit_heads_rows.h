/* audit_heads_rows.h -- the ends of all chains of a file, for those who keep them elsewhere: the
 * server at an interval, medsynqctl audit head, verify. Past the walls, and nothing but numbers and
 * digests. */
#ifndef MQ_STORE_AUDIT_HEADS_ROWS_H
#define MQ_STORE_AUDIT_HEADS_ROWS_H

#include <apr_tables.h>

#include "base/status.h"

/** A database that is open to its owner; see store/owner.h. */
typedef struct mq_owner_t mq_owner_t;

enum { MQ_HEAD_DIGEST_LENGTH = 32 };

/** The end of one chain: its last event. */
typedef struct mq_audit_head_t {
    apr_int64_t tenant;
    apr_int64_t number;
    unsigned char digest[MQ_HEAD_DIGEST_LENGTH];
} mq_audit_head_t;

/**
 * Read them all.
 * @param heads_out array of mq_audit_head_t, sorted by tenant
 * @return MQ_ECORRUPT a head without a digest
 */
apr_status_t mq_audit_heads_read(apr_array_header_t **heads_out, mq_owner_t *owner,
                                 apr_pool_t *pool);

/** The same of a database that a server may be writing. */
apr_status_t mq_audit_heads_of(apr_array_header_t **heads_out, const char *driver,
                               const char *database, apr_pool_t *pool);

#endif

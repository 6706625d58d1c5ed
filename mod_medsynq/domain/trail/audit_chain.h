/* audit_chain.h -- the arithmetic of the trail: how an event's digest comes from its columns and
 * the digest before it. audit.c appends with it, medsynqctl audit verify checks with it. */
#ifndef MQ_DOMAIN_AUDIT_CHAIN_H
#define MQ_DOMAIN_AUDIT_CHAIN_H

#include "base/crypto.h"

enum {
    MQ_AUDIT_DIGEST_LENGTH = MQ_SHA256_LENGTH,
    MQ_AUDIT_COLUMNS = 12 /* that the digest covers, tenant_id to reason */
};

/** One column of an event as stored: a number, or bytes; data NULL is SQL's NULL. */
typedef struct mq_audit_value_t {
    int is_number;
    apr_int64_t number;
    mq_bytes_t bytes;
} mq_audit_value_t;

/**
 * digest = SHA-256 of the previous digest and of every column in the order of the table, each as
 * its length in 8 bytes, most significant first, and its bytes; NULL has the length 2^64 - 1, an
 * integer is 8 bytes, most significant first. Before a chain's first event stand 32 zero bytes.
 * @return MQ_EBUG libcrypto failed
 */
apr_status_t mq_audit_digest(unsigned char digest_out[MQ_AUDIT_DIGEST_LENGTH],
                             const unsigned char previous[MQ_AUDIT_DIGEST_LENGTH],
                             const mq_audit_value_t values[MQ_AUDIT_COLUMNS]);

/**
 * What an event says whose chain was shortened: the number and the digest of the last event that
 * was moved to an archive. verify holds the beginning of the chain against it.
 * @return "to 1200, SHA-256 ...", from pool
 */
const char *mq_audit_archive_say(apr_int64_t number,
                                 const unsigned char digest[MQ_AUDIT_DIGEST_LENGTH],
                                 apr_pool_t *pool);

/** Read what mq_audit_archive_say has said. @return MQ_EINVALID it is something else */
apr_status_t mq_audit_archive_read(apr_int64_t *number_out,
                                   unsigned char digest_out[MQ_AUDIT_DIGEST_LENGTH],
                                   const char *reason);

/**
 * What the installation's own event says of an organisation that is erased: its chain, where that
 * ended, and what it was called. verify finds a chain that was kept elsewhere and is missing here.
 * @param digest in hex
 * @return "chain 47, to 1200, SHA-256 ..., NAME", from pool
 */
const char *mq_audit_erasure_say(apr_int64_t chain, apr_int64_t number, const char *digest,
                                 const char *name, apr_pool_t *pool);

/** Read the beginning of it. @return MQ_EINVALID it is something else */
apr_status_t mq_audit_erasure_read(apr_int64_t *chain_out, apr_int64_t *number_out,
                                   const char *reason);

#endif

/* audit_heads.h -- the ends of the chains as text, signed, to be kept where whoever can change the
 * database cannot change them. A chain that was cut off, or written anew, does not fit them.
 *
 *   # heads 2026-11-23T08:20:00Z
 *   0 12 3f0c...                     tenant, number, SHA-256 of the last event
 *   # key KEY signature SIGNATURE    base64url; Ed25519 over the lines before, from "# heads" on
 *
 * Blocks follow one another; the server's contain the chains that have grown since the one before.
 */
#ifndef MQ_DOMAIN_AUDIT_HEADS_H
#define MQ_DOMAIN_AUDIT_HEADS_H

#include "base/buffer.h"
#include "base/crypto.h"
#include "domain/core.h"
#include "store/audit_heads_rows.h"

/**
 * Write one block.
 * @param heads array of mq_audit_head_t
 * @param key   the private one: core's heads_key; NULL: without beginning and signature, for who
 *              only wants the lines
 */
apr_status_t mq_audit_heads_write(mq_buffer_t *out, const apr_array_header_t *heads, apr_time_t now,
                                  const unsigned char *key);

/** A file of heads being read, line by line. */
typedef struct mq_heads_reader_t {
    apr_array_header_t *heads;      /* of mq_audit_head_t, in the order of the file */
    const apr_array_header_t *keys; /* public ones that are trusted, MQ_SIGN_KEY_LENGTH bytes each;
                                     * NULL: none is known, and a signature is a fault */
    int is_signed;                  /* in: every head must be; out: some are */
    mq_buffer_t *block;             /* NULL: between blocks */
} mq_heads_reader_t;

/** Take the next line, without its end. @return a fault as a sentence, or NULL */
const char *mq_audit_heads_line(mq_heads_reader_t *reader, const char *line);

/** The file has ended; sorts what was read by tenant and number.
 * @return a fault as a sentence, or NULL */
const char *mq_audit_heads_end(mq_heads_reader_t *reader);

/** The public keys of a core's secrets, present and old. @return array for mq_heads_reader_t */
apr_status_t mq_audit_heads_keys(apr_array_header_t **keys_out, const mq_core_t *core,
                                 apr_pool_t *pool);

#endif

/* audit_chain.c -- gathering an event's canonical form without copying, and hashing it. */
#include "domain/trail/audit_chain.h"

#include <apr_strings.h>
#include <string.h>

#include "base/id.h"

static const char archived_to[] = "to ";
static const char archived_digest[] = ", SHA-256 ";

static void put_64(unsigned char out[8], apr_uint64_t value)
{
    for (int i = 7; i >= 0; i--) {
        out[i] = (unsigned char)(value & 0xff);
        value >>= 8;
    }
}

apr_status_t mq_audit_digest(unsigned char digest_out[MQ_AUDIT_DIGEST_LENGTH],
                             const unsigned char previous[MQ_AUDIT_DIGEST_LENGTH],
                             const mq_audit_value_t values[MQ_AUDIT_COLUMNS])
{
    unsigned char lengths[MQ_AUDIT_COLUMNS][8];
    unsigned char numbers[MQ_AUDIT_COLUMNS][8];
    mq_bytes_t parts[1 + 2 * MQ_AUDIT_COLUMNS];
    parts[0] = (mq_bytes_t){previous, MQ_AUDIT_DIGEST_LENGTH};
    for (int i = 0; i < MQ_AUDIT_COLUMNS; i++) {
        const mq_audit_value_t *value = &values[i];
        mq_bytes_t bytes = value->bytes;
        if (value->is_number) {
            put_64(numbers[i], (apr_uint64_t)value->number);
            bytes = (mq_bytes_t){numbers[i], sizeof numbers[i]};
        }
        put_64(lengths[i], bytes.data ? bytes.length : APR_UINT64_MAX);
        parts[1 + 2 * i] = (mq_bytes_t){lengths[i], sizeof lengths[i]};
        parts[2 + 2 * i] = bytes.data ? bytes : (mq_bytes_t){NULL, 0};
    }
    return mq_sha256_parts(digest_out, parts, 1 + 2 * MQ_AUDIT_COLUMNS);
}

const char *mq_audit_archive_say(apr_int64_t number,
                                 const unsigned char digest[MQ_AUDIT_DIGEST_LENGTH],
                                 apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s%" APR_INT64_T_FMT "%s%s", archived_to, number, archived_digest,
                        mq_hex_encode(digest, MQ_AUDIT_DIGEST_LENGTH, pool));
}

apr_status_t mq_audit_archive_read(apr_int64_t *number_out,
                                   unsigned char digest_out[MQ_AUDIT_DIGEST_LENGTH],
                                   const char *reason)
{
    char *end;
    if (!reason || strncmp(reason, archived_to, sizeof archived_to - 1) != 0) {
        return MQ_EINVALID;
    }
    *number_out = apr_strtoi64(reason + sizeof archived_to - 1, &end, 10);
    if (*number_out <= 0 || strncmp(end, archived_digest, sizeof archived_digest - 1) != 0) {
        return MQ_EINVALID;
    }
    return mq_hex_decode(digest_out, MQ_AUDIT_DIGEST_LENGTH, end + sizeof archived_digest - 1);
}

static const char erased_chain[] = "chain ";
static const char erased_to[] = ", to ";

const char *mq_audit_erasure_say(apr_int64_t chain, apr_int64_t number, const char *digest,
                                 const char *name, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s%" APR_INT64_T_FMT "%s%" APR_INT64_T_FMT "%s%s, %s", erased_chain,
                        chain, erased_to, number, archived_digest, digest, name);
}

apr_status_t mq_audit_erasure_read(apr_int64_t *chain_out, apr_int64_t *number_out,
                                   const char *reason)
{
    char *end;
    if (!reason || strncmp(reason, erased_chain, sizeof erased_chain - 1) != 0) {
        return MQ_EINVALID;
    }
    *chain_out = apr_strtoi64(reason + sizeof erased_chain - 1, &end, 10);
    if (*chain_out <= 0 || strncmp(end, erased_to, sizeof erased_to - 1) != 0) {
        return MQ_EINVALID;
    }
    *number_out = apr_strtoi64(end + sizeof erased_to - 1, &end, 10);
    return *number_out > 0 && *end == ',' ? APR_SUCCESS : MQ_EINVALID;
}

/* crypto.h -- everything we use of libcrypto, and passwords (bcrypt of apr-util). Thread-safe,
 * without state of its own. Every function fails closed: a status other than APR_SUCCESS means
 * that nothing usable was put out. */
#ifndef MQ_BASE_CRYPTO_H
#define MQ_BASE_CRYPTO_H

#include <apr_pools.h>

#include "base/status.h"

enum {
    MQ_SHA256_LENGTH = 32,
    MQ_SHA1_LENGTH = 20, /* for one-time codes alone */
    MQ_SEAL_KEY_LENGTH = 32,
    MQ_SEAL_OVERHEAD = 28, /* nonce 12, tag 16 */
    MQ_PASSWORD_COST_MIN = 4,
    MQ_PASSWORD_COST_MAX = 15
};

/** Some bytes of somebody else's. */
typedef struct mq_bytes_t {
    const void *data; /* NULL only when length is 0 */
    apr_size_t length;
} mq_bytes_t;

/** SHA-256 (FIPS 180-4). @return MQ_EBUG libcrypto failed (no memory) */
apr_status_t mq_sha256(unsigned char digest_out[MQ_SHA256_LENGTH], const void *data,
                       apr_size_t length);

/** SHA-256 of several parts one after another. Lengths are not mixed in: where parts vary in
 * length, the caller puts each one's length before it. @return MQ_EBUG libcrypto failed */
apr_status_t mq_sha256_parts(unsigned char digest_out[MQ_SHA256_LENGTH], const mq_bytes_t *parts,
                             int count);

/** HMAC-SHA-256 (RFC 2104). @return MQ_EBUG libcrypto failed */
apr_status_t mq_hmac_sha256(unsigned char mac_out[MQ_SHA256_LENGTH], const void *key,
                            apr_size_t key_length, const void *data, apr_size_t length);

/** A key made ready for HMAC-SHA-256: half the work where the texts are short. As secret as the
 * key. */
typedef struct mq_mac_key_t {
    apr_uint32_t inner[8]; /* SHA-256's state after the key's first block, and its second */
    apr_uint32_t outer[8];
} mq_mac_key_t;

/** Make a key ready. @return MQ_EBUG libcrypto failed */
apr_status_t mq_mac_key_make(mq_mac_key_t *key_out, const void *key, apr_size_t key_length);

/** The same as mq_hmac_sha256 with the key that was made ready. @return MQ_EBUG libcrypto failed */
apr_status_t mq_mac(unsigned char mac_out[MQ_SHA256_LENGTH], const mq_mac_key_t *key,
                    const void *data, apr_size_t length);

/** HMAC-SHA-1, which authenticator apps use (RFC 6238). @return MQ_EBUG libcrypto failed */
apr_status_t mq_hmac_sha1(unsigned char mac_out[MQ_SHA1_LENGTH], const void *key,
                          apr_size_t key_length, const void *data, apr_size_t length);

/** Fill a buffer with unpredictable bytes. @return MQ_EBUG there are none; never go on then */
apr_status_t mq_random(void *data_out, apr_size_t length);

/** @return whether both are equal, in a time that depends on length only */
int mq_equal_secret(const void *a, const void *b, apr_size_t length);

/** Overwrite a secret before its memory is used for something else. */
void mq_wipe(void *data, apr_size_t length);

/**
 * Derive a key for one use from a master secret: HKDF-SHA-256 (RFC 5869) with label as info.
 * @param label for example "medsynq csrf 1"; another label gives an unrelated key
 * @param length at most 255 * 32
 * @return MQ_EINVALID the secret has less than 16 bytes; MQ_EBUG libcrypto failed
 */
apr_status_t mq_key_derive(void *key_out, apr_size_t length, const void *secret,
                           apr_size_t secret_length, const char *label);

/**
 * Encrypt and protect with AES-256-GCM (NIST SP 800-38D) under a fresh random nonce.
 * @param sealed_out nonce | ciphertext | tag, length + MQ_SEAL_OVERHEAD bytes, from pool
 * @param bound      what the text belongs to (table, column, id …); not stored, the same bytes are
 *                   needed to open it
 * @return MQ_EBUG libcrypto failed, or more than 2^30 bytes
 */
apr_status_t mq_seal(const unsigned char **sealed_out, apr_size_t *sealed_length_out,
                     const unsigned char key[MQ_SEAL_KEY_LENGTH], mq_bytes_t bound, mq_bytes_t data,
                     apr_pool_t *pool);

/**
 * Open what mq_seal made.
 * @param data_out from pool, followed by a NUL that is not counted
 * @return MQ_ECORRUPT changed, cut, of another key or bound to something else
 */
apr_status_t mq_open(const unsigned char **data_out, apr_size_t *length_out,
                     const unsigned char key[MQ_SEAL_KEY_LENGTH], mq_bytes_t bound,
                     mq_bytes_t sealed, apr_pool_t *pool);

enum { MQ_SIGN_KEY_LENGTH = 32, MQ_SIGNATURE_LENGTH = 64 };

/** The public key of an Ed25519 private key (RFC 8032, section 5.1.5): any 32 random bytes.
 * @return MQ_EBUG libcrypto failed */
apr_status_t mq_sign_public(unsigned char public_out[MQ_SIGN_KEY_LENGTH],
                            const unsigned char private[MQ_SIGN_KEY_LENGTH]);

/** Sign with Ed25519. @return MQ_EBUG libcrypto failed */
apr_status_t mq_sign(unsigned char signature_out[MQ_SIGNATURE_LENGTH], mq_bytes_t data,
                     const unsigned char private[MQ_SIGN_KEY_LENGTH]);

/** @return MQ_EDENIED the signature is not that key's over these bytes */
apr_status_t mq_sign_verify(const unsigned char signature[MQ_SIGNATURE_LENGTH], mq_bytes_t data,
                            const unsigned char public[MQ_SIGN_KEY_LENGTH]);

/** @return why the library that is there at run time will not do, or NULL */
const char *mq_crypto_fault(apr_pool_t *pool);

/**
 * Hash a password for the database: "mq1" and bcrypt's "$2y$cost$…" over
 * base64(HMAC-SHA-256(label, password)), 44 characters. bcrypt alone would silently ignore
 * whatever follows the 72nd byte or a NUL. Takes a quarter of a second at cost 12.
 * @param stored_out 63 characters, from pool
 * @param password   any bytes, already in NFC (mq_text_nfc)
 * @param cost       MQ_PASSWORD_COST_MIN to _MAX
 * @return MQ_EINVALID the cost; MQ_EBUG no random bytes
 */
apr_status_t mq_password_hash(const char **stored_out, const char *password, apr_size_t length,
                              int cost, apr_pool_t *pool);

/**
 * Check a password against a stored hash; takes as long as making one of the same cost.
 * @return MQ_EDENIED  it is another password
 *         MQ_ECORRUPT stored (NULL too) is not of mq_password_hash; returns at once
 */
apr_status_t mq_password_verify(const char *password, apr_size_t length, const char *stored);

/** @return the cost of a stored hash, or 0 if it is none of ours: compare to know when to rehash */
int mq_password_cost_of(const char *stored);

/**
 * A hash that no password opens, for unknown users, so that their log-in takes as long. Quick.
 * @return MQ_EINVALID the cost; MQ_EBUG no random bytes
 */
apr_status_t mq_password_dummy(const char **stored_out, int cost, apr_pool_t *pool);

#endif

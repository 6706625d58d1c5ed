/* crypto.c -- the facade over libcrypto and apr-util's bcrypt. No other file includes OpenSSL.
 * Algorithms and formats are described in crypto.h. */
#define OPENSSL_SUPPRESS_DEPRECATED /* SHA256_Init and its kin; see mq_sha256 */
#include "base/crypto.h"

#include <stdlib.h>
#include <string.h>

#include <apr_md5.h>
#include <apr_strings.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#if defined(OPENSSL_VERSION_NUMBER) && OPENSSL_VERSION_NUMBER < 0x30000000L
#error "MedSynQ needs OpenSSL 3.0 or newer"
#endif

enum { NONCE_LENGTH = 12, TAG_LENGTH = 16, SEAL_LIMIT = 1 << 30 };

const char *mq_crypto_fault(apr_pool_t *pool)
{
    return OPENSSL_version_major() >= 3
               ? NULL
               : apr_psprintf(pool, "%s is too old: OpenSSL 3.0 or newer is needed",
                              OpenSSL_version(OPENSSL_VERSION));
}

/* EVP looks its algorithms up by name at each use: 3,000 instructions for a digest, 20,000 for an
 * HMAC, more than the rest of a small page. SHA256_* are the same code without the look-up. */

apr_status_t mq_sha256(unsigned char digest_out[MQ_SHA256_LENGTH], const void *data,
                       apr_size_t length)
{
    mq_bytes_t part = {data, length};

    return mq_sha256_parts(digest_out, &part, 1);
}

apr_status_t mq_sha256_parts(unsigned char digest_out[MQ_SHA256_LENGTH], const mq_bytes_t *parts,
                             int count)
{
    SHA256_CTX context;
    int good = SHA256_Init(&context) == 1;

    for (int i = 0; good && i < count; i++) {
        good = SHA256_Update(&context, parts[i].data, parts[i].length) == 1;
    }
    good = good && SHA256_Final(digest_out, &context) == 1;
    OPENSSL_cleanse(&context, sizeof context); /* what is digested may be a secret */
    return good ? APR_SUCCESS : MQ_EBUG;
}

/* The key's block, each byte changed by the pad, digested: what every text begins with. */
static int pad_digest(apr_uint32_t state_out[8], const unsigned char block[SHA256_CBLOCK],
                      unsigned char pad)
{
    unsigned char padded[SHA256_CBLOCK];
    SHA256_CTX context;
    int good;

    for (apr_size_t i = 0; i < sizeof padded; i++) {
        padded[i] = block[i] ^ pad;
    }
    good = SHA256_Init(&context) == 1 && SHA256_Update(&context, padded, sizeof padded) == 1;
    memcpy(state_out, context.h, sizeof context.h);
    OPENSSL_cleanse(&context, sizeof context);
    OPENSSL_cleanse(padded, sizeof padded);
    return good;
}

apr_status_t mq_mac_key_make(mq_mac_key_t *key_out, const void *key, apr_size_t key_length)
{
    unsigned char block[SHA256_CBLOCK] = {0};
    int good = 1;

    if (key_length > sizeof block) {
        good = mq_sha256(block, key, key_length) == APR_SUCCESS;
    } else if (key_length) {
        memcpy(block, key, key_length);
    }
    good =
        good && pad_digest(key_out->inner, block, 0x36) && pad_digest(key_out->outer, block, 0x5c);
    OPENSSL_cleanse(block, sizeof block);
    return good ? APR_SUCCESS : MQ_EBUG;
}

/* Go on from a state that has taken one block in. */
static int state_digest(unsigned char digest_out[MQ_SHA256_LENGTH], const apr_uint32_t state[8],
                        const void *data, apr_size_t length)
{
    SHA256_CTX context;
    int good = SHA256_Init(&context) == 1;

    memcpy(context.h, state, sizeof context.h);
    context.Nl = 8 * SHA256_CBLOCK; /* bits so far */
    good = good && SHA256_Update(&context, data, length) == 1 &&
           SHA256_Final(digest_out, &context) == 1;
    OPENSSL_cleanse(&context, sizeof context);
    return good;
}

apr_status_t mq_mac(unsigned char mac_out[MQ_SHA256_LENGTH], const mq_mac_key_t *key,
                    const void *data, apr_size_t length)
{
    unsigned char digest[MQ_SHA256_LENGTH];
    int good = state_digest(digest, key->inner, data, length) &&
               state_digest(mac_out, key->outer, digest, sizeof digest);

    return good ? APR_SUCCESS : MQ_EBUG;
}

apr_status_t mq_hmac_sha256(unsigned char mac_out[MQ_SHA256_LENGTH], const void *key,
                            apr_size_t key_length, const void *data, apr_size_t length)
{
    mq_mac_key_t ready;
    apr_status_t rv = mq_mac_key_make(&ready, key, key_length);

    if (rv == APR_SUCCESS) {
        rv = mq_mac(mac_out, &ready, data, length);
    }
    OPENSSL_cleanse(&ready, sizeof ready);
    return rv;
}

apr_status_t mq_hmac_sha1(unsigned char mac_out[MQ_SHA1_LENGTH], const void *key,
                          apr_size_t key_length, const void *data, apr_size_t length)
{
    return HMAC(EVP_sha1(), key, (int)key_length, data, length, mac_out, NULL) ? APR_SUCCESS
                                                                               : MQ_EBUG;
}

apr_status_t mq_random(void *data_out, apr_size_t length)
{
    if (length > SEAL_LIMIT || RAND_bytes(data_out, (int)length) != 1) {
        return MQ_EBUG;
    }
    return APR_SUCCESS;
}

int mq_equal_secret(const void *a, const void *b, apr_size_t length)
{
    return CRYPTO_memcmp(a, b, length) == 0;
}

void mq_wipe(void *data, apr_size_t length)
{
    OPENSSL_cleanse(data, length);
}

apr_status_t mq_key_derive(void *key_out, apr_size_t length, const void *secret,
                           apr_size_t secret_length, const char *label)
{
    /* OSSL_PARAM has no const; libcrypto only reads these. The empty salt is RFC 5869's default. */
    union {
        const void *constant;
        void *plain;
    } key = {secret}, info = {label};
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.plain, secret_length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.plain, strlen(label)),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf;
    EVP_KDF_CTX *context;
    int good;

    if (secret_length < 16) {
        return MQ_EINVALID;
    }
    kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    context = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    good = context != NULL && EVP_KDF_derive(context, key_out, length, params) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return good ? APR_SUCCESS : MQ_EBUG;
}

apr_status_t mq_seal(const unsigned char **sealed_out, apr_size_t *sealed_length_out,
                     const unsigned char key[MQ_SEAL_KEY_LENGTH], mq_bytes_t bound, mq_bytes_t data,
                     apr_pool_t *pool)
{
    unsigned char *sealed;
    EVP_CIPHER_CTX *context;
    int done = 0;
    int good;

    *sealed_out = NULL;
    *sealed_length_out = 0;
    if (data.length > SEAL_LIMIT || bound.length > SEAL_LIMIT) {
        return MQ_EBUG;
    }
    sealed = apr_palloc(pool, data.length + MQ_SEAL_OVERHEAD);
    MQ_TRY(mq_random(sealed, NONCE_LENGTH));
    context = EVP_CIPHER_CTX_new();
    good = context != NULL &&
           EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, sealed) == 1 &&
           EVP_EncryptUpdate(context, NULL, &done, bound.data, (int)bound.length) == 1 &&
           (data.length == 0 || EVP_EncryptUpdate(context, sealed + NONCE_LENGTH, &done, data.data,
                                                  (int)data.length) == 1) &&
           EVP_EncryptFinal_ex(context, sealed + NONCE_LENGTH + data.length, &done) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_LENGTH,
                               sealed + NONCE_LENGTH + data.length) == 1;
    EVP_CIPHER_CTX_free(context);
    if (!good) {
        return MQ_EBUG;
    }
    *sealed_out = sealed;
    *sealed_length_out = data.length + MQ_SEAL_OVERHEAD;
    return APR_SUCCESS;
}

apr_status_t mq_open(const unsigned char **data_out, apr_size_t *length_out,
                     const unsigned char key[MQ_SEAL_KEY_LENGTH], mq_bytes_t bound,
                     mq_bytes_t sealed, apr_pool_t *pool)
{
    const unsigned char *nonce = sealed.data;
    unsigned char tag[TAG_LENGTH];
    unsigned char *data;
    apr_size_t length;
    EVP_CIPHER_CTX *context;
    int done = 0;
    int good;

    *data_out = NULL;
    *length_out = 0;
    if (sealed.length < MQ_SEAL_OVERHEAD || sealed.length - MQ_SEAL_OVERHEAD > SEAL_LIMIT ||
        bound.length > SEAL_LIMIT) {
        return MQ_ECORRUPT;
    }
    length = sealed.length - MQ_SEAL_OVERHEAD;
    data = apr_palloc(pool, length + 1);
    memcpy(tag, nonce + NONCE_LENGTH + length, TAG_LENGTH);
    context = EVP_CIPHER_CTX_new();
    good = context != NULL &&
           EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
           EVP_DecryptUpdate(context, NULL, &done, bound.data, (int)bound.length) == 1 &&
           (length == 0 ||
            EVP_DecryptUpdate(context, data, &done, nonce + NONCE_LENGTH, (int)length) == 1) &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_LENGTH, tag) == 1 &&
           EVP_DecryptFinal_ex(context, data + length, &done) == 1;
    EVP_CIPHER_CTX_free(context);
    if (!good) {
        mq_wipe(data, length); /* nobody may use text that is not authentic */
        return MQ_ECORRUPT;
    }
    data[length] = '\0';
    *data_out = data;
    *length_out = length;
    return APR_SUCCESS;
}

/* ---- passwords ---- */

#define PASSWORD_MARK "mq1"
#define PASSWORD_LABEL "medsynq password 1" /* makes the inner hash useless anywhere else */

enum {
    INNER_LENGTH = 44,  /* base64 of 32 bytes: below bcrypt's 72, without NUL */
    STORED_LENGTH = 63, /* "mq1" + "$2y$12$" + salt 22 + hash 31 */
    SALT_AT = 10,
    SALT_LENGTH = 16
};

static const char bcrypt_digits[] =
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** What bcrypt gets to see of a password. */
static apr_status_t password_inner(char inner_out[INNER_LENGTH + 1], const char *password,
                                   apr_size_t length)
{
    unsigned char mac[MQ_SHA256_LENGTH];

    MQ_TRY(mq_hmac_sha256(mac, PASSWORD_LABEL, sizeof PASSWORD_LABEL - 1, password, length));
    EVP_EncodeBlock((unsigned char *)inner_out, mac, sizeof mac);
    mq_wipe(mac, sizeof mac);
    return APR_SUCCESS;
}

apr_status_t mq_password_hash(const char **stored_out, const char *password, apr_size_t length,
                              int cost, apr_pool_t *pool)
{
    unsigned char salt[SALT_LENGTH];
    char inner[INNER_LENGTH + 1];
    char hash[128];
    apr_status_t rv;

    *stored_out = NULL;
    if (cost < MQ_PASSWORD_COST_MIN || cost > MQ_PASSWORD_COST_MAX) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_random(salt, sizeof salt));
    MQ_TRY(password_inner(inner, password, length));
    rv = apr_bcrypt_encode(inner, (unsigned)cost, salt, sizeof salt, hash, sizeof hash);
    mq_wipe(inner, sizeof inner);
    MQ_TRY(rv);
    *stored_out = apr_pstrcat(pool, PASSWORD_MARK, hash, NULL);
    return mq_password_cost_of(*stored_out) == cost ? APR_SUCCESS : MQ_EBUG;
}

apr_status_t mq_password_verify(const char *password, apr_size_t length, const char *stored)
{
    char inner[INNER_LENGTH + 1];
    apr_status_t rv;

    if (mq_password_cost_of(stored) == 0) {
        return MQ_ECORRUPT; /* apr_password_validate would take plain crypt() and others, too */
    }
    MQ_TRY(password_inner(inner, password, length));
    rv = apr_password_validate(inner, stored + strlen(PASSWORD_MARK));
    mq_wipe(inner, sizeof inner);
    return rv == APR_SUCCESS ? APR_SUCCESS : MQ_EDENIED;
}

int mq_password_cost_of(const char *stored)
{
    static const char prefix[] = PASSWORD_MARK "$2y$";
    const char *cost_at;
    int cost;

    if (stored == NULL || strncmp(stored, prefix, sizeof prefix - 1) != 0 ||
        strlen(stored) != STORED_LENGTH ||
        strspn(stored + SALT_AT, bcrypt_digits) != STORED_LENGTH - SALT_AT) {
        return 0;
    }
    cost_at = stored + sizeof prefix - 1;
    if (strspn(cost_at, "0123456789") != 2 || cost_at[2] != '$') {
        return 0;
    }
    cost = (cost_at[0] - '0') * 10 + cost_at[1] - '0';
    return cost >= MQ_PASSWORD_COST_MIN && cost <= MQ_PASSWORD_COST_MAX ? cost : 0;
}

apr_status_t mq_password_dummy(const char **stored_out, int cost, apr_pool_t *pool)
{
    unsigned char random[STORED_LENGTH - SALT_AT];
    char tail[sizeof random + 1];

    *stored_out = NULL;
    if (cost < MQ_PASSWORD_COST_MIN || cost > MQ_PASSWORD_COST_MAX) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_random(random, sizeof random));
    for (apr_size_t i = 0; i < sizeof random; i++) {
        tail[i] = bcrypt_digits[random[i] & 63];
    }
    tail[sizeof random] = '\0';
    *stored_out = apr_psprintf(pool, PASSWORD_MARK "$2y$%02d$%s", cost, tail);
    return APR_SUCCESS;
}

apr_status_t mq_sign_public(unsigned char public_out[MQ_SIGN_KEY_LENGTH],
                            const unsigned char private[MQ_SIGN_KEY_LENGTH])
{
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private, MQ_SIGN_KEY_LENGTH);
    size_t length = MQ_SIGN_KEY_LENGTH;
    int good = key && EVP_PKEY_get_raw_public_key(key, public_out, &length) == 1;
    EVP_PKEY_free(key);
    return good ? APR_SUCCESS : MQ_EBUG;
}

apr_status_t mq_sign(unsigned char signature_out[MQ_SIGNATURE_LENGTH], mq_bytes_t data,
                     const unsigned char private[MQ_SIGN_KEY_LENGTH])
{
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private, MQ_SIGN_KEY_LENGTH);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t length = MQ_SIGNATURE_LENGTH;
    int good = key && context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
               EVP_DigestSign(context, signature_out, &length, data.data, data.length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return good ? APR_SUCCESS : MQ_EBUG;
}

apr_status_t mq_sign_verify(const unsigned char signature[MQ_SIGNATURE_LENGTH], mq_bytes_t data,
                            const unsigned char public[MQ_SIGN_KEY_LENGTH])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, MQ_SIGN_KEY_LENGTH);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int good =
        key && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
        EVP_DigestVerify(context, signature, MQ_SIGNATURE_LENGTH, data.data, data.length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return good ? APR_SUCCESS : MQ_EDENIED;
}

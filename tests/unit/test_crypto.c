/* test_crypto.c -- what base/crypto.h promises, against published test vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "base/crypto.h"
#include "base/id.h"

static int pool_open(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int pool_close(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

static mq_bytes_t bytes_of(const char *text)
{
    return (mq_bytes_t){text, strlen(text)};
}

static void sha256_is_that_of_fips_180(void **state)
{
    static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    unsigned char digest[MQ_SHA256_LENGTH];
    mq_bytes_t parts[] = {{"a", 1}, {NULL, 0}, {"bc", 2}};

    assert_int_equal(mq_sha256(digest, "abc", 3), APR_SUCCESS);
    assert_string_equal(mq_hex_encode(digest, sizeof digest, *state), abc);
    assert_int_equal(mq_sha256_parts(digest, parts, 3), APR_SUCCESS);
    assert_string_equal(mq_hex_encode(digest, sizeof digest, *state), abc);
    assert_int_equal(mq_sha256(digest, NULL, 0), APR_SUCCESS);
    assert_string_equal(mq_hex_encode(digest, sizeof digest, *state),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void hmac_is_that_of_rfc_4231(void **state)
{
    unsigned char mac[MQ_SHA256_LENGTH];

    assert_int_equal(mq_hmac_sha256(mac, "Jefe", 4, "what do ya want for nothing?", 28),
                     APR_SUCCESS);
    assert_string_equal(mq_hex_encode(mac, sizeof mac, *state),
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void a_key_made_ready_gives_the_same_hmac_each_time(void **state)
{
    static const char data[] =
        "This is a test using a larger than block-size key and a larger than block-size data. The "
        "key needs to be hashed before being used by the HMAC algorithm."; /* RFC 4231, 4.8 */
    unsigned char key[131];
    unsigned char mac[MQ_SHA256_LENGTH];
    mq_mac_key_t ready;

    memset(key, 0xaa, sizeof key);
    assert_int_equal(mq_mac_key_make(&ready, key, sizeof key), APR_SUCCESS);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(mq_mac(mac, &ready, data, sizeof data - 1), APR_SUCCESS);
        assert_string_equal(mq_hex_encode(mac, sizeof mac, *state),
                            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
    }
}

static void derived_keys_are_those_of_hkdf(void **state)
{
    /* RFC 5869, A.3 has the empty salt and info: the label "" */
    unsigned char secret[22];
    unsigned char key[42];
    unsigned char other[42];

    memset(secret, 0x0b, sizeof secret);
    assert_int_equal(mq_key_derive(key, sizeof key, secret, sizeof secret, ""), APR_SUCCESS);
    assert_string_equal(mq_hex_encode(key, sizeof key, *state),
                        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                        "9d201395faa4b61a96c8");
    assert_int_equal(mq_key_derive(key, 32, secret, sizeof secret, "medsynq csrf 1"), APR_SUCCESS);
    assert_int_equal(mq_key_derive(other, 32, secret, sizeof secret, "medsynq csrf 2"),
                     APR_SUCCESS);
    assert_memory_not_equal(key, other, 32);
    assert_int_equal(mq_key_derive(key, 32, secret, 15, "medsynq csrf 1"), MQ_EINVALID);
}

static void random_bytes_do_not_repeat(void **state)
{
    unsigned char a[32];
    unsigned char b[32];

    (void)state;
    assert_int_equal(mq_random(a, sizeof a), APR_SUCCESS);
    assert_int_equal(mq_random(b, sizeof b), APR_SUCCESS);
    assert_false(mq_equal_secret(a, b, sizeof a));
    assert_true(mq_equal_secret(a, a, sizeof a));
}

static void sealed_text_opens_with_key_and_place(void **state)
{
    static const char *const texts[] = {"", "x", "a national identifier"};
    unsigned char key[MQ_SEAL_KEY_LENGTH] = {1};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const unsigned char *sealed;
        const unsigned char *again;
        const unsigned char *opened;
        apr_size_t length;
        apr_size_t opened_length;

        assert_int_equal(
            mq_seal(&sealed, &length, key, bytes_of("patients"), bytes_of(texts[i]), *state),
            APR_SUCCESS);
        assert_int_equal(length, strlen(texts[i]) + MQ_SEAL_OVERHEAD);
        assert_int_equal(mq_open(&opened, &opened_length, key, bytes_of("patients"),
                                 (mq_bytes_t){sealed, length}, *state),
                         APR_SUCCESS);
        assert_int_equal(opened_length, strlen(texts[i]));
        assert_string_equal((const char *)opened, texts[i]);
        assert_int_equal(
            mq_seal(&again, &length, key, bytes_of("patients"), bytes_of(texts[i]), *state),
            APR_SUCCESS);
        assert_memory_not_equal(sealed, again, length);
    }
}

static void sealed_text_opens_in_no_other_way(void **state)
{
    unsigned char key[MQ_SEAL_KEY_LENGTH] = {1};
    unsigned char other_key[MQ_SEAL_KEY_LENGTH] = {2};
    const unsigned char *sealed;
    const unsigned char *opened;
    apr_size_t length;
    apr_size_t opened_length;

    assert_int_equal(mq_seal(&sealed, &length, key, bytes_of("row 1"), bytes_of("secret"), *state),
                     APR_SUCCESS);
    assert_int_equal(mq_open(&opened, &opened_length, other_key, bytes_of("row 1"),
                             (mq_bytes_t){sealed, length}, *state),
                     MQ_ECORRUPT);
    assert_int_equal(mq_open(&opened, &opened_length, key, bytes_of("row 2"),
                             (mq_bytes_t){sealed, length}, *state),
                     MQ_ECORRUPT);
    assert_null(opened);
    for (apr_size_t i = 0; i < length; i++) {
        unsigned char *changed = apr_pmemdup(*state, sealed, length);

        changed[i] ^= 1;
        assert_int_equal(mq_open(&opened, &opened_length, key, bytes_of("row 1"),
                                 (mq_bytes_t){changed, length}, *state),
                         MQ_ECORRUPT);
        assert_int_equal(mq_open(&opened, &opened_length, key, bytes_of("row 1"),
                                 (mq_bytes_t){sealed, i}, *state),
                         MQ_ECORRUPT);
    }
}

static apr_status_t verify(const char *password, const char *stored)
{
    return mq_password_verify(password, strlen(password), stored);
}

static void a_password_opens_its_hash_and_no_other_does(void **state)
{
    const char *stored;
    const char *again;

    assert_int_equal(mq_password_hash(&stored, "correct horse", 13, 4, *state), APR_SUCCESS);
    assert_int_equal(mq_password_hash(&again, "correct horse", 13, 4, *state), APR_SUCCESS);
    assert_string_not_equal(stored, again);
    assert_int_equal(strncmp(stored, "mq1$2y$04$", 10), 0);
    assert_int_equal(verify("correct horse", stored), APR_SUCCESS);
    assert_int_equal(verify("correct horse", again), APR_SUCCESS);
    assert_int_equal(verify("correct hors", stored), MQ_EDENIED);
    assert_int_equal(verify("Correct horse", stored), MQ_EDENIED);
    assert_int_equal(verify("", stored), MQ_EDENIED);
}

static void no_byte_of_a_password_is_ignored(void **state)
{
    char password[200];
    const char *stored;

    memset(password, 'p', sizeof password);
    assert_int_equal(mq_password_hash(&stored, password, sizeof password, 4, *state), APR_SUCCESS);
    assert_int_equal(mq_password_verify(password, sizeof password, stored), APR_SUCCESS);
    assert_int_equal(mq_password_verify(password, sizeof password - 1, stored), MQ_EDENIED);
    assert_int_equal(mq_password_verify(password, 72, stored), MQ_EDENIED);
    password[199] = 'q';
    assert_int_equal(mq_password_verify(password, sizeof password, stored), MQ_EDENIED);

    assert_int_equal(mq_password_hash(&stored, "ab\0cd", 5, 4, *state), APR_SUCCESS);
    assert_int_equal(mq_password_verify("ab\0cd", 5, stored), APR_SUCCESS);
    assert_int_equal(mq_password_verify("ab\0ce", 5, stored), MQ_EDENIED);
    assert_int_equal(mq_password_verify("ab", 2, stored), MQ_EDENIED);
}

static void only_our_own_format_is_a_password_hash(void **state)
{
    const char *bcrypt = "$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC";
    const char *good;
    char *changed;

    assert_int_equal(mq_password_hash(&good, "x", 1, 4, *state), APR_SUCCESS);
    assert_int_equal(mq_password_cost_of(good), 4);
    changed = apr_pstrdup(*state, good);
    changed[20] = ':';
    {
        const char *const wrong[] = {NULL,
                                     "",
                                     "x",
                                     "mq1",
                                     "mq1x",
                                     "mq1$2y$",
                                     bcrypt,
                                     changed,
                                     apr_pstrcat(*state, good, "x", NULL),
                                     apr_pstrndup(*state, good, 62),
                                     apr_pstrcat(*state, "mq1$2y$16$", good + 10, NULL),
                                     apr_pstrcat(*state, "mq1$2y$4$$", good + 10, NULL),
                                     apr_pstrcat(*state, "mq1$2a$04$", good + 10, NULL),
                                     apr_pstrcat(*state, "mq2$2y$04$", good + 10, NULL),
                                     "mq1{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="};

        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            assert_int_equal(mq_password_verify("x", 1, wrong[i]), MQ_ECORRUPT);
            assert_int_equal(mq_password_cost_of(wrong[i]), 0);
        }
    }
}

static void a_cost_out_of_range_is_refused(void **state)
{
    const char *stored;

    assert_int_equal(mq_password_hash(&stored, "x", 1, 3, *state), MQ_EINVALID);
    assert_int_equal(mq_password_hash(&stored, "x", 1, 16, *state), MQ_EINVALID);
    assert_int_equal(mq_password_dummy(&stored, 3, *state), MQ_EINVALID);
    assert_int_equal(mq_password_dummy(&stored, 16, *state), MQ_EINVALID);
}

static void the_dummy_costs_the_same_and_opens_for_nobody(void **state)
{
    const char *stored;
    apr_time_t started;
    apr_time_t cheap;

    assert_int_equal(mq_password_dummy(&stored, 4, *state), APR_SUCCESS);
    assert_int_equal(mq_password_cost_of(stored), 4);
    started = apr_time_now();
    assert_int_equal(verify("x", stored), MQ_EDENIED);
    cheap = apr_time_now() - started;
    assert_true(cheap > 100); /* it did hash: a refusal at once takes under 10 microseconds */
}

/* RFC 8032, section 7.1, test 2. */
static void test_ed25519_of_rfc_8032(void **state)
{
    unsigned char private[MQ_SIGN_KEY_LENGTH];
    unsigned char expected[MQ_SIGNATURE_LENGTH];
    unsigned char public[MQ_SIGN_KEY_LENGTH];
    unsigned char signature[MQ_SIGNATURE_LENGTH];
    const unsigned char message[] = {0x72};
    const mq_bytes_t data = {message, sizeof message};
    (void)state;
    assert_int_equal(
        mq_hex_decode(private, sizeof private,
                      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
        APR_SUCCESS);
    assert_int_equal(
        mq_hex_decode(expected, sizeof public,
                      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
        APR_SUCCESS);
    assert_int_equal(mq_sign_public(public, private), APR_SUCCESS);
    assert_memory_equal(public, expected, sizeof public);
    assert_int_equal(
        mq_hex_decode(expected, sizeof expected,
                      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        APR_SUCCESS);
    assert_int_equal(mq_sign(signature, data, private), APR_SUCCESS);
    assert_memory_equal(signature, expected, sizeof signature);
    assert_int_equal(mq_sign_verify(signature, data, public), APR_SUCCESS);
    signature[5] ^= 1;
    assert_int_equal(mq_sign_verify(signature, data, public), MQ_EDENIED);
    signature[5] ^= 1;
    public[0] ^= 1;
    assert_int_equal(mq_sign_verify(signature, data, public), MQ_EDENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_is_that_of_fips_180),
        cmocka_unit_test(hmac_is_that_of_rfc_4231),
        cmocka_unit_test(a_key_made_ready_gives_the_same_hmac_each_time),
        cmocka_unit_test(derived_keys_are_those_of_hkdf),
        cmocka_unit_test(random_bytes_do_not_repeat),
        cmocka_unit_test(sealed_text_opens_with_key_and_place),
        cmocka_unit_test(sealed_text_opens_in_no_other_way),
        cmocka_unit_test(a_password_opens_its_hash_and_no_other_does),
        cmocka_unit_test(no_byte_of_a_password_is_ignored),
        cmocka_unit_test(only_our_own_format_is_a_password_hash),
        cmocka_unit_test(a_cost_out_of_range_is_refused),
        cmocka_unit_test(the_dummy_costs_the_same_and_opens_for_nobody),
        cmocka_unit_test(test_ed25519_of_rfc_8032),
    };

    apr_initialize();
    return cmocka_run_group_tests_name("base/crypto", tests, pool_open, pool_close);
}

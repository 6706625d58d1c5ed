/* audit_heads.c -- writing, signing and reading heads. */
#include "domain/trail/audit_heads.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/id.h"

static const char begins[] = "# heads ";
static const char key_word[] = "# key ";
static const char signature_word[] = " signature ";

typedef struct public_key_t {
    unsigned char bytes[MQ_SIGN_KEY_LENGTH];
} public_key_t;

static void head_write(mq_buffer_t *out, const mq_audit_head_t *head, apr_pool_t *pool)
{
    mq_buffer_text(out, apr_psprintf(pool, "%" APR_INT64_T_FMT " %" APR_INT64_T_FMT " %s\n",
                                     head->tenant, head->number,
                                     mq_hex_encode(head->digest, sizeof head->digest, pool)));
}

static apr_status_t block_sign(mq_buffer_t *out, apr_size_t start, const unsigned char *key,
                               apr_pool_t *pool)
{
    unsigned char public[MQ_SIGN_KEY_LENGTH];
    unsigned char signature[MQ_SIGNATURE_LENGTH];
    MQ_TRY(mq_sign_public(public, key));
    MQ_TRY(mq_sign(signature, (mq_bytes_t){out->data + start, out->length - start}, key));
    mq_buffer_text(out,
                   apr_pstrcat(pool, key_word, mq_base64url_encode(public, sizeof public, pool),
                               signature_word,
                               mq_base64url_encode(signature, sizeof signature, pool), "\n", NULL));
    return APR_SUCCESS;
}

apr_status_t mq_audit_heads_write(mq_buffer_t *out, const apr_array_header_t *heads, apr_time_t now,
                                  const unsigned char *key)
{
    apr_size_t start = out->length;
    apr_pool_t *pool;
    apr_status_t rv = APR_SUCCESS;
    MQ_TRY(apr_pool_create(&pool, heads->pool));
    if (key) {
        mq_buffer_text(out, apr_pstrcat(pool, begins, mq_time_iso(now, pool), "\n", NULL));
    }
    for (int i = 0; i < heads->nelts; i++) {
        head_write(out, &APR_ARRAY_IDX(heads, i, mq_audit_head_t), pool);
    }
    if (key) {
        rv = block_sign(out, start, key, pool);
    }
    apr_pool_destroy(pool);
    return rv;
}

static int is_trusted(const mq_heads_reader_t *reader, const unsigned char *key)
{
    for (int i = 0; i < reader->keys->nelts; i++) {
        if (memcmp(APR_ARRAY_IDX(reader->keys, i, public_key_t).bytes, key, MQ_SIGN_KEY_LENGTH) ==
            0) {
            return 1;
        }
    }
    return 0;
}

static const char *signature_check(const mq_heads_reader_t *reader, const char *line)
{
    apr_pool_t *pool = reader->heads->pool;
    const char *text = line + sizeof key_word - 1;
    const char *middle = strstr(text, signature_word);
    const unsigned char *key;
    const unsigned char *signature;
    apr_size_t key_length;
    apr_size_t signature_length;
    if (!middle ||
        mq_base64url_decode(&key, &key_length,
                            apr_pstrmemdup(pool, text, (apr_size_t)(middle - text)),
                            pool) != APR_SUCCESS ||
        mq_base64url_decode(&signature, &signature_length, middle + sizeof signature_word - 1,
                            pool) != APR_SUCCESS ||
        key_length != MQ_SIGN_KEY_LENGTH || signature_length != MQ_SIGNATURE_LENGTH) {
        return "a signature of the heads is no signature";
    }
    if (!reader->keys) {
        return "the heads are signed, and no key to check them is at hand: name the server's "
               "secret with --secret, or its public key with --key";
    }
    if (!is_trusted(reader, key)) {
        return "the heads are signed with another key";
    }
    return mq_sign_verify(signature, (mq_bytes_t){reader->block->data, reader->block->length},
                          key) == APR_SUCCESS
               ? NULL
               : "the heads are not those that were signed";
}

static const char *head_read(mq_heads_reader_t *reader, const char *line)
{
    mq_audit_head_t head;
    char *end;
    head.tenant = apr_strtoi64(line, &end, 10);
    head.number = apr_strtoi64(end, &end, 10);
    while (*end == ' ') {
        end++;
    }
    if (head.number <= 0 || mq_hex_decode(head.digest, sizeof head.digest, end) != APR_SUCCESS) {
        return "these are no heads of medsynqctl audit head";
    }
    APR_ARRAY_PUSH(reader->heads, mq_audit_head_t) = head;
    return NULL;
}

const char *mq_audit_heads_line(mq_heads_reader_t *reader, const char *line)
{
    if (strncmp(line, key_word, sizeof key_word - 1) == 0) {
        const char *fault =
            reader->block ? signature_check(reader, line) : "a signature of the heads has no heads";
        reader->block = NULL;
        return fault;
    }
    if (strncmp(line, begins, sizeof begins - 1) == 0) {
        if (reader->block) {
            return "a block of the heads has no signature";
        }
        reader->is_signed = 1;
        reader->block = mq_buffer_make(reader->heads->pool, 4096);
    }
    if (reader->block) {
        mq_buffer_text(reader->block, line);
        mq_buffer_text(reader->block, "\n");
    }
    if (*line == '#' || *line == 0) {
        return NULL;
    }
    return reader->is_signed && !reader->block ? "some of the heads are not signed"
                                               : head_read(reader, line);
}

static int by_place(const void *a, const void *b)
{
    const mq_audit_head_t *x = a;
    const mq_audit_head_t *y = b;
    return x->tenant != y->tenant ? (x->tenant > y->tenant) - (x->tenant < y->tenant)
                                  : (x->number > y->number) - (x->number < y->number);
}

const char *mq_audit_heads_end(mq_heads_reader_t *reader)
{
    apr_array_header_t *heads = reader->heads;
    int kept = 0;
    if (reader->block) {
        return "the last block of the heads has no signature";
    }
    qsort(heads->elts, (size_t)heads->nelts, sizeof(mq_audit_head_t), by_place);
    for (int i = 0; i < heads->nelts; i++) { /* the same head twice is one */
        const mq_audit_head_t *head = &APR_ARRAY_IDX(heads, i, mq_audit_head_t);
        if (kept == 0 ||
            memcmp(head, &APR_ARRAY_IDX(heads, kept - 1, mq_audit_head_t), sizeof *head) != 0) {
            APR_ARRAY_IDX(heads, kept++, mq_audit_head_t) = *head;
        }
    }
    heads->nelts = kept;
    return NULL;
}

apr_status_t mq_audit_heads_keys(apr_array_header_t **keys_out, const mq_core_t *core,
                                 apr_pool_t *pool)
{
    apr_array_header_t *keys = apr_array_make(pool, 1, sizeof(public_key_t));
    public_key_t *key = apr_array_push(keys);
    MQ_TRY(mq_sign_public(key->bytes, core->heads_key));
    for (int i = 0; i < core->old_keys_count; i++) {
        key = apr_array_push(keys);
        MQ_TRY(mq_sign_public(key->bytes, core->old_keys[i].heads));
    }
    *keys_out = keys;
    return APR_SUCCESS;
}

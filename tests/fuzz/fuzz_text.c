/* fuzz_text.c -- any bytes as people's text, an address, an id or a token: never a crash; what is
 * clean stays so when it is cleaned again, and keys are keys of themselves. */
#include <string.h>

#include <apr_strings.h>
#include <apr_tables.h>

#include "base/id.h"
#include "base/name_order.h"
#include "base/script.h"
#include "folding.h"

static void same(const char *a, const char *b)
{
    check(strcmp(a, b) == 0);
}

static void keys_check(const char *line, apr_pool_t *pool)
{
    const char *name = mq_text_name_key(line, pool);
    const char *search = mq_text_search_key(folding, line, pool);
    const apr_array_header_t *words = mq_text_words(search, pool);

    check(mq_text_is_utf8(name, strlen(name)) && mq_text_is_utf8(search, strlen(search)));
    same(mq_text_name_key(name, pool), name);
    check(words->nelts <= MQ_TEXT_WORDS_MAX);
    for (int i = 0; i < words->nelts; i++) {
        const char *word = APR_ARRAY_IDX(words, i, const char *);

        check(*word != '\0' && strchr(word, ' ') == NULL);
    }
    if (mq_text_is_email(line)) {
        check(strchr(line, '@') != NULL && strchr(line, ' ') == NULL);
    }
}

/* What a name and a number are looked at for besides: no byte is made that is no text. */
static void looks_check(const char *line, apr_pool_t *pool)
{
    static const char arabic[] = "\xd9\xa0\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6\xd9\xa7"
                                 "\xd9\xa8\xd9\xa9";
    const char *plain = mq_text_plain_digits(line, pool);
    const char *order = mq_name_order(line, NULL, pool);
    const char *look;

    check(mq_text_is_utf8(plain, strlen(plain)) && mq_text_is_utf8(order, strlen(order)));
    same(mq_text_plain_digits(plain, pool), plain);
    same(mq_text_plain_digits(mq_script_with_digits(plain, arabic, pool), pool), plain);
    same(order + strlen(order) - strlen(line), line);
    if (mq_text_look_key(&look, line, pool) == APR_SUCCESS) {
        check(mq_text_is_utf8(look, strlen(look)));
    }
}

static void line_check(const char *text, apr_pool_t *pool)
{
    const char *line;
    const char *again;

    if (mq_text_clean_line(&line, text, pool) == APR_SUCCESS) {
        check(mq_text_is_utf8(line, strlen(line)) && mq_text_is_stream_safe(line));
        check(mq_text_count(line) <= strlen(line));
        check(mq_text_clean_line(&again, line, pool) == APR_SUCCESS);
        same(again, line);
        same(mq_text_nfc(line, pool), line);
        keys_check(line, pool);
        looks_check(line, pool);
    }
}

static void block_check(const char *text, apr_pool_t *pool)
{
    const char *block;
    const char *again;

    if (mq_text_clean_block(&block, text, pool) == APR_SUCCESS) {
        check(strchr(block, '\r') == NULL && mq_text_is_stream_safe(block));
        check(mq_text_clean_block(&again, block, pool) == APR_SUCCESS);
        same(again, block);
    }
}

static void id_check(const char *text, const uint8_t *data, size_t size, apr_pool_t *pool)
{
    const unsigned char *decoded;
    apr_size_t length;
    mq_id_t id;

    if (mq_id_parse(&id, text) == APR_SUCCESS) {
        check(strcasecmp(mq_id_text(&id, pool), text) == 0);
    }
    if (mq_base64url_decode(&decoded, &length, text, pool) == APR_SUCCESS) {
        same(mq_base64url_encode(decoded, length, pool), text);
    }
    check(mq_base64url_decode(&decoded, &length, mq_base64url_encode(data, size, pool), pool) ==
              APR_SUCCESS &&
          length == size && (size == 0 || memcmp(decoded, data, size) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *decoded;
    const char *text;
    apr_pool_t *pool;

    if (apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        abort();
    }
    text = apr_pstrmemdup(pool, (const char *)data, size);
    line_check(text, pool);
    block_check(text, pool);
    keys_check(text, pool);
    (void)mq_text_digits(text, pool);
    id_check(text, data, size, pool);
    if (mq_text_decode(&decoded, (const char *)data, size, pool) == APR_SUCCESS) {
        check(mq_text_is_utf8(decoded, strlen(decoded)));
        line_check(decoded, pool);
    }
    apr_pool_destroy(pool);
    return 0;
}

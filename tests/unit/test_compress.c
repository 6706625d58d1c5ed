/* test_compress.c -- what base/compress.h packs, the libraries unpack, and it is smaller. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <brotli/decode.h>
#include <zlib.h>

#include "base/compress.h"

enum { LENGTH = 100000 };

static int text_make(void **state)
{
    apr_pool_t *pool;
    char *text;
    if (apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        return -1;
    }
    text = apr_palloc(pool, LENGTH);
    for (size_t i = 0; i < LENGTH; i++) {
        text[i] = (char)("patients and their notes"[i % 24] + (char)(i % 7 == 0));
    }
    *state = text;
    return 0;
}

static apr_pool_t *pool_make(void)
{
    apr_pool_t *pool;
    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    return pool;
}

static void gzip_is_unpacked_by_zlib(void **state)
{
    apr_pool_t *pool = pool_make();
    static const size_t lengths[] = {0, 1, LENGTH};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        z_stream stream = {0};
        const char *packed;
        apr_size_t length;
        char *back = apr_palloc(pool, LENGTH + 1);
        assert_int_equal(mq_gzip(&packed, &length, *state, lengths[i], pool), APR_SUCCESS);
        assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
        stream.next_in = (z_const Bytef *)packed;
        stream.avail_in = (uInt)length;
        stream.next_out = (Bytef *)back;
        stream.avail_out = LENGTH + 1;
        assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
        assert_int_equal(stream.total_out, lengths[i]);
        assert_int_equal(stream.avail_in, 0);
        assert_memory_equal(back, *state, lengths[i]);
        assert_int_equal(inflateEnd(&stream), Z_OK);
        assert_true(lengths[i] < LENGTH || length < LENGTH / 10);
    }
    apr_pool_destroy(pool);
}

static void brotli_is_unpacked_by_its_library(void **state)
{
    apr_pool_t *pool = pool_make();
    static const size_t lengths[] = {0, 1, LENGTH};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const char *packed;
        apr_size_t length;
        size_t room = LENGTH + 1;
        char *back = apr_palloc(pool, room);
        assert_int_equal(mq_brotli(&packed, &length, *state, lengths[i], pool), APR_SUCCESS);
        assert_int_equal(
            BrotliDecoderDecompress(length, (const uint8_t *)packed, &room, (uint8_t *)back),
            BROTLI_DECODER_RESULT_SUCCESS);
        assert_int_equal(room, lengths[i]);
        assert_memory_equal(back, *state, lengths[i]);
        assert_true(lengths[i] < LENGTH || length < LENGTH / 10);
    }
    apr_pool_destroy(pool);
}

/* A reload with the same files gives the same ETags and bytes. */
static void the_same_text_gives_the_same_bytes(void **state)
{
    apr_pool_t *pool = pool_make();
    const char *packed[2];
    apr_size_t length[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(mq_gzip(&packed[i], &length[i], *state, LENGTH, pool), APR_SUCCESS);
    }
    assert_int_equal(length[0], length[1]);
    assert_memory_equal(packed[0], packed[1], length[0]);
    apr_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip_is_unpacked_by_zlib),
        cmocka_unit_test(brotli_is_unpacked_by_its_library),
        cmocka_unit_test(the_same_text_gives_the_same_bytes),
    };
    apr_initialize();
    return cmocka_run_group_tests(tests, text_make, NULL);
}

/* compress.c -- gzip by zlib and Brotli by its own library, at their highest levels. */
#include "base/compress.h"

#include <brotli/encode.h>
#include <limits.h>
#include <zlib.h>

enum { GZIP_WINDOW_BITS = 15 + 16, /* 16: gzip's header and not zlib's */ MEMORY_LEVEL = 9 };

apr_status_t mq_gzip(const char **packed_out, apr_size_t *length_out, const char *data,
                     apr_size_t length, apr_pool_t *pool)
{
    z_stream stream = {0};
    apr_size_t room;
    char *packed;
    int rc;
    if (length > UINT_MAX / 2 ||
        deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return APR_EGENERAL;
    }
    room = deflateBound(&stream, length);
    packed = apr_palloc(pool, room);
    stream.next_in = (z_const Bytef *)data;
    stream.avail_in = (uInt)length;
    stream.next_out = (Bytef *)packed;
    stream.avail_out = (uInt)room;
    rc = deflate(&stream, Z_FINISH);
    *length_out = stream.total_out;
    *packed_out = packed;
    (void)deflateEnd(&stream);
    return rc == Z_STREAM_END ? APR_SUCCESS : APR_EGENERAL;
}

apr_status_t mq_brotli(const char **packed_out, apr_size_t *length_out, const char *data,
                       apr_size_t length, apr_pool_t *pool)
{
    apr_size_t room = BrotliEncoderMaxCompressedSize(length);
    char *packed = apr_palloc(pool, room);
    if (!room ||
        !BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_TEXT, length,
                               (const uint8_t *)data, &room, (uint8_t *)packed)) {
        return APR_EGENERAL;
    }
    *packed_out = packed;
    *length_out = room;
    return APR_SUCCESS;
}

/* qr.c -- from libqrencode's squares to one SVG path. */
#include "base/qr.h"

#include <apr_strings.h>
#include <qrencode.h>

#include "base/buffer.h"

enum { QUIET = 4, BYTES_A_SQUARE = 16 };

apr_status_t mq_qr_svg(const char **svg_out, const char *text, apr_pool_t *pool)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    mq_buffer_t *out;
    int side;
    if (!code) {
        return MQ_EINVALID;
    }
    side = code->width + 2 * QUIET;
    out = mq_buffer_make(pool, (apr_size_t)(code->width * code->width) * BYTES_A_SQUARE + 256);
    mq_buffer_text(out, apr_psprintf(pool,
                                     "<svg class=\"qr\" width=\"240\" height=\"240\" "
                                     "aria-hidden=\"true\" viewBox=\"0 0 %d %d\" "
                                     "shape-rendering=\"crispEdges\">"
                                     "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>"
                                     "<path fill=\"#000\" d=\"",
                                     side, side, side, side));
    for (int i = 0; i < code->width * code->width; i++) {
        if (code->data[i] & 1) {
            mq_buffer_add(out, "M", 1);
            mq_buffer_int(out, i % code->width + QUIET);
            mq_buffer_add(out, " ", 1);
            mq_buffer_int(out, i / code->width + QUIET);
            mq_buffer_text(out, "h1v1h-1z");
        }
    }
    mq_buffer_text(out, "\"/></svg>");
    QRcode_free(code);
    *svg_out = mq_buffer_string(out);
    return APR_SUCCESS;
}

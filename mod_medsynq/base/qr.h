/* qr.h -- QR codes as SVG, drawn by libqrencode. */
#ifndef MQ_BASE_QR_H
#define MQ_BASE_QR_H

#include <apr_pools.h>

#include "base/status.h"

/**
 * Draw a text as an SVG element, dark on white with a quiet zone, for a page's markup slot.
 * @param svg_out from pool; has nothing of the text but the pattern
 * @return MQ_EINVALID the text is too long (2,300 bytes) or there is no memory
 */
apr_status_t mq_qr_svg(const char **svg_out, const char *text, apr_pool_t *pool);

#endif

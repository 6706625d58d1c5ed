/* href.h -- links that carry parameters. */
#ifndef MQ_WEB_HREF_H
#define MQ_WEB_HREF_H

#include "base/buffer.h"

/** Write a parameter behind a path, or behind the parameters that it has already.
 * @param value any text; it is escaped */
void mq_href_add(mq_buffer_t *href, const char *name, const char *value);

#endif

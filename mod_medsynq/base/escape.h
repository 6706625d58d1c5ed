/* escape.h -- writing somebody's text into HTML and URLs so that it stays text. */
#ifndef MQ_BASE_ESCAPE_H
#define MQ_BASE_ESCAPE_H

#include "base/buffer.h"

/** Write a text into HTML's text or a quoted attribute: & < > " ' become references. */
void mq_escape_html(mq_buffer_t *out, const char *text);

/** Write a text as one segment of a URL's path (RFC 3986, 3.3): all but unreserved characters are
 * percent-encoded. The result is safe in a quoted attribute too. */
void mq_escape_url_segment(mq_buffer_t *out, const char *text);

/** Write a text as a component of a URL's query: as a segment, but '/' stays readable. */
void mq_escape_url_query(mq_buffer_t *out, const char *text);

/** Write a whole URL into a quoted attribute: a relative path or http, https, mailto, tel. Anything
 * else, such as javascript:, becomes "#". */
void mq_escape_url_whole(mq_buffer_t *out, const char *url);

#endif

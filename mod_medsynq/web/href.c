/* href.c -- the first parameter comes behind a question mark, the others behind an ampersand. */
#include "web/href.h"

#include <string.h>

#include "base/escape.h"

void mq_href_add(mq_buffer_t *href, const char *name, const char *value)
{
    mq_buffer_text(href, memchr(href->data, '?', href->length) ? "&" : "?");
    mq_buffer_text(href, name);
    mq_buffer_text(href, "=");
    mq_escape_url_query(href, value);
}

/* flash.h -- what the page after a redirect says once: that something was done, or a one-time link
 * to copy. Travels in a cookie, sealed and tied to the session, so that nobody else can put words
 * into a page. */
#ifndef MQ_WEB_FLASH_H
#define MQ_WEB_FLASH_H

#include "web/request.h"

typedef struct mq_flash_t {
    const char *notice; /* a message of success, or NULL */
    const char *link;   /* path of a one-time link, or NULL */
    const char *codes;  /* recovery codes with blanks between, or NULL */
} mq_flash_t;

/** Set what the next page says; the person is signed in, perhaps since a moment ago. Every page
 * takes the notice, whether its handler does or not: mq_page_show. */
apr_status_t mq_flash_set(mq_request_t *rq, const mq_flash_t *flash);

/** Answer 303 to a path of ours, whose page says once that this was done. @param notice translated
 */
apr_status_t mq_flash_redirect(mq_request_t *rq, const char *path, const char *notice);

/** Take what is to be said; both members are NULL where there is nothing. */
apr_status_t mq_flash_take(mq_flash_t *flash_out, mq_request_t *rq);

#endif

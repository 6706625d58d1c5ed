/* mail_links.c -- a path of ours as somebody outside of the site needs it. Writing a mail and
 * handing it over are base/mail.c and base/mail_queue.c. */
#include "web/mail_links.h"

#include <apr_strings.h>

#include "base/mail.h"
#include "base/mail_queue.h"

const char *mq_request_url(const mq_request_t *rq, const char *path)
{
    const char *host = rq->hooks->header(rq, "Host");
    if (rq->visit.core->mail) {
        return apr_pstrcat(rq->pool, rq->visit.core->mail->site, path, NULL);
    }
    return host ? apr_pstrcat(rq->pool, rq->secure ? "https://" : "http://", host, path, NULL)
                : path;
}

int mq_link_mail(const mq_request_t *rq, const char *to, const char *subject, const char *lead,
                 const char *path, const char *end, int is_meant)
{
    const mq_mail_t *mail = rq->visit.core->mail;
    const char *message;
    apr_status_t rv;
    if (!mail || !rq->visit.core->mails) {
        return 0;
    }
    rv = mq_mail_compose(
        &message, to, subject,
        apr_pstrcat(rq->pool, lead, "\n\n", mail->site, path, "\n\n", end, "\n", NULL), rq->pool);
    if (rv == APR_SUCCESS) {
        rv = mq_mail_queue_add(rq->visit.core->mails, message, is_meant);
    }
    if (rv != APR_SUCCESS) {
        rq->hooks->log(rq, "MSQ0015", rv, "a mail could not be written, or too many wait");
    }
    return rv == APR_SUCCESS;
}

/* mail_links.c -- a path of ours as somebody outside of the site needs it. Writing a mail and
 * handing it over is base/mail.c. */
#include "web/mail_links.h"

#include <apr_strings.h>

#include "base/mail.h"

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
                 const char *path, const char *end)
{
    const mq_mail_t *mail = rq->visit.core->mail;
    const char *message;
    apr_status_t rv;
    if (!mail) {
        return 0;
    }
    rv = mq_mail_compose(
        &message, to, subject,
        apr_pstrcat(rq->pool, lead, "\n\n", mail->site, path, "\n\n", end, "\n", NULL), rq->pool);
    if (rv == APR_SUCCESS) {
        rv = mq_mail_hand_over(mail->command, message);
    }
    if (rv != APR_SUCCESS) {
        rq->hooks->log(rq, "MSQ0036", rv,
                       "a mail could not be handed to the command of MedSynQSendmail");
    }
    return rv == APR_SUCCESS;
}

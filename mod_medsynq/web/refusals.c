/* refusals.c -- recording what was refused, within bounds. */
#include "web/refusals.h"

#include <apr_strings.h>

#include "base/messages.h"
#include "domain/change.h"
#include "domain/trail/installation_events.h"
#include "domain/access/throttle.h"
#include "web/routes.h"

enum { MINUTE_MOST = 20 /* events of one address */ };

static apr_status_t record(const mq_request_t *rq, const char *reason)
{
    mq_audit_event_t event = {
        .action = MQ_ACTION_REFUSED, .outcome = MQ_OUTCOME_REFUSED, .reason = reason};
    apr_status_t rv;
    if (!rq->session) {
        return mq_installation_refused(
            &rq->visit, apr_psprintf(rq->pool, "%s, %s", rq->route->pattern, reason));
    }
    rv = mq_event_record(rq->session->scope, &event);
    mq_db_give_back(rq->session->scope);
    return rv;
}

void mq_refusal_record(mq_request_t *rq, const char *reason)
{
    int count;
    apr_status_t rv;
    if (rq->session) {
        mq_db_give_back(rq->session->scope);
    }
    count = mq_throttle_refusal(&rq->visit);
    if (count > MINUTE_MOST) {
        return;
    }
    if (count == MINUTE_MOST) {
        reason = apr_pstrcat(rq->pool, reason, " (more of this minute are not recorded)", NULL);
    }
    rv = record(rq, reason);
    if (rv != APR_SUCCESS) {
        rq->hooks->log(rq, "MSQ0037", rv, "the refusal could not be recorded in the audit trail");
    }
    if (!rq->session) {
        rq->hooks->log(rq, "MSQ0038", APR_SUCCESS,
                       apr_psprintf(rq->pool, "POST %s was refused before log-in: %s",
                                    rq->route->pattern, reason));
    }
}

void mq_refusal_tell(const mq_request_t *rq, const char *wrong, apr_status_t rv)
{
    if (rv == MQ_EDENIED || rv == MQ_EBUSY) {
        rq->hooks->log(rq, MQ_MESSAGE_SIGN_IN_REFUSED, APR_SUCCESS,
                       apr_pstrcat(rq->pool, "log-in refused: ",
                                   rv == MQ_EDENIED ? "wrong " : "too many attempts before this ",
                                   wrong, NULL));
    }
}

/* switch_pages.c -- going on in another of one's organisations, with the session that this browser
 * keeps of it (beside.h). A form of the one that was left never acts in the other: its token is of
 * its own session (csrf.c), and what was typed waits there (parking_pages.c). */

#include <apr_strings.h>
#include <string.h>

#include "web/access/beside.h"
#include "web/access/parking_pages.h"
#include "web/flash.h"
#include "web/route_tables.h"

static apr_status_t arrive(mq_request_t *rq, const mq_session_t *session)
{
    return mq_flash_redirect(
        rq, mq_parking_next(rq, session->scope, NULL),
        mq_sayf(rq, "You are in %s now.", mq_scope_tenant_name(session->scope)));
}

static apr_status_t switch_post(mq_request_t *rq, const mq_scope_t *sc)
{
    const mq_beside_t *entry = mq_beside_find(rq, mq_form_get(rq->form, "to", NULL));
    mq_session_t *session;
    apr_status_t rv;
    if (!entry) { /* another tab was there first */
        return mq_flash_redirect(
            rq, "/account",
            mq_sayf(rq, "Nothing has changed: you are in %s.", mq_scope_tenant_name(sc)));
    }
    rv = mq_beside_switch(&session, rq, entry);
    if (rv == MQ_ENOTFOUND) {
        return mq_flash_redirect(rq, "/login?beside=1",
                                 mq_say(rq, "That session has ended. Log in there again."));
    }
    MQ_TRY(rv);
    return arrive(rq, session);
}

/* Of the log-in page, which offers it where the session that this browser acted with is over. */
static apr_status_t go_on_post(mq_request_t *rq)
{
    const mq_beside_t *entry = mq_beside_find(rq, mq_form_get(rq->form, "to", NULL));
    mq_session_t *session;
    apr_status_t rv;
    if (rq->session) { /* another tab was there first */
        return mq_request_redirect(rq, "/account#organisations");
    }
    rv = entry ? mq_beside_switch(&session, rq, entry) : MQ_ENOTFOUND;
    if (rv == MQ_ENOTFOUND) {
        return mq_request_redirect(rq, "/login?notice=ended");
    }
    MQ_TRY(rv);
    MQ_TRY(mq_request_cookie_set(rq, MQ_COOKIE_FORM_NAME, ""));
    return arrive(rq, session);
}

static apr_status_t end_post(mq_request_t *rq)
{
    if (rq->session) {
        return mq_request_redirect(rq, "/account#organisations");
    }
    MQ_TRY(mq_beside_end(rq));
    apr_table_setn(rq->headers, "Clear-Site-Data", "\"cache\", \"storage\"");
    return mq_request_redirect(rq, "/?notice=logged-out");
}

const mq_route_t mq_switch_routes[] = {
    {MQ_POST, "/account/switch", MQ_ACTION_ORGANISATION_SWITCH, switch_post},
    {MQ_POST, "/account/beside", .open = go_on_post},
    {MQ_POST, "/account/beside/end", .open = end_post},
    MQ_ROUTES_END};

/* switch_pages.c -- going on in another of one's organisations, with the session that this browser
 * keeps of it (beside.h). A form of the one that was left never acts in the other: its token is of
 * its own session (csrf.c), and what was typed waits there (parking_pages.c). */

#include <apr_strings.h>
#include <string.h>

#include "web/access/beside.h"
#include "web/access/log_in_href.h"
#include "web/access/parking_pages.h"
#include "web/flash.h"
#include "web/route_tables.h"

static const mq_beside_t *entry_find(const mq_request_t *rq)
{
    const apr_array_header_t *list = mq_beside_list(rq);
    const char *to = mq_form_get(rq->form, "to", NULL);
    for (int i = 0; to && i < list->nelts; i++) {
        const mq_beside_t *entry = &APR_ARRAY_IDX(list, i, mq_beside_t);
        if (strcmp(entry->id, to) == 0) {
            return entry;
        }
    }
    return NULL;
}

static apr_status_t switch_post(mq_request_t *rq, const mq_scope_t *sc)
{
    const mq_beside_t *entry = entry_find(rq);
    mq_session_t *session;
    apr_status_t rv;
    if (!entry) { /* another tab was there first */
        return mq_flash_redirect(
            rq, "/account",
            mq_sayf(rq, "Nothing has changed: you are in %s.", mq_scope_tenant_name(sc)));
    }
    rv = mq_beside_switch(&session, rq, entry);
    if (rv == MQ_ENOTFOUND) {
        return mq_flash_redirect(
            rq, apr_pstrcat(rq->pool, mq_log_in_href(rq, entry->organisation), "?beside=1", NULL),
            mq_sayf(rq, "Your session in %s has ended. Log in there again.", entry->organisation));
    }
    MQ_TRY(rv);
    return mq_flash_redirect(
        rq, mq_parking_next(rq, session->scope, NULL),
        mq_sayf(rq, "You are in %s now.", mq_scope_tenant_name(session->scope)));
}

const mq_route_t mq_switch_routes[] = {
    {MQ_POST, "/account/switch", MQ_ACTION_ORGANISATION_SWITCH, switch_post}, MQ_ROUTES_END};

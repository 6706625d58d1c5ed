/* failures.c -- which number a failure has: what found it out says so, or the status does. */
#include "web/failures.h"

#include <apr_strings.h>

#include "base/cause.h"
#include "domain/organisations/quotas.h"
#include "store/db.h"
#include "web/routes.h"

/* Where no statement failed. */
static const struct {
    apr_status_t rv;
    mq_cause_t cause;
} by_status[] = {{MQ_EFULL, {"MSQ0050", "no database connection was free in time"}},
                 {MQ_ECORRUPT, {"MSQ0053", "something stored is not what was written"}},
                 {APR_EAGAIN, {"MSQ0054", "too many bodies come too slowly"}}};

static mq_cause_t cause_of(const mq_request_t *rq, apr_status_t rv)
{
    const mq_cause_t *kept = mq_cause_kept(rq->pool);
    const char *failed = mq_db_failed(rq->pool);
    if (kept) {
        return *kept;
    }
    if (failed) {
        return (mq_cause_t){"MSQ0030", failed};
    }
    for (size_t i = 0; i < sizeof by_status / sizeof *by_status; i++) {
        if (by_status[i].rv == rv) {
            return by_status[i].cause;
        }
    }
    return (mq_cause_t){"MSQ0030", "no statement failed"};
}

static void failure_tell(const mq_request_t *rq, apr_status_t rv, mq_cause_t cause)
{
    rq->hooks->log(rq, cause.tag, rv,
                   apr_psprintf(rq->pool, "%s %s: %s", rq->method == MQ_POST ? "POST" : "GET",
                                rq->route ? rq->route->pattern : "-", cause.words));
}

void mq_failure_log(const mq_request_t *rq, apr_status_t rv)
{
    failure_tell(rq, rv, cause_of(rq, rv));
}

void mq_failure_log_quota(const mq_request_t *rq)
{
    static const char *const kinds[MQ_QUOTAS] = {"patients", "people", "files", "bytes"};
    const mq_quota_use_t *use = mq_quota_reached(rq->pool);
    if (use) {
        rq->hooks->log(rq, "MSQ0057", APR_SUCCESS,
                       apr_psprintf(rq->pool,
                                    "%s: an organisation has all that MedSynQQuota %s lets it have",
                                    rq->route->pattern, kinds[use->what]));
    }
}

void mq_failure_log_busy(const mq_request_t *rq)
{
    static const mq_cause_t workers = {"MSQ0052", "no turn to hash a password came"};
    failure_tell(rq, MQ_EFULL,
                 mq_cause_kept(rq->pool) || mq_db_failed(rq->pool) ? cause_of(rq, MQ_EFULL)
                                                                   : workers);
}

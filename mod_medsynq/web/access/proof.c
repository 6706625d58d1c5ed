/* proof.c -- asking for one's own password again. The rule is in domain/access/password_changes.c.
 */
#include "web/access/proof.h"

#include <apr_strings.h>

#include "domain/access/password_changes.h"
#include "web/refusals.h"
#include "web/routes.h"

apr_status_t mq_proof_check(int *status_out, mq_request_t *rq, const mq_scope_t *sc,
                            mq_form_t *form, const mq_id_t *object, const char *password)
{
    int wait = 0;
    apr_status_t rv = mq_password_prove(&wait, &rq->visit, sc, rq->route->action, object, password);
    mq_refusal_tell(rq, "password", rv);
    *status_out = 0;
    if (rv == MQ_EBUSY) {
        apr_table_setn(rq->headers, "Retry-After", apr_itoa(rq->pool, wait));
        mq_form_fault(form, "password",
                      mq_say_count(rq, "Too many attempts. Try again in %d second.",
                                   "Too many attempts. Try again in %d seconds.", wait));
        *status_out = 429;
        return APR_SUCCESS;
    }
    if (rv == MQ_EDENIED) {
        mq_form_fault(form, "password", mq_say(rq, "This is not your password. Nothing was done."));
        *status_out = 422;
        return APR_SUCCESS;
    }
    return rv;
}

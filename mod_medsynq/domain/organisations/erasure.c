/* erasure.c -- what precedes the erasing of an organisation's rows. Each step may be done twice: a
 * kill leaves what the same call goes on with. */
#include "domain/organisations/erasure.h"

#include "domain/change.h"
#include "domain/organisations/counters.h"
#include "domain/organisations/tenants.h"
#include "domain/sharing/partners.h"
#include "domain/trail/audit_chain.h"
#include "domain/trail/installation_events.h"
#include "store/tenant_rows.h"

static const apr_interval_time_t hold = (apr_interval_time_t)MQ_ERASURE_HOLD_DAYS * 24 * 3600;

/* Where its trail ends; one that has lost it in an erasure before has none. */
static apr_status_t head_read(mq_erasure_t *erasure, const mq_scope_t *sc)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_size_t length;
    const void *digest;
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_AUDIT_HEAD, MQ_NO_PARAMS));
    erasure->events = mq_rows_int(&rows, MQ_AUDIT_HEAD_NUMBER);
    digest = mq_rows_bytes(&rows, MQ_AUDIT_HEAD_DIGEST, &length);
    erasure->digest = mq_hex_encode(digest, length, pool);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

apr_status_t mq_erasure_look(mq_erasure_t *erasure_out, const mq_scope_t *sc)
{
    apr_status_t rv;
    *erasure_out = (mq_erasure_t){.name = mq_scope_tenant_name(sc), .chain = mq_scope_chain(sc)};
    MQ_TRY(mq_tenant_closed(&erasure_out->closed_at, sc));
    erasure_out->free_from =
        erasure_out->closed_at ? erasure_out->closed_at + apr_time_from_sec(hold) : 0;
    rv = head_read(erasure_out, sc);
    mq_db_give_back(sc);
    return rv;
}

/* Asked in the transaction that begins: whoever opens it again was earlier, or is too late. */
static apr_status_t begin(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mq_erasure_t *erasure = data;
    apr_time_t closed_at;
    apr_int64_t has_begun;
    MQ_TRY(mq_tenant_closed(&closed_at, sc));
    if (!closed_at || closed_at != erasure->closed_at) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(mq_counter_value(&has_begun, sc, MQ_COUNTER_ERASING));
    if (has_begun) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return APR_SUCCESS;
    }
    return mq_counter_add(sc, MQ_COUNTER_ERASING, 1);
}

apr_status_t mq_erasure_begin(const mq_erasure_t *erasure, const mq_scope_t *sc)
{
    mq_erasure_t looked = *erasure;
    return mq_change(sc, MQ_ACTION_ORGANISATION_ERASE, begin, &looked);
}

/* One of a page of partnerships, by the step that is open to this side. */
static apr_status_t partner_leave(const mq_visit_t *visit, const mq_scope_t *sc,
                                  const mq_partner_t *partner)
{
    int wait;
    int open = mq_partner_steps(partner);
    mq_partner_step_t step = open & MQ_PARTNER_END ? MQ_PARTNER_END : MQ_PARTNER_DECLINE;
    return open & (int)step ? mq_partner_take(&wait, visit, sc, &partner->id, step, "erased")
                            : APR_SUCCESS;
}

static apr_status_t partners_leave(const mq_visit_t *visit, const mq_scope_t *sc)
{
    const mq_id_t *before = NULL;
    int has_next = 1;
    while (has_next) {
        apr_array_header_t *list;
        MQ_TRY(mq_partners_page(&list, &has_next, sc, before));
        mq_db_give_back(sc);
        for (int i = 0; i < list->nelts; i++) {
            const mq_partner_t *partner = &APR_ARRAY_IDX(list, i, mq_partner_t);
            MQ_TRY(partner_leave(visit, sc, partner));
            before = &partner->id;
        }
    }
    return APR_SUCCESS;
}

apr_status_t mq_erasure_run(mq_erasure_t *erasure, const mq_visit_t *visit, const mq_scope_t *sc,
                            const char *agent, const char *driver, const char *database,
                            mq_progress_t progress, void *context, const char **error_out)
{
    apr_status_t rv = mq_erasure_begin(erasure, sc);
    *error_out = rv == MQ_ECONFLICT ? "it was opened again meanwhile: nothing is erased"
                                    : "its erasure cannot begin: nothing is erased";
    MQ_TRY(rv);
    *error_out = "its partners or the installation's trail cannot be told: no row is erased yet, "
                 "and the same command goes on";
    MQ_TRY(partners_leave(visit, sc));
    MQ_TRY(mq_erasure_look(erasure, sc)); /* its trail has just grown */
    MQ_TRY(
        mq_installation_record(visit, agent, MQ_ACTION_ORGANISATION_ERASE,
                               mq_audit_erasure_say(erasure->chain, erasure->events,
                                                    erasure->digest, erasure->name, visit->pool)));
    return mq_erasure_rows(&erasure->rows, driver, database, erasure->chain, progress, context,
                           error_out, visit->pool);
}

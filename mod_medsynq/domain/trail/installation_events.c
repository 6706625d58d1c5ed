/* installation_events.c -- the installation's own events. */
#define MQ_MAY_MINT_SCOPE
#include "domain/trail/installation_events.h"

#include <apr_strings.h>

#include "domain/change.h"
#include "domain/trail/audit_chain.h"
#include "domain/access/scope_minting.h"
#include "store/statements.h"

enum { CHAINS_PER_COMMIT = 200 };

static apr_status_t chain_record(const mq_visit_t *visit, const char *agent,
                                 const mq_audit_event_t *event)
{
    const mq_scope_t *sc;
    apr_status_t rv;
    MQ_TRY(mq_scope_operator(&sc, visit, NULL, agent));
    rv = mq_event_record(sc, event);
    mq_db_give_back(sc);
    return rv;
}

apr_status_t mq_installation_record(const mq_visit_t *visit, const char *agent, mq_action_t action,
                                    const char *reason)
{
    mq_audit_event_t event = {.action = action, .outcome = MQ_OUTCOME_DONE, .reason = reason};
    return chain_record(visit, agent, &event);
}

apr_status_t mq_installation_refused(const mq_visit_t *visit, const char *reason)
{
    mq_audit_event_t event = {
        .action = MQ_ACTION_REFUSED, .outcome = MQ_OUTCOME_REFUSED, .reason = reason};
    return chain_record(visit, "httpd", &event);
}

apr_status_t mq_installation_migrated(const mq_visit_t *visit, const char *agent, int from)
{
    return from == mq_migration_count
               ? APR_SUCCESS
               : mq_installation_record(
                     visit, agent, MQ_ACTION_SCHEMA_MIGRATE,
                     apr_psprintf(visit->pool, "from %d to %d", from, mq_migration_count));
}

static apr_status_t chain_tell(mq_group_t *group, const mq_visit_t *visit, const char *agent,
                               const mq_archive_chain_t *chain)
{
    const mq_scope_t *sc = mq_scope_operator_of(visit, chain->tenant, agent);
    mq_audit_event_t event = {.action = MQ_ACTION_AUDIT_ARCHIVE,
                              .outcome = MQ_OUTCOME_DONE,
                              .reason =
                                  mq_audit_archive_say(chain->last, chain->digest, visit->pool)};
    apr_status_t rv;
    mq_db_group_join(group, sc);
    rv = mq_event_record(sc, &event);
    mq_db_group_leave(sc);
    return rv;
}

/* Each chain says itself what was taken from its beginning; many share a commit. */
static apr_status_t chains_tell(const mq_visit_t *visit, const char *agent,
                                const apr_array_header_t *chains)
{
    mq_visit_t piece = *visit;
    apr_status_t rv = apr_pool_create(&piece.pool, visit->pool);
    for (int i = 0; rv == APR_SUCCESS && i < chains->nelts;) {
        mq_group_t *group;
        int end = i + CHAINS_PER_COMMIT;
        apr_status_t ended;
        apr_pool_clear(piece.pool);
        MQ_TRY(mq_db_group_begin(&group, visit->core->store, piece.pool));
        for (; rv == APR_SUCCESS && i < chains->nelts && i < end; i++) {
            rv = chain_tell(group, &piece, agent, &APR_ARRAY_IDX(chains, i, mq_archive_chain_t));
        }
        ended = mq_db_group_end(group, rv == APR_SUCCESS);
        rv = rv == APR_SUCCESS ? ended : rv;
    }
    apr_pool_destroy(piece.pool);
    return rv;
}

apr_status_t mq_installation_archive(mq_archived_t *archived_out, const mq_visit_t *visit,
                                     const char *agent, const char *driver, const char *database,
                                     const char *file, apr_time_t before, mq_progress_t progress,
                                     void *context, const char **error_out)
{
    apr_array_header_t *chains;
    apr_int64_t events;
    apr_status_t rv;
    MQ_TRY(mq_archive_copy(&chains, &events, driver, database, file, before, progress, context,
                           error_out, visit->pool));
    *error_out = "the trail does not take what was archived; nothing is removed";
    rv = chains_tell(visit, agent, chains);
    if (rv == APR_SUCCESS) {
        rv = mq_archive_remove(driver, database, chains, progress, context, error_out, visit->pool);
    }
    *archived_out = (mq_archived_t){events, chains->nelts};
    return rv;
}

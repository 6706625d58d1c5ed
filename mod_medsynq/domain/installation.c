/* installation.c -- the installation's own events. */
#define MQ_MAY_MINT_SCOPE
#include "domain/installation.h"

#include <apr_strings.h>

#include "domain/audit.h"
#include "domain/sessions.h"
#include "store/statements.h"

apr_status_t mq_installation_record(const mq_visit_t *visit, const char *agent, mq_action_t action,
                                    const char *reason)
{
    mq_audit_event_t event = {.action = action, .outcome = MQ_OUTCOME_DONE, .reason = reason};
    const mq_scope_t *sc;
    apr_status_t rv;
    MQ_TRY(mq_scope_operator(&sc, visit, NULL, agent));
    rv = mq_audit_record(sc, &event);
    mq_db_give_back(sc);
    return rv;
}

apr_status_t mq_installation_migrated(const mq_visit_t *visit, const char *agent, int from)
{
    return from == mq_migration_count
               ? APR_SUCCESS
               : mq_installation_record(
                     visit, agent, MQ_ACTION_SCHEMA_MIGRATE,
                     apr_psprintf(visit->pool, "from %d to %d", from, mq_migration_count));
}

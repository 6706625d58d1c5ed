/* tenants.c -- founding an organisation, suspending it. Its people are in sign_in.c. */
#include "domain/organisations/tenants.h"

#include <string.h>

#include "base/crypto.h"
#include "base/text.h"
#include "domain/trail/audit.h"
#include "domain/people/invitations.h"
#include "domain/access/password_hashing.h"
#include "domain/patients/patients.h"
#include "domain/access/sessions.h"
#include "domain/access/throttle.h"

enum { FOUNDER_ROLES = MQ_ROLE_ADMIN | MQ_ROLE_CLINICIAN };

static apr_status_t tenant_insert(const mq_scope_t *sc, const char *name)
{
    int changed = 0;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_TENANT_INSERT,
                        MQ_PARAMS(mq_bind_text(name),
                                  mq_bind_text(mq_text_name_key(name, mq_scope_pool(sc))),
                                  mq_bind_int(mq_scope_now(sc)))));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

static apr_status_t rows_insert(mq_id_t *user_out, const mq_scope_t *sc, const mq_tenant_new_t *in,
                                const char *password)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_audit_event_t event = {
        .action = MQ_ACTION_TENANT_CREATE, .outcome = MQ_OUTCOME_DONE, .object = user_out};
    int changed = 0;
    MQ_TRY(tenant_insert(sc, in->tenant_name));
    MQ_TRY(mq_id_make(user_out));
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_USER_INSERT,
                        MQ_PARAMS(mq_bind_id(user_out), mq_bind_text(in->admin_email),
                                  mq_bind_text(mq_text_name_key(in->admin_email, pool)),
                                  mq_bind_text(in->admin_name), mq_bind_int(FOUNDER_ROLES),
                                  mq_bind_text(password), mq_bind_int(mq_scope_now(sc)))));
    if (changed == 0) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(mq_patients_prepare(sc));
    return mq_audit_write(sc, &event);
}

apr_status_t mq_tenant_create(const mq_scope_t **sc_out, int *wait_out,
                              mq_password_verdict_t *verdict_out, const mq_visit_t *visit,
                              const mq_tenant_new_t *in)
{
    const mq_scope_t *sc = mq_scope_found(visit, in->tenant_name);
    const char *password;
    mq_id_t user;
    apr_status_t rv;

    *verdict_out = mq_password_judge(
        in->admin_password,
        (const char *const[]){in->tenant_name, in->admin_name, in->admin_email, NULL}, visit->pool);
    if (*verdict_out != MQ_PASSWORD_GOOD) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_throttle_check(wait_out, visit, MQ_THROTTLE_REGISTER, ""));
    /* a quarter of a second of arithmetic: before the transaction, with no connection on loan */
    MQ_TRY(mq_passwords_hash(&password, visit->core, in->admin_password, visit->pool));
    MQ_TRY(mq_db_begin(sc));
    rv = rows_insert(&user, sc, in, password);
    if (rv != APR_SUCCESS) {
        mq_db_give_back(sc);
        return rv;
    }
    MQ_TRY(mq_db_commit(sc));
    mq_throttle_count(visit, MQ_THROTTLE_REGISTER, "");
    return mq_scope_enter(sc_out, visit, sc, &user);
}

static apr_status_t finish(const mq_scope_t *sc, apr_status_t rv)
{
    if (rv != APR_SUCCESS) {
        mq_db_rollback(sc);
        return rv;
    }
    return mq_db_commit(sc);
}

static apr_status_t found(const char **token_out, const mq_scope_t *sc, const mq_tenant_new_t *in)
{
    mq_audit_event_t event = {.action = MQ_ACTION_TENANT_CREATE, .outcome = MQ_OUTCOME_DONE};
    MQ_TRY(tenant_insert(sc, in->tenant_name));
    MQ_TRY(mq_patients_prepare(sc));
    MQ_TRY(mq_audit_write(sc, &event));
    return mq_invitation_write(token_out, sc, in->admin_email, in->admin_name, FOUNDER_ROLES);
}

apr_status_t mq_tenant_found(const char **token_out, const mq_scope_t *sc,
                             const mq_tenant_new_t *in)
{
    if (!(mq_scope_roles(sc) & MQ_ROLE_OPERATOR)) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_db_begin(sc));
    return finish(sc, found(token_out, sc, in));
}

static apr_status_t status_change(const mq_scope_t *sc, mq_tenant_status_t status,
                                  mq_action_t action)
{
    mq_audit_event_t event = {.action = action, .outcome = MQ_OUTCOME_DONE};
    int other = status == MQ_TENANT_ACTIVE ? MQ_TENANT_SUSPENDED : MQ_TENANT_ACTIVE;
    int changed = 0;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_TENANT_STATUS_SET,
                        MQ_PARAMS(mq_bind_int(status), mq_bind_int(other))));
    if (!changed) {
        return MQ_ECONFLICT;
    }
    if (status == MQ_TENANT_SUSPENDED) { /* for good: a session does not come back at resume */
        MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_TENANT_SESSIONS_END, MQ_NO_PARAMS));
    }
    return mq_audit_write(sc, &event);
}

apr_status_t mq_tenant_status_set(const mq_scope_t *sc, mq_tenant_status_t status)
{
    mq_action_t action =
        status == MQ_TENANT_ACTIVE ? MQ_ACTION_ORGANISATION_RESUME : MQ_ACTION_ORGANISATION_SUSPEND;
    if (!mq_policy_allows(action, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_db_begin(sc));
    return finish(sc, status_change(sc, status, action));
}

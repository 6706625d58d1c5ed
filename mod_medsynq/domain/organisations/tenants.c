/* tenants.c -- creating an organisation, suspending it. Its people are in sign_in.c. */
#include "domain/organisations/tenants.h"

#include <apr_strings.h>
#include <string.h>

#include "base/crypto.h"
#include "base/text.h"
#include "domain/change.h"
#include "domain/field_kinds.h"
#include "domain/form_use.h"
#include "domain/organisations/counters.h"
#include "domain/organisations/settings.h"
#include "domain/people/accounts.h"
#include "domain/people/invitations.h"
#include "domain/access/password_hashing.h"
#include "domain/patients/patients.h"
#include "domain/access/scope_minting.h"
#include "domain/access/sign_in.h"
#include "domain/access/throttle.h"
#include "domain/sharing/partners.h"

enum { FOUNDER_ROLES = MQ_ROLE_ADMIN | MQ_ROLE_CLINICIAN };

/* What a name looks like, if it may be one. */
static apr_status_t look_of(const char **look_out, const char **sight_out, const char *name,
                            apr_pool_t *pool)
{
    MQ_TRY(mq_text_look_key(look_out, name, pool));
    MQ_TRY(mq_text_sight_key(sight_out, name, pool));
    return **look_out && **sight_out && mq_field_holds(&mq_name_rule, name, pool) ? APR_SUCCESS
                                                                                  : MQ_EINVALID;
}

apr_status_t mq_tenant_insert(const mq_scope_t *sc, const char *name,
                              const mq_tenant_manners_t *manners)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_date_format_t format;
    const char *zone;
    const char *look;
    const char *sight;
    int changed = 0;
    MQ_TRY(look_of(&look, &sight, name, pool));
    MQ_TRY(mq_manners_read(&format, &zone, manners, pool));
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_TENANT_INSERT,
                        MQ_PARAMS(mq_bind_text(name), mq_bind_text(mq_text_name_key(name, pool)),
                                  mq_bind_text(look), mq_bind_text(sight),
                                  mq_bind_int(mq_scope_now(sc)), mq_bind_int(format),
                                  mq_bind_text(zone))));
    return changed ? mq_connection_code_set(sc) : MQ_ECONFLICT;
}

typedef struct creation_t {
    const mq_tenant_new_t *in;
    const char *password; /* hashed */
    mq_id_t user;
} creation_t;

static apr_status_t rows_insert(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    creation_t *creation = data;
    const mq_tenant_new_t *in = creation->in;
    mq_person_new_t founder = {in->admin_email, in->admin_name, FOUNDER_ROLES, creation->password};
    MQ_TRY(mq_tenant_insert(sc, in->tenant_name, &in->manners));
    event_io->reason = mq_manners_say(&in->manners, mq_scope_pool(sc));
    MQ_TRY(mq_person_insert(&creation->user, sc, &founder));
    event_io->object = &creation->user;
    if (in->form) {
        MQ_TRY(mq_form_use_found(sc, in->form, &creation->user));
    }
    return mq_patients_prepare(sc);
}

/* Asked before anything is hashed for it; what decides is the insert. */
static apr_status_t name_is_taken(int *taken_out, const mq_visit_t *visit, const char *name)
{
    const mq_scope_t *found;
    int active;
    MQ_TRY(mq_scope_anonymous(&found, &active, visit, name));
    mq_db_give_back(found);
    *taken_out = mq_scope_chain(found) != 0; /* the installation's own: there is none */
    return APR_SUCCESS;
}

apr_status_t mq_tenant_create(const mq_scope_t **sc_out, int *wait_out,
                              mq_password_verdict_t *verdict_out, const mq_visit_t *visit,
                              const mq_tenant_new_t *in)
{
    const mq_scope_t *sc = mq_scope_new(visit, in->tenant_name);
    const char *key = mq_text_name_key(in->tenant_name, visit->pool);
    creation_t creation = {.in = in};
    int taken;

    *verdict_out = mq_password_judge(
        in->admin_password,
        (const char *const[]){in->tenant_name, in->admin_name, in->admin_email, NULL}, visit->pool);
    if (*verdict_out != MQ_PASSWORD_GOOD) {
        return MQ_EINVALID;
    }
    /* counted whatever comes of it: the answer tells which names there are */
    MQ_TRY(mq_throttle_take(wait_out, visit, MQ_THROTTLE_REGISTER, ""));
    MQ_TRY(name_is_taken(&taken, visit, in->tenant_name));
    if (taken) {
        return MQ_ECONFLICT;
    }
    /* a quarter of a second of arithmetic: before the transaction, with no connection on loan */
    MQ_TRY(mq_passwords_hash(&creation.password, visit, key, in->admin_password));
    MQ_TRY(mq_change_by_nobody(sc, MQ_ACTION_TENANT_CREATE, rows_insert, &creation));
    return mq_scope_enter(sc_out, visit, sc, &creation.user);
}

apr_status_t mq_tenant_created_before(const mq_scope_t **sc_out, int *wait_out,
                                      const mq_visit_t *visit, const mq_tenant_new_t *in)
{
    const mq_scope_t *found;
    mq_rows_t rows;
    mq_id_t founder;
    int active;
    apr_status_t rv;
    if (!in->form) {
        return MQ_ENOTFOUND;
    }
    MQ_TRY(mq_scope_anonymous(&found, &active, visit, in->tenant_name));
    rv = mq_db_select_one(&rows, found, MQ_SQL_USER_BY_EMAIL,
                          MQ_PARAMS(mq_bind_text(mq_text_name_key(in->admin_email, visit->pool))));
    if (rv == APR_SUCCESS) {
        founder = mq_rows_id(&rows, MQ_USER_BY_EMAIL_ID);
        mq_rows_close(&rows);
        rv = mq_form_use_look_of(in->form, found, &founder);
    }
    mq_db_give_back(found);
    MQ_TRY(rv);
    return in->form->is_used && in->form->is_same
               ? mq_user_sign_in(
                     sc_out, wait_out, visit,
                     &(mq_sign_in_t){in->tenant_name, in->admin_email, in->admin_password})
               : MQ_ENOTFOUND;
}

typedef struct invited_t {
    const mq_tenant_manners_t *manners;
    mq_invitation_new_t invitation;
} invited_t;

/* Its event comes before the invitation's, which is the change's own. */
static apr_status_t tenant_create(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    invited_t *invited = data;
    MQ_TRY(mq_tenant_insert(sc, mq_scope_tenant_name(sc), invited->manners));
    MQ_TRY(mq_patients_prepare(sc));
    event_io->reason = mq_manners_say(invited->manners, mq_scope_pool(sc));
    MQ_TRY(mq_audit_write(sc, event_io));
    event_io->action = MQ_ACTION_USER_INVITE;
    event_io->reason = NULL;
    return mq_invitation_write(event_io, sc, &invited->invitation);
}

apr_status_t mq_tenant_create_invited(const char **token_out, const mq_scope_t *sc,
                                      const mq_tenant_new_t *in)
{
    invited_t invited = {
        &in->manners, {.email = in->admin_email, .name = in->admin_name, .roles = FOUNDER_ROLES}};
    if (!(mq_scope_roles(sc) & MQ_ROLE_OPERATOR)) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_change(sc, MQ_ACTION_TENANT_CREATE, tenant_create, &invited));
    *token_out = invited.invitation.token;
    return APR_SUCCESS;
}

/* Half of it would come back; and whoever completes it says its name. */
static apr_status_t is_whole(const mq_scope_t *sc)
{
    apr_int64_t is_erasing;
    MQ_TRY(mq_counter_value(&is_erasing, sc, MQ_COUNTER_ERASING));
    return is_erasing ? MQ_ENOTFOUND : APR_SUCCESS;
}

static apr_status_t status_set(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mq_tenant_status_t status = *(const mq_tenant_status_t *)data;
    int other = status == MQ_TENANT_ACTIVE ? MQ_TENANT_SUSPENDED : MQ_TENANT_ACTIVE;
    int changed = 0;
    (void)event_io;
    MQ_TRY(is_whole(sc));
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_TENANT_STATUS_SET,
                        MQ_PARAMS(mq_bind_int(status), mq_bind_int(other))));
    if (!changed) {
        return MQ_ECONFLICT;
    }
    /* for good: a session does not come back at resume */
    return status == MQ_TENANT_SUSPENDED
               ? mq_db_change(NULL, sc, MQ_SQL_TENANT_SESSIONS_END, MQ_NO_PARAMS)
               : APR_SUCCESS;
}

apr_status_t mq_tenant_status_set(const mq_scope_t *sc, mq_tenant_status_t status)
{
    return mq_change(sc,
                     status == MQ_TENANT_ACTIVE ? MQ_ACTION_ORGANISATION_RESUME
                                                : MQ_ACTION_ORGANISATION_SUSPEND,
                     status_set, &status);
}

static apr_status_t close_it(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    int changed = 0;
    (void)event_io;
    (void)data;
    MQ_TRY(
        mq_db_change(&changed, sc, MQ_SQL_TENANT_CLOSE, MQ_PARAMS(mq_bind_int(mq_scope_now(sc)))));
    return changed ? mq_db_change(NULL, sc, MQ_SQL_TENANT_SESSIONS_END, MQ_NO_PARAMS)
                   : MQ_ECONFLICT;
}

apr_status_t mq_tenant_close(const mq_scope_t *sc)
{
    return mq_change(sc, MQ_ACTION_ORGANISATION_CLOSE, close_it, NULL);
}

apr_status_t mq_tenant_closed(apr_time_t *closed_out, const mq_scope_t *sc)
{
    mq_rows_t rows;
    apr_status_t rv;
    *closed_out = 0;
    if (!(mq_scope_roles(sc) & MQ_ROLE_OPERATOR)) {
        return MQ_EDENIED;
    }
    rv = mq_db_select_one(&rows, sc, MQ_SQL_TENANT_CLOSED, MQ_NO_PARAMS);
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    *closed_out = mq_rows_int(&rows, MQ_TENANT_CLOSED_CLOSED_AT);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t rename_to(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    const char *name = data;
    const char *before = mq_scope_tenant_name(sc);
    const char *look;
    const char *sight;
    int changed = 0;
    MQ_TRY(is_whole(sc));
    MQ_TRY(look_of(&look, &sight, name, pool));
    event_io->reason = apr_pstrcat(pool, before, " > ", name, NULL);
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_TENANT_RENAME,
                        MQ_PARAMS(mq_bind_text(name), mq_bind_text(mq_text_name_key(name, pool)),
                                  mq_bind_text(look), mq_bind_text(sight), mq_bind_text(before))));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

apr_status_t mq_tenant_rename(const mq_scope_t *sc, const char *name)
{
    return mq_change(sc, MQ_ACTION_ORGANISATION_RENAME, rename_to,
                     apr_pstrdup(mq_scope_pool(sc), name));
}

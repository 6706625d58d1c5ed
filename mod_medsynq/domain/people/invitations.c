/* invitations.c -- inviting, withdrawing, accepting. Links are made in links.c. */
#include "domain/people/invitations.h"

#include <string.h>

#include "base/clock.h"
#include "domain/access/links.h"
#include "domain/access/password_hashing.h"
#include "domain/access/scope_minting.h"
#include "domain/field_kinds.h"
#include "domain/keyset.h"
#include "domain/organisations/quotas.h"
#include "domain/people/accounts.h"

static const apr_interval_time_t term = apr_time_from_sec(MQ_INVITATION_HOURS * 3600);

static apr_status_t address_is_free(const mq_scope_t *sc, const char *key)
{
    mq_rows_t rows;
    apr_status_t rv =
        mq_db_select_one(&rows, sc, MQ_SQL_USER_BY_EMAIL, MQ_PARAMS(mq_bind_text(key)));
    if (rv == APR_SUCCESS) {
        mq_rows_close(&rows);
        return MQ_ECONFLICT;
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

/* Who invites; NULL for the administrator's command, which has no account. */
static const mq_id_t *inviter(const mq_scope_t *sc)
{
    return mq_id_is_nil(mq_scope_user(sc)) ? NULL : mq_scope_user(sc);
}

static apr_status_t invitation_insert(const mq_scope_t *sc, const mq_link_t *link,
                                      const mq_invitation_new_t *in)
{
    const char *key = mq_text_name_key(in->email, mq_scope_pool(sc));
    apr_time_t now = mq_scope_now(sc);
    MQ_TRY(address_is_free(sc, key));
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_INVITATIONS_SUPERSEDE, MQ_PARAMS(mq_bind_text(key))));
    return mq_db_change(NULL, sc, MQ_SQL_INVITATION_INSERT,
                        MQ_PARAMS(mq_bind_id(&link->record), mq_bind_text(in->email),
                                  mq_bind_text(key), mq_bind_text(in->name), mq_bind_int(in->roles),
                                  mq_bind_bytes(link->hash, sizeof link->hash), mq_bind_int(now),
                                  mq_bind_id(inviter(sc)), mq_bind_int(now + term)));
}

apr_status_t mq_invitation_write(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    mq_invitation_new_t *in = data;
    mq_link_t link;
    if (!mq_field_holds(&mq_email_rule, in->email, mq_scope_pool(sc)) ||
        mq_field_check(&mq_name_rule, in->name, NULL, mq_scope_pool(sc)) != MQ_FAULT_NONE ||
        in->roles == 0) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_quota_admit(sc, MQ_QUOTA_PEOPLE, 1));
    MQ_TRY(mq_id_make(&in->id));
    MQ_TRY(mq_link_make(&in->token, &link, sc, MQ_LINK_INVITATION, &in->id, ""));
    event_io->object = &in->id;
    return invitation_insert(sc, &link, in);
}

apr_status_t mq_invitation_make(const char **token_out, const mq_scope_t *sc, const char *email,
                                const char *name, int roles)
{
    mq_invitation_new_t in = {.email = email, .name = name, .roles = roles};
    MQ_TRY(mq_change_once(sc, MQ_ACTION_USER_INVITE, mq_invitation_write, &in));
    *token_out = in.token;
    return APR_SUCCESS;
}

static mq_invitation_state_t state_of(apr_int64_t stored, apr_time_t expires, apr_time_t now)
{
    return stored == MQ_INVITATION_PENDING && !mq_term_runs(now, expires, term)
               ? MQ_INVITATION_EXPIRED
               : (mq_invitation_state_t)stored;
}

apr_status_t mq_invitations_page(apr_array_header_t **list_out, int *has_next_out,
                                 const mq_scope_t *sc, const mq_id_t *before)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *list = apr_array_make(pool, 16, sizeof(mq_invitation_t));
    mq_rows_t rows;
    apr_status_t rv;
    if (!mq_policy_allows(MQ_ACTION_USERS_LIST, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_db_select(
        &rows, sc, MQ_SQL_INVITATIONS_BEFORE,
        MQ_PARAMS(mq_bind_id(mq_keyset_before(before)), mq_bind_int(MQ_INVITATIONS_PER_PAGE + 1))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(list, mq_invitation_t) = (mq_invitation_t){
            .id = mq_rows_id(&rows, MQ_INVITATIONS_BEFORE_ID),
            .email = mq_rows_text(&rows, MQ_INVITATIONS_BEFORE_EMAIL, pool),
            .name = mq_rows_text(&rows, MQ_INVITATIONS_BEFORE_NAME, pool),
            .roles = (int)mq_rows_int(&rows, MQ_INVITATIONS_BEFORE_ROLES),
            .state =
                state_of(mq_rows_int(&rows, MQ_INVITATIONS_BEFORE_STATUS),
                         mq_rows_int(&rows, MQ_INVITATIONS_BEFORE_EXPIRES_AT), mq_scope_now(sc)),
            .created_at = mq_rows_int(&rows, MQ_INVITATIONS_BEFORE_CREATED_AT),
            .expires_at = mq_rows_int(&rows, MQ_INVITATIONS_BEFORE_EXPIRES_AT)};
    }
    *has_next_out = mq_keyset_cut(list, MQ_INVITATIONS_PER_PAGE);
    *list_out = list;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t invitation_withdraw(mq_audit_event_t *event_io, const mq_scope_t *sc,
                                        void *data)
{
    const mq_id_t *id = *(const mq_id_t **)data;
    mq_rows_t rows;
    int changed = 0;
    event_io->object = id;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_INVITATION_BY_ID, MQ_PARAMS(mq_bind_id(id))));
    mq_rows_close(&rows);
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_INVITATION_STATUS_SET,
                        MQ_PARAMS(mq_bind_int(MQ_INVITATION_REVOKED), mq_bind_id(id))));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

apr_status_t mq_invitation_revoke(const mq_scope_t *sc, const mq_id_t *id)
{
    return mq_change(sc, MQ_ACTION_INVITATION_REVOKE, invitation_withdraw, &id);
}

static apr_status_t invitation_read(mq_invitation_t *invitation_out, const mq_link_t *link)
{
    const mq_scope_t *sc = link->scope;
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    apr_size_t length;
    const void *hash;
    int same;
    MQ_TRY(
        mq_db_select_one(&rows, sc, MQ_SQL_INVITATION_BY_ID, MQ_PARAMS(mq_bind_id(&link->record))));
    *invitation_out = (mq_invitation_t){
        .id = link->record,
        .email = mq_rows_text(&rows, MQ_INVITATION_BY_ID_EMAIL, pool),
        .name = mq_rows_text(&rows, MQ_INVITATION_BY_ID_NAME, pool),
        .roles = (int)mq_rows_int(&rows, MQ_INVITATION_BY_ID_ROLES),
        .state = state_of(mq_rows_int(&rows, MQ_INVITATION_BY_ID_STATUS),
                          mq_rows_int(&rows, MQ_INVITATION_BY_ID_EXPIRES_AT), mq_scope_now(sc)),
        .created_at = mq_rows_int(&rows, MQ_INVITATION_BY_ID_CREATED_AT),
        .expires_at = mq_rows_int(&rows, MQ_INVITATION_BY_ID_EXPIRES_AT)};
    hash = mq_rows_bytes(&rows, MQ_INVITATION_BY_ID_SECRET_HASH, &length);
    same = hash && length == sizeof link->hash && mq_equal_secret(hash, link->hash, length);
    mq_rows_close(&rows);
    return same ? APR_SUCCESS : MQ_ENOTFOUND;
}

apr_status_t mq_invitation_open(mq_invitation_t *invitation_out, const mq_scope_t **sc_out,
                                const mq_visit_t *visit, const char *token)
{
    mq_link_t link;
    apr_status_t rv;
    MQ_TRY(mq_link_open(&link, visit, MQ_LINK_INVITATION, token, ""));
    rv = invitation_read(invitation_out, &link);
    mq_db_give_back(link.scope);
    if (sc_out) {
        *sc_out = link.scope;
    }
    return rv;
}

typedef struct account_make_t {
    const mq_link_t *link;
    const char *name;
    const char *hash;
    mq_id_t user;
} account_make_t;

static apr_status_t account_make(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    account_make_t *make = data;
    mq_invitation_t invitation;
    mq_person_new_t person = {.name = make->name, .password = make->hash};
    int changed = 0;
    MQ_TRY(invitation_read(&invitation, make->link));
    if (invitation.state != MQ_INVITATION_PENDING) {
        return MQ_ECONFLICT;
    }
    person.email = invitation.email;
    person.roles = invitation.roles;
    MQ_TRY(mq_person_insert(&make->user, sc, &person));
    event_io->object = &make->user;
    MQ_TRY(mq_db_change(
        &changed, sc, MQ_SQL_INVITATION_STATUS_SET,
        MQ_PARAMS(mq_bind_int(MQ_INVITATION_ACCEPTED), mq_bind_id(&make->link->record))));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

apr_status_t mq_invitation_accept(const mq_scope_t **sc_out, mq_password_verdict_t *verdict_out,
                                  const mq_visit_t *visit, const char *token, const char *name,
                                  const char *password)
{
    mq_invitation_t invitation;
    mq_link_t link;
    account_make_t make = {.link = &link, .name = name};
    MQ_TRY(mq_link_open(&link, visit, MQ_LINK_INVITATION, token, ""));
    MQ_TRY(invitation_read(&invitation, &link));
    mq_db_give_back(link.scope); /* hashing takes a quarter of a second */
    if (invitation.state != MQ_INVITATION_PENDING) {
        return MQ_ECONFLICT;
    }
    *verdict_out = mq_password_judge(
        password,
        (const char *const[]){mq_scope_tenant_name(link.scope), name, invitation.email, NULL},
        visit->pool);
    if (*verdict_out != MQ_PASSWORD_GOOD) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_passwords_hash(&make.hash, visit, mq_id_text(&invitation.id, visit->pool), password));
    MQ_TRY(mq_change_by_nobody(link.scope, MQ_ACTION_INVITATION_ACCEPT, account_make, &make));
    return mq_scope_enter(sc_out, visit, link.scope, &make.user);
}

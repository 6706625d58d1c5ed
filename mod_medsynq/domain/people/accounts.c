/* accounts.c -- managing accounts. Each change and its event are one transaction, and what it
 * depends on is read inside it: writers take turns, so two requests cannot both spare the other's
 * administrator. */
#include "domain/people/accounts.h"

#include <apr_strings.h>
#include <string.h>

#include "base/text.h"
#include "domain/change.h"
#include "domain/core.h"
#include "domain/field_kinds.h"
#include "domain/keyset.h"
#include "domain/organisations/counters.h"
#include "domain/organisations/quotas.h"

static mq_person_t person_read(const mq_rows_t *rows, apr_pool_t *pool)
{
    return (mq_person_t){.id = mq_rows_id(rows, MQ_USER_VIEW_ID),
                         .email = mq_rows_text(rows, MQ_USER_VIEW_EMAIL, pool),
                         .name = mq_rows_text(rows, MQ_USER_VIEW_NAME, pool),
                         .roles = (int)mq_rows_int(rows, MQ_USER_VIEW_ROLES),
                         .status = (mq_person_status_t)mq_rows_int(rows, MQ_USER_VIEW_STATUS),
                         .created_at = mq_rows_int(rows, MQ_USER_VIEW_CREATED_AT),
                         .has_second_factor =
                             mq_rows_int(rows, MQ_USER_VIEW_SECOND_FACTOR_AT) != 0};
}

static apr_status_t person_find(mq_person_t *person_out, const mq_scope_t *sc, const mq_id_t *id)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_USER_VIEW, MQ_PARAMS(mq_bind_id(id))));
    *person_out = person_read(&rows, mq_scope_pool(sc));
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t page_select(mq_rows_t *rows, const mq_scope_t *sc, const mq_id_t *after)
{
    mq_person_t last;
    if (!after) {
        return mq_db_select(rows, sc, MQ_SQL_USERS_FIRST,
                            MQ_PARAMS(mq_bind_int(MQ_PEOPLE_PER_PAGE + 1)));
    }
    MQ_TRY(person_find(&last, sc, after));
    return mq_db_select(rows, sc, MQ_SQL_USERS_AFTER,
                        MQ_PARAMS(mq_bind_text(mq_text_name_key(last.email, mq_scope_pool(sc))),
                                  mq_bind_int(MQ_PEOPLE_PER_PAGE + 1)));
}

apr_status_t mq_people_page(apr_array_header_t **people_out, int *has_next_out,
                            const mq_scope_t *sc, const mq_id_t *after)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *people = apr_array_make(pool, MQ_PEOPLE_PER_PAGE + 1, sizeof(mq_person_t));
    mq_rows_t rows;
    apr_status_t rv;
    if (!mq_policy_allows(MQ_ACTION_USERS_LIST, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(page_select(&rows, sc, after));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(people, mq_person_t) = person_read(&rows, pool);
    }
    *has_next_out = mq_keyset_cut(people, MQ_PEOPLE_PER_PAGE);
    *people_out = people;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_people_total(apr_int64_t *total_out, const mq_scope_t *sc)
{
    if (!mq_policy_allows(MQ_ACTION_USERS_LIST, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    return mq_counter_value(total_out, sc, MQ_COUNTER_ROOM_PEOPLE);
}

apr_status_t mq_person_view(mq_person_t *person_out, const mq_scope_t *sc, const mq_id_t *id)
{
    if (!mq_policy_allows(MQ_ACTION_USER_VIEW, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    return person_find(person_out, sc, id);
}

const mq_field_rule_t mq_old_address_rule = {MQ_FIELD_LINE, MQ_LIMIT_EMAIL, NULL};

static apr_status_t person_write(mq_id_t *id_out, const mq_scope_t *sc, const mq_person_new_t *in)
{
    int changed = 0;
    MQ_TRY(mq_id_make(id_out));
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_USER_INSERT,
                        MQ_PARAMS(mq_bind_id(id_out), mq_bind_text(in->email),
                                  mq_bind_text(mq_text_name_key(in->email, mq_scope_pool(sc))),
                                  mq_bind_text(in->name), mq_bind_int(in->roles),
                                  mq_bind_text(in->password), mq_bind_int(mq_scope_now(sc)))));
    return changed ? mq_counter_add(sc, MQ_COUNTER_ROOM_PEOPLE, 1) : MQ_ECONFLICT;
}

static int person_holds(const mq_person_new_t *in, const mq_field_rule_t *address, apr_pool_t *pool)
{
    return in->roles != 0 && mq_field_holds(address, in->email, pool) &&
           mq_field_holds(&mq_name_rule, in->name, pool);
}

apr_status_t mq_person_insert(mq_id_t *id_out, const mq_scope_t *sc, const mq_person_new_t *in)
{
    if (!person_holds(in, &mq_email_rule, mq_scope_pool(sc))) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_quota_admit(sc, MQ_QUOTA_PEOPLE, 1));
    return person_write(id_out, sc, in);
}

apr_status_t mq_person_take_over(mq_id_t *id_out, const mq_scope_t *sc, const mq_person_new_t *in)
{
    return person_holds(in, &mq_old_address_rule, mq_scope_pool(sc)) ? person_write(id_out, sc, in)
                                                                     : MQ_EINVALID;
}

apr_status_t mq_person_by_email(mq_person_t *person_out, const mq_scope_t *sc, const char *email)
{
    mq_rows_t rows;
    mq_id_t id;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_USER_BY_EMAIL,
                            MQ_PARAMS(mq_bind_text(mq_text_name_key(email, mq_scope_pool(sc))))));
    id = mq_rows_id(&rows, MQ_USER_BY_EMAIL_ID);
    mq_rows_close(&rows);
    return mq_person_view(person_out, sc, &id);
}

/* @return MQ_ECONFLICT without this person nobody could administer the organisation */
static apr_status_t spare_last_admin(const mq_scope_t *sc, const mq_person_t *person)
{
    mq_rows_t rows;
    apr_status_t rv;
    if (person->status != MQ_PERSON_ACTIVE || !(person->roles & MQ_ROLE_ADMIN)) {
        return APR_SUCCESS;
    }
    rv = mq_db_select_one(&rows, sc, MQ_SQL_USER_OTHER_ADMIN, MQ_PARAMS(mq_bind_id(&person->id)));
    if (rv == APR_SUCCESS) {
        mq_rows_close(&rows);
    }
    return rv == MQ_ENOTFOUND ? MQ_ECONFLICT : rv;
}

apr_status_t mq_person_spare_oneself(const mq_scope_t *sc, const mq_id_t *id)
{
    /* the administrator's command has no account: nobody is it */
    return mq_id_equal(id, mq_scope_user(sc)) ? MQ_EDENIED : APR_SUCCESS;
}

/* What is to become of an account. */
typedef struct account_work_t {
    const mq_id_t *id;
    mq_person_status_t status;
    int seen; /* the roles that are replaced, 0: whatever they are */
    int roles;
} account_work_t;

static apr_status_t status_set(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const account_work_t *work = data;
    mq_person_t person;
    MQ_TRY(person_find(&person, sc, work->id));
    if (work->status == MQ_PERSON_ACTIVE) {
        MQ_TRY(mq_person_spare_oneself(sc, work->id));
    }
    event_io->object = work->id;
    if (person.status == work->status) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return APR_SUCCESS;
    }
    if (work->status == MQ_PERSON_DISABLED) {
        MQ_TRY(spare_last_admin(sc, &person));
    }
    return mq_db_change(
        NULL, sc, MQ_SQL_USER_STATUS_SET,
        MQ_PARAMS(mq_bind_int(work->status), mq_bind_id(work->id), mq_bind_int(person.status)));
}

apr_status_t mq_person_status_set(const mq_scope_t *sc, const mq_id_t *id,
                                  mq_person_status_t status)
{
    account_work_t work = {.id = id, .status = status};
    return mq_change(sc,
                     status == MQ_PERSON_ACTIVE ? MQ_ACTION_USER_ENABLE : MQ_ACTION_USER_DISABLE,
                     status_set, &work);
}

static apr_status_t roles_set(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const account_work_t *work = data;
    mq_person_t person;
    MQ_TRY(person_find(&person, sc, work->id));
    event_io->object = work->id;
    if (person.roles == work->roles) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return APR_SUCCESS;
    }
    if (work->seen && work->seen != person.roles) {
        return MQ_ECONFLICT;
    }
    if (work->roles & ~person.roles) { /* giving one up oneself is giving nothing */
        MQ_TRY(mq_person_spare_oneself(sc, work->id));
    }
    if (!(work->roles & MQ_ROLE_ADMIN)) {
        MQ_TRY(spare_last_admin(sc, &person));
    }
    event_io->reason = apr_psprintf(mq_scope_pool(sc), "from %d to %d", person.roles, work->roles);
    return mq_db_change(NULL, sc, MQ_SQL_USER_ROLES_SET,
                        MQ_PARAMS(mq_bind_int(work->roles), mq_bind_id(work->id)));
}

apr_status_t mq_person_roles_set(const mq_scope_t *sc, const mq_id_t *id, int seen, int roles)
{
    account_work_t work = {.id = id, .seen = seen, .roles = roles};
    if (roles <= 0 || roles > MQ_ROLES_ALL) {
        return MQ_EINVALID;
    }
    return mq_change(sc, MQ_ACTION_USER_ROLES, roles_set, &work);
}

/* A name in place of another. */
typedef struct rename_work_t {
    const mq_id_t *id;
    const char *seen;
    const char *name;
} rename_work_t;

static apr_status_t name_set(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const rename_work_t *work = data;
    mq_person_t person;
    int changed = 0;
    MQ_TRY(person_find(&person, sc, work->id));
    event_io->object = work->id;
    if (strcmp(person.name, work->name) == 0) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return APR_SUCCESS;
    }
    event_io->reason = apr_psprintf(mq_scope_pool(sc), "from %s to %s", person.name, work->name);
    MQ_TRY(mq_db_change(
        &changed, sc, MQ_SQL_USER_NAME_SET,
        MQ_PARAMS(mq_bind_text(work->name), mq_bind_id(work->id), mq_bind_text(work->seen))));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

apr_status_t mq_person_rename(const mq_scope_t *sc, const mq_id_t *id, const char *seen,
                              const char *name)
{
    rename_work_t work = {.id = id, .seen = seen, .name = name};
    return mq_field_holds(&mq_name_rule, name, mq_scope_pool(sc))
               ? mq_change(sc, MQ_ACTION_USER_NAME, name_set, &work)
               : MQ_EINVALID;
}

static apr_status_t sessions_end(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const account_work_t *work = data;
    int changed = 0;
    event_io->object = work->id;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_USER_SESSIONS_END, MQ_PARAMS(mq_bind_id(work->id))));
    return changed ? APR_SUCCESS : MQ_ENOTFOUND;
}

apr_status_t mq_person_sessions_end(const mq_scope_t *sc, const mq_id_t *id)
{
    account_work_t work = {.id = id};
    return mq_change(sc, MQ_ACTION_USER_SESSIONS_END, sessions_end, &work);
}

static apr_status_t account_unlock(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const account_work_t *work = data;
    int changed = 0;
    /* or whoever has a stolen session guesses its password as fast as they like */
    MQ_TRY(mq_person_spare_oneself(sc, work->id));
    event_io->object = work->id;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_USER_UNLOCK,
                        MQ_PARAMS(mq_bind_int(mq_scope_now(sc)), mq_bind_id(work->id))));
    return changed ? APR_SUCCESS : MQ_ENOTFOUND;
}

apr_status_t mq_person_unlock(const mq_scope_t *sc, const mq_id_t *id)
{
    account_work_t work = {.id = id};
    return mq_change(sc, MQ_ACTION_USER_UNLOCK, account_unlock, &work);
}

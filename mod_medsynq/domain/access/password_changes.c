/* password_changes.c -- new passwords. Hashing is the workers' of password_hashing.c, before
 * the transaction. */
#include "domain/access/password_changes.h"

#include "base/clock.h"
#include "domain/change.h"
#include "domain/access/links.h"
#include "domain/access/password_hashing.h"
#include "domain/people/accounts.h"
#include "domain/access/scope_minting.h"
#include "domain/access/standing.h"
#include "domain/access/throttle.h"

static const apr_interval_time_t link_term = apr_time_from_sec(MQ_RESET_MINUTES * 60);

static apr_status_t account_read(mq_person_t *person_out, const mq_scope_t *sc, const mq_id_t *user)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_USER_VIEW, MQ_PARAMS(mq_bind_id(user))));
    *person_out =
        (mq_person_t){.id = *user,
                      .email = mq_rows_text(&rows, MQ_USER_VIEW_EMAIL, mq_scope_pool(sc)),
                      .name = mq_rows_text(&rows, MQ_USER_VIEW_NAME, mq_scope_pool(sc)),
                      .status = (mq_person_status_t)mq_rows_int(&rows, MQ_USER_VIEW_STATUS)};
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static mq_password_verdict_t judge(const mq_scope_t *sc, const mq_person_t *person,
                                   const char *password)
{
    const char *const names[] = {mq_scope_tenant_name(sc), person->name, person->email, NULL};
    return mq_password_judge(password, names, mq_scope_pool(sc));
}

typedef struct replacement_t {
    const mq_id_t *user;
    const char *hash;
    const mq_link_t *link; /* that allows it, or NULL: it is one's own */
} replacement_t;

static apr_status_t password_replace(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const replacement_t *in = data;
    event_io->object = in->user;
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_USER_PASSWORD_REPLACE,
                        MQ_PARAMS(mq_bind_text(in->hash), mq_bind_id(in->user))));
    return mq_db_change(NULL, sc, MQ_SQL_PASSWORD_RESET_DELETE, MQ_PARAMS(mq_bind_id(in->user)));
}

/* Guessing the password in a stolen session is as slow as guessing it at log-in, whatever asks for
 * it: they count together. */
apr_status_t mq_password_prove(int *wait_out, const mq_visit_t *visit, const mq_scope_t *sc,
                               mq_action_t action, const mq_id_t *object, const char *password)
{
    const mq_password_try_t attempt = {.kind = MQ_THROTTLE_PASSWORD,
                                       .name = mq_id_text(mq_scope_user(sc), visit->pool),
                                       .may_fit = 1};
    mq_audit_event_t event = {
        .action = action, .outcome = MQ_OUTCOME_FAILED, .object = object, .reason = "password"};
    const char *stored;
    mq_rows_t rows;
    apr_status_t rv;
    mq_db_give_back(sc);
    MQ_TRY(mq_throttle_check_person(wait_out, visit, sc, mq_scope_user(sc), attempt.kind,
                                    attempt.name));
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_USER_PASSWORD,
                            MQ_PARAMS(mq_bind_id(mq_scope_user(sc)))));
    stored = mq_rows_text(&rows, MQ_USER_PASSWORD, visit->pool);
    mq_rows_close(&rows);
    mq_db_give_back(sc);
    rv = mq_passwords_verify(wait_out, visit, &attempt, password, stored);
    if (rv == MQ_EDENIED) {
        MQ_TRY(mq_event_record(sc, &event));
    }
    return rv;
}

apr_status_t mq_password_change(mq_password_verdict_t *verdict_out, int *wait_out,
                                const mq_visit_t *visit, const mq_scope_t *sc,
                                const char *old_password, const char *new_password)
{
    replacement_t replacement = {.user = mq_scope_user(sc)};
    mq_person_t person;
    MQ_TRY(account_read(&person, sc, mq_scope_user(sc)));
    mq_db_give_back(sc);
    *verdict_out = judge(sc, &person, new_password); /* before anything is hashed for it */
    if (*verdict_out != MQ_PASSWORD_GOOD) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_password_prove(wait_out, visit, sc, MQ_ACTION_PASSWORD_CHANGE, mq_scope_user(sc),
                             old_password));
    MQ_TRY(mq_passwords_hash(&replacement.hash, visit, mq_id_text(&person.id, visit->pool),
                             new_password));
    return mq_change(sc, MQ_ACTION_PASSWORD_CHANGE, password_replace, &replacement);
}

static apr_status_t link_remove(const mq_scope_t *sc, const mq_link_t *link)
{
    return mq_db_change(NULL, sc, MQ_SQL_PASSWORD_RESET_DELETE,
                        MQ_PARAMS(mq_bind_id(&link->record)));
}

/* Of nobody, and of whoever is disabled, none is kept; the work is the same. */
static apr_status_t link_store(const mq_scope_t *sc, const mq_link_t *link, int is_meant)
{
    apr_time_t now = mq_scope_now(sc);
    MQ_TRY(link_remove(sc, link));
    if (!is_meant) {
        return link_remove(sc, link);
    }
    return mq_db_change(NULL, sc, MQ_SQL_PASSWORD_RESET_INSERT,
                        MQ_PARAMS(mq_bind_id(&link->record),
                                  mq_bind_bytes(link->hash, sizeof link->hash), mq_bind_int(now),
                                  mq_bind_int(now + link_term)));
}

static apr_status_t link_give(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mq_link_t *link = data;
    mq_person_t person;
    MQ_TRY(mq_person_spare_oneself(sc, &link->record));
    MQ_TRY(account_read(&person, sc, &link->record));
    event_io->object = &link->record;
    return person.status == MQ_PERSON_ACTIVE ? link_store(sc, link, 1) : MQ_ECONFLICT;
}

apr_status_t mq_reset_make(const char **token_out, const mq_scope_t *sc, const mq_id_t *user)
{
    mq_link_t link;
    MQ_TRY(mq_link_make(token_out, &link, sc, MQ_LINK_PASSWORD, user, ""));
    return mq_change(sc, MQ_ACTION_USER_RESET, link_give, &link);
}

typedef struct asking_t {
    mq_reset_asked_t *out;
    const char *email_key;
} asking_t;

/* The id of nobody where there is no such account. A mail goes to the address of the account, not
 * to the one that was typed: other letters may have the same key. */
static apr_status_t account_find(mq_person_t *person_out, const mq_scope_t *sc,
                                 const char *email_key)
{
    mq_rows_t rows;
    mq_id_t id = {{0}};
    apr_status_t rv =
        mq_db_select_one(&rows, sc, MQ_SQL_USER_BY_EMAIL, MQ_PARAMS(mq_bind_text(email_key)));
    if (rv == APR_SUCCESS) {
        id = mq_rows_id(&rows, MQ_USER_BY_EMAIL_ID);
        mq_rows_close(&rows);
    }
    if (rv == APR_SUCCESS || rv == MQ_ENOTFOUND) {
        rv = account_read(person_out, sc, &id);
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

/* A suspended organisation sends no links, and is nobody's business. */
static apr_status_t is_admitted(int *admitted_out, const mq_scope_t *sc)
{
    apr_status_t rv = mq_standing_check_nobody(sc);
    *admitted_out = rv == APR_SUCCESS;
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

/* The same statements whatever there is: of nobody they change nothing. */
static apr_status_t link_ask(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    static const mq_id_t nobody = {{0}};
    asking_t *asking = data;
    mq_person_t *person = apr_pcalloc(mq_scope_pool(sc), sizeof *person);
    mq_link_t link;
    int admitted;
    MQ_TRY(is_admitted(&admitted, sc));
    MQ_TRY(account_find(person, sc, asking->email_key));
    MQ_TRY(mq_link_make(&asking->out->token, &link, sc, MQ_LINK_PASSWORD,
                        admitted ? &person->id : &nobody, ""));
    asking->out->is_meant = admitted && person->status == MQ_PERSON_ACTIVE;
    MQ_TRY(link_store(sc, &link, asking->out->is_meant));
    asking->out->email = asking->out->is_meant ? person->email : asking->out->email;
    event_io->object = person->email ? &person->id : NULL;
    event_io->outcome = asking->out->is_meant ? MQ_OUTCOME_DONE : MQ_OUTCOME_FAILED;
    return APR_SUCCESS;
}

apr_status_t mq_reset_ask(mq_reset_asked_t *asked_out, const mq_visit_t *visit,
                          const char *tenant_name, const char *email)
{
    asking_t asking = {asked_out, mq_text_name_key(email, visit->pool)};
    const mq_scope_t *sc;
    const char *look;
    int active;
    apr_status_t rv;
    (void)mq_text_look_key(&look, tenant_name, visit->pool);
    *asked_out = (mq_reset_asked_t){.email = email};
    /* the address first: once that waits, no further account gets a counter or an event */
    MQ_TRY(mq_throttle_take(&asked_out->wait, visit, MQ_THROTTLE_RESET_ADDRESS, ""));
    MQ_TRY(mq_throttle_take(&asked_out->wait, visit, MQ_THROTTLE_RESET,
                            mq_throttle_account(look, asking.email_key, visit->pool)));
    MQ_TRY(mq_scope_anonymous(&sc, &active, visit, tenant_name));
    rv = mq_change_asked_for(sc, MQ_ACTION_PASSWORD_RESET_ASK, link_ask, &asking);
    mq_db_give_back(sc);
    return rv;
}

/* @return MQ_ENOTFOUND the link is not the newest of its person, or too old */
static apr_status_t link_check(mq_person_t *person_out, const mq_link_t *link)
{
    const mq_scope_t *sc = link->scope;
    mq_rows_t rows;
    const void *hash;
    apr_size_t length;
    int good;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PASSWORD_RESET_BY_USER,
                            MQ_PARAMS(mq_bind_id(&link->record))));
    hash = mq_rows_bytes(&rows, MQ_PASSWORD_RESET_BY_USER_SECRET_HASH, &length);
    good = hash && length == sizeof link->hash && mq_equal_secret(hash, link->hash, length) &&
           mq_term_runs(mq_scope_now(sc), mq_rows_int(&rows, MQ_PASSWORD_RESET_BY_USER_EXPIRES_AT),
                        link_term);
    mq_rows_close(&rows);
    MQ_TRY(account_read(person_out, sc, &link->record));
    return good && person_out->status == MQ_PERSON_ACTIVE ? APR_SUCCESS : MQ_ENOTFOUND;
}

apr_status_t mq_reset_open(mq_reset_t *reset_out, const mq_visit_t *visit, const char *token)
{
    mq_person_t person = {.status = MQ_PERSON_DISABLED};
    mq_link_t link;
    apr_status_t rv;
    MQ_TRY(mq_link_open(&link, visit, MQ_LINK_PASSWORD, token, ""));
    rv = link_check(&person, &link);
    mq_db_give_back(link.scope);
    *reset_out = (mq_reset_t){mq_scope_tenant_name(link.scope), person.email, person.name};
    return rv;
}

static apr_status_t link_use(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const replacement_t *in = data;
    mq_person_t person;
    MQ_TRY(link_check(&person, in->link)); /* once more: inside it works only once */
    return password_replace(event_io, sc, data);
}

apr_status_t mq_reset_finish(mq_password_verdict_t *verdict_out, const mq_visit_t *visit,
                             const char *token, const char *password)
{
    mq_person_t person = {.status = MQ_PERSON_DISABLED};
    mq_link_t link;
    replacement_t replacement = {.user = &link.record, .link = &link};
    MQ_TRY(mq_link_open(&link, visit, MQ_LINK_PASSWORD, token, ""));
    MQ_TRY(link_check(&person, &link));
    mq_db_give_back(link.scope);
    *verdict_out = judge(link.scope, &person, password);
    if (*verdict_out != MQ_PASSWORD_GOOD) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_passwords_hash(&replacement.hash, visit, mq_id_text(&link.record, visit->pool),
                             password));
    return mq_change_by_nobody(link.scope, MQ_ACTION_PASSWORD_RESET, link_use, &replacement);
}

/* sign_in.c -- proving who one is. Sessions begin in sessions.c. */
#include "domain/access/sign_in.h"

#include <string.h>

#include "base/crypto.h"
#include "base/text.h"
#include "domain/change.h"
#include "domain/access/password_hashing.h"
#include "domain/access/scope_minting.h"
#include "domain/access/throttle.h"

enum { STATUS_ACTIVE = 1 };

typedef struct account_t {
    mq_id_t id;
    int status;
    const char *password; /* stored form, or the dummy */
} account_t;

static apr_status_t account_find(account_t *account, const mq_scope_t *sc, const char *email,
                                 const char *dummy)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    apr_status_t rv = mq_db_select_one(&rows, sc, MQ_SQL_USER_BY_EMAIL,
                                       MQ_PARAMS(mq_bind_text(mq_text_name_key(email, pool))));
    *account = (account_t){.password = dummy};
    if (rv == APR_SUCCESS) {
        account->id = mq_rows_id(&rows, MQ_USER_BY_EMAIL_ID);
        account->status = (int)mq_rows_int(&rows, MQ_USER_BY_EMAIL_STATUS);
        account->password = mq_rows_text(&rows, MQ_USER_BY_EMAIL_PASSWORD, pool);
        mq_rows_close(&rows);
    }
    mq_db_give_back(sc);
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

/* Whether an administrator has unlocked the account; asked of those that there are not as well. */
static apr_status_t may_try_again(int *wait_out, const mq_visit_t *visit, const mq_sign_in_t *in,
                                  const char *counter)
{
    const mq_scope_t *anonymous;
    account_t account;
    int active;
    MQ_TRY(mq_scope_anonymous(&anonymous, &active, visit, in->tenant_name));
    MQ_TRY(account_find(&account, anonymous, in->email, ""));
    return mq_throttle_check_person(wait_out, visit, anonymous, &account.id, MQ_THROTTLE_ACCOUNT,
                                    counter);
}

/* May this account, and this address, try now? Who may not does not stand in the line; who may is
 * asked again there, when it counts. */
static apr_status_t may_try(int *wait_out, const mq_visit_t *visit, const mq_sign_in_t *in,
                            const char *counter)
{
    apr_status_t rv = mq_throttle_check(wait_out, visit, MQ_THROTTLE_ACCOUNT, counter);
    if (rv == MQ_EBUSY) {
        rv = may_try_again(wait_out, visit, in, counter);
    }
    MQ_TRY(rv);
    return mq_throttle_check(wait_out, visit, MQ_THROTTLE_ADDRESS, "");
}

typedef struct rehash_t {
    const account_t *account;
    const char *hash;
} rehash_t;

/* No event: it is the same password. */
static apr_status_t hash_store(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const rehash_t *in = data;
    event_io->outcome = MQ_OUTCOME_NONE;
    return mq_db_change(NULL, sc, MQ_SQL_USER_PASSWORD_SET,
                        MQ_PARAMS(mq_bind_text(in->hash), mq_bind_id(&in->account->id),
                                  mq_bind_text(in->account->password)));
}

/* The configured cost rose since this password was stored: now that it is here in the clear, hash
 * it anew. When the line is full it waits for the next log-in. */
static apr_status_t rehash(const mq_visit_t *visit, const mq_scope_t *sc, const account_t *account,
                           const char *counter, const char *password)
{
    rehash_t in = {.account = account};
    if (mq_password_cost_of(account->password) >= visit->core->password_cost ||
        mq_passwords_hash(&in.hash, visit, counter, password) != APR_SUCCESS) {
        return APR_SUCCESS;
    }
    return mq_change(sc, MQ_ACTION_SIGN_IN, hash_store, &in);
}

static apr_status_t entered_record(const mq_scope_t *sc, mq_audit_event_t *event)
{
    if (mq_scope_has_second_factor(sc)) { /* the second step records whether it was they */
        mq_db_give_back(sc);
        return APR_SUCCESS;
    }
    event->outcome = MQ_OUTCOME_DONE;
    return mq_event_record(sc, event);
}

/* Nobody has entered, and that is recorded. @return refusal */
static apr_status_t refused_record(const mq_scope_t *anonymous, const mq_audit_event_t *event,
                                   apr_status_t refusal)
{
    MQ_TRY(mq_event_record(anonymous, event));
    mq_db_give_back(anonymous);
    return refusal;
}

apr_status_t mq_user_sign_in(const mq_scope_t **sc_out, int *wait_out, const mq_visit_t *visit,
                             const mq_sign_in_t *in)
{
    mq_audit_event_t event = {.action = MQ_ACTION_SIGN_IN, .outcome = MQ_OUTCOME_FAILED};
    const mq_scope_t *anonymous;
    account_t account;
    mq_password_try_t attempt = {.kind = MQ_THROTTLE_ACCOUNT, .counts_address = 1};
    int active;
    const char *look;
    const char *counter;
    apr_status_t rv;

    /* by its look: or each way to write the name would have tries of its own */
    (void)mq_text_look_key(&look, in->tenant_name, visit->pool);
    counter = mq_throttle_account(look, mq_text_name_key(in->email, visit->pool), visit->pool);
    MQ_TRY(may_try(wait_out, visit, in, counter));
    MQ_TRY(mq_scope_anonymous(&anonymous, &active, visit, in->tenant_name));
    MQ_TRY(account_find(&account, anonymous, in->email, visit->core->password_dummy));
    attempt.name = counter;
    attempt.may_fit = account.status == STATUS_ACTIVE;
    rv = mq_passwords_verify(wait_out, visit, &attempt, in->password, account.password);
    if (rv != APR_SUCCESS && rv != MQ_EDENIED) {
        return rv;
    }
    if (!mq_id_is_nil(&account.id)) {
        event.object = &account.id;
    }
    if (rv == APR_SUCCESS &&
        !active) { /* whoever knows the password may know why it does not open */
        event.reason = "suspended";
        return refused_record(anonymous, &event, MQ_ENOTFOUND);
    }
    if (rv == APR_SUCCESS) {
        rv = mq_scope_enter(sc_out, visit, anonymous, &account.id);
    }
    if (rv == MQ_EDENIED || rv == MQ_ENOTFOUND) {
        return refused_record(anonymous, &event, MQ_EDENIED);
    }
    MQ_TRY(rv);
    mq_db_give_back(*sc_out);
    MQ_TRY(rehash(visit, *sc_out, &account, counter, in->password));
    return entered_record(*sc_out, &event);
}

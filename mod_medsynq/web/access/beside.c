/* beside.c -- the cookie of the sessions beside: SESSION~SESSION. What each is called is asked of
 * the server: a cookie may have been written by anybody. */
#include "web/access/beside.h"

#include <apr_strings.h>
#include <string.h>

#include "base/crypto.h"
#include "base/id.h"

static const char cookie[] = "medsynq_beside";

int mq_beside_is_there(const mq_request_t *rq)
{
    return mq_request_cookie_all(rq, cookie) != NULL;
}

static const char *id_of(const char *session, apr_pool_t *pool)
{
    unsigned char digest[MQ_SHA256_LENGTH];
    return mq_sha256(digest, session, strlen(session)) == APR_SUCCESS
               ? mq_hex_encode(digest, MQ_SESSION_NAME_LENGTH, pool)
               : NULL;
}

static const mq_beside_t *find_in(const apr_array_header_t *list, const char *id)
{
    for (int i = 0; i < list->nelts; i++) {
        const mq_beside_t *entry = &APR_ARRAY_IDX(list, i, mq_beside_t);
        if (strcmp(entry->id, id) == 0) {
            return entry;
        }
    }
    return NULL;
}

/* What stands behind a token was once its organisation's name. @return whether it is an entry */
static int entry_read(mq_beside_t *entry_out, const char *text, apr_pool_t *pool)
{
    const unsigned char *token;
    apr_size_t length;
    if (strcspn(text, ".") != MQ_TOKEN_TEXT_LENGTH ||
        mq_base64url_decode(&token, &length, apr_pstrndup(pool, text, MQ_TOKEN_TEXT_LENGTH),
                            pool) != APR_SUCCESS) {
        return 0;
    }
    *entry_out = (mq_beside_t){.cookie = mq_base64url_encode(token, length, pool)};
    entry_out->id = id_of(entry_out->cookie, pool);
    return entry_out->id != NULL;
}

/* @return of mq_beside_t, each once and the present one not among them; nothing is looked up */
static apr_array_header_t *entries_read(const mq_request_t *rq)
{
    apr_array_header_t *list = apr_array_make(rq->pool, MQ_BESIDE_MOST, sizeof(mq_beside_t));
    const char *value = mq_request_cookie_all(rq, cookie);
    char *rest = value ? apr_pstrdup(rq->pool, value) : NULL;
    const char *present =
        rq->session ? mq_base64url_encode(rq->session->token, MQ_TOKEN_LENGTH, rq->pool) : "";
    char *state;
    mq_beside_t entry;
    for (char *text = rest ? apr_strtok(rest, "~", &state) : NULL;
         text && list->nelts < MQ_BESIDE_READ; text = apr_strtok(NULL, "~", &state)) {
        if (entry_read(&entry, text, rq->pool) && strcmp(entry.cookie, present) != 0 &&
            !find_in(list, entry.id)) {
            APR_ARRAY_PUSH(list, mq_beside_t) = entry;
        }
    }
    return list;
}

const mq_beside_t *mq_beside_find(const mq_request_t *rq, const char *id)
{
    return id ? find_in(entries_read(rq), id) : NULL;
}

static apr_status_t list_keep(mq_request_t *rq, const apr_array_header_t *list)
{
    const char *value = "";
    for (int i = 0; i < list->nelts; i++) {
        value = apr_pstrcat(rq->pool, value, i > 0 ? "~" : "",
                            APR_ARRAY_IDX(list, i, mq_beside_t).cookie, NULL);
    }
    return mq_request_cookie_set(rq, cookie, value);
}

static mq_beside_t entry_of(const mq_request_t *rq, const mq_session_t *session)
{
    return (mq_beside_t){.cookie =
                             mq_base64url_encode(session->token, sizeof session->token, rq->pool)};
}

static int is_over(apr_status_t rv)
{
    return rv == MQ_ENOTFOUND || rv == MQ_EDENIED; /* suspended: its own log-in page says so */
}

/* A request has one connection at a time. */
static void present_give_back(const mq_request_t *rq)
{
    if (rq->session) {
        mq_db_give_back(rq->session->scope);
    }
}

apr_status_t mq_beside_list(apr_array_header_t **list_out, mq_request_t *rq)
{
    const apr_array_header_t *entries = entries_read(rq);
    *list_out = apr_array_make(rq->pool, MQ_BESIDE_MOST, sizeof(mq_beside_t));
    present_give_back(rq);
    for (int i = 0; i < entries->nelts; i++) {
        mq_beside_t entry = APR_ARRAY_IDX(entries, i, mq_beside_t);
        mq_session_t *session;
        apr_status_t rv = mq_session_look(&session, &rq->visit, entry.cookie);
        if (rv == APR_SUCCESS) {
            mq_db_give_back(session->scope);
            entry.organisation = mq_scope_tenant_name(session->scope);
            entry.person = mq_scope_user_name(session->scope);
            APR_ARRAY_PUSH(*list_out, mq_beside_t) = entry;
        } else if (!is_over(rv)) {
            return rv;
        }
    }
    return APR_SUCCESS;
}

static apr_status_t entry_end(mq_request_t *rq, const mq_beside_t *entry)
{
    mq_session_t *session;
    apr_status_t rv = mq_session_look(&session, &rq->visit, entry->cookie);
    if (rv == APR_SUCCESS) {
        rv = mq_session_end(&rq->visit, session);
        mq_db_give_back(session->scope);
    }
    return is_over(rv) ? APR_SUCCESS : rv;
}

/* One that cannot be recorded keeps none of the others alive. */
static apr_status_t entries_end(mq_request_t *rq, const apr_array_header_t *entries)
{
    apr_status_t first = APR_SUCCESS;
    for (int i = 0; i < entries->nelts; i++) {
        apr_status_t rv = entry_end(rq, &APR_ARRAY_IDX(entries, i, mq_beside_t));
        first = first == APR_SUCCESS ? rv : first;
    }
    return first;
}

/* A log-in that waits for its code is nobody else's to go on with. */
static apr_status_t step_forget(mq_request_t *rq)
{
    return mq_request_cookie_all(rq, MQ_COOKIE_STEP_NAME)
               ? mq_request_cookie_set(rq, MQ_COOKIE_STEP_NAME, "")
               : APR_SUCCESS;
}

apr_status_t mq_beside_end(mq_request_t *rq)
{
    MQ_TRY(step_forget(rq));
    if (!mq_beside_is_there(rq)) {
        return APR_SUCCESS;
    }
    present_give_back(rq);
    MQ_TRY(entries_end(rq, entries_read(rq)));
    return mq_request_cookie_set(rq, cookie, "");
}

apr_status_t mq_beside_hand_over(mq_request_t *rq, const mq_scope_t *sc)
{
    const mq_session_t *former = rq->session;
    apr_status_t rv;
    MQ_TRY(mq_request_sign_in(rq, sc));
    MQ_TRY(mq_request_remember(rq, sc));
    rv = former ? mq_session_end(&rq->visit, former) : APR_SUCCESS;
    MQ_TRY(mq_beside_end(rq));
    return rv;
}

/* Whether one that is kept goes on beside the scope's: not what is over, nor one of the scope's
 * organisation, which has one session in a browser. */
static apr_status_t stays(int *stays_out, mq_request_t *rq, const mq_beside_t *entry,
                          const mq_scope_t *sc)
{
    mq_session_t *session;
    apr_status_t rv = mq_session_look(&session, &rq->visit, entry->cookie);
    *stays_out = rv == APR_SUCCESS && !mq_session_is_of(session, sc);
    if (rv == APR_SUCCESS) {
        mq_db_give_back(session->scope);
    }
    return is_over(rv) ? APR_SUCCESS : rv;
}

apr_status_t mq_beside_log_in(mq_request_t *rq, const mq_scope_t *sc)
{
    const apr_array_header_t *list = entries_read(rq);
    apr_array_header_t *kept = apr_array_make(rq->pool, MQ_BESIDE_MOST, sizeof(mq_beside_t));
    if (!rq->session) {
        return mq_beside_hand_over(rq, sc);
    }
    MQ_TRY(step_forget(rq));
    MQ_TRY(mq_request_sign_in(rq, sc));
    mq_db_give_back(sc);
    if (mq_session_is_of(rq->session, sc)) {
        MQ_TRY(mq_session_end(&rq->visit, rq->session));
        mq_db_give_back(rq->session->scope);
    } else {
        APR_ARRAY_PUSH(kept, mq_beside_t) = entry_of(rq, rq->session);
    }
    for (int i = 0; i < list->nelts; i++) {
        const mq_beside_t *entry = &APR_ARRAY_IDX(list, i, mq_beside_t);
        int is_kept;
        MQ_TRY(stays(&is_kept, rq, entry, sc));
        if (is_kept && kept->nelts < MQ_BESIDE_MOST) {
            APR_ARRAY_PUSH(kept, mq_beside_t) = *entry;
        } else {
            MQ_TRY(entry_end(rq, entry));
        }
    }
    MQ_TRY(list_keep(rq, kept));
    return mq_request_remember(rq, sc);
}

apr_status_t mq_beside_switch(mq_session_t **session_out, mq_request_t *rq,
                              const mq_beside_t *entry)
{
    const apr_array_header_t *list = entries_read(rq);
    apr_array_header_t *kept = apr_array_make(rq->pool, MQ_BESIDE_MOST, sizeof(mq_beside_t));
    apr_status_t rv;
    present_give_back(rq);
    rv = mq_session_resolve(session_out, &rq->visit, entry->cookie);
    if (rv != APR_SUCCESS && !is_over(rv)) {
        return rv; /* it may go on yet */
    }
    if (rv == APR_SUCCESS) {
        mq_db_give_back((*session_out)->scope);
    }
    if (rv == APR_SUCCESS && rq->session) {
        APR_ARRAY_PUSH(kept, mq_beside_t) = entry_of(rq, rq->session);
    }
    for (int i = 0; i < list->nelts; i++) {
        const mq_beside_t *other = &APR_ARRAY_IDX(list, i, mq_beside_t);
        if (strcmp(other->id, entry->id) != 0) {
            APR_ARRAY_PUSH(kept, mq_beside_t) = *other;
        }
    }
    MQ_TRY(list_keep(rq, kept));
    if (rv != APR_SUCCESS) {
        return MQ_ENOTFOUND;
    }
    rq->begun = entry->cookie;
    MQ_TRY(mq_request_cookie_set(rq, MQ_COOKIE_NAME, entry->cookie));
    return mq_request_remember(rq, (*session_out)->scope);
}

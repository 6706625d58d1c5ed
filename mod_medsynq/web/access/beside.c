/* beside.c -- the cookie of the sessions beside: SESSION.NAME~SESSION.NAME, the names encoded. */
#include "web/access/beside.h"

#include <apr_strings.h>
#include <string.h>

#include "base/crypto.h"
#include "base/id.h"
#include "domain/field_kinds.h"

static const char cookie[] = "medsynq_beside";

int mq_beside_is_there(const mq_request_t *rq)
{
    return mq_request_cookie(rq, cookie) != NULL;
}

static const char *id_of(const char *session, apr_pool_t *pool)
{
    unsigned char digest[MQ_SHA256_LENGTH];
    return mq_sha256(digest, session, strlen(session)) == APR_SUCCESS
               ? mq_hex_encode(digest, MQ_SESSION_NAME_LENGTH, pool)
               : NULL;
}

/* A cookie may hold anything. @return whether it is an entry */
static int entry_read(mq_beside_t *entry_out, const char *text, apr_pool_t *pool)
{
    const mq_field_rule_t rule = {MQ_FIELD_LINE, MQ_LIMIT_NAME, NULL};
    const unsigned char *name;
    const unsigned char *token;
    apr_size_t length;
    const char *session = apr_pstrndup(pool, text, MQ_TOKEN_TEXT_LENGTH);
    if (strcspn(text, ".") != MQ_TOKEN_TEXT_LENGTH || !text[MQ_TOKEN_TEXT_LENGTH] ||
        mq_base64url_decode(&token, &length, session, pool) != APR_SUCCESS ||
        mq_base64url_decode(&name, &length, text + MQ_TOKEN_TEXT_LENGTH + 1, pool) != APR_SUCCESS) {
        return 0;
    }
    *entry_out = (mq_beside_t){.cookie = session,
                               .organisation = apr_pstrmemdup(pool, (const char *)name, length)};
    entry_out->id = id_of(entry_out->cookie, pool);
    return entry_out->id && *entry_out->organisation &&
           mq_field_check(&rule, entry_out->organisation, NULL, pool) == MQ_FAULT_NONE;
}

apr_array_header_t *mq_beside_list(const mq_request_t *rq)
{
    apr_array_header_t *list = apr_array_make(rq->pool, MQ_BESIDE_MOST, sizeof(mq_beside_t));
    const char *value = mq_request_cookie(rq, cookie);
    char *rest = value ? apr_pstrdup(rq->pool, value) : NULL;
    char *state;
    mq_beside_t entry;
    for (char *text = rest ? apr_strtok(rest, "~", &state) : NULL;
         text && list->nelts < MQ_BESIDE_MOST; text = apr_strtok(NULL, "~", &state)) {
        if (entry_read(&entry, text, rq->pool)) {
            APR_ARRAY_PUSH(list, mq_beside_t) = entry;
        }
    }
    return list;
}

static apr_status_t list_keep(mq_request_t *rq, const apr_array_header_t *list)
{
    const char *value = "";
    for (int i = 0; i < list->nelts; i++) {
        const mq_beside_t *entry = &APR_ARRAY_IDX(list, i, mq_beside_t);
        value = apr_pstrcat(
            rq->pool, value, i > 0 ? "~" : "", entry->cookie, ".",
            mq_base64url_encode(entry->organisation, strlen(entry->organisation), rq->pool), NULL);
    }
    return mq_request_cookie_set(rq, cookie, value);
}

static mq_beside_t entry_of(const mq_request_t *rq, const mq_session_t *session)
{
    mq_beside_t entry = {.cookie =
                             mq_base64url_encode(session->token, sizeof session->token, rq->pool),
                         .organisation = mq_scope_tenant_name(session->scope)};
    entry.id = id_of(entry.cookie, rq->pool);
    return entry;
}

static int is_over(apr_status_t rv)
{
    return rv == MQ_ENOTFOUND || rv == MQ_EDENIED; /* suspended: its own log-in page says so */
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

apr_status_t mq_beside_end(mq_request_t *rq)
{
    const apr_array_header_t *list = mq_beside_list(rq);
    if (!mq_beside_is_there(rq)) {
        return APR_SUCCESS;
    }
    if (rq->session) {
        mq_db_give_back(rq->session->scope); /* a request has one connection at a time */
    }
    for (int i = 0; i < list->nelts; i++) {
        MQ_TRY(entry_end(rq, &APR_ARRAY_IDX(list, i, mq_beside_t)));
    }
    return mq_request_cookie_set(rq, cookie, "");
}

apr_status_t mq_beside_hand_over(mq_request_t *rq, const mq_scope_t *sc)
{
    const mq_session_t *former = rq->session;
    MQ_TRY(mq_request_sign_in(rq, sc));
    MQ_TRY(mq_request_remember(rq, sc));
    MQ_TRY(former ? mq_session_end(&rq->visit, former) : APR_SUCCESS);
    return mq_beside_end(rq);
}

/* Whether one that is kept is of the scope's organisation, which has one session in a browser. */
static apr_status_t is_of(int *is_out, mq_request_t *rq, const mq_beside_t *entry,
                          const mq_scope_t *sc)
{
    mq_session_t *session;
    apr_status_t rv = mq_session_look(&session, &rq->visit, entry->cookie);
    *is_out = rv == APR_SUCCESS && mq_session_is_of(session, sc);
    if (rv == APR_SUCCESS) {
        mq_db_give_back(session->scope);
    }
    return is_over(rv) ? APR_SUCCESS : rv;
}

apr_status_t mq_beside_log_in(mq_request_t *rq, const mq_scope_t *sc)
{
    const apr_array_header_t *list = mq_beside_list(rq);
    apr_array_header_t *kept = apr_array_make(rq->pool, MQ_BESIDE_MOST, sizeof(mq_beside_t));
    if (!rq->session) {
        return mq_beside_hand_over(rq, sc);
    }
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
        int is_same;
        MQ_TRY(is_of(&is_same, rq, entry, sc));
        if (is_same || kept->nelts == MQ_BESIDE_MOST) {
            MQ_TRY(entry_end(rq, entry));
        } else {
            APR_ARRAY_PUSH(kept, mq_beside_t) = *entry;
        }
    }
    MQ_TRY(list_keep(rq, kept));
    return mq_request_remember(rq, sc);
}

apr_status_t mq_beside_switch(mq_session_t **session_out, mq_request_t *rq,
                              const mq_beside_t *entry)
{
    const apr_array_header_t *list = mq_beside_list(rq);
    apr_array_header_t *kept = apr_array_make(rq->pool, MQ_BESIDE_MOST, sizeof(mq_beside_t));
    apr_status_t rv;
    mq_db_give_back(rq->session->scope); /* a request has one connection at a time */
    rv = mq_session_resolve(session_out, &rq->visit, entry->cookie);
    if (rv == APR_SUCCESS) {
        mq_db_give_back((*session_out)->scope);
        APR_ARRAY_PUSH(kept, mq_beside_t) = entry_of(rq, rq->session);
    }
    for (int i = 0; i < list->nelts; i++) {
        const mq_beside_t *other = &APR_ARRAY_IDX(list, i, mq_beside_t);
        if (strcmp(other->id, entry->id) != 0) {
            APR_ARRAY_PUSH(kept, mq_beside_t) = *other;
        }
    }
    if (rv != APR_SUCCESS && !is_over(rv)) {
        return rv; /* it may go on yet */
    }
    MQ_TRY(list_keep(rq, kept));
    if (is_over(rv)) {
        return MQ_ENOTFOUND;
    }
    rq->begun = entry->cookie;
    MQ_TRY(mq_request_cookie_set(rq, MQ_COOKIE_NAME, entry->cookie));
    return mq_request_remember(rq, (*session_out)->scope);
}

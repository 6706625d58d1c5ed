/* request.c -- small services of a request: ids, redirects, cookies. */
#include "web/request.h"

#include <apr_strings.h>
#include <string.h>

#include "base/cookie.h"
#include "base/crypto.h"
#include "base/id.h"

apr_status_t mq_request_record(mq_id_t *id_out, const mq_request_t *rq)
{
    return mq_id_parse(id_out, rq->captures[0]) == APR_SUCCESS ? APR_SUCCESS : MQ_ENOTFOUND;
}

apr_status_t mq_request_item(mq_id_t *record_out, mq_id_t *item_out, const mq_request_t *rq)
{
    MQ_TRY(mq_request_record(record_out, rq));
    return mq_id_parse(item_out, rq->captures[1]) == APR_SUCCESS ? APR_SUCCESS : MQ_ENOTFOUND;
}

/* The request's id is unique; libcrypto's random bytes would cost ten times as much. */
apr_status_t mq_request_nonce(const unsigned char **nonce_out, mq_request_t *rq)
{
    if (!rq->nonce) {
        unsigned char *nonce = apr_palloc(rq->pool, MQ_SHA256_LENGTH);
        mq_bytes_t parts[] = {{rq->visit.core->csrf_key, MQ_KEY_LENGTH},
                              {&rq->now, sizeof rq->now},
                              {rq->id, strlen(rq->id)}};
        MQ_TRY(mq_sha256_parts(nonce, parts, sizeof parts / sizeof *parts));
        rq->nonce = nonce;
    }
    *nonce_out = rq->nonce;
    return APR_SUCCESS;
}

const char *mq_request_query(const mq_request_t *rq, const char *name)
{
    return mq_form_get(rq->query_fields, name, NULL);
}

apr_int64_t mq_request_number_of(const char *text)
{
    enum { DIGITS_MOST = 18 /* of 64 bits */ };
    apr_size_t length = text ? strspn(text, "0123456789") : 0;
    return length > 0 && length <= DIGITS_MOST && !text[length] ? apr_atoi64(text) : 0;
}

apr_status_t mq_request_number(apr_int64_t *number_out, const mq_request_t *rq, const char *name)
{
    const char *text = mq_request_query(rq, name);
    *number_out = mq_request_number_of(text);
    return text && *number_out == 0 ? MQ_EINVALID : APR_SUCCESS;
}

apr_int64_t mq_request_version(const mq_request_t *rq)
{
    return mq_request_number_of(mq_form_get(rq->form, "version", NULL));
}

int mq_path_is_ours(const char *path)
{
    if (!path || path[0] != '/' || path[1] == '/') {
        return 0;
    }
    for (const unsigned char *s = (const unsigned char *)path; *s; s++) {
        if (*s <= ' ' || *s == '\\' || *s >= 0x7f) {
            return 0;
        }
    }
    return 1;
}

apr_status_t mq_request_redirect(mq_request_t *rq, const char *path)
{
    apr_table_setn(rq->headers, "Location", path);
    rq->status = 303;
    return APR_SUCCESS;
}

static const char organisation_cookie[] = "medsynq_organisation";

static const char *cookie_name(const mq_request_t *rq, const char *name)
{
    return rq->secure ? apr_pstrcat(rq->pool, "__Host-", name, NULL) : name;
}

apr_status_t mq_request_cookie_set(mq_request_t *rq, const char *name, const char *value)
{
    const char *header;
    MQ_TRY(mq_cookie_build(&header, cookie_name(rq, name), value,
                           *value ? MQ_COOKIE_SESSION : MQ_COOKIE_DELETE, rq->secure, rq->pool));
    apr_table_addn(rq->headers, "Set-Cookie", header);
    return APR_SUCCESS;
}

const char *mq_request_cookie(const mq_request_t *rq, const char *name)
{
    const char *header = rq->hooks->header(rq, "Cookie");
    return header ? mq_cookie_get(header, cookie_name(rq, name), rq->pool) : NULL;
}

const char *mq_request_cookie_all(const mq_request_t *rq, const char *name)
{
    const char *header = rq->hooks->header(rq, "Cookie");
    return header ? mq_cookie_get_all(header, cookie_name(rq, name), rq->pool) : NULL;
}

int mq_request_tells_nothing(const mq_request_t *rq)
{
    return rq->visit.shows_nothing && rq->session;
}

apr_status_t mq_request_seat(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_session_seat_t *seat = apr_palloc(rq->pool, sizeof *seat);
    MQ_TRY(mq_session_seat_take(seat, &rq->visit, sc));
    rq->seat = seat;
    return APR_SUCCESS;
}

apr_status_t mq_request_sign_in(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_session_t session;
    const char *cookie;
    MQ_TRY(mq_session_begin(&cookie, &rq->visit, sc, rq->seat));
    rq->seat = NULL;
    rq->begun = cookie;
    if (mq_session_proof(&session, &rq->visit, cookie) == MQ_ENOTFOUND) {
        return APR_SUCCESS; /* its form was sent again, and the answer to that has the session */
    }
    MQ_TRY(mq_request_cookie_set(rq, MQ_COOKIE_NAME, cookie));
    return mq_request_cookie_set(rq, MQ_COOKIE_FORM_NAME, "");
}

/* The name alone, which is no secret to whoever sits at this browser: next time it is filled in. */
apr_status_t mq_request_remember(mq_request_t *rq, const mq_scope_t *sc)
{
    enum { A_YEAR = 365 * 24 * 60 * 60 };
    const char *name = mq_scope_tenant_name(sc);
    const char *header;
    MQ_TRY(mq_cookie_build(&header, cookie_name(rq, organisation_cookie),
                           mq_base64url_encode(name, strlen(name), rq->pool), A_YEAR, rq->secure,
                           rq->pool));
    apr_table_addn(rq->headers, "Set-Cookie", header);
    return APR_SUCCESS;
}

const char *mq_request_organisation(const mq_request_t *rq)
{
    const char *value = mq_request_cookie(rq, organisation_cookie);
    const unsigned char *bytes;
    apr_size_t length;
    if (!value || mq_base64url_decode(&bytes, &length, value, rq->pool) != APR_SUCCESS) {
        return NULL;
    }
    return apr_pstrmemdup(rq->pool, (const char *)bytes, length);
}

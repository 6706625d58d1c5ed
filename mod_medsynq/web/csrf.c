/* csrf.c -- token = mark of the page | proof: a digest of the mark's secret and of what only this
 * browser has. The mark is another one in each page, and the proof with it. */
#include "web/csrf.h"

#include <string.h>

#include "base/crypto.h"
#include "base/id.h"

enum { PROOF_LENGTH = 16, TOKEN_LENGTH = MQ_PAGE_MARK_LENGTH + PROOF_LENGTH, FORM_LENGTH = 32 };

/* What only this browser has: its session's token, else its form cookie. */
static apr_status_t proof_make(unsigned char proof_out[PROOF_LENGTH],
                               const unsigned char secret[MQ_PAGE_SECRET_LENGTH],
                               const mq_request_t *rq)
{
    unsigned char digest[MQ_SHA256_LENGTH];
    mq_bytes_t parts[] = {{secret, MQ_PAGE_SECRET_LENGTH}, {NULL, 0}};
    if (rq->session) {
        parts[1] = (mq_bytes_t){rq->session->token, sizeof rq->session->token};
    } else if (rq->pre_session) {
        parts[1] = (mq_bytes_t){rq->pre_session, strlen(rq->pre_session)};
    } else {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_sha256_parts(digest, parts, 2));
    memcpy(proof_out, digest, PROOF_LENGTH);
    return APR_SUCCESS;
}

apr_status_t mq_csrf_token(const char **token_out, mq_request_t *rq)
{
    unsigned char secret[MQ_PAGE_SECRET_LENGTH];
    unsigned char token[TOKEN_LENGTH];
    const unsigned char *nonce;
    if (!rq->session && !rq->pre_session) {
        unsigned char random[FORM_LENGTH];
        MQ_TRY(mq_random(random, sizeof random));
        rq->pre_session = mq_base64url_encode(random, sizeof random, rq->pool);
        MQ_TRY(mq_request_cookie_set(rq, MQ_COOKIE_FORM_NAME, rq->pre_session));
    }
    MQ_TRY(mq_request_nonce(&nonce, rq));
    MQ_TRY(mq_page_mark_make(token, secret, &rq->visit, rq->session ? rq->session->scope : NULL,
                             nonce));
    MQ_TRY(proof_make(token + MQ_PAGE_MARK_LENGTH, secret, rq));
    *token_out = mq_base64url_encode(token, sizeof token, rq->pool);
    return APR_SUCCESS;
}

/* A browser leaves out the port that is the scheme's own; who stands between may write it. */
static int is_same_host(const char *authority, const char *host, const char *usual_port)
{
    apr_size_t length = strlen(authority);
    return length > 0 && strncasecmp(authority, host, length) == 0 &&
           (host[length] == 0 || strcmp(host + length, usual_port) == 0);
}

/* "https://clinic.example:8443" names the site that the request was sent to, and nothing besides.
 */
static int origin_is_ours(const mq_request_t *rq, const char *origin)
{
    const char *host = rq->hooks->header(rq, "Host");
    const char *scheme = rq->secure ? "https://" : "http://";
    return host && strncmp(origin, scheme, strlen(scheme)) == 0 &&
           is_same_host(origin + strlen(scheme), host, rq->secure ? ":443" : ":80");
}

int mq_csrf_is_foreign(const mq_request_t *rq)
{
    const char *site = rq->hooks->header(rq, "Sec-Fetch-Site");
    const char *origin = rq->hooks->header(rq, "Origin");
    return (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) ||
           (origin && !origin_is_ours(rq, origin));
}

/* @param token_out TOKEN_LENGTH bytes */
static apr_status_t token_read(const unsigned char **token_out, mq_page_mark_t *mark_out,
                               const mq_request_t *rq)
{
    int twice = 0;
    const char *text = rq->form ? mq_form_get(rq->form, "csrf_token", &twice) : NULL;
    apr_size_t length;
    if (!text || twice || mq_base64url_decode(token_out, &length, text, rq->pool) != APR_SUCCESS ||
        length != TOKEN_LENGTH) {
        return MQ_EDENIED;
    }
    return mq_page_mark_read(mark_out, rq->visit.core, *token_out);
}

apr_status_t mq_csrf_mark(mq_page_mark_t *mark_out, const mq_request_t *rq)
{
    const unsigned char *token;
    return token_read(&token, mark_out, rq);
}

apr_status_t mq_csrf_check(const mq_request_t *rq)
{
    unsigned char proof[PROOF_LENGTH];
    const unsigned char *token;
    mq_page_mark_t mark;
    if (mq_csrf_is_foreign(rq)) {
        return MQ_EDENIED;
    }
    MQ_TRY(token_read(&token, &mark, rq));
    MQ_TRY(proof_make(proof, mark.secret, rq));
    return mq_equal_secret(proof, token + MQ_PAGE_MARK_LENGTH, sizeof proof) ? APR_SUCCESS
                                                                             : MQ_EDENIED;
}

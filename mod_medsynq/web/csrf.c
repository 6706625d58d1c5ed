/* csrf.c -- token = mask | mask XOR HMAC(key, what the browser proves itself with). */
#include "web/csrf.h"

#include <string.h>

#include "base/crypto.h"
#include "base/id.h"

enum { MAC_LENGTH = MQ_SHA256_LENGTH, TOKEN_LENGTH = 2 * MAC_LENGTH };

/* What only this browser has: its session's token, else its form cookie. */
static apr_status_t proof_mac(unsigned char mac_out[MAC_LENGTH], const mq_mac_key_t *key,
                              const mq_request_t *rq)
{
    if (rq->session) {
        return mq_mac(mac_out, key, rq->session->token, sizeof rq->session->token);
    }
    if (!rq->pre_session) {
        return MQ_EDENIED;
    }
    return mq_mac(mac_out, key, rq->pre_session, strlen(rq->pre_session));
}

apr_status_t mq_csrf_token(const char **token_out, mq_request_t *rq)
{
    unsigned char mac[MAC_LENGTH];
    unsigned char token[TOKEN_LENGTH];
    const unsigned char *mask;
    if (!rq->session && !rq->pre_session) {
        unsigned char random[MAC_LENGTH];
        MQ_TRY(mq_random(random, sizeof random));
        rq->pre_session = mq_base64url_encode(random, sizeof random, rq->pool);
        MQ_TRY(mq_request_cookie_set(rq, MQ_COOKIE_FORM_NAME, rq->pre_session));
    }
    MQ_TRY(proof_mac(mac, &rq->visit.core->csrf_mac, rq));
    /* another mask for each page hides the MAC from whoever measures compressed lengths */
    MQ_TRY(mq_request_nonce(&mask, rq));
    for (int i = 0; i < MAC_LENGTH; i++) {
        token[i] = mask[i];
        token[MAC_LENGTH + i] = mask[i] ^ mac[i];
    }
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

/* Also of a page that was made before the secret was rotated. */
static apr_status_t proof_fits(const unsigned char sent[MAC_LENGTH], const mq_request_t *rq)
{
    const mq_core_t *core = rq->visit.core;
    unsigned char mac[MAC_LENGTH];
    MQ_TRY(proof_mac(mac, &core->csrf_mac, rq));
    if (mq_equal_secret(mac, sent, sizeof mac)) {
        return APR_SUCCESS;
    }
    for (int i = 0; i < core->old_keys_count; i++) {
        MQ_TRY(proof_mac(mac, &core->old_keys[i].csrf, rq));
        if (mq_equal_secret(mac, sent, sizeof mac)) {
            return APR_SUCCESS;
        }
    }
    return MQ_EDENIED;
}

apr_status_t mq_csrf_check(const mq_request_t *rq)
{
    int twice = 0;
    const char *site = rq->hooks->header(rq, "Sec-Fetch-Site");
    const char *origin = rq->hooks->header(rq, "Origin");
    const char *text = mq_form_get(rq->form, "csrf_token", &twice);
    const unsigned char *token;
    unsigned char sent[MAC_LENGTH];
    apr_size_t length;

    if ((site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) ||
        (origin && !origin_is_ours(rq, origin))) {
        return MQ_EDENIED;
    }
    if (!text || twice || mq_base64url_decode(&token, &length, text, rq->pool) != APR_SUCCESS ||
        length != TOKEN_LENGTH) {
        return MQ_EDENIED;
    }
    for (int i = 0; i < MAC_LENGTH; i++) {
        sent[i] = token[i] ^ token[MAC_LENGTH + i];
    }
    return proof_fits(sent, rq);
}

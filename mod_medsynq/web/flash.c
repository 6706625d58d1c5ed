/* flash.c -- a message that outlives one redirect. */
#include "web/flash.h"

#include <apr_strings.h>
#include <string.h>

#include "base/crypto.h"
#include "base/id.h"
#include "domain/access/secrets.h"

static const char cookie[] = "medsynq_flash";

static mq_bytes_t bound_to(const char *session, apr_pool_t *pool)
{
    const char *text = apr_pstrcat(pool, "flash ", session, NULL);
    return (mq_bytes_t){text, strlen(text)};
}

static const char *session_of(const mq_request_t *rq)
{
    return mq_base64url_encode(rq->session->token, MQ_TOKEN_LENGTH, rq->pool);
}

apr_status_t mq_flash_set(mq_request_t *rq, const mq_flash_t *flash)
{
    const char *text =
        apr_pstrcat(rq->pool, flash->notice ? flash->notice : "", "\n",
                    flash->link ? flash->link : "", "\n", flash->codes ? flash->codes : "", NULL);
    const unsigned char *sealed;
    apr_size_t length;
    MQ_TRY(mq_seal(&sealed, &length, rq->visit.core->data_key,
                   bound_to(rq->begun ? rq->begun : session_of(rq), rq->pool),
                   (mq_bytes_t){text, strlen(text)}, rq->pool));
    return mq_request_cookie_set(rq, cookie, mq_base64url_encode(sealed, length, rq->pool));
}

apr_status_t mq_flash_redirect(mq_request_t *rq, const char *path, const char *notice)
{
    MQ_TRY(mq_flash_set(rq, &(mq_flash_t){.notice = notice}));
    return mq_request_redirect(rq, path);
}

apr_status_t mq_flash_take(mq_flash_t *flash_out, mq_request_t *rq)
{
    const char *value = mq_request_cookie(rq, cookie);
    const unsigned char *bytes;
    const unsigned char *text;
    apr_size_t length;
    *flash_out = (mq_flash_t){NULL, NULL, NULL};
    if (!value) {
        return APR_SUCCESS;
    }
    if (mq_base64url_decode(&bytes, &length, value, rq->pool) == APR_SUCCESS &&
        mq_secret_open(&text, &length, rq->visit.core,
                       bound_to(rq->renewed ? rq->renewed : session_of(rq), rq->pool),
                       (mq_bytes_t){bytes, length}, rq->pool) == APR_SUCCESS) {
        const char *parts[] = {NULL, NULL, NULL};
        char *rest = apr_pstrmemdup(rq->pool, (const char *)text, length);
        for (int i = 0; i < 3 && rest; i++) {
            char *end = strchr(rest, '\n');
            parts[i] = end == rest || !*rest ? NULL : rest;
            if (end) {
                *end++ = 0;
            }
            rest = end;
        }
        *flash_out = (mq_flash_t){parts[0], parts[1], parts[2]};
    }
    return mq_request_cookie_set(rq, cookie, "");
}

/* form_token.c -- making the token of a form, and reading it back. */
#include "web/form_token.h"

#include <string.h>

#include "domain/form_use.h"

int mq_form_token_read(unsigned char token_out[MQ_FORM_TOKEN_LENGTH], const mq_request_t *rq)
{
    const char *text = rq->form ? mq_form_get(rq->form, MQ_FORM_TOKEN, NULL) : NULL;
    const unsigned char *bytes;
    apr_size_t length;
    if (!text || mq_base64url_decode(&bytes, &length, text, rq->pool) != APR_SUCCESS ||
        length != MQ_FORM_TOKEN_LENGTH) {
        return 0;
    }
    memcpy(token_out, bytes, MQ_FORM_TOKEN_LENGTH);
    return 1;
}

apr_status_t mq_form_token_fresh(const char **token_out, mq_request_t *rq)
{
    const unsigned char *nonce;
    MQ_TRY(mq_request_nonce(&nonce, rq));
    *token_out = mq_base64url_encode(nonce, MQ_FORM_TOKEN_LENGTH, rq->pool);
    return APR_SUCCESS;
}

apr_status_t mq_form_token(const char **token_out, mq_request_t *rq)
{
    unsigned char token[MQ_FORM_TOKEN_LENGTH];
    if ((rq->once && rq->once->is_used) || !mq_form_token_read(token, rq)) {
        return mq_form_token_fresh(token_out, rq);
    }
    *token_out = mq_base64url_encode(token, sizeof token, rq->pool);
    return APR_SUCCESS;
}

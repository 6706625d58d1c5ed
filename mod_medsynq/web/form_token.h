/* form_token.h -- the token in a form that creates, which tells it from every other form. What is
 * done with it is in once.h. */
#ifndef MQ_WEB_FORM_TOKEN_H
#define MQ_WEB_FORM_TOKEN_H

#include "web/request.h"

/** The hidden parameter that carries it. */
#define MQ_FORM_TOKEN "form_token"

enum { MQ_FORM_TOKEN_LENGTH = 16 };

/**
 * The token for the forms of a page that is shown: that of the form which comes back in it, as long
 * as that one has had no effect; else a fresh one. All forms of a page share it: where a form was
 * sent counts with it.
 * @return from the request's pool
 */
apr_status_t mq_form_token(const char **token_out, mq_request_t *rq);

/** A fresh one, for a page whose form leads elsewhere than the one that was sent: what that one has
 * had an effect on there is not known here. To be set in the page's frame. */
apr_status_t mq_form_token_fresh(const char **token_out, mq_request_t *rq);

/** @return whether the form that was sent carries one */
int mq_form_token_read(unsigned char token_out[MQ_FORM_TOKEN_LENGTH], const mq_request_t *rq);

#endif

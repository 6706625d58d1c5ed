/* two_factor_pages.h -- the second step of logging in, and one's own second factor. */
#ifndef MQ_WEB_TWO_FACTOR_PAGES_H
#define MQ_WEB_TWO_FACTOR_PAGES_H

#include "web/pages.h"

/**
 * Ask for the code: the password was right, but nobody is signed in yet. A sealed cookie remembers
 * for five minutes who it was.
 * @param next where to go afterwards, a path of ours, or NULL
 * @param beside whether the present session stays: beside.h
 */
apr_status_t mq_code_ask(mq_request_t *rq, const mq_scope_t *sc, const char *next, int beside);

#endif

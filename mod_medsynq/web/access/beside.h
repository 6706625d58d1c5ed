/* beside.h -- the sessions that this browser keeps beside the one it acts with, for people who work
 * in several organisations. Each was begun with its own log-in; another one goes on only by a form
 * (switch_pages.c): of the present one, or, when that is over, of the log-in page. One page is
 * never made of two.
 *
 * No organisation learns of another: a cookie of the browser alone says which there are, nothing of
 * it is stored or recorded. The cookie may hold anything: what counts is what the server knows of a
 * session, and whoever leaves ends all that it names. */
#ifndef MQ_WEB_BESIDE_H
#define MQ_WEB_BESIDE_H

#include "web/request.h"

enum {
    MQ_BESIDE_MOST = 3, /* a further one ends the one that was left longest ago */
    MQ_BESIDE_READ = 16 /* of a cookie that is not as we wrote it, so many are ended */
};

/** One that the browser keeps. */
typedef struct mq_beside_t {
    const char *cookie;       /* the session's, a secret */
    const char *id;           /* to name it in a form */
    const char *organisation; /* whose it is, as the server knows */
    const char *person;       /* likewise */
} mq_beside_t;

/** @return whether the browser says that it keeps any */
int mq_beside_is_there(const mq_request_t *rq);

/**
 * Those that have not ended, the one that was left last first. Looking ends none and makes none
 * last longer, and no trail says so.
 * @param list_out of mq_beside_t; the connection of the present session is given back
 */
apr_status_t mq_beside_list(apr_array_header_t **list_out, mq_request_t *rq);

/** Find what a form names, which may be over. @return NULL the browser keeps no such one */
const mq_beside_t *mq_beside_find(const mq_request_t *rq, const char *id);

/** Begin a session for the person of the scope where the browser may change hands: the sessions
 * that were there are over, and the next log-in here begins with this organisation. */
apr_status_t mq_beside_hand_over(mq_request_t *rq, const mq_scope_t *sc);

/**
 * Begin a session for the person of the scope, who was told that the present one stays beside it:
 * it does, unless it is of the same organisation. Without a present one, as mq_beside_hand_over.
 */
apr_status_t mq_beside_log_in(mq_request_t *rq, const mq_scope_t *sc);

/**
 * Go on with one that the browser keeps; the present one, where there is one, stays beside it.
 * @param session_out whose it is
 * @param entry       of mq_beside_find
 * @return MQ_ENOTFOUND it is over, and no longer kept; the present one goes on
 */
apr_status_t mq_beside_switch(mq_session_t **session_out, mq_request_t *rq,
                              const mq_beside_t *entry);

/** End all that the browser keeps beside, and a log-in that waits for its code: it changes hands.
 * Each is recorded as a log-out, in its own organisation. */
apr_status_t mq_beside_end(mq_request_t *rq);

#endif

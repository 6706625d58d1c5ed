/* beside.h -- the sessions that this browser keeps beside the one it acts with, for people who work
 * in several organisations. Each was begun with its own log-in; another one goes on only by a form
 * of the present one (switch_pages.c), and one page is never made of two.
 *
 * No organisation learns of another: a cookie of the browser alone says what there is, nothing of
 * it is stored or recorded, and what it names is looked up only when its person goes there. */
#ifndef MQ_WEB_BESIDE_H
#define MQ_WEB_BESIDE_H

#include "web/request.h"

enum {
    MQ_BESIDE_MOST = 3 /* a further one ends the one that was left longest ago */
};

/** What the browser says that it keeps; it may be over. */
typedef struct mq_beside_t {
    const char *cookie;       /* the session's, a secret */
    const char *id;           /* to name it in a form */
    const char *organisation; /* its name when it was left */
} mq_beside_t;

/** @return whether the browser says that it keeps any */
int mq_beside_is_there(const mq_request_t *rq);

/** @return of mq_beside_t, the one that was left last first; nothing is looked up */
apr_array_header_t *mq_beside_list(const mq_request_t *rq);

/** Begin a session for the person of the scope where the browser may change hands: the sessions
 * that were there are over, and the next log-in here begins with this organisation. */
apr_status_t mq_beside_hand_over(mq_request_t *rq, const mq_scope_t *sc);

/**
 * Begin a session for the person of the scope, who was told that the present one stays beside it:
 * it does, unless it is of the same organisation. Without a present one, as mq_beside_hand_over.
 */
apr_status_t mq_beside_log_in(mq_request_t *rq, const mq_scope_t *sc);

/**
 * Go on with one that the browser keeps; the present one stays beside it.
 * @param session_out whose it is
 * @param entry       of mq_beside_list
 * @return MQ_ENOTFOUND it is over, and no longer kept; the present one goes on
 */
apr_status_t mq_beside_switch(mq_session_t **session_out, mq_request_t *rq,
                              const mq_beside_t *entry);

/** End all that the browser keeps beside: it changes hands. Each is recorded as a log-out, in its
 * own organisation. */
apr_status_t mq_beside_end(mq_request_t *rq);

#endif

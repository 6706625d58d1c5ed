/* sessions.h -- from a cookie to a scope: sessions begin, are found at every request, go on under
 * another token and end. Scopes are made by scope_minting.h; who may go on with what was begun,
 * standing.h asks. */
#ifndef MQ_DOMAIN_SESSIONS_H
#define MQ_DOMAIN_SESSIONS_H

#include "domain/core.h"

enum {
    MQ_SESSION_ITEMS = 100,   /* shown */
    MQ_SESSIONS_MOST = 50,    /* of a person: a further one ends the one seen longest ago */
    MQ_TOKEN_LENGTH = 32,     /* random bytes of a session's token */
    MQ_TOKEN_TEXT_LENGTH = 43 /* in base64url, as the cookie carries it */
};

/** A session as the browser's request found it. */
typedef struct mq_session_t {
    const mq_scope_t *scope;              /* the person who is acting */
    unsigned char token[MQ_TOKEN_LENGTH]; /* the secret of the cookie */
    apr_interval_time_t idle_left;        /* until the idle limit, at the time of the request */
    int is_stale;                         /* the roles have changed: mq_session_renew */
} mq_session_t;

/**
 * Find the session that a cookie names and mint its scope.
 * @param session_out from the visit's pool
 * @param cookie      the cookie's value, or NULL
 * @return MQ_ENOTFOUND no such session, or it has ended, or the person is disabled; MQ_EDENIED the
 *         organisation is suspended, and the session has ended now; MQ_EFULL try again later
 */
apr_status_t mq_session_resolve(mq_session_t **session_out, const mq_visit_t *visit,
                                const char *cookie);

/**
 * Find it without its being seen: it comes to its idle limit as if nobody had asked.
 * @return as mq_session_resolve
 */
apr_status_t mq_session_look(mq_session_t **session_out, const mq_visit_t *visit,
                             const char *cookie);

/** @return whether a session is of the scope's organisation, whoever's it is */
int mq_session_is_of(const mq_session_t *session, const mq_scope_t *sc);

/** A place among the sessions that is kept for one that is to begin. */
typedef struct mq_session_seat_t {
    unsigned char token[MQ_TOKEN_LENGTH];
} mq_session_seat_t;

/**
 * Keep a place, for two minutes, before something is done that a session is to follow: an account
 * is made, a password is changed. Else it would be done, and nobody could tell its person.
 * @param sc of the organisation that it counts for; NULL: it is only being founded, or the session
 *           takes the place of one that ends
 * @return MQ_EFULL there is no room, or it is for others
 */
apr_status_t mq_session_seat_take(mq_session_seat_t *seat_out, const mq_visit_t *visit,
                                  const mq_scope_t *sc);

/** Give the place back: nothing came of it. */
void mq_session_seat_leave(const mq_session_seat_t *seat, const mq_visit_t *visit);

/**
 * Read what proves that a form is of the browser with this cookie, while the database cannot be
 * asked whose session it is, nor whether it may go on: for giving back what was typed, no more.
 * @param session_out its token alone is set; it has no scope
 * @return MQ_ENOTFOUND there is no such session
 */
apr_status_t mq_session_proof(mq_session_t *session_out, const mq_visit_t *visit,
                              const char *cookie);

/**
 * Begin a session for the person of the scope and give the cookie's value. A form that is sent
 * twice begins one, that of the later: the other may be over when this returns. (Not where sessions
 * are rows of the database: there are two then, and each comes to its idle limit.)
 * @param seat that was kept for it, and is used up; NULL: none
 * @return MQ_EFULL there is no room for another session, or, in a table that is nearly full, for
 *         none of an organisation that has more of them than all others together
 */
apr_status_t mq_session_begin(const char **cookie_out, const mq_visit_t *visit,
                              const mq_scope_t *sc, const mq_session_seat_t *seat);

/** One living session of a person, for the page that lists them. */
typedef struct mq_session_item_t {
    char name[2 * MQ_SESSION_NAME_LENGTH + 1]; /* its mq_session_name_t in hexadecimal */
    char agent[132];                           /* the User-Agent header of its log-in, cut */
    char address[48];
    apr_time_t began;
    apr_time_t seen; /* exact to a quarter of the idle limit */
    int is_this;
} mq_session_item_t;

/**
 * List the person's sessions, the one last seen first.
 * @param items_out of mq_session_item_t, at most MQ_SESSION_ITEMS, from the visit's pool
 */
apr_status_t mq_sessions_list(apr_array_header_t **items_out, const mq_visit_t *visit,
                              const mq_session_t *session);

/**
 * End one of the person's sessions, or all but this one; recorded.
 * @param name      of the session; NULL ends all others
 * @param ended_out how many
 * @return MQ_ENOTFOUND the person has no such session
 */
apr_status_t mq_sessions_end(int *ended_out, const mq_visit_t *visit, const mq_session_t *session,
                             const char *name);

/**
 * Go on under a new token, as at any change of privilege; the old one is worth nothing any more.
 * @param session_out the same session from the visit's pool
 * @return MQ_EFULL there is no room
 */
apr_status_t mq_session_renew(mq_session_t **session_out, const char **cookie_out,
                              const mq_visit_t *visit, const mq_session_t *session);

/** End this very session and record it. */
apr_status_t mq_session_end(const mq_visit_t *visit, const mq_session_t *session);

#endif

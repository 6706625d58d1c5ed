/* request.h -- one request and its answer, as the pages see them: no httpd here.
 * glue/httpd_request.c fills the first half and sends the second; a test can do the same. */
#ifndef MQ_WEB_REQUEST_H
#define MQ_WEB_REQUEST_H

#include <apr_tables.h>

#include "base/buffer.h"
#include "base/date.h"
#include "base/script.h"
#include "base/urlform.h"
#include "domain/core.h"
#include "domain/access/sessions.h"
#include "domain/policy.h"

typedef struct mq_request_t mq_request_t;
typedef struct mq_pages_t mq_pages_t;
typedef struct mq_routes_t mq_routes_t;

typedef enum { MQ_GET = 1, MQ_POST = 2, MQ_OTHER_METHOD = 4 } mq_method_t;

enum { MQ_CAPTURES = 2 };

/** Why a request was refused, as its person is told. */
typedef enum {
    MQ_REFUSAL_NONE,
    MQ_REFUSAL_ROLE,      /* the person's roles do not allow it */
    MQ_REFUSAL_TOKEN,     /* its form has no token of this session */
    MQ_REFUSAL_ANOTHER,   /* its page was shown to somebody else, for whom it is kept */
    MQ_REFUSAL_ELSEWHERE, /* another site sent it */
    MQ_REFUSAL_DISABLED,  /* the account was disabled since its page was shown */
    MQ_REFUSAL_CLOSED,    /* nobody may create an organisation here */
    MQ_REFUSAL_QUOTA      /* the organisation has no room left; with 409 */
} mq_refusal_t;

/** Who is told in Server-Timing how long a page took. */
typedef enum { MQ_TIMING_OFF, MQ_TIMING_SIGNED_IN, MQ_TIMING_ALL } mq_timing_t;

/** What the pages of one server share; constant after start-up. */
typedef struct mq_app_t {
    const mq_core_t *core;
    const mq_routes_t *routes;
    const mq_pages_t *pages;
    const struct mq_tab_t *tabs; /* of the routes; see pages.h */
    apr_size_t body_limit;       /* bytes that a POST may have */
    mq_timing_t timing;
    apr_size_t upload_limit;    /* bytes that a file may have */
    const char *upload_folder;  /* where uploads wait, as files without a name */
    const char *static_version; /* changes when a static file does: its URL never goes stale */
} mq_app_t;

/** Takes the next bytes of a body. */
typedef apr_status_t (*mq_body_piece_t)(void *context, const char *data, apr_size_t length);

/** What glue offers to the pages. */
typedef struct mq_request_hooks_t {
    /** @return a request header's value, several joined as httpd does, or NULL */
    const char *(*header)(const mq_request_t *rq, const char *name);
    /** Read the whole body. @return MQ_EINVALID malformed, or too slow; MQ_EFULL over the limit;
     * APR_EAGAIN it has not come yet, and too many wait already */
    apr_status_t (*body)(const char **data_out, apr_size_t *length_out, mq_request_t *rq,
                         apr_size_t limit);
    /** One line for the error log: never patients' data, never a secret.
     * @param tag of base/messages.c, which says how grave it is */
    void (*log)(const mq_request_t *rq, const char *tag, apr_status_t rv, const char *text);
    /** Read the body in pieces, as they arrive. @return as body; or what piece returned */
    apr_status_t (*body_pieces)(mq_request_t *rq, apr_size_t limit, mq_body_piece_t piece,
                                void *context);
    /** @return whether the database can be read and written now */
    int (*is_ready)(const mq_request_t *rq);
} mq_request_hooks_t;

/**
 * Write the next piece of an answer of unknown length. Holds no connection when it returns.
 * @param out      empty; emptied again after each call
 * @param done_out set to 1 with the last piece
 * @return a failure cuts the answer off, so that nobody takes it for complete
 */
typedef apr_status_t (*mq_stream_t)(mq_buffer_t *out, int *done_out, void *context);

struct mq_request_t {
    /* filled by glue */
    const mq_app_t *app;
    const mq_request_hooks_t *hooks;
    void *glue;
    apr_pool_t *pool;
    mq_method_t method;
    const char *method_name;
    const char *path;
    const char *query;   /* without '?', or NULL */
    const char *id;      /* the request's unique id, for the log and the error page */
    const char *address; /* of the client */
    int secure;          /* over TLS */
    const char
        *maintenance; /* what the administrator says of it, perhaps ""; NULL: there is none */
    apr_time_t now;

    /* filled by dispatch */
    const struct mq_face_t *face;   /* how it is spoken with; see face.h */
    const struct mq_route_t *route; /* see routes.h; NULL: there is none */
    const char *captures[MQ_CAPTURES];
    mq_visit_t visit;
    const mq_session_t *session;            /* NULL: nobody is signed in */
    const apr_array_header_t *query_fields; /* of mq_form_field_t */
    const apr_array_header_t *form;         /* likewise, of a POST */
    int language;                           /* of pages.h */
    mq_script_t script;                     /* of the language; digits as they are chosen */
    mq_date_style_t dates;                  /* how they are written; see dates.h */
    mq_zone_t *zone;                        /* of the organisation; NULL: UTC */
    apr_interval_time_t rendering;          /* how long the page was rendered */
    const char *returned; /* why a form that had no effect is shown again, or NULL */
    mq_refusal_t refusal; /* why a request is answered 403 */
    mq_action_t needs;    /* what it would have needed a role for, beside the route's action */
    const char *review;   /* the id of a parked form that is shown again, or NULL */
    struct mq_form_use_t *once; /* the form that was sent, where it has one effect; see once.h */
    const char *begun;          /* the cookie of a session that this answer begins, or NULL */
    const char *renewed;        /* the cookie that the session had until this request, or NULL */
    const char *repeated;    /* what it has made already, while it is shown as a new one; or NULL */
    int returns_typed;       /* nobody is signed in, but what was typed belongs on the error page */
    mq_session_seat_t *seat; /* kept for mq_request_sign_in; dispatch gives it back */
    const char *pre_session; /* cookie that ties a form to a browser before log-in, or NULL */
    int has_calls;           /* the next are counted with what the request reads */
    apr_int64_t calls_came;  /* referrals; see mq_referrals_calling */
    apr_int64_t calls_sent;  /* likewise */
    const unsigned char *nonce; /* see mq_request_nonce; NULL: not yet asked for */

    /* the answer */
    int status;
    apr_table_t *headers; /* sent whatever the status is */
    const char *content_type;
    mq_buffer_t *body;
    mq_stream_t stream; /* instead of body: called for each piece while the answer is sent */
    void *stream_context;
};

/** A page's handler, for people who are signed in. @param sc theirs, never NULL
 * @return APR_SUCCESS when the answer is complete; else dispatch shows the error page that fits the
 * code: MQ_EINVALID 400, MQ_EDENIED 403, MQ_ENOTFOUND 404, MQ_ECONFLICT 409, MQ_EFULL 503, anything
 * else 500 */
typedef apr_status_t (*mq_handler_t)(mq_request_t *rq, const mq_scope_t *sc);

/** The same for a page that is open to all, so it has no scope to reach an organisation's data
 * with; rq->session says whether somebody is signed in. */
typedef apr_status_t (*mq_open_handler_t)(mq_request_t *rq);

/** The record that the path's first {id} names. @return MQ_ENOTFOUND when it is no id at all */
apr_status_t mq_request_record(mq_id_t *id_out, const mq_request_t *rq);

/** The record, and something of it that the path's second {…} names. @return as mq_request_record
 */
apr_status_t mq_request_item(mq_id_t *record_out, mq_id_t *item_out, const mq_request_t *rq);

/**
 * Bytes that no other request has and that nobody guesses without the server's key. Nothing is
 * lost by showing them: they make a page and its forms different from all others.
 * @param nonce_out MQ_SHA256_LENGTH bytes from the request's pool, the same at each call
 */
apr_status_t mq_request_nonce(const unsigned char **nonce_out, mq_request_t *rq);

/** @return a parameter of the query, or NULL. Twice is refused by dispatch. */
const char *mq_request_query(const mq_request_t *rq, const char *name);

/** A whole number from 1: digits alone, and not more than fit.
 * @param text may be NULL
 * @return 0 when it is none */
apr_int64_t mq_request_number_of(const char *text);

/**
 * The number in a parameter of the query: a place in a list, or how much of it to show.
 * @param number_out 0 when it is not there
 * @return MQ_EINVALID it is there, and no whole number from 1
 */
apr_status_t mq_request_number(apr_int64_t *number_out, const mq_request_t *rq, const char *name);

/** @return the version of a record that a form was made from, 0 when it carries none */
apr_int64_t mq_request_version(const mq_request_t *rq);

/** @return whether a path, which may be NULL, lies in this host, so that a browser can be sent
 * there */
int mq_path_is_ours(const char *path);

/** Answer 303 to a path of ours. */
apr_status_t mq_request_redirect(mq_request_t *rq, const char *path);

/** Set a cookie of ours for this browser session: HttpOnly, SameSite=Lax, Secure over TLS with the
 * __Host- prefix. An empty value removes it. */
apr_status_t mq_request_cookie_set(mq_request_t *rq, const char *name, const char *value);

/** @return the value of one of our cookies, or NULL when it is missing or there twice */
const char *mq_request_cookie(const mq_request_t *rq, const char *name);

/** @return all that came under the name of one, '~' between them, or NULL: for what is to end,
 * which nobody saves by planting a second one */
const char *mq_request_cookie_all(const mq_request_t *rq, const char *name);

/** @return whether this is a HEAD of somebody who is signed in. It leaves no event, so its answer
 * tells nothing that a page would show: not how long that is, nor how long it took. */
int mq_request_tells_nothing(const mq_request_t *rq);

/** Keep a place for the session that mq_request_sign_in begins, before what is done first cannot be
 * undone. @param sc of the organisation, or NULL. @return MQ_EFULL there is none */
apr_status_t mq_request_seat(mq_request_t *rq, const mq_scope_t *sc);

/** Remember this browser as signed in with a fresh session for the person of the scope. Their
 * former one is the caller's affair. */
apr_status_t mq_request_sign_in(mq_request_t *rq, const mq_scope_t *sc);

/** The next log-in here begins with the scope's organisation. */
apr_status_t mq_request_remember(mq_request_t *rq, const mq_scope_t *sc);

/** @return the organisation that this browser was logged in to last, as its cookie says: any text;
 * or NULL */
const char *mq_request_organisation(const mq_request_t *rq);

/** The session's cookie, the one that ties forms to a browser before log-in, and the one of who has
 * shown the password and not yet the code; all get the prefix __Host- over TLS. */
#define MQ_COOKIE_NAME "medsynq"
#define MQ_COOKIE_FORM_NAME "medsynq_form"
#define MQ_COOKIE_STEP_NAME "medsynq_step"

#endif

/* face_html.c -- a browser: who it is says a cookie; what it sends is a form with a token; what it
 * gets is a page. A form whose session has ended waits until its person has logged in again; one
 * that is refused or fails comes back. */
#include "web/face_html.h"

#include <apr_strings.h>
#include <string.h>

#include "base/escape.h"
#include "domain/sharing/referral_lists.h"
#include "web/access/parking_pages.h"
#include "web/csrf.h"
#include "web/error_pages.h"
#include "web/multipart_form.h"
#include "web/refusals.h"
#include "web/returned_forms.h"
#include "web/room.h"
#include "web/routes.h"

static const char form_type[] = "application/x-www-form-urlencoded";

/* A cookie that names no session is as good as none; only a failure of ours is told. */
static apr_status_t session_resolve(mq_request_t *rq)
{
    const char *cookie = mq_request_cookie(rq, MQ_COOKIE_NAME);
    mq_session_t *session = NULL;
    apr_status_t rv;
    rq->pre_session = mq_request_cookie(rq, MQ_COOKIE_FORM_NAME);
    if (!cookie) {
        return APR_SUCCESS;
    }
    rv = mq_session_resolve(&session, &rq->visit, cookie);
    rq->session = session;
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

/* The person's roles have changed: a new token. Not at a POST, whose form has the old one's. */
static apr_status_t renew_session(mq_request_t *rq)
{
    const char *cookie;
    mq_session_t *session;
    apr_status_t rv;
    if (!rq->route || rq->method != MQ_GET || !rq->session || !rq->session->is_stale) {
        return APR_SUCCESS;
    }
    rv = mq_session_renew(&session, &cookie, &rq->visit, rq->session);
    if (rv == MQ_ENOTFOUND) { /* another tab was there first, or has logged out */
        rq->session = NULL;
        return APR_SUCCESS;
    }
    MQ_TRY(rv);
    rq->session = session;
    rq->renewed = mq_request_cookie(rq, MQ_COOKIE_NAME);
    return mq_request_cookie_set(rq, MQ_COOKIE_NAME, cookie);
}

static apr_status_t html_who(mq_request_t *rq)
{
    MQ_TRY(session_resolve(rq));
    MQ_TRY(renew_session(rq));
    if (rq->session && rq->route && !rq->route->open && rq->method == MQ_GET) {
        mq_referrals_calling(&rq->calls_came, &rq->calls_sent, rq->session->scope);
        rq->has_calls = 1;
    }
    return APR_SUCCESS;
}

static int is_form(const char *type)
{
    apr_size_t length = sizeof form_type - 1;
    return type && strncasecmp(type, form_type, length) == 0 &&
           (type[length] == 0 || type[length] == ';' || type[length] == ' ');
}

static int is_multipart(const mq_request_t *rq)
{
    const char *type = rq->hooks->header(rq, "Content-Type");
    return type && strncasecmp(type, "multipart/form-data", 19) == 0;
}

enum {
    BEFORE_LOG_IN = 16 * 1024, /* anybody may send forms before log-in; none of them needs more */
    GIVEN_BACK = 4             /* times the limit: so much is read to come back with 413 */
};

static apr_size_t body_most(const mq_request_t *rq)
{
    apr_size_t most = rq->app->body_limit;
    return rq->route->open && most > BEFORE_LOG_IN ? BEFORE_LOG_IN : most;
}

static int body_problem(apr_status_t rv)
{
    return rv == APR_SUCCESS ? 0 : rv == MQ_EFULL ? 413 : rv == APR_EAGAIN ? 503 : 400;
}

static apr_status_t fields_parse(mq_request_t *rq, const char *data, apr_size_t length)
{
    return mq_form_parse(&rq->form, NULL, data, length, MQ_FORM_FIELDS_DEFAULT, rq->pool);
}

/* Read and parse the body; too long a one, and one of another type, only to be given back.
 * @return an HTTP status, 0 for all well */
static int read_body(mq_request_t *rq)
{
    const char *type = rq->hooks->header(rq, "Content-Type");
    const apr_size_t most = body_most(rq);
    const char *data;
    apr_size_t length;
    int problem = body_problem(
        rq->hooks->body(&data, &length, rq, rq->route->open ? most : most * GIVEN_BACK));
    if (problem) {
        return is_form(type) ? problem : 415;
    }
    if (!is_form(type)) {
        if (is_multipart(rq) ? mq_multipart_form(&rq->form, type, data, length, rq->pool)
                             : fields_parse(rq, data, length)) {
            rq->form = NULL;
        }
        return 415;
    }
    if (fields_parse(rq, data, length) != APR_SUCCESS ||
        mq_form_repeats(rq->form, rq->route->repeats)) {
        return 400;
    }
    return length > most ? 413 : 0;
}

/* A page of ours is where the person wanted to go, with what was searched for; anything longer or
 * stranger is the dashboard. */
static apr_status_t ask_to_sign_in(mq_request_t *rq)
{
    const char *next = rq->method != MQ_GET ? "/dashboard"
                       : rq->query          ? apr_pstrcat(rq->pool, rq->path, "?", rq->query, NULL)
                                            : rq->path;
    mq_buffer_t *location = mq_buffer_make(rq->pool, 128);
    mq_buffer_text(location, "/login?next=");
    mq_escape_url_query(location, next);
    mq_buffer_add(location, "", 1);
    return mq_request_redirect(rq, location->data);
}

typedef struct strangers_body_t {
    mq_request_t *rq;
    mq_buffer_t *body;
    int is_known;
} strangers_body_t;

/* The token stands first in every form of ours: whoever has none sends no more than any stranger.
 */
static apr_status_t strangers_piece(void *context, const char *data, apr_size_t length)
{
    strangers_body_t *stranger = context;
    mq_buffer_add(stranger->body, data, length);
    if (!stranger->is_known && stranger->body->length > BEFORE_LOG_IN) {
        const char *sent = mq_buffer_string(stranger->body);
        mq_page_mark_t mark;
        MQ_TRY(fields_parse(stranger->rq, sent, strcspn(sent, "&")));
        stranger->is_known = mq_csrf_mark(&mark, stranger->rq) == APR_SUCCESS;
        return stranger->is_known ? APR_SUCCESS : MQ_EFULL;
    }
    return APR_SUCCESS;
}

/* @return an HTTP status, 0 for all well */
static int strangers_body_read(mq_request_t *rq)
{
    strangers_body_t stranger = {.rq = rq, .body = mq_buffer_make(rq->pool, 1024)};
    apr_status_t rv;
    if (!is_form(rq->hooks->header(rq, "Content-Type"))) {
        return 415;
    }
    rv = rq->hooks->body_pieces(rq, rq->app->body_limit, strangers_piece, &stranger);
    if (rv == APR_SUCCESS) {
        rv = fields_parse(rq, mq_buffer_string(stranger.body), stranger.body->length);
    }
    return body_problem(rv);
}

/* What somebody may no longer save is theirs to copy, in this very answer. */
static apr_status_t dismissed_answer(mq_request_t *rq, apr_status_t rv)
{
    rq->returns_typed = 1;
    rq->refusal = MQ_REFUSAL_DISABLED;
    return rv == MQ_EDENIED ? mq_error_suspended(rq) : mq_error_show(rq, 403);
}

/* Nobody is signed in, in whatever way that came about. The form waits for the person to whom its
 * page was shown: that says its mark, or any site could fill the parking. */
static apr_status_t typed_keep(mq_request_t *rq)
{
    const mq_scope_t *sc;
    mq_page_mark_t mark;
    apr_status_t rv;
    int kept;
    if (mq_csrf_is_foreign(rq) || mq_csrf_mark(&mark, rq) != APR_SUCCESS || !mq_parking_takes(rq)) {
        return ask_to_sign_in(rq);
    }
    rv = mq_page_mark_person(&sc, &rq->visit, &mark);
    if ((rv == MQ_ENOTFOUND && mq_page_mark_has_person(&mark)) || rv == MQ_EDENIED) {
        return dismissed_answer(rq, rv);
    }
    if (rv == MQ_ENOTFOUND) {
        return ask_to_sign_in(rq);
    }
    MQ_TRY(rv);
    rv = mq_parking_take(&kept, rq, sc);
    if (rv == MQ_EFULL) { /* given back to the one who sent it, in this very answer */
        rq->returns_typed = 1;
        return mq_error_show(rq, 503);
    }
    MQ_TRY(rv);
    return mq_request_redirect(rq, kept ? "/login?next=/parked" : "/login?next=/dashboard");
}

static apr_status_t html_ask_who(mq_request_t *rq)
{
    int problem;
    if (rq->method != MQ_POST) {
        return ask_to_sign_in(rq);
    }
    if (is_multipart(rq)) {
        return mq_request_redirect(
            rq, rq->route->reads_upload
                    ? apr_pstrcat(rq->pool, "/login?file=again&next=", rq->path, NULL)
                    : "/login?next=/dashboard");
    }
    problem = rq->form ? 0 : strangers_body_read(rq);
    return problem ? ask_to_sign_in(rq) : typed_keep(rq);
}

static apr_status_t html_ask_second_factor(mq_request_t *rq)
{
    return mq_request_redirect(rq, "/account/two-factor");
}

/* A page of somebody else, who was signed in here before: what they typed waits for them. */
static void anothers_keep(mq_request_t *rq, const mq_page_mark_t *mark)
{
    const mq_scope_t *sc;
    int kept;
    apr_status_t rv = mq_page_mark_person(&sc, &rq->visit, mark);
    rq->refusal = MQ_REFUSAL_ANOTHER;
    if (rv == APR_SUCCESS) {
        rv = mq_parking_take(&kept, rq, sc);
        mq_db_give_back(sc);
    }
    if (rv != APR_SUCCESS && rv != MQ_ENOTFOUND && rv != MQ_EDENIED && rv != MQ_EFULL) {
        rq->hooks->log(rq, "MSQ0056", rv, "a form of somebody else's could not be kept for them");
    }
    rq->form = NULL;
}

static void token_refuse(mq_request_t *rq)
{
    mq_page_mark_t mark;
    mq_refusal_record(rq, "csrf");
    rq->refusal =
        rq->route->open || mq_policy_allows(rq->route->action, mq_scope_roles(rq->session->scope))
            ? MQ_REFUSAL_TOKEN
            : MQ_REFUSAL_ROLE; /* sending it again would not help */
    if (mq_csrf_is_foreign(rq)) {
        rq->refusal = MQ_REFUSAL_ELSEWHERE;
        rq->form = NULL;
    } else if (rq->session && mq_csrf_mark(&mark, rq) == APR_SUCCESS &&
               mq_page_mark_has_person(&mark) && !mq_page_mark_is_of(&mark, rq->session->scope)) {
        anothers_keep(rq, &mark);
    }
}

/* An upload is read by its handler, and its token with it. */
static int html_read(mq_request_t *rq)
{
    int problem;
    if (rq->route->reads_upload && is_multipart(rq)) {
        return 0;
    }
    problem = read_body(rq);
    if (!problem && mq_csrf_check(rq) != APR_SUCCESS) {
        token_refuse(rq);
        problem = 403;
    }
    return problem;
}

/* A form that could not be looked at yet: whose it is tells its token, without the database. */
static void form_take_back(mq_request_t *rq)
{
    mq_session_t session = {.scope = NULL};
    const char *cookie = mq_request_cookie(rq, MQ_COOKIE_NAME);
    if (rq->method != MQ_POST || !rq->route || rq->route->open || rq->form || !cookie ||
        mq_session_proof(&session, &rq->visit, cookie) != APR_SUCCESS || read_body(rq)) {
        return;
    }
    rq->session = &session; /* for its token alone */
    rq->returns_typed = mq_csrf_check(rq) == APR_SUCCESS;
    rq->session = NULL;
}

static apr_status_t html_outage(mq_request_t *rq, mq_trouble_t trouble)
{
    apr_status_t rv = MQ_ENOTFOUND;
    if (trouble < MQ_TROUBLE_BARRED) {
        rv = mq_form_return(rq, 503,
                            mq_say(rq, "Nothing can be saved for now. Nothing is lost: send "
                                       "it again in a few minutes."));
    }
    if (rv != MQ_ENOTFOUND) {
        return rv;
    }
    form_take_back(rq);
    return mq_error_outage(rq, trouble < MQ_TROUBLE_BARRED);
}

static apr_status_t html_maintenance(mq_request_t *rq)
{
    form_take_back(rq);
    return mq_error_maintenance(rq);
}

/* What was typed comes back rather than an error's page, where it can. */
static apr_status_t html_error(mq_request_t *rq, int status)
{
    apr_status_t rv = MQ_ENOTFOUND;
    if (status != 403 || rq->refusal == MQ_REFUSAL_TOKEN) {
        rv = mq_form_return(rq, status,
                            rq->refusal == MQ_REFUSAL_QUOTA ? mq_room_refusal(rq) : NULL);
    }
    return rv == MQ_ENOTFOUND ? mq_error_show(rq, status) : rv;
}

static const mq_page_t *const html_pages[] = {&mq_error_page, &mq_returned_page, NULL};

const mq_face_t mq_face_html = {.pages = html_pages,
                                .who = html_who,
                                .ask_who = html_ask_who,
                                .ask_second_factor = html_ask_second_factor,
                                .read = html_read,
                                .answered = mq_parking_settle,
                                .error = html_error,
                                .suspended = mq_error_suspended,
                                .outage = html_outage,
                                .maintenance = html_maintenance};

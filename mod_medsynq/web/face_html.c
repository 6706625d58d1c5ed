/* face_html.c -- a browser: who it is says a cookie; what it sends is a form with a token; what it
 * gets is a page. A form whose session has expired waits until its person has logged in again. */
#include "web/face_html.h"

#include <apr_strings.h>
#include <string.h>

#include "base/escape.h"
#include "web/access/parking_pages.h"
#include "web/csrf.h"
#include "web/error_pages.h"
#include "web/refusals.h"
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
    if (!rq->route || rq->method != MQ_GET || !rq->session || !rq->session->is_stale) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_session_renew(&session, &cookie, &rq->visit, rq->session));
    rq->session = session;
    return mq_request_cookie_set(rq, MQ_COOKIE_NAME, cookie);
}

static apr_status_t html_who(mq_request_t *rq)
{
    MQ_TRY(session_resolve(rq));
    return renew_session(rq);
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

/* Anybody may send forms before log-in; none of them needs more. */
static apr_size_t body_most(const mq_request_t *rq)
{
    enum { BEFORE_LOG_IN = 16 * 1024 };
    apr_size_t most = rq->app->body_limit;
    return rq->route->open && most > BEFORE_LOG_IN ? BEFORE_LOG_IN : most;
}

/* Read and parse the body. @return an HTTP status, 0 for all well */
static int read_body(mq_request_t *rq)
{
    const char *data;
    apr_size_t length;
    apr_status_t rv;
    if (!is_form(rq->hooks->header(rq, "Content-Type"))) {
        return 415;
    }
    rv = rq->hooks->body(&data, &length, rq, body_most(rq));
    if (rv != APR_SUCCESS) {
        return rv == MQ_EFULL ? 413 : rv == APR_EAGAIN ? 503 : 400;
    }
    rv = mq_form_parse(&rq->form, NULL, data, length, MQ_FORM_FIELDS_DEFAULT, rq->pool);
    return rv == APR_SUCCESS && !mq_form_repeats(rq->form, rq->route->repeats) ? 0 : 400;
}

/* A page of ours is where the person wanted to go; anything longer or stranger is the dashboard. */
static apr_status_t ask_to_sign_in(mq_request_t *rq)
{
    const char *next = rq->method == MQ_GET ? rq->path : "/dashboard";
    mq_buffer_t *location = mq_buffer_make(rq->pool, 128);
    mq_buffer_text(location, "/login?next=");
    mq_escape_url_query(location, next);
    mq_buffer_add(location, "", 1);
    return mq_request_redirect(rq, location->data);
}

/* Nobody is signed in. What an expired session's own form brings is kept for its person; the token
 * must be right, or any site could fill the parking. */
static apr_status_t html_ask_who(mq_request_t *rq)
{
    mq_session_t *expired;
    int problem;
    apr_status_t rv;
    if (rq->method != MQ_POST ||
        mq_session_expired(&expired, &rq->visit, mq_request_cookie(rq, MQ_COOKIE_NAME)) !=
            APR_SUCCESS) {
        return ask_to_sign_in(rq);
    }
    mq_db_give_back(expired->scope);
    if (is_multipart(rq)) {
        return mq_request_redirect(
            rq, rq->route->reads_upload
                    ? apr_pstrcat(rq->pool, "/login?file=again&next=", rq->path, NULL)
                    : "/login?next=/dashboard");
    }
    problem = read_body(rq);
    if (problem) {
        return mq_error_show(rq, problem);
    }
    rq->session = expired; /* for its token alone */
    rv = mq_csrf_check(rq);
    rq->session = NULL;
    return rv == APR_SUCCESS ? mq_parking_take(rq, expired->scope) : ask_to_sign_in(rq);
}

static apr_status_t html_ask_second_factor(mq_request_t *rq)
{
    return mq_request_redirect(rq, "/account/two-factor");
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
        mq_refusal_record(rq, "csrf");
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
    form_take_back(rq);
    return mq_error_outage(rq, trouble < MQ_TROUBLE_BARRED);
}

const mq_face_t mq_face_html = {.page = &mq_error_page,
                                .who = html_who,
                                .ask_who = html_ask_who,
                                .ask_second_factor = html_ask_second_factor,
                                .read = html_read,
                                .answered = mq_parking_settle,
                                .error = mq_error_show,
                                .suspended = mq_error_suspended,
                                .outage = html_outage};

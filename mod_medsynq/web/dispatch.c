/* dispatch.c -- the one way that every request takes. */
#include "web/dispatch.h"

#include <apr_strings.h>
#include <string.h>

#include "base/escape.h"
#include "web/csrf.h"
#include "web/error_pages.h"
#include "web/access/parking_pages.h"
#include "web/refusals.h"
#include "web/routes.h"

static const char form_type[] = "application/x-www-form-urlencoded";

/* Paths below these belong to us even where no route fits: the 404 is ours. */
static const char *const owned[] = {
    "/register-tenant", "/login",        "/logout",         "/dashboard", "/patients",
    "/users",           "/invitations",  "/password-reset", "/account",   "/audit",
    "/parked",          "/organisation", "/healthz",        "/readyz",    "/public"};

int mq_dispatch_owns(const char *path)
{
    if (strcmp(path, "/") == 0) {
        return 1;
    }
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
        apr_size_t length = strlen(owned[i]);
        if (strncmp(path, owned[i], length) == 0 && (path[length] == 0 || path[length] == '/')) {
            return 1;
        }
    }
    return 0;
}

static void set_allow(mq_request_t *rq, int methods)
{
    apr_table_setn(rq->headers, "Allow",
                   methods == MQ_GET    ? "GET, HEAD, OPTIONS"
                   : methods == MQ_POST ? "POST, OPTIONS"
                                        : "GET, HEAD, POST, OPTIONS");
}

static void set_headers(mq_request_t *rq)
{
    static const char *const headers[][2] = {
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
         "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
        {"Cache-Control", "no-store"},
        {"Vary", "Cookie, Accept-Language"}};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        apr_table_setn(rq->headers, headers[i][0], headers[i][1]);
    }
    if (rq->secure) {
        apr_table_setn(rq->headers, "Strict-Transport-Security", "max-age=31536000");
    }
}

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

/* What the person and the organisation have chosen comes before what the browser asks for. */
static apr_status_t find_session(mq_request_t *rq)
{
    const mq_pages_t *pages = rq->app->pages;
    apr_status_t rv = session_resolve(rq);
    if (rq->session) {
        const mq_manners_t *manners = mq_scope_manners(rq->session->scope);
        const char *tag = manners->language;
        int language = tag ? mq_pages_language_of(pages, tag, strlen(tag)) : -1;
        rq->language = language >= 0 ? language : rq->language;
        rq->dates.format = manners->date_format;
        rq->zone = manners->zone;
    }
    rq->dates.months = mq_pages_months(pages, rq->language);
    return rv;
}

/* The person's roles have changed: a new token. Not at a POST, whose form has the old one's. */
static apr_status_t renew_session(mq_request_t *rq)
{
    const char *cookie;
    mq_session_t *session;
    if (rq->method != MQ_GET || !rq->session || !rq->session->is_stale) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_session_renew(&session, &cookie, &rq->visit, rq->session));
    rq->session = session;
    return mq_request_cookie_set(rq, MQ_COOKIE_NAME, cookie);
}

/* @param but the one that may be there several times, or NULL */
static int has_twice(const apr_array_header_t *fields, const char *but)
{
    for (int i = 0; i < fields->nelts; i++) {
        const char *name = APR_ARRAY_IDX(fields, i, mq_form_field_t).name;
        int twice = 0;
        (void)mq_form_get(fields, name, &twice);
        if (twice && (!but || strcmp(name, but) != 0)) {
            return 1;
        }
    }
    return 0;
}

static apr_status_t read_query(mq_request_t *rq)
{
    const char *query = rq->query ? rq->query : "";
    MQ_TRY(mq_form_parse(&rq->query_fields, NULL, query, strlen(query), MQ_FORM_FIELDS_DEFAULT,
                         rq->pool));
    return has_twice(rq->query_fields, NULL) ? MQ_EINVALID : APR_SUCCESS;
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
        return rv == MQ_EFULL ? 413 : 400;
    }
    rv = mq_form_parse(&rq->form, NULL, data, length, MQ_FORM_FIELDS_DEFAULT, rq->pool);
    return rv == APR_SUCCESS && !has_twice(rq->form, rq->route->repeats) ? 0 : 400;
}

static int is_signed_out(const mq_request_t *rq)
{
    return !rq->route->open && !rq->session;
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
static apr_status_t sign_in_first(mq_request_t *rq)
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

/* The organisation requires a second factor by now: nothing else comes before it. */
static int owes_second_factor(const mq_request_t *rq)
{
    return !rq->route->open && mq_scope_owes_second_factor(rq->session->scope) &&
           rq->route->action != MQ_ACTION_TWO_FACTOR_VIEW &&
           rq->route->action != MQ_ACTION_TWO_FACTOR_ON && rq->route->action != MQ_ACTION_SIGN_OUT;
}

/* Everything before the handler. @return an HTTP status to show, 0 to go on */
static int admit(mq_request_t *rq)
{
    int is_upload = rq->method == MQ_POST && rq->route->reads_upload && is_multipart(rq);
    int problem = rq->method == MQ_POST && !is_upload ? read_body(rq) : 0;
    if (problem) {
        return problem;
    }
    if (rq->method == MQ_POST && !is_upload && mq_csrf_check(rq) != APR_SUCCESS) {
        mq_refusal_record(rq, "csrf");
        return 403;
    }
    if (!rq->route->open &&
        !mq_policy_allows(rq->route->action, mq_scope_roles(rq->session->scope))) {
        mq_refusal_record(rq, mq_policy(rq->route->action)->name);
        return 403;
    }
    return 0;
}

static void log_failure(mq_request_t *rq, apr_status_t rv)
{
    const char *failed = mq_db_failed(rq->pool);
    rq->hooks->log(rq, rv,
                   apr_psprintf(rq->pool, "%s %s: %s", rq->method == MQ_POST ? "POST" : "GET",
                                rq->route ? rq->route->pattern : "-",
                                failed ? failed : "no statement failed"));
}

static apr_status_t answer(mq_request_t *rq)
{
    int methods;
    int problem;
    apr_status_t rv;
    rq->route = mq_route_find(&methods, rq->captures, rq->path, rq->method, rq->pool);
    if (rq->method == MQ_OTHER_METHOD || !rq->route) {
        if (methods != 0) {
            set_allow(rq, methods);
        }
        if (methods != 0 && strcmp(rq->method_name, "OPTIONS") == 0) {
            rq->status = 204;
            return APR_SUCCESS;
        }
        rv = find_session(rq);
        if (rv == MQ_EDENIED) {
            return mq_error_suspended(rq);
        }
        MQ_TRY(rv);
        return mq_error_show(rq, methods == 0 ? 404 : 405);
    }
    rv = find_session(rq);
    if (rv == MQ_EDENIED) {
        return mq_error_suspended(rq);
    }
    MQ_TRY(rv);
    MQ_TRY(renew_session(rq));
    MQ_TRY(read_query(rq));
    if (is_signed_out(rq)) {
        return sign_in_first(rq);
    }
    if (owes_second_factor(rq)) {
        return mq_request_redirect(rq, "/account/two-factor");
    }
    problem = admit(rq);
    if (problem) {
        return mq_error_show(rq, problem);
    }
    MQ_TRY(rq->route->open ? rq->route->open(rq) : rq->route->handler(rq, rq->session->scope));
    mq_parking_settle(rq);
    return APR_SUCCESS;
}

static void timing_add(mq_buffer_t *text, const char *label, apr_interval_time_t took)
{
    apr_interval_time_t t = took > 0 ? took : 0; /* clocks are set back at times */
    const char fraction[] = {'.', (char)('0' + t / 100 % 10), (char)('0' + t / 10 % 10),
                             (char)('0' + t % 10)};
    mq_buffer_text(text, label);
    mq_buffer_int(text, t / 1000);
    mq_buffer_add(text, fraction, sizeof fraction);
}

/* Not with a 404: whatever the reason for it is, it looks the same to the byte. */
static void set_timing(mq_request_t *rq)
{
    mq_buffer_t *text;
    if (rq->app->timing < (rq->session ? MQ_TIMING_SIGNED_IN : MQ_TIMING_ALL) ||
        rq->status == 404) {
        return;
    }
    text = mq_buffer_make(rq->pool, 96);
    timing_add(text, "db;dur=", rq->session ? mq_db_lent(rq->session->scope) : 0);
    timing_add(text, ", render;dur=", rq->rendering);
    timing_add(text, ", total;dur=", apr_time_now() - rq->now);
    apr_table_setn(rq->headers, "Server-Timing", mq_buffer_string(text));
}

static void begin(mq_request_t *rq)
{
    rq->visit = (mq_visit_t){.core = rq->app->core,
                             .pool = rq->pool,
                             .address = rq->address,
                             .agent = rq->hooks->header(rq, "User-Agent"),
                             .now = rq->now,
                             .shows_nothing = strcmp(rq->method_name, "HEAD") == 0};
    if (!rq->visit.agent) {
        rq->visit.agent = "";
    }
    set_headers(rq);
    rq->language = mq_pages_language(rq->app->pages, rq->hooks->header(rq, "Accept-Language"));
}

/* @param rv of the error page, if one was needed */
static void finish(mq_request_t *rq, apr_status_t rv)
{
    if (rv != APR_SUCCESS) { /* not even the error page: no random bytes, no memory */
        rq->status = 500;
        rq->content_type = "text/plain; charset=utf-8";
        rq->body = mq_buffer_make(rq->pool, 64);
        mq_buffer_text(rq->body, "Something went wrong. Try again later.\n");
    }
    if (rq->session) {
        mq_db_give_back(rq->session->scope);
    }
    set_timing(rq);
}

void mq_dispatch(mq_request_t *rq)
{
    apr_status_t rv;
    begin(rq);
    rv = answer(rq);
    if (rv != APR_SUCCESS) {
        int status = mq_error_status(rv);
        if (status >= 500) {
            log_failure(rq, rv);
        }
        rv = mq_error_show(rq, status);
    }
    finish(rq, rv);
}

/* A lost person keeps the way back. Whatever else httpd refuses may not be a sound request, or not
 * the time to ask the database who it is. */
void mq_dispatch_error(mq_request_t *rq, int status)
{
    begin(rq);
    if (status == 404 && find_session(rq) != APR_SUCCESS) {
        rq->session = NULL;
    }
    finish(rq, mq_error_show(rq, status));
}

/* dispatch.c -- the one way that every request takes, whatever its face. */
#include "web/dispatch.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/access/standing.h"
#include "web/failures.h"
#include "web/once.h"
#include "web/patients/archived.h"
#include "web/patients/replaced.h"
#include "web/refusals.h"
#include "web/routes.h"

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

/* What the person and the organisation have chosen comes before what the browser asks for. */
static void manners_take(mq_request_t *rq)
{
    const mq_pages_t *pages = rq->app->pages;
    int native = 0;
    if (rq->session) {
        const mq_manners_t *manners = mq_scope_manners(rq->session->scope);
        const char *tag = manners->language;
        int language = tag ? mq_pages_language_of(pages, tag, strlen(tag)) : -1;
        rq->language = language >= 0 ? language : rq->language;
        rq->dates.format = manners->date_format;
        rq->zone = manners->zone;
        native = manners->digits && strcmp(manners->digits, MQ_DIGITS_NATIVE) == 0;
    }
    rq->script = *mq_pages_script(pages, rq->language);
    if (!native) {
        rq->script.digits = NULL;
    }
    rq->dates.months = mq_pages_months(pages, rq->language);
}

static apr_status_t find_person(mq_request_t *rq)
{
    apr_status_t rv = rq->face->who(rq);
    manners_take(rq);
    return rv;
}

static apr_status_t read_query(mq_request_t *rq)
{
    const char *query = rq->query ? rq->query : "";
    MQ_TRY(mq_form_parse(&rq->query_fields, NULL, query, strlen(query), MQ_FORM_FIELDS_DEFAULT,
                         rq->pool));
    return mq_form_repeats(rq->query_fields, NULL) ? MQ_EINVALID : APR_SUCCESS;
}

static int is_signed_out(const mq_request_t *rq)
{
    return !rq->route->open && !rq->session;
}

/* The organisation requires a second factor by now: nothing else comes before it. */
static int owes_second_factor(const mq_request_t *rq)
{
    return !rq->route->open && mq_scope_owes_second_factor(rq->session->scope) &&
           rq->route->action != MQ_ACTION_TWO_FACTOR_VIEW &&
           rq->route->action != MQ_ACTION_TWO_FACTOR_ON && rq->route->action != MQ_ACTION_SIGN_OUT;
}

/* What it brings and whether its person may, in this order: a refusal is recorded of a request that
 * was meant. @return an HTTP status to show, 0 to go on */
static int admit(mq_request_t *rq)
{
    int problem;
    if (rq->method == MQ_POST && rq->session) { /* a slow body keeps no connection from anybody */
        mq_db_give_back(rq->session->scope);
    }
    problem = rq->method == MQ_POST ? rq->face->read(rq) : 0;
    if (problem) {
        return problem;
    }
    if (!rq->route->open &&
        !mq_policy_allows(rq->route->action, mq_scope_roles(rq->session->scope))) {
        mq_refusal_record(rq, mq_policy(rq->route->action)->name);
        rq->refusal = MQ_REFUSAL_ROLE;
        return 403;
    }
    return 0;
}

static void late_record(mq_request_t *rq)
{
    mq_refusal_record(
        rq, apr_pstrcat(rq->pool, mq_policy(rq->route->action)->name, ", no longer", NULL));
}

/* The standing of who sent this has changed since: it is answered as if it came now, and that it
 * was tried is in the trail. */
static apr_status_t late_refuse(mq_request_t *rq)
{
    apr_status_t rv;
    late_record(rq);
    rq->session = NULL;
    rv = rq->face->who(rq);
    if (rv == MQ_EDENIED) {
        return rq->face->suspended(rq);
    }
    MQ_TRY(rv);
    return rq->session ? rq->face->error(rq, 403) : rq->face->ask_who(rq);
}

static apr_status_t handle(mq_request_t *rq)
{
    apr_status_t rv = rq->route->open   ? rq->route->open(rq)
                      : rq->route->once ? mq_once_handle(rq)
                                        : rq->route->handler(rq, rq->session->scope);
    if (rv == MQ_ENOTFOUND && rq->session && rq->route->handler) {
        rv = mq_replaced_lead(rq, rq->session->scope);
    }
    if (rv == MQ_ECONFLICT && rq->session && rq->route->handler) {
        rv = mq_archived_lead(rq, rq->session->scope);
    }
    return rv == MQ_ESTANDING && rq->session ? late_refuse(rq) : rv;
}

apr_status_t mq_dispatch_piece(mq_buffer_t *out, int *done_out, mq_request_t *rq)
{
    const mq_scope_t *now;
    apr_status_t rv = rq->session ? mq_standing_check(&now, rq->session->scope) : MQ_EBUG;
    if (rv == APR_SUCCESS && !mq_policy_allows(rq->route->action, mq_scope_roles(now))) {
        rv = MQ_ESTANDING;
    }
    if (rv == APR_SUCCESS) {
        rv = rq->stream(out, done_out, rq->stream_context);
        mq_db_give_back(rq->session->scope); /* not kept, nor its state, while the piece is sent */
        return rv;
    }
    if (rq->session) {
        mq_db_give_back(rq->session->scope);
    }
    if (rv == MQ_ESTANDING) {
        late_record(rq);
    }
    return rv;
}

static apr_status_t answer_route(mq_request_t *rq)
{
    int problem;
    MQ_TRY(read_query(rq));
    if (is_signed_out(rq)) {
        return rq->face->ask_who(rq);
    }
    if (owes_second_factor(rq)) {
        return rq->face->ask_second_factor(rq);
    }
    problem = admit(rq);
    if (problem) {
        return rq->face->error(rq, problem);
    }
    MQ_TRY(handle(rq));
    rq->face->answered(rq);
    return APR_SUCCESS;
}

static apr_status_t answer(mq_request_t *rq)
{
    int methods;
    apr_status_t rv;
    rq->route =
        mq_route_find(&methods, rq->captures, rq->app->routes, rq->path, rq->method, rq->pool);
    rq->face = rq->route ? rq->route->face : mq_routes_face(rq->app->routes, rq->path);
    if (!rq->route && methods != 0) {
        set_allow(rq, methods);
    }
    if (!rq->route && methods != 0 && strcmp(rq->method_name, "OPTIONS") == 0) {
        rq->status = 204;
        return APR_SUCCESS;
    }
    rv = find_person(rq);
    if (rv == MQ_EDENIED) {
        return rq->face->suspended(rq);
    }
    MQ_TRY(rv);
    if (rq->session && rq->route && rq->route->open) {
        mq_db_give_back(rq->session->scope); /* it works without, and may want one of its own */
    }
    return rq->route ? answer_route(rq) : rq->face->error(rq, methods == 0 ? 404 : 405);
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

/* Not with a 404: whatever the reason for it is, it looks the same to the byte. Nor where nobody is
 * to learn what a page would hold. */
static void set_timing(mq_request_t *rq)
{
    mq_buffer_t *text;
    if (rq->app->timing < (rq->session ? MQ_TIMING_SIGNED_IN : MQ_TIMING_ALL) ||
        rq->status == 404 || mq_request_tells_nothing(rq)) {
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
    if (rq->seat) {
        mq_session_seat_leave(rq->seat, &rq->visit);
    }
    set_timing(rq);
}

/* What a handler's failure is in HTTP. */
static int status_of(apr_status_t rv)
{
    switch (rv) {
    case MQ_EINVALID:
        return 400;
    case MQ_EDENIED:
        return 403;
    case MQ_ENOTFOUND:
        return 404;
    case MQ_ECONFLICT:
    case MQ_EQUOTA:
        return 409;
    case MQ_EFULL:
    case MQ_EAGAIN: /* a page whose connection was lost in its midst */
    case APR_EAGAIN:
    case APR_ENOSPC:
        return 503;
    case MQ_EBUSY:
        return 429;
    default:
        return 500;
    }
}

/* What is the matter with the database as a whole has been logged, and has a page of its own. */
static apr_status_t answer_failure(mq_request_t *rq, apr_status_t rv)
{
    int status = status_of(rv);
    int is_new;
    mq_trouble_t trouble = mq_db_trouble(&is_new, rq->pool);
    if (rv == MQ_EQUOTA) {
        rq->refusal = MQ_REFUSAL_QUOTA;
        mq_failure_log_quota(rq);
    }
    if (status < 500) {
        return rq->face->error(rq, status);
    }
    if (trouble == MQ_TROUBLE_NONE || is_new) {
        mq_failure_log(rq, rv);
    }
    return trouble == MQ_TROUBLE_NONE ? rq->face->error(rq, status) : rq->face->outage(rq, trouble);
}

void mq_dispatch(mq_request_t *rq)
{
    apr_status_t rv;
    begin(rq);
    rv = answer(rq);
    finish(rq, rv == APR_SUCCESS ? rv : answer_failure(rq, rv));
}

void mq_dispatch_outage(mq_request_t *rq, mq_trouble_t trouble)
{
    int methods;
    begin(rq);
    rq->face = mq_routes_face(rq->app->routes, rq->path);
    rq->route =
        mq_route_find(&methods, rq->captures, rq->app->routes, rq->path, rq->method, rq->pool);
    finish(rq, rq->route && rq->route->without_database ? rq->route->open(rq)
                                                        : rq->face->outage(rq, trouble));
}

void mq_dispatch_maintenance(mq_request_t *rq, const char *message)
{
    static const char seconds[] = "120";
    int methods;
    begin(rq);
    rq->maintenance = message;
    rq->face = mq_routes_face(rq->app->routes, rq->path);
    rq->route =
        mq_route_find(&methods, rq->captures, rq->app->routes, rq->path, rq->method, rq->pool);
    apr_table_setn(rq->headers, "Retry-After", seconds);
    finish(rq, rq->route && rq->route->in_maintenance ? rq->route->open(rq)
                                                      : rq->face->maintenance(rq));
}

/* A lost person keeps the way back. Whatever else httpd refuses may not be a sound request, or not
 * the time to ask the database who it is. */
void mq_dispatch_error(mq_request_t *rq, int status)
{
    begin(rq);
    rq->face = mq_routes_face(rq->app->routes, rq->path);
    if (status == 404 && find_person(rq) != APR_SUCCESS) {
        rq->session = NULL;
    }
    finish(rq, rq->face->error(rq, status));
}

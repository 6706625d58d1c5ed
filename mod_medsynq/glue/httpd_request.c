/* httpd_request.c -- reading an httpd request and writing our answer. Bodies are read by hand:
 * httpd's own form parser takes what we refuse (see base/urlform.h). */
#include "glue/httpd_request.h"

#include <apr_buckets.h>
#include <apr_strings.h>
#include <string.h>

#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_ssl.h>
#include <util_filter.h>

#include "base/deadline.h"
#include "base/log_budget.h"
#include "base/messages.h"
#include "base/text.h"
#include "base/text_file.h"
#include "glue/body_waits.h"
#include "domain/trail/disclosures.h"
#include "glue/config.h"
#include "glue/connections.h"
#include "glue/metrics.h"
#include "glue/module.h"
#include "glue/startup.h"
#include "web/dispatch.h"

APLOG_USE_MODULE(medsynq);

enum {
    STRANGERS_SECONDS = 10, /* for a body of 16 KB at most, before log-in */
    MOMENT_MSEC = 100
};

static const char *header(const mq_request_t *rq, const char *name)
{
    const request_rec *r = rq->glue;
    return apr_table_get(r->headers_in, name);
}

static int log_level(const char *tag)
{
    static const int levels[] = {[MQ_MESSAGE_NOTICE] = APLOG_NOTICE,
                                 [MQ_MESSAGE_WARNING] = APLOG_WARNING,
                                 [MQ_MESSAGE_ERROR] = APLOG_ERR,
                                 [MQ_MESSAGE_CRITICAL] = APLOG_CRIT,
                                 [MQ_MESSAGE_EMERGENCY] = APLOG_EMERG};
    const mq_message_t *message = mq_message_find(tag);
    return message ? levels[message->level] : APLOG_ERR;
}

/* A warning is of somebody's doing, and whoever keeps them out counts each. APR has no words for
 * our own codes. */
static void log_line(const mq_request_t *rq, const char *tag, apr_status_t rv, const char *text)
{
    request_rec *r = rq->glue;
    mq_server_t *server = mq_config_of(r->server)->running;
    int level = log_level(tag);
    int skipped = 0;
    mq_metrics_told(server->metrics, tag);
    if (level < APLOG_WARNING && !mq_log_budget_take(&skipped, server->log_budget, tag, rq->now)) {
        return;
    }
    ap_log_rerror(
        APLOG_MARK, level, rv > APR_OS_START_USERERR && rv < APR_OS_START_CANONERR ? 0 : rv, r,
        "%s: [request %s] %s%s", tag, rq->id, text,
        skipped ? apr_psprintf(rq->pool, " (%d more of %s were not written)", skipped, tag) : "");
}

/* Hand on one brigade's data. @return MQ_EFULL over the limit */
static apr_status_t brigade_read(apr_bucket_brigade *brigade, apr_size_t *left, int *ended,
                                 mq_body_piece_t piece, void *context)
{
    for (apr_bucket *b = APR_BRIGADE_FIRST(brigade); b != APR_BRIGADE_SENTINEL(brigade);
         b = APR_BUCKET_NEXT(b)) {
        const char *data;
        apr_size_t length;
        if (APR_BUCKET_IS_EOS(b)) {
            *ended = 1;
            return APR_SUCCESS;
        }
        if (APR_BUCKET_IS_METADATA(b)) {
            continue;
        }
        MQ_TRY(apr_bucket_read(b, &data, &length, APR_BLOCK_READ));
        if (length > *left) {
            return MQ_EFULL;
        }
        *left -= length;
        MQ_TRY(piece(context, data, length));
    }
    return APR_SUCCESS;
}

/* Before reading: no 100 Continue, no gigabytes, for what is announced as too large. */
static apr_status_t expected_length(apr_off_t *expected_out, const request_rec *r, apr_size_t limit)
{
    const char *announced = apr_table_get(r->headers_in, "Content-Length");
    *expected_out = 0;
    if (announced && !ap_parse_strict_length(expected_out, announced)) {
        return MQ_EINVALID;
    }
    return (apr_uint64_t)*expected_out > limit ? MQ_EFULL : APR_SUCCESS;
}

/* One body on its way in. */
typedef struct reading_t {
    request_rec *r;
    apr_bucket_brigade *brigade;
    mq_body_waits_t *waits;
    int is_signed_in;
    int has_place; /* among those who wait */
    struct timespec until;
} reading_t;

/* Whatever has come. @return APR_EAGAIN nothing */
static apr_status_t arrived_read(reading_t *reading)
{
    apr_status_t rv = ap_get_brigade(reading->r->input_filters, reading->brigade, AP_MODE_READBYTES,
                                     APR_NONBLOCK_READ, HUGE_STRING_LEN);
    return rv == APR_SUCCESS && APR_BRIGADE_EMPTY(reading->brigade) ? APR_EAGAIN : rv;
}

/* @return APR_TIMEUP nothing in this time */
static apr_status_t in_time_read(reading_t *reading, apr_interval_time_t most)
{
    apr_socket_t *socket = ap_get_conn_socket(reading->r->connection);
    apr_interval_time_t usual;
    apr_status_t rv;
    MQ_TRY(apr_socket_timeout_get(socket, &usual));
    MQ_TRY(apr_socket_timeout_set(socket, usual < 0 || most < usual ? most : usual));
    rv = ap_get_brigade(reading->r->input_filters, reading->brigade, AP_MODE_READBYTES,
                        APR_BLOCK_READ, HUGE_STRING_LEN);
    (void)apr_socket_timeout_set(socket, usual);
    return APR_STATUS_IS_EAGAIN(rv) ? APR_TIMEUP : rv;
}

/* Wait for more, of strangers no longer than their time. Without a place a moment: a body comes
 * right behind its head. @return APR_EAGAIN too many wait */
static apr_status_t more_await(reading_t *reading)
{
    apr_interval_time_t left = mq_deadline_left(&reading->until);
    apr_status_t rv;
    if (!reading->has_place) {
        reading->has_place = mq_body_wait_begin(reading->waits, reading->is_signed_in);
    }
    if (!reading->has_place) {
        rv = in_time_read(reading, apr_time_from_msec(MOMENT_MSEC));
        return APR_STATUS_IS_TIMEUP(rv) ? APR_EAGAIN : rv;
    }
    if (reading->is_signed_in) {
        return ap_get_brigade(reading->r->input_filters, reading->brigade, AP_MODE_READBYTES,
                              APR_BLOCK_READ, HUGE_STRING_LEN);
    }
    return left > 0 ? in_time_read(reading, left) : APR_TIMEUP;
}

static apr_status_t next_read(reading_t *reading)
{
    apr_status_t rv = arrived_read(reading);
    return APR_STATUS_IS_EAGAIN(rv) ? more_await(reading) : rv;
}

static apr_status_t all_read(reading_t *reading, apr_size_t limit, mq_body_piece_t piece,
                             void *context)
{
    apr_size_t left = limit;
    int ended = 0;
    while (!ended) {
        apr_status_t read = next_read(reading);
        apr_status_t rv = read;
        if (rv == APR_SUCCESS) {
            rv = brigade_read(reading->brigade, &left, &ended, piece, context);
        }
        if (rv != APR_SUCCESS) {
            return rv == APR_EAGAIN || (read == APR_SUCCESS && rv >= APR_OS_START_USERERR)
                       ? rv
                       : MQ_EINVALID;
        }
        (void)apr_brigade_cleanup(reading->brigade);
    }
    return APR_SUCCESS;
}

/* The connection would close for a body that nobody reads; see mq_request_body_expect. */
static const char body_note[] = "medsynq-body";

static apr_status_t body_pieces(mq_request_t *rq, apr_size_t limit, mq_body_piece_t piece,
                                void *context)
{
    request_rec *r = rq->glue;
    reading_t reading = {.r = r,
                         .brigade = apr_brigade_create(rq->pool, r->connection->bucket_alloc),
                         .waits = mq_config_of(r->server)->running->body_waits,
                         .is_signed_in = rq->session != NULL,
                         .until = mq_deadline_after(apr_time_from_sec(STRANGERS_SECONDS))};
    apr_off_t expected;
    apr_status_t rv;

    MQ_TRY(expected_length(&expected, r, limit));
    rv = all_read(&reading, limit, piece, context);
    if (reading.has_place) {
        mq_body_wait_end(reading.waits, reading.is_signed_in);
    }
    if (rv == APR_SUCCESS && apr_table_get(r->notes, body_note)) {
        r->connection->keepalive = AP_CONN_UNKNOWN; /* as httpd has begun it */
    }
    return rv;
}

static apr_status_t piece_gather(void *gathered, const char *data, apr_size_t length)
{
    mq_buffer_add(gathered, data, length);
    return APR_SUCCESS;
}

static apr_status_t body(const char **data_out, apr_size_t *length_out, mq_request_t *rq,
                         apr_size_t limit)
{
    apr_off_t expected;
    mq_buffer_t *gathered;
    MQ_TRY(expected_length(&expected, rq->glue, limit));
    gathered = mq_buffer_make(rq->pool, (apr_size_t)expected + 1);
    MQ_TRY(body_pieces(rq, limit, piece_gather, gathered));
    *data_out = gathered->data;
    *length_out = gathered->length;
    return APR_SUCCESS;
}

static int is_ready(const mq_request_t *rq)
{
    request_rec *r = rq->glue;
    const mq_config_t *config = mq_config_of(r->server);
    const mq_server_t *server = config->running;
    return mq_outage_is_ready(server->outage, r->server, config, server->writers, rq->pool);
}

static const mq_request_hooks_t hooks = {header, body, log_line, body_pieces, is_ready};

/* httpd's own id for the error log's %L where it has one; the same is shown to the person. */
static const char *request_id(request_rec *r)
{
    const char *unique = apr_table_get(r->subprocess_env, "UNIQUE_ID");
    if (!r->log_id) {
        r->log_id = unique ? unique
                           : apr_psprintf(r->pool, "%08lx-%014" APR_UINT64_T_HEX_FMT,
                                          r->connection->id, (apr_uint64_t)r->request_time);
    }
    return r->log_id;
}

static mq_method_t method_of(const request_rec *r)
{
    return r->method_number == M_GET    ? MQ_GET
           : r->method_number == M_POST ? MQ_POST
                                        : MQ_OTHER_METHOD;
}

/* An error bucket keeps httpd from writing the last chunk: the client sees that it is
 * incomplete. */
static void cut_off(request_rec *r)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, alloc);
    APR_BRIGADE_INSERT_TAIL(brigade,
                            ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool, alloc));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    (void)ap_pass_brigade(r->output_filters, brigade);
    r->connection->keepalive = AP_CONN_CLOSE;
}

/* Piece by piece through one buffer: as flat in memory as the pieces are. */
static void send_stream(request_rec *r, mq_request_t *rq)
{
    mq_buffer_t *piece = mq_buffer_make(r->pool, 64 * 1024);
    int done = 0;
    while (!done && !r->connection->aborted) {
        apr_status_t rv;
        piece->length = 0;
        rv = mq_dispatch_piece(piece, &done, rq);
        if (rv != APR_SUCCESS) {
            log_line(rq, "MSQ0030", rv, "an answer was cut off in the middle");
            cut_off(r);
            return;
        }
        if (ap_rwrite(piece->data, (int)piece->length, r) < 0 || ap_rflush(r) < 0) {
            return;
        }
    }
}

/* The page itself goes down the filters, not a copy: the request's pool lives until it is sent. */
static void send_body(request_rec *r, const mq_buffer_t *body)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, alloc);
    APR_BRIGADE_INSERT_TAIL(brigade,
                            apr_bucket_pool_create(body->data, body->length, r->pool, alloc));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    (void)ap_pass_brigade(r->output_filters, brigade);
}

/* %u of access logs: the person's id, which says nothing to who has not the database. */
static void user_name(request_rec *r, const mq_request_t *rq)
{
    if (rq->session) {
        r->user = (char *)(uintptr_t)mq_id_text(mq_scope_user(rq->session->scope), r->pool);
    }
}

static void count(request_rec *r, const mq_request_t *rq)
{
    const mq_server_t *server = mq_config_of(r->server)->running;
    mq_metrics_gauges_t gauges;
    mq_metrics_answered(server->metrics, rq->app->routes, rq->route, rq->status,
                        apr_time_now() - rq->now);
    if (server->store.is_ending) { /* what would be asked goes with the child, while this answers */
        return;
    }
    mq_connections_counts(&gauges.lent, &gauges.idle, server->connections);
    gauges.hashing = server->core.hashing ? mq_workers_waiting(server->core.hashing) : 0;
    gauges.events = mq_disclosures_waiting(server->core.disclosures);
    mq_metrics_child_say(server->metrics_child, &gauges);
}

static int send_answer(request_rec *r, mq_request_t *rq)
{
    user_name(r, rq);
    count(r, rq);
    r->status = rq->status;
    ap_set_content_type(r, rq->content_type ? rq->content_type : "text/plain; charset=utf-8");
    if (rq->stream) {
        if (!r->header_only) {
            send_stream(r, rq);
        }
        return OK;
    }
    if (!mq_request_tells_nothing(rq)) {
        ap_set_content_length(r, rq->body ? (apr_off_t)rq->body->length : 0);
    }
    if (rq->body && !r->header_only) {
        send_body(r, rq->body);
    }
    return OK;
}

static mq_request_t *request_make(request_rec *r, const mq_app_t *app)
{
    mq_request_t *rq = apr_pcalloc(r->pool, sizeof *rq);
    rq->app = app;
    rq->hooks = &hooks;
    rq->glue = r;
    rq->pool = r->pool;
    rq->method = method_of(r);
    rq->method_name = r->method;
    rq->path = r->uri;
    rq->query = r->args;
    rq->id = request_id(r->prev ? r->prev : r);
    rq->address = r->useragent_ip;
    rq->secure = ap_ssl_conn_is_ssl(r->connection) || strcmp(ap_http_scheme(r), "https") == 0;
    rq->now = apr_time_now();
    rq->headers = r->err_headers_out; /* what is sent with every status */
    return rq;
}

void mq_request_body_expect(request_rec *r)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");
    if (r->connection->keepalive == AP_CONN_CLOSE) {
        return; /* httpd has decided it, as for a body of two lengths: it stays so */
    }
    if ((length && strcmp(length, "0") != 0) || apr_table_get(r->headers_in, "Transfer-Encoding")) {
        r->connection->keepalive = AP_CONN_CLOSE;
        apr_table_setn(r->notes, body_note, "");
    }
}

int mq_request_serve(request_rec *r, const mq_app_t *app)
{
    mq_request_t *rq = request_make(r, app);
    mq_dispatch(rq);
    return send_answer(r, rq);
}

int mq_request_serve_outage(request_rec *r, const mq_app_t *app, mq_trouble_t trouble)
{
    mq_request_t *rq = request_make(r, app);
    mq_dispatch_outage(rq, trouble);
    return send_answer(r, rq);
}

/* @return what the file says, in one line of clean text, or "" */
static const char *message_read(const char *path, apr_pool_t *pool)
{
    enum { MOST = 4000 };
    char *text = apr_pcalloc(pool, MOST + 1);
    const char *clean;
    apr_size_t length;
    apr_file_t *file;
    if (mq_regular_file_open(&file, &length, path, pool) != APR_SUCCESS) {
        return "";
    }
    length = MOST;
    if (apr_file_read(file, text, &length) != APR_SUCCESS ||
        mq_text_clean_line(&clean, text, pool) != APR_SUCCESS) {
        clean = "";
    }
    (void)apr_file_close(file);
    return clean;
}

int mq_request_serve_maintenance(request_rec *r, const mq_app_t *app, const char *file)
{
    mq_request_t *rq = request_make(r, app);
    mq_dispatch_maintenance(rq, message_read(file, rq->pool));
    return send_answer(r, rq);
}

int mq_request_serve_error(request_rec *r, const mq_app_t *app)
{
    mq_request_t *rq = request_make(r, app);
    mq_dispatch_error(rq, r->prev->status);
    return send_answer(r, rq);
}

/* metrics_page.c -- the figures of each database once, under the name of the first host that has
 * it. A table says what each is called, for Prometheus and for mod_status. */
#include "glue/metrics_page.h"

#include <apr_strings.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <http_config.h>
#include <http_core.h>
#include <http_main.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_status.h>

#include "base/messages.h"
#include "glue/config.h"
#include "glue/metrics.h"
#include "glue/module.h"
#include "glue/session_store.h"
#include "glue/startup.h"
#include "store/engine.h"
#include "version_gen.h"

/* What is read of one database. */
typedef struct figures_t {
    const char *host;
    const mq_server_t *server;
    const mq_config_t *config;
    apr_int64_t up;
    apr_int64_t schema;
    apr_int64_t processes;
    apr_int64_t lent;
    apr_int64_t idle;
    apr_int64_t sessions;
    apr_int64_t places;
    apr_int64_t refused;
    apr_int64_t commits;
    apr_int64_t writing;
    apr_int64_t gave_up;
    apr_int64_t hashed;
    apr_int64_t hashing;
    apr_int64_t events;
    apr_int64_t sign_ins_refused;
    apr_int64_t bytes;
    apr_int64_t log_bytes;
    apr_int64_t free_bytes;
} figures_t;

typedef enum { GAUGE, COUNTER } kind_t;

static const struct {
    const char *name;  /* Prometheus's, after "medsynq_" */
    const char *label; /* a second one, or NULL */
    const char *key;   /* mod_status's, after "MedSynQ" */
    kind_t kind;
    apr_size_t offset;
    const char *help;
} lines[] = {
#define LINE(name, label, key, kind, member, help)                                                 \
    {name, label, key, kind, offsetof(figures_t, member), help},
    LINE("up", NULL, "Up", GAUGE, up, "1: the database can be served; 0: 503, see the error log")
        LINE("schema_version", NULL, "Schema", GAUGE, schema, "Version of the database's schema")
            LINE("processes", NULL, "Processes", GAUGE, processes, "Processes that serve it") LINE(
                "connections", "state=\"lent\"", "ConnectionsLent", GAUGE, lent,
                "Database connections of all processes") LINE("connections", "state=\"idle\"",
                                                              "ConnectionsIdle", GAUGE, idle, NULL)
                LINE("sessions", NULL, "Sessions", GAUGE, sessions,
                     "People who are signed in") LINE("sessions_capacity", NULL, "SessionsPlaces",
                                                      GAUGE, places, "Places for sessions")
                    LINE(
                        "sessions_refused_total", NULL, "SessionsNoRoom", COUNTER, refused,
                        "Log-ins that found no place") LINE("commits_total", NULL, "Commits",
                                                            COUNTER, commits,
                                                            "Turns to write; several may share one")
                        LINE("writers_waiting", NULL, "WritersWaiting", GAUGE, writing,
                             "Processes that wait to write")
                            LINE("writers_timeouts_total", NULL, "WritersTimeouts", COUNTER,
                                 gave_up, "Times that a turn to write did not come in time")
                                LINE("passwords_hashed_total", NULL, "PasswordsHashed", COUNTER,
                                     hashed, "Passwords worked on")
                                    LINE("passwords_waiting", NULL, "PasswordsWaiting", GAUGE,
                                         hashing, "People whose password waits for its turn")
                                        LINE("events_waiting", NULL, "EventsWaiting", GAUGE, events,
                                             "Events of the audit trail that are not on disk yet")
                                            LINE("log_ins_refused_total", NULL, "LogInsRefused",
                                                 COUNTER, sign_ins_refused,
                                                 "Wrong passwords and codes, and tries that had to "
                                                 "wait") LINE("database_bytes", "file=\"main\"",
                                                              "DatabaseBytes", GAUGE, bytes,
                                                              "Size of the database")
                                                LINE("database_bytes", "file=\"log\"",
                                                     "DatabaseLogBytes", GAUGE, log_bytes, NULL)
                                                    LINE("disk_free_bytes", NULL, "DiskFreeBytes",
                                                         GAUGE, free_bytes,
                                                         "Room on the disk of the database for the "
                                                         "server's user")
#undef LINE
};
enum { LINES = sizeof lines / sizeof *lines };

static apr_int64_t file_size(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? info.st_size : 0;
}

static void sizes_read(figures_t *figures, apr_pool_t *pool)
{
    const mq_engine_t *engine = mq_engine_find(figures->config->driver);
    const char *database = figures->config->database;
    struct statvfs disk;
    figures->bytes = file_size(database);
    figures->log_bytes = engine && *engine->companions
                             ? file_size(apr_pstrcat(pool, database, *engine->companions, NULL))
                             : 0;
    figures->free_bytes = statvfs(figures->server->app.upload_folder, &disk) == 0
                              ? (apr_int64_t)disk.f_bavail * (apr_int64_t)disk.f_frsize
                              : 0;
}

static void queues_read(figures_t *figures)
{
    mq_fair_queue_counts_t counts;
    mq_fair_queue_counts(&counts, figures->server->writers);
    figures->commits = (apr_int64_t)counts.turns;
    figures->writing = counts.waiting;
    figures->gave_up = (apr_int64_t)counts.timeouts;
    for (int i = 0; i < figures->config->password_workers; i++) {
        mq_fair_queue_counts(&counts, figures->server->hashing_seats[i]);
        figures->hashed += (apr_int64_t)counts.turns;
    }
}

static void figures_read(figures_t *figures, apr_pool_t *pool)
{
    const mq_server_t *server = figures->server;
    mq_metrics_gauges_t gauges;
    mq_table_t *table = mq_session_store_table(&server->sessions);
    mq_table_counts_t counts;
    figures->up = server->outage && !mq_outage_is_down(server->outage);
    figures->schema = mq_migration_count;
    figures->processes = mq_metrics_gauges(&gauges, server->metrics);
    figures->lent = gauges.lent;
    figures->idle = gauges.idle;
    figures->hashing = gauges.hashing;
    figures->events = gauges.events;
    figures->sign_ins_refused =
        (apr_int64_t)mq_metrics_tag(server->metrics, MQ_MESSAGE_SIGN_IN_REFUSED);
    if (table && mq_table_counts(&counts, table, apr_time_now()) == APR_SUCCESS) {
        figures->sessions = counts.living;
        figures->places = counts.capacity;
        figures->refused = (apr_int64_t)counts.refused;
    }
    queues_read(figures);
    sizes_read(figures, pool);
}

static figures_t *figures_of(figures_t *all, int count, const mq_config_t *config)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(all[i].config->database, config->database) == 0) {
            return &all[i];
        }
    }
    return NULL;
}

/* Each database once: several hosts may have it, and httpd has the first of them last. Hosts whose
 * start has failed have none. */
static figures_t *databases_read(int *count_out, apr_pool_t *pool)
{
    figures_t *all;
    int count = 0;
    for (const server_rec *s = ap_server_conf; s; s = s->next) {
        count++;
    }
    all = apr_palloc(pool, sizeof *all * (size_t)count);
    count = 0;
    for (server_rec *s = ap_server_conf; s; s = s->next) {
        const mq_config_t *config = mq_config_of(s);
        figures_t *figures = config->running ? figures_of(all, count, config) : NULL;
        if (config->running && !figures) {
            figures = &all[count++];
            *figures = (figures_t){.server = config->running, .config = config};
            figures_read(figures, pool);
        }
        if (figures) {
            figures->host = s->server_hostname ? s->server_hostname : "";
        }
    }
    *count_out = count;
    return all;
}

static apr_int64_t value_of(const figures_t *figures, int line)
{
    return *(const apr_int64_t *)(const void *)((const char *)figures + lines[line].offset);
}

static void head_print(request_rec *r, const char *name, const char *type, const char *help)
{
    ap_rprintf(r, "# HELP medsynq_%s %s.\n# TYPE medsynq_%s %s\n", name, help, name, type);
}

static void lines_print(request_rec *r, const figures_t *all, int count)
{
    for (int line = 0; line < LINES; line++) {
        if (lines[line].help) {
            head_print(r, lines[line].name, lines[line].kind == COUNTER ? "counter" : "gauge",
                       lines[line].help);
        }
        for (int i = 0; i < count; i++) {
            ap_rprintf(r, "medsynq_%s{server=\"%s\"%s%s} %" APR_INT64_T_FMT "\n", lines[line].name,
                       all[i].host, lines[line].label ? "," : "",
                       lines[line].label ? lines[line].label : "", value_of(&all[i], line));
        }
    }
}

static const char *const classes[MQ_METRICS_CLASSES] = {"2xx", "3xx", "4xx", "5xx"};

/* Of a route that was asked for; nobody has asked for the others. */
typedef void row_print_t(request_rec *r, const char *labels, const mq_metrics_row_t *row);

static void rows_each(request_rec *r, const figures_t *all, int count, row_print_t *print)
{
    for (int i = 0; i < count; i++) {
        const mq_route_t *routes = all[i].server->app.routes->rows;
        for (int row = -1; row < 0 || routes[row].pattern; row++) {
            mq_metrics_row_t counted;
            apr_uint64_t sum = 0;
            mq_metrics_row(&counted, all[i].server->metrics, row);
            for (int b = 0; b <= MQ_METRICS_BUCKETS; b++) {
                sum += counted.within[b];
            }
            if (sum > 0) {
                print(r,
                      apr_psprintf(r->pool, "server=\"%s\",method=\"%s\",route=\"%s\"", all[i].host,
                                   row < 0                         ? ""
                                   : routes[row].method == MQ_POST ? "POST"
                                                                   : "GET",
                                   row < 0 ? "other" : routes[row].pattern),
                      &counted);
            }
        }
    }
}

static void requests_print(request_rec *r, const char *labels, const mq_metrics_row_t *row)
{
    for (int i = 0; i < MQ_METRICS_CLASSES; i++) {
        if (row->classes[i] > 0) {
            ap_rprintf(r, "medsynq_requests_total{%s,status=\"%s\"} %" APR_UINT64_T_FMT "\n",
                       labels, classes[i], row->classes[i]);
        }
    }
}

static void seconds_print(request_rec *r, const char *labels, const mq_metrics_row_t *row)
{
    apr_uint64_t sum = 0;
    for (int i = 0; i < MQ_METRICS_BUCKETS; i++) {
        sum += row->within[i];
        ap_rprintf(r,
                   "medsynq_request_duration_seconds_bucket{%s,le=\"%s\"} %" APR_UINT64_T_FMT "\n",
                   labels, mq_metrics_end_names[i], sum);
    }
    sum += row->within[MQ_METRICS_BUCKETS];
    ap_rprintf(r,
               "medsynq_request_duration_seconds_bucket{%s,le=\"+Inf\"} %" APR_UINT64_T_FMT "\n"
               "medsynq_request_duration_seconds_sum{%s} %" APR_UINT64_T_FMT ".%06d\n"
               "medsynq_request_duration_seconds_count{%s} %" APR_UINT64_T_FMT "\n",
               labels, sum, labels, row->microseconds / APR_USEC_PER_SEC,
               (int)(row->microseconds % APR_USEC_PER_SEC), labels, sum);
}

static void messages_print(request_rec *r, const figures_t *all, int count)
{
    head_print(r, "messages_total", "counter",
               "Lines of the error log about requests, written or only counted");
    for (int i = 0; i < count; i++) {
        for (const mq_message_t *row = mq_messages; row->tag; row++) {
            apr_uint64_t told = mq_metrics_tag(all[i].server->metrics, row->tag);
            if (told > 0) {
                ap_rprintf(
                    r, "medsynq_messages_total{server=\"%s\",tag=\"%s\"} %" APR_UINT64_T_FMT "\n",
                    all[i].host, row->tag, told);
            }
        }
    }
}

/* Whoever a proxy of this machine speaks for is not local. */
static int is_local(const request_rec *r)
{
    static const char *const speaks_for[] = {"X-Forwarded-For", "Forwarded", "Via"};
    for (size_t i = 0; i < sizeof speaks_for / sizeof *speaks_for; i++) {
        if (apr_table_get(r->headers_in, speaks_for[i])) {
            return 0;
        }
    }
    return strncmp(r->useragent_ip, "127.", 4) == 0 || strcmp(r->useragent_ip, "::1") == 0;
}

int mq_metrics_page(request_rec *r)
{
    int admits = mq_config_of(r->server)->metrics;
    figures_t *all;
    int count;
    if (r->method_number != M_GET) {
        ap_allow_methods(r, REPLACE_ALLOW, "GET", NULL);
        return HTTP_METHOD_NOT_ALLOWED;
    }
    if (admits == MQ_METRICS_OFF || (admits == MQ_METRICS_LOCAL && !is_local(r))) {
        return HTTP_FORBIDDEN;
    }
    all = databases_read(&count, r->pool);
    ap_set_content_type(r, "text/plain; version=0.0.4; charset=utf-8");
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    if (r->header_only) {
        return OK;
    }
    head_print(r, "build_info", "gauge", "Always 1; the version of the program");
    ap_rputs("medsynq_build_info{version=\"" MEDSYNQ_VERSION "\"} 1\n", r);
    lines_print(r, all, count);
    head_print(r, "requests_total", "counter", "Answers by route and status");
    rows_each(r, all, count, requests_print);
    head_print(r, "request_duration_seconds", "histogram",
               "Time until an answer could be sent, by route");
    rows_each(r, all, count, seconds_print);
    messages_print(r, all, count);
    return OK;
}

static void figures_short(request_rec *r, const figures_t *figures, int number, int count)
{
    /* one database: the plain keys that scripts know; of more each has its number in them */
    const char *prefix = count == 1 ? "MedSynQ" : apr_psprintf(r->pool, "MedSynQ%d", number);
    ap_rprintf(r, "%sServer: %s\n", prefix, figures->host);
    for (int line = 0; line < LINES; line++) {
        ap_rprintf(r, "%s%s: %" APR_INT64_T_FMT "\n", prefix, lines[line].key,
                   value_of(figures, line));
    }
}

static void figures_long(request_rec *r, const figures_t *figures)
{
    ap_rprintf(r, "<h2>MedSynQ " MEDSYNQ_VERSION ", %s</h2>\n<dl>\n",
               ap_escape_html(r->pool, figures->host));
    for (int line = 0; line < LINES; line++) {
        ap_rprintf(r, "<dt>%s</dt><dd>%" APR_INT64_T_FMT "</dd>\n", lines[line].key,
                   value_of(figures, line));
    }
    ap_rputs("</dl>\n", r);
}

void mq_metrics_status(request_rec *r, int flags)
{
    int count;
    figures_t *all = databases_read(&count, r->pool);
    for (int i = 0; i < count; i++) {
        if (flags & AP_STATUS_SHORT) {
            figures_short(r, &all[i], i + 1, count);
        } else {
            figures_long(r, &all[i]);
        }
        if (count == 1 || !(flags & AP_STATUS_SHORT)) {
            mq_session_store_status(&all[i].server->sessions, r, flags);
        }
    }
}

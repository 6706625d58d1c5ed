/* housekeeping.c -- the watchdog's callback: jobs that nobody is at, heads, the archive. What it
 * remembers lives in the configuration's pool, a copy in each child; the child that takes over
 * begins anew. */
#include "glue/housekeeping.h"

#include <apr_file_io.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

#include <http_log.h>
#include <http_main.h>
#include <mod_watchdog.h>
#include <mpm_common.h>

#include "base/clock.h"
#include "domain/access/servers.h"
#include "domain/trail/audit_heads.h"
#include "domain/trail/installation_events.h"
#include "glue/connections.h"
#include "glue/job_runner.h"
#include "glue/module.h"
#include "store/engine.h"
#include "store/single.h"

APLOG_USE_MODULE(medsynq);

enum { ARCHIVE_CHECK_SECONDS = 3600, NAMES_MOST = 100, OTHERS_SECONDS = 15 };

static const char agent[] = "httpd"; /* in the trail */

typedef struct housekeeping_t {
    server_rec *s;
    const mq_config_t *config;
    mq_server_t *server;
    apr_file_t *heads; /* where signed heads go, opened by the parent; or NULL */
    apr_pool_t *pool;  /* of what is remembered here */
    apr_hash_t *told;  /* tenant -> the number of the head that was written last */
    apr_time_t heads_due;
    apr_time_t archive_due;
    apr_time_t others_due;
    int others_told; /* that another server keeps its sessions apart */
} housekeeping_t;

/* The chains that have grown since they were written last. */
static apr_array_header_t *heads_new(housekeeping_t *keeper, const apr_array_header_t *heads,
                                     apr_pool_t *pool)
{
    apr_array_header_t *grown = apr_array_make(pool, heads->nelts + 1, sizeof(mq_audit_head_t));
    for (int i = 0; i < heads->nelts; i++) {
        const mq_audit_head_t *head = &APR_ARRAY_IDX(heads, i, mq_audit_head_t);
        const apr_int64_t *told = apr_hash_get(keeper->told, &head->tenant, sizeof head->tenant);
        if (!told || *told != head->number) {
            APR_ARRAY_PUSH(grown, mq_audit_head_t) = *head;
        }
    }
    return grown;
}

static void heads_told(housekeeping_t *keeper, const apr_array_header_t *heads)
{
    for (int i = 0; i < heads->nelts; i++) {
        const mq_audit_head_t *head = &APR_ARRAY_IDX(heads, i, mq_audit_head_t);
        apr_int64_t *told = apr_hash_get(keeper->told, &head->tenant, sizeof head->tenant);
        if (!told) {
            apr_int64_t *pair = apr_palloc(keeper->pool, 2 * sizeof *pair);
            pair[0] = head->tenant;
            told = &pair[1];
            apr_hash_set(keeper->told, &pair[0], sizeof pair[0], told);
        }
        *told = head->number;
    }
}

static void heads_write(housekeeping_t *keeper, apr_pool_t *pool)
{
    mq_buffer_t *block = mq_buffer_make(pool, 4096);
    apr_array_header_t *heads;
    apr_array_header_t *grown;
    apr_status_t rv =
        mq_audit_heads_of(&heads, keeper->config->driver, keeper->config->database, pool);
    if (rv == APR_SUCCESS) {
        grown = heads_new(keeper, heads, pool);
        if (grown->nelts == 0) {
            return;
        }
        rv = mq_audit_heads_write(block, grown, apr_time_now(), keeper->server->core.heads_key);
        if (rv == APR_SUCCESS) {
            rv = apr_file_write_full(keeper->heads, block->data, block->length, NULL);
        }
        if (rv == APR_SUCCESS) {
            heads_told(keeper, grown);
        }
    }
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, keeper->s,
                     "MSQ0033: the signed heads of the audit trail could not be written");
    }
}

/* The first day of the month in which the retained time begins: whole months go, once a month. */
static apr_time_t archive_before(const mq_config_t *config)
{
    mq_day_t day;
    mq_date_today(&day, apr_time_now() - apr_time_from_sec((apr_int64_t)config->retention * 86400),
                  NULL);
    day.day = 1;
    return mq_date_begins(&day, NULL);
}

/* A name that is not taken: an archive that was interrupted keeps its own. */
static const char *archive_file(const mq_config_t *config, apr_time_t before, apr_pool_t *pool)
{
    const char *day = apr_pstrmemdup(pool, mq_time_iso(before, pool), 10);
    for (int i = 1; i < NAMES_MOST; i++) {
        const char *more = i > 1 ? apr_psprintf(pool, "-%d", i) : "";
        const char *file =
            apr_pstrcat(pool, config->archive_folder, "/audit-before-", day, more, ".db", NULL);
        apr_finfo_t info;
        if (apr_stat(&info, file, APR_FINFO_TYPE, pool) != APR_SUCCESS) {
            return file;
        }
    }
    return NULL;
}

static apr_status_t archive_write(mq_archived_t *archived_out, const char **file_out,
                                  const housekeeping_t *keeper, apr_time_t before,
                                  const char **error_out, apr_pool_t *pool)
{
    const mq_config_t *config = keeper->config;
    mq_core_t core = keeper->server->core;
    mq_visit_t visit = {.core = &core, .pool = pool, .address = "", .now = apr_time_now()};
    mq_single_t *single;
    apr_status_t rv;
    *error_out = "its folder cannot be made, or is full";
    MQ_TRY(apr_dir_make_recursive(config->archive_folder,
                                  APR_FPROT_UREAD | APR_FPROT_UWRITE | APR_FPROT_UEXECUTE, pool));
    *file_out = archive_file(config, before, pool);
    if (!*file_out) {
        return APR_EEXIST;
    }
    MQ_TRY(mq_single_open(&single, config->driver, config->database, error_out, pool));
    core.store = &single->store;
    rv = mq_installation_archive(archived_out, &visit, agent, config->driver, config->database,
                                 *file_out, before, NULL, NULL, error_out);
    mq_single_close(single, pool);
    return rv;
}

static void trail_archive(const housekeeping_t *keeper, apr_pool_t *pool)
{
    apr_time_t before = archive_before(keeper->config);
    const char *file = "";
    const char *error = "";
    mq_archived_t archived;
    apr_status_t rv;
    if (!mq_archive_is_due(keeper->config->driver, keeper->config->database, before, pool)) {
        return;
    }
    rv = archive_write(&archived, &file, keeper, before, &error, pool);
    if (rv == APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, keeper->s,
                     "MSQ0031: %" APR_INT64_T_FMT " events of the audit trail were moved to %s",
                     archived.events, file);
    } else if (rv != MQ_ENOTFOUND) {
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, keeper->s,
                     "MSQ0032: old events of the audit trail could not be moved to an archive in "
                     "%s: %s",
                     keeper->config->archive_folder, error);
    }
}

static void log_trim(const housekeeping_t *keeper, apr_pool_t *pool)
{
    const mq_engine_t *engine = mq_engine_find(keeper->config->driver);
    apr_int64_t bytes = 0;
    if (engine && engine->log_trim &&
        engine->log_trim(&bytes, keeper->config->database, pool) == APR_SUCCESS && bytes > 0) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, keeper->s,
                     "MSQ0080: the database's log was cut: %" APR_INT64_T_FMT " bytes", bytes);
    }
}

/* The same of one httpd after each start, and another's of no other. */
static const char *own_name(apr_pool_t *pool)
{
    char host[APRMAXHOSTLEN + 1] = "";
    (void)apr_gethostname(host, sizeof host, pool);
    return apr_pstrcat(pool, host, " ", ap_server_root, " ", ap_pid_fname, NULL);
}

/* Of a database that several servers can have: whether they have their sessions together. */
static void others_look(housekeeping_t *keeper, apr_time_t now, apr_pool_t *pool)
{
    const mq_visit_t visit = {
        .core = &keeper->server->core, .pool = pool, .address = "", .agent = "", .now = now};
    int apart = 0;
    if (mq_engine_find(keeper->config->driver)->has_file || !keeper->server->connections ||
        mq_term_runs(now, keeper->others_due, apr_time_from_sec(OTHERS_SECONDS))) {
        return;
    }
    keeper->others_due = now + apr_time_from_sec(OTHERS_SECONDS);
    if (mq_servers_tell(&apart, &visit, own_name(pool), mq_config_is_shared(keeper->config)) ==
            APR_SUCCESS &&
        apart && !keeper->others_told) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, keeper->s,
                     "MSQ0081: another httpd serves the database %s, and they do not have sessions "
                     "together: people are logged out when the other one answers, and wrong "
                     "passwords are counted at each. Say MedSynQSessionCache database in both",
                     keeper->config->database);
    }
    keeper->others_told = apart;
}

static apr_status_t keeper_step(int state, void *data, apr_pool_t *pool)
{
    housekeeping_t *keeper = data;
    const apr_interval_time_t heads_every = apr_time_from_sec(keeper->config->heads_seconds);
    static const apr_interval_time_t archive_every = apr_time_from_sec(ARCHIVE_CHECK_SECONDS);
    apr_time_t now = apr_time_now();
    if (state != AP_WATCHDOG_STATE_RUNNING) {
        return APR_SUCCESS;
    }
    if (mq_outage_is_down(keeper->server->outage)) {
        return APR_SUCCESS;
    }
    mq_job_runner_wake(keeper->server->jobs);
    log_trim(keeper, pool);
    others_look(keeper, now, pool);
    if (keeper->heads && !mq_term_runs(now, keeper->heads_due, heads_every)) {
        keeper->heads_due = now + heads_every;
        heads_write(keeper, pool);
    }
    if (keeper->config->retention > 0 && !mq_term_runs(now, keeper->archive_due, archive_every)) {
        keeper->archive_due = now + archive_every;
        trail_archive(keeper, pool);
    }
    return APR_SUCCESS;
}

/* In each child: its connections are its own. */
static apr_status_t child_step(int state, void *data, apr_pool_t *pool)
{
    const housekeeping_t *keeper = data;
    if (state == AP_WATCHDOG_STATE_RUNNING && keeper->server->connections) {
        mq_connections_step(keeper->server->connections);
        mq_outage_step(keeper->server->outage, keeper->s, keeper->config, &keeper->server->core,
                       pool);
    }
    return APR_SUCCESS;
}

/* As httpd's own logs: opened by the parent, so that the server's user need not be able to. */
static const char *heads_open(apr_file_t **heads_out, const char *target, apr_pool_t *pconf)
{
    char text[128];
    apr_status_t rv;
    if (*target == '|') {
        piped_log *pipe = ap_open_piped_log(pconf, target + 1);
        if (!pipe) {
            return "MedSynQAuditHeads: the program cannot be run";
        }
        *heads_out = ap_piped_log_write_fd(pipe);
        return NULL;
    }
    rv = apr_file_open(heads_out, target, APR_FOPEN_WRITE | APR_FOPEN_APPEND | APR_FOPEN_CREATE,
                       APR_FPROT_UREAD | APR_FPROT_UWRITE | APR_FPROT_GREAD, pconf);
    return rv == APR_SUCCESS ? NULL
                             : apr_psprintf(pconf, "MedSynQAuditHeads: %s cannot be opened: %s",
                                            target, apr_strerror(rv, text, sizeof text));
}

const char *mq_housekeeping_begin(server_rec *s, const mq_config_t *config, mq_server_t *server,
                                  apr_pool_t *pconf)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) *get =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) *add =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    housekeeping_t *keeper = apr_pcalloc(pconf, sizeof *keeper);
    ap_watchdog_t *watchdog;
    const char *fault = NULL;
    if (!get || !add) {
        return "imports and the audit trail need mod_watchdog: load it";
    }
    *keeper = (housekeeping_t){
        .s = s, .config = config, .server = server, .pool = pconf, .told = apr_hash_make(pconf)};
    if (config->heads_target) {
        fault = heads_open(&keeper->heads, config->heads_target, pconf);
    }
    if (!fault && (get(&watchdog, apr_psprintf(pconf, "medsynq-%s", config->database), 0, 1,
                       pconf) != APR_SUCCESS ||
                   add(watchdog, AP_WD_TM_INTERVAL, keeper, keeper_step) != APR_SUCCESS ||
                   get(&watchdog, "medsynq-each-child", 0, 0, pconf) != APR_SUCCESS ||
                   add(watchdog, AP_WD_TM_INTERVAL, keeper, child_step) != APR_SUCCESS)) {
        fault = "httpd's watchdog does not take the housekeeping";
    }
    return fault;
}

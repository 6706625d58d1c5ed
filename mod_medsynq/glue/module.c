/* module.c -- the module record and its hooks: what httpd calls, and when. */
#include "base/mail_queue.h"
#include "domain/trail/disclosures.h"
#include "glue/module.h"

#include <apr_dbd.h>
#include <apr_optional_hooks.h>
#include <apr_strings.h>
#include <dlfcn.h>
#include <openssl/crypto.h>
#include <unistd.h>
#include <unicode/utrans.h>
#include <unicode/utypes.h>

#include <ap_mmn.h>
#include <ap_mpm.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_status.h>
#include <util_mutex.h>

#include "base/log_budget.h"
#include "glue/body_waits.h"
#include "glue/config.h"
#include "glue/config_check.h"
#include "glue/config_report.h"
#include "glue/connections.h"
#include "glue/housekeeping.h"
#include "glue/httpd_request.h"
#include "glue/job_runner.h"
#include "glue/metrics.h"
#include "glue/metrics_page.h"
#include "glue/private_logs.h"
#include "glue/session_cache.h"
#include "glue/session_store.h"
#include "glue/shared_memory.h"
#include "glue/startup.h"
#include "store/engine.h"
#include "web/dispatch.h"
#include "web/route_tables.h"

enum { THROTTLE_RECORDS = 65536, HASHING_WAITS = 8 /* of a server whose threads nobody tells */ };

const char mq_read_mark[] = "read";
const char mq_claimed_mark[] = "medsynq"; /* also the handler's name */

static int is_claimed(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &medsynq_module) == mq_claimed_mark;
}

static int pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)plog;
    (void)ptemp;
    return ap_mutex_register(pconf, MQ_SESSION_MUTEX, NULL, APR_LOCK_DEFAULT, 0) == APR_SUCCESS
               ? OK
               : HTTP_INTERNAL_SERVER_ERROR;
}

/* What configtest sees of a host. The files are looked at in the first pass alone, which is all
 * that configtest does and which a start does as well. */
static const char *config_fault(server_rec *s, const server_rec *main, apr_pool_t *pconf,
                                apr_pool_t *ptemp)
{
    mq_config_t *config = mq_config_of(s);
    const char *fault = mq_config_complete(config, pconf);
    if (fault || config->enabled != 1 ||
        ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_CREATE_PRE_CONFIG) {
        return fault;
    }
    if (ap_state_query(AP_SQ_RUN_MODE) == AP_SQ_RM_CONFIG_TEST) {
        fault = mq_config_check_database(config, ptemp);
    }
    return fault ? fault : mq_config_check(config, s, main, ptemp);
}

/* At a reload a fault must not end the running server, so post_config says it there, and 503 is
 * answered. */
static int check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *main)
{
    (void)plog;
    for (server_rec *s = main; s; s = s->next) {
        const char *fault = config_fault(s, main, pconf, ptemp);
        if (fault && ap_state_query(AP_SQ_CONFIG_GEN) <= 1) {
            ap_log_error(APLOG_MARK, APLOG_EMERG, 0, s, "MSQ0002: %s", fault);
            return HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    return OK;
}

/* The seats of those who hash passwords, the same for all virtual hosts: the processor is one. */
static apr_status_t seats_open(mq_server_t *server, server_rec *main, int count, apr_pool_t *pconf)
{
    server->hashing_seats = apr_pcalloc(pconf, (apr_size_t)count * sizeof *server->hashing_seats);
    for (int i = 0; i < count; i++) {
        MQ_TRY(mq_shared_queue_open(&server->hashing_seats[i], main,
                                    apr_psprintf(pconf, "hashing %d", i)));
    }
    return APR_SUCCESS;
}

static const char *server_start(server_rec *s, server_rec *main, apr_pool_t *pconf,
                                apr_pool_t *ptemp)
{
    mq_config_t *config = mq_config_of(s);
    const char *fault = mq_config_complete(config, pconf);
    const char *outage = NULL;
    mq_server_t *server = NULL;
    mq_shared_t shared;
    if (fault) {
        return fault;
    }
    fault = mq_startup(&server, &outage, s, main, config, pconf, ptemp);
    if (!fault &&
        (mq_shared_setup(&shared, main, config->database, THROTTLE_RECORDS) != APR_SUCCESS ||
         seats_open(server, main, config->password_workers, pconf) != APR_SUCCESS ||
         mq_metrics_open(&server->metrics, main, config->database, server->app.routes) !=
             APR_SUCCESS)) {
        fault = "there is no shared memory";
    }
    if (!fault) {
        server->writers = shared.writers;
        server->core.throttle = server->core.throttle_rows ? NULL : shared.throttle;
        fault = mq_housekeeping_begin(s, config, server, pconf);
    }
    if (!fault) {
        config->running = server;
    }
    if (!fault && outage) {
        mq_outage_tell(server->outage, s, outage);
    }
    return fault;
}

static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *main)
{
    (void)plog;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK; /* a rehearsal: the module is unloaded and loaded again after it */
    }
    mq_private_logs_setup(main, pconf);
    for (server_rec *s = main; s; s = s->next) {
        const char *fault;
        if (mq_config_of(s)->enabled != 1) {
            continue;
        }
        fault = server_start(s, main, pconf, ptemp);
        /* What can be seen in the configuration has ended a start in check_config: the other hosts
         * do not fall with this one. */
        if (fault) {
            ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s,
                         "MSQ0004: MedSynQ answers 503 until this is mended and the server "
                         "reloaded: %s",
                         fault);
        }
    }
    return OK;
}

/* Events of MedSynQAuditViews batched that the database did not take. */
static void disclosures_tell(mq_disclosures_news_t news, int count, apr_status_t rv, void *context)
{
    server_rec *s = context;
    if (news == MQ_DISCLOSURES_WAIT) {
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, s,
                     "MSQ0007: %d events of the audit trail could not be written; they are tried "
                     "again each second",
                     count);
    } else if (news == MQ_DISCLOSURES_WRITTEN) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s,
                     "MSQ0008: the events of the audit trail that waited are written");
    } else {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s,
                     "MSQ0009: %d events of the audit trail are lost: they could not be written "
                     "before this child ended",
                     count);
    }
}

static void mail_tell(apr_status_t rv, const char *what, void *context)
{
    ap_log_error(APLOG_MARK, APLOG_ERR, rv, (server_rec *)context,
                 "MSQ0036: a mail was not taken by the command of MedSynQSendmail: %s", what);
}

/* Who waits for a password's turn keeps a thread: half of them are left to everybody else. */
static int hashing_waits(void)
{
    int threads = 0;
    if (ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads) != APR_SUCCESS) {
        return HASHING_WAITS;
    }
    return threads < 2 ? 1 : threads / 2;
}

static void hashing_begin(mq_server_t *server, const mq_config_t *config, server_rec *s,
                          apr_pool_t *pchild)
{
    if (mq_workers_make(&server->core.hashing, server->hashing_seats, config->password_workers,
                        hashing_waits(), pchild) != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s,
                     "MSQ0010: this child hashes passwords without MedSynQPasswordWorkers");
        server->core.hashing = NULL;
    }
}

static void mails_begin(mq_server_t *server, const mq_config_t *config, server_rec *s,
                        apr_pool_t *pchild)
{
    if (config->mail && mq_mail_queue_make(&server->core.mails, config->mail->command, mail_tell, s,
                                           pchild) != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, "MSQ0014: this child sends no mails");
        server->core.mails = NULL;
    }
}

/* In the order in which they need each other: what is made later ends earlier. */
static void database_begin(mq_server_t *server, const mq_config_t *config, server_rec *s,
                           int *is_stuck, apr_pool_t *pchild)
{
    if (mq_connections_make(&server->connections, &server->store, s, config, server->outage,
                            server->writers, pchild) != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s,
                     "MSQ0005: this child has no memory for database connections");
    }
    /* after the connections: it writes what it still has before they are closed */
    if (mq_disclosures_make(&server->core.disclosures, &server->store, (mq_views_t)config->views,
                            disclosures_tell, s, pchild) != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s,
                     "MSQ0006: this child commits each event of the audit trail alone");
        server->core.disclosures = NULL;
    }
    /* after both: it ends before them */
    if (mq_job_runner_make(&server->jobs, &server->core, s, is_stuck, pchild) != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s, "MSQ0011: this child works on no jobs");
        server->jobs = NULL;
    }
}

static void child_init(apr_pool_t *pchild, server_rec *main)
{
    int *is_stuck = mq_job_runner_guard(pchild); /* before all others: it comes last */
    mq_body_waits_t *body_waits = mq_body_waits_make(pchild);
    mq_log_budget_t *log_budget = mq_log_budget_make(pchild);
    for (server_rec *s = main; s; s = s->next) {
        const mq_config_t *config = mq_config_of(s);
        mq_server_t *server = config->running;
        if (!server) {
            continue;
        }
        server->body_waits = body_waits;
        server->log_budget = log_budget;
        server->metrics_child = mq_metrics_child_begin(server->metrics, pchild);
        mq_session_store_child(&server->sessions, pchild);
        hashing_begin(server, config, s, pchild);
        mails_begin(server, config, s, pchild);
        database_begin(server, config, s, is_stuck, pchild);
    }
}

/* httpd's ErrorDocument brought the request here. */
static int is_error_document(const request_rec *r)
{
    return r->prev && r->prev->status >= HTTP_BAD_REQUEST && strcmp(r->uri, MQ_ERROR_PATH) == 0;
}

/* Claim our paths before the core looks for files: no system call, and mod_dir cannot turn "/" into
 * a file. */
static int map_to_storage(request_rec *r)
{
    const mq_config_t *config = mq_config_of(r->server);
    if (config->enabled != 1 || r->main || r->proxyreq || !r->uri ||
        (!mq_routes_own(mq_route_tables, r->uri) && !mq_public_files_own(r->uri) &&
         !is_error_document(r))) {
        return DECLINED;
    }
    r->filename = apr_pstrdup(r->pool, "medsynq:");
    r->path_info = NULL;
    r->finfo.filetype = APR_NOFILE;
    ap_set_module_config(r->request_config, &medsynq_module, (void *)(uintptr_t)mq_claimed_mark);
    return OK;
}

static int fixups(request_rec *r)
{
    int is_ours = is_claimed(r);
    /* nor does httpd's own handler, of files and of what does not exist, want a body */
    if (is_ours || (mq_config_of(r->server)->enabled == 1 && !r->main && !r->handler)) {
        mq_request_body_expect(r);
    }
    if (is_ours) {
        r->handler = mq_claimed_mark;
        return OK;
    }
    return DECLINED;
}

static int say_unavailable(request_rec *r)
{
    static const char text[] = "MedSynQ is being mended. Try again in a few minutes.\n";
    r->status = HTTP_SERVICE_UNAVAILABLE;
    apr_table_setn(r->err_headers_out, "Retry-After", "60");
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    ap_set_content_type(r, "text/plain; charset=utf-8");
    ap_set_content_length(r, sizeof text - 1);
    if (!r->header_only) {
        (void)ap_rwrite(text, sizeof text - 1, r);
    }
    return OK;
}

static int handler(request_rec *r)
{
    const mq_server_t *server;
    mq_trouble_t trouble;
    int answer;
    if (!is_claimed(r)) {
        return r->handler && strcmp(r->handler, MQ_METRICS_HANDLER) == 0 ? mq_metrics_page(r)
                                                                         : DECLINED;
    }
    server = mq_config_of(r->server)->running;
    if (!server || !server->store.lend) {
        return say_unavailable(r);
    }
    if (is_error_document(r)) {
        return mq_request_serve_error(r, &server->app);
    }
    answer = mq_public_files_serve(r, server->public_files);
    if (answer != DECLINED) {
        return answer;
    }
    if (access(server->maintenance, F_OK) == 0) {
        return mq_request_serve_maintenance(r, &server->app, server->maintenance);
    }
    trouble = (mq_trouble_t)atomic_load(mq_outage_trouble(server->outage));
    return mq_outage_is_down(server->outage) ? mq_request_serve_outage(r, &server->app, trouble)
                                             : mq_request_serve(r, &server->app);
}

static int status_show(request_rec *r, int flags)
{
    mq_metrics_status(r, flags);
    return OK;
}

static void library_pin(const void *symbol)
{
    Dl_info info;
    void *library = dladdr(symbol, &info)
                        ? dlopen(info.dli_fname, RTLD_NOW | RTLD_NODELETE | RTLD_NOLOAD)
                        : NULL;
    if (library) {
        (void)dlclose(library);
    }
}

/* httpd unloads and loads this module at every reload. ICU and the engines would go and come with
 * it, and what they keep for the process's life would be lost each time: they stay. */
static void pin_libraries(void)
{
    const mq_engine_t *engine;
    library_pin((const void *)(uintptr_t)u_errorName);
    library_pin((const void *)(uintptr_t)utrans_close);
    for (int i = 0; (engine = mq_engine_at(i)) != NULL; i++) {
        library_pin(engine->library);
    }
}

static void register_hooks(apr_pool_t *p)
{
    static const char *const after_us[] = {"mod_watchdog.c", NULL}; /* counts its callers there */
    pin_libraries();
    /* httpd ends a child that is just starting by exit() within a signal handler: libcrypto's
     * clean-up there would free memory in the middle of an allocation */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    (void)apr_dbd_init(p);
    mq_session_cache_register(p);
    ap_hook_pre_config(pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(post_config, NULL, after_us, APR_HOOK_LAST);
    ap_hook_child_init(child_init, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_map_to_storage(map_to_storage, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_fixups(fixups, NULL, NULL, APR_HOOK_LAST);
    ap_hook_handler(handler, NULL, NULL, APR_HOOK_FIRST);
    mq_config_report_hooks();
    mq_private_logs_hooks();
    APR_OPTIONAL_HOOK(ap, status_hook, status_show, NULL, NULL, APR_HOOK_MIDDLE);
}

AP_DECLARE_MODULE(medsynq) = {
    STANDARD20_MODULE_STUFF, NULL,          NULL,           mq_config_create,
    mq_config_merge,         mq_directives, register_hooks, 0};

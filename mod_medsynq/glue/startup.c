/* startup.c -- preparing a server: its secret, migrations in a child of their own, templates,
 * session cache. Nothing here runs at the configuration's first, rehearsing pass. */
#include "glue/startup.h"

#include <apr_file_io.h>
#include <apr_strings.h>

#include <http_core.h>

#include "base/crypto.h"
#include "base/folder_lock.h"
#include "domain/access/secrets.h"
#include "glue/module.h"
#include "glue/session_store.h"
#include "version_gen.h"
#include "web/pages.h"
#include "web/route_tables.h"

APLOG_USE_MODULE(medsynq);

/* medsynqctl restore wants the database for itself; our children hold the lock with us. */
static const char *lock(const char *path, apr_pool_t *pconf, apr_pool_t *ptemp)
{
    apr_status_t rv = mq_folder_lock(path, 0, pconf);
    char text[128];
    if (rv == MQ_EFULL) {
        return "medsynqctl restore is at work on the database: start when it has ended";
    }
    return rv == APR_SUCCESS
               ? NULL
               : apr_psprintf(ptemp, "the folder of the database %s cannot be opened: %s", path,
                              apr_strerror(rv, text, sizeof text));
}

enum { SHARES_PER_FAILURE = 100 /* in an hour: nobody types so many */ };

static const char *core_make(mq_server_t *server, const mq_config_t *config, apr_pool_t *pconf,
                             apr_pool_t *ptemp)
{
    mq_core_t *core = &server->core;
    const char *fault = mq_secret_take(core, config->secret_file, 1, ptemp);
    if (fault) {
        return fault;
    }
    if (mq_password_dummy(&core->password_dummy, config->password_cost, pconf) != APR_SUCCESS) {
        return "libcrypto gives no keys";
    }
    if (mq_text_make(&core->folding, pconf) != APR_SUCCESS) {
        return "ICU's data is missing: install the package libicu";
    }
    core->store = &server->store;
    core->sessions = &server->sessions;
    core->throttle_rows = mq_config_is_shared(config);
    core->password_cost = config->password_cost;
    core->failures_per_account = config->failures_per_account;
    core->failures_per_address = config->failures_per_address;
    core->registrations_per_hour = config->registrations_per_hour;
    core->shares_per_hour = config->failures_per_account * SHARES_PER_FAILURE;
    core->quotas[MQ_QUOTA_PATIENTS] = config->quota_patients;
    core->quotas[MQ_QUOTA_PEOPLE] = config->quota_people;
    core->quotas[MQ_QUOTA_FILES] = config->quota_files;
    core->quotas[MQ_QUOTA_BYTES] = config->quota_bytes;
    core->idle_limit = config->idle_limit;
    core->absolute_limit = config->absolute_limit;
    core->mail = config->mail;
    core->registration = (mq_registration_t)config->registration;
    return NULL;
}

/* All that the children share, in the order in which it is needed. @return why not, or NULL */
static const char *server_make(mq_server_t *server, int *from_out, const char **outage_out,
                               server_rec *s, server_rec *main_server, const mq_config_t *config,
                               apr_pool_t *pconf, apr_pool_t *ptemp)
{
    const char *fault = NULL;
    if (mq_routes_compile(&server->app.routes, mq_route_tables, &fault, pconf) == APR_SUCCESS) {
        server->app.tabs = server->app.routes->tabs;
        fault = core_make(server, config, pconf, ptemp);
    }
    if (!fault && mq_pages_compile(&server->app.pages, server->app.routes->pages, config->templates,
                                   &fault, pconf) == APR_SUCCESS) {
        fault = mq_public_files_read(&server->public_files, config->public_folder, pconf, ptemp);
    }
    if (!fault) {
        fault = lock(config->files, pconf, ptemp);
    }
    if (!fault && mq_outage_begin(&server->outage, from_out, outage_out, config, &server->core,
                                  pconf) != APR_SUCCESS) {
        fault = "there is no shared memory";
    }
    return fault ? fault
                 : mq_session_store_open(&server->sessions, &server->store, s, main_server, config,
                                         pconf, ptemp);
}

const char *mq_startup(mq_server_t **server_out, const char **outage_out, server_rec *s,
                       server_rec *main_server, const mq_config_t *config, apr_pool_t *pconf,
                       apr_pool_t *ptemp)
{
    mq_server_t *server = apr_pcalloc(pconf, sizeof *server);
    int from = 0;
    const char *fault =
        server_make(server, &from, outage_out, s, main_server, config, pconf, ptemp);
    if (fault) {
        return fault;
    }
    server->maintenance = apr_pstrcat(pconf, config->files, ".maintenance", NULL);
    server->app.core = &server->core;
    server->app.body_limit = (apr_size_t)config->body_limit;
    server->app.timing = (mq_timing_t)config->timing;
    server->app.upload_limit = (apr_size_t)config->upload_limit;
    server->app.upload_folder = ap_make_dirstr_parent(pconf, config->files);
    server->app.static_version = mq_public_files_version(server->public_files);
    *server_out = server;
    if (mq_outage_is_down(server->outage)) {
        return NULL;
    }
    ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s,
                 "MSQ0001: MedSynQ " MEDSYNQ_VERSION " serves %s; database %s, schema %d%s; "
                 "sessions in %s, idle limit %d s, absolute limit %d s",
                 s->server_hostname ? s->server_hostname : "this server", config->database,
                 mq_migration_count,
                 from == mq_migration_count ? "" : apr_psprintf(ptemp, " (migrated from %d)", from),
                 config->session_provider, (int)apr_time_sec(config->idle_limit),
                 (int)apr_time_sec(config->absolute_limit));
    return NULL;
}

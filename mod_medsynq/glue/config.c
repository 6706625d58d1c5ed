/* config.c -- MedSynQ's directives. A wrong value fails configtest with a sentence that says what
 * is allowed. They are described for administrators in mod_medsynq/DIRECTIVES.md. */
#include "glue/config.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <ap_provider.h>
#include <ap_socache.h>
#include <http_core.h>

#include "base/crypto.h"
#include "domain/trail/disclosures.h"
#include "glue/module.h"
#include "glue/session_cache.h"
#include "store/engine.h"
#include "web/request.h"

APLOG_USE_MODULE(medsynq);

enum {
    HEADS_SECONDS = 300,
    RETENTION_DAYS_MOST = 36500,
    IDLE_SECONDS = 15 * 60,
    ABSOLUTE_SECONDS = 12 * 3600,
    PASSWORD_COST = 12,
    REGISTRATIONS_PER_HOUR = 20,
    FAILURES_PER_ACCOUNT = 5,
    FAILURES_PER_ADDRESS = 50,
    PASSWORD_WORKERS_MOST = 64,
    BODY_LIMIT = 512 * 1024,
    BODY_LIMIT_LEAST = 16 * 1024,
    BODY_LIMIT_MOST = 1024 * 1024 * 1024,
    UPLOAD_LIMIT = 64 * 1024 * 1024,
    CONNECTIONS = 16,
    CONNECTIONS_MOST = 1000
};

mq_config_t *mq_config_of(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &medsynq_module);
}

void *mq_config_create(apr_pool_t *p, server_rec *s)
{
    mq_config_t *config = apr_pcalloc(p, sizeof *config);
    (void)s;
    config->enabled = MQ_UNSET;
    config->idle_limit = MQ_UNSET;
    config->absolute_limit = MQ_UNSET;
    config->password_cost = MQ_UNSET;
    config->views = MQ_UNSET;
    config->retention = MQ_UNSET;
    config->heads_seconds = MQ_UNSET;
    config->registration = MQ_UNSET;
    config->registrations_per_hour = MQ_UNSET;
    config->failures_per_account = MQ_UNSET;
    config->failures_per_address = MQ_UNSET;
    config->password_workers = MQ_UNSET;
    config->body_limit = MQ_UNSET;
    config->upload_limit = MQ_UNSET;
    config->connections = MQ_UNSET;
    config->timing = MQ_UNSET;
    return config;
}

void *mq_config_merge(apr_pool_t *p, void *base, void *add)
{
    const mq_config_t *b = base;
    const mq_config_t *a = add;
    mq_config_t *config = apr_pmemdup(p, a, sizeof *config);
#define INHERIT_NUMBER(member) config->member = a->member == MQ_UNSET ? b->member : a->member
#define INHERIT_TEXT(member) config->member = a->member ? a->member : b->member
    INHERIT_NUMBER(enabled);
    INHERIT_TEXT(driver);
    INHERIT_TEXT(database);
    INHERIT_TEXT(templates);
    INHERIT_TEXT(public_folder);
    INHERIT_TEXT(secret_file);
    INHERIT_TEXT(session_provider);
    INHERIT_TEXT(session_arguments);
    INHERIT_TEXT(mail);
    INHERIT_NUMBER(idle_limit);
    INHERIT_NUMBER(absolute_limit);
    INHERIT_NUMBER(password_cost);
    INHERIT_NUMBER(views);
    INHERIT_NUMBER(retention);
    INHERIT_TEXT(archive_folder);
    INHERIT_TEXT(heads_target);
    INHERIT_NUMBER(heads_seconds);
    INHERIT_NUMBER(registration);
    INHERIT_NUMBER(registrations_per_hour);
    INHERIT_NUMBER(failures_per_account);
    INHERIT_NUMBER(failures_per_address);
    INHERIT_NUMBER(password_workers);
    INHERIT_NUMBER(body_limit);
    INHERIT_NUMBER(upload_limit);
    INHERIT_NUMBER(connections);
    INHERIT_NUMBER(timing);
#undef INHERIT_NUMBER
#undef INHERIT_TEXT
    return config;
}

/* So that the other half is always there for pages. */
static int half_the_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    long workers = cores < 2 ? 1 : cores / 2;
    return workers > PASSWORD_WORKERS_MOST ? PASSWORD_WORKERS_MOST : (int)workers;
}

#define DEFAULT(member, value)                                                                     \
    if (config->member == MQ_UNSET) {                                                              \
        config->member = value;                                                                    \
    }

const char *mq_config_complete(mq_config_t *config, apr_pool_t *p)
{
    DEFAULT(enabled, 0)
    DEFAULT(idle_limit, apr_time_from_sec(IDLE_SECONDS))
    DEFAULT(absolute_limit, apr_time_from_sec(ABSOLUTE_SECONDS))
    DEFAULT(password_cost, PASSWORD_COST)
    DEFAULT(views, MQ_VIEWS_SYNC)
    DEFAULT(retention, 0)
    DEFAULT(heads_seconds, HEADS_SECONDS)
    DEFAULT(registration, MQ_REGISTRATION_INVITE)
    DEFAULT(registrations_per_hour, REGISTRATIONS_PER_HOUR)
    DEFAULT(failures_per_account, FAILURES_PER_ACCOUNT)
    DEFAULT(failures_per_address, FAILURES_PER_ADDRESS)
    DEFAULT(password_workers, half_the_cores())
    DEFAULT(body_limit, BODY_LIMIT)
    DEFAULT(upload_limit, UPLOAD_LIMIT)
    DEFAULT(connections, CONNECTIONS)
    DEFAULT(timing, MQ_TIMING_SIGNED_IN)
    if (!config->session_provider) {
        config->session_provider = MQ_SESSION_CACHE_NAME;
    }
    if (!config->enabled) {
        return NULL;
    }
    if (!config->database) {
        return "MedSynQ is On but has no database: add MedSynQDatabase sqlite3 "
               "\"/var/lib/medsynq/medsynq.db\"";
    }
    if (!config->templates) {
        return "MedSynQ is On but has no templates: add MedSynQTemplates with the folder that "
               "holds home.html and the others";
    }
    if (config->absolute_limit < config->idle_limit) {
        return "MedSynQSessionTimeout: the absolute limit must not be shorter than the idle limit";
    }
    if (!config->secret_file) {
        config->secret_file =
            apr_pstrcat(p, ap_make_dirstr_parent(p, config->database), "secret", NULL);
    }
    if (!config->public_folder) {
        config->public_folder =
            apr_pstrcat(p, ap_make_dirstr_parent(p, config->templates), "htdocs/public", NULL);
    }
    if (!config->archive_folder) {
        config->archive_folder =
            apr_pstrcat(p, ap_make_dirstr_parent(p, config->database), "audit-archive", NULL);
    }
    return NULL;
}

#undef DEFAULT

static const char *set_enabled(cmd_parms *cmd, void *dir, int on)
{
    (void)dir;
    mq_config_of(cmd->server)->enabled = on;
    return NULL;
}

static const char *set_database(cmd_parms *cmd, void *dir, const char *driver,
                                const char *parameters)
{
    mq_config_t *config = mq_config_of(cmd->server);
    const mq_engine_t *engine = mq_engine_find(driver);
    const char *fault;
    (void)dir;
    if (!engine) {
        return apr_psprintf(cmd->pool, "MedSynQDatabase: driver '%s' is not supported; use sqlite3",
                            driver);
    }
    fault = engine->parameters_fault(parameters, cmd->pool);
    if (fault) {
        return apr_pstrcat(cmd->pool, "MedSynQDatabase: ", fault, NULL);
    }
    config->driver = driver;
    config->database = parameters;
    return NULL;
}

static const char *set_path(cmd_parms *cmd, void *dir, const char *value)
{
    const char *path = ap_server_root_relative(cmd->pool, value);
    (void)dir;
    if (!path || !*value) {
        return apr_psprintf(cmd->pool, "%s: '%s' is not a path", cmd->cmd->name, value);
    }
    *(const char **)((char *)mq_config_of(cmd->server) + (size_t)cmd->info) = path;
    return NULL;
}

static const char *set_session_cache(cmd_parms *cmd, void *dir, const char *value)
{
    mq_config_t *config = mq_config_of(cmd->server);
    const char *colon = strchr(value, ':');
    const char *name =
        colon ? apr_pstrmemdup(cmd->pool, value, (apr_size_t)(colon - value)) : value;
    const ap_socache_provider_t *provider =
        ap_lookup_provider(AP_SOCACHE_PROVIDER_GROUP, name, AP_SOCACHE_PROVIDER_VERSION);
    (void)dir;
    if (!provider) {
        return apr_psprintf(cmd->pool,
                            "MedSynQSessionCache: there is no provider '%s'; use medsynq, or load "
                            "the module mod_socache_%s before this line",
                            name, name);
    }
    config->session_provider = name;
    config->session_arguments = colon ? colon + 1 : NULL;
    if (strcmp(name, MQ_SESSION_CACHE_NAME) == 0 && colon) {
        ap_socache_instance_t *instance;
        const char *fault = provider->create(&instance, colon + 1, cmd->temp_pool, cmd->pool);
        if (fault) {
            return apr_psprintf(cmd->pool, "MedSynQSessionCache: %s", fault);
        }
    }
    return NULL;
}

/* "900", "15m", "12h", "1d". @return MQ_UNSET for anything else */
static apr_interval_time_t parse_duration(const char *text)
{
    static const struct {
        const char *unit;
        int seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}};
    char *end;
    apr_int64_t value = apr_strtoi64(text, &end, 10);
    if (end == text || value <= 0 || value > 366 * 86400) {
        return MQ_UNSET;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(end, units[i].unit) == 0) {
            return apr_time_from_sec(value * units[i].seconds);
        }
    }
    return MQ_UNSET;
}

static const char *set_session_timeout(cmd_parms *cmd, void *dir, const char *idle,
                                       const char *absolute)
{
    mq_config_t *config = mq_config_of(cmd->server);
    (void)dir;
    config->idle_limit = parse_duration(idle);
    if (absolute) {
        config->absolute_limit = parse_duration(absolute);
    }
    if (config->idle_limit == MQ_UNSET || (absolute && config->absolute_limit == MQ_UNSET)) {
        return "MedSynQSessionTimeout: give the idle limit and, if you like, the absolute limit in "
               "seconds or with a unit, such as 15m 12h";
    }
    return NULL;
}

typedef struct number_t {
    apr_int64_t least;
    apr_int64_t most;
    apr_size_t offset;
    int wide; /* the member is an apr_int64_t, else an int */
} number_t;

static const number_t password_cost = {MQ_PASSWORD_COST_MIN, MQ_PASSWORD_COST_MAX,
                                       offsetof(mq_config_t, password_cost), 0};
static const number_t password_workers = {1, PASSWORD_WORKERS_MOST,
                                          offsetof(mq_config_t, password_workers), 0};
static const number_t body_limit = {BODY_LIMIT_LEAST, BODY_LIMIT_MOST,
                                    offsetof(mq_config_t, body_limit), 1};
static const number_t upload_limit = {BODY_LIMIT_LEAST, BODY_LIMIT_MOST,
                                      offsetof(mq_config_t, upload_limit), 1};
static const number_t connections = {1, CONNECTIONS_MOST, offsetof(mq_config_t, connections), 0};

static const char *set_number(cmd_parms *cmd, void *dir, const char *value)
{
    const number_t *number = cmd->info;
    char *place = (char *)mq_config_of(cmd->server) + number->offset;
    char *end;
    apr_int64_t n = apr_strtoi64(value, &end, 10);
    (void)dir;
    if (end == value || *end || n < number->least || n > number->most) {
        return apr_psprintf(
            cmd->pool, "%s: '%s' must be a number from %" APR_INT64_T_FMT " to %" APR_INT64_T_FMT,
            cmd->cmd->name, value, number->least, number->most);
    }
    if (number->wide) {
        *(apr_int64_t *)(void *)place = n;
    } else {
        *(int *)(void *)place = (int)n;
    }
    return NULL;
}

static const char *set_registration(cmd_parms *cmd, void *dir, const char *value)
{
    static const char *const values[] = {[MQ_REGISTRATION_OPEN] = "open",
                                         [MQ_REGISTRATION_INVITE] = "invite",
                                         [MQ_REGISTRATION_CLOSED] = "closed"};
    (void)dir;
    for (int i = 0; i < (int)(sizeof values / sizeof *values); i++) {
        if (ap_cstr_casecmp(value, values[i]) == 0) {
            mq_config_of(cmd->server)->registration = i;
            return NULL;
        }
    }
    return apr_psprintf(cmd->pool, "MedSynQRegistration: '%s' must be open, invite or closed",
                        value);
}

static const char *set_timing(cmd_parms *cmd, void *dir, const char *value)
{
    static const char *const values[] = {
        [MQ_TIMING_OFF] = "off", [MQ_TIMING_SIGNED_IN] = "signed-in", [MQ_TIMING_ALL] = "all"};
    (void)dir;
    for (int i = 0; i < (int)(sizeof values / sizeof *values); i++) {
        if (ap_cstr_casecmp(value, values[i]) == 0) {
            mq_config_of(cmd->server)->timing = i;
            return NULL;
        }
    }
    return apr_psprintf(cmd->pool, "MedSynQServerTiming: '%s' must be off, signed-in or all",
                        value);
}

static const char *set_views(cmd_parms *cmd, void *dir, const char *value)
{
    static const char *const values[] = {
        [MQ_VIEWS_SYNC] = "sync", [MQ_VIEWS_BATCHED] = "batched", [MQ_VIEWS_OFF] = "off"};
    (void)dir;
    for (int i = 0; i < (int)(sizeof values / sizeof *values); i++) {
        if (ap_cstr_casecmp(value, values[i]) == 0) {
            mq_config_of(cmd->server)->views = i;
            return NULL;
        }
    }
    return apr_psprintf(cmd->pool, "MedSynQAuditViews: '%s' must be sync, batched or off", value);
}

static const char *set_retention(cmd_parms *cmd, void *dir, const char *value, const char *folder)
{
    mq_config_t *config = mq_config_of(cmd->server);
    char *end;
    apr_int64_t days = apr_strtoi64(value, &end, 10);
    (void)dir;
    if (folder && *folder != '/') {
        return apr_psprintf(cmd->pool,
                            "MedSynQAuditRetention: give the folder '%s' with its absolute path",
                            folder);
    }
    if (ap_cstr_casecmp(value, "off") == 0) {
        days = 0;
    } else if (end == value || *end || days < 1 || days > RETENTION_DAYS_MOST) {
        return apr_psprintf(cmd->pool,
                            "MedSynQAuditRetention: '%s' must be off or a number of days from 1 "
                            "to %d",
                            value, RETENTION_DAYS_MOST);
    }
    config->retention = (int)days;
    config->archive_folder = folder;
    return NULL;
}

static const char *set_heads(cmd_parms *cmd, void *dir, const char *target, const char *seconds)
{
    mq_config_t *config = mq_config_of(cmd->server);
    char *end = NULL;
    apr_int64_t n = seconds ? apr_strtoi64(seconds, &end, 10) : HEADS_SECONDS;
    (void)dir;
    if (!*target || n < 1 || n > 86400 || (end && *end)) {
        return "MedSynQAuditHeads: give a file or \"|program\", and after how many seconds again, "
               "1 to 86400";
    }
    config->heads_target = *target == '|' ? target : ap_server_root_relative(cmd->pool, target);
    config->heads_seconds = (int)n;
    return NULL;
}

static const char *set_registration_throttle(cmd_parms *cmd, void *dir, const char *value)
{
    char *end;
    apr_int64_t n = apr_strtoi64(value, &end, 10);
    (void)dir;
    if (ap_cstr_casecmp(value, "off") == 0) {
        n = 0;
    } else if (end == value || *end || n < 1 || n > 1000000) {
        return apr_psprintf(cmd->pool,
                            "MedSynQRegistrationThrottle: '%s' must be off or the number of "
                            "organisations that one address may create in an hour",
                            value);
    }
    mq_config_of(cmd->server)->registrations_per_hour = (int)n;
    return NULL;
}

static const char *set_login_throttle(cmd_parms *cmd, void *dir, const char *account,
                                      const char *address)
{
    mq_config_t *config = mq_config_of(cmd->server);
    const char *const values[] = {account, address};
    int *const places[] = {&config->failures_per_account, &config->failures_per_address};
    (void)dir;
    if (!address && ap_cstr_casecmp(account, "off") == 0) {
        config->failures_per_account = 0;
        config->failures_per_address = 0;
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        char *end = NULL;
        apr_int64_t n = values[i] ? apr_strtoi64(values[i], &end, 10) : 0;
        if (n < 1 || n > 1000000 || *end) {
            return "MedSynQLoginThrottle: give off, or two numbers: how many log-ins of one "
                   "account and of one address may fail before each further one must wait";
        }
        *places[i] = (int)n;
    }
    return NULL;
}

/* The host of a request's Host header could be anybody's: links in mails need a configured one. */
static const char *set_sendmail(cmd_parms *cmd, void *dir, const char *command, const char *site)
{
    mq_mail_t *mail = apr_pcalloc(cmd->pool, sizeof *mail);
    size_t length = strlen(site);
    char **argv;
    (void)dir;
    if (apr_tokenize_to_argv(command, &argv, cmd->pool) != APR_SUCCESS || !argv[0] ||
        argv[0][0] != '/') {
        return "MedSynQSendmail: give the command with its absolute path, such as "
               "\"/usr/sbin/sendmail -t -i\"";
    }
    if ((strncmp(site, "https://", 8) != 0 && strncmp(site, "http://", 7) != 0) ||
        site[length - 1] == '/') {
        return "MedSynQSendmail: give the site's address without a slash at its end, such as "
               "https://clinic.example";
    }
    mail->command = (const char *const *)argv;
    mail->site = site;
    mq_config_of(cmd->server)->mail = mail;
    return NULL;
}

#define PATH(name, member, help)                                                                   \
    AP_INIT_TAKE1(name, set_path, (void *)offsetof(mq_config_t, member), RSRC_CONF, help)
#define NUMBER(name, row, help)                                                                    \
    AP_INIT_TAKE1(name, set_number, (void *)(uintptr_t) & (row), RSRC_CONF, help)

const command_rec mq_directives[] = {
    AP_INIT_FLAG("MedSynQ", set_enabled, NULL, RSRC_CONF,
                 "On lets MedSynQ own its paths in this server or virtual host"),
    AP_INIT_TAKE2("MedSynQDatabase", set_database, NULL, RSRC_CONF,
                  "the apr_dbd driver, and its parameters: for sqlite3 an absolute path"),
    PATH("MedSynQTemplates", templates, "the folder of the page templates"),
    PATH("MedSynQPublic", public_folder, "the folder of the style sheet, script and images"),
    PATH("MedSynQSecretFile", secret_file,
         "the file of the server's secret; made at the first start"),
    AP_INIT_TAKE1("MedSynQSessionCache", set_session_cache, NULL, RSRC_CONF,
                  "where sessions are kept: provider, or provider:arguments"),
    AP_INIT_TAKE12("MedSynQSessionTimeout", set_session_timeout, NULL, RSRC_CONF,
                   "idle limit and absolute limit of a session"),
    NUMBER("MedSynQPasswordCost", password_cost, "the cost of bcrypt, 4 to 15"),
    AP_INIT_TAKE1("MedSynQRegistration", set_registration, NULL, RSRC_CONF,
                  "who may create an organisation: open, invite or closed"),
    AP_INIT_TAKE1("MedSynQAuditViews", set_views, NULL, RSRC_CONF,
                  "when what people see is recorded: sync, batched or off"),
    AP_INIT_TAKE12("MedSynQAuditRetention", set_retention, NULL, RSRC_CONF,
                   "after how many days events go to an archive, or off; the folder of archives"),
    AP_INIT_TAKE12("MedSynQAuditHeads", set_heads, NULL, RSRC_CONF,
                   "a file or |program for signed heads of the trail, and after how many seconds"),
    AP_INIT_TAKE1("MedSynQRegistrationThrottle", set_registration_throttle, NULL, RSRC_CONF,
                  "how many organisations one address may create in an hour, or off"),
    AP_INIT_TAKE12("MedSynQLoginThrottle", set_login_throttle, NULL, RSRC_CONF,
                   "failed log-ins of one account and of one address without a delay, or off"),
    NUMBER("MedSynQPasswordWorkers", password_workers,
           "how many passwords the server hashes at once"),
    AP_INIT_TAKE2("MedSynQSendmail", set_sendmail, NULL, RSRC_CONF,
                  "the command that takes mails, and the site's address for links in them"),
    NUMBER("MedSynQMaxBody", body_limit, "the largest form in bytes"),
    NUMBER("MedSynQMaxUpload", upload_limit, "the largest file to import, in bytes"),
    NUMBER("MedSynQConnections", connections, "how many database connections a process reads with"),
    AP_INIT_TAKE1("MedSynQServerTiming", set_timing, NULL, RSRC_CONF,
                  "who is told in Server-Timing how long a page took: off, signed-in or all"),
    {NULL}};

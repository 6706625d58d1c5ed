/* config.c -- how the directives of directives.h are read. A wrong value fails configtest with a
 * sentence that says what is allowed. Administrators read about them in docs/directives.md. */
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
    PASSWORD_WORKERS_MOST = 64,
    BODY_LIMIT_LEAST = 16 * 1024,
    BODY_LIMIT_MOST = 1024 * 1024 * 1024,
    CONNECTIONS_MOST = 1000,
    CHOICES_MOST = 3
};

#define QUOTA_MOST (APR_INT64_MAX / 1024)

mq_config_t *mq_config_of(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &medsynq_module);
}

void *mq_config_create(apr_pool_t *p, server_rec *s)
{
    mq_config_t *config = apr_pcalloc(p, sizeof *config);
    (void)s;
#define NUMBER(type, member, unless_set) config->member = MQ_UNSET;
#include "glue/directives.h"
    return config;
}

void *mq_config_merge(apr_pool_t *p, void *base, void *add)
{
    const mq_config_t *b = base;
    const mq_config_t *a = add;
    mq_config_t *config = apr_pmemdup(p, a, sizeof *config);
#define NUMBER(type, member, unless_set)                                                           \
    config->member = a->member == MQ_UNSET ? b->member : a->member;
#define TEXT(type, member) config->member = a->member ? a->member : b->member;
#include "glue/directives.h"
    return config;
}

/* So that the other half is always there for pages. */
static int half_the_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    long workers = cores < 2 ? 1 : cores / 2;
    return workers > PASSWORD_WORKERS_MOST ? PASSWORD_WORKERS_MOST : (int)workers;
}

int mq_config_is_shared(const mq_config_t *config)
{
    return strcmp(config->session_provider, MQ_SESSIONS_IN_DATABASE) == 0;
}

/* What belongs beside a database: by the file's name, or in a folder of its own. */
static const char *files_complete(mq_config_t *config, apr_pool_t *p)
{
    const mq_engine_t *engine = mq_engine_find(config->driver);
    if (engine->has_file && config->folder) {
        return "MedSynQFolder is for a database that is no file: what belongs beside a file is in "
               "its own folder";
    }
    if (!engine->has_file && !config->folder) {
        return apr_psprintf(p,
                            "MedSynQDatabase %s needs MedSynQFolder, a folder of the server's user "
                            "for files that are on their way",
                            config->driver);
    }
    if (!engine->has_owner && (config->retention > 0 || config->heads_target)) {
        return apr_psprintf(p, "%s is not there for MedSynQDatabase %s yet: remove it",
                            config->heads_target ? "MedSynQAuditHeads" : "MedSynQAuditRetention",
                            config->driver);
    }
    if (mq_config_is_shared(config) && engine->has_file) {
        return apr_psprintf(p,
                            "MedSynQSessionCache database is for several servers on one database, "
                            "and MedSynQDatabase %s is for one server: remove it",
                            config->driver);
    }
    config->files =
        engine->has_file ? config->database : apr_pstrcat(p, config->folder, "/medsynq", NULL);
    return NULL;
}

/* @return what was said, or else the name of it beside a folder */
static const char *beside(const char *said, const char *folder, const char *name, apr_pool_t *p)
{
    return said ? said : apr_pstrcat(p, ap_make_dirstr_parent(p, folder), name, NULL);
}

const char *mq_config_complete(mq_config_t *config, apr_pool_t *p)
{
    const char *fault;
#define NUMBER(type, member, unless_set)                                                           \
    config->member = config->member == MQ_UNSET ? (type)(unless_set) : config->member;
#include "glue/directives.h"
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
    fault = files_complete(config, p);
    if (fault) {
        return fault;
    }
    if (!config->templates) {
        return "MedSynQ is On but has no templates: add MedSynQTemplates with the folder that "
               "holds home.html and the others";
    }
    if (config->absolute_limit < config->idle_limit) {
        return apr_psprintf(p,
                            "MedSynQSessionTimeout: the absolute limit, %d minutes where nothing "
                            "else is said, must not be shorter than the idle limit, %d minutes: "
                            "give both, such as 1d 1d",
                            (int)(apr_time_sec(config->absolute_limit) / 60),
                            (int)(apr_time_sec(config->idle_limit) / 60));
    }
    config->secret_file = beside(config->secret_file, config->files, "secret", p);
    config->public_folder = beside(config->public_folder, config->templates, "htdocs/public", p);
    config->archive_folder = beside(config->archive_folder, config->files, "audit-archive", p);
    return NULL;
}

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
        return apr_psprintf(
            cmd->pool, "MedSynQDatabase: driver '%s' is not supported; use %s", driver,
            mq_engine_at(1) ? "sqlite3 or pgsql" : "sqlite3: this MedSynQ was built without libpq");
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
    if (strcmp(value, MQ_SESSIONS_IN_DATABASE) == 0) {
        config->session_provider = value;
        config->session_arguments = NULL;
        return NULL;
    }
    if (!provider) {
        return apr_psprintf(
            cmd->pool,
            "MedSynQSessionCache: there is no provider '%s'; use medsynq or database, "
            "or load the module mod_socache_%s before this line",
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
        if (strcmp(end, units[i].unit) == 0 && value <= 366 * 86400 / units[i].seconds) {
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
               "seconds or with a unit, such as 15m 12h; 366d at most";
    }
    return NULL;
}

typedef struct number_t {
    apr_int64_t least;
    apr_int64_t most;
    apr_size_t offset;
    int wide; /* the member is an apr_int64_t, else an int */
} number_t;

/* One word of some, whose place is stored. */
typedef struct choice_t {
    const char *words[CHOICES_MOST];
    apr_size_t offset;
} choice_t;

#define RANGE(type, member, unless_set, least, most)                                               \
    static const number_t member = {least, most, offsetof(mq_config_t, member),                    \
                                    sizeof(type) == sizeof(apr_int64_t)};
#define CHOICE(member, unless_set, ...)                                                            \
    static const choice_t member = {{__VA_ARGS__}, offsetof(mq_config_t, member)};
#include "glue/directives.h"

/* "512", and of bytes "64k", "1M", "1G". @return -1 it is none */
static apr_int64_t parse_number(const char *text, int is_bytes)
{
    static const char units[] = "kmg";
    char *end;
    apr_int64_t n = apr_strtoi64(text, &end, 10);
    if (end == text || n < 0) {
        return -1;
    }
    if (is_bytes && *end) {
        const char *unit = strchr(units, apr_tolower(*end));
        for (const char *u = units; unit && u <= unit; u++) {
            n = n > APR_INT64_MAX / 1024 ? APR_INT64_MAX : n * 1024;
        }
        end += unit != NULL;
    }
    return *end ? -1 : n;
}

static const char *set_quota(cmd_parms *cmd, void *dir, const char *what, const char *value)
{
    mq_config_t *config = mq_config_of(cmd->server);
    const struct {
        const char *word;
        apr_int64_t *place;
        int is_bytes;
    } kinds[] = {{"patients", &config->quota_patients, 0},
                 {"people", &config->quota_people, 0},
                 {"files", &config->quota_files, 0},
                 {"bytes", &config->quota_bytes, 1}};
    (void)dir;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (ap_cstr_casecmp(what, kinds[i].word) == 0) {
            apr_int64_t n =
                ap_cstr_casecmp(value, "off") == 0 ? 0 : parse_number(value, kinds[i].is_bytes);
            if (n < 0 || (n == 0 && *value == '0') || n > QUOTA_MOST) {
                return apr_psprintf(
                    cmd->pool, "MedSynQQuota %s: '%s' must be off or a number%s", kinds[i].word,
                    value, kinds[i].is_bytes ? " of bytes, such as 500M or 20G" : " from 1 on");
            }
            *kinds[i].place = n;
            return NULL;
        }
    }
    return apr_psprintf(cmd->pool,
                        "MedSynQQuota: '%s' must be patients, people, files or bytes, followed by "
                        "off or how many an organisation may keep",
                        what);
}

static const char *set_number(cmd_parms *cmd, void *dir, const char *value)
{
    const number_t *number = cmd->info;
    char *place = (char *)mq_config_of(cmd->server) + number->offset;
    apr_int64_t n = parse_number(value, number->wide);
    (void)dir;
    if (n < number->least || n > number->most) {
        return apr_psprintf(cmd->pool,
                            "%s: '%s' must be a number%s from %" APR_INT64_T_FMT
                            " to %" APR_INT64_T_FMT "%s",
                            cmd->cmd->name, value, number->wide ? " of bytes" : "", number->least,
                            number->most, number->wide ? ", such as 64k or 1M" : "");
    }
    if (number->wide) {
        *(apr_int64_t *)(void *)place = n;
    } else {
        *(int *)(void *)place = (int)n;
    }
    return NULL;
}

/* @return the word that somebody may have meant, or NULL */
static const char *word_meant(const char *const *words, const char *value)
{
    for (int i = 0; i < CHOICES_MOST; i++) {
        apr_size_t length = strlen(words[i]);
        length = strlen(value) < length ? strlen(value) : length;
        if (length >= 2 && ap_cstr_casecmpn(value, words[i], length) == 0) {
            return words[i];
        }
    }
    return NULL;
}

static const char *set_choice(cmd_parms *cmd, void *dir, const char *value)
{
    const choice_t *choice = cmd->info;
    const char *const *words = choice->words;
    const char *meant = word_meant(words, value);
    (void)dir;
    for (int i = 0; i < CHOICES_MOST; i++) {
        if (ap_cstr_casecmp(value, words[i]) == 0) {
            *(int *)(void *)((char *)mq_config_of(cmd->server) + choice->offset) = i;
            return NULL;
        }
    }
    return apr_psprintf(cmd->pool, "%s: '%s' must be %s, %s or %s%s%s%s", cmd->cmd->name, value,
                        words[0], words[1], words[2], meant ? "; did you mean " : "",
                        meant ? meant : "", meant ? "?" : "");
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
    static const char host_characters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
    mq_mail_t *mail = apr_pcalloc(cmd->pool, sizeof *mail);
    size_t length = strlen(site);
    const char *host = site;
    char **argv;
    (void)dir;
    if (apr_tokenize_to_argv(command, &argv, cmd->pool) != APR_SUCCESS || !argv[0] ||
        argv[0][0] != '/') {
        return "MedSynQSendmail: give the command with its absolute path, such as "
               "\"/usr/sbin/sendmail -t -i\"";
    }
    host += strncmp(site, "https://", 8) == 0 ? 8 : strncmp(site, "http://", 7) == 0 ? 7 : length;
    if (!*host || host[strspn(host, host_characters)]) {
        return "MedSynQSendmail: give the site's address, a host and perhaps its port without a "
               "slash at its end, such as https://clinic.example";
    }
    mail->command = (const char *const *)argv;
    mail->site = site;
    mq_config_of(cmd->server)->mail = mail;
    return NULL;
}

#define OFFSET(member) (void *)offsetof(mq_config_t, member)
#define DIRECTIVE(name, arguments, setter, info, help)                                             \
    AP_INIT_##arguments(name, setter, (void *)(uintptr_t)(info), RSRC_CONF, help),

const command_rec mq_directives[] = {
#include "glue/directives.h"
    {NULL}};

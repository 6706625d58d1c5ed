/* config_report.c -- what is no mistake, and passes configtest, and yet wants to be known: one line
 * for each host and subject, fields parted by tabs, as `medsynqctl check --config` reads them. */
#include "glue/config_report.h"

#include <apr_file_io.h>
#include <apr_network_io.h>
#include <string.h>

#include <ap_listen.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>

#include "glue/config.h"

static int is_loopback(apr_sockaddr_t *address)
{
    char *text;
    return address && apr_sockaddr_ip_get(&text, address) == APR_SUCCESS &&
           (strncmp(text, "127.", 4) == 0 || strcmp(text, "::1") == 0);
}

/* Reached from this machine alone. */
static int is_local(const server_rec *s)
{
    int others = 0;
    int own = 0;
    for (const ap_listen_rec *listener = ap_listeners; listener; listener = listener->next) {
        others += !is_loopback(listener->bind_addr);
    }
    for (const server_addr_rec *each = s->addrs; each; each = each->next) {
        own += !is_loopback(each->host_addr);
    }
    return !others || (s->is_virtual && s->addrs && !own);
}

/* The last word of a directive among a container's own; those of <IfModule> and Include stand there
 * as well. */
static const char *said_in(const ap_directive_t *directive, const char *name)
{
    const char *said = NULL;
    for (; directive; directive = directive->next) {
        said = strcasecmp(directive->directive, name) == 0 ? directive->args : said;
    }
    return said;
}

/* mod_ssl tells nobody before it has opened keys, which configtest does not do. */
static const char *said_of_host(const server_rec *s, const char *name)
{
    const char *said = NULL;
    for (const ap_directive_t *each = ap_conftree; s->is_virtual && each; each = each->next) {
        if (strcasecmp(each->directive, "<VirtualHost") == 0 && s->defn_name &&
            each->line_num == (int)s->defn_line_number &&
            strcmp(each->filename, s->defn_name) == 0) {
            said = said_in(each->first_child, name);
        }
    }
    return said ? said : said_in(ap_conftree, name);
}

/* "optional" also answers who does not ask for it. */
static int has_tls(const server_rec *s)
{
    static const char *const engines[] = {"SSLEngine", "GnuTLSEnable"};
    int has = s->server_scheme && strcmp(s->server_scheme, "https") == 0;
    for (size_t i = 0; i < sizeof engines / sizeof *engines && !has; i++) {
        const char *said = said_of_host(s, engines[i]);
        has = said && strcasecmp(said, "on") == 0;
    }
    return has;
}

static const char *tls_fault(const server_rec *s, const mq_config_t *config)
{
    (void)config;
    return has_tls(s) || is_local(s)
               ? NULL
               : "it answers without TLS, and not this machine alone: passwords and records can be "
                 "read on the way. SSLEngine on, or ServerName https://... where a proxy ends TLS";
}

static const char *registration_fault(const server_rec *s, const mq_config_t *config)
{
    return config->registration != MQ_REGISTRATION_OPEN || is_local(s)
               ? NULL
               : "anybody who reaches it may create an organisation: MedSynQRegistration invite";
}

static const char *logs_fault(const server_rec *s, const mq_config_t *config)
{
    static const char *const files[] = {"core.c", "http_core.c", "mod_ssl.c"};
    (void)config;
    if (ap_find_linked_module("mod_log_forensic.c") || ap_find_linked_module("mod_dumpio.c")) {
        return "mod_log_forensic or mod_dumpio is loaded: they write down what MedSynQ takes out, "
               "cookies as well. a2dismod it";
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const module *found = ap_find_linked_module(files[i]);
        if (found && ap_get_server_module_loglevel(s, found->module_index) >= APLOG_TRACE4) {
            return "at LogLevel trace4 httpd writes down requests as they come, with search words "
                   "and one-time links: LogLevel debug says enough";
        }
    }
    return NULL;
}

static const char *mail_fault(const server_rec *s, const mq_config_t *config)
{
    (void)s;
    return config->mail
               ? NULL
               : "ok: none is sent (MedSynQSendmail), administrators pass links on by hand";
}

static void report(apr_pool_t *pconf, server_rec *main)
{
    static const struct {
        const char *what;
        const char *(*fault)(const server_rec *s, const mq_config_t *config);
    } rows[] = {{"tls", tls_fault},
                {"registration", registration_fault},
                {"logs", logs_fault},
                {"mail", mail_fault}};
    apr_file_t *out;
    if (!ap_exists_config_define("DUMP_MEDSYNQ") ||
        apr_file_open_stdout(&out, pconf) != APR_SUCCESS) {
        return;
    }
    for (const server_rec *s = main; s; s = s->next) {
        const mq_config_t *config = mq_config_of(s);
        const char *host = s->server_hostname ? s->server_hostname : "the main server";
        if (config->enabled != 1) {
            continue;
        }
        apr_file_printf(out, "MedSynQ\t%s\tdatabase\t%s\n", host, config->database);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            const char *fault = rows[i].fault(s, config);
            apr_file_printf(out, "MedSynQ\t%s\t%s\t%s\n", host, rows[i].what, fault ? fault : "ok");
        }
    }
}

void mq_config_report_hooks(void)
{
    ap_hook_test_config(report, NULL, NULL, APR_HOOK_MIDDLE);
}

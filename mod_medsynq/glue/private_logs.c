/* private_logs.c -- the request line, the address and the Referer are made fit to be written down
 * before anybody writes them: the line and the Referer when the request was read, since the status
 * page shows it at once; the address when it was answered, since the answer needs it. */
#include "glue/private_logs.h"

#include <apr_strings.h>
#include <apr_tables.h>

#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_filter.h>

#include "glue/config.h"
#include "glue/module.h"
#include "web/discretion.h"

static int is_on_anywhere(const server_rec *main)
{
    for (const server_rec *s = main; s; s = s->next) {
        if (mq_config_of(s)->enabled == 1) {
            return 1;
        }
    }
    return 0;
}

static int is_namesake(const server_rec *s, const server_rec *main)
{
    for (const server_rec *on = main; on; on = on->next) {
        if (mq_config_of(on)->enabled == 1 && on->server_hostname && s->server_hostname &&
            ap_cstr_casecmp(on->server_hostname, s->server_hostname) == 0) {
            return 1;
        }
    }
    return 0;
}

/* What is sent to a name of ours and comes to another host, as to a catch-all of port 80 that leads
 * to TLS, has the same in its address. A pattern of names may mean theirs, and does not count. */
static apr_array_header_t *our_names_list(const server_rec *main, apr_pool_t *pconf)
{
    apr_array_header_t *names = apr_array_make(pconf, 4, sizeof(const char *));
    for (const server_rec *s = main; s; s = s->next) {
        if (mq_config_of(s)->enabled == 1) {
            if (s->server_hostname) {
                APR_ARRAY_PUSH(names, const char *) = s->server_hostname;
            }
            for (int i = 0; s->names && i < s->names->nelts; i++) {
                APR_ARRAY_PUSH(names, const char *) = APR_ARRAY_IDX(s->names, i, const char *);
            }
        }
    }
    return names;
}

static int is_private(const request_rec *r)
{
    const mq_config_t *config = mq_config_of(r->server);
    if (config->logs == MQ_LOGS_UNKNOWN_PRIVATE && r->hostname) {
        for (int i = 0; i < config->our_names->nelts; i++) {
            if (ap_cstr_casecmp(r->hostname, APR_ARRAY_IDX(config->our_names, i, const char *)) ==
                0) {
                return 1;
            }
        }
    }
    return config->logs == MQ_LOGS_PRIVATE;
}

void mq_private_logs_setup(server_rec *main, apr_pool_t *pconf)
{
    const apr_array_header_t *names;
    if (!is_on_anywhere(main)) {
        return;
    }
    names = our_names_list(main, pconf);
    for (server_rec *s = main; s; s = s->next) {
        mq_config_t *config = mq_config_of(s);
        int has_ours = config->enabled == 1 || is_namesake(s, main);
        /* hosts without a directive of ours share the main server's */
        config = apr_pmemdup(pconf, config, sizeof *config);
        config->our_names = names;
        config->logs = has_ours ? MQ_LOGS_PRIVATE : MQ_LOGS_UNKNOWN_PRIVATE;
        ap_set_module_config(s->module_config, &medsynq_module, config);
    }
}

static void line_and_referer_clean(request_rec *r)
{
    const char *referer = apr_table_get(r->headers_in, "Referer");
    if (r->the_request) {
        const char *line = mq_discreet_line(r->the_request, r->pool);
        if (line != r->the_request) {
            r->the_request = apr_pstrdup(r->pool, line);
        }
    }
    if (referer) {
        const char *discreet = mq_discreet_address(referer, r->pool);
        if (discreet != referer) {
            apr_table_setn(r->headers_in, "Referer", discreet);
        }
    }
}

static int request_read(request_rec *r)
{
    mq_logs_t logs = mq_config_of(r->server)->logs;
    if (logs != MQ_LOGS_AS_THEY_ARE) {
        ap_set_module_config(r->request_config, &medsynq_module, (void *)(uintptr_t)mq_read_mark);
    }
    if (is_private(r)) {
        line_and_referer_clean(r);
    }
    return DECLINED;
}

/* A request that broke while it was read was never announced to request_read. Its host may not be
 * known: it is logged by the first of its address, and may have been meant for any. */
static void broken_clean(request_rec *r)
{
    mq_logs_t logs = mq_config_of(r->server)->logs;
    if (logs != MQ_LOGS_AS_THEY_ARE && !r->prev && !r->main &&
        !ap_get_module_config(r->request_config, &medsynq_module)) {
        line_and_referer_clean(r);
    }
}

static int address_clean(request_rec *r)
{
    if (!is_private(r)) {
        return DECLINED;
    }
    for (request_rec *each = r; each; each = each->next) {
        each->args = NULL;
        each->parsed_uri.query = NULL;
        if (each->uri) {
            each->uri = apr_pstrdup(r->pool, mq_discreet_address(each->uri, r->pool));
        }
        if (each->unparsed_uri) {
            each->unparsed_uri =
                apr_pstrdup(r->pool, mq_discreet_address(each->unparsed_uri, r->pool));
        }
    }
    return DECLINED;
}

void mq_private_logs_hooks(void)
{
    static const char *const writers[] = {"mod_log_forensic.c", "mod_security2.c", NULL};
    ap_hook_post_read_request(request_read, NULL, writers, APR_HOOK_REALLY_FIRST);
    ap_hook_insert_error_filter(broken_clean, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_log_transaction(address_clean, NULL, NULL, APR_HOOK_REALLY_FIRST);
}

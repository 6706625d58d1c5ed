/* ctl_routes.c -- medsynqctl routes: the server's table of paths, for people and for tests. */
#include "ctl/ctl.h"
#include "web/route_tables.h"

static void routes_json(const ctl_t *ctl, const mq_routes_t *routes)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 4096)};
    mq_json_array(&json, NULL);
    for (const mq_route_t *row = routes->rows; row->pattern; row++) {
        const mq_policy_t *policy = mq_policy(row->action);
        mq_json_object(&json, NULL);
        mq_json_text(&json, "method", row->method == MQ_POST ? "POST" : "GET");
        mq_json_text(&json, "pattern", row->pattern);
        mq_json_flag(&json, "signed_in", !row->open);
        mq_json_text(&json, "action", policy->name);
        mq_json_text(&json, "template", row->page ? row->page->file : NULL);
        mq_json_text(&json, "once", row->once);
        mq_json_int(&json, "action_number", row->action);
        ctl_json_roles(&json, "roles", row->open ? 0 : policy->roles);
        mq_json_object_end(&json);
    }
    mq_json_array_end(&json);
    mq_buffer_text(json.out, "\n");
    ctl_write(json.out);
}

int ctl_routes(ctl_t *ctl)
{
    const mq_routes_t *routes;
    const char *fault;
    if (ctl->argc > 0) {
        return ctl_usage(ctl, "routes takes no arguments");
    }
    if (mq_routes_compile(&routes, mq_route_tables, &fault, ctl->pool) != APR_SUCCESS) {
        return ctl_fail(ctl, "%s", fault);
    }
    if (ctl->json) {
        routes_json(ctl, routes);
    }
    for (const mq_route_t *row = routes->rows; !ctl->json && row->pattern; row++) {
        const mq_policy_t *policy = mq_policy(row->action);
        int roles = policy->roles;
        ctl_print("%-5s %-40s %-24s %s%s%s%s%s\n", row->method == MQ_POST ? "POST" : "GET",
                  row->pattern, policy->name ? policy->name : "-",
                  row->open || roles == MQ_ROLES_ALL ? "all" : "",
                  row->open || roles == MQ_ROLES_ALL ? ""
                  : roles & MQ_ROLE_ADMIN            ? "admin "
                                                     : "",
                  roles != MQ_ROLES_ALL && roles & MQ_ROLE_CLINICIAN ? "clinician " : "",
                  roles != MQ_ROLES_ALL && roles & MQ_ROLE_FRONT_DESK ? "front-desk " : "",
                  roles != MQ_ROLES_ALL && roles & MQ_ROLE_AUDITOR ? "auditor" : "");
    }
    return CTL_DONE;
}

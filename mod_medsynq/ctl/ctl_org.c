/* ctl_org.c -- medsynqctl org: founding, suspending and listing organisations. Its export is in
 * ctl_org_export.c. */
#define MQ_MAY_MINT_SCOPE
#include <apr_strings.h>

#include "base/date.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "domain/organisations/counters.h"
#include "domain/people/invitations.h"
#include "domain/access/sessions.h"
#include "domain/organisations/tenants.h"
#include "web/form.h"

/* Read past the walls, which show one organisation at a time: the server has no statement that
 * names them all. */
static const char list_sql[] =
    "SELECT t.name, t.status, t.created_at,"
    " (SELECT COUNT(*) FROM users u WHERE u.tenant_id = t.tenant_id),"
    " COALESCE((SELECT c.value FROM counters c WHERE c.tenant_id = t.tenant_id AND c.name = ?1), 0)"
    " FROM tenants t WHERE t.tenant_id <> 0 ORDER BY t.name_key";

static void row_json(mq_json_t *json, sqlite3_stmt *row, apr_pool_t *pool)
{
    mq_json_object(json, NULL);
    mq_json_text(json, "name", (const char *)sqlite3_column_text(row, 0));
    mq_json_text(json, "status",
                 sqlite3_column_int(row, 1) == MQ_TENANT_ACTIVE ? "active" : "suspended");
    mq_json_text(json, "created", mq_time_iso(sqlite3_column_int64(row, 2), pool));
    mq_json_int(json, "people", sqlite3_column_int64(row, 3));
    mq_json_int(json, "patients", sqlite3_column_int64(row, 4));
    mq_json_object_end(json);
}

static int rows_print(const ctl_t *ctl, sqlite3_stmt *rows)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 4096)};
    int code;
    mq_json_array(&json, NULL);
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        if (ctl->json) {
            row_json(&json, rows, ctl->pool);
        } else {
            ctl_print("%-9s %7ld people %9ld patients  %s\n",
                      sqlite3_column_int(rows, 1) == MQ_TENANT_ACTIVE ? "active" : "suspended",
                      (long)sqlite3_column_int64(rows, 3), (long)sqlite3_column_int64(rows, 4),
                      (const char *)sqlite3_column_text(rows, 0));
        }
    }
    mq_json_array_end(&json);
    mq_buffer_text(json.out, "\n");
    if (ctl->json && code == SQLITE_DONE) {
        ctl_write(json.out);
    }
    return code;
}

int ctl_org_list(ctl_t *ctl)
{
    sqlite3 *sqlite;
    sqlite3_stmt *rows = NULL;
    int result = CTL_DONE;
    int code;
    if (ctl->argc > 0) {
        return ctl_usage(ctl, "org list takes no arguments");
    }
    code = ctl_sqlite_read(&sqlite, ctl->database, ctl);
    if (code == SQLITE_OK) {
        code = sqlite3_prepare_v2(sqlite, list_sql, -1, &rows, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_bind_text(rows, 1, MQ_COUNTER_ACTIVE, -1, SQLITE_STATIC);
    }
    if (code == SQLITE_OK) {
        code = rows_print(ctl, rows);
    }
    if (code != SQLITE_DONE) {
        (void)ctl_fail(ctl, "%s cannot be read: %s", ctl->database,
                       ctl_unreadable(ctl, ctl->database, sqlite));
        result = CTL_UNREADABLE;
    }
    (void)sqlite3_finalize(rows);
    (void)sqlite3_close(sqlite);
    return result;
}

int ctl_org_create(ctl_t *ctl)
{
    static const char *const names[] = {"the organisation's name", NULL};
    mq_tenant_new_t in = {0};
    const char *site = NULL;
    const char *token;
    const ctl_option_t options[] = {
        {"--admin", &in.admin_name}, {"--email", &in.admin_email}, {"--site", &site}, {NULL, NULL}};
    const char *wrong = ctl_operands(ctl, options, &in.tenant_name, names);
    ctl_core_t *core;
    mq_visit_t visit;
    apr_status_t rv;
    int code;
    if (wrong || !in.admin_name || !in.admin_email) {
        return ctl_usage(ctl, wrong ? wrong : "org create needs --admin NAME and --email ADDRESS");
    }
    if ((code = ctl_line(ctl, &in.tenant_name, names[0], MQ_LIMIT_NAME)) != CTL_DONE ||
        (code = ctl_line(ctl, &in.admin_name, "the administrator's name", MQ_LIMIT_NAME)) !=
            CTL_DONE ||
        (code = ctl_email(ctl, &in.admin_email)) != CTL_DONE ||
        (code = ctl_core_open(&core, ctl)) != CTL_DONE) {
        return code;
    }
    visit = ctl_visit(core, ctl->pool);
    rv = mq_tenant_found(&token, mq_scope_operator_found(&visit, in.tenant_name, ctl->operator),
                         &in);
    if (rv == MQ_ECONFLICT) {
        return ctl_fail(ctl, "there is an organisation \"%s\" already: choose another name",
                        in.tenant_name);
    }
    if (rv != APR_SUCCESS) {
        return ctl_failed(ctl, rv, "the organisation cannot be founded");
    }
    return ctl_link(ctl, "/invitations/", token, site,
                    apr_psprintf(ctl->pool, "%d hours", MQ_INVITATION_HOURS));
}

static int status_set(const ctl_t *ctl, mq_tenant_status_t status)
{
    static const char *const names[] = {"the organisation's name", NULL};
    const char *name;
    const char *wrong = ctl_operands(ctl, NULL, &name, names);
    const char *state = status == MQ_TENANT_ACTIVE ? "active" : "suspended";
    const mq_scope_t *sc = NULL;
    ctl_core_t *core;
    mq_visit_t visit;
    apr_status_t rv;
    int code;
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    code = ctl_org_open(&core, &visit, &sc, ctl, name);
    if (code != CTL_DONE) {
        return code;
    }
    rv = mq_tenant_status_set(sc, status);
    if (rv == MQ_ECONFLICT) {
        return ctl_fail(ctl, "\"%s\" is %s already", name, state);
    }
    return rv == APR_SUCCESS ? ctl_done(ctl, "\"%s\" is %s now", name, state)
                             : ctl_failed(ctl, rv, "its state cannot be changed");
}

int ctl_org_suspend(ctl_t *ctl)
{
    return status_set(ctl, MQ_TENANT_SUSPENDED);
}

int ctl_org_resume(ctl_t *ctl)
{
    return status_set(ctl, MQ_TENANT_ACTIVE);
}

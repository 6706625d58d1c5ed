/* ctl_org.c -- medsynqctl org: founding, suspending and listing organisations. Its export is in
 * ctl_org_export.c. */
#define MQ_MAY_MINT_SCOPE
#include <apr_strings.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "domain/jobs/jobs.h"
#include "domain/organisations/counters.h"
#include "domain/organisations/quotas.h"
#include "domain/organisations/settings.h"
#include "domain/people/invitations.h"
#include "domain/access/scope_minting.h"
#include "domain/organisations/tenants.h"

enum { SIZE_LENGTH = 5 /* of apr_strfsize */ };

typedef struct line_t {
    const char *name;
    const char *status;
    apr_time_t closed_at; /* 0: it is not closed */
    apr_time_t created_at;
    apr_int64_t people;
    apr_int64_t patients;
    apr_int64_t kept; /* patients, archived ones, too; as MedSynQQuota counts them, like bytes */
    apr_int64_t bytes;
    apr_int64_t files;
    apr_int64_t file_bytes;
    apr_int64_t events;
} line_t;

static line_t line_read(const mq_rows_t *rows, apr_pool_t *pool)
{
    apr_time_t closed_at = mq_rows_int(rows, MQ_OWNER_TENANTS_CLOSED_AT);
    return (line_t){mq_rows_text(rows, MQ_OWNER_TENANTS_NAME, pool),
                    mq_rows_int(rows, MQ_OWNER_TENANTS_STATUS) == MQ_TENANT_ACTIVE ? "active"
                    : closed_at                                                    ? "closed"
                                                                                   : "suspended",
                    closed_at,
                    mq_rows_int(rows, MQ_OWNER_TENANTS_CREATED_AT),
                    mq_rows_int(rows, MQ_OWNER_TENANTS_PEOPLE_FOUND),
                    mq_rows_int(rows, MQ_OWNER_TENANTS_PATIENTS_FOUND),
                    mq_rows_int(rows, MQ_OWNER_TENANTS_PATIENTS_KEPT),
                    mq_rows_int(rows, MQ_OWNER_TENANTS_BYTES_FOUND),
                    mq_rows_int(rows, MQ_OWNER_TENANTS_FILES_FOUND),
                    mq_rows_int(rows, MQ_OWNER_TENANTS_FILE_BYTES_FOUND),
                    mq_rows_int(rows, MQ_OWNER_TENANTS_EVENTS_FOUND)};
}

static void line_json(mq_json_t *json, const line_t *line, apr_pool_t *pool)
{
    mq_json_object(json, NULL);
    mq_json_text(json, "name", line->name);
    mq_json_text(json, "status", line->status);
    if (line->closed_at) {
        mq_json_text(json, "closed", mq_time_iso(line->closed_at, pool));
    }
    mq_json_text(json, "created", mq_time_iso(line->created_at, pool));
    mq_json_int(json, "people", line->people);
    mq_json_int(json, "patients", line->patients);
    mq_json_int(json, "patients_kept", line->kept);
    mq_json_int(json, "bytes", line->bytes);
    mq_json_int(json, "files", line->files);
    mq_json_int(json, "file_bytes", line->file_bytes);
    mq_json_int(json, "events", line->events);
    mq_json_object_end(json);
}

static const char *size(apr_int64_t bytes, char text[SIZE_LENGTH])
{
    return apr_strfsize(bytes, text);
}

static void line_print(const ctl_t *ctl, const line_t *line)
{
    char kept[SIZE_LENGTH];
    char waiting[SIZE_LENGTH];
    ctl_print("%-9s %7ld people %9ld patients %9ld kept %s, %ld files %s, %ld events  %s\n",
              line->status, (long)line->people, (long)line->patients, (long)line->kept,
              size(line->bytes, kept), (long)line->files, size(line->file_bytes, waiting),
              (long)line->events, ctl_harmless(ctl, line->name));
}

static apr_status_t lines_print(const ctl_t *ctl, mq_rows_t *rows)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 4096)};
    apr_status_t rv;
    mq_json_array(&json, NULL);
    while ((rv = mq_rows_next(rows)) == APR_SUCCESS) {
        line_t line = line_read(rows, ctl->pool);
        if (ctl->json) {
            line_json(&json, &line, ctl->pool);
        } else {
            line_print(ctl, &line);
        }
    }
    mq_json_array_end(&json);
    mq_buffer_text(json.out, "\n");
    if (ctl->json && rv == APR_EOF) {
        ctl_write(json.out);
    }
    return rv;
}

int ctl_org_list(ctl_t *ctl)
{
    mq_owner_t *owner;
    mq_rows_t rows;
    apr_status_t rv;
    int code;
    if (ctl->argc > 0) {
        return ctl_usage(ctl, "org list takes no arguments");
    }
    code = ctl_owner_open(&owner, ctl->database, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    rv = mq_owner_select(
        &rows, owner, MQ_SQL_OWNER_TENANTS,
        MQ_PARAMS(mq_bind_text(MQ_COUNTER_ACTIVE), mq_bind_text(MQ_COUNTER_ROOM_PATIENTS),
                  mq_bind_text(MQ_COUNTER_ROOM_BYTES), mq_bind_int(MQ_JOB_IMPORT)));
    if (rv == APR_SUCCESS) {
        rv = lines_print(ctl, &rows);
    }
    return ctl_owner_close(owner, ctl->database, rv, ctl);
}

static int manners_read(const ctl_t *ctl, mq_tenant_manners_t *manners, const char *dates)
{
    mq_date_format_t format;
    const char *zone;
    int i = 0;
    while (dates && i < MQ_DATE_FORMATS && strcmp(mq_date_format_names[i], dates) != 0) {
        i++;
    }
    if (i == MQ_DATE_FORMATS) {
        return ctl_usage(ctl, "--dates is one of y-m-d, d.m.y, d/m/y, m/d/y and words");
    }
    manners->date_format = dates ? apr_itoa(ctl->pool, i) : NULL;
    return mq_manners_read(&format, &zone, manners, ctl->pool) == APR_SUCCESS
               ? CTL_DONE
               : ctl_usage(ctl, "--zone is the name of a time zone such as Europe/Berlin");
}

int ctl_org_create(ctl_t *ctl)
{
    static const char *const names[] = {"the organisation's name", NULL};
    mq_tenant_new_t in = {0};
    const char *site = NULL;
    const char *dates = NULL;
    const char *token;
    const ctl_option_t options[] = {{"--admin", &in.admin_name},
                                    {"--email", &in.admin_email},
                                    {"--zone", &in.manners.time_zone},
                                    {"--dates", &dates},
                                    {"--site", &site},
                                    {NULL, NULL}};
    const char *wrong = ctl_operands(ctl, options, &in.tenant_name, names);
    ctl_core_t *core;
    mq_visit_t visit;
    apr_status_t rv;
    int code;
    if (wrong || !in.admin_name || !in.admin_email) {
        return ctl_usage(ctl, wrong ? wrong : "org create needs --admin NAME and --email ADDRESS");
    }
    if ((code = ctl_line(ctl, &in.tenant_name, names[0], &mq_name_rule)) != CTL_DONE ||
        (code = ctl_line(ctl, &in.admin_name, "the administrator's name", &mq_name_rule)) !=
            CTL_DONE ||
        (code = ctl_email(ctl, &in.admin_email)) != CTL_DONE ||
        (code = manners_read(ctl, &in.manners, dates)) != CTL_DONE ||
        (code = ctl_core_open(&core, ctl)) != CTL_DONE) {
        return code;
    }
    visit = ctl_visit(core, ctl->pool);
    rv = mq_tenant_create_invited(
        &token, mq_scope_operator_new(&visit, in.tenant_name, ctl->operator), &in);
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

static int status_set(ctl_t *ctl, mq_tenant_status_t status)
{
    const char *name;
    const char *state = status == MQ_TENANT_ACTIVE ? "active" : "suspended";
    const mq_scope_t *sc = NULL;
    apr_status_t rv;
    int code = ctl_org_of_operand(&sc, &name, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    rv = mq_tenant_status_set(sc, status);
    if (rv == APR_SUCCESS && ctl->dry) {
        return ctl_would(ctl, "make \"%s\" %s", name, state);
    }
    if (rv == MQ_ECONFLICT && ctl->dry) {
        return ctl_would(ctl, "nothing: \"%s\" is %s already", name, state);
    }
    if (rv == MQ_ECONFLICT) { /* as it was asked for */
        return ctl_done(ctl, "\"%s\" is %s already", name, state);
    }
    if (rv == MQ_ENOTFOUND) {
        return ctl_fail(ctl, "\"%s\" is being erased: medsynqctl org erase completes that", name);
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

/* ctl_import_seed.c -- medsynqctl import-seed: takes over the proof of concept's database. */
#include "ctl/ctl.h"
#include "domain/organisations/seed_import.h"

static void tell(const ctl_t *ctl, const mq_seed_report_t *report)
{
    ctl_print("%" APR_INT64_T_FMT " organisations, %" APR_INT64_T_FMT " people, %" APR_INT64_T_FMT
              " patients taken over\n",
              report->tenants, report->users, report->patients);
    for (int i = 0; i < report->problems->nelts; i++) {
        ctl_print("not taken: %s\n",
                  ctl_harmless(ctl, APR_ARRAY_IDX(report->problems, i, const char *)));
    }
}

static void tell_json(const ctl_t *ctl, const mq_seed_report_t *report)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 1024)};
    mq_json_object(&json, NULL);
    mq_json_int(&json, "organisations", report->tenants);
    mq_json_int(&json, "people", report->users);
    mq_json_int(&json, "patients", report->patients);
    mq_json_array(&json, "problems");
    for (int i = 0; i < report->problems->nelts; i++) {
        mq_json_text(&json, NULL, APR_ARRAY_IDX(report->problems, i, const char *));
    }
    mq_json_array_end(&json);
    mq_json_object_end(&json);
    mq_buffer_text(json.out, "\n");
    ctl_write(json.out);
}

static void seen(void *context, apr_int64_t taken)
{
    ctl_progress(context, "people and patients", taken, 0);
}

int ctl_import_seed(ctl_t *ctl)
{
    const ctl_option_t none[] = {{NULL, NULL}};
    const char *path = NULL;
    const char *error = "the database gave way";
    const char *fault = ctl_options(ctl, none, &path);
    const mq_seed_watch_t watch = {seen, ctl};
    mq_seed_report_t report;
    ctl_core_t *core;
    mq_visit_t visit;
    apr_status_t rv;
    int code;
    if (fault || !path) {
        return ctl_usage(ctl, fault ? fault : "import-seed: name the proof of concept's database");
    }
    code = ctl_migrate_quietly(ctl);
    code = code == CTL_DONE ? ctl_core_open(&core, ctl) : code;
    if (code != CTL_DONE) {
        return code;
    }
    visit = ctl_visit(core, ctl->pool);
    rv = mq_seed_import(&report, &visit, &core->single->store, path, &watch, &error);
    ctl_core_close(core);
    if (rv != APR_SUCCESS) {
        return ctl_fail(ctl, "%s cannot be taken over: %s", path, error);
    }
    ctl_progress(ctl, "people and patients", report.users + report.patients,
                 report.users + report.patients);
    (ctl->json ? tell_json : tell)(ctl, &report);
    return ctl_record(ctl, MQ_ACTION_COMMAND, "import-seed");
}

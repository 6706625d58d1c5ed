/* ctl_org_end.c -- medsynqctl org rename, close, erase: another name, and the end. */
#define MQ_MAY_MINT_SCOPE
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "domain/access/scope_minting.h"
#include "domain/organisations/erasure.h"
#include "domain/organisations/tenants.h"
#include "store/tenant_rows.h"

static const char *day_of(const ctl_t *ctl, apr_time_t at)
{
    return apr_pstrndup(ctl->pool, mq_time_iso(at, ctl->pool), sizeof "2026-12-01" - 1);
}

int ctl_org_rename(ctl_t *ctl)
{
    static const char *const names[] = {"the organisation's name", "its new name", NULL};
    const char *operands[2];
    const char *wrong = ctl_operands(ctl, NULL, operands, names);
    const mq_scope_t *sc = NULL;
    ctl_core_t *core;
    mq_visit_t visit;
    apr_status_t rv;
    int code;
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    if ((code = ctl_line(ctl, &operands[1], names[1], &mq_name_rule)) != CTL_DONE ||
        (code = ctl_org_open(&core, &visit, &sc, ctl, operands[0])) != CTL_DONE) {
        return code;
    }
    if (strcmp(mq_scope_tenant_name(sc), operands[1]) == 0) {
        return ctl_done(ctl, "it is called \"%s\" already", operands[1]);
    }
    rv = mq_tenant_rename(sc, operands[1]);
    if (rv == MQ_ECONFLICT) {
        return ctl_fail(ctl,
                        "another organisation is called \"%s\", or looks so: choose another "
                        "name",
                        operands[1]);
    }
    if (rv == MQ_ENOTFOUND) {
        return ctl_fail(ctl, "\"%s\" is being erased: medsynqctl org erase completes that",
                        mq_scope_tenant_name(sc));
    }
    if (rv == APR_SUCCESS && ctl->dry) {
        return ctl_would(ctl, "call \"%s\" \"%s\"", mq_scope_tenant_name(sc), operands[1]);
    }
    return rv == APR_SUCCESS
               ? ctl_done(ctl,
                          "\"%s\" is called \"%s\" now: tell its people, who type it to log in",
                          mq_scope_tenant_name(sc), operands[1])
               : ctl_failed(ctl, rv, "its name cannot be changed");
}

int ctl_org_close(ctl_t *ctl)
{
    const char *name;
    const mq_scope_t *sc = NULL;
    mq_erasure_t end;
    apr_status_t rv;
    int code = ctl_org_of_operand(&sc, &name, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    rv = mq_tenant_close(sc);
    if (rv == APR_SUCCESS && ctl->dry) {
        return ctl_would(ctl, "close \"%s\"", name);
    }
    if (rv == APR_SUCCESS || rv == MQ_ECONFLICT) {
        int is_new = rv == APR_SUCCESS;
        rv = mq_erasure_look(&end, sc);
        if (rv == APR_SUCCESS) {
            return ctl_done(ctl,
                            "\"%s\" is closed%s since %s; its data stays. org resume opens it "
                            "again, org erase may erase it from %s on",
                            name, is_new ? "" : " already,", day_of(ctl, end.closed_at),
                            day_of(ctl, end.free_from));
        }
    }
    return ctl_failed(ctl, rv, "it cannot be closed");
}

/* --- erasing --- */

static void erase_progress(void *context, apr_int64_t done, apr_int64_t total)
{
    ctl_progress(context, "rows", done, total);
}

/* A person at a terminal types the name; a script means what it says. */
static int is_meant(const ctl_t *ctl, const char *name)
{
    char answer[512] = "";
    if (ctl->yes || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        return 1;
    }
    (void)fprintf(stderr,
                  "Everything of \"%s\" is erased for good; backups made before keep it.\n"
                  "Type its name to go on: ",
                  ctl_harmless(ctl, name));
    if (!fgets(answer, sizeof answer, stdin)) {
        return 0;
    }
    answer[strcspn(answer, "\r\n")] = 0;
    return strcmp(mq_text_name_key(answer, ctl->pool), mq_text_name_key(name, ctl->pool)) == 0;
}

/* Nobody has it open for us any more: the file is written anew, without what has gone.
 * @param was_due_out whether an erasure had begun */
static int sweep(int *was_due_out, const ctl_t *ctl)
{
    const char *error = "";
    apr_status_t rv = mq_erasure_sweep(was_due_out, ctl->driver, ctl->database, &error, ctl->pool);
    return rv == APR_SUCCESS
               ? CTL_DONE
               : ctl_fail(ctl,
                          "the rows are gone, but what they have left in the file is not "
                          "overwritten yet: %s",
                          error);
}

static int certificate_print(const ctl_t *ctl, const mq_erasure_t *end)
{
    const char *now = mq_time_iso(apr_time_now(), ctl->pool);
    mq_json_t json = {mq_buffer_make(ctl->pool, 512)};
    if (!ctl->json) {
        ctl_print("Erased: %s\nAt: %s, by %s\nClosed since: %s\nRows: %" APR_INT64_T_FMT "\n"
                  "Its trail ended with event %" APR_INT64_T_FMT ", SHA-256 %s\n"
                  "The installation's own trail keeps this. Backups, audit archives and exports "
                  "made before keep\nwhat they had: delete them when nothing obliges you to keep "
                  "them.\n",
                  ctl_harmless(ctl, end->name), now, ctl->operator, day_of(ctl, end->closed_at),
                  end->rows, end->events, end->digest);
        return CTL_DONE;
    }
    mq_json_object(&json, NULL);
    mq_json_text(&json, "erased", end->name);
    mq_json_text(&json, "at", now);
    mq_json_text(&json, "by", ctl->operator);
    mq_json_text(&json, "closed", mq_time_iso(end->closed_at, ctl->pool));
    mq_json_int(&json, "rows", end->rows);
    mq_json_int(&json, "last_event", end->events);
    mq_json_text(&json, "digest", end->digest);
    mq_json_object_end(&json);
    mq_buffer_text(json.out, "\n");
    ctl_write(json.out);
    return CTL_DONE;
}

/* @return CTL_DONE, or why it may not be erased now, which has been told */
static int hold_check(const ctl_t *ctl, const mq_erasure_t *end, int is_now)
{
    if (!end->closed_at) {
        return ctl_fail(ctl, "\"%s\" is not closed: medsynqctl org close comes first", end->name);
    }
    if (apr_time_now() < end->free_from && !is_now) {
        return ctl_fail(
            ctl, "\"%s\" was closed on %s and is kept until %s; --now erases it all the same",
            end->name, day_of(ctl, end->closed_at), day_of(ctl, end->free_from));
    }
    return CTL_DONE;
}

/* One that is not there: an erasure of it was perhaps cut off after its last row had gone. */
static int absent_erase(const ctl_t *ctl, const char *name)
{
    int was_due = 0;
    int code = ctl->dry ? CTL_DONE : sweep(&was_due, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    return was_due
               ? ctl_done(ctl,
                          "there is no organisation \"%s\" any more; the erasure that was "
                          "cut off is complete now",
                          name)
               : ctl_fail(ctl,
                          "there is no organisation \"%s\"; medsynqctl org list prints them all",
                          name);
}

static int erase(ctl_t *ctl, mq_erasure_t *end, ctl_core_t *core, const mq_visit_t *visit,
                 const mq_scope_t *sc)
{
    const char *error = "";
    int was_due;
    int code;
    apr_status_t rv = mq_erasure_run(end, visit, sc, ctl->operator, ctl->driver, ctl->database,
                                     erase_progress, ctl, &error);
    if (rv != APR_SUCCESS) {
        return ctl_fail(ctl, "%s", error);
    }
    ctl_progress(ctl, "rows", end->rows, end->rows);
    ctl_core_close(core);
    code = sweep(&was_due, ctl);
    return code == CTL_DONE ? certificate_print(ctl, end) : code;
}

int ctl_org_erase(ctl_t *ctl)
{
    static const char *const names[] = {"the organisation's name", NULL};
    const char *name;
    int is_now = 0;
    const ctl_option_t options[] = {{"--now", NULL, &is_now}, {NULL, NULL, NULL}};
    const char *wrong = ctl_operands(ctl, options, &name, names);
    const mq_scope_t *sc = NULL;
    mq_erasure_t end;
    ctl_core_t *core;
    mq_visit_t visit;
    apr_status_t rv;
    int code;
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    code = ctl_core_open(&core, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    visit = ctl_visit(core, ctl->pool);
    rv = mq_scope_operator(&sc, &visit, name, ctl->operator);
    if (rv == MQ_ENOTFOUND) {
        ctl_core_close(core);
        return absent_erase(ctl, name);
    }
    if (rv != APR_SUCCESS || (rv = mq_erasure_look(&end, sc)) != APR_SUCCESS) {
        return ctl_failed(ctl, rv, "the organisation cannot be read");
    }
    code = hold_check(ctl, &end, is_now);
    if (code != CTL_DONE) {
        return code;
    }
    if (ctl->dry) {
        return ctl_would(ctl,
                         "erase \"%s\", closed on %s, and all %" APR_INT64_T_FMT " events of it",
                         end.name, day_of(ctl, end.closed_at), end.events);
    }
    return is_meant(ctl, end.name) ? erase(ctl, &end, core, &visit, sc)
                                   : ctl_fail(ctl, "that is not its name: nothing was done");
}

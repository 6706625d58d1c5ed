/* ctl_copy.c -- medsynqctl copy: everything of a database into another one of the other engine,
 * moving in and moving back. How rows go is store/moving.h's; here is what comes before and after:
 * whose locks, whose trail, and what is told. */
#include <apr_strings.h>
#include <stdio.h>

#include "base/folder_lock.h"
#include "base/id.h"
#include "ctl/ctl.h"
#include "ctl/ctl_trail.h"
#include "domain/trail/installation_events.h"
#include "store/moving.h"

enum { BAR = 30, PROGRESS_STEP = 200000 /* microseconds */ };

/* One of the two databases. */
typedef struct end_t {
    ctl_t ctl; /* the command as if it were for this one alone */
    int is_source;
    mq_mover_t *mover;
    mq_owner_t *owner; /* to prove the trail; NULL: not open */
    ctl_core_t *core;  /* of the source, to record what is done; NULL: not open */
} end_t;

/* "[#########---------------------]  31 %, 1234567 of 4000000 rows": each row counts twice. */
static void bar_draw(void *context, apr_int64_t done, apr_int64_t total)
{
    static const char full[BAR + 1] = "##############################";
    static const char left[BAR + 1] = "------------------------------";
    ctl_t *ctl = context;
    apr_time_t now = apr_time_now();
    int filled = total > 0 ? (int)(done * BAR / total) : BAR;
    if (!ctl->progress || (done != total && now - ctl->shown < PROGRESS_STEP)) {
        return;
    }
    ctl->shown = now;
    (void)fprintf(stderr, "\rrows: [%.*s%.*s] %3d %%%s", filled, full, BAR - filled, left,
                  total > 0 ? (int)(done * 100 / total) : 100, done == total ? "\n" : "");
}

static int folder_hold(const end_t *end)
{
    apr_status_t rv = mq_folder_lock(end->ctl.database, 1, end->ctl.pool);
    if (rv == MQ_EFULL) {
        return ctl_fail(&end->ctl, "a server runs on %s: stop it first", end->ctl.database);
    }
    return rv == APR_SUCCESS ? CTL_DONE
                             : ctl_failed(&end->ctl, rv, "the database's folder cannot be locked");
}

/* A server's is opened first, and stays so: the identity of a file's owner, which is taken on with
 * the file, may not read what it is connected with. */
static int end_open(end_t *end)
{
    const ctl_t *ctl = &end->ctl;
    const char *error = NULL;
    int code;
    if (!ctl_take_identity(ctl) ||
        (!ctl->is_on_server && !ctl->dry && folder_hold(end) != CTL_DONE)) {
        return CTL_FAILED;
    }
    if (mq_mover_open(&end->mover, ctl->driver, ctl->database, &error, ctl->pool) != APR_SUCCESS) {
        (void)ctl_fail(ctl, "%s cannot be used: %s",
                       ctl->is_on_server ? "that database" : ctl->database,
                       ctl->is_on_server ? error : ctl_unreadable(ctl, ctl->database, error));
        return end->is_source ? CTL_UNREADABLE : CTL_FAILED;
    }
    if (!end->is_source && !ctl->is_on_server) {
        return CTL_DONE; /* a file's is opened when it is whole */
    }
    code = ctl_owner_open(&end->owner, ctl->database, ctl);
    return code == CTL_DONE && end->is_source && !ctl->dry ? ctl_core_open(&end->core, ctl) : code;
}

/* Every chain of it. */
static int trail_prove(end_t *end, const char *then)
{
    trail_fault_t fault;
    trail_proof_t proof = {NULL};
    int code = end->owner ? CTL_DONE : ctl_owner_open(&end->owner, end->ctl.database, &end->ctl);
    if (code != CTL_DONE) {
        return code;
    }
    trail_verify(&fault, &proof, end->owner, &end->ctl);
    mq_owner_close(end->owner);
    end->owner = NULL;
    return fault.code == CTL_DONE
               ? CTL_DONE
               : ctl_fail(&end->ctl,
                          "the trail of %s is not sound (tenant %" APR_INT64_T_FMT
                          ", event %" APR_INT64_T_FMT ": %s); %s",
                          mq_mover_name(end->mover), fault.tenant, fault.number, fault.reason,
                          then);
}

/* Before the first row is read, so that the event is among what is copied. */
static int source_record(end_t *source, const end_t *target)
{
    mq_visit_t visit = ctl_visit(source->core, source->ctl.pool);
    apr_status_t rv = mq_installation_record(
        &visit, source->ctl.operator, MQ_ACTION_COMMAND,
        apr_pstrcat(source->ctl.pool, "copy to ", mq_mover_name(target->mover), NULL));
    ctl_core_close(source->core);
    source->core = NULL;
    return rv == APR_SUCCESS ? CTL_DONE
                             : ctl_failed(&source->ctl, rv,
                                          "it cannot be recorded in the audit trail, and "
                                          "nothing was copied");
}

static void tables_json(mq_json_t *json, const mq_moving_t *moving, apr_pool_t *pool)
{
    const mq_moved_t *moved;
    mq_json_array(json, "tables");
    for (int i = 0; (moved = mq_moving_table(moving, i)) != NULL; i++) {
        mq_json_object(json, NULL);
        mq_json_text(json, "table", moved->table);
        mq_json_int(json, "rows", moved->rows);
        mq_json_text(json, "source", mq_hex_encode(moved->source, MQ_SHA256_LENGTH, pool));
        mq_json_text(json, "target", mq_hex_encode(moved->target, MQ_SHA256_LENGTH, pool));
        mq_json_object_end(json);
    }
    mq_json_array_end(json);
}

static int done_tell(const ctl_t *ctl, const mq_moving_t *moving, const end_t *source,
                     const end_t *target)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 8192)};
    const mq_moved_t *moved;
    apr_int64_t rows = 0;
    if (ctl->json) {
        mq_json_object(&json, NULL);
        mq_json_flag(&json, "done", 1);
        tables_json(&json, moving, ctl->pool);
        mq_json_object_end(&json);
        mq_buffer_text(json.out, "\n");
        ctl_write(json.out);
        return CTL_DONE;
    }
    ctl_print("%-22s %10s  the SHA-256 of its rows, the same on both sides\n", "table", "rows");
    for (int i = 0; (moved = mq_moving_table(moving, i)) != NULL; i++) {
        ctl_print("%-22s %10" APR_INT64_T_FMT "  %s\n", moved->table, moved->rows,
                  mq_hex_encode(moved->target, MQ_SHA256_LENGTH, ctl->pool));
        rows += moved->rows;
    }
    ctl_print("%s\n",
              ctl_harmless(ctl, apr_psprintf(ctl->pool,
                                             "%" APR_INT64_T_FMT " rows are copied from %s to %s, "
                                             "where the trail is sound",
                                             rows, mq_mover_name(source->mover),
                                             mq_mover_name(target->mover))));
    return CTL_DONE;
}

static int move(ctl_t *ctl, mq_moving_t *moving, end_t *source, end_t *target)
{
    const char *error = NULL;
    apr_status_t rv = mq_moving_run(moving, bar_draw, ctl, &error);
    int code;
    if (rv == APR_INCOMPLETE) {
        return ctl_fail(ctl, "%s", error);
    }
    if (rv != APR_SUCCESS) {
        return ctl_fail(ctl, "%s; %s is as it was", error, mq_mover_name(target->mover));
    }
    if (error) {
        (void)ctl_fail(ctl, "note: everything is copied, and could not be tidied: %s", error);
    }
    code = trail_prove(target, "do not use it");
    return code == CTL_DONE ? done_tell(ctl, moving, source, target) : code;
}

static int copy(ctl_t *ctl, end_t *source, end_t *target)
{
    end_t *server = source->ctl.is_on_server ? source : target;
    mq_moving_t *moving;
    const char *error = NULL;
    apr_int64_t rows;
    int code = end_open(server);
    code = code == CTL_DONE ? end_open(server == source ? target : source) : code;
    if (code != CTL_DONE) {
        return code;
    }
    if (mq_moving_make(&moving, &rows, source->mover, target->mover, MQ_ACTION_ORGANISATION_ERASE,
                       &error, ctl->pool) != APR_SUCCESS) {
        return ctl_fail(ctl, "%s; nothing was copied", error);
    }
    code = trail_prove(source, "nothing was copied");
    if (code != CTL_DONE) {
        return code;
    }
    if (ctl->dry) {
        return ctl_would(ctl, "copy %" APR_INT64_T_FMT " rows from %s to %s, which is empty", rows,
                         mq_mover_name(source->mover), mq_mover_name(target->mover));
    }
    code = source_record(source, target);
    return code == CTL_DONE ? move(ctl, moving, source, target) : code;
}

int ctl_copy(ctl_t *ctl)
{
    const char *from = NULL;
    const char *to = NULL;
    const ctl_option_t options[] = {
        {"--from", &from, NULL}, {"--to", &to, NULL}, {NULL, NULL, NULL}};
    const char *wrong = ctl_options(ctl, options, NULL);
    end_t source = {.ctl = *ctl, .is_source = 1};
    end_t target = {.ctl = *ctl};
    if (wrong || !from || !to) {
        return ctl_usage(ctl, wrong ? wrong : "copy needs --from SOURCE and --to TARGET");
    }
    wrong = ctl_place(&source.ctl, from);
    wrong = wrong ? wrong : ctl_place(&target.ctl, to);
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    if (source.ctl.is_on_server == target.ctl.is_on_server) {
        return ctl_usage(ctl, "copy goes from a file to PostgreSQL, or from there to a file; "
                              "within one engine backup and restore, or PostgreSQL's own, do it");
    }
    return copy(ctl, &source, &target);
}

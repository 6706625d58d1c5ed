/* ctl_audit.c -- medsynqctl audit: proving the trail from the file alone, without a server. */
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "base/csv.h"
#include "base/date.h"
#include "ctl/ctl.h"
#include "ctl/ctl_trail.h"
#include "domain/trail/audit_heads.h"
#include "domain/trail/installation_events.h"
#include "domain/policy.h"
#include "domain/access/secrets.h"

enum { LINE_MOST = 256 };

static const char *file_of(const ctl_t *ctl, const char *operand)
{
    return operand ? operand : ctl->database;
}

static int verdict_tell(const ctl_t *ctl, const trail_fault_t *fault, const trail_proof_t *proof)
{
    static const char *const words[] = {
        [CTL_DONE] = "sound", [CTL_FAILED] = "broken", [CTL_UNREADABLE] = "unreadable"};
    if (ctl->json) {
        mq_json_t json = {mq_buffer_make(ctl->pool, 256)};
        mq_json_object(&json, NULL);
        mq_json_text(&json, "verdict", words[fault->code]);
        mq_json_int(&json, "events", proof->events);
        mq_json_flag(&json, "archive", proof->is_archive);
        mq_json_int(&json, "archived_heads", proof->archived);
        if (fault->code == CTL_FAILED) {
            mq_json_int(&json, "tenant", fault->tenant);
            mq_json_int(&json, "number", fault->number);
        }
        if (fault->code != CTL_DONE) {
            mq_json_text(&json, "reason", fault->reason);
        }
        mq_json_object_end(&json);
        mq_buffer_text(json.out, "\n");
        ctl_write(json.out);
    } else if (fault->code == CTL_FAILED) {
        ctl_print("broken: tenant %" APR_INT64_T_FMT ", event %" APR_INT64_T_FMT ": %s\n",
                  fault->tenant, fault->number, fault->reason);
    } else if (fault->code == CTL_DONE) {
        ctl_print("sound%s: %" APR_INT64_T_FMT " events\n", proof->is_archive ? " archive" : "",
                  proof->events);
        if (proof->archived) {
            ctl_print("%" APR_INT64_T_FMT " of the kept heads are of events that an archive has: "
                      "verify it with them, too\n",
                      proof->archived);
        }
    } else {
        (void)ctl_fail(ctl, "unreadable: %s", fault->reason);
    }
    return fault->code;
}

/* Whose signatures count: the key that was named, else those of the server's secret file. */
static const char *keys_find(apr_array_header_t **keys_out, const char *named, ctl_t *ctl)
{
    const unsigned char *bytes;
    apr_size_t length;
    *keys_out = NULL;
    if (named) {
        if (mq_base64url_decode(&bytes, &length, named, ctl->pool) != APR_SUCCESS ||
            length != MQ_SIGN_KEY_LENGTH) {
            return "--key is the key that stands beside a signature of medsynqctl audit sign";
        }
        *keys_out = apr_array_make(ctl->pool, 1, MQ_SIGN_KEY_LENGTH);
        memcpy(apr_array_push(*keys_out), bytes, MQ_SIGN_KEY_LENGTH);
        return NULL;
    }
    return mq_secret_take(&ctl->keys, ctl->secret, 0, ctl->pool) == NULL &&
                   mq_audit_heads_keys(keys_out, &ctl->keys, ctl->pool) != APR_SUCCESS
               ? "libcrypto gives no keys"
               : NULL;
}

/* Heads kept elsewhere: of audit head, of audit sign, or the server's (MedSynQAuditHeads). */
static const char *heads_read(apr_array_header_t **heads_out, const char *path, const char *key,
                              ctl_t *ctl)
{
    mq_heads_reader_t reader = {.is_signed = key != NULL};
    apr_array_header_t *keys;
    apr_file_t *file;
    char line[LINE_MOST];
    const char *fault = keys_find(&keys, key, ctl);
    reader.keys = keys;
    reader.heads = apr_array_make(ctl->pool, 64, sizeof(mq_audit_head_t));
    if (!fault && apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BUFFERED, 0, ctl->pool) !=
                      APR_SUCCESS) {
        fault = "they cannot be read";
    }
    while (!fault && apr_file_gets(line, sizeof line, file) == APR_SUCCESS) {
        line[strcspn(line, "\r\n")] = 0;
        fault = mq_audit_heads_line(&reader, line);
    }
    if (!fault) {
        (void)apr_file_close(file);
        fault = mq_audit_heads_end(&reader);
    }
    *heads_out = reader.heads;
    return fault ? apr_psprintf(ctl->pool, "the heads in %s: %s", path, fault) : NULL;
}

static void events_progress(void *context, apr_int64_t done, apr_int64_t total)
{
    ctl_progress(context, "events", done, total);
}

/* Verify one file. @param heads_out the ends of its chains, when it is sound; or NULL */
static void file_verify(trail_fault_t *fault, trail_proof_t *proof, apr_array_header_t **heads_out,
                        const char *file, ctl_t *ctl)
{
    const char *why;
    mq_owner_t *owner;
    if (ctl_owner_try(&owner, &why, file, ctl) != CTL_DONE) {
        fault->code = CTL_UNREADABLE;
        fault->reason = apr_psprintf(ctl->pool, "%s: %s", file, why);
        return;
    }
    proof->progress = events_progress;
    proof->watcher = ctl;
    trail_verify(fault, proof, owner, ctl);
    if (heads_out && fault->code == CTL_DONE &&
        mq_audit_heads_read(heads_out, owner, ctl->pool) != APR_SUCCESS) {
        *fault = (trail_fault_t){.code = CTL_UNREADABLE, .reason = "its heads are unreadable"};
    }
    mq_owner_close(owner);
}

int ctl_audit_verify(ctl_t *ctl)
{
    const char *operand = NULL;
    const char *head_file = NULL;
    const char *after_file = NULL;
    const char *key = NULL;
    const ctl_option_t options[] = {
        {"--head", &head_file}, {"--key", &key}, {"--after", &after_file}, {NULL, NULL}};
    const char *wrong = ctl_options(ctl, options, &operand);
    apr_array_header_t *heads = NULL;
    apr_array_header_t *after = NULL;
    trail_proof_t proof = {NULL};
    trail_fault_t fault = {.code = CTL_DONE};
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    if (head_file && (fault.reason = heads_read(&heads, head_file, key, ctl)) != NULL) {
        fault.code = CTL_UNREADABLE;
        return verdict_tell(ctl, &fault, &proof);
    }
    if (after_file) {
        file_verify(&fault, &proof, &after, after_file, ctl);
        if (fault.code == CTL_DONE && !proof.is_archive) {
            fault =
                (trail_fault_t){.code = CTL_UNREADABLE,
                                .reason = apr_psprintf(ctl->pool, "%s is no archive", after_file)};
        }
        if (fault.code != CTL_DONE) {
            return verdict_tell(ctl, &fault, &proof);
        }
    }
    proof.heads = heads;
    proof.after = after;
    file_verify(&fault, &proof, NULL, file_of(ctl, operand), ctl);
    return verdict_tell(ctl, &fault, &proof);
}

/* The heads of the file that is named, else of the database. */
static int heads_of_file(apr_array_header_t **heads_out, const ctl_t *ctl)
{
    const char *operand = NULL;
    const char *wrong = ctl_options(ctl, NULL, &operand);
    const char *file = file_of(ctl, operand);
    mq_owner_t *owner;
    int code;
    *heads_out = apr_array_make(ctl->pool, 0, sizeof(mq_audit_head_t));
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    code = ctl_owner_open(&owner, file, ctl);
    return code == CTL_DONE
               ? ctl_owner_close(owner, file, mq_audit_heads_read(heads_out, owner, ctl->pool), ctl)
               : code;
}

int ctl_audit_head(ctl_t *ctl)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 4096)};
    apr_array_header_t *heads;
    int code = heads_of_file(&heads, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    if (!ctl->json) {
        (void)mq_audit_heads_write(json.out, heads, 0, NULL);
        ctl_write(json.out);
        return CTL_DONE;
    }
    mq_json_array(&json, NULL);
    for (int i = 0; i < heads->nelts; i++) {
        const mq_audit_head_t *head = &APR_ARRAY_IDX(heads, i, mq_audit_head_t);
        mq_json_object(&json, NULL);
        mq_json_int(&json, "tenant", head->tenant);
        mq_json_int(&json, "number", head->number);
        mq_json_text(&json, "digest", mq_hex_encode(head->digest, sizeof head->digest, ctl->pool));
        mq_json_object_end(&json);
    }
    mq_json_array_end(&json);
    mq_buffer_text(json.out, "\n");
    ctl_write(json.out);
    return CTL_DONE;
}

int ctl_audit_sign(ctl_t *ctl)
{
    mq_buffer_t *out = mq_buffer_make(ctl->pool, 4096);
    apr_array_header_t *heads;
    int code = heads_of_file(&heads, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    if (ctl->keys_fault) {
        return ctl_fail(ctl, "%s", ctl->keys_fault);
    }
    if (mq_audit_heads_write(out, heads, apr_time_now(), ctl->keys.heads_key) != APR_SUCCESS) {
        return ctl_fail(ctl, "libcrypto cannot sign");
    }
    if (ctl->json) { /* the signature is of the text, byte by byte */
        mq_json_t json = {mq_buffer_make(ctl->pool, 4096)};
        mq_json_object(&json, NULL);
        mq_json_text(&json, "signed", mq_buffer_string(out));
        mq_json_object_end(&json);
        mq_buffer_text(json.out, "\n");
        ctl_write(json.out);
        return CTL_DONE;
    }
    ctl_write(out);
    return CTL_DONE;
}

/* How a column is written out. */
typedef enum { AS_NUMBER, AS_TEXT, AS_HEX, AS_TIME, AS_ACTION } writing_t;

static const struct {
    const char *name;
    int column;
    writing_t writing;
} exported[] = {{"tenant", MQ_OWNER_EVENTS_TENANT_ID, AS_NUMBER},
                {"number", MQ_OWNER_EVENTS_NUMBER, AS_NUMBER},
                {"at", MQ_OWNER_EVENTS_AT, AS_TIME},
                {"actor_id", MQ_OWNER_EVENTS_ACTOR_ID, AS_HEX},
                {"actor", MQ_OWNER_EVENTS_ACTOR_NAME, AS_TEXT},
                {"address", MQ_OWNER_EVENTS_ADDRESS, AS_TEXT},
                {"action", MQ_OWNER_EVENTS_ACTION, AS_ACTION},
                {"outcome", MQ_OWNER_EVENTS_OUTCOME, AS_NUMBER},
                {"object", MQ_OWNER_EVENTS_OBJECT_ID, AS_HEX},
                {"patient", MQ_OWNER_EVENTS_PATIENT_ID, AS_HEX},
                {"reason", MQ_OWNER_EVENTS_REASON, AS_TEXT},
                {"digest", MQ_OWNER_EVENTS_DIGEST, AS_HEX}};
enum { EXPORTED = sizeof exported / sizeof *exported };

/* In capitals: what scripts have compared so far. */
static const char *hex_of(const mq_rows_t *rows, int column, apr_pool_t *pool)
{
    apr_size_t length;
    const void *bytes = mq_rows_bytes(rows, column, &length);
    char *text = apr_pstrdup(pool, mq_hex_encode(bytes, length, pool));
    for (char *c = text; *c; c++) {
        *c = (char)apr_toupper(*c);
    }
    return text;
}

static const char *value_text(const mq_rows_t *rows, int place, apr_pool_t *pool)
{
    int column = exported[place].column;
    const char *name = NULL;
    switch (exported[place].writing) {
    case AS_TIME:
        return mq_time_iso(mq_rows_int(rows, column), pool);
    case AS_HEX:
        return hex_of(rows, column, pool);
    case AS_ACTION:
        name = mq_policy((mq_action_t)mq_rows_int(rows, column))->name;
        break;
    default:
        break;
    }
    return name ? name : mq_rows_text(rows, column, pool);
}

static void value_json(mq_json_t *json, const mq_rows_t *rows, int place, apr_pool_t *pool)
{
    const char *text = value_text(rows, place, pool);
    if (exported[place].writing == AS_NUMBER && mq_rows_kind(rows, exported[place].column) == 'i') {
        mq_json_int(json, exported[place].name, mq_rows_int(rows, exported[place].column));
    } else {
        mq_json_text(json, exported[place].name, text && *text ? text : NULL);
    }
}

static void event_write(mq_buffer_t *out, const mq_rows_t *rows, int is_json, apr_pool_t *pool)
{
    mq_json_t json = {out};
    mq_csv_writer_t writer = {out};
    if (is_json) {
        mq_json_object(&json, NULL);
    }
    for (int i = 0; i < EXPORTED; i++) {
        if (is_json) {
            value_json(&json, rows, i, pool);
        } else {
            mq_csv_add(&writer, value_text(rows, i, pool));
        }
    }
    if (is_json) {
        mq_json_object_end(&json);
        mq_buffer_text(out, "\n");
    } else {
        mq_csv_row_end(&writer);
    }
}

static void titles_write(mq_buffer_t *out)
{
    mq_csv_writer_t writer = {out};
    for (int i = 0; i < EXPORTED; i++) {
        mq_csv_add(&writer, exported[i].name);
    }
    mq_csv_row_end(&writer);
}

int ctl_audit_export(ctl_t *ctl)
{
    const char *operand = NULL;
    const char *wrong = ctl_options(ctl, NULL, &operand);
    const char *file = file_of(ctl, operand);
    mq_buffer_t *out = mq_buffer_make(ctl->pool, 4096);
    apr_pool_t *row_pool;
    mq_owner_t *owner;
    mq_rows_t rows;
    apr_status_t rv;
    int code;
    if (wrong) {
        return ctl_usage(ctl, wrong);
    }
    code = ctl_owner_open(&owner, file, ctl);
    if (code != CTL_DONE) {
        return code;
    }
    (void)apr_pool_create(&row_pool, ctl->pool);
    rv = mq_owner_select(&rows, owner, MQ_SQL_OWNER_EVENTS, MQ_NO_PARAMS);
    if (rv == APR_SUCCESS && !ctl->json) {
        titles_write(out);
    }
    while (rv == APR_SUCCESS && (rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        apr_pool_clear(row_pool);
        event_write(out, &rows, ctl->json, row_pool);
        ctl_write(out);
        out->length = 0;
    }
    ctl_write(out);
    return ctl_owner_close(owner, file, rv, ctl);
}

static int archive_tell(const ctl_t *ctl, const mq_archived_t *archived, const char *file)
{
    mq_json_t json = {mq_buffer_make(ctl->pool, 128)};
    if (!ctl->json) {
        ctl_print("%" APR_INT64_T_FMT " events of %" APR_INT64_T_FMT
                  " chains moved to %s\nKeep it as long as the law asks, beside the backups: "
                  "nobody else has these events.\n",
                  archived->events, archived->chains, file);
        return CTL_DONE;
    }
    mq_json_object(&json, NULL);
    mq_json_int(&json, "events", archived->events);
    mq_json_int(&json, "chains", archived->chains);
    mq_json_text(&json, "file", file);
    mq_json_object_end(&json);
    mq_buffer_text(json.out, "\n");
    ctl_write(json.out);
    return CTL_DONE;
}

int ctl_audit_archive(ctl_t *ctl)
{
    const char *operand = NULL;
    const char *before = NULL;
    const ctl_option_t options[] = {{"--before", &before}, {NULL, NULL}};
    const char *wrong = ctl_options(ctl, options, &operand);
    const char *error = "";
    const char *file;
    mq_archived_t archived;
    ctl_core_t *core;
    mq_visit_t visit;
    mq_day_t day;
    apr_status_t rv;
    if (wrong || !operand || !before) {
        return ctl_usage(ctl, wrong ? wrong : "audit archive needs --before DATE and a FILE");
    }
    if (mq_date_parse(&day, before) != APR_SUCCESS || day.month == 0 || day.day == 0) {
        return ctl_usage(ctl, "--before is a date: 2025-01-01");
    }
    if (mq_date_begins(&day, NULL) > apr_time_now()) {
        return ctl_usage(ctl, "--before is not in the future");
    }
    file = ctl_absolute(ctl, operand);
    if (ctl_core_open(&core, ctl) != CTL_DONE) {
        return CTL_FAILED;
    }
    visit = ctl_visit(core, ctl->pool);
    rv = mq_installation_archive(&archived, &visit, ctl->operator, ctl->driver, ctl->database, file,
                                 mq_date_begins(&day, NULL), events_progress, ctl, &error);
    ctl_core_close(core);
    if (rv == MQ_ENOTFOUND) {
        archived = (mq_archived_t){0, 0};
        if (!ctl->json) {
            ctl_print("nothing is older than %s\n", before);
            return CTL_DONE;
        }
    } else if (rv != APR_SUCCESS) {
        return ctl_fail(ctl, "%s", error);
    }
    return archive_tell(ctl, &archived, file);
}

/* ctl_trail.c -- the walk along the chains. Order of the columns: audit_events of migration 013.
 * Four cursors go along together, all in the order of tenants: events, heads, bases, and what is
 * kept elsewhere. */
#include "ctl/ctl_trail.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl_trail_groups.h"

enum {
    COLUMN_TENANT = 0,
    COLUMN_NUMBER = 1,
    COLUMN_ACTION = 7,
    COLUMN_PATIENT = 10,
    COLUMN_REASON = 11,
    COLUMN_DIGEST = MQ_AUDIT_COLUMNS /* covers all before it, and the digest of the event before */
};

static const char events_sql[] =
    "SELECT tenant_id, number, at, actor_id, actor_name, session, address, action, outcome, "
    "object_id, patient_id, reason, digest FROM audit_events "
    "ORDER BY tenant_id, number";

static const char heads_sql[] =
    "SELECT tenant_id, number, digest FROM audit_heads ORDER BY tenant_id";

static const char bases_sql[] =
    "SELECT tenant_id, number, digest FROM audit_bases ORDER BY tenant_id";

/* What each column may be: i integer, t text or NULL, a digit: so many bytes or NULL. */
static const char kinds[] = "iiiBtSt"
                            "iiBBt"
                            "D";

typedef struct walk_t {
    trail_fault_t *fault;
    sqlite3_stmt *events;
    sqlite3_stmt *heads;
    sqlite3_stmt *bases; /* NULL: a file of before there were archives */
    trail_proof_t *proof;
    trail_groups_t *groups;
    int kept_next;
    int after_next;
    int head_left; /* the cursor stands on a row */
    int base_left;
    apr_int64_t base;     /* where this chain begins: after this number */
    apr_int64_t archived; /* which the chain itself says was archived, with this digest */
    unsigned char archived_digest[MQ_AUDIT_DIGEST_LENGTH];
    unsigned char base_digest[MQ_AUDIT_DIGEST_LENGTH];
    apr_int64_t tenant;
    apr_int64_t number;
    unsigned char digest[MQ_AUDIT_DIGEST_LENGTH];
    int in_chain;
} walk_t;

static int broken(walk_t *walk, apr_int64_t tenant, apr_int64_t number, const char *reason)
{
    *walk->fault = (trail_fault_t){CTL_FAILED, tenant, number, reason};
    return 0;
}

static int has_kind(sqlite3_stmt *row, int column, char kind)
{
    int type = sqlite3_column_type(row, column);
    int length = type == SQLITE_BLOB ? sqlite3_column_bytes(row, column) : 0;
    switch (kind) {
    case 'i':
        return type == SQLITE_INTEGER;
    case 't':
        return type == SQLITE_TEXT || type == SQLITE_NULL;
    case 'B':
        return type == SQLITE_NULL || (type == SQLITE_BLOB && length == 16);
    case 'S':
        return type == SQLITE_NULL || (type == SQLITE_BLOB && length == 8);
    default:
        return type == SQLITE_BLOB && length == MQ_AUDIT_DIGEST_LENGTH;
    }
}

static int is_digest(sqlite3_stmt *row, int column, const unsigned char *digest)
{
    return sqlite3_column_type(row, column) == SQLITE_BLOB &&
           sqlite3_column_bytes(row, column) == MQ_AUDIT_DIGEST_LENGTH &&
           memcmp(sqlite3_column_blob(row, column), digest, MQ_AUDIT_DIGEST_LENGTH) == 0;
}

static int digest_fits(walk_t *walk)
{
    mq_audit_value_t values[MQ_AUDIT_COLUMNS];
    unsigned char digest[MQ_AUDIT_DIGEST_LENGTH];
    for (int i = 0; i < MQ_AUDIT_COLUMNS; i++) {
        values[i] = (mq_audit_value_t){.is_number = kinds[i] == 'i'};
        if (values[i].is_number) {
            values[i].number = sqlite3_column_int64(walk->events, i);
        } else if (sqlite3_column_type(walk->events, i) != SQLITE_NULL) {
            const void *data = kinds[i] == 't' ? (const void *)sqlite3_column_text(walk->events, i)
                                               : sqlite3_column_blob(walk->events, i);
            values[i].bytes =
                (mq_bytes_t){data ? data : "", (apr_size_t)sqlite3_column_bytes(walk->events, i)};
        }
    }
    if (mq_audit_digest(digest, walk->digest, values) != APR_SUCCESS ||
        !is_digest(walk->events, COLUMN_DIGEST, digest)) {
        return 0;
    }
    memcpy(walk->digest, digest, sizeof digest);
    return 1;
}

static const mq_audit_head_t *at_place(const apr_array_header_t *heads, int place)
{
    return heads && place < heads->nelts ? &APR_ARRAY_IDX(heads, place, mq_audit_head_t) : NULL;
}

static const mq_audit_head_t *kept_now(const walk_t *walk)
{
    return at_place(walk->proof->heads, walk->kept_next);
}

static const mq_audit_head_t *after_now(const walk_t *walk)
{
    return at_place(walk->proof->after, walk->after_next);
}

/* What is kept elsewhere of the event that the walk stands on. */
static int kept_check(walk_t *walk)
{
    const mq_audit_head_t *kept = kept_now(walk);
    if (kept && kept->tenant == walk->tenant && kept->number == walk->number) {
        walk->kept_next++;
        if (memcmp(kept->digest, walk->digest, sizeof walk->digest) != 0) {
            return broken(walk, walk->tenant, walk->number, "the kept head has another digest");
        }
    }
    return 1;
}

/* Kept heads of what an archive has now: the archive is to be held against them. */
static void kept_skip(walk_t *walk)
{
    const mq_audit_head_t *kept;
    while ((kept = kept_now(walk)) && kept->tenant == walk->tenant && kept->number < walk->base) {
        walk->kept_next++;
        walk->proof->archived++;
    }
}

/* An archive ends early: what was kept of later events is another file's business. */
static const mq_audit_head_t *kept_until(walk_t *walk, apr_int64_t tenant)
{
    const mq_audit_head_t *kept;
    while ((kept = kept_now(walk)) && walk->proof->is_archive && kept->tenant <= tenant) {
        walk->kept_next++;
    }
    return kept;
}

static int head_step(walk_t *walk)
{
    walk->head_left = sqlite3_step(walk->heads) == SQLITE_ROW;
    return walk->head_left;
}

static int base_step(walk_t *walk)
{
    walk->base_left = walk->bases && sqlite3_step(walk->bases) == SQLITE_ROW;
    return walk->base_left;
}

/* Where this chain begins here: at its first event, or after what was archived. */
static int base_take(walk_t *walk)
{
    walk->base = 0;
    walk->archived = 0;
    memset(walk->base_digest, 0, sizeof walk->base_digest);
    if (walk->base_left && sqlite3_column_int64(walk->bases, 0) < walk->tenant) {
        return broken(walk, sqlite3_column_int64(walk->bases, 0), 1, "the whole chain is missing");
    }
    if (walk->base_left && sqlite3_column_int64(walk->bases, 0) == walk->tenant) {
        walk->base = sqlite3_column_int64(walk->bases, 1);
        if (!has_kind(walk->bases, 1, 'i') || walk->base <= 0 || !has_kind(walk->bases, 2, 'D')) {
            return broken(walk, walk->tenant, 1, "the chain's beginning is no number and digest");
        }
        memcpy(walk->base_digest, sqlite3_column_blob(walk->bases, 2), sizeof walk->base_digest);
        (void)base_step(walk);
    }
    return 1;
}

/* A file that continues an archive begins where that ended, in every chain. */
static int after_check(walk_t *walk)
{
    const mq_audit_head_t *after = after_now(walk);
    if (!walk->proof->after) {
        return 1;
    }
    if (after && after->tenant < walk->tenant) {
        return broken(walk, after->tenant, after->number + 1, "the chain does not go on");
    }
    if (!after || after->tenant > walk->tenant) {
        return walk->base == 0 ? 1
                               : broken(walk, walk->tenant, walk->base + 1,
                                        "the archive has nothing of what precedes it");
    }
    walk->after_next++;
    return after->number == walk->base &&
                   memcmp(after->digest, walk->base_digest, sizeof after->digest) == 0
               ? 1
               : broken(walk, walk->tenant, walk->base + 1, "it does not follow the archive");
}

/* The chain's own word on what was archived of it. */
static void archive_note(walk_t *walk)
{
    apr_int64_t number;
    unsigned char digest[MQ_AUDIT_DIGEST_LENGTH];
    const char *reason;
    if (sqlite3_column_int64(walk->events, COLUMN_ACTION) != MQ_ACTION_AUDIT_ARCHIVE) {
        return;
    }
    reason = (const char *)sqlite3_column_text(walk->events, COLUMN_REASON);
    if (mq_audit_archive_read(&number, digest, reason) == APR_SUCCESS && number > walk->archived &&
        number < walk->number) {
        walk->archived = number;
        memcpy(walk->archived_digest, digest, sizeof digest);
    }
}

/* What precedes the chain's beginning was archived: its own event says so. While the archived
 * events are being removed the beginning is before what the event names. */
static int base_check(walk_t *walk)
{
    if (walk->base == 0 || walk->proof->is_archive || walk->archived > walk->base) {
        return 1;
    }
    if (walk->archived < walk->base ||
        memcmp(walk->archived_digest, walk->base_digest, sizeof walk->base_digest) != 0) {
        return broken(walk, walk->tenant, 1, "what precedes it was not archived");
    }
    return 1;
}

/* The chain has ended: its head, and what was kept of it elsewhere, must be here. */
static int chain_end(walk_t *walk)
{
    const mq_audit_head_t *kept;
    apr_int64_t tenant = walk->tenant;
    if (!walk->in_chain) {
        return 1;
    }
    walk->in_chain = 0;
    kept = kept_until(walk, tenant);
    if (!base_check(walk)) {
        return 0;
    }
    if (kept && kept->tenant == tenant) {
        return broken(walk, tenant, walk->number + 1, "events are missing at the end");
    }
    if (!walk->head_left || sqlite3_column_int64(walk->heads, 0) != tenant) {
        return broken(walk, tenant, walk->number, "the chain has no head");
    }
    if (sqlite3_column_type(walk->heads, 1) != SQLITE_INTEGER ||
        sqlite3_column_int64(walk->heads, 1) > walk->number) {
        return broken(walk, tenant, walk->number + 1, "events are missing at the end");
    }
    if (sqlite3_column_int64(walk->heads, 1) < walk->number) {
        return broken(walk, tenant, sqlite3_column_int64(walk->heads, 1) + 1,
                      "events stand behind the head");
    }
    if (!is_digest(walk->heads, 2, walk->digest)) {
        return broken(walk, tenant, walk->number, "the head has another digest");
    }
    (void)head_step(walk);
    return 1;
}

/* A chain begins: no head and nothing kept may have been passed over. */
static int chain_begin(walk_t *walk, apr_int64_t tenant)
{
    const mq_audit_head_t *kept = kept_until(walk, tenant - 1);
    if (walk->head_left && (sqlite3_column_type(walk->heads, 0) != SQLITE_INTEGER ||
                            sqlite3_column_int64(walk->heads, 0) < tenant)) {
        return broken(walk, sqlite3_column_int64(walk->heads, 0), 1, "the whole chain is missing");
    }
    if (kept && kept->tenant < tenant) {
        return broken(walk, kept->tenant, 1, "the whole chain is missing");
    }
    walk->tenant = tenant;
    if (!base_take(walk) || !after_check(walk)) {
        return 0;
    }
    kept_skip(walk);
    walk->number = walk->base;
    memcpy(walk->digest, walk->base_digest, sizeof walk->digest);
    walk->in_chain = 1;
    return kept_check(walk);
}

static int event_check(walk_t *walk)
{
    apr_int64_t tenant = sqlite3_column_int64(walk->events, COLUMN_TENANT);
    apr_int64_t number = sqlite3_column_int64(walk->events, COLUMN_NUMBER);
    if (!has_kind(walk->events, COLUMN_TENANT, 'i')) {
        return broken(walk, tenant, number, "a tenant that is no number");
    }
    if ((!walk->in_chain || tenant != walk->tenant) &&
        (!chain_end(walk) || !chain_begin(walk, tenant))) {
        return 0;
    }
    if (!has_kind(walk->events, COLUMN_NUMBER, 'i') || number != walk->number + 1) {
        return broken(walk, tenant, walk->number + 1, "this event is missing");
    }
    for (int i = 0; i <= COLUMN_DIGEST; i++) {
        if (!has_kind(walk->events, i, kinds[i])) {
            return broken(walk, tenant, number, "a column is not of its type");
        }
    }
    if (!digest_fits(walk)) {
        return broken(walk, tenant, number, "it was changed");
    }
    if (sqlite3_column_type(walk->events, COLUMN_PATIENT) == SQLITE_BLOB &&
        !trail_groups_admit(walk->groups, tenant,
                            sqlite3_column_blob(walk->events, COLUMN_PATIENT))) {
        return broken(walk, tenant, number, "the patients that it showed were changed");
    }
    walk->number = number;
    archive_note(walk);
    return kept_check(walk);
}

static int rest_check(walk_t *walk)
{
    sqlite3_int64 tenant;
    if (!chain_end(walk)) {
        return 0;
    }
    if (trail_groups_stray(&tenant, walk->groups)) {
        return broken(walk, tenant, 0, "a group of patients was changed that no event names");
    }
    if (walk->head_left) {
        return broken(walk, sqlite3_column_int64(walk->heads, 0), 1, "the whole chain is missing");
    }
    if (walk->base_left) {
        return broken(walk, sqlite3_column_int64(walk->bases, 0), 1, "the whole chain is missing");
    }
    if (kept_until(walk, APR_INT64_MAX)) {
        return broken(walk, kept_now(walk)->tenant, 1, "the whole chain is missing");
    }
    if (after_now(walk)) {
        return broken(walk, after_now(walk)->tenant, after_now(walk)->number + 1,
                      "the chain does not go on");
    }
    return 1;
}

static void unreadable(trail_fault_t *fault, sqlite3 *sqlite, const ctl_t *ctl)
{
    *fault = (trail_fault_t){CTL_UNREADABLE, 0, 0, apr_pstrdup(ctl->pool, sqlite3_errmsg(sqlite))};
}

/* An index that disagrees with its table would hide events from the pages. */
static void index_check(trail_fault_t *fault, sqlite3 *sqlite, const ctl_t *ctl)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(sqlite, "PRAGMA integrity_check(audit_events)", -1, &statement, NULL) !=
            SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        unreadable(fault, sqlite, ctl);
    } else if (strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0) {
        *fault = (trail_fault_t){
            CTL_FAILED, 0, 0,
            apr_pstrdup(ctl->pool, (const char *)sqlite3_column_text(statement, 0))};
    }
    (void)sqlite3_finalize(statement);
}

static int has_table(sqlite3 *sqlite, const char *name)
{
    return sqlite3_table_column_metadata(sqlite, NULL, name, NULL, NULL, NULL, NULL, NULL, NULL) ==
           SQLITE_OK;
}

/* One snapshot for all cursors, while a server writes. */
static int walk_prepare(walk_t *walk, sqlite3 *sqlite)
{
    int code = sqlite3_exec(sqlite, "BEGIN", NULL, NULL, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_prepare_v2(sqlite, events_sql, -1, &walk->events, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_prepare_v2(sqlite, heads_sql, -1, &walk->heads, NULL);
    }
    if (code == SQLITE_OK && has_table(sqlite, "audit_bases")) {
        code = sqlite3_prepare_v2(sqlite, bases_sql, -1, &walk->bases, NULL);
    }
    walk->proof->is_archive = has_table(sqlite, "audit_archive") && !has_table(sqlite, "tenants");
    return code;
}

void trail_verify(trail_fault_t *fault_out, trail_proof_t *proof, sqlite3 *sqlite, ctl_t *ctl)
{
    walk_t walk = {.fault = fault_out, .proof = proof};
    *fault_out = (trail_fault_t){.code = CTL_DONE};
    proof->events = 0;
    proof->archived = 0;
    if (walk_prepare(&walk, sqlite) != SQLITE_OK ||
        trail_groups_read(&walk.groups, sqlite, ctl->pool) != SQLITE_OK) {
        unreadable(fault_out, sqlite, ctl);
    } else {
        int sound = 1;
        int code = SQLITE_DONE;
        (void)head_step(&walk);
        (void)base_step(&walk);
        while (sound && (code = sqlite3_step(walk.events)) == SQLITE_ROW) {
            sound = event_check(&walk);
            proof->events++;
        }
        if (sound && code != SQLITE_DONE) {
            unreadable(fault_out, sqlite, ctl);
        } else if (sound && rest_check(&walk)) {
            index_check(fault_out, sqlite, ctl);
        }
    }
    (void)sqlite3_finalize(walk.events);
    (void)sqlite3_finalize(walk.heads);
    (void)sqlite3_finalize(walk.bases);
}

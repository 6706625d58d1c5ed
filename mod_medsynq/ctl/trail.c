/* trail.c -- the walk along the chains. Order of the columns: audit_events of migration 013. */
#include "ctl/trail.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

enum {
    COLUMN_TENANT = 0,
    COLUMN_NUMBER = 1,
    COLUMN_DIGEST = MQ_AUDIT_COLUMNS /* covers all before it, and the digest of the event before */
};

static const char events_sql[] =
    "SELECT tenant_id, number, at, actor_id, actor_name, session, address, action, outcome, "
    "object_id, patient_id, reason, digest FROM audit_events "
    "ORDER BY tenant_id, number";

static const char heads_sql[] =
    "SELECT tenant_id, number, digest FROM audit_heads ORDER BY tenant_id";

/* What each column may be: i integer, t text or NULL, a digit: so many bytes or NULL. */
static const char kinds[] = "iiiBtSt"
                            "iiBBt"
                            "D";

typedef struct walk_t {
    trail_fault_t *fault;
    sqlite3_stmt *events;
    sqlite3_stmt *heads;
    const apr_array_header_t *kept;
    int kept_next;
    int head_left; /* the heads' cursor stands on a row */
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

static const trail_head_t *kept_now(const walk_t *walk)
{
    return walk->kept && walk->kept_next < walk->kept->nelts
               ? &APR_ARRAY_IDX(walk->kept, walk->kept_next, trail_head_t)
               : NULL;
}

/* Heads kept elsewhere come sorted by tenant, as audit head prints them. */
static int kept_check(walk_t *walk)
{
    const trail_head_t *kept = kept_now(walk);
    if (kept && kept->tenant == walk->tenant && kept->number == walk->number) {
        walk->kept_next++;
        if (memcmp(kept->digest, walk->digest, sizeof walk->digest) != 0) {
            return broken(walk, walk->tenant, walk->number, "the kept head has another digest");
        }
    }
    return 1;
}

static int head_step(walk_t *walk)
{
    walk->head_left = sqlite3_step(walk->heads) == SQLITE_ROW;
    return walk->head_left;
}

/* The chain has ended: its head, and what was kept of it elsewhere, must be here. */
static int chain_end(walk_t *walk)
{
    const trail_head_t *kept = kept_now(walk);
    apr_int64_t tenant = walk->tenant;
    if (!walk->in_chain) {
        return 1;
    }
    walk->in_chain = 0;
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
    const trail_head_t *kept = kept_now(walk);
    if (walk->head_left && (sqlite3_column_type(walk->heads, 0) != SQLITE_INTEGER ||
                            sqlite3_column_int64(walk->heads, 0) < tenant)) {
        return broken(walk, sqlite3_column_int64(walk->heads, 0), 1, "the whole chain is missing");
    }
    if (kept && kept->tenant < tenant) {
        return broken(walk, kept->tenant, 1, "the whole chain is missing");
    }
    walk->tenant = tenant;
    walk->number = 0;
    memset(walk->digest, 0, sizeof walk->digest);
    walk->in_chain = 1;
    return 1;
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
    walk->number = number;
    return kept_check(walk);
}

static int rest_check(walk_t *walk)
{
    if (!chain_end(walk)) {
        return 0;
    }
    if (walk->head_left) {
        return broken(walk, sqlite3_column_int64(walk->heads, 0), 1, "the whole chain is missing");
    }
    if (kept_now(walk)) {
        return broken(walk, kept_now(walk)->tenant, 1, "the whole chain is missing");
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

void trail_verify(trail_fault_t *fault_out, apr_int64_t *events_out, sqlite3 *sqlite,
                  const apr_array_header_t *heads, ctl_t *ctl)
{
    walk_t walk = {.fault = fault_out, .kept = heads};
    *fault_out = (trail_fault_t){.code = CTL_DONE};
    *events_out = 0;
    /* one snapshot for events and heads, while a server writes */
    if (sqlite3_exec(sqlite, "BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(sqlite, events_sql, -1, &walk.events, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(sqlite, heads_sql, -1, &walk.heads, NULL) != SQLITE_OK) {
        unreadable(fault_out, sqlite, ctl);
    } else {
        int sound = 1;
        int code = SQLITE_DONE;
        (void)head_step(&walk);
        while (sound && (code = sqlite3_step(walk.events)) == SQLITE_ROW) {
            sound = event_check(&walk);
            ++*events_out;
        }
        if (sound && code != SQLITE_DONE) {
            unreadable(fault_out, sqlite, ctl);
        } else if (sound && rest_check(&walk)) {
            index_check(fault_out, sqlite, ctl);
        }
    }
    (void)sqlite3_finalize(walk.events);
    (void)sqlite3_finalize(walk.heads);
}

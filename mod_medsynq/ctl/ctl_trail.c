/* ctl_trail.c -- the walk along the chains. Order of the columns: owner_events.
 * Four cursors go along together, all in the order of tenants: events, heads, bases, and what is
 * kept elsewhere. */
#include "ctl/ctl_trail.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl_trail_groups.h"
#include "ctl/ctl_trail_views.h"

enum {
    COLUMN_DIGEST = MQ_AUDIT_COLUMNS, /* covers all before it, and the digest of the event before */
    PROGRESS_EVENTS = 4096
};

/* What each column may be: i integer, t text or NULL, a digit: so many bytes or NULL. */
static const char kinds[] = "iiiBtSt"
                            "iiBBt"
                            "D";

typedef struct walk_t {
    trail_fault_t *fault;
    mq_rows_t events;
    mq_rows_t heads;
    mq_rows_t bases;
    int has_bases; /* not a file of before there were archives */
    trail_proof_t *proof;
    trail_groups_t *groups;
    trail_views_t *views;
    mq_owner_t *owner;
    int kept_next;
    int after_next;
    int head_left; /* the cursor stands on a row */
    int base_left;
    apr_int64_t promised; /* events, by the heads: for whoever watches */
    apr_int64_t base;     /* where this chain begins: after this number */
    apr_int64_t archived; /* which the chain itself says was archived, with this digest */
    unsigned char archived_digest[MQ_AUDIT_DIGEST_LENGTH];
    unsigned char base_digest[MQ_AUDIT_DIGEST_LENGTH];
    apr_int64_t tenant;
    apr_int64_t number;
    unsigned char digest[MQ_AUDIT_DIGEST_LENGTH];
    int in_chain;
    apr_array_header_t
        *erased; /* mq_audit_head_t: where chains of organisations ended that are gone */
    apr_pool_t *pool;
} walk_t;

static int broken(walk_t *walk, apr_int64_t tenant, apr_int64_t number, const char *reason)
{
    *walk->fault = (trail_fault_t){CTL_FAILED, tenant, number, reason};
    return 0;
}

/* @return the kind of a value, and how many bytes it has if it has any */
static char kind_of(apr_size_t *length_out, const mq_rows_t *row, int column)
{
    char kind = mq_rows_kind(row, column);
    *length_out = 0;
    if (kind == 'b') {
        (void)mq_rows_bytes(row, column, length_out);
    }
    return kind;
}

static int has_kind(const mq_rows_t *row, int column, char wanted)
{
    apr_size_t length;
    char kind = kind_of(&length, row, column);
    switch (wanted) {
    case 'i':
        return kind == 'i';
    case 't':
        return kind == 's' || !kind;
    case 'B':
        return !kind || (kind == 'b' && length == 16);
    case 'S':
        return !kind || (kind == 'b' && length == 8);
    default:
        return kind == 'b' && length == MQ_AUDIT_DIGEST_LENGTH;
    }
}

static int is_digest(const mq_rows_t *row, int column, const unsigned char *digest)
{
    apr_size_t length;
    return has_kind(row, column, 'D') &&
           memcmp(mq_rows_bytes(row, column, &length), digest, MQ_AUDIT_DIGEST_LENGTH) == 0;
}

static int digest_fits(walk_t *walk)
{
    mq_audit_value_t values[MQ_AUDIT_COLUMNS];
    unsigned char digest[MQ_AUDIT_DIGEST_LENGTH];
    for (int i = 0; i < MQ_AUDIT_COLUMNS; i++) {
        values[i] = (mq_audit_value_t){.is_number = kinds[i] == 'i'};
        if (values[i].is_number) {
            values[i].number = mq_rows_int(&walk->events, i);
        } else if (mq_rows_kind(&walk->events, i)) {
            apr_size_t length;
            const void *data = mq_rows_bytes(&walk->events, i, &length);
            values[i].bytes = (mq_bytes_t){data ? data : "", length};
        }
    }
    if (mq_audit_digest(digest, walk->digest, values) != APR_SUCCESS ||
        !is_digest(&walk->events, COLUMN_DIGEST, digest)) {
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

/* The installation's own word on an organisation that was erased: its chain comes first. */
static void erasure_note(walk_t *walk)
{
    mq_audit_head_t end = {0};
    if (walk->tenant == 0 &&
        mq_rows_int(&walk->events, MQ_OWNER_EVENTS_ACTION) == MQ_ACTION_ORGANISATION_ERASE &&
        mq_audit_erasure_read(&end.tenant, &end.number,
                              mq_rows_text(&walk->events, MQ_OWNER_EVENTS_REASON, walk->pool)) ==
            APR_SUCCESS) {
        APR_ARRAY_PUSH(walk->erased, mq_audit_head_t) = end;
        trail_views_excuse(walk->views, end.tenant, mq_rows_int(&walk->events, MQ_OWNER_EVENTS_AT),
                           1);
    }
}

/* @return whether a chain that is not here was erased, to that event at least */
static int was_erased(const walk_t *walk, const mq_audit_head_t *kept)
{
    for (int i = 0; i < walk->erased->nelts; i++) {
        const mq_audit_head_t *end = &APR_ARRAY_IDX(walk->erased, i, mq_audit_head_t);
        if (end->tenant == kept->tenant && end->number >= kept->number) {
            return 1;
        }
    }
    return 0;
}

/* An archive ends early: what was kept of later events is another file's business. What was kept of
 * a chain that comes before the present one and is not here may have been erased. */
static const mq_audit_head_t *kept_until(walk_t *walk, apr_int64_t tenant)
{
    const mq_audit_head_t *kept;
    while ((kept = kept_now(walk)) && kept->tenant <= tenant &&
           (walk->proof->is_archive || (kept->tenant != walk->tenant && was_erased(walk, kept)))) {
        walk->kept_next++;
    }
    return kept;
}

/* The archive's chains that an erasure has ended do not go on here. */
static const mq_audit_head_t *after_until(walk_t *walk, apr_int64_t tenant)
{
    const mq_audit_head_t *after;
    while ((after = after_now(walk)) && after->tenant < tenant && was_erased(walk, after)) {
        walk->after_next++;
    }
    return after;
}

static int head_step(walk_t *walk)
{
    walk->head_left = mq_rows_next(&walk->heads) == APR_SUCCESS;
    return walk->head_left;
}

static int base_step(walk_t *walk)
{
    walk->base_left = walk->has_bases && mq_rows_next(&walk->bases) == APR_SUCCESS;
    return walk->base_left;
}

/* Where this chain begins here: at its first event, or after what was archived. */
static int base_take(walk_t *walk)
{
    apr_size_t length;
    walk->base = 0;
    walk->archived = 0;
    memset(walk->base_digest, 0, sizeof walk->base_digest);
    if (walk->base_left && mq_rows_int(&walk->bases, MQ_OWNER_CHAIN_END_TENANT_ID) < walk->tenant) {
        return broken(walk, mq_rows_int(&walk->bases, MQ_OWNER_CHAIN_END_TENANT_ID), 1,
                      "the whole chain is missing");
    }
    if (walk->base_left &&
        mq_rows_int(&walk->bases, MQ_OWNER_CHAIN_END_TENANT_ID) == walk->tenant) {
        walk->base = mq_rows_int(&walk->bases, MQ_OWNER_CHAIN_END_NUMBER);
        if (!has_kind(&walk->bases, MQ_OWNER_CHAIN_END_NUMBER, 'i') || walk->base <= 0 ||
            !has_kind(&walk->bases, MQ_OWNER_CHAIN_END_DIGEST, 'D')) {
            return broken(walk, walk->tenant, 1, "the chain's beginning is no number and digest");
        }
        memcpy(walk->base_digest, mq_rows_bytes(&walk->bases, MQ_OWNER_CHAIN_END_DIGEST, &length),
               sizeof walk->base_digest);
        (void)base_step(walk);
    }
    return 1;
}

/* A file that continues an archive begins where that ended, in every chain. */
static int after_check(walk_t *walk)
{
    const mq_audit_head_t *after = after_until(walk, walk->tenant);
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
    if (mq_rows_int(&walk->events, MQ_OWNER_EVENTS_ACTION) != MQ_ACTION_AUDIT_ARCHIVE) {
        return;
    }
    reason = mq_rows_text(&walk->events, MQ_OWNER_EVENTS_REASON, walk->pool);
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
    if (!walk->head_left || mq_rows_int(&walk->heads, MQ_OWNER_CHAIN_END_TENANT_ID) != tenant) {
        return broken(walk, tenant, walk->number, "the chain has no head");
    }
    if (!has_kind(&walk->heads, MQ_OWNER_CHAIN_END_NUMBER, 'i') ||
        mq_rows_int(&walk->heads, MQ_OWNER_CHAIN_END_NUMBER) > walk->number) {
        return broken(walk, tenant, walk->number + 1, "events are missing at the end");
    }
    if (mq_rows_int(&walk->heads, MQ_OWNER_CHAIN_END_NUMBER) < walk->number) {
        return broken(walk, tenant, mq_rows_int(&walk->heads, MQ_OWNER_CHAIN_END_NUMBER) + 1,
                      "events stand behind the head");
    }
    if (!is_digest(&walk->heads, MQ_OWNER_CHAIN_END_DIGEST, walk->digest)) {
        return broken(walk, tenant, walk->number, "the head has another digest");
    }
    (void)head_step(walk);
    return 1;
}

/* A chain begins: no head and nothing kept may have been passed over. */
static int chain_begin(walk_t *walk, apr_int64_t tenant)
{
    const mq_audit_head_t *kept = kept_until(walk, tenant - 1);
    if (walk->head_left && (!has_kind(&walk->heads, MQ_OWNER_CHAIN_END_TENANT_ID, 'i') ||
                            mq_rows_int(&walk->heads, MQ_OWNER_CHAIN_END_TENANT_ID) < tenant)) {
        return broken(walk, mq_rows_int(&walk->heads, MQ_OWNER_CHAIN_END_TENANT_ID), 1,
                      "the whole chain is missing");
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

static void view_note(walk_t *walk)
{
    const mq_rows_t *row = &walk->events;
    const apr_int64_t action = mq_rows_int(row, MQ_OWNER_EVENTS_ACTION);
    const int is_list = action == MQ_ACTION_SHARED_LIST || action == MQ_ACTION_REFERRALS_LIST;
    const trail_event_t event = {
        .tenant = walk->tenant,
        .number = walk->number,
        .at = mq_rows_int(row, MQ_OWNER_EVENTS_AT),
        .action = action,
        .outcome = mq_rows_int(row, MQ_OWNER_EVENTS_OUTCOME),
        .object = mq_rows_id(row, MQ_OWNER_EVENTS_OBJECT_ID),
        .reason = is_list ? mq_rows_text(row, MQ_OWNER_EVENTS_REASON, walk->pool) : NULL};
    trail_views_note(walk->views, &event);
}

static int event_check(walk_t *walk)
{
    apr_size_t length;
    apr_int64_t tenant = mq_rows_int(&walk->events, MQ_OWNER_EVENTS_TENANT_ID);
    apr_int64_t number = mq_rows_int(&walk->events, MQ_OWNER_EVENTS_NUMBER);
    if (!has_kind(&walk->events, MQ_OWNER_EVENTS_TENANT_ID, 'i')) {
        return broken(walk, tenant, number, "a tenant that is no number");
    }
    if ((!walk->in_chain || tenant != walk->tenant) &&
        (!chain_end(walk) || !chain_begin(walk, tenant))) {
        return 0;
    }
    if (!has_kind(&walk->events, MQ_OWNER_EVENTS_NUMBER, 'i') || number != walk->number + 1) {
        return broken(walk, tenant, walk->number + 1, "this event is missing");
    }
    for (int i = 0; i <= COLUMN_DIGEST; i++) {
        if (!has_kind(&walk->events, i, kinds[i])) {
            return broken(walk, tenant, number, "a column is not of its type");
        }
    }
    if (!digest_fits(walk)) {
        return broken(walk, tenant, number, "it was changed");
    }
    if (mq_rows_kind(&walk->events, MQ_OWNER_EVENTS_PATIENT_ID) &&
        !trail_groups_admit(walk->groups, tenant,
                            mq_rows_bytes(&walk->events, MQ_OWNER_EVENTS_PATIENT_ID, &length))) {
        return broken(walk, tenant, number, "the patients that it showed were changed");
    }
    if (walk->base && walk->number == walk->base) { /* what precedes it was archived */
        trail_views_excuse(walk->views, tenant, mq_rows_int(&walk->events, MQ_OWNER_EVENTS_AT), 0);
    }
    walk->number = number;
    archive_note(walk);
    erasure_note(walk);
    view_note(walk);
    return kept_check(walk);
}

static int rest_check(walk_t *walk)
{
    apr_int64_t tenant;
    apr_int64_t number;
    int is_lonely = 0;
    if (!chain_end(walk)) {
        return 0;
    }
    if (!walk->proof->is_archive &&
        trail_views_lonely(&is_lonely, &tenant, &number, walk->views, walk->owner) != APR_SUCCESS) {
        *walk->fault = (trail_fault_t){CTL_UNREADABLE, 0, 0, "who shares with whom"};
        return 0;
    }
    if (is_lonely) {
        return broken(walk, tenant, number, "a look at a shared record is not in both trails");
    }
    if (trail_groups_stray(&tenant, walk->groups)) {
        return broken(walk, tenant, 0, "a group of patients was changed that no event names");
    }
    if (walk->head_left) {
        return broken(walk, mq_rows_int(&walk->heads, MQ_OWNER_CHAIN_END_TENANT_ID), 1,
                      "the whole chain is missing");
    }
    if (walk->base_left) {
        return broken(walk, mq_rows_int(&walk->bases, MQ_OWNER_CHAIN_END_TENANT_ID), 1,
                      "the whole chain is missing");
    }
    if (kept_until(walk, APR_INT64_MAX)) {
        return broken(walk, kept_now(walk)->tenant, 1, "the whole chain is missing");
    }
    if (after_until(walk, APR_INT64_MAX)) {
        return broken(walk, after_now(walk)->tenant, after_now(walk)->number + 1,
                      "the chain does not go on");
    }
    return 1;
}

static void unreadable(trail_fault_t *fault, const mq_owner_t *owner, const ctl_t *ctl)
{
    *fault = (trail_fault_t){CTL_UNREADABLE, 0, 0, mq_owner_failed(owner, ctl->pool)};
}

/* An index that disagrees with its table would hide events from the pages. */
static void index_check(trail_fault_t *fault, const mq_owner_t *owner, const ctl_t *ctl)
{
    const char *said;
    apr_status_t rv = mq_owner_check(&said, owner, MQ_CHECK_TRAIL, ctl->pool);
    if (rv != APR_SUCCESS || said) {
        *fault = (trail_fault_t){rv == APR_SUCCESS ? CTL_FAILED : CTL_UNREADABLE, 0, 0, said};
    }
}

static apr_int64_t numbers_sum(mq_owner_t *owner, const mq_owner_read_t *chain_ends)
{
    apr_int64_t sum = 0;
    mq_rows_t rows;
    if (mq_owner_select(&rows, owner, chain_ends, MQ_NO_PARAMS) == APR_SUCCESS) {
        while (mq_rows_next(&rows) == APR_SUCCESS) {
            sum += mq_rows_int(&rows, MQ_OWNER_CHAIN_END_NUMBER);
        }
    }
    return sum;
}

/* How many events the heads promise. It is only shown: the walk itself trusts none of them. */
static apr_int64_t events_promised(mq_owner_t *owner, int has_bases)
{
    return numbers_sum(owner, MQ_SQL_OWNER_HEADS) -
           (has_bases ? numbers_sum(owner, MQ_SQL_OWNER_BASES) : 0);
}

/* One state of the database for all cursors, while a server writes. */
static apr_status_t walk_prepare(walk_t *walk, mq_owner_t *owner)
{
    walk->proof->is_archive =
        mq_owner_has(owner, "audit_archive") && !mq_owner_has(owner, "tenants");
    walk->has_bases = mq_owner_has(owner, "audit_bases");
    walk->promised = walk->proof->progress ? events_promised(owner, walk->has_bases) : 0;
    MQ_TRY(mq_owner_select(&walk->events, owner, MQ_SQL_OWNER_EVENTS, MQ_NO_PARAMS));
    MQ_TRY(mq_owner_select(&walk->heads, owner, MQ_SQL_OWNER_HEADS, MQ_NO_PARAMS));
    return walk->has_bases ? mq_owner_select(&walk->bases, owner, MQ_SQL_OWNER_BASES, MQ_NO_PARAMS)
                           : APR_SUCCESS;
}

void trail_verify(trail_fault_t *fault_out, trail_proof_t *proof, mq_owner_t *owner, ctl_t *ctl)
{
    walk_t walk = {.fault = fault_out,
                   .proof = proof,
                   .erased = apr_array_make(ctl->pool, 1, sizeof(mq_audit_head_t)),
                   .views = trail_views_make(ctl->pool),
                   .owner = owner,
                   .pool = ctl->pool};
    *fault_out = (trail_fault_t){.code = CTL_DONE};
    proof->events = 0;
    proof->archived = 0;
    if (walk_prepare(&walk, owner) != APR_SUCCESS ||
        trail_groups_read(&walk.groups, owner, ctl->pool) != APR_SUCCESS) {
        unreadable(fault_out, owner, ctl);
    } else {
        int sound = 1;
        apr_status_t rv = APR_EOF;
        (void)head_step(&walk);
        (void)base_step(&walk);
        while (sound && (rv = mq_rows_next(&walk.events)) == APR_SUCCESS) {
            sound = event_check(&walk);
            proof->events++;
            if (proof->progress && proof->events % PROGRESS_EVENTS == 0 &&
                proof->events != walk.promised) {
                proof->progress(proof->watcher, proof->events, walk.promised);
            }
        }
        if (proof->progress) {
            proof->progress(proof->watcher, proof->events, proof->events);
        }
        if (sound && rv != APR_EOF) {
            unreadable(fault_out, owner, ctl);
        } else if (sound && rest_check(&walk)) {
            index_check(fault_out, owner, ctl);
        }
    }
    mq_rows_close(&walk.events);
    mq_rows_close(&walk.heads);
    mq_rows_close(&walk.bases);
}

/* sqlite_archive.c -- the copying and deleting of store/audit_archive.h, on a handle of its own. */
#include "store/sqlite/sqlite_archive.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <sqlite3.h>
#include <string.h>

#include "base/id.h"
#include "store/sqlite/sqlite_status.h"

enum { PIECE = 2000, GROUPS_PIECE = 200, BUSY_MILLISECONDS = 10000, GAP_MICROSECONDS = 1000 };

/* The tables of an archive: as in the migrations, without the tenants. audit_archive tells that
 * nothing but the file before it accounts for what precedes its bases. */
static const char tables[] =
    "PRAGMA archive.synchronous = FULL;"
    "BEGIN;"
    "CREATE TABLE archive.audit_archive (before bigint NOT NULL);"
    "CREATE TABLE archive.audit_events (tenant_id bigint NOT NULL, number bigint NOT NULL, "
    "at bigint NOT NULL, actor_id bytea, actor_name text, session bytea, address text, "
    "action smallint NOT NULL, outcome smallint NOT NULL, object_id bytea, patient_id bytea, "
    "reason text, digest bytea NOT NULL, PRIMARY KEY (tenant_id, number)) WITHOUT ROWID;"
    "CREATE TABLE archive.audit_bases (tenant_id bigint NOT NULL, number bigint NOT NULL, "
    "digest bytea NOT NULL, PRIMARY KEY (tenant_id)) WITHOUT ROWID;"
    "CREATE TABLE archive.audit_heads (tenant_id bigint NOT NULL, number bigint NOT NULL, "
    "digest bytea NOT NULL, PRIMARY KEY (tenant_id)) WITHOUT ROWID;"
    "CREATE TABLE archive.audit_groups (tenant_id bigint NOT NULL, id bytea NOT NULL, "
    "members bytea NOT NULL, PRIMARY KEY (tenant_id, id)) WITHOUT ROWID;"
    "CREATE TABLE archive.audit_group_patients (tenant_id bigint NOT NULL, "
    "patient_id bytea NOT NULL, group_id bytea NOT NULL, "
    "PRIMARY KEY (tenant_id, patient_id, group_id)) WITHOUT ROWID;";

/* Each chain: where it begins here, and the last event of the beginning that is old. */
static const char chains_sql[] =
    "SELECT h.tenant_id, coalesce(b.number, 0), coalesce((SELECT e.number - 1 FROM "
    "main.audit_events e WHERE e.tenant_id = h.tenant_id AND e.number > coalesce(b.number, 0) AND "
    "e.at >= ?1 ORDER BY e.number LIMIT 1), h.number) FROM main.audit_heads h "
    "LEFT JOIN main.audit_bases b ON b.tenant_id = h.tenant_id ORDER BY h.tenant_id";

typedef struct work_t {
    sqlite3 *sqlite;
    mq_progress_t progress;
    void *context;
    apr_int64_t done;
    apr_int64_t total;
} work_t;

static int sql_execute(sqlite3 *sqlite, const char *sql)
{
    return sqlite3_exec(sqlite, sql, NULL, NULL, NULL);
}

/* Run a statement whose parameters are numbers; the row it gives stays until the next step. */
static int statement_run(sqlite3_stmt *statement, apr_int64_t first, apr_int64_t second)
{
    (void)sqlite3_reset(statement);
    (void)sqlite3_bind_int64(statement, 1, first);
    if (sqlite3_bind_parameter_count(statement) > 1) {
        (void)sqlite3_bind_int64(statement, 2, second);
    }
    return sqlite3_step(statement);
}

static void progress_tell(work_t *work, apr_int64_t more)
{
    work->done += more;
    if (work->progress) {
        work->progress(work->context, work->done, work->total);
    }
}

static int open_database(sqlite3 **sqlite_out, const char *database)
{
    int code = sqlite3_open_v2(database, sqlite_out, SQLITE_OPEN_READWRITE, NULL);
    (void)sqlite3_busy_timeout(*sqlite_out, BUSY_MILLISECONDS);
    (void)sqlite3_extended_result_codes(*sqlite_out, 1);
    return code == SQLITE_OK ? sql_execute(*sqlite_out, "PRAGMA synchronous = FULL") : code;
}

static int archive_attach(sqlite3 *sqlite, const char *file)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(sqlite, "ATTACH ?1 AS archive", -1, &statement, NULL);
    if (code == SQLITE_OK) {
        (void)sqlite3_bind_text(statement, 1, file, -1, SQLITE_STATIC);
        code = sqlite3_step(statement);
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int chains_read(apr_array_header_t *chains, work_t *work, apr_time_t before)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(work->sqlite, chains_sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = statement_run(statement, before, 0);
    }
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
        mq_archive_chain_t chain = {.tenant = sqlite3_column_int64(statement, 0),
                                    .after = sqlite3_column_int64(statement, 1),
                                    .last = sqlite3_column_int64(statement, 2)};
        if (chain.last > chain.after) {
            APR_ARRAY_PUSH(chains, mq_archive_chain_t) = chain;
            work->total += chain.last - chain.after;
        }
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int digest_read(mq_archive_chain_t *chain, sqlite3_stmt *statement)
{
    int code = statement_run(statement, chain->tenant, chain->last);
    if (code == SQLITE_ROW && sqlite3_column_bytes(statement, 0) == MQ_ARCHIVE_DIGEST_LENGTH) {
        memcpy(chain->digest, sqlite3_column_blob(statement, 0), sizeof chain->digest);
        return SQLITE_OK;
    }
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_CORRUPT : code;
}

static int chains_copy(apr_array_header_t *chains, work_t *work)
{
    static const char *const sql[] = {
        "INSERT INTO archive.audit_events SELECT tenant_id, number, at, actor_id, actor_name, "
        "session, address, action, outcome, object_id, patient_id, reason, digest FROM "
        "main.audit_events WHERE tenant_id = ?1 AND number <= ?2 ORDER BY number",
        "INSERT INTO archive.audit_heads SELECT tenant_id, number, digest FROM main.audit_events "
        "WHERE tenant_id = ?1 AND number = ?2",
        "INSERT INTO archive.audit_bases SELECT tenant_id, number, digest FROM main.audit_bases "
        "WHERE tenant_id = ?1",
        "INSERT INTO archive.audit_groups SELECT tenant_id, id, members FROM main.audit_groups "
        "WHERE tenant_id = ?1 AND id IN (SELECT patient_id FROM main.audit_events WHERE "
        "tenant_id = ?1 AND number <= ?2)",
        "INSERT INTO archive.audit_group_patients SELECT tenant_id, patient_id, group_id FROM "
        "main.audit_group_patients WHERE tenant_id = ?1 AND group_id IN "
        "(SELECT id FROM archive.audit_groups WHERE tenant_id = ?1)",
        "SELECT digest FROM main.audit_events WHERE tenant_id = ?1 AND number = ?2"};
    enum { STEPS = sizeof sql / sizeof *sql, DIGEST = STEPS - 1 };
    sqlite3_stmt *steps[STEPS] = {NULL};
    int code = SQLITE_OK;
    for (int k = 0; code == SQLITE_OK && k < STEPS; k++) {
        code = sqlite3_prepare_v2(work->sqlite, sql[k], -1, &steps[k], NULL);
    }
    for (int i = 0; code == SQLITE_OK && i < chains->nelts; i++) {
        mq_archive_chain_t *chain = &APR_ARRAY_IDX(chains, i, mq_archive_chain_t);
        for (int k = 0; code == SQLITE_OK && k < DIGEST; k++) {
            code = statement_run(steps[k], chain->tenant, chain->last);
            code = code == SQLITE_DONE ? sqlite3_reset(steps[k]) : code;
        }
        code = code == SQLITE_OK ? digest_read(chain, steps[DIGEST]) : code;
        progress_tell(work, chain->last - chain->after);
    }
    for (int k = 0; k < STEPS; k++) {
        (void)sqlite3_finalize(steps[k]);
    }
    return code;
}

/* One state of the database, read while others write; the archive is whole or empty. */
static int events_copy(apr_array_header_t *chains, work_t *work, const char *file,
                       apr_time_t before)
{
    sqlite3_stmt *mark = NULL;
    int code = archive_attach(work->sqlite, file);
    if (code == SQLITE_OK) {
        code = sql_execute(work->sqlite, tables);
    }
    if (code == SQLITE_OK) {
        code = chains_read(chains, work, before);
    }
    if (code == SQLITE_OK && chains->nelts > 0) {
        code = chains_copy(chains, work);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_prepare_v2(work->sqlite, "INSERT INTO archive.audit_archive VALUES (?1)", -1,
                                  &mark, NULL);
    }
    if (code == SQLITE_OK) {
        code = statement_run(mark, before, 0);
        code = code == SQLITE_DONE ? SQLITE_OK : code;
    }
    (void)sqlite3_finalize(mark);
    return code == SQLITE_OK ? sql_execute(work->sqlite, "COMMIT") : code;
}

apr_status_t mq_sqlite_archive_copy(apr_array_header_t **chains_out, apr_int64_t *events_out,
                                    const char *database, const char *file, apr_time_t before,
                                    mq_progress_t progress, void *context, const char **error_out,
                                    apr_pool_t *pool)
{
    work_t work = {.progress = progress, .context = context};
    apr_array_header_t *chains = apr_array_make(pool, 64, sizeof(mq_archive_chain_t));
    apr_file_t *made;
    char text[128];
    apr_status_t rv =
        apr_file_open(&made, file, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_EXCL,
                      APR_FPROT_UREAD | APR_FPROT_UWRITE, pool);
    int code;
    if (rv != APR_SUCCESS) {
        *error_out =
            apr_psprintf(pool, "%s cannot be made: %s", file, apr_strerror(rv, text, sizeof text));
        return APR_STATUS_IS_EEXIST(rv) ? MQ_ECONFLICT : rv;
    }
    (void)apr_file_close(made);
    code = open_database(&work.sqlite, database);
    if (code == SQLITE_OK) {
        code = events_copy(chains, &work, file, before);
    }
    if (code != SQLITE_OK) {
        *error_out =
            apr_psprintf(pool, "%s cannot be written: %s", file, mq_sqlite_words(work.sqlite));
    }
    (void)sqlite3_close(work.sqlite);
    rv = mq_sqlite_status(code);
    if (rv == APR_SUCCESS && chains->nelts == 0) {
        rv = MQ_ENOTFOUND;
    }
    if (rv != APR_SUCCESS) {
        (void)apr_file_remove(file, pool);
        (void)apr_file_remove(apr_pstrcat(pool, file, "-journal", NULL), pool);
        return rv;
    }
    *chains_out = chains;
    *events_out = work.total;
    return APR_SUCCESS;
}

typedef enum {
    FIND_DIGEST,
    SET_BASE,
    DELETE_EVENTS,
    FIND_GROUPS,
    DELETE_MEMBER,
    DELETE_GROUP,
    REMOVALS
} removal_step_t;

typedef struct removal_t {
    sqlite3_stmt *steps[REMOVALS];
} removal_t;

static int removal_prepare(removal_t *removal, sqlite3 *sqlite)
{
    static const char *const sql[REMOVALS] = {
        [FIND_DIGEST] = "SELECT digest FROM audit_events WHERE tenant_id = ?1 AND number = ?2",
        [SET_BASE] =
            "INSERT INTO audit_bases SELECT tenant_id, number, digest FROM audit_events WHERE "
            "tenant_id = ?1 AND number = ?2 ON CONFLICT (tenant_id) DO UPDATE SET "
            "number = excluded.number, digest = excluded.digest",
        [DELETE_EVENTS] = "DELETE FROM audit_events WHERE tenant_id = ?1 AND number <= ?2",
        [FIND_GROUPS] =
            "SELECT id, members, EXISTS (SELECT 1 FROM audit_events e WHERE e.tenant_id = ?1 "
            "AND e.patient_id = g.id) FROM audit_groups g WHERE tenant_id = ?1 AND id > ?2 "
            "ORDER BY id LIMIT ?3",
        [DELETE_MEMBER] = ("DELETE FROM audit_group_patients WHERE tenant_id = ?1 AND "
                           "group_id = ?2 AND patient_id = ?3"),
        [DELETE_GROUP] = "DELETE FROM audit_groups WHERE tenant_id = ?1 AND id = ?2"};
    int code = SQLITE_OK;
    for (int i = 0; code == SQLITE_OK && i < REMOVALS; i++) {
        code = sqlite3_prepare_v2(sqlite, sql[i], -1, &removal->steps[i], NULL);
    }
    return code;
}

/* End the transaction as it went. @param code SQLITE_DONE for well */
static int piece_end(sqlite3 *sqlite, int code)
{
    if (code == SQLITE_DONE) {
        code = sql_execute(sqlite, "COMMIT");
    }
    if (code != SQLITE_OK) {
        (void)sql_execute(sqlite, "ROLLBACK");
    }
    return code;
}

/* One short transaction: the base moves with what is deleted. */
static int piece_remove(const removal_t *removal, sqlite3 *sqlite, apr_int64_t tenant,
                        apr_int64_t last)
{
    int code = sql_execute(sqlite, "BEGIN IMMEDIATE");
    if (code != SQLITE_OK) {
        return code;
    }
    code = statement_run(removal->steps[SET_BASE], tenant, last);
    (void)sqlite3_reset(removal->steps[SET_BASE]);
    if (code == SQLITE_DONE) {
        code = sqlite3_changes(sqlite) == 1
                   ? statement_run(removal->steps[DELETE_EVENTS], tenant, last)
                   : SQLITE_CORRUPT;
        (void)sqlite3_reset(removal->steps[DELETE_EVENTS]);
    }
    return piece_end(sqlite, code);
}

static int delete_by(sqlite3_stmt *statement, apr_int64_t tenant, const mq_id_t *group,
                     const mq_id_t *patient)
{
    int code;
    (void)sqlite3_bind_int64(statement, 1, tenant);
    (void)sqlite3_bind_blob(statement, 2, group->bytes, sizeof group->bytes, SQLITE_STATIC);
    if (patient) {
        (void)sqlite3_bind_blob(statement, 3, patient->bytes, sizeof patient->bytes, SQLITE_STATIC);
    }
    code = sqlite3_step(statement);
    (void)sqlite3_reset(statement);
    return code;
}

/* The group that the cursor stands on, if no event names it any more. */
static int group_remove(const removal_t *removal, apr_int64_t tenant, const mq_id_t *id)
{
    const mq_id_t *members = sqlite3_column_blob(removal->steps[FIND_GROUPS], 1);
    int count = sqlite3_column_bytes(removal->steps[FIND_GROUPS], 1) / (int)sizeof *members;
    int code = SQLITE_DONE;
    if (sqlite3_column_int(removal->steps[FIND_GROUPS], 2)) {
        return code;
    }
    for (int i = 0; code == SQLITE_DONE && i < count; i++) {
        code = delete_by(removal->steps[DELETE_MEMBER], tenant, id, &members[i]);
    }
    return code == SQLITE_DONE ? delete_by(removal->steps[DELETE_GROUP], tenant, id, NULL) : code;
}

/* The next groups after one. @param last the null id at first; moved on */
static int groups_piece(const removal_t *removal, sqlite3 *sqlite, apr_int64_t tenant,
                        mq_id_t *last, int *seen_out)
{
    sqlite3_stmt *groups = removal->steps[FIND_GROUPS];
    int code = sql_execute(sqlite, "BEGIN IMMEDIATE");
    *seen_out = 0;
    if (code != SQLITE_OK) {
        return code;
    }
    (void)sqlite3_bind_int64(groups, 1, tenant);
    (void)sqlite3_bind_blob(groups, 2, last->bytes, sizeof last->bytes, SQLITE_TRANSIENT);
    (void)sqlite3_bind_int(groups, 3, GROUPS_PIECE);
    while ((code = sqlite3_step(groups)) == SQLITE_ROW) {
        if (sqlite3_column_bytes(groups, 0) != (int)sizeof last->bytes) {
            code = SQLITE_CORRUPT;
            break;
        }
        memcpy(last->bytes, sqlite3_column_blob(groups, 0), sizeof last->bytes);
        ++*seen_out;
        code = group_remove(removal, tenant, last);
        if (code != SQLITE_DONE) {
            break;
        }
    }
    (void)sqlite3_reset(groups);
    return piece_end(sqlite, code);
}

/* Groups that only archived events named. What a kill left of them goes the next time. */
static int groups_remove(const removal_t *removal, sqlite3 *sqlite, apr_int64_t tenant)
{
    mq_id_t last = {{0}};
    int seen = GROUPS_PIECE;
    int code = SQLITE_OK;
    while (code == SQLITE_OK && seen == GROUPS_PIECE) {
        code = groups_piece(removal, sqlite, tenant, &last, &seen);
        apr_sleep(GAP_MICROSECONDS); /* who waits to write comes in between */
    }
    return code;
}

static int chain_remove(const removal_t *removal, work_t *work, const mq_archive_chain_t *chain)
{
    mq_archive_chain_t here = *chain;
    int code = digest_read(&here, removal->steps[FIND_DIGEST]);
    (void)sqlite3_reset(removal->steps[FIND_DIGEST]);
    if (code == SQLITE_OK && memcmp(here.digest, chain->digest, sizeof here.digest) != 0) {
        code = SQLITE_CORRUPT;
    }
    for (apr_int64_t number = chain->after; code == SQLITE_OK && number < chain->last;) {
        apr_int64_t next = number + PIECE < chain->last ? number + PIECE : chain->last;
        code = piece_remove(removal, work->sqlite, chain->tenant, next);
        progress_tell(work, next - number);
        number = next;
        apr_sleep(GAP_MICROSECONDS); /* who waits to write comes in between */
    }
    return code;
}

apr_status_t mq_sqlite_archive_remove(const char *database, const apr_array_header_t *chains,
                                      mq_progress_t progress, void *context, const char **error_out,
                                      apr_pool_t *pool)
{
    work_t work = {.progress = progress, .context = context};
    removal_t removal = {{NULL}};
    int code = open_database(&work.sqlite, database);
    for (int i = 0; i < chains->nelts; i++) {
        const mq_archive_chain_t *chain = &APR_ARRAY_IDX(chains, i, mq_archive_chain_t);
        work.total += chain->last - chain->after;
    }
    if (code == SQLITE_OK) {
        code = removal_prepare(&removal, work.sqlite);
    }
    for (int i = 0; code == SQLITE_OK && i < chains->nelts; i++) {
        const mq_archive_chain_t *chain = &APR_ARRAY_IDX(chains, i, mq_archive_chain_t);
        code = chain_remove(&removal, &work, chain);
        code = code == SQLITE_OK ? groups_remove(&removal, work.sqlite, chain->tenant) : code;
    }
    if (code != SQLITE_OK) {
        *error_out = code == SQLITE_CORRUPT
                         ? "the trail is no longer what was copied: verify it before anything else"
                         : apr_psprintf(pool, "archived events could not be removed from %s: %s",
                                        database, mq_sqlite_words(work.sqlite));
    }
    for (int i = 0; i < REMOVALS; i++) {
        (void)sqlite3_finalize(removal.steps[i]);
    }
    (void)sqlite3_close(work.sqlite);
    return mq_sqlite_status(code);
}

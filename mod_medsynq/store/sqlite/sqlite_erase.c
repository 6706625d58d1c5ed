/* sqlite_erase.c -- the deleting and sweeping of store/tenant_rows.h, on a handle of its own.
 *
 * Which tables there are the file itself says, so none is forgotten: all that have a tenant_id, and
 * partnerships, which name two. A deleted row stays readable in the file's free pages, and in what
 * is left of a page that was written anew; VACUUM makes a file without either.
 *
 * That an erasure has begun is noted for each organisation, "erasing.7": two may be erased at the
 * same time, and who sweeps takes back only the notes of those whose rows were gone before. */
#include "store/sqlite/sqlite_erase.h"

#include <apr_strings.h>
#include <sqlite3.h>
#include <string.h>

#include "store/sqlite/sqlite_status.h"

enum { BUSY_MILLISECONDS = 10000, GAP_MICROSECONDS = 1000, PIECE = 1000, CHECKPOINT_TRIES = 6 };

typedef struct table_t {
    const char *name;
    const char *key; /* its columns with commas */
    int is_gone;     /* of the work: nothing that is left points to it */
    int is_last;     /* goes with the organisation's own row */
} table_t;

typedef struct work_t {
    sqlite3 *sqlite;
    apr_int64_t tenant;
    apr_array_header_t *tables; /* of table_t */
    apr_int64_t rows;
    mq_progress_t progress;
    void *context;
    apr_pool_t *pool;
} work_t;

static int sql_execute(sqlite3 *sqlite, const char *sql)
{
    return sqlite3_exec(sqlite, sql, NULL, NULL, NULL);
}

static int open_database(sqlite3 **sqlite_out, const char *database)
{
    int code = sqlite3_open_v2(database, sqlite_out, SQLITE_OPEN_READWRITE, NULL);
    (void)sqlite3_busy_timeout(*sqlite_out, BUSY_MILLISECONDS);
    (void)sqlite3_extended_result_codes(*sqlite_out, 1);
    return code == SQLITE_OK ? sql_execute(*sqlite_out, "PRAGMA synchronous = FULL; "
                                                        "PRAGMA secure_delete = ON")
                             : code;
}

/* --- which tables, and in which order --- */

static int tables_read(work_t *work)
{
    static const char sql[] =
        "SELECT t.name, (SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info(t.name)"
        " WHERE pk > 0 ORDER BY pk)) FROM sqlite_schema t WHERE t.type = 'table' AND EXISTS "
        "(SELECT 1 FROM pragma_table_info(t.name) WHERE name = 'tenant_id')";
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(work->sqlite, sql, -1, &statement, NULL);
    work->tables = apr_array_make(work->pool, 32, sizeof(table_t));
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        table_t table = {
            .name = apr_pstrdup(work->pool, (const char *)sqlite3_column_text(statement, 0)),
            .key = apr_pstrdup(work->pool, (const char *)sqlite3_column_text(statement, 1))};
        table.is_last = strncmp(table.name, "audit_", 6) == 0 ||
                        strcmp(table.name, "tenants") == 0 ||
                        strcmp(table.name, "counters") == 0; /* knows what has begun */
        APR_ARRAY_PUSH(work->tables, table_t) = table;
        code = table.key ? SQLITE_OK : SQLITE_ERROR;
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* @return whether a table that is left points to this one */
static int is_pointed_to(int *pointed_out, const work_t *work, const table_t *table)
{
    static const char sql[] =
        "SELECT 1 FROM pragma_foreign_key_list(?1) WHERE \"table\" = ?2 AND ?1 <> ?2";
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(work->sqlite, sql, -1, &statement, NULL);
    *pointed_out = 0;
    for (int i = 0; code == SQLITE_OK && !*pointed_out && i < work->tables->nelts; i++) {
        const table_t *other = &APR_ARRAY_IDX(work->tables, i, table_t);
        if (other->is_gone) {
            continue;
        }
        (void)sqlite3_bind_text(statement, 1, other->name, -1, SQLITE_STATIC);
        (void)sqlite3_bind_text(statement, 2, table->name, -1, SQLITE_STATIC);
        code = sqlite3_step(statement);
        *pointed_out = code == SQLITE_ROW;
        code = code == SQLITE_ROW || code == SQLITE_DONE ? sqlite3_reset(statement) : code;
    }
    (void)sqlite3_finalize(statement);
    return code;
}

/* --- deleting --- */

/* @param most rows, or -1: all */
static int piece_delete(apr_int64_t *rows_out, const work_t *work, const table_t *table, int most)
{
    sqlite3_stmt *statement = NULL;
    const char *sql = apr_psprintf(work->pool,
                                   "DELETE FROM \"%s\" WHERE (%s) IN (SELECT %s FROM \"%s\" "
                                   "WHERE tenant_id = ?1 LIMIT ?2)",
                                   table->name, table->key, table->key, table->name);
    int code = sqlite3_prepare_v2(work->sqlite, sql, -1, &statement, NULL);
    *rows_out = 0;
    if (code == SQLITE_OK) {
        (void)sqlite3_bind_int64(statement, 1, work->tenant);
        (void)sqlite3_bind_int(statement, 2, most);
        code = sqlite3_step(statement);
        *rows_out = sqlite3_changes(work->sqlite);
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* End the transaction as it went. */
static int transaction_end(sqlite3 *sqlite, int code)
{
    code = code == SQLITE_OK ? sql_execute(sqlite, "COMMIT") : code;
    if (code != SQLITE_OK) {
        (void)sql_execute(sqlite, "ROLLBACK");
    }
    return code;
}

static int table_empty(work_t *work, const table_t *table)
{
    apr_int64_t rows = PIECE;
    int code = SQLITE_OK;
    while (code == SQLITE_OK && rows == PIECE) {
        code = piece_delete(&rows, work, table, PIECE); /* a transaction by itself */
        work->rows += rows;
        if (work->progress) {
            work->progress(work->context, work->rows, 0);
        }
        apr_sleep(GAP_MICROSECONDS); /* who waits to write comes in between */
    }
    return code;
}

/* Everything but the trail: at every commit, nothing points to what is gone. */
static int tables_empty(work_t *work)
{
    int code = SQLITE_OK;
    int moved = 1;
    while (code == SQLITE_OK && moved) {
        moved = 0;
        for (int i = 0; code == SQLITE_OK && i < work->tables->nelts; i++) {
            table_t *table = &APR_ARRAY_IDX(work->tables, i, table_t);
            int pointed = 0;
            if (table->is_gone || table->is_last) {
                continue;
            }
            code = is_pointed_to(&pointed, work, table);
            if (code == SQLITE_OK && !pointed) {
                code = table_empty(work, table);
                table->is_gone = 1;
                moved = 1;
            }
        }
    }
    return code;
}

static int partnerships_delete(const work_t *work)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(
        work->sqlite, "DELETE FROM partnerships WHERE low = ?1 OR high = ?1", -1, &statement, NULL);
    if (code == SQLITE_OK) {
        (void)sqlite3_bind_int64(statement, 1, work->tenant);
        code = sqlite3_step(statement);
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* All tables once more: somebody may have written until now, and from here on nobody can. */
static int last_delete(work_t *work)
{
    int code = sql_execute(work->sqlite, "BEGIN IMMEDIATE");
    if (code != SQLITE_OK) {
        return code;
    }
    for (int i = 0; code == SQLITE_OK && i < work->tables->nelts; i++) {
        apr_int64_t rows;
        code = piece_delete(&rows, work, &APR_ARRAY_IDX(work->tables, i, table_t), -1);
        work->rows += rows;
    }
    code = code == SQLITE_OK ? partnerships_delete(work) : code;
    return transaction_end(work->sqlite, code);
}

static const char *failure_say(sqlite3 *sqlite, const char *database, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s: %s; the same command goes on", database,
                        mq_sqlite_words(sqlite));
}

apr_status_t mq_sqlite_erase_rows(apr_int64_t *rows_out, const char *database, apr_int64_t tenant,
                                  mq_progress_t progress, void *context, const char **error_out,
                                  apr_pool_t *pool)
{
    work_t work = {.tenant = tenant, .progress = progress, .context = context, .pool = pool};
    int code;
    if (tenant <= 0) {
        return MQ_EBUG;
    }
    code = open_database(&work.sqlite, database);
    if (code == SQLITE_OK) {
        code =
            sql_execute(work.sqlite, apr_psprintf(pool,
                                                  "PRAGMA foreign_keys = OFF; INSERT INTO counters "
                                                  "(tenant_id, name, value) VALUES "
                                                  "(0, 'erasing.%" APR_INT64_T_FMT "', 1) "
                                                  "ON CONFLICT DO NOTHING",
                                                  tenant));
    }
    code = code == SQLITE_OK ? tables_read(&work) : code;
    code = code == SQLITE_OK ? tables_empty(&work) : code;
    code = code == SQLITE_OK ? last_delete(&work) : code;
    if (code != SQLITE_OK) {
        *error_out = failure_say(work.sqlite, database, pool);
    }
    (void)sqlite3_close(work.sqlite);
    *rows_out = work.rows;
    return mq_sqlite_status(code);
}

/* --- sweeping --- */

/* @param notes of const char *: of erasures whose rows are all gone; the plain one is a former
 * program's */
static int notes_read(apr_array_header_t *notes, sqlite3 *sqlite)
{
    static const char sql[] =
        "SELECT c.name FROM counters c WHERE c.tenant_id = 0 AND c.name >= 'erasing' AND "
        "c.name < 'erasing/' AND NOT EXISTS (SELECT 1 FROM tenants t "
        "WHERE 'erasing.' || t.tenant_id = c.name)";
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        APR_ARRAY_PUSH(notes, const char *) =
            apr_pstrdup(notes->pool, (const char *)sqlite3_column_text(statement, 0));
        code = SQLITE_OK;
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int notes_remove(const apr_array_header_t *notes, sqlite3 *sqlite)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(sqlite, "DELETE FROM counters WHERE tenant_id = 0 AND name = ?1",
                                  -1, &statement, NULL);
    for (int i = 0; code == SQLITE_OK && i < notes->nelts; i++) {
        (void)sqlite3_bind_text(statement, 1, APR_ARRAY_IDX(notes, i, const char *), -1,
                                SQLITE_STATIC);
        code = sqlite3_step(statement) == SQLITE_DONE ? sqlite3_reset(statement)
                                                      : sqlite3_errcode(sqlite);
    }
    (void)sqlite3_finalize(statement);
    return code;
}

/* The log holds pages as they were; it is emptied when nobody reads an earlier state. */
static int log_empty(sqlite3 *sqlite)
{
    int code = SQLITE_BUSY;
    for (int i = 0; code == SQLITE_BUSY && i < CHECKPOINT_TRIES; i++) {
        code = sqlite3_wal_checkpoint_v2(sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    }
    return code;
}

apr_status_t mq_sqlite_erase_sweep(int *was_due_out, const char *database, const char **error_out,
                                   apr_pool_t *pool)
{
    apr_array_header_t *notes = apr_array_make(pool, 1, sizeof(const char *));
    sqlite3 *sqlite = NULL;
    int code = open_database(&sqlite, database);
    code = code == SQLITE_OK ? notes_read(notes, sqlite) : code;
    *was_due_out = code == SQLITE_OK && notes->nelts > 0;
    if (*was_due_out) {
        code = sql_execute(sqlite, "VACUUM");
        code = code == SQLITE_OK ? log_empty(sqlite) : code;
        code = code == SQLITE_OK ? notes_remove(notes, sqlite) : code;
    }
    if (code != SQLITE_OK) {
        *error_out = failure_say(sqlite, database, pool);
    }
    (void)sqlite3_close(sqlite);
    return mq_sqlite_status(code);
}

/* sqlite_engine.c -- the engine's table of functions: transactions and statements on SQLite. The
 * organisation is bound here and nowhere else. */
#include <apr_strings.h>
#include <string.h>

#include "store/moving_ends.h"
#include "store/sqlite/sqlite_archive.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/sqlite/sqlite_erase.h"
#include "store/sqlite/sqlite_log.h"
#include "store/sqlite/sqlite_look.h"
#include "store/sqlite/sqlite_owner.h"
#include "store/sqlite/sqlite_schema.h"
#include "store/sqlite/sqlite_status.h"

static void sqlite_failure(mq_failure_t *failure_out, const mq_db_t *base)
{
    const mq_sqlite_t *db = (const mq_sqlite_t *)(const void *)base;
    failure_out->cause = mq_sqlite_cause(db->failed);
    failure_out->trouble = mq_sqlite_trouble(db->failed, sqlite3_system_errno(db->sqlite));
    (void)apr_snprintf(failure_out->code, sizeof failure_out->code, "SQLite %d", db->failed);
}

static apr_status_t status_keep(mq_sqlite_t *db, int code)
{
    mq_failure_t failure = {NULL};
    db->failed = code;
    sqlite_failure(&failure, &db->base);
    if (failure.trouble != MQ_TROUBLE_NONE) {
        db->base.failed = failure;
    }
    return mq_sqlite_status(code);
}

static apr_status_t statement_run(mq_sqlite_t *db, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    (void)sqlite3_reset(statement);
    return code == SQLITE_DONE ? APR_SUCCESS : status_keep(db, code);
}

/* mq_tenant() answers with it; see sqlite_guard.c. */
static apr_status_t sqlite_enter(mq_db_t *base, apr_int64_t tenant)
{
    base->tenant = tenant;
    mq_sqlite_of(base)->guest_tenant = MQ_NO_TENANT;
    return APR_SUCCESS;
}

/* mq_guest_tenant(), mq_guest_patient() and mq_guest_parts() answer with it, and mq_tenant() with
 * nobody: what is not a guest's statement sees nothing. */
static apr_status_t sqlite_enter_guest(mq_db_t *base, apr_int64_t tenant, const mq_guest_key_t *key)
{
    base->tenant = MQ_NO_TENANT;
    mq_sqlite_of(base)->guest_tenant = tenant;
    mq_sqlite_of(base)->guest = *key;
    return APR_SUCCESS;
}

static apr_status_t sqlite_begin(mq_db_t *base, mq_begin_t kind)
{
    mq_sqlite_t *db = mq_sqlite_of(base);
    return statement_run(db, kind == MQ_BEGIN_WRITE ? db->begin : db->read);
}

static apr_status_t sqlite_commit(mq_db_t *base)
{
    return statement_run(mq_sqlite_of(base), mq_sqlite_of(base)->commit);
}

static apr_status_t sqlite_roll_back(mq_db_t *base)
{
    return statement_run(mq_sqlite_of(base), mq_sqlite_of(base)->rollback);
}

static apr_status_t sqlite_savepoint(mq_db_t *base, mq_savepoint_t what)
{
    mq_sqlite_t *db = mq_sqlite_of(base);
    return statement_run(db, what == MQ_SAVEPOINT_SET    ? db->savepoint
                             : what == MQ_SAVEPOINT_UNDO ? db->rollback_to
                                                         : db->release);
}

static int sqlite_in_transaction(const mq_db_t *base)
{
    return !sqlite3_get_autocommit(((const mq_sqlite_t *)(const void *)base)->sqlite);
}

/* apr_dbd opens connections that lock themselves at each call: for each column of each row, and
 * nobody else ever uses a connection that is lent. From a SELECT's begin to its end the lock is
 * ours, so that the inner ones only count. */
static void mutex_hold(mq_sqlite_t *db)
{
    db->held++;
    sqlite3_mutex_enter(sqlite3_db_mutex(db->sqlite));
}

static void mutex_release(mq_sqlite_t *db)
{
    if (db->held) {
        db->held--;
        sqlite3_mutex_leave(sqlite3_db_mutex(db->sqlite));
    }
}

static int sqlite_is_ours(mq_db_t *base)
{
    sqlite3_mutex *mutex = sqlite3_db_mutex(mq_sqlite_of(base)->sqlite);
    if (sqlite3_mutex_try(mutex) != SQLITE_OK) {
        return 0;
    }
    sqlite3_mutex_leave(mutex);
    return 1;
}

static void sqlite_abandon(mq_db_t *base)
{
    while (mq_sqlite_of(base)->held) {
        mutex_release(mq_sqlite_of(base));
    }
}

static int bind_one(sqlite3_stmt *statement, int place, const mq_param_t *param)
{
    if (!param->data) {
        return sqlite3_bind_null(statement, place);
    }
    if (param->kind == 'i') {
        return sqlite3_bind_int64(statement, place, param->integer);
    }
    if (param->kind == 'b') {
        return sqlite3_bind_blob64(statement, place, param->data, param->length, SQLITE_STATIC);
    }
    return sqlite3_bind_text(statement, place, param->data, -1, SQLITE_STATIC);
}

/* The owner's are prepared when they are needed: a file of an older schema has not all tables. */
static int owner_prepare(mq_sqlite_t *db, int row)
{
    return db->is_owner && mq_sql_rows[row].owner
               ? mq_sqlite_prepare(db, &db->statements[row], mq_sql_rows[row].sqlite)
               : SQLITE_AUTH;
}

static apr_status_t sqlite_start(mq_rows_t *rows, apr_int64_t tenant, const mq_guest_key_t *guest,
                                 const mq_param_t *params)
{
    mq_sqlite_t *db = mq_sqlite_of(rows->db);
    const mq_sql_row_t *row = &mq_sql_rows[rows->row];
    sqlite3_stmt *statement;
    int place = 1;
    int code = db->statements[rows->row] ? SQLITE_OK : owner_prepare(db, rows->row);
    if (code != SQLITE_OK) {
        return status_keep(db, code);
    }
    statement = db->statements[rows->row];
    if (row->tenant) {
        code = sqlite3_bind_int64(statement, 1, tenant);
        place = 2;
    }
    if (code == SQLITE_OK && row->guest) {
        code = sqlite3_bind_blob(statement, 2, guest->patient.bytes, sizeof guest->patient.bytes,
                                 SQLITE_STATIC);
        place = 3;
    }
    for (int i = 0; code == SQLITE_OK && row->kinds[i]; i++) {
        code = bind_one(statement, place + i, &params[i]);
    }
    if (code != SQLITE_OK) {
        return status_keep(db, code);
    }
    rows->statement = statement;
    if (!*row->writes) {
        mutex_hold(db);
    }
    return APR_SUCCESS;
}

/* SQLite may prepare anew when the schema has changed: the authorizer must know for which row. */
static apr_status_t sqlite_step(mq_rows_t *rows)
{
    mq_sqlite_t *db = mq_sqlite_of(rows->db);
    int code;
    db->current = &mq_sql_rows[rows->row];
    code = sqlite3_step(rows->statement);
    db->current = NULL;
    if (code == SQLITE_ROW) {
        return APR_SUCCESS;
    }
    return code == SQLITE_DONE ? APR_EOF : status_keep(db, code);
}

static int sqlite_changed(const mq_rows_t *rows)
{
    return sqlite3_changes(mq_sqlite_of(rows->db)->sqlite);
}

static void sqlite_finish(mq_rows_t *rows)
{
    sqlite3_stmt *statement = rows->statement;
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement); /* nothing of a patient stays behind in a binding */
    if (!*mq_sql_rows[rows->row].writes) {
        mutex_release(mq_sqlite_of(rows->db));
    }
}

static const char *sqlite_text(const mq_rows_t *rows, int column)
{
    return (const char *)sqlite3_column_text(rows->statement, column);
}

static apr_int64_t sqlite_integer(const mq_rows_t *rows, int column)
{
    return sqlite3_column_int64(rows->statement, column);
}

/* The value itself is not protected against other threads, and there are none: the lock is ours. It
 * is taken once, where a column's blob and its length would take it twice. */
static const void *sqlite_bytes(const mq_rows_t *rows, int column, apr_size_t *length_out)
{
    sqlite3_value *value = sqlite3_column_value(rows->statement, column);
    const void *bytes = sqlite3_value_blob(value);
    *length_out = (apr_size_t)sqlite3_value_bytes(value);
    return bytes;
}

static char sqlite_kind(const mq_rows_t *rows, int column)
{
    switch (sqlite3_column_type(rows->statement, column)) {
    case SQLITE_INTEGER:
        return 'i';
    case SQLITE_TEXT:
        return 's';
    case SQLITE_BLOB:
        return 'b';
    case SQLITE_NULL:
        return 0;
    default:
        return 'f';
    }
}

static const char *sqlite_said(const mq_db_t *base, apr_pool_t *pool)
{
    return apr_pstrdup(pool, sqlite3_errmsg(((const mq_sqlite_t *)(const void *)base)->sqlite));
}

static mq_trouble_t sqlite_place(const mq_db_t *base)
{
    return mq_files_look(&((const mq_sqlite_t *)(const void *)base)->files);
}

static apr_status_t sqlite_open(mq_db_t **db_out, const char *parameters, mq_db_purpose_t purpose,
                                const char **error_out, apr_pool_t *pool)
{
    *error_out = mq_sqlite_library_fault(pool);
    if (*error_out) {
        return MQ_EINVALID;
    }
    return purpose == MQ_DB_OWNER ? mq_sqlite_owner_open(db_out, parameters, error_out, pool)
                                  : mq_sqlite_open(db_out, parameters, purpose, error_out, pool);
}

static const char *const companions[] = {"-wal", "-shm", "-journal", NULL};

const mq_engine_t mq_sqlite_engine = {
    .driver = "sqlite3",
    .library = (const void *)(uintptr_t)sqlite3_libversion,
    .companions = companions,
    .has_file = 1,
    .has_owner = 1,
    .has_one_writer = 1,
    .parameters_fault = mq_sqlite_parameters_fault,
    .look = mq_sqlite_look,
    .open = sqlite_open,
    .close = mq_sqlite_close,
    .migrate = mq_sqlite_migrate,
    .prove = mq_sqlite_prove,
    .place = sqlite_place,
    .rescue = mq_sqlite_rescue,
    .set_aside = mq_files_set_aside,
    .users = mq_files_users,
    .enter = sqlite_enter,
    .enter_guest = sqlite_enter_guest,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .roll_back = sqlite_roll_back,
    .savepoint = sqlite_savepoint,
    .in_transaction = sqlite_in_transaction,
    .start = sqlite_start,
    .step = sqlite_step,
    .changed = sqlite_changed,
    .finish = sqlite_finish,
    .text = sqlite_text,
    .integer = sqlite_integer,
    .bytes = sqlite_bytes,
    .is_ours = sqlite_is_ours,
    .abandon = sqlite_abandon,
    .kind = sqlite_kind,
    .failure = sqlite_failure,
    .said = sqlite_said,
    .version = mq_sqlite_owner_version,
    .has_table = mq_sqlite_has_table,
    .check = mq_sqlite_check,
    .size = mq_sqlite_size,
    .copy = mq_sqlite_copy,
    .settle = mq_sqlite_settle,
    .archive_copy = mq_sqlite_archive_copy,
    .archive_remove = mq_sqlite_archive_remove,
    .erase_rows = mq_sqlite_erase_rows,
    .erase_sweep = mq_sqlite_erase_sweep,
    .moving = &mq_sqlite_moving,
    .log_trim = mq_sqlite_log_trim,
};

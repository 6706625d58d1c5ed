/* db.c -- running statements on a borrowed connection: bind, step, read. The tenant is bound here
 * and nowhere else. Borrowing and transactions are in loan.c, connections in connection.c. */
#define MQ_MAY_MINT_SCOPE
#include "store/db.h"

#include <string.h>

#include "base/buffer.h"
#include "store/connection.h"
#include "store/scope_mint.h"

const char *mq_db_failed_label(const mq_scope_t *sc, int *code_out)
{
    *code_out = sc->place.loan->failed_code;
    return sc->place.loan->failed_label;
}

/* MQ_SQL_PATIENT_BY_ID and the like are rows of the table whatever their type. */
static int number_of(const void *statement)
{
    return (int)((const mq_sql_row_t *)statement - mq_sql_rows);
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

typedef enum { READS, WRITES } use_t;

/* Find the prepared statement, check the parameters against its row, bind them and the tenant. What
 * a compiler has let pass, as after a cast, is refused here. */
static apr_status_t start(sqlite3_stmt **statement_out, mq_loan_t *loan, int number, use_t use,
                          const mq_param_t *params, int count)
{
    const mq_sql_row_t *row = &mq_sql_rows[number];
    sqlite3_stmt *statement;
    int code = SQLITE_OK;
    int place = row->tenant ? 2 : 1;

    MQ_TRY(mq_loan_ready(loan));
    statement = loan->db->statements[number];
    if (row->tenant != (loan->tenant != MQ_NO_TENANT) || (int)strlen(row->kinds) != count ||
        (*row->writes ? WRITES : READS) != use) {
        mq_loan_fail(loan, row->label, SQLITE_MISUSE);
        return MQ_EBUG;
    }
    if (row->tenant) {
        code = sqlite3_bind_int64(statement, 1, loan->tenant);
    }
    for (int i = 0; code == SQLITE_OK && i < count; i++) {
        if (params[i].kind != row->kinds[i]) {
            mq_loan_fail(loan, row->label, SQLITE_MISMATCH);
            return MQ_EBUG;
        }
        code = bind_one(statement, place + i, &params[i]);
    }
    if (code != SQLITE_OK) {
        mq_loan_fail(loan, row->label, code);
        return mq_sqlite_status(code);
    }
    *statement_out = statement;
    return APR_SUCCESS;
}

/* SQLite may prepare anew when the schema has changed: the authorizer must know for which row. */
static int step(mq_loan_t *loan, int number, sqlite3_stmt *statement)
{
    int code;
    loan->db->current = &mq_sql_rows[number];
    code = sqlite3_step(statement);
    loan->db->current = NULL;
    return code;
}

static void finish(sqlite3_stmt *statement)
{
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement); /* nothing of a patient stays behind in a binding */
}

apr_status_t mq_db_change(int *changed_out, const mq_scope_t *sc,
                          const mq_tenant_write_t *statement, const mq_param_t *params, int count)
{
    mq_loan_t *loan = sc->place.loan;
    int number = number_of(statement);
    sqlite3_stmt *prepared;
    int code;
    /* an error may have rolled back: what came after it would be kept without what was before */
    if (!loan->in_transaction || sqlite3_get_autocommit(loan->db->sqlite)) {
        mq_loan_fail(loan, mq_sql_rows[number].label, SQLITE_MISUSE);
        return MQ_EBUG;
    }
    MQ_TRY(start(&prepared, loan, number, WRITES, params, count));
    code = step(loan, number, prepared);
    if (code == SQLITE_DONE && changed_out) {
        *changed_out = sqlite3_changes(loan->db->sqlite);
    }
    finish(prepared);
    if (code != SQLITE_DONE) {
        mq_loan_fail(loan, mq_sql_rows[number].label, code);
        return code == SQLITE_ROW ? MQ_EBUG : mq_sqlite_status(code);
    }
    return APR_SUCCESS;
}

static apr_status_t select_start(mq_rows_t *rows_out, mq_loan_t *loan, int number,
                                 const mq_param_t *params, int count)
{
    sqlite3_stmt *prepared = NULL;
    MQ_TRY(start(&prepared, loan, number, READS, params, count));
    *rows_out = (mq_rows_t){prepared, loan, number};
    mq_loan_rows_opened(loan);
    return APR_SUCCESS;
}

apr_status_t mq_db_select(mq_rows_t *rows_out, const mq_scope_t *sc,
                          const mq_tenant_read_t *statement, const mq_param_t *params, int count)
{
    return select_start(rows_out, sc->place.loan, number_of(statement), params, count);
}

apr_status_t mq_db_system_select(mq_rows_t *rows_out, const mq_system_t *system,
                                 const mq_system_read_t *statement, const mq_param_t *params,
                                 int count)
{
    return select_start(rows_out, system->loan, number_of(statement), params, count);
}

apr_status_t mq_db_select_one(mq_rows_t *rows_out, const mq_scope_t *sc,
                              const mq_tenant_read_t *statement, const mq_param_t *params,
                              int count)
{
    apr_status_t rv;
    MQ_TRY(mq_db_select(rows_out, sc, statement, params, count));
    rv = mq_rows_next(rows_out);
    return rv == APR_EOF ? MQ_ENOTFOUND : rv;
}

apr_status_t mq_rows_next(mq_rows_t *rows)
{
    int code = step(rows->loan, rows->row, rows->statement);
    if (code == SQLITE_ROW) {
        return APR_SUCCESS;
    }
    mq_rows_close(rows);
    if (code == SQLITE_DONE) {
        return APR_EOF;
    }
    mq_loan_fail(rows->loan, mq_sql_rows[rows->row].label, code);
    return mq_sqlite_status(code);
}

void mq_rows_close(mq_rows_t *rows)
{
    if (rows->statement) {
        mq_loan_t *loan = rows->loan;
        finish(rows->statement);
        rows->statement = NULL;
        mq_loan_rows_closed(loan);
    }
}

const char *mq_rows_text(const mq_rows_t *rows, int column, apr_pool_t *pool)
{
    /* texts hold no NUL; asking SQLite for the length costs its mutex a second time */
    const char *text = (const char *)sqlite3_column_text(rows->statement, column);
    apr_size_t length;
    char *copy;
    if (!text) {
        return NULL;
    }
    length = strlen(text);
    copy = apr_palloc(pool, length + 1);
    mq_copy_short(copy, text, length + 1);
    return copy;
}

apr_int64_t mq_rows_int(const mq_rows_t *rows, int column)
{
    return sqlite3_column_int64(rows->statement, column);
}

mq_id_t mq_rows_id(const mq_rows_t *rows, int column)
{
    mq_id_t id = {{0}};
    const void *bytes = sqlite3_column_blob(rows->statement, column);
    if (bytes && sqlite3_column_bytes(rows->statement, column) == (int)sizeof id.bytes) {
        memcpy(id.bytes, bytes, sizeof id.bytes);
    }
    return id;
}

const void *mq_rows_bytes(const mq_rows_t *rows, int column, apr_size_t *length_out)
{
    const void *bytes = sqlite3_column_blob(rows->statement, column);
    *length_out = (apr_size_t)sqlite3_column_bytes(rows->statement, column);
    return bytes;
}

/* db.c -- running statements on a borrowed connection: bind, step, read, transactions. The tenant
 * is bound here and nowhere else. Connections are made in connection.c. */
#define MQ_MAY_MINT_SCOPE
#include "store/db.h"

#include <apr_strings.h>
#include <string.h>

#include "base/buffer.h"
#include "store/connection.h"
#include "store/scope_mint.h"

apr_pool_t *mq_scope_pool(const mq_scope_t *sc)
{
    return sc->loan->pool;
}

const mq_core_t *mq_scope_core(const mq_scope_t *sc)
{
    return sc->core;
}

const mq_id_t *mq_scope_user(const mq_scope_t *sc)
{
    return &sc->user;
}

const char *mq_scope_user_name(const mq_scope_t *sc)
{
    return sc->user_name;
}

const char *mq_scope_tenant_name(const mq_scope_t *sc)
{
    return sc->tenant_name;
}

int mq_scope_has_second_factor(const mq_scope_t *sc)
{
    return sc->has_second_factor;
}

int mq_scope_owes_second_factor(const mq_scope_t *sc)
{
    return sc->owes_second_factor;
}

int mq_scope_roles(const mq_scope_t *sc)
{
    return sc->roles;
}

const char *mq_scope_language(const mq_scope_t *sc)
{
    return sc->language;
}

const char *mq_scope_own_language(const mq_scope_t *sc)
{
    return sc->own_language;
}

mq_date_format_t mq_scope_date_format(const mq_scope_t *sc)
{
    return sc->date_format;
}

const char *mq_scope_time_zone(const mq_scope_t *sc)
{
    return sc->time_zone ? sc->time_zone : "UTC";
}

mq_zone_t *mq_scope_zone(const mq_scope_t *sc)
{
    return sc->zone;
}

apr_time_t mq_scope_now(const mq_scope_t *sc)
{
    return sc->now;
}

int mq_scope_shows_nothing(const mq_scope_t *sc)
{
    return sc->shows_nothing;
}

const char *mq_scope_address(const mq_scope_t *sc)
{
    return sc->address;
}

const unsigned char *mq_scope_session(const mq_scope_t *sc)
{
    return sc->session;
}

apr_int64_t mq_scope_chain(const mq_scope_t *sc)
{
    return sc->loan->tenant;
}

static void fail(mq_loan_t *loan, const char *label, int code)
{
    loan->failed_label = label;
    loan->failed_code = code;
}

/* One connection, one commit, many scopes in turn. */
struct mq_group_t {
    mq_loan_t *loan; /* the connection, and its transaction */
    int is_spoilt;   /* one of them rolled back: nobody commits */
};

static void join(mq_loan_t *loan, mq_group_t *group)
{
    loan->group = group;
    loan->db = group->loan->db;
}

/* Reading one statement at a time would lock and unlock the file for each. */
static apr_status_t reading_begin(mq_loan_t *loan)
{
    int code;
    if (loan->is_reading || loan->in_transaction || loan->in_snapshot || loan->group) {
        return APR_SUCCESS;
    }
    code = sqlite3_step(loan->db->read);
    (void)sqlite3_reset(loan->db->read);
    loan->is_reading = code == SQLITE_DONE;
    return loan->is_reading ? APR_SUCCESS : mq_sqlite_status(code);
}

static void reading_end(mq_loan_t *loan)
{
    if (loan->is_reading) {
        loan->is_reading = 0;
        (void)sqlite3_step(loan->db->commit);
        (void)sqlite3_reset(loan->db->commit);
    }
}

static apr_status_t borrow(mq_loan_t *loan)
{
    if (!loan->db && loan->store->group) {
        join(loan, loan->store->group);
    }
    if (loan->group && loan->db) {
        loan->db->tenant = loan->tenant; /* the scopes of a group take turns */
        return APR_SUCCESS;
    }
    if (!loan->db) {
        MQ_TRY(loan->store->lend(&loan->db, loan->store->lender));
        loan->db->tenant = loan->tenant;
        loan->borrowed_at = apr_time_now();
    }
    return APR_SUCCESS;
}

/* apr_dbd opens connections that lock themselves at each call: for each column of each row, and
 * nobody else ever uses a connection that is lent. From a SELECT's begin to its end the lock is
 * ours, so that the inner ones only count. */
static void hold(const mq_db_t *db)
{
    sqlite3_mutex_enter(sqlite3_db_mutex(db->sqlite));
}

static void release(const mq_db_t *db)
{
    sqlite3_mutex_leave(sqlite3_db_mutex(db->sqlite));
}

/* Rows that nobody closed, as an error in their midst leaves them: the connection is not used
 * again. */
static void rows_release(mq_loan_t *loan)
{
    loan->is_disorderly |= loan->open_rows != 0;
    while (loan->open_rows) {
        loan->open_rows--;
        release(loan->db);
    }
}

/* @return whether the connection can still be used, if only to close it; not if another thread
 * cleans up what this one has begun, as when a process ends */
static int is_of_this_thread(const mq_loan_t *loan)
{
    if (loan->in_transaction && !loan->group) {
        return pthread_equal(loan->turn.thread, pthread_self());
    }
    if (loan->open_rows) {
        if (sqlite3_mutex_try(sqlite3_db_mutex(loan->db->sqlite)) != SQLITE_OK) {
            return 0;
        }
        release(loan->db);
    }
    return 1;
}

/* The loan has its connection no more. */
static void part_from(mq_loan_t *loan)
{
    loan->db->tenant = MQ_NO_TENANT;
    loan->db = NULL;
    loan->is_disorderly = 0;
    loan->lent += apr_time_now() - loan->borrowed_at;
}

/* End one's own transaction, on the connection that writes. */
static apr_status_t turn_end(mq_loan_t *loan, mq_turn_end_t end)
{
    apr_status_t rv;
    rows_release(loan);
    if (loan->is_disorderly || loan->db->tenant != loan->tenant) {
        if (end == MQ_TURN_COMMIT) { /* else it is known what failed */
            fail(loan, "commit", SQLITE_MISUSE);
        }
        end = MQ_TURN_DISCARD;
    }
    loan->in_transaction = 0;
    part_from(loan);
    rv = mq_writer_end(loan->store->writer, &loan->turn, end);
    if (rv != APR_SUCCESS) {
        fail(loan, "commit", loan->turn.failed_code);
    }
    return end == MQ_TURN_DISCARD ? MQ_EBUG : rv;
}

static void rollback(mq_loan_t *loan)
{
    if (loan->in_transaction && loan->group) {
        loan->in_transaction = 0;
        loan->group->is_spoilt = 1;
    } else if (loan->in_transaction) {
        (void)turn_end(loan, MQ_TURN_ROLLBACK);
    }
}

static void give_back(mq_loan_t *loan)
{
    mq_db_t *db = loan->db;
    int broken;
    if (!db) {
        return;
    }
    if (loan->store->is_ending || !is_of_this_thread(loan)) {
        loan->db = NULL;
        return;
    }
    rows_release(loan);
    rollback(loan);
    if (!loan->db) {
        return; /* it was the writer's */
    }
    reading_end(loan);
    if (loan->in_snapshot) {
        loan->in_snapshot = 0;
        (void)sqlite3_step(db->rollback);
        (void)sqlite3_reset(db->rollback);
    }
    if (loan->group) {
        loan->group->loan->is_disorderly |= loan->is_disorderly;
        loan->is_disorderly = 0;
        db->tenant = MQ_NO_TENANT;
        loan->db = NULL;
        loan->group = NULL;
        return;
    }
    broken =
        loan->is_disorderly || db->tenant != loan->tenant || !sqlite3_get_autocommit(db->sqlite);
    part_from(loan);
    loan->store->take_back(db, broken, loan->store->lender);
}

static apr_status_t loan_cleanup(void *data)
{
    give_back(data);
    return APR_SUCCESS;
}

mq_loan_t *mq_loan_make(const mq_store_t *store, apr_int64_t tenant, apr_pool_t *pool)
{
    mq_loan_t *loan = apr_pcalloc(pool, sizeof *loan);
    loan->store = store;
    loan->pool = pool;
    loan->tenant = tenant;
    apr_pool_cleanup_register(pool, loan, loan_cleanup, apr_pool_cleanup_null);
    return loan;
}

mq_scope_t *mq_scope_keep(const mq_scope_t *sc, apr_pool_t *pool)
{
    mq_scope_t *kept = apr_pmemdup(pool, sc, sizeof *kept);
    kept->loan = mq_loan_make(sc->loan->store, sc->loan->tenant, pool);
    kept->user_name = apr_pstrdup(pool, sc->user_name);
    kept->tenant_name = apr_pstrdup(pool, sc->tenant_name);
    kept->address = apr_pstrdup(pool, sc->address);
    kept->session = sc->session ? apr_pmemdup(pool, sc->session, MQ_SESSION_NAME_LENGTH) : NULL;
    return kept;
}

void mq_scope_move(mq_scope_t *kept, apr_time_t now)
{
    kept->now = now;
}

void mq_db_give_back(const mq_scope_t *sc)
{
    give_back(sc->loan);
}

apr_interval_time_t mq_db_lent(const mq_scope_t *sc)
{
    return sc->loan->lent;
}

void mq_db_system_give_back(const mq_system_t *system)
{
    give_back(system->loan);
}

const char *mq_db_failed_label(const mq_scope_t *sc, int *code_out)
{
    *code_out = sc->loan->failed_code;
    return sc->loan->failed_label;
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

/* Find the prepared statement, check the parameters against its row, bind them and the tenant. */
static apr_status_t start(sqlite3_stmt **statement_out, mq_loan_t *loan, int number,
                          const mq_param_t *params, int count)
{
    const mq_sql_row_t *row = &mq_sql_rows[number];
    sqlite3_stmt *statement;
    int code = SQLITE_OK;
    int place = row->tenant ? 2 : 1;

    MQ_TRY(borrow(loan));
    MQ_TRY(reading_begin(loan));
    statement = loan->db->statements[number];
    if (row->tenant != (loan->tenant != MQ_NO_TENANT) || (int)strlen(row->kinds) != count) {
        fail(loan, row->label, SQLITE_MISUSE);
        return MQ_EBUG;
    }
    if (row->tenant) {
        code = sqlite3_bind_int64(statement, 1, loan->tenant);
    }
    for (int i = 0; code == SQLITE_OK && i < count; i++) {
        if (params[i].kind != row->kinds[i]) {
            fail(loan, row->label, SQLITE_MISMATCH);
            return MQ_EBUG;
        }
        code = bind_one(statement, place + i, &params[i]);
    }
    if (code != SQLITE_OK) {
        fail(loan, row->label, code);
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

apr_status_t mq_db_change(int *changed_out, const mq_scope_t *sc, int statement,
                          const mq_param_t *params, int count)
{
    mq_loan_t *loan = sc->loan;
    sqlite3_stmt *prepared;
    int code;
    /* an error may have rolled back: what came after it would be kept without what was before */
    if (!loan->in_transaction || sqlite3_get_autocommit(loan->db->sqlite)) {
        fail(loan, mq_sql_rows[statement].label, SQLITE_MISUSE);
        return MQ_EBUG;
    }
    MQ_TRY(start(&prepared, loan, statement, params, count));
    code = step(loan, statement, prepared);
    if (code == SQLITE_DONE && changed_out) {
        *changed_out = sqlite3_changes(loan->db->sqlite);
    }
    finish(prepared);
    if (code != SQLITE_DONE) {
        fail(loan, mq_sql_rows[statement].label, code);
        return code == SQLITE_ROW ? MQ_EBUG : mq_sqlite_status(code);
    }
    return APR_SUCCESS;
}

static apr_status_t select_start(mq_rows_t *rows_out, mq_loan_t *loan, int statement,
                                 const mq_param_t *params, int count)
{
    sqlite3_stmt *prepared = NULL;
    MQ_TRY(start(&prepared, loan, statement, params, count));
    *rows_out = (mq_rows_t){prepared, loan, statement};
    loan->open_rows++;
    hold(loan->db);
    return APR_SUCCESS;
}

apr_status_t mq_db_select(mq_rows_t *rows_out, const mq_scope_t *sc, int statement,
                          const mq_param_t *params, int count)
{
    return select_start(rows_out, sc->loan, statement, params, count);
}

apr_status_t mq_db_system_select(mq_rows_t *rows_out, const mq_system_t *system, int statement,
                                 const mq_param_t *params, int count)
{
    return select_start(rows_out, system->loan, statement, params, count);
}

apr_status_t mq_db_select_one(mq_rows_t *rows_out, const mq_scope_t *sc, int statement,
                              const mq_param_t *params, int count)
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
    fail(rows->loan, mq_sql_rows[rows->row].label, code);
    return mq_sqlite_status(code);
}

void mq_rows_close(mq_rows_t *rows)
{
    if (rows->statement) {
        mq_loan_t *loan = rows->loan;
        finish(rows->statement);
        rows->statement = NULL;
        loan->open_rows--;
        release(loan->db);
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

/* The connection that was read from goes back first: nobody keeps it while waiting for a turn. */
static apr_status_t turn_begin(mq_loan_t *loan, mq_turn_length_t length)
{
    apr_status_t rv;
    give_back(loan);
    loan->borrowed_at = apr_time_now();
    rv = mq_writer_begin(&loan->db, loan->store->writer, &loan->turn, length);
    if (rv != APR_SUCCESS) {
        fail(loan, "begin", loan->turn.failed_code);
        return rv;
    }
    loan->db->tenant = loan->tenant;
    loan->in_transaction = 1;
    return APR_SUCCESS;
}

static apr_status_t begin(const mq_scope_t *sc, mq_turn_length_t length)
{
    mq_loan_t *loan = sc->loan;
    if (loan->in_transaction || loan->in_snapshot || loan->open_rows) {
        fail(loan, "begin", SQLITE_MISUSE);
        return MQ_EBUG;
    }
    if (!loan->group && !loan->store->group) {
        return turn_begin(loan, length);
    }
    MQ_TRY(borrow(loan));
    loan->in_transaction = 1;
    return APR_SUCCESS;
}

apr_status_t mq_db_begin(const mq_scope_t *sc)
{
    return begin(sc, MQ_TURN_SHORT);
}

apr_status_t mq_db_begin_long(const mq_scope_t *sc)
{
    return begin(sc, MQ_TURN_LONG);
}

apr_status_t mq_db_commit(const mq_scope_t *sc)
{
    mq_loan_t *loan = sc->loan;
    if (!loan->in_transaction) {
        fail(loan, "commit", SQLITE_MISUSE);
        return MQ_EBUG;
    }
    if (loan->group) {
        loan->in_transaction = 0;
        return APR_SUCCESS;
    }
    return turn_end(loan, MQ_TURN_COMMIT);
}

apr_status_t mq_db_snapshot(const mq_scope_t *sc)
{
    mq_loan_t *loan = sc->loan;
    int code;
    if (loan->in_transaction || loan->in_snapshot || loan->group) {
        fail(loan, "snapshot", SQLITE_MISUSE);
        return MQ_EBUG;
    }
    MQ_TRY(borrow(loan));
    reading_end(loan);
    code = sqlite3_exec(loan->db->sqlite, "BEGIN", NULL, NULL, NULL);
    if (code != SQLITE_OK) {
        fail(loan, "snapshot", code);
        return mq_sqlite_status(code);
    }
    loan->in_snapshot = 1;
    return APR_SUCCESS;
}

void mq_db_rollback(const mq_scope_t *sc)
{
    rollback(sc->loan);
}

apr_status_t mq_db_group_begin(mq_group_t **group_out, const mq_store_t *store, apr_pool_t *pool)
{
    mq_group_t *group = apr_pcalloc(pool, sizeof *group);
    group->loan = mq_loan_make(store, MQ_NO_TENANT, pool);
    MQ_TRY(turn_begin(group->loan, MQ_TURN_SHORT));
    *group_out = group;
    return APR_SUCCESS;
}

void mq_db_group_join(mq_group_t *group, const mq_scope_t *sc)
{
    give_back(sc->loan); /* a connection of its own would be lost */
    join(sc->loan, group);
}

void mq_db_group_leave(const mq_scope_t *sc)
{
    if (sc->loan->group) {
        give_back(sc->loan);
    }
}

apr_status_t mq_db_group_end(mq_group_t *group, int keep)
{
    mq_loan_t *loan = group->loan;
    apr_status_t rv = keep ? MQ_ECONFLICT : APR_SUCCESS;
    if (loan->in_transaction && keep && !group->is_spoilt) {
        rv = turn_end(loan, MQ_TURN_COMMIT);
    }
    rollback(loan);
    return rv;
}

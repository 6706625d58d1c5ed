/* loan.c -- a scope's connection while it is on loan: borrowed by the first statement, given back
 * before any output; the transaction that it writes in, alone or in a group. What runs on it is in
 * db.c, where connections come from in connection.c. */
#define MQ_MAY_MINT_SCOPE
#include "store/loan.h"

#include <apr_strings.h>

#include "store/connection.h"
#include "store/scope_mint.h"

void mq_loan_fail(mq_loan_t *loan, const char *label, int code)
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

apr_status_t mq_loan_ready(mq_loan_t *loan)
{
    MQ_TRY(borrow(loan));
    return reading_begin(loan);
}

/* apr_dbd opens connections that lock themselves at each call: for each column of each row, and
 * nobody else ever uses a connection that is lent. From a SELECT's begin to its end the lock is
 * ours, so that the inner ones only count. */
void mq_loan_rows_opened(mq_loan_t *loan)
{
    loan->open_rows++;
    sqlite3_mutex_enter(sqlite3_db_mutex(loan->db->sqlite));
}

void mq_loan_rows_closed(mq_loan_t *loan)
{
    loan->open_rows--;
    sqlite3_mutex_leave(sqlite3_db_mutex(loan->db->sqlite));
}

/* Rows that nobody closed, as an error in their midst leaves them: the connection is not used
 * again. */
static void rows_release(mq_loan_t *loan)
{
    loan->is_disorderly |= loan->open_rows != 0;
    while (loan->open_rows) {
        mq_loan_rows_closed(loan);
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
        sqlite3_mutex_leave(sqlite3_db_mutex(loan->db->sqlite));
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
            mq_loan_fail(loan, "commit", SQLITE_MISUSE);
        }
        end = MQ_TURN_DISCARD;
    }
    loan->in_transaction = 0;
    part_from(loan);
    rv = mq_writer_end(loan->store->writer, &loan->turn, end);
    if (rv != APR_SUCCESS) {
        mq_loan_fail(loan, "commit", loan->turn.failed_code);
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

void mq_db_give_back(const mq_scope_t *sc)
{
    give_back(sc->place.loan);
}

apr_interval_time_t mq_db_lent(const mq_scope_t *sc)
{
    return sc->place.loan->lent;
}

void mq_db_system_give_back(const mq_system_t *system)
{
    give_back(system->loan);
}

/* The connection that was read from goes back first: nobody keeps it while waiting for a turn. */
static apr_status_t turn_begin(mq_loan_t *loan, mq_turn_length_t length)
{
    apr_status_t rv;
    give_back(loan);
    loan->borrowed_at = apr_time_now();
    rv = mq_writer_begin(&loan->db, loan->store->writer, &loan->turn, length);
    if (rv != APR_SUCCESS) {
        mq_loan_fail(loan, "begin", loan->turn.failed_code);
        return rv;
    }
    loan->db->tenant = loan->tenant;
    loan->in_transaction = 1;
    return APR_SUCCESS;
}

static apr_status_t begin(const mq_scope_t *sc, mq_turn_length_t length)
{
    mq_loan_t *loan = sc->place.loan;
    if (loan->in_transaction || loan->in_snapshot || loan->open_rows) {
        mq_loan_fail(loan, "begin", SQLITE_MISUSE);
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
    mq_loan_t *loan = sc->place.loan;
    if (!loan->in_transaction) {
        mq_loan_fail(loan, "commit", SQLITE_MISUSE);
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
    mq_loan_t *loan = sc->place.loan;
    int code;
    if (loan->in_transaction || loan->in_snapshot || loan->group) {
        mq_loan_fail(loan, "snapshot", SQLITE_MISUSE);
        return MQ_EBUG;
    }
    MQ_TRY(borrow(loan));
    reading_end(loan);
    code = sqlite3_exec(loan->db->sqlite, "BEGIN", NULL, NULL, NULL);
    if (code != SQLITE_OK) {
        mq_loan_fail(loan, "snapshot", code);
        return mq_sqlite_status(code);
    }
    loan->in_snapshot = 1;
    return APR_SUCCESS;
}

void mq_db_rollback(const mq_scope_t *sc)
{
    rollback(sc->place.loan);
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
    give_back(sc->place.loan); /* a connection of its own would be lost */
    join(sc->place.loan, group);
}

void mq_db_group_leave(const mq_scope_t *sc)
{
    if (sc->place.loan->group) {
        give_back(sc->place.loan);
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

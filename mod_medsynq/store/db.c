/* db.c -- what a scope does with its connection, above all running statements: begin, step, read,
 * whatever the engine. The organisation that the engine binds is the loan's, here and nowhere else.
 * How a connection is borrowed and a transaction kept is in loan.c, what an engine does in its
 * folder.
 *
 * The problem is a query that somebody writes on a Friday and that forgets whose rows it may see.
 * Passing the organisation's number to every function was the obvious way, and it is the wrong one:
 * then each of a hundred callers can pass another. So no caller has the number. A scope carries a
 * loan, the loan the organisation, and statement_start() hands it to the engine as the first
 * parameter, before those of the caller. Dropping that line, or its check, is a mutant that must
 * die.
 *
 * The compiler refuses most of what is wrong, for a statement's type says whose it is and whether
 * it reads or writes. statement_admit() says the same again when it runs: a cast gets past a
 * compiler.
 *
 * What must stay true: rows are valid until the next step, and what is kept of them is copied; a
 * SELECT that is open holds the connection, so whoever reads a page closes it before the next page
 * is thought about; and whatever fails leaves its label with the loan, for the one line in the log.
 */
#define MQ_MAY_MINT_SCOPE
#include "store/db.h"

#include <apr_strings.h>
#include <string.h>

#include "base/buffer.h"
#include "store/kept.h"
#include "store/scope_mint.h"

/* Of whatever statement it is. */
enum { ONLY_COLUMN = 0 };

static const char *label_of(const mq_rows_t *rows)
{
    return mq_sql_rows[rows->row].label;
}

/* MQ_SQL_PATIENT_BY_ID and the like are rows of the table whatever their type. */
static int number_of(const void *statement)
{
    return (int)((const mq_sql_row_t *)statement - mq_sql_rows);
}

typedef enum { READS, WRITES, READS_ALL } use_t;

static use_t use_of(const mq_sql_row_t *row)
{
    return row->owner ? READS_ALL : *row->writes ? WRITES : READS;
}

/* A statement of the scope's kind with parameters of its kinds: what a compiler has let pass, as
 * after a cast, is refused here. */
static apr_status_t statement_admit(const mq_loan_t *loan, const mq_sql_row_t *row, use_t use,
                                    const mq_param_t *params, int count)
{
    if (use_of(row) != use || row->tenant != (loan->tenant != MQ_NO_TENANT) ||
        row->guest != (loan->guest != NULL)) {
        return mq_loan_refused(loan, row->label, "the statement is of another kind", MQ_EBUG);
    }
    if ((int)strlen(row->kinds) != count) {
        return mq_loan_refused(loan, row->label, "it has other parameters", MQ_EBUG);
    }
    for (int i = 0; i < count; i++) {
        if (params[i].kind != row->kinds[i]) {
            return mq_loan_refused(loan, row->label, "a parameter is of another kind", MQ_EBUG);
        }
    }
    return APR_SUCCESS;
}

/* Begin a statement on the connection, for the organisation of the loan. */
static apr_status_t statement_start(mq_rows_t *rows_out, mq_loan_t *loan, int number, use_t use,
                                    const mq_param_t *params, int count)
{
    const mq_sql_row_t *row = &mq_sql_rows[number];
    apr_status_t rv;
    MQ_TRY(mq_loan_ready(loan));
    MQ_TRY(statement_admit(loan, row, use, params, count));
    *rows_out = (mq_rows_t){NULL, loan->db, loan, number};
    rv = loan->db->engine->start(rows_out, loan->tenant, loan->guest, params);
    return rv == APR_SUCCESS ? rv : mq_loan_failed(loan, row->label, rv);
}

static apr_status_t change_run(int *changed_out, mq_loan_t *loan, int number,
                               const mq_param_t *params, int count)
{
    mq_rows_t run;
    apr_status_t rv;
    /* an error may have rolled back: what came after it would be kept without what was before */
    if (!loan->in_transaction || !loan->db->engine->in_transaction(loan->db)) {
        return mq_loan_refused(loan, mq_sql_rows[number].label, "no transaction is open", MQ_EBUG);
    }
    MQ_TRY(statement_start(&run, loan, number, WRITES, params, count));
    rv = run.db->engine->step(&run);
    if (rv == APR_EOF && changed_out) {
        *changed_out = run.db->engine->changed(&run);
    }
    run.db->engine->finish(&run);
    return rv == APR_EOF       ? APR_SUCCESS
           : rv == APR_SUCCESS ? mq_loan_refused(loan, label_of(&run), "it gives rows", MQ_EBUG)
                               : mq_loan_failed(loan, label_of(&run), rv);
}

apr_status_t mq_db_change(int *changed_out, const mq_scope_t *sc,
                          const mq_tenant_write_t *statement, const mq_param_t *params, int count)
{
    mq_loan_t *loan = sc->place.loan;
    MQ_TRY(change_run(changed_out, loan, number_of(statement), params, count));
    loan->kept += mq_kept_bytes((const mq_sql_row_t *)statement, params, count);
    return APR_SUCCESS;
}

void mq_db_changed(const mq_scope_t *sc)
{
    sc->place.loan->is_changed = 1;
}

int mq_db_is_changed(const mq_scope_t *sc)
{
    return sc->place.loan->is_changed;
}

apr_int64_t mq_db_kept(const mq_scope_t *sc)
{
    return sc->place.loan->kept;
}

void mq_db_kept_set(const mq_scope_t *sc, apr_int64_t bytes)
{
    sc->place.loan->kept = bytes;
}

apr_status_t mq_db_system_change(int *changed_out, const mq_system_t *system,
                                 const mq_system_write_t *statement, const mq_param_t *params,
                                 int count)
{
    return change_run(changed_out, system->loan, number_of(statement), params, count);
}

static apr_status_t select_start(mq_rows_t *rows_out, mq_loan_t *loan, int number, use_t use,
                                 const mq_param_t *params, int count)
{
    MQ_TRY(statement_start(rows_out, loan, number, use, params, count));
    loan->open_rows++;
    return APR_SUCCESS;
}

apr_status_t mq_db_select(mq_rows_t *rows_out, const mq_scope_t *sc,
                          const mq_tenant_read_t *statement, const mq_param_t *params, int count)
{
    return select_start(rows_out, sc->place.loan, number_of(statement), READS, params, count);
}

apr_status_t mq_db_system_select(mq_rows_t *rows_out, const mq_system_t *system,
                                 const mq_system_read_t *statement, const mq_param_t *params,
                                 int count)
{
    return select_start(rows_out, system->loan, number_of(statement), READS, params, count);
}

apr_status_t mq_db_guest_select(mq_rows_t *rows_out, const mq_guest_t *guest,
                                const mq_guest_read_t *statement, const mq_param_t *params,
                                int count)
{
    return select_start(rows_out, guest->loan, number_of(statement), READS, params, count);
}

apr_status_t mq_loan_select_as_owner(mq_rows_t *rows_out, mq_loan_t *loan,
                                     const mq_owner_read_t *statement, const mq_param_t *params,
                                     int count)
{
    return select_start(rows_out, loan, number_of(statement), READS_ALL, params, count);
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

apr_status_t mq_db_soon(apr_int64_t *value_out, const mq_scope_t *sc,
                        const mq_tenant_read_t *statement, const mq_param_t *params, int count)
{
    mq_loan_t *loan = sc->place.loan;
    int number = number_of(statement);
    mq_rows_t rows;
    apr_status_t rv;
    *value_out = -1;
    MQ_TRY(mq_loan_ready(loan));
    if (loan->is_reading && loan->db->engine->soon) {
        MQ_TRY(statement_admit(loan, &mq_sql_rows[number], READS, params, count));
        if (loan->db->engine->soon(
                loan->db, number,
                apr_pmemdup(loan->pool, params, sizeof *params * (apr_size_t)count),
                value_out) == APR_SUCCESS) {
            return APR_SUCCESS;
        }
    }
    rv = mq_db_select_one(&rows, sc, statement, params, count);
    if (rv != APR_SUCCESS) {
        *value_out = rv == MQ_ENOTFOUND ? 0 : -1;
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    *value_out = mq_rows_int(&rows, ONLY_COLUMN);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

apr_status_t mq_rows_next(mq_rows_t *rows)
{
    apr_status_t rv = rows->db->engine->step(rows);
    if (rv == APR_SUCCESS) {
        return rv;
    }
    if (rv != APR_EOF) {
        (void)mq_loan_failed(rows->loan, label_of(rows), rv);
    }
    mq_rows_close(rows);
    return rv;
}

void mq_rows_close(mq_rows_t *rows)
{
    if (rows->statement) {
        mq_loan_t *loan = rows->loan;
        rows->db->engine->finish(rows);
        rows->statement = NULL;
        loan->open_rows--;
    }
}

/* Texts hold no NUL; asking SQLite for the length would cost its mutex a second time. Apart, for
 * many columns hold nothing. */
__attribute__((noinline)) static char *text_keep(const char *text, apr_pool_t *pool)
{
    apr_size_t size = strlen(text) + 1;
    char *copy = apr_palloc(pool, size);
    mq_copy_short(copy, text, size);
    return copy;
}

const char *mq_rows_text(const mq_rows_t *rows, int column, apr_pool_t *pool)
{
    const char *text = rows->db->engine->text(rows, column);
    return text ? text_keep(text, pool) : NULL;
}

char mq_rows_kind(const mq_rows_t *rows, int column)
{
    return rows->db->engine->kind(rows, column);
}

apr_int64_t mq_rows_int(const mq_rows_t *rows, int column)
{
    return rows->db->engine->integer(rows, column);
}

mq_id_t mq_rows_id(const mq_rows_t *rows, int column)
{
    mq_id_t id = {{0}};
    apr_size_t length;
    const void *bytes = rows->db->engine->bytes(rows, column, &length);
    if (bytes && length == sizeof id.bytes) {
        memcpy(id.bytes, bytes, sizeof id.bytes);
    }
    return id;
}

const void *mq_rows_bytes(const mq_rows_t *rows, int column, apr_size_t *length_out)
{
    return rows->db->engine->bytes(rows, column, length_out);
}

/* What a scope does with its connection. */

void mq_db_give_back(const mq_scope_t *sc)
{
    mq_loan_give_back(sc->place.loan);
}

void mq_db_system_give_back(const mq_system_t *system)
{
    mq_loan_give_back(system->loan);
}

apr_interval_time_t mq_db_lent(const mq_scope_t *sc)
{
    return sc->place.loan->lent;
}

apr_status_t mq_db_begin(const mq_scope_t *sc)
{
    return mq_loan_begin(sc->place.loan, MQ_TURN_SHORT);
}

apr_status_t mq_db_begin_long(const mq_scope_t *sc)
{
    return mq_loan_begin(sc->place.loan, MQ_TURN_LONG);
}

apr_status_t mq_db_commit(const mq_scope_t *sc)
{
    return mq_loan_commit(sc->place.loan);
}

apr_status_t mq_db_rollback(const mq_scope_t *sc)
{
    return mq_loan_roll_back(sc->place.loan);
}

apr_status_t mq_db_snapshot(const mq_scope_t *sc)
{
    return mq_loan_snapshot(sc->place.loan);
}

apr_status_t mq_db_group_read_begin(mq_group_t **group_out, const mq_scope_t *sc)
{
    return mq_loan_group_read(group_out, sc->place.loan);
}

void mq_db_group_join(mq_group_t *group, const mq_scope_t *sc)
{
    mq_loan_join(sc->place.loan, group);
}

const mq_scope_t *mq_db_side_next(const mq_scope_t *sc, const mq_scope_t *side)
{
    const mq_loan_t *loan = side ? side->place.loan->next_side : sc->place.loan->sides;
    while (loan && !loan->scope) {
        loan = loan->next_side;
    }
    return loan ? loan->scope : NULL;
}

void mq_db_sides_end(const mq_scope_t *sc, int keep)
{
    mq_loan_sides_end(sc->place.loan, keep);
}

void mq_db_group_leave(const mq_scope_t *sc)
{
    if (sc->place.loan->group) {
        mq_loan_give_back(sc->place.loan);
    }
}

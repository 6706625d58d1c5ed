/* loan.c -- a scope's connection while it is on loan: borrowed by the first statement, given back
 * before any output; the transaction that it writes in, alone or in a group. What runs on it is in
 * db.c, where connections come from in an engine's folder. */
#define MQ_MAY_MINT_SCOPE
#include "store/loan.h"

#include <apr_strings.h>

#include "store/lock_order.h"

/* A failure is kept with the pool: whoever logs need not know in which scope it was. */
static const char failure_key[] = "mq_db_failed";

static void failure_keep(const mq_loan_t *loan, const char *label, mq_failure_t failure)
{
    void *kept = NULL;
    failure.label = label;
    (void)apr_pool_userdata_get(&kept, failure_key, loan->pool);
    if (kept) {
        *(mq_failure_t *)kept = failure;
        return;
    }
    (void)apr_pool_userdata_setn(apr_pmemdup(loan->pool, &failure, sizeof failure), failure_key,
                                 NULL, loan->pool);
}

apr_status_t mq_loan_failed(const mq_loan_t *loan, const char *label, apr_status_t rv)
{
    mq_failure_t failure = {NULL};
    loan->db->engine->failure(&failure, loan->db);
    failure_keep(loan, failure.label ? failure.label : label, failure);
    return rv;
}

apr_status_t mq_loan_refused(const mq_loan_t *loan, const char *label, const char *cause,
                             apr_status_t rv)
{
    failure_keep(loan, label, (mq_failure_t){.cause = cause});
    return rv;
}

const char *mq_db_failed(apr_pool_t *pool)
{
    void *kept = NULL;
    const mq_failure_t *failure;
    (void)apr_pool_userdata_get(&kept, failure_key, pool);
    failure = kept;
    if (!failure) {
        return NULL;
    }
    return *failure->code
               ? apr_psprintf(pool, "%s: %s (%s)", failure->label, failure->cause, failure->code)
               : apr_psprintf(pool, "%s: %s", failure->label, failure->cause);
}

mq_trouble_t mq_db_trouble(int *is_new_out, apr_pool_t *pool)
{
    void *kept = NULL;
    const mq_failure_t *failure;
    (void)apr_pool_userdata_get(&kept, failure_key, pool);
    failure = kept;
    *is_new_out = failure && *failure->code;
    return failure ? failure->trouble : MQ_TROUBLE_NONE;
}

/* One connection, one commit, many scopes in turn. */
struct mq_group_t {
    mq_loan_t *loan;       /* the connection, and its transaction */
    int is_spoilt;         /* one of them rolled back: nobody commits */
    int is_reading;        /* and nobody writes: no turn was waited for */
    mq_lock_order_t order; /* who took part, for whoever does the same anew */
};

/* The connection is lent on, not borrowed: it goes back when the group ends, once. */
static void group_join(mq_loan_t *loan, mq_group_t *group)
{
    loan->group = group;
    loan->db = group->loan->db;
}

/* Reading one statement at a time would lock and unlock the file for each. */
static apr_status_t reading_begin(mq_loan_t *loan)
{
    apr_status_t rv;
    if (loan->is_reading || loan->in_transaction || loan->in_snapshot || loan->group) {
        return APR_SUCCESS;
    }
    rv = loan->db->engine->begin(loan->db, MQ_BEGIN_READ);
    loan->is_reading = rv == APR_SUCCESS;
    return loan->is_reading ? APR_SUCCESS : mq_loan_failed(loan, "begin to read", rv);
}

static void reading_end(mq_loan_t *loan)
{
    if (loan->is_reading) {
        loan->is_reading = 0;
        (void)loan->db->engine->commit(loan->db);
    }
}

/* Whose rows the connection shows from here on. */
static apr_status_t tenant_enter(const mq_loan_t *loan)
{
    return loan->guest ? loan->db->engine->enter_guest(loan->db, loan->tenant, loan->guest)
                       : loan->db->engine->enter(loan->db, loan->tenant);
}

static mq_trouble_t known_trouble(const mq_store_t *store)
{
    return store->trouble ? (mq_trouble_t)atomic_load(store->trouble) : MQ_TROUBLE_NONE;
}

static apr_status_t connection_borrow(mq_loan_t *loan)
{
    if (!loan->db && loan->store->group) {
        group_join(loan, loan->store->group);
    }
    if (loan->group && loan->db) {
        return tenant_enter(loan); /* the scopes of a group take turns */
    }
    if (!loan->db) {
        apr_status_t rv = loan->store->lend(&loan->db, loan->store->lender);
        if (rv != APR_SUCCESS) {
            failure_keep(loan, "connection",
                         (mq_failure_t){.cause = "none came free in time, and none can be opened",
                                        .trouble = known_trouble(loan->store)});
            return rv;
        }
        loan->borrowed_at = apr_time_now();
        return tenant_enter(loan);
    }
    return APR_SUCCESS;
}

apr_status_t mq_loan_ready(mq_loan_t *loan)
{
    MQ_TRY(connection_borrow(loan));
    return reading_begin(loan);
}

/* Rows that nobody closed, as an error in their midst leaves them: the connection is not used
 * again. */
static void rows_release(mq_loan_t *loan)
{
    if (loan->open_rows) {
        loan->is_disorderly = 1;
        loan->open_rows = 0;
        loan->db->engine->abandon(loan->db);
    }
}

/* @return whether the connection can still be used, if only to close it; not if another thread
 * cleans up what this one has begun, as when a process ends */
static int is_of_this_thread(const mq_loan_t *loan)
{
    if (loan->in_transaction && !loan->group) {
        return pthread_equal(loan->turn.thread, pthread_self());
    }
    return !loan->open_rows || loan->db->engine->is_ours(loan->db);
}

/* The loan has its connection no more. What lies in the pool shows nobody's rows, so that a
 * statement run by mistake before the next enter finds none. */
static void part_from(mq_loan_t *loan)
{
    (void)loan->db->engine->enter(loan->db, MQ_NO_TENANT);
    loan->db = NULL;
    loan->is_disorderly = 0;
    loan->lent += apr_time_now() - loan->borrowed_at;
}

/* Where writers take no turns: a transaction on a connection of its own. */
static apr_status_t own_begin(mq_loan_t *loan)
{
    apr_status_t rv;
    MQ_TRY(connection_borrow(loan));
    rv = loan->db->engine->begin(loan->db, MQ_BEGIN_WRITE);
    if (rv != APR_SUCCESS) {
        return mq_loan_failed(loan, "begin to write", rv);
    }
    loan->turn = (mq_turn_t){.thread = pthread_self()};
    loan->in_transaction = 1;
    return APR_SUCCESS;
}

static apr_status_t own_end(mq_turn_t *turn, const mq_store_t *store, mq_db_t *db,
                            mq_turn_end_t end)
{
    const mq_engine_t *engine = db->engine;
    apr_status_t rv = APR_SUCCESS;
    if (end == MQ_TURN_COMMIT) {
        rv = engine->commit(db);
    }
    if (rv != APR_SUCCESS) {
        engine->failure(&turn->failed, db);
    }
    if (engine->in_transaction(db)) {
        (void)engine->roll_back(db);
    }
    store->take_back(db, end == MQ_TURN_DISCARD || engine->in_transaction(db), store->lender);
    return rv;
}

/* End one's own transaction, on the connection that writes. */
static apr_status_t turn_end(mq_loan_t *loan, mq_turn_end_t end)
{
    mq_db_t *db = loan->db;
    apr_status_t rv;
    rows_release(loan);
    /* something went another way than this file knows: what is on the connection may be another's,
     * and is neither committed nor lent again */
    if (loan->is_disorderly || loan->db->tenant != loan->tenant) {
        if (end == MQ_TURN_COMMIT) { /* else it is known what failed */
            (void)mq_loan_refused(loan, "commit", "rows are open, or another organisation's turn",
                                  MQ_EBUG);
        }
        end = MQ_TURN_DISCARD;
    }
    loan->in_transaction = 0;
    part_from(loan);
    rv = loan->store->writer ? mq_writer_end(loan->store->writer, &loan->turn, end)
                             : own_end(&loan->turn, loan->store, db, end);
    if (rv != APR_SUCCESS) {
        failure_keep(loan, "commit", loan->turn.failed);
    }
    return end == MQ_TURN_DISCARD ? MQ_EBUG : rv;
}

apr_status_t mq_loan_roll_back(mq_loan_t *loan)
{
    if (loan->in_transaction && loan->group) {
        loan->in_transaction = 0;
        loan->group->is_spoilt = 1; /* one transaction for all of them: there is no half to undo */
    } else if (loan->in_transaction && turn_end(loan, MQ_TURN_ROLLBACK) != APR_SUCCESS) {
        return MQ_EAGAIN;
    }
    return APR_SUCCESS;
}

void mq_loan_give_back(mq_loan_t *loan)
{
    mq_db_t *db = loan->db;
    int broken;
    if (!db) {
        return;
    }
    /* Pools die in an order of their own when a process ends: the connection may be closed already,
     * or in the hands of its own thread. It is left to the operating system. */
    if (loan->store->is_ending || !is_of_this_thread(loan)) {
        loan->db = NULL;
        return;
    }
    rows_release(loan);
    (void)mq_loan_roll_back(loan);
    if (!loan->db) {
        return; /* it was the writer's */
    }
    reading_end(loan);
    if (loan->in_snapshot) {
        loan->in_snapshot = 0;
        (void)db->engine->roll_back(db);
    }
    if (loan->group) {
        loan->group->loan->is_disorderly |= loan->is_disorderly;
        loan->is_disorderly = 0;
        (void)db->engine->enter(db, MQ_NO_TENANT);
        loan->db = NULL;
        loan->group = NULL;
        return;
    }
    broken = loan->is_disorderly || db->tenant != loan->tenant || db->engine->in_transaction(db);
    part_from(loan);
    loan->store->take_back(db, broken, loan->store->lender);
}

static apr_status_t loan_cleanup(void *data)
{
    mq_loan_give_back(data);
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

/* The connection that was read from goes back first: nobody keeps it while waiting for a turn. */
static apr_status_t turn_begin(mq_loan_t *loan, mq_turn_length_t length)
{
    apr_status_t rv;
    mq_loan_give_back(loan);
    loan->borrowed_at = apr_time_now();
    if (known_trouble(loan->store) != MQ_TROUBLE_NONE) { /* or every thread would wait for it */
        failure_keep(loan, "begin to write",
                     (mq_failure_t){.cause = "it is known that nothing can be written now",
                                    .trouble = known_trouble(loan->store)});
        return MQ_EFULL;
    }
    if (!loan->store->writer) {
        return own_begin(loan);
    }
    rv = mq_writer_begin(&loan->db, loan->store->writer, &loan->turn, length);
    if (rv != APR_SUCCESS) {
        if (loan->turn.failed.trouble == MQ_TROUBLE_NONE) { /* noticed while this one waited */
            loan->turn.failed.trouble = known_trouble(loan->store);
        }
        failure_keep(loan, "begin to write", loan->turn.failed);
        return rv;
    }
    loan->in_transaction = 1;
    return tenant_enter(loan);
}

apr_status_t mq_loan_begin(mq_loan_t *loan, mq_turn_length_t length)
{
    if (loan->in_transaction || loan->in_snapshot || loan->open_rows ||
        (loan->group && loan->group->is_reading)) {
        return mq_loan_refused(loan, "begin to write", "a transaction or rows are open", MQ_EBUG);
    }
    loan->kept = 0;
    if (!loan->group && !loan->store->group) {
        return turn_begin(loan, length);
    }
    MQ_TRY(connection_borrow(loan));
    loan->in_transaction = 1;
    return APR_SUCCESS;
}

apr_status_t mq_loan_commit(mq_loan_t *loan)
{
    if (!loan->in_transaction) {
        return mq_loan_refused(loan, "commit", "there is no transaction", MQ_EBUG);
    }
    if (loan->group) { /* whoever began the group commits, and answers nobody before */
        loan->in_transaction = 0;
        return APR_SUCCESS;
    }
    return turn_end(loan, MQ_TURN_COMMIT);
}

apr_status_t mq_loan_snapshot(mq_loan_t *loan)
{
    apr_status_t rv;
    if (loan->in_transaction || loan->in_snapshot || loan->group) {
        return mq_loan_refused(loan, "snapshot", "a transaction is open", MQ_EBUG);
    }
    MQ_TRY(connection_borrow(loan));
    reading_end(loan); /* its state may be older than this call */
    rv = loan->db->engine->begin(loan->db, MQ_BEGIN_READ);
    if (rv != APR_SUCCESS) {
        return mq_loan_failed(loan, "snapshot", rv);
    }
    loan->in_snapshot = 1;
    return APR_SUCCESS;
}

apr_status_t mq_db_group_begin(mq_group_t **group_out, const mq_store_t *store, apr_pool_t *pool)
{
    mq_group_t *group = apr_pcalloc(pool, sizeof *group);
    group->loan = mq_loan_make(store, MQ_NO_TENANT, pool);
    MQ_TRY(turn_begin(group->loan, MQ_TURN_SHORT));
    *group_out = group;
    return APR_SUCCESS;
}

apr_status_t mq_db_group_begin_anew(mq_group_t **group_io, const mq_store_t *store,
                                    apr_pool_t *pool)
{
    const mq_group_t *before = *group_io;
    MQ_TRY(mq_db_group_begin(group_io, store, pool));
    if (!store->writer) { /* else one writes at a time */
        (*group_io)->order = before ? before->order : (mq_lock_order_t){0};
        (*group_io)->order.is_kept = 1;
        (*group_io)->loan->db->order = (*group_io)->order;
    }
    return APR_SUCCESS;
}

apr_status_t mq_loan_group_read(mq_group_t **group_out, const mq_loan_t *loan)
{
    mq_group_t *group = apr_pcalloc(loan->pool, sizeof *group);
    group->loan = mq_loan_make(loan->store, MQ_NO_TENANT, loan->pool);
    group->is_reading = 1;
    if (loan->store->group) {
        return mq_loan_refused(group->loan, "read together", "a command's transaction is open",
                               MQ_EBUG);
    }
    *group_out = group;
    return mq_loan_ready(group->loan);
}

void mq_db_group_read_end(mq_group_t *group)
{
    mq_loan_give_back(group->loan);
}

void mq_loan_join(mq_loan_t *loan, mq_group_t *group)
{
    mq_loan_give_back(loan); /* a connection of its own would be lost */
    if (!mq_lock_order_note(&group->order, loan->tenant)) {
        group->loan->db->order.is_kept = 0; /* those that come now are waited for as they come */
    }
    group_join(loan, group);
}

apr_status_t mq_loan_beside(mq_loan_t *loan, mq_loan_t *with)
{
    if (!with->group || !(with->in_transaction || with->group->is_reading)) {
        return mq_loan_refused(loan, "stand beside", "no transaction of a group is open", MQ_EBUG);
    }
    mq_loan_join(loan, with->group);
    loan->in_transaction = !with->group->is_reading;
    loan->next_side = with->sides;
    with->sides = loan;
    return APR_SUCCESS;
}

void mq_loan_sides_end(mq_loan_t *loan, int keep)
{
    for (mq_loan_t *side = loan->sides; side; side = side->next_side) {
        if (keep) { /* else giving back a connection in mid-transaction spoils the group */
            side->in_transaction = 0;
        }
        mq_loan_give_back(side);
    }
    loan->sides = NULL;
}

apr_status_t mq_db_group_end(mq_group_t *group, int keep)
{
    mq_loan_t *loan = group->loan;
    apr_status_t rv;
    if (loan->in_transaction && keep && !group->is_spoilt) {
        return turn_end(loan, MQ_TURN_COMMIT);
    }
    rv = mq_loan_roll_back(loan);
    return rv == APR_SUCCESS && keep ? MQ_ECONFLICT : rv;
}

/* writer.c -- who waits in the line of one process, who leads, who shares a commit.
 *
 * The first in the line leads: it waits for the process's turn among all processes, begins the
 * transaction on the connection, and runs first, without a savepoint. Whoever waits when it has
 * done its part runs next, within a savepoint, and so on until nobody waits or it has lasted long
 * enough; then the leader, whose thread has the turn, commits for all and wakes them. One that
 * undoes its own part waits as well: what it has read in the open transaction, and is about to tell
 * somebody, is as little on disk as what it would have written. With one thread at work nothing of
 * this costs anything: it leads, finds nobody, and commits. */
#include "store/writer.h"

#include <apr_strings.h>
#include <errno.h>

#include "base/deadline.h"
#include "store/engine.h"

enum { TURN_SECONDS = 10, SHARED_MICROSECONDS = 5000 };

/* APR would destroy mutex and conditions with the pool, and wait for their users: a child that a
 * signal ends runs that clean-up while requests are being served. */
struct mq_writer_t {
    pthread_mutex_t mutex;
    mq_turn_t *first; /* of those that wait */
    mq_turn_t **end;
    mq_turn_t *leader; /* has the turn among all processes, or waits for it */
    mq_turn_t *done;   /* those that have run and wait for the commit, the leader not among them */
    struct timespec closes_at;
    mq_db_t *db;   /* while a transaction is open on it */
    int is_broken; /* the connection: it takes no further transaction */
    int is_spoilt; /* the transaction: nobody's is kept */
    mq_fair_queue_t *queue;
    apr_status_t (*lend)(mq_db_t **db_out, void *lender);
    void (*take_back)(mq_db_t *db, int broken, void *lender);
    void *lender;
};

apr_status_t mq_writer_make(mq_writer_t **writer_out, mq_fair_queue_t *queue,
                            apr_status_t (*lend)(mq_db_t **db_out, void *lender),
                            void (*take_back)(mq_db_t *db, int broken, void *lender), void *lender,
                            apr_pool_t *pool)
{
    mq_writer_t *writer = apr_pcalloc(pool, sizeof *writer);
    writer->end = &writer->first;
    writer->queue = queue;
    writer->lend = lend;
    writer->take_back = take_back;
    writer->lender = lender;
    *writer_out = writer;
    return pthread_mutex_init(&writer->mutex, NULL);
}

/* @return rv, with the engine's word on it kept for the log */
static apr_status_t failure_keep(mq_turn_t *turn, const mq_db_t *db, apr_status_t rv)
{
    if (rv != APR_SUCCESS) {
        db->engine->failure(&turn->failed, db);
    }
    return rv;
}

/* --- the line; under the mutex --- */

static void line_add(mq_writer_t *writer, mq_turn_t *turn)
{
    turn->next = NULL;
    *writer->end = turn;
    writer->end = &turn->next;
}

static void line_remove(mq_writer_t *writer, const mq_turn_t *turn)
{
    mq_turn_t **place = &writer->first;
    while (*place != turn) {
        place = &(*place)->next;
    }
    *place = turn->next;
    if (!*place) {
        writer->end = place;
    }
}

static void state_set(mq_turn_t *turn, mq_turn_state_t state)
{
    turn->state = state;
    (void)pthread_cond_signal(&turn->changed);
}

/* Let the first of the line go on as the leader, or run. */
static mq_turn_t *first_take(mq_writer_t *writer, mq_turn_state_t state)
{
    mq_turn_t *turn = writer->first;
    if (turn) {
        line_remove(writer, turn);
        state_set(turn, state);
    }
    return turn;
}

static int first_may_share(const mq_writer_t *writer)
{
    return writer->first && !writer->first->is_long && !writer->leader->is_long &&
           !writer->is_broken && !writer->is_spoilt && mq_deadline_left(&writer->closes_at) > 0;
}

static void leader_next(mq_writer_t *writer)
{
    writer->leader = first_take(writer, MQ_TURN_LEADS);
}

/* --- the leader --- */

static apr_status_t transaction_begin(mq_writer_t *writer, mq_turn_t *turn)
{
    apr_status_t rv = writer->lend(&writer->db, writer->lender);
    mq_db_t *db = writer->db;
    if (rv != APR_SUCCESS) {
        turn->failed.cause = "no connection can be opened";
        return rv;
    }
    rv = failure_keep(turn, db, db->engine->begin(db, MQ_BEGIN_WRITE));
    if (rv != APR_SUCCESS) {
        writer->take_back(db, db->engine->in_transaction(db), writer->lender);
    }
    return rv;
}

static apr_status_t turn_lead(mq_writer_t *writer, mq_turn_t *turn, const struct timespec *until)
{
    apr_status_t rv = APR_SUCCESS;
    if (writer->queue) {
        rv = mq_fair_queue_lock(writer->queue, mq_deadline_left(until));
    }
    if (rv == APR_SUCCESS) {
        rv = transaction_begin(writer, turn);
        if (rv != APR_SUCCESS && writer->queue) {
            (void)mq_fair_queue_unlock(writer->queue);
        }
    }
    (void)pthread_mutex_lock(&writer->mutex);
    if (rv == APR_SUCCESS) {
        writer->closes_at = mq_deadline_after(SHARED_MICROSECONDS);
    } else {
        writer->db = NULL;
        leader_next(writer);
    }
    (void)pthread_mutex_unlock(&writer->mutex);
    return APR_STATUS_IS_TIMEUP(rv) ? MQ_EFULL : rv;
}

/* Commit for all, or roll back for all, and let the next process have its turn. */
static apr_status_t transaction_end(mq_writer_t *writer, mq_turn_t *leader)
{
    mq_db_t *db = writer->db;
    apr_status_t rv = MQ_EFULL;
    leader->failed.cause = "a transaction that was to share the commit has broken it";
    if (!writer->is_spoilt) {
        rv = failure_keep(leader, db, db->engine->commit(db));
        if (rv == APR_SUCCESS && db->engine->place(db) != MQ_TROUBLE_NONE) {
            leader->failed.cause = "the database's files were moved away while it was written";
            leader->failed.trouble = db->engine->place(db);
            rv = MQ_EFULL; /* nobody is told that it is safe */
        }
    }
    if (db->engine->in_transaction(db)) {
        (void)db->engine->roll_back(db);
    }
    writer->take_back(db, writer->is_broken || db->engine->in_transaction(db), writer->lender);
    if (writer->queue) {
        (void)mq_fair_queue_unlock(writer->queue);
    }
    return rv;
}

/* Under the mutex, which is let go meanwhile: new-comers stand in the line. */
static void close_for_all(mq_writer_t *writer, mq_turn_t *leader)
{
    apr_status_t rv;
    (void)pthread_mutex_unlock(&writer->mutex);
    rv = transaction_end(writer, leader);
    (void)pthread_mutex_lock(&writer->mutex);
    leader->status = rv;
    while (writer->done) {
        mq_turn_t *turn = writer->done;
        writer->done = turn->next; /* the turn may be gone as soon as it knows */
        turn->status = rv;
        turn->failed = leader->failed;
        state_set(turn, MQ_TURN_ENDED);
    }
    writer->db = NULL;
    writer->is_broken = 0;
    writer->is_spoilt = 0;
    leader_next(writer);
}

/* --- everybody --- */

static void turn_init(mq_turn_t *turn, mq_turn_length_t length)
{
    pthread_condattr_t kind;
    *turn = (mq_turn_t){.thread = pthread_self(),
                        .is_long = length == MQ_TURN_LONG,
                        .failed.cause = "the turn to write did not come in time"};
    (void)pthread_condattr_init(&kind);
    (void)pthread_condattr_setclock(&kind, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&turn->changed, &kind);
    (void)pthread_condattr_destroy(&kind);
}

/* Stand in the line until it is one's turn. */
static apr_status_t turn_await(mq_writer_t *writer, mq_turn_t *turn, const struct timespec *until)
{
    int rv = 0;
    (void)pthread_mutex_lock(&writer->mutex);
    line_add(writer, turn);
    if (!writer->leader) {
        leader_next(writer);
    }
    while (turn->state == MQ_TURN_WAITS && rv != ETIMEDOUT) {
        rv = pthread_cond_timedwait(&turn->changed, &writer->mutex, until);
    }
    if (turn->state == MQ_TURN_WAITS) {
        line_remove(writer, turn);
    }
    (void)pthread_mutex_unlock(&writer->mutex);
    return turn->state == MQ_TURN_WAITS ? MQ_EFULL : APR_SUCCESS;
}

apr_status_t mq_writer_begin(mq_db_t **db_out, mq_writer_t *writer, mq_turn_t *turn,
                             mq_turn_length_t length)
{
    struct timespec until = mq_deadline_after(apr_time_from_sec(TURN_SECONDS));
    apr_status_t rv;
    turn_init(turn, length);
    rv = turn_await(writer, turn, &until);
    if (rv == APR_SUCCESS && turn->state == MQ_TURN_LEADS) {
        rv = turn_lead(writer, turn, &until);
    } else if (rv == APR_SUCCESS) {
        mq_db_t *db = writer->db;
        rv = failure_keep(turn, db, db->engine->savepoint(db, MQ_SAVEPOINT_SET));
        if (rv != APR_SUCCESS) {
            (void)mq_writer_end(writer, turn, MQ_TURN_DISCARD);
            return rv;
        }
    }
    if (rv != APR_SUCCESS) {
        (void)pthread_cond_destroy(&turn->changed);
        return rv;
    }
    *db_out = writer->db;
    return APR_SUCCESS;
}

/* What the thread has done stays in the open transaction or goes; still alone on the connection. */
static void part_end(mq_writer_t *writer, const mq_turn_t *turn, mq_turn_end_t end)
{
    mq_db_t *db = writer->db;
    if (end == MQ_TURN_DISCARD) {
        writer->is_broken = 1;
    }
    if (writer->leader == turn) {
        writer->is_spoilt |= end != MQ_TURN_COMMIT; /* it is alone still: nobody else suffers */
    } else {
        if (end != MQ_TURN_COMMIT) {
            (void)db->engine->savepoint(db, MQ_SAVEPOINT_UNDO);
        }
        writer->is_spoilt |= db->engine->savepoint(db, MQ_SAVEPOINT_RELEASE) != APR_SUCCESS;
    }
    /* an error may have rolled back everything; a savepoint would then be a transaction itself */
    writer->is_spoilt |= !db->engine->in_transaction(db);
}

/* The next one that shares the commit, or the leader that makes it. */
static void hand_on(mq_writer_t *writer, mq_turn_t *turn)
{
    if (first_may_share(writer)) {
        (void)first_take(writer, MQ_TURN_RUNS);
    } else if (writer->leader == turn) {
        turn->state = MQ_TURN_CLOSES;
    } else {
        state_set(writer->leader, MQ_TURN_CLOSES);
    }
}

static void turn_state_await(mq_writer_t *writer, mq_turn_t *turn, mq_turn_state_t state)
{
    while (turn->state != state) {
        (void)pthread_cond_wait(&turn->changed, &writer->mutex);
    }
}

apr_status_t mq_writer_end(mq_writer_t *writer, mq_turn_t *turn, mq_turn_end_t end)
{
    int was_led;
    if (!pthread_equal(turn->thread, pthread_self())) {
        return MQ_EBUG;
    }
    part_end(writer, turn, end);
    was_led = writer->leader != turn;
    (void)pthread_mutex_lock(&writer->mutex);
    hand_on(writer, turn);
    if (writer->leader == turn) {
        turn_state_await(writer, turn, MQ_TURN_CLOSES);
        close_for_all(writer, turn);
    } else { /* also one that rolls back: what it has read is not on disk yet, and may never be */
        turn->next = writer->done;
        writer->done = turn;
        turn_state_await(writer, turn, MQ_TURN_ENDED);
    }
    (void)pthread_mutex_unlock(&writer->mutex);
    (void)pthread_cond_destroy(&turn->changed);
    /* a leader that undoes its own part has read nothing but what was committed */
    return end == MQ_TURN_COMMIT || was_led ? turn->status : APR_SUCCESS;
}

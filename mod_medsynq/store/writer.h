/* writer.h -- the turn to write, and group commit. Transactions of the threads of one process run
 * one after the other on one connection, each as a savepoint of its own, and share one COMMIT: one
 * wait for the disk. For store/db.c and for whoever makes a store. */
#ifndef MQ_STORE_WRITER_H
#define MQ_STORE_WRITER_H

#include <pthread.h>

#include "base/fair_queue.h"
#include "store/connection.h"

/** Where a thread's transaction has got to. */
typedef enum {
    MQ_TURN_WAITS,
    MQ_TURN_LEADS,
    MQ_TURN_RUNS,
    MQ_TURN_CLOSES,
    MQ_TURN_ENDED
} mq_turn_state_t;

/** One thread's transaction; lies where its thread keeps it, until mq_writer_end has returned. */
typedef struct mq_turn_t {
    struct mq_turn_t *next; /* in the line, later among those that share the commit */
    pthread_cond_t changed; /* the state */
    pthread_t thread;
    mq_turn_state_t state;
    int is_long;
    apr_status_t status;
    mq_failure_t failed; /* cause and code of what failed */
} mq_turn_t;

/** How a transaction is. */
typedef enum {
    MQ_TURN_SHORT, /* may share its commit */
    MQ_TURN_LONG   /* commits alone, so that nobody waits for it who need not */
} mq_turn_length_t;

/** How a transaction ends. */
typedef enum {
    MQ_TURN_COMMIT,
    MQ_TURN_ROLLBACK,
    MQ_TURN_DISCARD /* roll back; and the connection is in disorder and not used again */
} mq_turn_end_t;

/**
 * Make the writer of one process.
 * @param queue     of all processes; NULL when only this one writes, or the engine's own lock is
 *                  the queue
 * @param lend      gives the connection that writes, when a transaction begins on it
 * @param take_back gets it back after the commit
 */
apr_status_t mq_writer_make(mq_writer_t **writer_out, mq_fair_queue_t *queue,
                            apr_status_t (*lend)(mq_db_t **db_out, void *lender),
                            void (*take_back)(mq_db_t *db, int broken, void *lender), void *lender,
                            apr_pool_t *pool);

/**
 * Wait for this thread's turn; then it is alone on the connection, in a transaction of its own.
 * A transaction that shares a commit sees what those before it have done, committed or not.
 * @param db_out to be used by this thread until mq_writer_end
 * @return MQ_EFULL the turn did not come in time; others when no transaction could be begun: there
 *         is nothing to end then
 */
apr_status_t mq_writer_begin(mq_db_t **db_out, mq_writer_t *writer, mq_turn_t *turn,
                             mq_turn_length_t length);

/**
 * End it, and wait until it is on disk, and everything that it has read too: also when it is rolled
 * back, for whoever asked is told what it has found.
 * @return MQ_EFULL a transaction that was to share the commit broke it: nothing was changed, and
 *         what was read of the others is no longer so;
 *         MQ_EBUG called by a thread that did not begin it, as when a process that ends cleans up:
 *         nothing is done
 */
apr_status_t mq_writer_end(mq_writer_t *writer, mq_turn_t *turn, mq_turn_end_t end);

#endif

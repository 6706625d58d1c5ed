/* fair_queue.h -- a fair queue in front of a resource that one thread of all processes may use
 * at a time: the right to write to the database, or a seat of those who hash passwords.
 *
 * Writers wait here in the order of their arrival and not in SQLite's busy handler, which sleeps
 * and lets late-comers overtake. The queue lies in shared memory, holds no pointers, and goes on
 * when a holder or a waiter is killed. */
#ifndef MQ_BASE_FAIR_QUEUE_H
#define MQ_BASE_FAIR_QUEUE_H

#include <apr.h>
#include <apr_errno.h>
#include <apr_time.h>

/** Threads that can hold or await one queue at a time, over all processes. */
#define MQ_FAIR_QUEUE_PLACES 1024

/** A queue; it lies in the memory it was made in and is never copied. */
typedef struct mq_fair_queue_t mq_fair_queue_t;

/** What happened in a queue since it was made, for the status page. */
typedef struct mq_fair_queue_counts_t {
    apr_uint32_t waiting;    /* now, an estimate; the holder not counted */
    apr_uint64_t turns;      /* times the queue was held */
    apr_uint64_t timeouts;   /* waiters that gave up */
    apr_uint32_t recoveries; /* holders or waiters found dead */
} mq_fair_queue_counts_t;

/** Bytes of memory that a queue takes. */
apr_size_t mq_fair_queue_size(void);

/**
 * Make a queue in shared memory.
 * @param queue_out  lies in memory, lives as long as it; nothing needs to be closed
 * @param memory     zero-filled, aligned to 64 bytes, shared between processes (MAP_SHARED)
 * @return APR_EINVAL  the memory is too small
 */
apr_status_t mq_fair_queue_create(mq_fair_queue_t **queue_out, void *memory, apr_size_t size);

/**
 * Take up a queue that other code, perhaps of an older version, made in this memory.
 * @return MQ_ECORRUPT  there is no queue that this code understands
 */
apr_status_t mq_fair_queue_attach(mq_fair_queue_t **queue_out, void *memory, apr_size_t size);

/**
 * Wait for this thread's turn.
 * A turn inherited from a killed process can begin a moment before the kernel has dropped that
 * process's file locks: keep a busy timeout on the database connection.
 * @param timeout  microseconds to wait at most; 0 takes the turn only when it is free
 * @return APR_TIMEUP  the turn did not come in time
 *         MQ_EFULL    MQ_FAIR_QUEUE_PLACES threads are here already
 *         MQ_EBUG     this thread has the turn already (APR_TIMEUP when others stand between)
 */
apr_status_t mq_fair_queue_lock(mq_fair_queue_t *queue, apr_interval_time_t timeout);

/**
 * End this thread's turn. Must be called by the thread that locked.
 * @return MQ_EBUG  this thread does not have the turn
 */
apr_status_t mq_fair_queue_unlock(mq_fair_queue_t *queue);

/** Read the counters; takes no turn. */
void mq_fair_queue_counts(mq_fair_queue_counts_t *counts_out, mq_fair_queue_t *queue);

#endif

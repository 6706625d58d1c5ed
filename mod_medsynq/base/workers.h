/* workers.h -- a few threads of low priority for long arithmetic (passwords), so many at once over
 * all processes of the server, so that the pages of others never wait for it.
 *
 * Each worker has a seat, a fair queue in shared memory that all processes know: it works while
 * the seat is its own. A process that is killed loses its seats by itself. */
#ifndef MQ_BASE_WORKERS_H
#define MQ_BASE_WORKERS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "base/status.h"
#include "base/fair_queue.h"

/** One process's workers. */
typedef struct mq_workers_t mq_workers_t;

/** What a worker does; another thread waits for it meanwhile. */
typedef void mq_work_t(void *context);

/**
 * Make the workers of this process; their threads begin with the first work.
 * @param workers_out lives as long as pool; the threads end when it is destroyed
 * @param seats       one for each worker, the same in all processes; outlive the pool
 * @param count       at least 1
 * @param waiting_most how many may wait in this process's line: each keeps a thread; at least 1
 */
apr_status_t mq_workers_make(mq_workers_t **workers_out, mq_fair_queue_t *const *seats, int count,
                             int waiting_most, apr_pool_t *pool);

/** For whom work is done: two numbers, whoever is nobody being 0. */
typedef struct mq_sharers_t {
    apr_uint64_t who;
    apr_uint64_t where;
} mq_sharers_t;

/**
 * Have a worker do this, and wait until it is done.
 * Those who wait take turns: of the same who, and of the same where, one in each round. Where too
 * many wait, the last of whoever has most in the line goes, not the newcomer.
 * @param workers NULL: this thread does it at once
 * @param timeout how long it may wait for its beginning; once begun it is waited for
 * @return MQ_EFULL it did not begin in time, or too many wait already: it was not done
 */
apr_status_t mq_workers_do(mq_workers_t *workers, mq_sharers_t sharers, mq_work_t *work,
                           void *context, apr_interval_time_t timeout);

/** @return how many wait in the line of this process */
int mq_workers_waiting(mq_workers_t *workers);

#endif

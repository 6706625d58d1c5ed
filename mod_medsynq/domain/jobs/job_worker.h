/* job_worker.h -- doing the jobs that are due, in one thread of one process. */
#ifndef MQ_DOMAIN_JOB_WORKER_H
#define MQ_DOMAIN_JOB_WORKER_H

#include <stdatomic.h>
#include <time.h>

#include "domain/core.h"

/** A worker; whoever has the thread keeps it. */
typedef struct mq_job_worker_t {
    const mq_core_t *core;
    mq_id_t id;           /* names it in the rows that it has claimed */
    atomic_int is_ending; /* then it gives back what it has after the present turn */
    apr_time_t now;       /* where a test's clock stands; 0: it goes */
    /** A turn failed. @param what in words, or NULL @param seconds until the next try */
    void (*tell)(const char *kind, apr_status_t rv, const char *what, int seconds, void *context);
    void *tell_context;
    struct timespec look_again; /* for jobs that a clock which was ahead has put off */
} mq_job_worker_t;

/**
 * Do what is due, until nothing is: a second of one job, then a second of the one that has waited
 * longest, so that a long one holds up nobody.
 * @param pool cleared meanwhile
 */
void mq_job_worker_work(mq_job_worker_t *worker, apr_pool_t *pool);

/** @return what a kind of job is called, by its stored number; NULL: this program has none such */
const char *mq_job_kind_name(apr_int64_t number);

#endif

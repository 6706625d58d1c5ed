/* jobs.h -- work that goes on without a person: a row for each, until there is nothing left to do.
 *
 * Whoever orders a job says on what and when; the transaction that decides so holds the order, too,
 * so that neither is there without the other. A worker of some process claims the row, does a turn
 * of it in a short transaction, which keeps the claim, and so on. The claim is a time, due_at: a
 * worker that died moves it no more, and another one goes on where the last turn was committed. A
 * turn whose claim was lost is rolled back, so that never two do the same.
 *
 * Each turn acts as the person who ordered the job, as that person stands now.
 *
 * A second kind needs a number here, a row in job_worker.c, and a function for its turn. */
#ifndef MQ_DOMAIN_JOBS_H
#define MQ_DOMAIN_JOBS_H

#include "domain/policy.h"
#include "store/db.h"

/** Kinds of jobs. The numbers are stored. */
typedef enum {
    MQ_JOB_IMPORT = 1,     /* of patients; on an import, from its upload until its rows are gone */
    MQ_JOB_DUPLICATES = 2, /* of nobody; compares whoever is due with the register */
    MQ_JOB_DISCARDED = 3   /* of nobody; removes discarded drafts when their hour is over */
} mq_job_number_t;

/** What a turn is given, and what comes of it. */
typedef struct mq_job_turn_t {
    mq_id_t object;
    int may;            /* whether who ordered it may still do what the job does */
    apr_pool_t *pool;   /* of the turn, as the scope's */
    apr_time_t due_out; /* when the next turn is due; 0: there is nothing left to do, ever */
} mq_job_turn_t;

/** A kind of job. */
typedef struct mq_job_kind_t {
    mq_job_number_t number;
    const char *name;   /* in the log */
    mq_action_t action; /* what it does, by the policy */
    /** Do what takes some 20 ms, in the transaction that is open. */
    apr_status_t (*turn)(const mq_scope_t *sc, mq_job_turn_t *turn);
    int rest; /* seconds after each second of work: nobody waits for what it does */
    int term; /* seconds: how far ahead it is ever due. What lies further ahead was reckoned by a
                 clock that was wrong, and is void; 0: nobody can say */
} mq_job_kind_t;

/**
 * Order a job, or order anew one that is there: inside the open transaction, for the scope's
 * person. A worker that has it loses it.
 * @param due when it is to begin; follow up with mq_jobs_wake after the commit if that is now
 */
apr_status_t mq_job_order(const mq_scope_t *sc, mq_job_number_t kind, const mq_id_t *object,
                          apr_time_t due);

/** Order a job of nobody's, unless it is there: inside the open transaction. Whoever has it goes
 * on, and it stays due when it was. */
apr_status_t mq_job_ensure(const mq_scope_t *sc, mq_job_number_t kind, const mq_id_t *object,
                           apr_time_t due);

/** Have the jobs that are due begun at once; without, they are looked for each second. */
void mq_jobs_wake(const mq_scope_t *sc);

/** Note with the organisation when its first job is due, which is all that is known of its jobs
 * from outside. For whoever has changed jobs, in the same change. */
apr_status_t mq_jobs_due(const mq_scope_t *sc);

#endif

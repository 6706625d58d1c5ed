/* job_runner.h -- the thread of a child that works on jobs (domain/jobs/). */
#ifndef MQ_GLUE_JOB_RUNNER_H
#define MQ_GLUE_JOB_RUNNER_H

#include <httpd.h>

#include "domain/core.h"

/** One child's, of one server. */
typedef struct mq_job_runner_t mq_job_runner_t;

/** For a child's beginning, before anything of ours that it ends: where a turn is stuck, the child
 * leaves before the memory goes that the turn uses. @return for mq_job_runner_make */
int *mq_job_runner_guard(apr_pool_t *pchild);

/**
 * Make it; its thread begins with the first wake. The core's jobs_wake is set to wake it.
 * @param runner_out lives as long as pchild, which ends the thread after the turn that it is in
 */
apr_status_t mq_job_runner_make(mq_job_runner_t **runner_out, mq_core_t *core, server_rec *s,
                                int *is_stuck, apr_pool_t *pchild);

/** Have it look at once for what is due. runner may be NULL. */
void mq_job_runner_wake(mq_job_runner_t *runner);

#endif

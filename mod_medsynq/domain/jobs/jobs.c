/* jobs.c -- ordering jobs. Whose turn it is: job_worker.c. */
#include "domain/jobs/jobs.h"

#include "domain/core.h"

apr_status_t mq_jobs_due(const mq_scope_t *sc)
{
    mq_param_t due = {'i', NULL, 0, 0}; /* there is none */
    mq_rows_t rows;
    apr_status_t rv = mq_db_select_one(&rows, sc, MQ_SQL_JOB_FIRST, MQ_NO_PARAMS);
    if (rv == APR_SUCCESS) {
        due = mq_bind_int(mq_rows_int(&rows, MQ_JOB_FIRST_DUE_AT));
        mq_rows_close(&rows);
    } else if (rv != MQ_ENOTFOUND) {
        return rv;
    }
    return mq_db_change(NULL, sc, MQ_SQL_TENANT_JOBS_DUE, MQ_PARAMS(due));
}

apr_status_t mq_job_order(const mq_scope_t *sc, mq_job_number_t kind, const mq_id_t *object,
                          apr_time_t due)
{
    const mq_id_t *user = mq_id_is_nil(mq_scope_user(sc)) ? NULL : mq_scope_user(sc);
    int changed = 0;
    MQ_TRY(mq_db_change(
        &changed, sc, MQ_SQL_JOB_INSERT,
        MQ_PARAMS(mq_bind_int(kind), mq_bind_id(object), mq_bind_id(user), mq_bind_int(due))));
    if (changed == 0) {
        MQ_TRY(mq_db_change(
            NULL, sc, MQ_SQL_JOB_ORDER,
            MQ_PARAMS(mq_bind_id(user), mq_bind_int(due), mq_bind_int(kind), mq_bind_id(object))));
    }
    return mq_jobs_due(sc);
}

apr_status_t mq_job_ensure(const mq_scope_t *sc, mq_job_number_t kind, const mq_id_t *object,
                           apr_time_t due)
{
    int changed = 0;
    MQ_TRY(mq_db_change(
        &changed, sc, MQ_SQL_JOB_INSERT,
        MQ_PARAMS(mq_bind_int(kind), mq_bind_id(object), mq_bind_id(NULL), mq_bind_int(due))));
    return changed ? mq_jobs_due(sc) : APR_SUCCESS;
}

void mq_jobs_wake(const mq_scope_t *sc)
{
    const mq_core_t *core = mq_scope_core(sc);
    if (core->jobs_wake) {
        core->jobs_wake(core->jobs_waker);
    }
}

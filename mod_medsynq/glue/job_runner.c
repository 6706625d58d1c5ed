/* job_runner.c -- one thread that sleeps until it is woken: by a request of this child that has
 * ordered something, or by the housekeeping, each second in one child, for whatever another one
 * has left behind. */
#include "glue/job_runner.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <http_log.h>

#include "domain/jobs/job_worker.h"
#include "glue/module.h"

APLOG_USE_MODULE(medsynq);

enum { END_SECONDS = 2 /* how long the child's end waits for the turn that is under way */ };

/* APR would destroy mutex and condition with the pool, and wait for their users: a child that a
 * signal ends runs that clean-up while requests are being served. */
struct mq_job_runner_t {
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* woken, or ended */
    pthread_t thread;
    int has_begun;
    int has_ended;
    int is_woken;
    mq_job_worker_t worker;
    server_rec *server;
    int *is_stuck;
};

static void failure_tell(const char *kind, apr_status_t rv, const char *what, int seconds,
                         void *context)
{
    const mq_job_runner_t *runner = context;
    ap_log_error(APLOG_MARK, APLOG_ERR, rv, runner->server,
                 "MSQ0034: a job (%s) cannot go on (%s); it is tried again in %d s", kind,
                 what ? what : "no statement has failed", seconds);
}

static void *runner_run(void *data)
{
    mq_job_runner_t *runner = data;
    apr_pool_t *pool = NULL; /* no child of the process's: that one may go while we end */
    (void)pthread_mutex_lock(&runner->mutex);
    while (!runner->worker.is_ending && apr_pool_create(&pool, NULL) == APR_SUCCESS) {
        while (!runner->is_woken && !runner->worker.is_ending) {
            (void)pthread_cond_wait(&runner->changed, &runner->mutex);
        }
        runner->is_woken = 0;
        (void)pthread_mutex_unlock(&runner->mutex);
        mq_job_worker_work(&runner->worker, pool);
        apr_pool_destroy(pool);
        (void)pthread_mutex_lock(&runner->mutex);
    }
    runner->has_ended = 1;
    (void)pthread_cond_broadcast(&runner->changed);
    (void)pthread_mutex_unlock(&runner->mutex);
    return NULL;
}

/* It takes no signals: those are the server's affair. Under the mutex. */
static void runner_begin(mq_job_runner_t *runner)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    runner->has_begun = pthread_create(&runner->thread, NULL, runner_run, runner) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void mq_job_runner_wake(mq_job_runner_t *runner)
{
    if (!runner) {
        return;
    }
    (void)pthread_mutex_lock(&runner->mutex);
    if (!runner->has_begun && !runner->worker.is_ending) {
        runner_begin(runner);
    }
    runner->is_woken = 1;
    (void)pthread_cond_broadcast(&runner->changed);
    (void)pthread_mutex_unlock(&runner->mutex);
}

static void wake(void *waker)
{
    mq_job_runner_wake(waker);
}

/* Under prefork a signal may run this in the very thread that has the mutex, or the turn to write
 * that our thread waits for: then the process ends without it, and its claim runs out. */
static apr_status_t runner_end(void *data)
{
    mq_job_runner_t *runner = data;
    struct timespec until;
    int rv = 0;
    runner->worker.is_ending = 1;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += END_SECONDS;
    if (pthread_mutex_clocklock(&runner->mutex, CLOCK_MONOTONIC, &until) != 0) {
        *runner->is_stuck = 1;
        return APR_SUCCESS;
    }
    (void)pthread_cond_broadcast(&runner->changed);
    while (runner->has_begun && !runner->has_ended && rv != ETIMEDOUT) {
        rv = pthread_cond_clockwait(&runner->changed, &runner->mutex, CLOCK_MONOTONIC, &until);
    }
    (void)pthread_mutex_unlock(&runner->mutex);
    if (runner->has_begun && rv == ETIMEDOUT) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, runner->server,
                     "MSQ0017: a job's turn did not end in %d s: this child ends without it, and "
                     "another one goes on where it began",
                     END_SECONDS);
        *runner->is_stuck = 1;
    } else if (runner->has_begun) {
        (void)pthread_join(runner->thread, NULL);
    }
    return APR_SUCCESS;
}

/* Everything of ours has been ended, and no memory has gone yet. */
static apr_status_t stuck_leave(void *data)
{
    if (*(int *)data) {
        _exit(0);
    }
    return APR_SUCCESS;
}

int *mq_job_runner_guard(apr_pool_t *pchild)
{
    int *is_stuck = apr_pcalloc(pchild, sizeof *is_stuck);
    apr_pool_pre_cleanup_register(pchild, is_stuck, stuck_leave);
    return is_stuck;
}

apr_status_t mq_job_runner_make(mq_job_runner_t **runner_out, mq_core_t *core, server_rec *s,
                                int *is_stuck, apr_pool_t *pchild)
{
    mq_job_runner_t *runner = apr_pcalloc(pchild, sizeof *runner);
    runner->server = s;
    runner->is_stuck = is_stuck;
    runner->worker.core = core;
    runner->worker.tell = failure_tell;
    runner->worker.tell_context = runner;
    MQ_TRY(mq_id_make(&runner->worker.id));
    MQ_TRY(pthread_mutex_init(&runner->mutex, NULL));
    MQ_TRY(pthread_cond_init(&runner->changed, NULL));
    core->jobs_wake = wake;
    core->jobs_waker = runner;
    apr_pool_pre_cleanup_register(pchild, runner, runner_end);
    *runner_out = runner;
    return APR_SUCCESS;
}

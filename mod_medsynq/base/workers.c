/* workers.c -- the line of waiting work in one process, and the threads that take it. */
#include "base/workers.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/deadline.h"

enum {
    NICE = 10,       /* of a busy core a tenth of what a page gets */
    SEAT_SECONDS = 1 /* then a worker looks whether it is to end */
};

/* Work that waits or is being done. It lies on the stack of the thread that waits for it. */
typedef struct job_t {
    mq_work_t *work;
    void *context;
    mq_sharers_t sharers;
    apr_uint64_t round; /* in which it is done: the line is in this order */
    apr_uint64_t rank;  /* the how manieth of its who, among those of the same where */
    enum { WAITING, BEGUN, DONE, SENT_AWAY } state;
    struct job_t *next;
} job_t;

typedef struct worker_t {
    mq_workers_t *workers;
    mq_fair_queue_t *seat;
    pthread_t thread;
} worker_t;

/* APR would destroy mutex and conditions with the pool, and wait for their users: a child that a
 * signal ends runs that clean-up while requests are being served. */
struct mq_workers_t {
    pthread_mutex_t mutex;
    pthread_cond_t came; /* work, or the end */
    pthread_cond_t went; /* work was begun or done */
    job_t *first;
    apr_uint64_t round; /* of the work begun last */
    int waiting;
    int waiting_most;
    int begun; /* threads that run */
    int is_ending;
    int count;
    worker_t worker[];
};

/* --- the line; under the mutex --- */

static int is_same(apr_uint64_t one, apr_uint64_t other)
{
    return one && one == other;
}

/* The round after the last one in which the same are served already. */
static apr_uint64_t round_of(const mq_workers_t *workers, const job_t *job)
{
    apr_uint64_t round = workers->round;
    for (const job_t *other = workers->first; other; other = other->next) {
        if ((is_same(job->sharers.who, other->sharers.who) ||
             is_same(job->sharers.where, other->sharers.where)) &&
            other->round >= round) {
            round = other->round + 1;
        }
    }
    return round;
}

/* Which of the same who's it is, of those who come from the same where: 0 the first. */
static apr_uint64_t rank_of(const mq_workers_t *workers, const job_t *job)
{
    apr_uint64_t least = APR_UINT64_MAX;
    apr_uint64_t rank = 0;
    for (const job_t *other = workers->first; other; other = other->next) {
        if (!is_same(job->sharers.where, other->sharers.where)) {
            continue;
        }
        least = other->rank < least ? other->rank : least;
        if (is_same(job->sharers.who, other->sharers.who) && other->rank >= rank) {
            rank = other->rank + 1;
        }
    }
    return (rank || least == APR_UINT64_MAX) ? rank : least;
}

/* Behind the others of its round. */
static void job_insert(mq_workers_t *workers, job_t *job)
{
    job_t **place = &workers->first;
    while (*place && (*place)->round <= job->round) {
        place = &(*place)->next;
    }
    job->next = *place;
    *place = job;
}

/* A newcomer comes before those of the same where who have more in the line than he has: he takes
 * the place of the first of them, each of them that of the next, and the last goes to the end. */
static void line_add(mq_workers_t *workers, job_t *job)
{
    apr_uint64_t round = round_of(workers, job);
    job_t *carried = job;
    job->rank = rank_of(workers, job);
    for (job_t **place = &workers->first; *place; place = &(*place)->next) {
        job_t *other = *place;
        if (is_same(job->sharers.where, other->sharers.where) && other->rank > job->rank) {
            carried->round = other->round;
            carried->next = other->next;
            *place = carried;
            carried = other;
        }
    }
    carried->round = round;
    job_insert(workers, carried);
    workers->waiting++;
}

static void line_remove(mq_workers_t *workers, job_t *job)
{
    job_t **place = &workers->first;
    while (*place != job) {
        place = &(*place)->next;
    }
    *place = job->next;
    workers->waiting--;
}

/* The line is too long: whoever has most in it is last in it. */
static void last_send_away(mq_workers_t *workers)
{
    job_t *last = workers->first;
    while (last->next) {
        last = last->next;
    }
    line_remove(workers, last);
    last->state = SENT_AWAY;
    (void)pthread_cond_broadcast(&workers->went);
}

/* --- the workers --- */

/* Do the first work of the line, which may have gone while we waited for the seat. */
static void first_do(mq_workers_t *workers)
{
    job_t *job = workers->first;
    if (!job) {
        return;
    }
    line_remove(workers, job);
    job->state = BEGUN;
    workers->round = job->round;
    (void)pthread_mutex_unlock(&workers->mutex);
    job->work(job->context);
    (void)pthread_mutex_lock(&workers->mutex);
    job->state = DONE;
    (void)pthread_cond_broadcast(&workers->went);
}

static void *worker_run(void *data)
{
    worker_t *worker = data;
    mq_workers_t *workers = worker->workers;
    /* Linux: of this thread alone. Nicer than the others, which may be nice themselves. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), getpriority(PRIO_PROCESS, 0) + NICE);
    (void)pthread_mutex_lock(&workers->mutex);
    while (!workers->is_ending) {
        apr_status_t rv;
        if (!workers->first) {
            (void)pthread_cond_wait(&workers->came, &workers->mutex);
            continue;
        }
        (void)pthread_mutex_unlock(&workers->mutex);
        rv = mq_fair_queue_lock(worker->seat, apr_time_from_sec(SEAT_SECONDS));
        (void)pthread_mutex_lock(&workers->mutex);
        if (rv == APR_SUCCESS) {
            first_do(workers);
            (void)mq_fair_queue_unlock(worker->seat);
        }
    }
    (void)pthread_mutex_unlock(&workers->mutex);
    return NULL;
}

/* Begin the threads that do not run yet. They take no signals: those are the server's affair. */
static void workers_begin(mq_workers_t *workers)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    while (workers->begun < workers->count) {
        worker_t *worker = &workers->worker[workers->begun];
        if (pthread_create(&worker->thread, NULL, worker_run, worker) != 0) {
            break; /* the next work tries again */
        }
        workers->begun++;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Under prefork a signal may run this in the very thread that has the mutex: then the process ends
 * without it. */
static apr_status_t workers_end(void *data)
{
    mq_workers_t *workers = data;
    struct timespec until = mq_deadline_after(apr_time_from_msec(200));
    if (pthread_mutex_clocklock(&workers->mutex, CLOCK_MONOTONIC, &until) != 0) {
        return APR_SUCCESS;
    }
    workers->is_ending = 1;
    (void)pthread_cond_broadcast(&workers->came);
    (void)pthread_cond_broadcast(&workers->went);
    (void)pthread_mutex_unlock(&workers->mutex);
    for (int i = 0; i < workers->begun; i++) {
        (void)pthread_join(workers->worker[i].thread, NULL);
    }
    return APR_SUCCESS;
}

/* --- the interface --- */

apr_status_t mq_workers_make(mq_workers_t **workers_out, mq_fair_queue_t *const *seats, int count,
                             int waiting_most, apr_pool_t *pool)
{
    mq_workers_t *workers =
        apr_pcalloc(pool, sizeof *workers + (apr_size_t)count * sizeof *workers->worker);
    pthread_condattr_t kind;
    workers->count = count;
    workers->waiting_most = waiting_most;
    for (int i = 0; i < count; i++) {
        workers->worker[i] = (worker_t){.workers = workers, .seat = seats[i]};
    }
    MQ_TRY(pthread_mutex_init(&workers->mutex, NULL));
    MQ_TRY(pthread_condattr_init(&kind));
    MQ_TRY(pthread_condattr_setclock(&kind, CLOCK_MONOTONIC));
    MQ_TRY(pthread_cond_init(&workers->came, &kind));
    MQ_TRY(pthread_cond_init(&workers->went, &kind));
    MQ_TRY(pthread_condattr_destroy(&kind));
    apr_pool_pre_cleanup_register(pool, workers, workers_end);
    *workers_out = workers;
    return APR_SUCCESS;
}

/* Wait in the line and for the work. */
static apr_status_t job_await(mq_workers_t *workers, job_t *job, const struct timespec *until)
{
    int rv = 0;
    while (job->state == WAITING && rv == 0 && !workers->is_ending) {
        rv = pthread_cond_timedwait(&workers->went, &workers->mutex, until);
    }
    if (job->state == WAITING) {
        line_remove(workers, job);
        return MQ_EFULL;
    }
    while (job->state == BEGUN) {
        (void)pthread_cond_wait(&workers->went, &workers->mutex);
    }
    return job->state == DONE ? APR_SUCCESS : MQ_EFULL;
}

apr_status_t mq_workers_do(mq_workers_t *workers, mq_sharers_t sharers, mq_work_t *work,
                           void *context, apr_interval_time_t timeout)
{
    job_t job = {.work = work, .context = context, .sharers = sharers};
    struct timespec until = mq_deadline_after(timeout);
    apr_status_t rv = MQ_EFULL;
    if (!workers) {
        work(context);
        return APR_SUCCESS;
    }
    MQ_TRY(pthread_mutex_lock(&workers->mutex));
    workers_begin(workers);
    if (!workers->is_ending) {
        line_add(workers, &job);
        if (workers->waiting > workers->waiting_most) {
            last_send_away(workers);
        }
        /* all of them: who gets a seat first is not known */
        (void)pthread_cond_broadcast(&workers->came);
        rv = job_await(workers, &job, &until);
    }
    (void)pthread_mutex_unlock(&workers->mutex);
    return rv;
}

int mq_workers_waiting(mq_workers_t *workers)
{
    int waiting;
    if (pthread_mutex_lock(&workers->mutex) != 0) {
        return 0;
    }
    waiting = workers->waiting;
    (void)pthread_mutex_unlock(&workers->mutex);
    return waiting;
}

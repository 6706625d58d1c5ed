/* disclosures.c -- group commit of disclosures. The chain itself is audit.c's.
 *
 * Reading is written down before the page leaves, so every page is a write, and a commit waits for
 * the disk: a millisecond on a good one, ten on a bad one. Fifty people who open pages at the same
 * time would stand in line for half a second. Leaving the event for later was tried, and is offered
 * as MQ_VIEWS_BATCHED; but a clinic that must know who has read a record wants it known when the
 * power goes, too, so the default waits.
 *
 * Hence one commit for many. A thread that finds nobody leading leads: it waits for the turn to
 * write, and only then takes along all who have come meanwhile, for the longer it waits, the more
 * they are. It writes their events one after the other, each in its own organisation, reads and
 * moves the head of each chain once, and wakes them when the disk has all; the first who has come
 * meanwhile leads next, and nobody else is woken for it. If one cannot be written, all is undone
 * and each is written alone, so that nobody suffers for a neighbour's fault.
 *
 * Whom a person has looked at lately is written with the event where that waits anyhow, and else
 * behind the answer: it is a convenience, and costs as much as the event.
 *
 * What must stay true: a job lies on the stack of its thread, which must not go on before is_done;
 * nobody's connection is kept while they wait, or readers would run out of them; a group of
 * patients is kept once for equal pages; and what could not be written is never dropped in silence,
 * but waits, is told, and is tried again (stuck_write). */
#include "domain/trail/disclosures.h"

#include <apr_strings.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <apr_thread_proc.h>
#include <pthread.h>
#include <string.h>

#include "domain/trail/audit_groups.h"
#include "domain/core.h"

enum {
    FLUSH_SECONDS = 1,
    TRIES_MOST = 5,
    NEWEST = 64,        /* people whose last view is remembered, by their id's last bits */
    WAITING_MOST = 2000 /* then whoever comes writes
                              them, or is told to come again */
};

/* One disclosure. Of a waiting thread it lies on its stack; of nobody it lies in a batch's pool. */
typedef struct job_t {
    const mq_scope_t *sc;
    mq_scope_t *kept;              /* the same, of a copy in a batch's pool; else NULL */
    const mq_audit_event_t *event; /* NULL: only what write does */
    const mq_id_t *patient;
    mq_disclosure_write_t write;
    apr_status_t status;
    pthread_cond_t changed; /* of a waiting thread: it is done, or it leads */
    int is_done;
    int leads;
    struct job_t *next;
} job_t;

/* A chain that a transaction appends to, and one of those who may. */
typedef struct chain_t {
    mq_audit_head_t head;
    const job_t *job;
    struct chain_t *next;
} chain_t;

typedef struct queue_t {
    job_t *first;
    job_t **end;
    int count;
} queue_t;

struct mq_disclosures_t {
    const mq_store_t *store;
    mq_views_t views;
    apr_thread_mutex_t *mutex;
    pthread_mutex_t line; /* guards the next two */
    queue_t waiting;      /* of threads that wait for their event */
    int is_led;
    queue_t later;         /* of nobody, copied; under mutex, like the next two */
    job_t *newest[NEWEST]; /* of later: what a person opened last */
    apr_pool_t *later_pool;
    apr_thread_mutex_t *flushing; /* guards the next three; taken before mutex */
    queue_t stuck;                /* could not be written, and is tried again before later is */
    apr_pool_t *stuck_pool;
    int is_told;
    mq_disclosures_tell_t tell;
    void *tell_context;
    apr_thread_t *writer;
    apr_thread_cond_t *ending;
    int is_ending;
};

static void queue_clear(queue_t *queue)
{
    *queue = (queue_t){.end = &queue->first};
}

static void queue_add(queue_t *queue, job_t *job)
{
    *queue->end = job;
    queue->end = &job->next;
    queue->count++;
}

/* @param has_group whether the transaction has kept the group that the event names
 * @param head      of the chain, which the transaction moves at its end; NULL: moved with the event
 */
static apr_status_t job_do(const job_t *job, int has_group, mq_audit_head_t *head)
{
    mq_audit_event_t event;
    MQ_TRY(job->write ? job->write(job->sc, job->patient) : APR_SUCCESS);
    if (!job->event) {
        return APR_SUCCESS;
    }
    event = *job->event;
    event.shown = has_group ? NULL : event.shown;
    return head ? mq_audit_append(job->sc, head, &event) : mq_audit_write(job->sc, &event);
}

/* End what was begun on the scope. */
static apr_status_t part_end(const mq_scope_t *sc, apr_status_t rv)
{
    if (rv != APR_SUCCESS) {
        (void)mq_db_rollback(sc);
        return rv;
    }
    return mq_db_commit(sc);
}

static apr_status_t job_write(const job_t *job, int has_group, mq_audit_head_t *head)
{
    MQ_TRY(mq_db_begin(job->sc));
    return part_end(job->sc, job_do(job, has_group, head));
}

static void each_alone(job_t *jobs)
{
    for (job_t *job = jobs; job; job = job->next) {
        job->status = job_write(job, 0, NULL);
        mq_db_give_back(job->sc);
    }
}

static void all_set(job_t *jobs, apr_status_t rv)
{
    for (job_t *job = jobs; job; job = job->next) {
        job->status = rv;
    }
}

/* The chain that a job's event is for, its head read when it is first asked for. */
static apr_status_t chain_of(chain_t **chain_out, chain_t **chains, const job_t *job,
                             apr_pool_t *pool)
{
    chain_t *chain = *chains;
    while (chain && mq_scope_chain(chain->job->sc) != mq_scope_chain(job->sc)) {
        chain = chain->next;
    }
    if (!chain) {
        chain = apr_palloc(pool, sizeof *chain);
        MQ_TRY(mq_db_begin(job->sc));
        MQ_TRY(part_end(job->sc, mq_audit_head_read(&chain->head, job->sc)));
        chain->job = job;
        chain->next = *chains;
        *chains = chain;
    }
    *chain_out = chain;
    return APR_SUCCESS;
}

static apr_status_t heads_move(mq_group_t *group, const chain_t *chains)
{
    apr_status_t rv = APR_SUCCESS;
    for (const chain_t *chain = chains; chain && rv == APR_SUCCESS; chain = chain->next) {
        mq_db_group_join(group, chain->job->sc);
        rv = mq_db_begin(chain->job->sc);
        if (rv == APR_SUCCESS) {
            rv = part_end(chain->job->sc, mq_audit_head_move(chain->job->sc, &chain->head));
        }
        mq_db_group_leave(chain->job->sc);
    }
    return rv;
}

static apr_status_t job_join(mq_group_t *group, const job_t *job, int has_group, chain_t **chains,
                             apr_pool_t *pool)
{
    chain_t *chain = NULL;
    apr_status_t rv = APR_SUCCESS;
    mq_db_group_join(group, job->sc);
    if (job->event) {
        rv = chain_of(&chain, chains, job, pool);
    }
    if (rv == APR_SUCCESS) {
        rv = job_write(job, has_group, chain ? &chain->head : NULL);
    }
    mq_db_group_leave(job->sc);
    return rv;
}

/* One commit for all. If one cannot be written, it alone must suffer for it. */
static void jobs_write(mq_group_t *group, job_t *jobs, apr_pool_t *pool)
{
    apr_status_t rv = APR_SUCCESS;
    chain_t *chains = NULL;
    const job_t *kept = NULL; /* the last that brought a group: many look at the same page */
    for (job_t *job = jobs; job && rv == APR_SUCCESS; job = job->next) {
        int has_group = kept && job->event &&
                        mq_audit_group_is_same(kept->sc, kept->event, job->sc, job->event);
        rv = job_join(group, job, has_group, &chains, pool);
        kept = job->event && job->event->shown ? job : kept;
    }
    if (rv == APR_SUCCESS) {
        rv = heads_move(group, chains);
    }
    if (rv != APR_SUCCESS) {
        (void)mq_db_group_end(group, 0);
        each_alone(jobs);
        return;
    }
    all_set(jobs, mq_db_group_end(group, 1));
}

/* Wait for the turn to write, then take along whoever has come meanwhile. Comes back with the line
 * locked. */
static void group_lead(mq_disclosures_t *disclosures, apr_pool_t *pool)
{
    mq_group_t *group;
    job_t *jobs;
    apr_status_t rv = mq_db_group_begin(&group, disclosures->store, pool);
    (void)pthread_mutex_lock(&disclosures->line);
    jobs = disclosures->waiting.first;
    queue_clear(&disclosures->waiting);
    (void)pthread_mutex_unlock(&disclosures->line);
    if (rv == APR_SUCCESS) {
        jobs_write(group, jobs, pool);
    } else {
        all_set(jobs, rv);
    }
    (void)pthread_mutex_lock(&disclosures->line);
    while (jobs) {
        job_t *next = jobs->next; /* the job's thread may go as soon as the line is free */
        jobs->is_done = 1;
        (void)pthread_cond_signal(&jobs->changed);
        jobs = next;
    }
    disclosures->is_led = disclosures->waiting.first != NULL;
    if (disclosures->is_led) {
        disclosures->waiting.first->leads = 1;
        (void)pthread_cond_signal(&disclosures->waiting.first->changed);
    }
}

/* Where writers take no turns nobody is waited for, and the engine shares the disk among them. */
static apr_status_t write_alone(job_t *job)
{
    apr_status_t rv = MQ_EAGAIN;
    for (int tries = 0; rv == MQ_EAGAIN && tries < TRIES_MOST; tries++) {
        rv = job_write(job, 0, NULL);
    }
    (void)pthread_cond_destroy(&job->changed);
    return rv == MQ_EAGAIN ? MQ_EFULL : rv;
}

static apr_status_t write_together(mq_disclosures_t *disclosures, job_t *job)
{
    if (!disclosures->store->writer) {
        return write_alone(job);
    }
    mq_db_give_back(job->sc); /* the leader lends it another one */
    (void)pthread_mutex_lock(&disclosures->line);
    queue_add(&disclosures->waiting, job);
    job->leads = !disclosures->is_led;
    disclosures->is_led = 1;
    while (!job->is_done) {
        if (job->leads) {
            (void)pthread_mutex_unlock(&disclosures->line);
            group_lead(disclosures, mq_scope_pool(job->sc));
        } else {
            (void)pthread_cond_wait(&job->changed, &disclosures->line);
        }
    }
    (void)pthread_mutex_unlock(&disclosures->line);
    (void)pthread_cond_destroy(&job->changed);
    return job->status;
}

/* What is left to write of a batch. Only the trail is owed: the record that somebody opened may be
 * gone by now, and its event is written all the same. */
static queue_t failed_of(job_t *jobs)
{
    queue_t left;
    queue_clear(&left);
    while (jobs) {
        job_t *next = jobs->next;
        jobs->next = NULL;
        if (jobs->status != APR_SUCCESS && jobs->event) {
            jobs->write = NULL;
            queue_add(&left, jobs);
        }
        jobs = next;
    }
    return left;
}

static void later_take(mq_disclosures_t *disclosures)
{
    (void)apr_thread_mutex_lock(disclosures->mutex);
    disclosures->stuck = disclosures->later;
    disclosures->stuck_pool = disclosures->later_pool;
    queue_clear(&disclosures->later);
    memset(disclosures->newest, 0, sizeof disclosures->newest);
    disclosures->later_pool = NULL;
    (void)apr_thread_mutex_unlock(disclosures->mutex);
    if (!disclosures->stuck_pool) {
        queue_clear(&disclosures->stuck); /* its end is a field of ours */
    }
}

/* Write what is stuck. It is told once when that fails, and once when it goes again. */
static void stuck_write(mq_disclosures_t *disclosures)
{
    apr_pool_t *pool;
    mq_group_t *group;
    job_t *jobs = disclosures->stuck.first;
    apr_status_t rv = apr_pool_create(&pool, disclosures->stuck_pool);
    if (rv == APR_SUCCESS) {
        rv = mq_db_group_begin(&group, disclosures->store, pool);
    }
    if (rv == APR_SUCCESS) {
        jobs_write(group, jobs, pool);
    } else {
        all_set(jobs, rv);
    }
    for (const job_t *job = jobs; job; job = job->next) {
        rv = job->status != APR_SUCCESS ? job->status : rv;
    }
    disclosures->stuck = failed_of(jobs);
    if (!disclosures->stuck.first) {
        apr_pool_destroy(disclosures->stuck_pool);
        disclosures->stuck_pool = NULL;
        queue_clear(&disclosures->stuck);
    } else {
        disclosures->stuck.end = NULL; /* nothing is added to it */
        if (pool) {
            apr_pool_destroy(pool);
        }
    }
    if (disclosures->is_told != (disclosures->stuck_pool != NULL)) {
        disclosures->is_told = disclosures->stuck_pool != NULL;
        disclosures->tell(disclosures->is_told ? MQ_DISCLOSURES_WAIT : MQ_DISCLOSURES_WRITTEN,
                          disclosures->stuck.count, rv, disclosures->tell_context);
    }
}

/* Write what waits for nobody; what cannot be written stays and is tried again. Under the mutex
 * flushing. */
static void flush_held(mq_disclosures_t *disclosures)
{
    if (disclosures->stuck_pool) {
        stuck_write(disclosures);
    }
    if (!disclosures->stuck_pool) {
        later_take(disclosures);
        if (disclosures->stuck_pool) {
            stuck_write(disclosures);
        }
    }
}

static void jobs_flush(mq_disclosures_t *disclosures)
{
    (void)apr_thread_mutex_lock(disclosures->flushing);
    flush_held(disclosures);
    (void)apr_thread_mutex_unlock(disclosures->flushing);
}

/* A request helps where there is no room; it does not queue for a database that is in trouble. */
static void flush_if_free(mq_disclosures_t *disclosures)
{
    if (apr_thread_mutex_trylock(disclosures->flushing) == APR_SUCCESS) {
        flush_held(disclosures);
        (void)apr_thread_mutex_unlock(disclosures->flushing);
    }
}

static const mq_id_t *id_keep(const mq_id_t *id, apr_pool_t *pool)
{
    return id ? apr_pmemdup(pool, id, sizeof *id) : NULL;
}

static int is_full(mq_disclosures_t *disclosures)
{
    int full;
    (void)apr_thread_mutex_lock(disclosures->mutex);
    full = disclosures->later.count >= WAITING_MOST;
    (void)apr_thread_mutex_unlock(disclosures->mutex);
    return full;
}

static job_t **newest_of(mq_disclosures_t *disclosures, const mq_scope_t *sc)
{
    return &disclosures->newest[mq_scope_user(sc)->bytes[15] % NEWEST];
}

/* What waits to be written, if it is that the same person opened the same record last; only its
 * time has changed then. */
static job_t *same_again(mq_disclosures_t *disclosures, const job_t *job)
{
    job_t *newest = *newest_of(disclosures, job->sc);
    return newest && newest->write == job->write && mq_id_equal(newest->patient, job->patient) &&
                   mq_id_equal(mq_scope_user(newest->sc), mq_scope_user(job->sc)) &&
                   mq_scope_chain(newest->sc) == mq_scope_chain(job->sc)
               ? newest
               : NULL;
}

static apr_status_t write_later(mq_disclosures_t *disclosures, const job_t *job)
{
    apr_status_t rv = MQ_EFULL;
    job_t *again;
    if (is_full(disclosures)) {
        mq_db_give_back(job->sc);
        flush_if_free(disclosures);
    }
    (void)apr_thread_mutex_lock(disclosures->mutex);
    again = job->event ? NULL : same_again(disclosures, job);
    if (again) {
        mq_scope_move(again->kept, mq_scope_now(job->sc));
        rv = APR_SUCCESS;
    } else if (disclosures->later.count < WAITING_MOST &&
               (disclosures->later_pool ||
                apr_pool_create(&disclosures->later_pool, NULL) == APR_SUCCESS)) {
        apr_pool_t *pool = disclosures->later_pool;
        job_t *copy = apr_pmemdup(pool, job, sizeof *job);
        copy->next = NULL;
        copy->kept = mq_scope_keep(job->sc, pool);
        copy->sc = copy->kept;
        copy->patient = id_keep(job->patient, pool);
        if (job->event) {
            mq_audit_event_t *event = apr_pmemdup(pool, job->event, sizeof *event);
            event->object = id_keep(event->object, pool);
            event->patient = copy->patient;
            event->shown = event->shown
                               ? apr_pmemdup(pool, event->shown,
                                             sizeof *event->shown * (apr_size_t)event->shown_count)
                               : NULL;
            event->reason = apr_pstrdup(pool, event->reason);
            copy->event = event;
        }
        queue_add(&disclosures->later, copy);
        if (copy->write) {
            *newest_of(disclosures, copy->sc) = copy;
        }
        rv = APR_SUCCESS;
    }
    (void)apr_thread_mutex_unlock(disclosures->mutex);
    return rv;
}

int mq_discloses(const mq_scope_t *sc)
{
    const mq_disclosures_t *disclosures = mq_scope_core(sc)->disclosures;
    return !disclosures || disclosures->views != MQ_VIEWS_OFF;
}

apr_status_t mq_disclose(const mq_scope_t *sc, const mq_audit_event_t *event,
                         mq_disclosure_write_t write)
{
    mq_disclosures_t *disclosures = mq_scope_core(sc)->disclosures;
    job_t job = {.sc = sc,
                 .event = event,
                 .patient = event->patient,
                 .write = write,
                 .changed = PTHREAD_COND_INITIALIZER};
    if (mq_scope_shows_nothing(sc)) {
        mq_db_give_back(sc);
        return APR_SUCCESS;
    }
    if (!disclosures) {
        return job_write(&job, 0, NULL);
    }
    switch (disclosures->views) {
    case MQ_VIEWS_BATCHED:
        return write_later(disclosures, &job);
    case MQ_VIEWS_OFF:
        break;
    default:
        job.write = NULL;
        MQ_TRY(write_together(disclosures, &job));
        job.write = write;
        break;
    }
    job.event = NULL;
    if (write) { /* a convenience: no page is refused for it */
        (void)write_later(disclosures, &job);
    }
    return APR_SUCCESS;
}

void mq_disclosures_settle(const mq_scope_t *sc)
{
    mq_disclosures_t *disclosures = mq_scope_core(sc)->disclosures;
    const job_t *newest;
    int is_owed;
    if (!disclosures) {
        return;
    }
    (void)apr_thread_mutex_lock(disclosures->mutex);
    newest = *newest_of(disclosures, sc);
    is_owed = newest && mq_id_equal(mq_scope_user(newest->sc), mq_scope_user(sc));
    (void)apr_thread_mutex_unlock(disclosures->mutex);
    if (is_owed) {
        mq_db_give_back(sc);
        flush_if_free(disclosures);
    }
}

static void *APR_THREAD_FUNC writer_run(apr_thread_t *thread, void *data)
{
    mq_disclosures_t *disclosures = data;
    int is_ending = 0;
    (void)thread;
    while (!is_ending) {
        (void)apr_thread_mutex_lock(disclosures->mutex);
        if (!disclosures->is_ending) {
            (void)apr_thread_cond_timedwait(disclosures->ending, disclosures->mutex,
                                            apr_time_from_sec(FLUSH_SECONDS));
        }
        is_ending = disclosures->is_ending;
        (void)apr_thread_mutex_unlock(disclosures->mutex);
        jobs_flush(disclosures);
    }
    return NULL;
}

static apr_status_t writer_end(void *data)
{
    mq_disclosures_t *disclosures = data;
    apr_status_t rv;
    (void)apr_thread_mutex_lock(disclosures->mutex);
    disclosures->is_ending = 1;
    (void)apr_thread_cond_signal(disclosures->ending);
    (void)apr_thread_mutex_unlock(disclosures->mutex);
    (void)apr_thread_join(&rv, disclosures->writer);
    if (disclosures->stuck_pool) {
        disclosures->tell(MQ_DISCLOSURES_LOST, disclosures->stuck.count + disclosures->later.count,
                          disclosures->stuck.first->status, disclosures->tell_context);
    }
    return APR_SUCCESS;
}

apr_status_t mq_disclosures_make(mq_disclosures_t **disclosures_out, const mq_store_t *store,
                                 mq_views_t views, mq_disclosures_tell_t tell, void *context,
                                 apr_pool_t *pool)
{
    mq_disclosures_t *disclosures = apr_pcalloc(pool, sizeof *disclosures);
    disclosures->store = store;
    disclosures->views = views;
    disclosures->tell = tell;
    disclosures->tell_context = context;
    queue_clear(&disclosures->waiting);
    queue_clear(&disclosures->later);
    queue_clear(&disclosures->stuck);
    MQ_TRY(apr_thread_mutex_create(&disclosures->flushing, APR_THREAD_MUTEX_DEFAULT, pool));
    MQ_TRY(apr_thread_mutex_create(&disclosures->mutex, APR_THREAD_MUTEX_DEFAULT, pool));
    MQ_TRY(apr_thread_cond_create(&disclosures->ending, pool));
    /* not APR's, which the pool would destroy under those who wait when a signal ends the child */
    (void)pthread_mutex_init(&disclosures->line, NULL);
    MQ_TRY(apr_thread_create(&disclosures->writer, NULL, writer_run, disclosures, pool));
    /* before the pool's connections go */
    apr_pool_pre_cleanup_register(pool, disclosures, writer_end);
    *disclosures_out = disclosures;
    return APR_SUCCESS;
}

int mq_disclosures_waiting(mq_disclosures_t *disclosures)
{
    int count = 0;
    if (disclosures) {
        (void)apr_thread_mutex_lock(disclosures->mutex);
        count = disclosures->waiting.count + disclosures->later.count;
        (void)apr_thread_mutex_unlock(disclosures->mutex);
    }
    return count;
}

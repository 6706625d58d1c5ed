/* fair_queue.c -- the fair queue's places and their succession; see fair_queue.h.
 *
 * A CLH queue of robust mutexes. Each thread in the queue occupies a place and holds its mutex as
 * long as it is there; it waits by locking the mutex of the place before it. So the kernel wakes
 * exactly the next in line, whether the one before finished, gave up or was killed, and the state
 * of that place says which it was:
 *
 *     HOLDING         it had the turn: it is ours now
 *     WAITING, LEFT   it never had the turn (killed, or timed out): wait for the one before it
 *
 * A place has one successor at most, and the successor frees it. Places change hands and links
 * under `guard`, for some ten instructions; waiting is outside. Whoever finds the guard's owner
 * dead frees the places that no chain leads to any more. */
#include "base/fair_queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/deadline.h"
#include "base/status.h"

#define QUEUE_MAGIC UINT64_C(0x6d71777269746571)
#define QUEUE_VERSION 1 /* raise it with every change of the layout: reloads meet old memory */
#define NO_PLACE UINT32_MAX

enum { FREE = 0, WAITING, HOLDING, LEFT };

typedef struct place_t {
    pthread_mutex_t occupied; /* held by the thread that is here */
    atomic_uint state;
    apr_uint32_t before; /* NO_PLACE at the very first; means nothing while HOLDING */
} place_t;

struct mq_fair_queue_t {
    apr_uint64_t magic;
    apr_uint32_t version;
    apr_uint32_t places;
    pthread_mutex_t guard;
    apr_uint32_t last;  /* the place that a new-comer stands behind, NO_PLACE at first */
    apr_uint32_t hint;  /* where a free place is likely */
    atomic_uint holder; /* the place that has the turn, or had it last */
    _Atomic apr_uint64_t turns, timeouts;
    atomic_uint recoveries;
    place_t place[MQ_FAIR_QUEUE_PLACES];
};

/* --- the guard --- */

/* Free every place that is not in the chain and whose thread is dead. */
static void places_collect(mq_fair_queue_t *queue)
{
    unsigned char in_chain[MQ_FAIR_QUEUE_PLACES] = {0};
    apr_uint32_t i = queue->last;

    while (i < MQ_FAIR_QUEUE_PLACES && !in_chain[i]) {
        in_chain[i] = 1;
        i = atomic_load(&queue->place[i].state) == HOLDING ? NO_PLACE : queue->place[i].before;
    }
    for (i = 0; i < MQ_FAIR_QUEUE_PLACES; i++) {
        place_t *place = &queue->place[i];
        int rv;

        if (in_chain[i] || (rv = pthread_mutex_trylock(&place->occupied)) == EBUSY) {
            continue;
        }
        if (rv == EOWNERDEAD) {
            (void)pthread_mutex_consistent(&place->occupied);
        }
        (void)pthread_mutex_unlock(&place->occupied);
        atomic_store(&place->state, FREE);
    }
}

static apr_status_t guard_lock(mq_fair_queue_t *queue)
{
    int rv = pthread_mutex_lock(&queue->guard);

    if (rv == EOWNERDEAD) {
        (void)pthread_mutex_consistent(&queue->guard);
        atomic_fetch_add(&queue->recoveries, 1);
        places_collect(queue);
        rv = 0;
    }
    return rv;
}

static void guard_unlock(mq_fair_queue_t *queue)
{
    (void)pthread_mutex_unlock(&queue->guard);
}

/* --- places --- */

/* Lock a mutex until a time of the monotonic clock; NULL only tries.
 * @param died_out  set when its last owner was killed */
static int place_lock(place_t *place, const struct timespec *until, int *died_out)
{
    int rv;

    if (until == NULL) {
        rv = pthread_mutex_trylock(&place->occupied);
    } else {
        rv = pthread_mutex_clocklock(&place->occupied, CLOCK_MONOTONIC, until);
    }
    *died_out = rv == EOWNERDEAD;
    if (rv == EOWNERDEAD) {
        rv = pthread_mutex_consistent(&place->occupied);
    }
    return rv == EBUSY ? ETIMEDOUT : rv;
}

/* Occupy a free place, under the guard. */
static apr_uint32_t place_occupy(mq_fair_queue_t *queue)
{
    apr_uint32_t i;

    for (i = 0; i < MQ_FAIR_QUEUE_PLACES; i++) {
        apr_uint32_t mine = (queue->hint + i) % MQ_FAIR_QUEUE_PLACES;
        place_t *place = &queue->place[mine];
        int died;

        if (atomic_load(&place->state) == FREE && place_lock(place, NULL, &died) == 0) {
            return mine;
        }
    }
    return NO_PLACE;
}

/* Step into the line, behind the last. */
static apr_status_t place_take(apr_uint32_t *mine_out, mq_fair_queue_t *queue)
{
    apr_uint32_t mine;

    MQ_TRY(guard_lock(queue));
    mine = place_occupy(queue);
    if (mine == NO_PLACE) {
        /* the kernel lets go of a dead thread's mutexes one by one, the guard first: a collector
         * that was very quick may have missed a place */
        places_collect(queue);
        mine = place_occupy(queue);
    }
    if (mine != NO_PLACE) {
        queue->place[mine].before = queue->last;
        atomic_store(&queue->place[mine].state, WAITING);
        queue->last = mine;
        queue->hint = mine + 1;
    }
    guard_unlock(queue);
    *mine_out = mine;
    return mine != NO_PLACE ? APR_SUCCESS : MQ_EFULL;
}

/* Free the place before ours, whose mutex we have got; take the turn if it had it, else move up.
 * Killed in here we are in the line still, or have the turn: either is sound for the next. */
static apr_status_t place_succeed(int *turn_out, mq_fair_queue_t *queue, apr_uint32_t mine,
                                  apr_uint32_t before, int died)
{
    place_t *place = &queue->place[before];

    MQ_TRY(guard_lock(queue));
    *turn_out = atomic_load(&place->state) == HOLDING;
    if (*turn_out) {
        atomic_store(&queue->place[mine].state, HOLDING);
        atomic_store(&queue->holder, mine);
    } else {
        queue->place[mine].before = place->before;
    }
    atomic_fetch_add(&queue->recoveries, died ? 1u : 0u);
    (void)pthread_mutex_unlock(&place->occupied);
    atomic_store(&place->state, FREE);
    queue->hint = before;
    guard_unlock(queue);
    return APR_SUCCESS;
}

/* Give up: whoever stands behind us will pass over our place. */
static apr_status_t place_leave(mq_fair_queue_t *queue, apr_uint32_t mine)
{
    atomic_store(&queue->place[mine].state, LEFT);
    return pthread_mutex_unlock(&queue->place[mine].occupied);
}

/* --- the interface --- */

apr_size_t mq_fair_queue_size(void)
{
    return sizeof(mq_fair_queue_t);
}

static apr_status_t mutex_make(pthread_mutex_t *mutex, pthread_mutexattr_t *kind)
{
    MQ_TRY(pthread_mutexattr_setpshared(kind, PTHREAD_PROCESS_SHARED));
    MQ_TRY(pthread_mutexattr_setrobust(kind, PTHREAD_MUTEX_ROBUST));
    /* so that a second lock by one thread, or an unlock without a lock, is told and not obeyed */
    MQ_TRY(pthread_mutexattr_settype(kind, PTHREAD_MUTEX_ERRORCHECK));
    return pthread_mutex_init(mutex, kind);
}

apr_status_t mq_fair_queue_create(mq_fair_queue_t **queue_out, void *memory, apr_size_t size)
{
    mq_fair_queue_t *queue = memory;
    pthread_mutexattr_t kind;
    int i;

    if (size < sizeof *queue) {
        return APR_EINVAL;
    }
    queue->version = QUEUE_VERSION;
    queue->places = MQ_FAIR_QUEUE_PLACES;
    queue->last = NO_PLACE;
    atomic_store(&queue->holder, NO_PLACE);
    MQ_TRY(pthread_mutexattr_init(&kind));
    MQ_TRY(mutex_make(&queue->guard, &kind));
    for (i = 0; i < MQ_FAIR_QUEUE_PLACES; i++) {
        MQ_TRY(mutex_make(&queue->place[i].occupied, &kind));
    }
    MQ_TRY(pthread_mutexattr_destroy(&kind));
    queue->magic = QUEUE_MAGIC;
    *queue_out = queue;
    return APR_SUCCESS;
}

apr_status_t mq_fair_queue_attach(mq_fair_queue_t **queue_out, void *memory, apr_size_t size)
{
    mq_fair_queue_t *queue = memory;

    if (size < sizeof *queue || queue->magic != QUEUE_MAGIC || queue->version != QUEUE_VERSION ||
        queue->places != MQ_FAIR_QUEUE_PLACES) {
        return MQ_ECORRUPT;
    }
    *queue_out = queue;
    return APR_SUCCESS;
}

/* Wait in our place until the turn is ours. */
static apr_status_t turn_await(mq_fair_queue_t *queue, apr_uint32_t mine,
                               const struct timespec *until)
{
    place_t *place = &queue->place[mine];
    int turn = 0;

    while (!turn) {
        apr_uint32_t before = place->before; /* ours to read: only we change it */
        int died;

        if (before == NO_PLACE) { /* the very first, or behind such a one that left */
            atomic_store(&place->state, HOLDING);
            atomic_store(&queue->holder, mine);
            break;
        }
        MQ_TRY(place_lock(&queue->place[before], until, &died));
        MQ_TRY(place_succeed(&turn, queue, mine, before, died));
    }
    atomic_fetch_add(&queue->turns, 1);
    return APR_SUCCESS;
}

apr_status_t mq_fair_queue_lock(mq_fair_queue_t *queue, apr_interval_time_t timeout)
{
    struct timespec until = mq_deadline_after(timeout);
    apr_uint32_t mine = NO_PLACE;
    apr_status_t rv;

    MQ_TRY(place_take(&mine, queue));
    rv = turn_await(queue, mine, timeout > 0 ? &until : NULL);
    if (rv == APR_SUCCESS) {
        return rv;
    }
    MQ_TRY(place_leave(queue, mine));
    if (rv == ETIMEDOUT) {
        atomic_fetch_add(&queue->timeouts, 1);
        return APR_TIMEUP;
    }
    return rv == EDEADLK ? MQ_EBUG : rv;
}

/* The state stays HOLDING: with its mutex free, or its owner dead, the turn has ended. */
apr_status_t mq_fair_queue_unlock(mq_fair_queue_t *queue)
{
    unsigned int holder = atomic_load(&queue->holder);

    if (holder >= MQ_FAIR_QUEUE_PLACES ||
        pthread_mutex_unlock(&queue->place[holder].occupied) != 0) { /* EPERM: not ours */
        return MQ_EBUG;
    }
    return APR_SUCCESS;
}

void mq_fair_queue_counts(mq_fair_queue_counts_t *counts_out, mq_fair_queue_t *queue)
{
    int i;

    counts_out->waiting = 0;
    for (i = 0; i < MQ_FAIR_QUEUE_PLACES; i++) {
        counts_out->waiting += atomic_load(&queue->place[i].state) == WAITING;
    }
    counts_out->turns = atomic_load(&queue->turns);
    counts_out->timeouts = atomic_load(&queue->timeouts);
    counts_out->recoveries = atomic_load(&queue->recoveries);
}

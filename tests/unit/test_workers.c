/* test_workers.c -- what base/workers.h promises: so many at once over all processes, at a low
 * priority, and nobody waits for ever. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_general.h>
#include <apr_pools.h>

#include "base/workers.h"

#define SECOND ((apr_interval_time_t)1000000)
#define PATIENCE (30 * SECOND)

enum { SEATS = 2, LINE = 16 /* who may wait */ };

/* Shared by the test's processes. */
typedef struct shared_t {
    atomic_int inside, most, done;
} shared_t;

static void *shared_memory(apr_size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);
    return memory;
}

static const mq_sharers_t anybody = {0, 0};

static mq_fair_queue_t *seats[SEATS];

static mq_workers_t *workers_of(int count, apr_pool_t **pool_out)
{
    mq_workers_t *workers;
    apr_size_t size = mq_fair_queue_size();
    for (int i = 0; i < count; i++) {
        assert_int_equal(mq_fair_queue_create(&seats[i], shared_memory(size), size), APR_SUCCESS);
    }
    assert_int_equal(apr_pool_create(pool_out, NULL), APR_SUCCESS);
    assert_int_equal(mq_workers_make(&workers, seats, count, LINE, *pool_out), APR_SUCCESS);
    return workers;
}

static void await(atomic_int *value, int wanted)
{
    for (int turn = 0; atomic_load(value) < wanted; turn++) {
        assert_true(turn < 300000);
        usleep(100);
    }
}

/* --- works --- */

static void look_at_thread(void *context)
{
    int *seen = context;
    sigset_t blocked;
    seen[0] = (int)gettid();
    seen[1] = getpriority(PRIO_PROCESS, (id_t)gettid());
    (void)pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    seen[2] = sigismember(&blocked, SIGTERM);
}

static void stay_a_moment(void *context)
{
    shared_t *shared = context;
    int inside = atomic_fetch_add(&shared->inside, 1) + 1;
    int most = atomic_load(&shared->most);
    while (inside > most && !atomic_compare_exchange_weak(&shared->most, &most, inside)) {
    }
    usleep(2000);
    atomic_fetch_sub(&shared->inside, 1);
    atomic_fetch_add(&shared->done, 1);
}

typedef struct door_t {
    atomic_int entered, open;
} door_t;

static void wait_for_door(void *context)
{
    door_t *door = context;
    atomic_fetch_add(&door->entered, 1);
    await(&door->open, 1);
}

static void count(void *context)
{
    atomic_fetch_add((atomic_int *)context, 1);
}

/* --- callers in threads of their own --- */

typedef struct caller_t {
    mq_workers_t *workers;
    mq_sharers_t sharers;
    mq_work_t *work;
    void *context;
    apr_interval_time_t timeout;
    atomic_int status;
    pthread_t thread;
} caller_t;

static void *caller_run(void *data)
{
    caller_t *caller = data;
    atomic_store(&caller->status, mq_workers_do(caller->workers, caller->sharers, caller->work,
                                                caller->context, caller->timeout));
    return NULL;
}

static void caller_begin_for(caller_t *caller, mq_workers_t *workers, mq_sharers_t sharers,
                             mq_work_t *work, void *context, apr_interval_time_t timeout)
{
    *caller = (caller_t){workers, sharers, work, context, timeout, APR_EGENERAL, 0};
    assert_int_equal(pthread_create(&caller->thread, NULL, caller_run, caller), 0);
}

static void caller_begin(caller_t *caller, mq_workers_t *workers, mq_work_t *work, void *context,
                         apr_interval_time_t timeout)
{
    caller_begin_for(caller, workers, anybody, work, context, timeout);
}

static apr_status_t caller_end(caller_t *caller)
{
    assert_int_equal(pthread_join(caller->thread, NULL), 0);
    return caller->status;
}

static void await_refused(caller_t *callers, int many, int wanted)
{
    for (int turn = 0, refused = 0; refused < wanted; turn++) {
        refused = 0;
        for (int i = 0; i < many; i++) {
            refused += atomic_load(&callers[i].status) == MQ_EFULL;
        }
        assert_true(turn < 30000);
        usleep(1000);
    }
}

static void await_in_line(mq_workers_t *workers, int wanted)
{
    for (int turn = 0; mq_workers_waiting(workers) != wanted; turn++) {
        assert_true(turn < 300000);
        usleep(100);
    }
}

/* --- the promises --- */

static void work_is_done_by_a_nicer_thread_that_takes_no_signals(void **state)
{
    apr_pool_t *pool;
    mq_workers_t *workers = workers_of(1, &pool);
    int seen[3] = {0, 0, 0};
    (void)state;
    assert_int_equal(mq_workers_do(workers, anybody, look_at_thread, seen, PATIENCE), APR_SUCCESS);
    assert_int_not_equal(seen[0], (int)gettid());
    assert_true(seen[1] > getpriority(PRIO_PROCESS, 0) || seen[1] == 19);
    assert_int_equal(seen[2], 1);
    apr_pool_destroy(pool);
    assert_int_equal(mq_workers_do(NULL, anybody, look_at_thread, seen, 0), APR_SUCCESS);
    assert_int_equal(seen[0], (int)gettid());
}

static void two_processes_together_have_no_more_at_once_than_seats(void **state)
{
    enum { CALLERS = 12 };
    shared_t *shared = shared_memory(sizeof *shared);
    caller_t callers[CALLERS];
    apr_pool_t *pool;
    mq_workers_t *workers = workers_of(SEATS, &pool);
    pid_t child = fork();
    int status;
    (void)state;
    for (int i = 0; i < CALLERS; i++) {
        caller_begin(&callers[i], workers, stay_a_moment, shared, PATIENCE);
    }
    for (int i = 0; i < CALLERS; i++) {
        assert_int_equal(caller_end(&callers[i]), APR_SUCCESS);
    }
    apr_pool_destroy(pool);
    if (child == 0) {
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(atomic_load(&shared->done), 2 * CALLERS);
    assert_int_equal(atomic_load(&shared->most), SEATS);
}

static void a_killed_process_leaves_its_seat(void **state)
{
    door_t *door = shared_memory(sizeof *door);
    atomic_int done = 0;
    apr_pool_t *pool;
    mq_workers_t *workers = workers_of(1, &pool);
    pid_t child = fork();
    int status;
    (void)state;
    if (child == 0) {
        (void)mq_workers_do(workers, anybody, wait_for_door, door, PATIENCE);
        _exit(1);
    }
    await(&door->entered, 1);
    assert_int_equal(mq_workers_do(workers, anybody, count, &done, SECOND / 20), MQ_EFULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(mq_workers_do(workers, anybody, count, &done, PATIENCE), APR_SUCCESS);
    assert_int_equal(atomic_load(&done), 1); /* what was given up is never done */
    apr_pool_destroy(pool);
}

static void a_long_line_is_refused_at_once_and_a_short_one_in_time(void **state)
{
    enum { MANY = 40 };
    door_t door = {0, 0};
    atomic_int done = 0;
    caller_t inside, waiting[MANY];
    apr_pool_t *pool;
    mq_workers_t *workers = workers_of(1, &pool);
    int refused = 0;
    (void)state;
    caller_begin(&inside, workers, wait_for_door, &door, PATIENCE);
    await(&door.entered, 1);
    for (int i = 0; i < MANY; i++) {
        caller_begin(&waiting[i], workers, count, &done, SECOND / 5);
    }
    for (int i = 0; i < MANY; i++) {
        refused += caller_end(&waiting[i]) == MQ_EFULL;
    }
    assert_int_equal(refused, MANY);
    assert_int_equal(atomic_load(&done), 0);
    for (int i = 0; i < MANY; i++) {
        caller_begin(&waiting[i], workers, count, &done, PATIENCE);
    }
    await_refused(waiting, MANY, MANY - LINE); /* those wait as long as the door is closed */
    atomic_store(&door.open, 1);
    assert_int_equal(caller_end(&inside), APR_SUCCESS);
    for (int i = 0; i < MANY; i++) {
        (void)caller_end(&waiting[i]);
    }
    assert_int_equal(atomic_load(&done), LINE);
    apr_pool_destroy(pool);
}

static void *pool_end(void *pool)
{
    apr_pool_destroy(pool);
    return NULL;
}

static void the_end_sends_those_away_who_wait(void **state)
{
    door_t door = {0, 0};
    atomic_int done = 0;
    caller_t inside, waiting[LINE + 1];
    apr_pool_t *pool;
    mq_workers_t *workers = workers_of(1, &pool);
    pthread_t ending;
    (void)state;
    caller_begin(&inside, workers, wait_for_door, &door, PATIENCE);
    await(&door.entered, 1);
    for (int i = 0; i <= LINE; i++) {
        caller_begin(&waiting[i], workers, count, &done, PATIENCE);
    }
    await_refused(waiting, LINE + 1, 1); /* so the others are in the line */
    assert_int_equal(pthread_create(&ending, NULL, pool_end, pool), 0);
    await_refused(waiting, LINE + 1, LINE + 1);
    for (int i = 0; i <= LINE; i++) {
        (void)caller_end(&waiting[i]);
    }
    atomic_store(&door.open, 1); /* what was begun is done before the end */
    assert_int_equal(pthread_join(ending, NULL), 0);
    assert_int_equal(caller_end(&inside), APR_SUCCESS);
    assert_int_equal(atomic_load(&done), 0);
}

/* Writes down its number, in the order in which it is done. */
typedef struct turn_t {
    atomic_int *place;
    int *order;
    int number;
} turn_t;

static void turn_take(void *context)
{
    const turn_t *turn = context;
    turn->order[atomic_fetch_add(turn->place, 1)] = turn->number;
}

/* An address that has filled the line, an account from many addresses or from one, lets the
 * others through at once: the last of those with most in the line is sent away for them. */
static void nobody_with_much_in_the_line_keeps_the_others_waiting(void **state)
{
    static const mq_sharers_t greedy[] = {{0, 7}, {9, 0}, {9, 5}};
    for (size_t g = 0; g < sizeof greedy / sizeof *greedy; g++) {
        door_t door = {0, 0};
        atomic_int place = 0;
        int order[LINE + 1];
        turn_t turns[LINE + 1];
        caller_t inside, waiting[LINE + 1];
        apr_pool_t *pool;
        mq_workers_t *workers = workers_of(1, &pool);
        int refused = 0;
        (void)state;
        caller_begin(&inside, workers, wait_for_door, &door, PATIENCE);
        await(&door.entered, 1);
        for (int i = 0; i <= LINE; i++) {
            mq_sharers_t sharers = i < LINE ? greedy[g] : (mq_sharers_t){4, 5};
            turns[i] = (turn_t){&place, order, i};
            caller_begin_for(&waiting[i], workers, sharers, turn_take, &turns[i], PATIENCE);
            await_in_line(workers, LINE < i + 1 ? LINE : i + 1);
        }
        await_refused(waiting, LINE, 1); /* one of the greedy */
        atomic_store(&door.open, 1);
        assert_int_equal(caller_end(&inside), APR_SUCCESS);
        for (int i = 0; i < LINE; i++) {
            refused += caller_end(&waiting[i]) == MQ_EFULL;
        }
        assert_int_equal(caller_end(&waiting[LINE]), APR_SUCCESS);
        assert_int_equal(refused, 1);
        assert_true(order[0] == LINE || order[1] == LINE);
        apr_pool_destroy(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_is_done_by_a_nicer_thread_that_takes_no_signals),
        cmocka_unit_test(two_processes_together_have_no_more_at_once_than_seats),
        cmocka_unit_test(a_killed_process_leaves_its_seat),
        cmocka_unit_test(a_long_line_is_refused_at_once_and_a_short_one_in_time),
        cmocka_unit_test(nobody_with_much_in_the_line_keeps_the_others_waiting),
        cmocka_unit_test(the_end_sends_those_away_who_wait),
    };
    apr_initialize();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

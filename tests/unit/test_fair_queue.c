/* test_fair_queue.c -- what base/fair_queue.h promises: one at a time, in the order of arrival,
 * and the queue moves on when somebody in it gives up or is killed. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <apr_general.h>

#include "base/status.h"
#include "base/fair_queue.h"

#define SECOND ((apr_interval_time_t)1000000)
#define PATIENCE (30 * SECOND) /* far over what a sound queue needs, even under a sanitizer */

static void *shared_memory(apr_size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(memory, MAP_FAILED);
    return memory;
}

static mq_fair_queue_t *queue_make(void)
{
    mq_fair_queue_t *queue;
    apr_size_t size = mq_fair_queue_size();

    assert_int_equal(mq_fair_queue_create(&queue, shared_memory(size), size), APR_SUCCESS);
    return queue;
}

static void queue_drop(mq_fair_queue_t *queue)
{
    munmap(queue, mq_fair_queue_size());
}

static apr_int64_t microseconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (apr_int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void pause_for(apr_interval_time_t time)
{
    struct timespec pause = {(time_t)(time / SECOND), (long)(time % SECOND) * 1000};

    nanosleep(&pause, NULL);
}

static mq_fair_queue_counts_t counts_of(mq_fair_queue_t *queue)
{
    mq_fair_queue_counts_t counts;

    mq_fair_queue_counts(&counts, queue);
    return counts;
}

static void await_waiting(mq_fair_queue_t *queue, apr_uint32_t waiting)
{
    apr_int64_t end = microseconds() + PATIENCE;

    while (counts_of(queue).waiting != waiting) {
        assert_true(microseconds() < end);
        pause_for(100);
    }
}

/* --- one thread --- */

static void turn_comes_and_goes(void **state)
{
    mq_fair_queue_t *queue = queue_make();
    int i;

    (void)state;
    assert_int_equal(mq_fair_queue_unlock(queue), MQ_EBUG);
    for (i = 0; i < 5000; i++) { /* more often than there are places */
        assert_int_equal(mq_fair_queue_lock(queue, i % 2 ? 0 : SECOND), APR_SUCCESS);
        assert_int_equal(mq_fair_queue_unlock(queue), APR_SUCCESS);
    }
    assert_int_equal(mq_fair_queue_unlock(queue), MQ_EBUG);
    assert_int_equal(counts_of(queue).turns, 5000);
    assert_int_equal(counts_of(queue).waiting, 0);
    queue_drop(queue);
}

static void second_lock_by_one_thread_is_told_at_once(void **state)
{
    mq_fair_queue_t *queue = queue_make();

    (void)state;
    assert_int_equal(mq_fair_queue_lock(queue, SECOND), APR_SUCCESS);
    assert_int_equal(mq_fair_queue_lock(queue, PATIENCE), MQ_EBUG);
    assert_int_equal(mq_fair_queue_unlock(queue), APR_SUCCESS);
    assert_int_equal(mq_fair_queue_lock(queue, SECOND), APR_SUCCESS);
    assert_int_equal(mq_fair_queue_unlock(queue), APR_SUCCESS);
    queue_drop(queue);
}

static void queue_is_taken_up_again_and_foreign_memory_is_not(void **state)
{
    mq_fair_queue_t *queue = queue_make(), *again;
    apr_size_t size = mq_fair_queue_size();

    (void)state;
    assert_int_equal(mq_fair_queue_attach(&again, queue, size), APR_SUCCESS);
    assert_int_equal(mq_fair_queue_attach(&again, queue, size - 1), MQ_ECORRUPT);
    assert_int_equal(mq_fair_queue_create(&again, queue, size - 1), APR_EINVAL);
    memset(queue, 0, 16);
    assert_int_equal(mq_fair_queue_attach(&again, queue, size), MQ_ECORRUPT);
    queue_drop(queue);
}

/* --- several threads --- */

typedef struct writer_t {
    mq_fair_queue_t *queue;
    apr_interval_time_t timeout;
    apr_interval_time_t hold;
    apr_status_t rv;
    apr_int64_t waited;
    atomic_int *next; /* counts the turns */
    int turn;
} writer_t;

static void *write_once(void *argument)
{
    writer_t *writer = argument;
    apr_int64_t begin = microseconds();

    writer->rv = mq_fair_queue_lock(writer->queue, writer->timeout);
    writer->waited = microseconds() - begin;
    if (writer->rv == APR_SUCCESS) {
        writer->turn = atomic_fetch_add(writer->next, 1);
        pause_for(writer->hold);
        writer->rv = mq_fair_queue_unlock(writer->queue);
    }
    return NULL;
}

static void *unlock_as_stranger(void *argument)
{
    writer_t *writer = argument;

    writer->rv = mq_fair_queue_unlock(writer->queue);
    return NULL;
}

static void only_the_holder_can_unlock(void **state)
{
    mq_fair_queue_t *queue = queue_make();
    writer_t stranger = {queue, 0, 0, 0, 0, NULL, 0};
    pthread_t thread;

    (void)state;
    assert_int_equal(mq_fair_queue_lock(queue, SECOND), APR_SUCCESS);
    pthread_create(&thread, NULL, unlock_as_stranger, &stranger);
    pthread_join(thread, NULL);
    assert_int_equal(stranger.rv, MQ_EBUG);
    assert_int_equal(mq_fair_queue_unlock(queue), APR_SUCCESS);
    queue_drop(queue);
}

#define LINE 12

/* Every third gives up; the others get their turn in the order they came. */
static void turns_follow_the_order_of_arrival_past_those_who_gave_up(void **state)
{
    mq_fair_queue_t *queue = queue_make();
    atomic_int next = 0;
    writer_t writers[LINE];
    pthread_t threads[LINE];
    int i, expected = 0;

    (void)state;
    assert_int_equal(mq_fair_queue_lock(queue, SECOND), APR_SUCCESS);
    for (i = 0; i < LINE; i++) {
        writer_t writer = {queue, PATIENCE, 0, 0, 0, &next, -1};

        writer.timeout = i % 3 == 0 ? SECOND / 2 : PATIENCE;
        writers[i] = writer;
        pthread_create(&threads[i], NULL, write_once, &writers[i]);
        await_waiting(queue, (apr_uint32_t)i + 1);
    }
    for (i = 0; i < LINE; i += 3) {
        pthread_join(threads[i], NULL);
        assert_int_equal(writers[i].rv, APR_TIMEUP);
        assert_true(writers[i].waited >= SECOND / 2);
    }
    assert_int_equal(mq_fair_queue_lock(queue, 0), APR_TIMEUP);
    assert_int_equal(mq_fair_queue_unlock(queue), APR_SUCCESS);
    for (i = 0; i < LINE; i++) {
        if (i % 3 != 0) {
            pthread_join(threads[i], NULL);
            assert_int_equal(writers[i].rv, APR_SUCCESS);
            assert_int_equal(writers[i].turn, expected++);
        }
    }
    assert_int_equal(counts_of(queue).timeouts, LINE / 3 + 1);
    assert_int_equal(counts_of(queue).waiting, 0);
    queue_drop(queue);
}

static void *give_up_often(void *argument)
{
    writer_t *writer = argument;
    int i;

    for (i = 0; i < 2 * MQ_FAIR_QUEUE_PLACES; i++) {
        if (mq_fair_queue_lock(writer->queue, 0) != APR_TIMEUP) {
            writer->rv = MQ_EBUG;
        }
    }
    return NULL;
}

static void giving_up_uses_no_places_up(void **state)
{
    mq_fair_queue_t *queue = queue_make();
    writer_t writer = {queue, 0, 0, APR_SUCCESS, 0, NULL, 0};
    pthread_t thread;

    (void)state;
    assert_int_equal(mq_fair_queue_lock(queue, SECOND), APR_SUCCESS);
    pthread_create(&thread, NULL, give_up_often, &writer);
    pthread_join(thread, NULL);
    assert_int_equal(writer.rv, APR_SUCCESS);
    assert_int_equal(mq_fair_queue_unlock(queue), APR_SUCCESS);
    assert_int_equal(mq_fair_queue_lock(queue, 0), APR_SUCCESS);
    assert_int_equal(mq_fair_queue_unlock(queue), APR_SUCCESS);
    queue_drop(queue);
}

static void one_too_many_is_told_so(void **state)
{
    static pthread_t threads[MQ_FAIR_QUEUE_PLACES];
    mq_fair_queue_t *queue = queue_make();
    atomic_int next = 0;
    writer_t waiting = {queue, PATIENCE, 0, 0, 0, &next, -1};
    writer_t extra = {queue, PATIENCE, 0, 0, 0, &next, -1};
    writer_t *writers = calloc(MQ_FAIR_QUEUE_PLACES, sizeof *writers);
    int i;

    (void)state;
    assert_int_equal(mq_fair_queue_lock(queue, SECOND), APR_SUCCESS);
    for (i = 1; i < MQ_FAIR_QUEUE_PLACES; i++) {
        writers[i] = waiting;
        assert_int_equal(pthread_create(&threads[i], NULL, write_once, &writers[i]), 0);
    }
    await_waiting(queue, MQ_FAIR_QUEUE_PLACES - 1);
    pthread_create(&threads[0], NULL, write_once, &extra);
    pthread_join(threads[0], NULL);
    assert_int_equal(extra.rv, MQ_EFULL);
    assert_int_equal(mq_fair_queue_unlock(queue), APR_SUCCESS);
    for (i = 1; i < MQ_FAIR_QUEUE_PLACES; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(writers[i].rv, APR_SUCCESS);
    }
    free(writers);
    queue_drop(queue);
}

/* --- several processes --- */

#define THREADS 16
#define PROCESSES 2
#define TURNS 150
#define HOLD 100 /* microseconds */

typedef struct board_t {
    atomic_int inside; /* threads that have the turn */
    atomic_int wrong;  /* times it was more than one, or a status was not success */
    atomic_int ready;
    long unguarded; /* counted up without atomics: the queue is its only guard */
    atomic_int turns;
    apr_int64_t waits[PROCESSES * THREADS * TURNS]; /* how many turns others had meanwhile */
} board_t;

typedef struct thread_t {
    mq_fair_queue_t *queue;
    board_t *board;
    int number;
} thread_t;

static void *write_often(void *argument)
{
    thread_t *own = argument;
    board_t *board = own->board;
    int i;

    atomic_fetch_add(&board->ready, 1);
    while (atomic_load(&board->ready) < PROCESSES * THREADS) {
        pause_for(100);
    }
    for (i = 0; i < TURNS; i++) {
        int before = atomic_load(&board->turns);
        apr_int64_t got;

        if (mq_fair_queue_lock(own->queue, PATIENCE) != APR_SUCCESS) {
            atomic_fetch_add(&board->wrong, 1);
            continue;
        }
        got = microseconds();
        board->waits[own->number * TURNS + i] = atomic_fetch_add(&board->turns, 1) - before;
        if (atomic_fetch_add(&board->inside, 1) != 0) {
            atomic_fetch_add(&board->wrong, 1);
        }
        board->unguarded++;
        while (microseconds() - got < HOLD) {
        }
        atomic_fetch_sub(&board->inside, 1);
        if (mq_fair_queue_unlock(own->queue) != APR_SUCCESS) {
            atomic_fetch_add(&board->wrong, 1);
        }
    }
    return NULL;
}

static void run_threads(mq_fair_queue_t *queue, board_t *board, int process)
{
    pthread_t threads[THREADS];
    thread_t own[THREADS];
    int i;

    for (i = 0; i < THREADS; i++) {
        own[i].queue = queue;
        own[i].board = board;
        own[i].number = process * THREADS + i;
        pthread_create(&threads[i], NULL, write_often, &own[i]);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
}

static int compare_waits(const void *one, const void *other)
{
    apr_int64_t a = *(const apr_int64_t *)one, b = *(const apr_int64_t *)other;

    return (a > b) - (a < b);
}

static void writers_of_two_processes_get_equal_waits(void **state)
{
    mq_fair_queue_t *queue = queue_make();
    board_t *board = shared_memory(sizeof *board);
    const size_t count = PROCESSES * THREADS * TURNS;
    apr_int64_t worst;
    pid_t children[PROCESSES];
    int i, status;

    (void)state;
    for (i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            run_threads(queue, board, i);
            _exit(0);
        }
    }
    for (i = 0; i < PROCESSES; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(atomic_load(&board->wrong), 0);
    assert_int_equal(board->unguarded, count);
    qsort(board->waits, count, sizeof board->waits[0], compare_waits);
    worst = board->waits[count * 99 / 100];
    print_message("turns of others while one of %d writers waits: p99 %ld\n", PROCESSES * THREADS,
                  (long)worst);
    /* in order of arrival all wait for the same number of others; whoever was stopped between
     * looking and arriving has seen more, which is one in a thousand */
    assert_true(worst < 2 * PROCESSES * THREADS);
    assert_int_equal(counts_of(queue).turns, count);
    munmap(board, sizeof *board);
    queue_drop(queue);
}

static void holder_killed_hands_the_turn_on(void **state)
{
    mq_fair_queue_t *queue = queue_make();
    atomic_int next = 0;
    writer_t writers[2] = {{queue, PATIENCE, 0, 0, 0, &next, -1},
                           {queue, PATIENCE, 0, 0, 0, &next, -1}};
    pthread_t threads[2];
    atomic_int *holds = shared_memory(4096);
    pid_t child = fork();
    int i;

    (void)state;
    if (child == 0) {
        mq_fair_queue_lock(queue, SECOND);
        atomic_store(holds, 1);
        pause();
    }
    while (!atomic_load(holds)) {
        pause_for(100);
    }
    for (i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, write_once, &writers[i]);
        await_waiting(queue, (apr_uint32_t)i + 1);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    for (i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(writers[i].rv, APR_SUCCESS);
        assert_int_equal(writers[i].turn, i);
    }
    assert_int_equal(counts_of(queue).recoveries, 1);
    munmap(holds, 4096);
    queue_drop(queue);
}

static void waiter_killed_is_passed_over_and_never_lets_two_in(void **state)
{
    mq_fair_queue_t *queue = queue_make();
    atomic_int next = 0;
    writer_t writer = {queue, PATIENCE, 0, 0, 0, &next, -1};
    writer_t hasty = {queue, SECOND / 5, 0, 0, 0, &next, -1};
    pthread_t thread, hasty_thread;
    pid_t child;

    (void)state;
    assert_int_equal(mq_fair_queue_lock(queue, SECOND), APR_SUCCESS);
    child = fork();
    if (child == 0) {
        mq_fair_queue_lock(queue, PATIENCE);
        pause();
    }
    await_waiting(queue, 1);
    pthread_create(&thread, NULL, write_once, &writer);
    await_waiting(queue, 2);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    await_waiting(queue, 1);
    /* the one behind the dead waits on for us, and so does one who comes now */
    pthread_create(&hasty_thread, NULL, write_once, &hasty);
    pthread_join(hasty_thread, NULL);
    assert_int_equal(hasty.rv, APR_TIMEUP);
    assert_int_equal(writer.turn, -1);
    assert_int_equal(mq_fair_queue_unlock(queue), APR_SUCCESS);
    pthread_join(thread, NULL);
    assert_int_equal(writer.turn, 0);
    assert_int_equal(counts_of(queue).recoveries, 1);
    queue_drop(queue);
}

/* Kill children that do nothing but take turns; some die holding, waiting, or in the middle of
 * changing places. The queue stays sound and loses no place for good. */
static void processes_killed_at_random_do_not_stop_the_queue(void **state)
{
    mq_fair_queue_t *queue = queue_make();
    board_t *board = shared_memory(sizeof *board);
    atomic_int next = 0;
    writer_t writers[200];
    pthread_t threads[200];
    int round, i;

    (void)state;
    for (round = 0; round < 200; round++) {
        pid_t children[3];

        for (i = 0; i < 3; i++) {
            children[i] = fork();
            if (children[i] == 0) {
                for (;;) {
                    if (mq_fair_queue_lock(queue, i == 2 ? 5 : PATIENCE) == APR_SUCCESS) {
                        board->unguarded++;
                        mq_fair_queue_unlock(queue);
                    }
                }
            }
        }
        pause_for(500 + (round * 7919) % 997);
        for (i = 0; i < 3; i++) {
            kill(children[i], SIGKILL);
            waitpid(children[i], NULL, 0);
            if (i == 0) { /* while the others go on */
                assert_int_equal(mq_fair_queue_lock(queue, PATIENCE), APR_SUCCESS);
                assert_int_equal(mq_fair_queue_unlock(queue), APR_SUCCESS);
            }
        }
        assert_int_equal(mq_fair_queue_lock(queue, PATIENCE), APR_SUCCESS);
        assert_int_equal(mq_fair_queue_unlock(queue), APR_SUCCESS);
    }
    print_message("%u recoveries, %lu turns\n", counts_of(queue).recoveries,
                  (unsigned long)counts_of(queue).turns);
    assert_int_equal(mq_fair_queue_lock(queue, PATIENCE), APR_SUCCESS);
    for (i = 0; i < 200; i++) {
        writer_t writer = {queue, PATIENCE, 0, 0, 0, &next, -1};

        writers[i] = writer;
        pthread_create(&threads[i], NULL, write_once, &writers[i]);
        await_waiting(queue, (apr_uint32_t)i + 1);
    }
    assert_int_equal(mq_fair_queue_unlock(queue), APR_SUCCESS);
    for (i = 0; i < 200; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(writers[i].turn, i);
    }
    munmap(board, sizeof *board);
    queue_drop(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turn_comes_and_goes),
        cmocka_unit_test(second_lock_by_one_thread_is_told_at_once),
        cmocka_unit_test(queue_is_taken_up_again_and_foreign_memory_is_not),
        cmocka_unit_test(only_the_holder_can_unlock),
        cmocka_unit_test(turns_follow_the_order_of_arrival_past_those_who_gave_up),
        cmocka_unit_test(giving_up_uses_no_places_up),
        cmocka_unit_test(one_too_many_is_told_so),
        cmocka_unit_test(writers_of_two_processes_get_equal_waits),
        cmocka_unit_test(holder_killed_hands_the_turn_on),
        cmocka_unit_test(waiter_killed_is_passed_over_and_never_lets_two_in),
        cmocka_unit_test(processes_killed_at_random_do_not_stop_the_queue),
    };
    int failed;

    apr_initialize();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}

/* test_mail_queue.c -- what base/mail_queue.h promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <apr_time.h>
#include <unistd.h>

#include "base/mail.h"
#include "base/mail_queue.h"

enum { FLOOD = 1000000 };

typedef struct world_t {
    apr_pool_t *pool; /* of the test */
    apr_pool_t *process;
    char path[32]; /* mails are added to this file */
    const char *argv[4];
    mq_mail_queue_t *queue;
    atomic_int told;
    const char *what; /* was told last */
} world_t;

static void tell(apr_status_t rv, const char *what, void *context)
{
    world_t *world = context;
    (void)rv;
    world->what = apr_pstrdup(world->pool, what);
    world->told++;
}

static int world_make(void **state)
{
    apr_pool_t *pool;
    world_t *world;
    assert_int_equal(apr_pool_create(&pool, NULL), APR_SUCCESS);
    world = apr_pcalloc(pool, sizeof *world);
    world->pool = pool;
    assert_int_equal(apr_pool_create(&world->process, NULL), APR_SUCCESS);
    (void)apr_cpystrn(world->path, "/tmp/medsynq-mails-XXXXXX", sizeof world->path);
    (void)close(mkstemp(world->path));
    world->argv[0] = "/usr/bin/tee";
    world->argv[1] = "-a";
    world->argv[2] = world->path;
    assert_int_equal(mq_mail_queue_make(&world->queue, world->argv, tell, world, world->process),
                     APR_SUCCESS);
    *state = world;
    return 0;
}

static int world_drop(void **state)
{
    world_t *world = *state;
    if (world->process) {
        apr_pool_destroy(world->process);
    }
    (void)unlink(world->path);
    apr_pool_destroy(world->pool);
    return 0;
}

static const char *mails_read(const world_t *world)
{
    apr_size_t length = 4096;
    char *text = apr_pcalloc(world->pool, length + 1);
    apr_file_t *file;
    assert_int_equal(apr_file_open(&file, world->path, APR_READ, 0, world->pool), APR_SUCCESS);
    (void)apr_file_read(file, text, &length);
    (void)apr_file_close(file);
    return text;
}

/* The command runs on its own: wait for what it writes. */
static void mails_await(const world_t *world, const char *wanted)
{
    for (int i = 0; i < 3000 && strcmp(mails_read(world), wanted) != 0; i++) {
        apr_sleep(apr_time_from_msec(20));
    }
    assert_string_equal(mails_read(world), wanted);
}

static void process_end(world_t *world)
{
    apr_pool_destroy(world->process);
    world->process = NULL;
}

static void a_mail_leaves_by_itself(void **state)
{
    world_t *world = *state;
    assert_int_equal(mq_mail_queue_add(world->queue, "one\n", 1), APR_SUCCESS);
    mails_await(world, "one\n");
}

static void one_that_is_not_meant_goes_the_same_way_and_no_further(void **state)
{
    world_t *world = *state;
    assert_int_equal(mq_mail_queue_add(world->queue, "nobody's\n", 0), APR_SUCCESS);
    assert_int_equal(mq_mail_queue_add(world->queue, "one\n", 1), APR_SUCCESS);
    process_end(world);
    mails_await(world, "one\n");
}

static void what_waits_when_the_process_ends_is_handed_over_first(void **state)
{
    world_t *world = *state;
    assert_int_equal(mq_mail_queue_add(world->queue, "last\n", 1), APR_SUCCESS);
    process_end(world);
    mails_await(world, "last\n");
}

static void a_flood_is_refused_and_what_waits_stays(void **state)
{
    world_t *world = *state;
    apr_status_t rv = APR_SUCCESS;
    int added = 0;
    assert_int_equal(mq_mail_queue_add(world->queue, "mine\n", 1), APR_SUCCESS);
    while (added < FLOOD && rv == APR_SUCCESS) {
        rv = mq_mail_queue_add(world->queue, "theirs\n", 0);
        added++;
    }
    assert_int_equal(rv, MQ_EFULL);
    process_end(world);
    mails_await(world, "mine\n");
}

static void what_cannot_be_handed_over_is_told(void **state)
{
    world_t *world = *state;
    char *long_one = apr_palloc(world->pool, 40001);
    memset(long_one, 'x', 40000);
    long_one[40000] = 0;
    assert_int_equal(mq_mail_queue_add(world->queue, long_one, 1), APR_SUCCESS);
    process_end(world);
    assert_int_equal(world->told, 1);
    assert_string_equal(world->what, "it could not be started");
}

/* The thread is through with a mail when the next has left. */
static void how_the_command_ends_is_told(void **state)
{
    static const struct {
        const char *script;
        const char *said; /* NULL: nothing */
    } ends[] = {{"cat >/dev/null", NULL},
                {"echo no such user >&2; exit 67", "the command ended with 67"},
                {"kill -9 $$", "the command was ended by signal 9"},
                {"exec /nowhere 2>/dev/null", "the command cannot be run (127)"},
                {"head -c 300000 /dev/zero; exit 75", "the command ended with 75"}};
    world_t *world = *state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *argv[] = {"/bin/sh", "-c", NULL, NULL};
        mq_mail_end_t end;
        const char *fault;
        argv[2] = ends[i].script;
        assert_int_equal(mq_mail_hand_over(&end, argv, "x", 60, NULL), APR_SUCCESS);
        assert_true(end.has_ended);
        fault = mq_mail_end_fault(&end, world->pool);
        assert_string_equal(fault ? fault : "", ends[i].said ? ends[i].said : "");
        if (i == 1) {
            assert_string_equal(end.said, "no such user\n");
        }
    }
}

static void whoever_hurries_does_not_wait(void **state)
{
    static const char *const argv[] = {"/bin/sleep", "5", NULL};
    world_t *world = *state;
    atomic_int hurry = 1;
    mq_mail_end_t end;
    assert_int_equal(mq_mail_hand_over(&end, argv, "x", 600, &hurry), APR_SUCCESS);
    assert_false(end.has_ended);
    assert_string_equal(mq_mail_end_fault(&end, world->pool), "the command has not ended yet");
}

static void a_command_that_fails_is_told_of(void **state)
{
    static const char *const argv[] = {"/bin/false", NULL};
    world_t *world = *state;
    mq_mail_queue_t *queue;
    apr_pool_t *process;
    assert_int_equal(apr_pool_create(&process, NULL), APR_SUCCESS);
    assert_int_equal(mq_mail_queue_make(&queue, argv, tell, world, process), APR_SUCCESS);
    assert_int_equal(mq_mail_queue_add(queue, "one\n", 1), APR_SUCCESS);
    for (int i = 0; i < 3000 && !atomic_load(&world->told); i++) {
        apr_sleep(apr_time_from_msec(20));
    }
    apr_pool_destroy(process);
    assert_string_equal(world->what, "the command ended with 1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(a_mail_leaves_by_itself),
                                       TEST(one_that_is_not_meant_goes_the_same_way_and_no_further),
                                       TEST(what_waits_when_the_process_ends_is_handed_over_first),
                                       TEST(a_flood_is_refused_and_what_waits_stays),
                                       TEST(what_cannot_be_handed_over_is_told),
                                       TEST(how_the_command_ends_is_told),
                                       TEST(whoever_hurries_does_not_wait),
                                       TEST(a_command_that_fails_is_told_of)};
    int failed;
    apr_initialize();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}

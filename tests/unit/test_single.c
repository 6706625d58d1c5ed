/* test_single.c -- the store of a command: whatever fails while something is on loan, it ends. */
#include "fixture.h"

#include <unistd.h>

#include "store/db.h"
#include "store/single.h"

enum { SECONDS_UNTIL_IT_HANGS = 20 };

static mq_single_t *single_open(fixture_t *f, apr_pool_t *pool)
{
    mq_single_t *single;
    const char *error = NULL;
    assert_ok(mq_single_open(&single, "sqlite3", f->database, &error, pool));
    return single;
}

static void whoever_failed_in_a_turn_does_not_keep_the_command_from_ending(void **state)
{
    fixture_t *f = *state;
    mq_group_t *group;
    mq_single_t *single;
    apr_pool_t *pool;
    assert_ok(apr_pool_create(&pool, f->pool));
    single = single_open(f, pool);
    assert_ok(mq_db_group_begin(&group, &single->store, pool));
    (void)alarm(SECONDS_UNTIL_IT_HANGS);
    mq_single_close(single, pool);
    apr_pool_destroy(pool);
    (void)alarm(0);
}

static void what_was_open_then_is_undone_and_locks_nobody_out(void **state)
{
    fixture_t *f = *state;
    mq_group_t *group;
    apr_pool_t *pool;
    for (int i = 0; i < 2; i++) {
        assert_ok(apr_pool_create(&pool, f->pool));
        mq_single_t *single = single_open(f, pool);
        assert_ok(mq_db_group_begin(&group, &single->store, pool));
        mq_single_close(single, pool);
        apr_pool_destroy(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whoever_failed_in_a_turn_does_not_keep_the_command_from_ending),
        TEST(what_was_open_then_is_undone_and_locks_nobody_out)};
    return FIXTURE_RUN(tests);
}

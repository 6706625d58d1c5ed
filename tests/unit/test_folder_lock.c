/* test_folder_lock.c -- servers share a folder, an exchange has it alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/folder_lock.h"

static apr_pool_t *pool;

static const char *folder_make(void)
{
    char *folder = apr_pstrdup(pool, "/tmp/medsynq-lock-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static void servers_share_and_an_exchange_is_alone(void **state)
{
    const char *folder = folder_make();
    const char *file = apr_pstrcat(pool, folder, "/medsynq.db", NULL);
    apr_pool_t *server;
    apr_pool_t *other;
    apr_pool_t *exchange;
    (void)state;
    (void)apr_pool_create(&server, pool);
    (void)apr_pool_create(&other, pool);
    (void)apr_pool_create(&exchange, pool);
    assert_int_equal(mq_folder_lock(file, 0, server), APR_SUCCESS);
    assert_int_equal(mq_folder_lock(file, 0, other), APR_SUCCESS);
    assert_int_equal(mq_folder_lock(file, 1, exchange), MQ_EFULL);
    apr_pool_destroy(server);
    assert_int_equal(mq_folder_lock(file, 1, exchange), MQ_EFULL);
    apr_pool_destroy(other);
    assert_int_equal(mq_folder_lock(file, 1, exchange), APR_SUCCESS);
    assert_int_equal(mq_folder_lock(file, 0, pool), MQ_EFULL);
    apr_pool_destroy(exchange);
    assert_int_equal(rmdir(folder), 0);
}

static void a_missing_folder_is_told(void **state)
{
    (void)state;
    assert_true(APR_STATUS_IS_ENOENT(mq_folder_lock("/nowhere/at/all/medsynq.db", 0, pool)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(servers_share_and_an_exchange_is_alone),
                                       cmocka_unit_test(a_missing_folder_is_told)};
    int failed;
    (void)apr_initialize();
    (void)apr_pool_create(&pool, NULL);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_terminate();
    return failed;
}

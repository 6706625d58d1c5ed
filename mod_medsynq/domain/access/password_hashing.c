/* password_hashing.c -- base/crypto.h's bcrypt on the workers. No connection is on loan meanwhile.
 */
#include "domain/access/password_hashing.h"

#include <string.h>

#include "base/crypto.h"

enum { WAIT_SECONDS = 2 };

/* One password's arithmetic, and what came of it. */
typedef struct task_t {
    const char *password;
    const char *stored; /* to check against; of a new one the result */
    int cost;
    apr_pool_t *pool;
    apr_status_t status;
} task_t;

static void hash_do(void *context)
{
    task_t *task = context;
    task->status = mq_password_hash(&task->stored, task->password, strlen(task->password),
                                    task->cost, task->pool);
}

static void verify_do(void *context)
{
    task_t *task = context;
    task->status = mq_password_verify(task->password, strlen(task->password), task->stored);
}

apr_status_t mq_passwords_hash(const char **stored_out, const mq_core_t *core, const char *password,
                               apr_pool_t *pool)
{
    task_t task = {.password = password, .cost = core->password_cost, .pool = pool};
    MQ_TRY(mq_workers_do(core->hashing, hash_do, &task, apr_time_from_sec(WAIT_SECONDS)));
    *stored_out = task.stored;
    return task.status;
}

apr_status_t mq_passwords_verify(const mq_core_t *core, const char *password, const char *stored)
{
    task_t task = {.password = password, .stored = stored};
    MQ_TRY(mq_workers_do(core->hashing, verify_do, &task, apr_time_from_sec(WAIT_SECONDS)));
    return task.status;
}

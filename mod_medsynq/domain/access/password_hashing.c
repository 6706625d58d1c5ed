/* password_hashing.c -- base/crypto.h's bcrypt on the workers. No connection is on loan meanwhile.
 */
#include "domain/access/password_hashing.h"

#include <string.h>
#include <unistd.h>

#include "base/crypto.h"

enum {
    WAIT_SECONDS = 20,   /* for one's turn: sixty people who come at once all get theirs */
    OUTCOME_SECONDS = 2, /* for what comes of a try of the same account or address */
    OUTCOME_STEP_USEC = 5000
};

/* One password's arithmetic, and what came of it. */
typedef struct task_t {
    const mq_visit_t *visit;
    apr_time_t began; /* to wait */
    const char *password;
    const char *stored; /* to check against; of a new one the result */
    const mq_password_try_t *attempt;
    int wait;
    apr_status_t status;
} task_t;

static apr_status_t in_turn(task_t *task, const char *whose, mq_work_t *work)
{
    const mq_visit_t *visit = task->visit;
    mq_sharers_t sharers = {mq_throttle_tag(visit, MQ_THROTTLE_ACCOUNT, whose),
                            mq_throttle_tag(visit, MQ_THROTTLE_ADDRESS, "")};
    task->began = apr_time_now();
    MQ_TRY(
        mq_workers_do(visit->core->hashing, sharers, work, task, apr_time_from_sec(WAIT_SECONDS)));
    return task->status;
}

static void hash_do(void *context)
{
    task_t *task = context;
    task->status = mq_password_hash(&task->stored, task->password, strlen(task->password),
                                    task->visit->core->password_cost, task->visit->pool);
}

apr_status_t mq_passwords_hash(const char **stored_out, const mq_visit_t *visit, const char *whose,
                               const char *password)
{
    task_t task = {.visit = visit, .password = password};
    MQ_TRY(in_turn(&task, whose, hash_do));
    *stored_out = task.stored;
    return APR_SUCCESS;
}

/* Another worker is at the last try that may fail: what comes of it decides. */
static apr_status_t take(int *wait_out, const mq_visit_t *visit, mq_throttle_t kind,
                         const char *name)
{
    apr_status_t rv = mq_throttle_take(wait_out, visit, kind, name);
    for (int i = 0; rv == MQ_EFULL && i < OUTCOME_SECONDS * (APR_USEC_PER_SEC / OUTCOME_STEP_USEC);
         i++) {
        (void)usleep(OUTCOME_STEP_USEC);
        rv = mq_throttle_take(wait_out, visit, kind, name);
    }
    return rv;
}

/* At both counters or at none. */
static apr_status_t take_all(task_t *task, const mq_visit_t *now)
{
    const mq_password_try_t *attempt = task->attempt;
    apr_status_t rv;
    MQ_TRY(take(&task->wait, now, attempt->kind, attempt->name));
    rv = attempt->counts_address ? take(&task->wait, now, MQ_THROTTLE_ADDRESS, "") : APR_SUCCESS;
    if (rv != APR_SUCCESS) {
        mq_throttle_end(now, attempt->kind, attempt->name, MQ_TRY_UNDECIDED);
    }
    return rv;
}

static mq_try_end_t end_of(const task_t *task)
{
    return task->status == MQ_EDENIED                              ? MQ_TRY_FAILED
           : task->status == APR_SUCCESS && task->attempt->may_fit ? MQ_TRY_FITS
           : task->status == APR_SUCCESS                           ? MQ_TRY_FAILED
                                                                   : MQ_TRY_UNDECIDED;
}

static void verify_do(void *context)
{
    task_t *task = context;
    const mq_password_try_t *attempt = task->attempt;
    mq_visit_t now = *task->visit; /* after the wait in the line */
    apr_interval_time_t waited = apr_time_now() - task->began;
    now.now += waited > 0 && now.core->hashing ? waited : 0; /* without workers there is no line */
    task->status = take_all(task, &now);
    if (task->status != APR_SUCCESS) {
        return;
    }
    task->status = mq_password_verify(task->password, strlen(task->password), task->stored);
    mq_throttle_end(&now, attempt->kind, attempt->name, end_of(task));
    if (attempt->counts_address) {
        mq_throttle_end(&now, MQ_THROTTLE_ADDRESS, "", end_of(task));
    }
    if (end_of(task) == MQ_TRY_FAILED) {
        task->status = MQ_EDENIED;
    }
}

apr_status_t mq_passwords_verify(int *wait_out, const mq_visit_t *visit,
                                 const mq_password_try_t *attempt, const char *password,
                                 const char *stored)
{
    task_t task = {.visit = visit, .password = password, .stored = stored, .attempt = attempt};
    apr_status_t rv = in_turn(&task, attempt->name, verify_do);
    *wait_out = task.wait;
    return rv;
}

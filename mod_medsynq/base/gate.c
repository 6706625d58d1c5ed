/* gate.c -- a counting semaphore with a time limit, of APR's mutex and condition. */
#include "base/gate.h"

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>

struct mq_gate_t {
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *freed;
    int free;
};

apr_status_t mq_gate_make(mq_gate_t **gate_out, int places, apr_pool_t *pool)
{
    mq_gate_t *gate = apr_pcalloc(pool, sizeof *gate);
    gate->free = places;
    MQ_TRY(apr_thread_mutex_create(&gate->mutex, APR_THREAD_MUTEX_DEFAULT, pool));
    MQ_TRY(apr_thread_cond_create(&gate->freed, pool));
    *gate_out = gate;
    return APR_SUCCESS;
}

apr_status_t mq_gate_enter(mq_gate_t *gate, apr_interval_time_t timeout)
{
    apr_time_t end = apr_time_now() + timeout;
    apr_status_t rv = APR_SUCCESS;
    if (!gate) {
        return APR_SUCCESS;
    }
    MQ_TRY(apr_thread_mutex_lock(gate->mutex));
    while (gate->free == 0 && rv == APR_SUCCESS) {
        apr_interval_time_t left = end - apr_time_now();
        rv = left > 0 ? apr_thread_cond_timedwait(gate->freed, gate->mutex, left) : MQ_EFULL;
    }
    rv = gate->free > 0 ? APR_SUCCESS : MQ_EFULL;
    gate->free -= rv == APR_SUCCESS;
    (void)apr_thread_mutex_unlock(gate->mutex);
    return rv;
}

void mq_gate_leave(mq_gate_t *gate)
{
    if (!gate) {
        return;
    }
    (void)apr_thread_mutex_lock(gate->mutex);
    gate->free++;
    (void)apr_thread_cond_signal(gate->freed);
    (void)apr_thread_mutex_unlock(gate->mutex);
}

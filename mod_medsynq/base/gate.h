/* gate.h -- so many threads at once, the others wait a while: what keeps passwords' arithmetic from
 * taking every thread of a server process. */
#ifndef MQ_BASE_GATE_H
#define MQ_BASE_GATE_H

#include <apr_pools.h>
#include <apr_time.h>

#include "base/status.h"

typedef struct mq_gate_t mq_gate_t;

/**
 * Make a gate for this process.
 * @param gate_out lives as long as pool
 * @param places   how many may be inside at once, at least 1
 */
apr_status_t mq_gate_make(mq_gate_t **gate_out, int places, apr_pool_t *pool);

/**
 * Wait for a place. gate NULL lets everybody in.
 * @return MQ_EFULL none became free in time
 */
apr_status_t mq_gate_enter(mq_gate_t *gate, apr_interval_time_t timeout);

/** Give the place back. */
void mq_gate_leave(mq_gate_t *gate);

#endif

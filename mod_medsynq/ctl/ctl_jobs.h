/* ctl_jobs.h -- whether the work that goes on without a person goes on; for check. */
#ifndef MQ_CTL_CTL_JOBS_H
#define MQ_CTL_CTL_JOBS_H

#include "ctl/ctl.h"

/** @return which jobs stand still though a server runs, what waits for one as "ok: ...", or NULL */
const char *jobs_fault(const ctl_t *ctl, mq_owner_t *owner);

#endif

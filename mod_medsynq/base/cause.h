/* cause.h -- why something failed, kept with the pool of whoever asked: the one who logs need not
 * know who found it out. */
#ifndef MQ_BASE_CAUSE_H
#define MQ_BASE_CAUSE_H

#include <apr_pools.h>

/** A cause with a number of its own. */
typedef struct mq_cause_t {
    const char *tag; /* of base/messages.h; both as constants of the program */
    const char *words;
} mq_cause_t;

/** Keep it; the last one counts. @param cause lives as long as the program */
void mq_cause_keep(const mq_cause_t *cause, apr_pool_t *pool);

/** @return what was kept, or NULL */
const mq_cause_t *mq_cause_kept(apr_pool_t *pool);

#endif

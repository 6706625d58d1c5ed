/* cause.c -- the cause as a pool's user data. */
#include "base/cause.h"

#include <stdint.h>

static const char key[] = "mq_cause";

void mq_cause_keep(const mq_cause_t *cause, apr_pool_t *pool)
{
    (void)apr_pool_userdata_setn((void *)(uintptr_t)cause, key, NULL, pool);
}

const mq_cause_t *mq_cause_kept(apr_pool_t *pool)
{
    void *kept = NULL;
    (void)apr_pool_userdata_get(&kept, key, pool);
    return kept;
}

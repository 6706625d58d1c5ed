/* body_waits.h -- how many threads of a process may wait for the rest of a body, so that slow ones
 * leave the others to those who are not slow. A body that is there already waits for nothing. */
#ifndef MQ_GLUE_BODY_WAITS_H
#define MQ_GLUE_BODY_WAITS_H

#include <apr_pools.h>

/** One process's places: a half of its threads, a quarter for those who are not signed in. */
typedef struct mq_body_waits_t mq_body_waits_t;

/** Make the places of this process, all free; for child_init. */
mq_body_waits_t *mq_body_waits_make(apr_pool_t *pchild);

/** Take a place. @return 0 they are taken */
int mq_body_wait_begin(mq_body_waits_t *waits, int is_signed_in);

/** Give it back. */
void mq_body_wait_end(mq_body_waits_t *waits, int is_signed_in);

#endif

/* lock_order.h -- in which order a transaction waits for organisations, where an engine has a lock
 * for each: of two that want the same ones neither waits for the other. */
#ifndef MQ_STORE_LOCK_ORDER_H
#define MQ_STORE_LOCK_ORDER_H

#include <apr.h>

enum { MQ_LOCKS_AHEAD_MOST = 8 };

/** Set after a transaction has begun, which clears it. */
typedef struct mq_lock_order_t {
    int is_kept; /* it waits for none that comes before one that it has: MQ_EAGAIN instead */
    int count;
    apr_int64_t ahead[MQ_LOCKS_AHEAD_MOST]; /* waited for before all else; ascending, each once */
} mq_lock_order_t;

/**
 * Note an organisation that takes part, for whoever does the same anew; one below 0 is nobody's
 * turn.
 * @return 0 there are too many
 */
int mq_lock_order_note(mq_lock_order_t *order, apr_int64_t tenant);

#endif

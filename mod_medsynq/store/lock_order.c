/* lock_order.c -- see lock_order.h. */
#include "store/lock_order.h"

#include <string.h>

int mq_lock_order_note(mq_lock_order_t *order, apr_int64_t tenant)
{
    int i = 0;
    while (i < order->count && order->ahead[i] < tenant) {
        i++;
    }
    if (tenant < 0 || (i < order->count && order->ahead[i] == tenant)) {
        return 1;
    }
    if (order->count == MQ_LOCKS_AHEAD_MOST) {
        return 0;
    }
    memmove(&order->ahead[i + 1], &order->ahead[i],
            sizeof *order->ahead * (size_t)(order->count - i));
    order->ahead[i] = tenant;
    order->count++;
    return 1;
}

/* log_budget.c -- one counter for each number; threads may now and then let a line more through. */
#include "base/log_budget.h"

#include <apr_strings.h>
#include <stdatomic.h>

enum { NUMBERS = 100, MINUTE_MOST = 20 };

typedef struct counter_t {
    atomic_llong minute; /* since 1970 */
    atomic_int written;  /* in this minute */
    atomic_int skipped;  /* since a line was written */
} counter_t;

struct mq_log_budget_t {
    counter_t counters[NUMBERS]; /* "MSQ0030" counts in the thirtieth */
};

mq_log_budget_t *mq_log_budget_make(apr_pool_t *pchild)
{
    return apr_pcalloc(pchild, sizeof(mq_log_budget_t));
}

int mq_log_budget_take(int *skipped_out, mq_log_budget_t *budget, const char *tag, apr_time_t now)
{
    long long minute = apr_time_sec(now) / 60;
    counter_t *counter;
    *skipped_out = 0;
    if (!budget) {
        return 1;
    }
    counter = &budget->counters[apr_atoi64(tag + sizeof "MSQ" - 1) % NUMBERS];
    if (atomic_exchange(&counter->minute, minute) != minute) {
        atomic_store(&counter->written, 0);
    }
    if (atomic_fetch_add(&counter->written, 1) >= MINUTE_MOST) {
        atomic_fetch_add(&counter->skipped, 1);
        return 0;
    }
    *skipped_out = atomic_exchange(&counter->skipped, 0);
    return 1;
}

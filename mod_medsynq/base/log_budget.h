/* log_budget.h -- so many lines of one number in a minute and process; the others are counted, and
 * the next line that is written says how many they were. A full disk fails every request. */
#ifndef MQ_BASE_LOG_BUDGET_H
#define MQ_BASE_LOG_BUDGET_H

#include <apr_pools.h>
#include <apr_time.h>

typedef struct mq_log_budget_t mq_log_budget_t;

/** Make one for this process. @return NULL no memory: everything is written then */
mq_log_budget_t *mq_log_budget_make(apr_pool_t *pchild);

/**
 * Ask whether a line may be written.
 * @param skipped_out how many before it were not, since the last that was
 * @param budget      may be NULL: always
 * @param tag         a number of base/messages.h
 */
int mq_log_budget_take(int *skipped_out, mq_log_budget_t *budget, const char *tag, apr_time_t now);

#endif

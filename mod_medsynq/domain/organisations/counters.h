/* counters.h -- running numbers and totals of an organisation, kept so that nothing is counted
 * while a person waits. */
#ifndef MQ_DOMAIN_COUNTERS_H
#define MQ_DOMAIN_COUNTERS_H

#include "store/db.h"

#define MQ_COUNTER_ACTIVE "patients.active"

/** Not 0 from the moment an erasure has begun (erasure.h). */
#define MQ_COUNTER_ERASING "erasing"

/** Add to a counter, which begins at 0, inside the open transaction. */
apr_status_t mq_counter_add(const mq_scope_t *sc, const char *name, apr_int64_t step);

/** Read a counter with what is read next. @param value_out as mq_db_soon @param name stays */
apr_status_t mq_counter_soon(apr_int64_t *value_out, const mq_scope_t *sc, const char *name);

/** Read a counter; one that has never been added to is 0. */
apr_status_t mq_counter_value(apr_int64_t *value_out, const mq_scope_t *sc, const char *name);

#endif

/* kept.h -- how many bytes of what an organisation keeps a statement brings. An estimate that does
 * not depend on the engine: what is bound, and what a row costs beside that. */
#ifndef MQ_STORE_KEPT_H
#define MQ_STORE_KEPT_H

#include "store/connection.h"
#include "store/statements.h"

/** @return the bytes that an INSERT or UPDATE adds; 0 for a table that does not grow for good
 * (sessions' forms, words of the index, rows of a file that waits) and for the trail, which has
 * MedSynQAuditRetention */
apr_int64_t mq_kept_bytes(const mq_sql_row_t *row, const mq_param_t *params, int count);

#endif

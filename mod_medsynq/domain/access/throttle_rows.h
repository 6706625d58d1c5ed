/* throttle_rows.h -- counters of tries as rows of the database, for several servers: whoever tries
 * at one has tried at all. In the place of mq_table_ (base/shared_table.h), for throttle.c alone.
 */
#ifndef MQ_DOMAIN_THROTTLE_ROWS_H
#define MQ_DOMAIN_THROTTLE_ROWS_H

#include "domain/core.h"

/** mq_table_change: one step, whoever else is at it. No connection of the request is on loan. */
apr_status_t mq_throttle_row_change(const mq_visit_t *visit, const unsigned char *key, int create,
                                    mq_table_edit_t *edit, void *context);

/** mq_table_find. */
apr_status_t mq_throttle_row_find(mq_table_record_t *record_out, const mq_visit_t *visit,
                                  const unsigned char *key);

/** mq_table_remove. */
void mq_throttle_row_remove(const mq_visit_t *visit, const unsigned char *key);

#endif

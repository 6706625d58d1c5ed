/* organisation_export.h -- everything that belongs to one organisation, for its own archive or for
 * another system: people without their secrets, patients, earlier versions, notes, the trail. One
 * JSON object a line, in pieces, from one state of the database. */
#ifndef MQ_DOMAIN_ORGANISATION_EXPORT_H
#define MQ_DOMAIN_ORGANISATION_EXPORT_H

#include "base/buffer.h"
#include "store/db.h"

/** An export under way. */
typedef struct mq_organisation_export_t mq_organisation_export_t;

/** @return how many parts there are: people, what patients have (record_rows.h), the trail */
int mq_organisation_export_parts(void);

/** @return "patients": the name of a part, counted from 0; of its file and in its summary */
const char *mq_organisation_export_name(int part);

/**
 * Begin: records the disclosure, then holds on to the present state until the scope's connection is
 * given back.
 * @return MQ_EDENIED not the administrator's command
 */
apr_status_t mq_organisation_export_begin(mq_organisation_export_t **export_out,
                                          const mq_scope_t *sc);

/**
 * Write the next some hundred lines of a part. Parts may come in any order, each to its end.
 * @param count_out how many lines
 * @param done_out  whether these were the part's last
 */
apr_status_t mq_organisation_export_next(mq_buffer_t *out, int *count_out, int *done_out,
                                         mq_organisation_export_t *job, int part);

#endif

/* patient_copy.h -- all that is kept of one patient, as JSON: for the patient, who has a right to
 * it, or for another house. The record, those that were merged into it, what they were before, and
 * every kind of part (record_rows.h), each with the members that an organisation's export has. */
#ifndef MQ_DOMAIN_PATIENT_COPY_H
#define MQ_DOMAIN_PATIENT_COPY_H

#include "base/buffer.h"
#include "store/db.h"

/** A copy under way. */
typedef struct mq_patient_copy_t mq_patient_copy_t;

/**
 * Begin: records the disclosure, before anything leaves.
 * @return MQ_ENOTFOUND none in this organisation; MQ_EDENIED the role may not take a copy, or not
 *         read all that it would hold: there is no copy of a half
 */
apr_status_t mq_patient_copy_begin(mq_patient_copy_t **copy_out, const mq_scope_t *sc,
                                   const mq_id_t *patient);

/**
 * Write the next piece. Between pieces others may write; what they add is in the copy or not.
 * @param done_out whether it was the last
 * @return MQ_ECONFLICT the record itself was changed meanwhile: the copy would be of two states
 */
apr_status_t mq_patient_copy_next(mq_buffer_t *out, int *done_out, mq_patient_copy_t *copy);

#endif

/* patient_export.h -- the table of patients as CSV, in pieces: memory stays flat and no connection
 * is held while a piece is being sent. */
#ifndef MQ_DOMAIN_PATIENT_EXPORT_H
#define MQ_DOMAIN_PATIENT_EXPORT_H

#include "base/buffer.h"
#include "domain/patients/patient_lists.h"

/** An export under way. */
typedef struct mq_patient_export_t mq_patient_export_t;

/**
 * Begin an export: read its first rows. Each piece is recorded, with whom it shows, before it
 * leaves.
 * @param choice which patients in which order; NULL: all, the active ones first
 * @return MQ_EDENIED the role may not export
 */
apr_status_t mq_patient_export_begin(mq_patient_export_t **export_out, const mq_scope_t *sc,
                                     const mq_patients_choice_t *choice);

/**
 * Write the next rows, some hundred, and give the connection back.
 * @param done_out whether these were the last
 */
apr_status_t mq_patient_export_next(mq_buffer_t *out, int *done_out, mq_patient_export_t *job);

#endif

/* patient_parts.h -- all kinds of parts that a patient has, and what is done to every one of them.
 */
#ifndef MQ_DOMAIN_PATIENT_PARTS_H
#define MQ_DOMAIN_PATIENT_PARTS_H

#include "domain/patients/patient_part.h"

/** The kinds, in the order in which they are exported and removed. */
enum { MQ_PART_NOTES, MQ_PART_CHART, MQ_PATIENT_PARTS };

extern const mq_patient_part_t *const mq_patient_parts[MQ_PATIENT_PARTS];

/** Look whether a patient has got a part, or one was changed, since the record was made. What an
 * import brought along with the record is as old as it. */
apr_status_t mq_patient_parts_touched(int *touched_out, const mq_scope_t *sc,
                                      const mq_id_t *patient);

/** Remove all parts of a patient whose record is removed in this transaction. */
apr_status_t mq_patient_parts_remove(const mq_scope_t *sc, const mq_id_t *patient);

#endif

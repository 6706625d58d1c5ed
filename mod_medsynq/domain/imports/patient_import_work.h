/* patient_import_work.h -- the long states of an import. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_WORK_H
#define MQ_DOMAIN_PATIENT_IMPORT_WORK_H

#include "domain/imports/patient_import_rows.h"

/**
 * Look for a patient of the import whose record has been changed or added to since.
 * @return MQ_ECONFLICT there is one
 */
apr_status_t mq_import_touched(const mq_scope_t *sc, const mq_import_t *import);

/**
 * Work on an import until an instant at most; transactions are short all the while.
 * @param import_out how far it is now
 */
apr_status_t mq_import_work(mq_import_t *import_out, const mq_scope_t *sc, const mq_id_t *id,
                            apr_time_t until);

/** @return whether there is more to do without a person */
int mq_import_is_working(const mq_import_t *import);

#endif

/* patient_import_work.h -- the long states of an import. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_WORK_H
#define MQ_DOMAIN_PATIENT_IMPORT_WORK_H

#include "domain/imports/patient_import_rows.h"
#include "domain/jobs/jobs.h"

/**
 * Look for a patient of the import whose record has been changed or added to since.
 * @return MQ_ECONFLICT there is one
 */
apr_status_t mq_import_touched(const mq_scope_t *sc, const mq_import_t *import);

/** The kind of job that goes through the long states. */
extern const mq_job_kind_t mq_import_job;

/**
 * Move an import to another state, in the open transaction.
 * @return MQ_ECONFLICT it is not in the state from
 */
apr_status_t mq_import_state_set(const mq_scope_t *sc, const mq_id_t *id, mq_import_state_t from,
                                 mq_import_state_t to, apr_time_t finished_at,
                                 mq_import_ending_t ending);

/** @return whether there is more to do without a person */
int mq_import_is_working(const mq_import_t *import);

/** @return whether it waits for a person, who may throw it away */
int mq_import_is_undecided(const mq_import_t *import);

/** @return the state to which its work leads when it is stopped; 0: it cannot be */
mq_import_state_t mq_import_stopped(const mq_import_t *import);

#endif

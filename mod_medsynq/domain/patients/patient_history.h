/* patient_history.h -- the versions of a record: who changed what, when. */
#ifndef MQ_DOMAIN_PATIENT_HISTORY_H
#define MQ_DOMAIN_PATIENT_HISTORY_H

#include "domain/patients/patients.h"

/** One version. Texts are from the scope's pool. */
typedef struct mq_patient_version_t {
    apr_int64_t version;
    apr_time_t changed_at;
    const char *changed_by;
    mq_patient_change_t change;
    const char *reason; /* or NULL */
    mq_patient_status_t status;
    mq_patient_fields_t fields;
} mq_patient_version_t;

/**
 * Read one version of a record that has been read already.
 * @return MQ_ENOTFOUND there is none of that number
 */
apr_status_t mq_patient_version_read(mq_patient_version_t *version_out, const mq_scope_t *sc,
                                     const mq_patient_t *patient, apr_int64_t version);

/**
 * Read versions, newest first, and record the disclosure; also of a record that another has
 * replaced.
 * @param versions_out array of mq_patient_version_t
 * @param patient_out  the record as it is now
 * @param before       only versions of lower numbers; 0: from the newest
 * @return MQ_ENOTFOUND; MQ_EDENIED
 */
apr_status_t mq_patient_history(apr_array_header_t **versions_out, mq_patient_t *patient_out,
                                const mq_scope_t *sc, const mq_id_t *id, apr_int64_t before,
                                int limit);

/**
 * Make a new version with the fields of an earlier one.
 * @param seen the version of the record that this was decided on
 * @return as mq_patient_edit
 */
apr_status_t mq_patient_version_restore(const mq_scope_t *sc, const mq_id_t *id,
                                        apr_int64_t version, apr_int64_t seen);

#endif

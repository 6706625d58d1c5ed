/* patient_versions.h -- a record becomes its next version, and the one before is kept: for
 * patients.c, which changes one record, and merges.c, which changes two at once. */
#ifndef MQ_DOMAIN_PATIENT_VERSIONS_H
#define MQ_DOMAIN_PATIENT_VERSIONS_H

#include "domain/patients/patient_record.h"

/** What a record becomes. */
typedef struct mq_patient_next_t {
    mq_patient_change_t kind;
    mq_patient_status_t status;
    const char *reason;                /* or NULL */
    const mq_patient_fields_t *fields; /* settled */
} mq_patient_next_t;

/** Write the next version inside the open transaction. The index is the caller's: out before, in
 * after (patient_index.h). @return MQ_ECONFLICT the record is no longer as old says */
apr_status_t mq_patient_next_write(const mq_scope_t *sc, const mq_patient_t *old,
                                   const mq_patient_next_t *next);

/** The same for a record that another had replaced and that is in use again. Its fields stay. */
apr_status_t mq_patient_return_write(const mq_scope_t *sc, const mq_patient_t *old,
                                     mq_patient_status_t status, const char *reason);

/** @return the list that a record stands in */
mq_listing_t mq_patient_listing(mq_patient_status_t status, const mq_patient_fields_t *fields);

/** @return what lists are ordered by, from the scope's pool */
const char *mq_patient_name_key(const mq_scope_t *sc, const mq_patient_fields_t *fields);

/** @return the key of a record's family name, by which lists may be ordered */
const char *mq_patient_family_key(const mq_scope_t *sc, const mq_patient_fields_t *fields);

#endif

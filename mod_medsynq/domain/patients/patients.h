/* patients.h -- the life of a patient record: who may add, read, change, archive and restore one.
 * Lists: patient_lists.h; earlier versions: patient_history.h; notes: patient_notes.h. */
#ifndef MQ_DOMAIN_PATIENTS_H
#define MQ_DOMAIN_PATIENTS_H

#include <apr_tables.h>

#include "domain/patients/patient_record.h"
#include "domain/policy.h"
#include "store/db.h"

/** What a record is to say: clean texts that mq_patient_check finds nothing wrong with. */
typedef struct mq_patient_new_t {
    mq_patient_fields_t fields;
    const char *notes; /* becomes the first entry of the timeline, or NULL */
    const char
        *keeps_former;   /* of a change: a family name that goes becomes the former name; a flag
                          */
    const char *unnamed; /* of a new record: nobody knows the name, and it gets this one with the
                          * first letter that nobody else has behind it; or NULL */
} mq_patient_new_t;

/** Start the running numbers and totals of a new organisation, inside its transaction. */
apr_status_t mq_patients_prepare(const mq_scope_t *sc);

/**
 * Add a patient and the first note, with an MRN of its own, in one transaction.
 * @param id_out the new record
 * @return MQ_EDENIED the role may not add patients, or not write the note; MQ_EINVALID
 * mq_patient_check would have said what is wrong
 */
apr_status_t mq_patient_add(mq_id_t *id_out, const mq_scope_t *sc, const mq_patient_new_t *in);

/** The same within a change, for what goes with it; the record has its own event. */
apr_status_t mq_patient_add_within(mq_id_t *id_out, const mq_scope_t *sc,
                                   const mq_patient_new_t *in);

/**
 * Read one record; the disclosure is recorded.
 * @return MQ_ENOTFOUND none in this organisation; MQ_EDENIED the role may not read it
 */
apr_status_t mq_patient_view(mq_patient_t *patient_out, const mq_scope_t *sc, const mq_id_t *id);

/** The same, recorded as another action on the record, such as a print. */
apr_status_t mq_patient_view_for(mq_patient_t *patient_out, const mq_scope_t *sc, const mq_id_t *id,
                                 mq_action_t action);

/** The same of a record that another has replaced: its history stays readable. */
apr_status_t mq_patient_view_replaced(mq_patient_t *patient_out, const mq_scope_t *sc,
                                      const mq_id_t *id, mq_action_t action);

/**
 * Replace a record's fields and perhaps write a note, in one transaction. Where the fields say what
 * the record says already, it gets no version and the trail no event.
 * @param version which one the person saw
 * @param in      as for mq_patient_add
 * @return MQ_ECONFLICT it has another version now, or is archived; MQ_ENOTFOUND; MQ_EDENIED;
 *         MQ_EINVALID
 */
apr_status_t mq_patient_edit(const mq_scope_t *sc, const mq_id_t *id, apr_int64_t version,
                             const mq_patient_new_t *in);

/**
 * Archive an active record.
 * @param reason why, or NULL
 * @return as mq_patient_edit
 */
apr_status_t mq_patient_archive(const mq_scope_t *sc, const mq_id_t *id, apr_int64_t version,
                                const char *reason);

/** @return whether the person may bring back this archived record: an administrator, and whoever
 * archived it */
int mq_patient_may_restore(const mq_scope_t *sc, const mq_patient_t *patient);

/** Bring back an archived one. @return as mq_patient_edit */
apr_status_t mq_patient_restore(const mq_scope_t *sc, const mq_id_t *id, apr_int64_t version,
                                const char *reason);

/**
 * Give a record the fields of an earlier version; makes a new version.
 * @param fields what the earlier version said
 * @param reason which version it was, for the history
 */
apr_status_t mq_patient_revert(const mq_scope_t *sc, const mq_id_t *id, apr_int64_t version,
                               const mq_patient_fields_t *fields, const char *reason);

#endif

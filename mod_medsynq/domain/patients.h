/* patients.h -- the life of a patient record: who may add and read one. Lists: patient_lists.h. */
#ifndef MQ_DOMAIN_PATIENTS_H
#define MQ_DOMAIN_PATIENTS_H

#include <apr_tables.h>

#include "store/db.h"

typedef enum {
    MQ_PATIENT_ACTIVE = 1,
    MQ_PATIENT_ARCHIVED = 2,
    MQ_PATIENT_INCOMING = 3 /* of an import under way: no page shows it */
} mq_patient_status_t;

/** Checked input: clean texts; the name is not empty. */
typedef struct mq_patient_new_t {
    const char *name;
    const char *birth_date; /* YYYY, YYYY-MM or YYYY-MM-DD, or NULL */
    const char *notes;      /* becomes the first entry of the timeline, or NULL */
} mq_patient_new_t;

/** One record. Texts are from the scope's pool. */
typedef struct mq_patient_t {
    mq_id_t id;
    apr_int64_t version;
    const char *mrn;
    const char *name;
    const char *birth_date; /* or NULL */
    mq_patient_status_t status;
    apr_time_t created_at;
    apr_time_t updated_at;
} mq_patient_t;

/** One entry of the timeline, newest first. */
typedef struct mq_patient_note_t {
    mq_id_t id;
    const char *content;
    const char *author;
    apr_time_t created_at;
} mq_patient_note_t;

/** Start the running numbers and totals of a new organisation, inside its transaction. */
apr_status_t mq_patients_prepare(const mq_scope_t *sc);

/**
 * Add a patient and the first note, with an MRN of its own, in one transaction.
 * @param id_out the new record
 * @return MQ_EDENIED the role may not add patients, or not write the note
 */
apr_status_t mq_patient_add(mq_id_t *id_out, const mq_scope_t *sc, const mq_patient_new_t *in);

/**
 * Read one record; the disclosure is recorded.
 * @return MQ_ENOTFOUND none in this organisation; MQ_EDENIED the role may not read it
 */
apr_status_t mq_patient_view(mq_patient_t *patient_out, const mq_scope_t *sc, const mq_id_t *id);

/**
 * Read the newest notes of a patient.
 * @param notes_out array of mq_patient_note_t
 */
apr_status_t mq_patient_notes(apr_array_header_t **notes_out, const mq_scope_t *sc,
                              const mq_id_t *patient, int limit);

#endif

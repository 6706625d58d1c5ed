/* archived_patients.h -- who is archived, the newest first: for administrators, who may bring them
 * back and need not be allowed to open a record. */
#ifndef MQ_DOMAIN_ARCHIVED_PATIENTS_H
#define MQ_DOMAIN_ARCHIVED_PATIENTS_H

#include "domain/patients/patients.h"

enum { MQ_ARCHIVED_SHOWN = 50 };

/** One of them; texts are from the scope's pool. */
typedef struct mq_archived_patient_t {
    mq_id_t id;
    apr_int64_t version;
    const char *name;
    const char *birth_date; /* or NULL */
    const char *mrn;
    apr_time_t at;      /* of the last change, which is the archiving but for records of old */
    const char *by;     /* likewise */
    const char *reason; /* or NULL */
} mq_archived_patient_t;

/**
 * Read a page of the list; the disclosure is recorded.
 * @param patients_out array of mq_archived_patient_t
 * @param more_out     whether there are further ones
 * @param after        the one that the page before ended with; NULL: from the newest
 * @return MQ_EDENIED; MQ_ENOTFOUND there is no such record in this organisation
 */
apr_status_t mq_archived_patients(apr_array_header_t **patients_out, int *more_out,
                                  const mq_scope_t *sc, const mq_id_t *after);

#endif

/* duplicates.h -- who of the registered patients may be the person that is about to be registered
 * or changed. A help for the eye: it never decides. How alike two people are is in likeness.h. */
#ifndef MQ_DOMAIN_DUPLICATES_H
#define MQ_DOMAIN_DUPLICATES_H

#include "domain/patients/likeness.h"
#include "domain/patients/patients.h"

enum { MQ_DUPLICATES_MOST = 5 };

typedef struct mq_duplicate_t {
    mq_patient_t patient;
    int why;   /* what both have in common: a set of likeness.h */
    int score; /* of mq_likeness */
} mq_duplicate_t;

/**
 * Find likely duplicates of a person who is about to be registered or changed, the likeliest first.
 * Showing them is mq_duplicates_disclose's. Of whom somebody has said that they are different
 * people (patient_pairs.h) none is the other's.
 * @param found_out array of mq_duplicate_t, at most MQ_DUPLICATES_MOST
 * @param self      the record that is being changed, or NULL for a new person
 * @return MQ_EDENIED
 */
apr_status_t mq_duplicates_find(apr_array_header_t **found_out, const mq_scope_t *sc,
                                const mq_id_t *self, const mq_patient_fields_t *fields);

/**
 * The same for a record that is there, as the queue looks for it (duplicate_queue.h): nobody waits,
 * and everybody is looked at in turn, so less is read of common names.
 * @param found_out array of mq_duplicate_t: MQ_DUPLICATES_MOST, and beside them of partners
 * @param partners  of mq_id_t: who is judged in any case, wherever they stand in the index
 */
apr_status_t mq_duplicates_of(apr_array_header_t **found_out, const mq_scope_t *sc,
                              const mq_patient_t *patient, const apr_array_header_t *partners);

/** Record that candidates are about to be shown. @param found of mq_duplicates_find, not empty */
apr_status_t mq_duplicates_disclose(const mq_scope_t *sc, const apr_array_header_t *found);

#endif

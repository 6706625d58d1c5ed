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

/**
 * Find who is likeliest the person of a row of a file, of which there may be many thousands: in
 * some ranges of the index that are short in any register (whole names, dates of birth, telephone
 * numbers, the national identifier), not by single words of a name.
 * @param likeliest_out score 0: nobody. Showing them is the caller's
 */
apr_status_t mq_duplicate_likeliest(mq_duplicate_t *likeliest_out, const mq_scope_t *sc,
                                    const mq_patient_fields_t *fields);

enum { MQ_DUPLICATE_DAYS = 6 };

/** A date of birth, and the days that it is most often mistaken for: swapped, a year or a day
 * apart.
 * @param days dates that there are, from pool
 * @return how many; 0: the day is not known */
int mq_duplicate_days(const char *days[MQ_DUPLICATE_DAYS], const char *birth_date,
                      apr_pool_t *pool);

/** @return a name with its last word first, as one key; from pool */
const char *mq_duplicate_turned(const apr_array_header_t *words, apr_pool_t *pool);

/** Make of a key of the index, "ana lima @1980-04-23", the person that it tells of. */
void mq_duplicate_key_read(mq_person_t *person_out, const char *key, apr_pool_t *pool);

/** Record that candidates are about to be shown. @param found of mq_duplicates_find, not empty */
apr_status_t mq_duplicates_disclose(const mq_scope_t *sc, const apr_array_header_t *found);

#endif

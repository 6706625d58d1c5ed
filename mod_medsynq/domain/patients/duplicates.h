/* duplicates.h -- who of the registered patients may be the person that is about to be registered.
 * A help for the eye: it never decides. */
#ifndef MQ_DOMAIN_DUPLICATES_H
#define MQ_DOMAIN_DUPLICATES_H

#include "domain/patients/patients.h"

enum { MQ_DUPLICATES_MOST = 5 };

/** Why somebody is a candidate; a set. */
enum { MQ_SAME_BIRTH_DATE = 1, MQ_SAME_NATIONAL_ID = 2, MQ_SAME_PHONE = 4 };

typedef struct mq_duplicate_t {
    mq_patient_t patient;
    int why; /* MQ_SAME_… */
} mq_duplicate_t;

/**
 * Find likely duplicates of a person: same national identifier; same date of birth and a similar
 * name; same telephone number and a similar name. Showing them is mq_duplicates_disclose's.
 * @param found_out array of mq_duplicate_t, at most MQ_DUPLICATES_MOST
 * @return MQ_EDENIED
 */
apr_status_t mq_duplicates_find(apr_array_header_t **found_out, const mq_scope_t *sc,
                                const mq_patient_fields_t *fields);

/** Record that candidates are about to be shown. @param found of mq_duplicates_find, not empty */
apr_status_t mq_duplicates_disclose(const mq_scope_t *sc, const apr_array_header_t *found);

/**
 * Whether two names are so alike that they may be one person's: more than half of the words of the
 * one with fewer are in the other, up to a slip of the keys; numbers must be equal. Twins, who
 * share a birth date and a family name, are not.
 * @param a, b search keys (mq_text_search_key)
 */
int mq_names_are_similar(const char *a, const char *b, apr_pool_t *pool);

#endif

/* merge_fields.h -- two records' fields become one's: what must be asked, what is suggested, and
 * the outcome. Pure. What belongs together is one question: a given name of one record beside the
 * family name of the other would be nobody's. Nothing is dropped that nobody has looked at: where
 * one says nothing, the other's is suggested; where both speak, both stand on the page. */
#ifndef MQ_DOMAIN_MERGE_FIELDS_H
#define MQ_DOMAIN_MERGE_FIELDS_H

#include <apr_tables.h>

#include "domain/patients/patient_fields.h"

/** Whose value is kept. */
typedef enum {
    MQ_SIDE_SUGGESTED = 0, /* what the question suggests */
    MQ_SIDE_TARGET,        /* the record that stays */
    MQ_SIDE_SOURCE,        /* the record that it replaces */
    MQ_SIDE_BOTH           /* telephone numbers, as long as there is room */
} mq_merge_side_t;

/** Something that two records disagree about. */
typedef struct mq_merge_question_t {
    int field; /* the first of those that belong together */
    mq_merge_side_t suggested;
    int has_both;
} mq_merge_question_t;

/** An answer to each question, by its field; others are not looked at. */
typedef struct mq_merge_answers_t {
    mq_merge_side_t of[MQ_PATIENT_FIELDS];
} mq_merge_answers_t;

/** @return the first of the fields that this one belongs to; itself, where it stands alone */
int mq_merge_question_of(int field);

/** @return the questions, array of mq_merge_question_t, in the order of the fields */
apr_array_header_t *mq_merge_questions(const mq_patient_fields_t *target,
                                       const mq_patient_fields_t *source, apr_pool_t *pool);

/** Put one record together. @param fields_out its texts are those of the two */
void mq_merge_fields(mq_patient_fields_t *fields_out, const mq_patient_fields_t *target,
                     const mq_patient_fields_t *source, const mq_merge_answers_t *answers,
                     apr_pool_t *pool);

/**
 * Take back what a merge brought, as far as it is still so: what was changed since stays.
 * @param before the record that stayed, before the merge
 * @param merged after it
 * @param now    today
 */
void mq_merge_undo(mq_patient_fields_t *fields_out, const mq_patient_fields_t *before,
                   const mq_patient_fields_t *merged, const mq_patient_fields_t *now);

#endif

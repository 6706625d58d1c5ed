/* edit_merge.h -- what two people made of one record at once becomes one: what only one of them
 * touched is kept, and what both changed to different things is asked, with no answer beforehand.
 * Pure. What belongs together is one question (a name, a date of birth and its estimate, a contact
 * person), for half of one answer beside half of the other would be nobody's. */
#ifndef MQ_DOMAIN_EDIT_MERGE_H
#define MQ_DOMAIN_EDIT_MERGE_H

#include "domain/patients/patient_fields.h"

/** Whose value stands. */
typedef enum {
    MQ_EDIT_OPEN = 0, /* nobody has said */
    MQ_EDIT_MINE,
    MQ_EDIT_THEIRS
} mq_edit_side_t;

/** What is known of a question. */
typedef enum {
    MQ_EDIT_AGREED = 0,  /* both say the same; or this field is no question */
    MQ_EDIT_ONLY_MINE,   /* the other one did not touch it */
    MQ_EDIT_ONLY_THEIRS, /* likewise */
    MQ_EDIT_CLASH        /* both changed it, or nobody knows what it was */
} mq_edit_state_t;

/** An answer to each clash, by its field; others are not looked at. */
typedef struct mq_edit_answers_t {
    mq_edit_side_t of[MQ_PATIENT_FIELDS];
} mq_edit_answers_t;

typedef struct mq_edit_merge_t {
    mq_edit_state_t of[MQ_PATIENT_FIELDS]; /* by the first field of each question */
    mq_patient_fields_t fields;            /* put together; what is open is as theirs */
    int open;                              /* clashes without an answer */
    int theirs;                            /* questions that only they touched */
    int is_news;                           /* fields say something else than theirs */
} mq_edit_merge_t;

/** @return the first of the fields that this one is asked about with; itself, where it is alone */
int mq_edit_question_of(int field);

/** @return whether two records say the same of a field */
int mq_edit_is_same(const mq_patient_fields_t *a, const mq_patient_fields_t *b, int field);

/**
 * Put an edit and what stands there by now together.
 * @param base    what both began with; NULL: not known, so that all that differs is a clash
 * @param mine    settled against base
 * @param theirs  what stands there
 */
void mq_edit_merge(mq_edit_merge_t *merge_out, const mq_patient_fields_t *base,
                   const mq_patient_fields_t *mine, const mq_patient_fields_t *theirs,
                   const mq_edit_answers_t *answers);

#endif

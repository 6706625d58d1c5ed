/* patient_form.h -- the form of a patient's record, shared by adding, editing and settling
 * conflicts: its fields, and how its values and a record become each other. */
#ifndef MQ_WEB_PATIENT_FORM_H
#define MQ_WEB_PATIENT_FORM_H

#include "domain/patients/patients.h"
#include "web/form.h"

/** What the form fills. */
typedef struct mq_patient_form_t {
    mq_patient_new_t in;
    const char *age;          /* "about N years old", when the date of birth is not known */
    const char *age_months;   /* or so many months */
    const char *name_unknown; /* flag: of a new record, which gets a name of its own */
    const char *version;      /* of the record that was opened for editing */
    const char *seen;         /* ids of likely duplicates that the person has been shown */
} mq_patient_form_t;

/** @return the table of fields, made of that of the domain; with_notes: the person may write notes
 */
const mq_field_t *mq_patient_form_fields(int with_notes, apr_pool_t *pool);

/** @return the same for a new one, with a box for who is not known */
const mq_field_t *mq_patient_new_fields(int with_notes, apr_pool_t *pool);

/** @return the same for a record that is there already */
const mq_field_t *mq_patient_edit_fields(int with_notes, apr_pool_t *pool);

/** Check what no single field can, and reckon the year of birth from an age.
 * @param form gets the faults */
void mq_patient_form_judge(mq_form_t *form, mq_patient_form_t *values, const mq_request_t *rq);

/** @return whether the form that was sent has notes in it, whoever may write them */
int mq_patient_form_has_notes(const mq_request_t *rq);

/** Give a new record whose name nobody knows one: sex, day and time. Before it is judged.
 * @param form gets the fault that there is a name */
void mq_patient_form_unnamed(mq_form_t *form, mq_patient_form_t *values, const mq_request_t *rq);

/** Put what is known of a person into the form. */
void mq_patient_form_person(mq_form_t *form, const mq_patient_fields_t *fields,
                            const mq_request_t *rq);

/** Put a record into the form. */
void mq_patient_form_fill(mq_form_t *form, const mq_patient_t *patient, const mq_request_t *rq);

/** @return a record's value of a field of the form as the form has it, "" for none */
const char *mq_patient_form_value(const char *name, const mq_patient_fields_t *record,
                                  const mq_request_t *rq);

#endif

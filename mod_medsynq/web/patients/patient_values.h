/* patient_values.h -- a record for reading: its fields in words, and the rows of
 * patient_values.html, on the screen and on paper. */
#ifndef MQ_WEB_PATIENT_VALUES_H
#define MQ_WEB_PATIENT_VALUES_H

#include "domain/patients/patients.h"
#include "web/pages.h"

/** A field that is filled in: MQ_LIST(page_t, values, mq_patient_value_slots, mq_patient_value_t).
 */
typedef struct mq_patient_value_t {
    const char *label;
    const char *value;
} mq_patient_value_t;

extern const mq_slot_t mq_patient_value_slots[];

/** @return a field's value for people: a choice's label, "Yes"; NULL for an empty one */
const char *mq_patient_field_say(const mq_request_t *rq, int field,
                                 const mq_patient_fields_t *record);

/** @return the fields that are filled in, without the name, which the banner says; from the
 * request's pool */
mq_list_t mq_patient_values(const mq_request_t *rq, const mq_patient_fields_t *record);

#endif

/* patient_values.c -- the fields of a record, each with its label and in the reader's words. */
#include "web/patients/patient_values.h"

#include <string.h>

#include "web/dates.h"

const mq_slot_t mq_patient_value_slots[] = {MQ_TEXT(mq_patient_value_t, label),
                                            MQ_TEXT(mq_patient_value_t, value), MQ_SLOTS_END};

const char *mq_patient_field_say(const mq_request_t *rq, int field,
                                 const mq_patient_fields_t *record)
{
    const mq_field_rule_t *rule = &mq_patient_field_table[field].rule;
    const char *value = mq_patient_field(record, field);
    if (!value) {
        return NULL;
    }
    if (mq_patient_field_is_flag(field)) {
        return mq_say(rq, "Yes");
    }
    for (const mq_choice_t *choice = rule->choices; choice && choice->value; choice++) {
        if (strcmp(choice->value, value) == 0) {
            return mq_say(rq, choice->label);
        }
    }
    return mq_field_is_date(rule->kind) ? mq_date_say(rq, value) : value;
}

mq_list_t mq_patient_values(const mq_request_t *rq, const mq_patient_fields_t *record)
{
    mq_patient_value_t *rows = apr_palloc(rq->pool, sizeof *rows * MQ_PATIENT_FIELDS);
    int count = 0;
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *value = mq_patient_field_say(rq, i, record);
        if (value && i != MQ_PATIENT_FIELD_NAME) { /* that is in the banner */
            rows[count++] =
                (mq_patient_value_t){mq_say(rq, mq_patient_field_table[i].label), value};
        }
    }
    return (mq_list_t){rows, count};
}

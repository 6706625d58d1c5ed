/* patient_import_columns.c -- what a column may be. */
#include "domain/imports/patient_import_columns.h"

#include "domain/patients/patient_fields.h"

int mq_import_record_field(mq_import_field_t field)
{
    if (field == MQ_IMPORT_FAMILY_BEFORE || field == MQ_IMPORT_FAMILY_AFTER) {
        return MQ_PATIENT_FIELD_FAMILY_NAME;
    }
    if (field == MQ_IMPORT_GIVEN_AFTER) {
        return MQ_PATIENT_FIELD_GIVEN_NAME;
    }
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (mq_patient_field_table[i].import == (int)field) {
            return i;
        }
    }
    return -1;
}

int mq_import_is_field(int number)
{
    return number == MQ_IMPORT_IGNORE || number == MQ_IMPORT_MRN || number == MQ_IMPORT_NOTES ||
           number == MQ_IMPORT_STATUS || number == MQ_IMPORT_NOTE_DATE ||
           number == MQ_IMPORT_NOTE_AUTHOR || number == MQ_IMPORT_INITIALS ||
           number == MQ_IMPORT_NAME_SUFFIX || number == MQ_IMPORT_NAME_COMPONENTS ||
           mq_import_record_field((mq_import_field_t)number) >= 0;
}

int mq_import_is_joined(mq_import_field_t field)
{
    const int of_record = mq_import_record_field(field);
    return of_record == MQ_PATIENT_FIELD_ADDRESS || of_record == MQ_PATIENT_FIELD_GIVEN_NAME ||
           of_record == MQ_PATIENT_FIELD_FAMILY_NAME || field == MQ_IMPORT_NAME_SUFFIX ||
           field == MQ_IMPORT_NAME_MORE;
}

/* patient_import_columns.h -- which column of a file is what. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_COLUMNS_H
#define MQ_DOMAIN_PATIENT_IMPORT_COLUMNS_H

#include "domain/imports/patient_import_rows.h"

/** @return what a column of this name most likely is, by the words of our own and of other
 * registers' exports, in English and French and a little German */
mq_import_field_t mq_import_guess(const mq_scope_t *sc, const char *column);

/** @return which row of mq_patient_field_table a column fills, -1: none */
int mq_import_record_field(mq_import_field_t field);

/** @return whether the number is something that a column may be */
int mq_import_is_field(int number);

#endif

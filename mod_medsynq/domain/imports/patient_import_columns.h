/* patient_import_columns.h -- what a column of a file may be. How it is guessed is in
 * patient_import_guess.c. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_COLUMNS_H
#define MQ_DOMAIN_PATIENT_IMPORT_COLUMNS_H

#include "domain/imports/patient_import_rows.h"

/** @return whether several columns may be one field: the lines of an address, the given names, the
 * family names, what stands behind them */
int mq_import_is_joined(mq_import_field_t field);

/** @return which row of mq_patient_field_table a column fills, -1: none */
int mq_import_record_field(mq_import_field_t field);

/** @return whether the number is something that a column may be */
int mq_import_is_field(int number);

#endif

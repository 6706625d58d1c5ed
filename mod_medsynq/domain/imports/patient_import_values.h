/* patient_import_values.h -- what a row of an imported file says, checked by itself. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_VALUES_H
#define MQ_DOMAIN_PATIENT_IMPORT_VALUES_H

#include "domain/patients/patient_fields.h"
#include "domain/imports/patient_import_rows.h"

/** The values are good where no rule is broken. */
typedef struct mq_import_values_t {
    const char *raw[MQ_IMPORT_FIELDS]; /* as in the file, NULL: no such column; [0]: too much */
    int rules[MQ_IMPORT_FIELDS];       /* mq_field_fault_t or mq_import_rule_t; 0: none */
    mq_patient_fields_t fields;        /* with a name */
    const char *mrn;                   /* or NULL: to be assigned */
    const char *notes;                 /* or NULL */
    int is_archived;
} mq_import_values_t;

/**
 * Read a stored row.
 * @param values_out texts are from pool, or cut out of cells
 * @param cells      as mq_import_cells splits them; changed
 */
void mq_import_values_read(mq_import_values_t *values_out, const mq_scope_t *sc,
                           const mq_import_t *import, char *cells, apr_pool_t *pool);

#endif

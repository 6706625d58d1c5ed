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
    const char *note_date;             /* ISO, or NULL: nobody says when it was written */
    const char *note_author;           /* or NULL: nor who did */
    int unknowns;                      /* cells that say that nothing is known */
    int is_archived;
} mq_import_values_t;

/**
 * Read a stored row.
 * @param values_out texts are from pool, or cut out of cells
 * @param cells      as mq_import_cells splits them; changed
 */
void mq_import_values_read(mq_import_values_t *values_out, const mq_scope_t *sc,
                           const mq_import_t *import, char *cells, apr_pool_t *pool);

/**
 * Leave out of the values what is wrong.
 * @return 0: they are wrong in what a row cannot do without, and unchanged
 */
int mq_import_values_mend(mq_import_values_t *values, apr_pool_t *pool);

/** @return whether a text is one that the column MQ_IMPORT_STATUS may have */
int mq_import_is_status(const mq_scope_t *sc, const char *line);

#endif

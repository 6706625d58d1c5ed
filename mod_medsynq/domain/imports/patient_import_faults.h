/* patient_import_faults.h -- what is wrong with the rows of a file: one by one, or, where thousands
 * have the same, together. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_FAULTS_H
#define MQ_DOMAIN_PATIENT_IMPORT_FAULTS_H

#include "domain/imports/patient_import_rows.h"

enum { MQ_IMPORT_FAULT_EXAMPLES = 3 };

/** Faults of one kind, with one value or several. */
typedef struct mq_import_fault_group_t {
    mq_import_field_t field;
    int rule;
    const char *values[MQ_IMPORT_FAULT_EXAMPLES]; /* the first different ones */
    int value_count;
    int has_more_values;
    apr_int64_t lines[MQ_IMPORT_FAULT_EXAMPLES]; /* the first rows, as in mq_import_fault_t */
    int line_count;
    apr_int64_t count; /* of faults */
} mq_import_fault_group_t;

/** Faults in the order of rows, after a row. @param faults_out array of mq_import_fault_t */
apr_status_t mq_import_faults(apr_array_header_t **faults_out, const mq_scope_t *sc,
                              const mq_id_t *id, apr_int64_t after, int limit, apr_pool_t *pool);

/**
 * Those with the same kind and value together; where that are more groups than asked for, those of
 * the same kind. In the order of their first rows. Some ten thousand faults are read at most.
 * @param groups_out array of mq_import_fault_group_t, at most most
 */
apr_status_t mq_import_fault_groups(apr_array_header_t **groups_out, const mq_scope_t *sc,
                                    const mq_id_t *id, int most, apr_pool_t *pool);

#endif

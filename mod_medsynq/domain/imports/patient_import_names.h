/* patient_import_names.h -- what the columns of names are beside each other. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_NAMES_H
#define MQ_DOMAIN_PATIENT_IMPORT_NAMES_H

#include "domain/imports/patient_import_rows.h"

/**
 * Settle what only the other columns and the first rows tell: "Name" is the whole name, or the half
 * that no other column is; a name of birth is the family name where there is no other.
 * @param fields_io what the columns are by their own names; afterwards none is a field that is
 *                  never stored
 */
apr_status_t mq_import_names_settle(mq_import_field_t *fields_io, const mq_scope_t *sc,
                                    const mq_import_t *import);

#endif

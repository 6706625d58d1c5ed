/* patient_import_parts.h -- the name of a row, from the cells that are parts of it. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_PARTS_H
#define MQ_DOMAIN_PATIENT_IMPORT_PARTS_H

#include "domain/imports/patient_import_rows.h"

/**
 * Put the parts of a name together, in the order of a name and not of the columns: into the given
 * name, the family name and, where it says more than both of them, the whole name.
 * @param raw_io what the columns say, by mq_import_field_t; NULL: no such column
 * @param pool   of what is put there
 */
void mq_import_name_join(const char *raw_io[MQ_IMPORT_FIELDS], apr_pool_t *pool);

#endif

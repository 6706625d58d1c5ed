/* patient_import_work.h -- what the two halves of the import share. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_WORK_H
#define MQ_DOMAIN_PATIENT_IMPORT_WORK_H

#include "domain/imports/patient_import.h"

enum { MQ_IMPORT_CELL_END = 0x1f /* "unit separator": ends each cell of a stored row */ };

/** Split a stored row; the cells are cut out of text. @return how many there are, at most most */
int mq_import_cells(const char **cells_out, int most, char *text);

/**
 * Look for a patient of the import whose record has been changed or added to since.
 * @return MQ_ECONFLICT there is one
 */
apr_status_t mq_import_touched(const mq_scope_t *sc, const mq_import_t *import);

#endif

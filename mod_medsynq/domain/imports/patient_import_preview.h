/* patient_import_preview.h -- how names of a file come together. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_PREVIEW_H
#define MQ_DOMAIN_PATIENT_IMPORT_PREVIEW_H

#include "domain/imports/patient_import_rows.h"

/**
 * Read names of the first rows, one for each way in which parts come together.
 * @param names_out a few, with points between them; NULL: each is in a cell as it will be
 */
apr_status_t mq_import_names_read(const char **names_out, const mq_scope_t *sc,
                                  const mq_import_t *import);

#endif

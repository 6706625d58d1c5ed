/* patient_export_pages.h -- patients as a CSV file. */
#ifndef MQ_WEB_PATIENT_EXPORT_PAGES_H
#define MQ_WEB_PATIENT_EXPORT_PAGES_H

#include "web/request.h"

/** GET /patients/export.csv, with the choice of /patients, or all=1 */
apr_status_t mq_patients_export(mq_request_t *rq, const mq_scope_t *sc);

#endif

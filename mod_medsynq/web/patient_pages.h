/* patient_pages.h -- adding a patient, one record. */
#ifndef MQ_WEB_PATIENT_PAGES_H
#define MQ_WEB_PATIENT_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_patient_form_template;
extern const mq_page_t mq_patient_page_template;

/** GET and POST /patients/new */
apr_status_t mq_patient_new_page(mq_request_t *rq);
apr_status_t mq_patient_new_post(mq_request_t *rq);

/** GET /patients/{id} */
apr_status_t mq_patient_page(mq_request_t *rq);

#endif

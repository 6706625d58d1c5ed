/* patient_list_pages.h -- the table of patients. */
#ifndef MQ_WEB_PATIENT_LIST_PAGES_H
#define MQ_WEB_PATIENT_LIST_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_patients_page_template;

/** GET /patients, with after= or before= the id of a row of the table */
apr_status_t mq_patients_page_show(mq_request_t *rq);

#endif

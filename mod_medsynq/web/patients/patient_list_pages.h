/* patient_list_pages.h -- finding patients, and the table of all. */
#ifndef MQ_WEB_PATIENT_LIST_PAGES_H
#define MQ_WEB_PATIENT_LIST_PAGES_H

#include "domain/patients/patient_lists.h"
#include "web/pages.h"

/**
 * Read sort=, status= and since= of the query.
 * @param fault_out a sentence when since= is no day, else NULL
 * @return MQ_EINVALID a choice that no page of ours offers
 */
apr_status_t mq_patients_choice_read(mq_patients_choice_t *choice_out, const char **fault_out,
                                     const mq_request_t *rq);

#endif

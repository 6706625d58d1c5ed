/* patient_href.h -- where a record and what belongs to it are found. */
#ifndef MQ_WEB_PATIENT_HREF_H
#define MQ_WEB_PATIENT_HREF_H

#include "web/request.h"

/** @return "/patients/{id}" and what follows it, from the request's pool */
const char *mq_patient_href(const mq_request_t *rq, const mq_id_t *id, const char *rest);

#endif

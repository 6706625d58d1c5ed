/* patient_href.c -- the path of a record. */
#include "web/patients/patient_href.h"

#include <apr_strings.h>

const char *mq_patient_href(const mq_request_t *rq, const mq_id_t *id, const char *rest)
{
    return apr_pstrcat(rq->pool, "/patients/", mq_id_text(id, rq->pool), rest, NULL);
}

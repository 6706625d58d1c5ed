/* patient_export_pages.c -- patients as a CSV file, streamed. Rules are in
 * domain/patients/patient_export.c. */

#include <apr_strings.h>
#include <string.h>

#include "base/date.h"
#include "domain/patients/patient_export.h"
#include "web/patients/patient_list_pages.h"
#include "web/route_tables.h"

static apr_status_t piece(mq_buffer_t *out, int *done_out, void *context)
{
    return mq_patient_export_next(out, done_out, context);
}

/* With the choice of /patients, or all=1. */
static apr_status_t patients_export(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_patients_choice_t choice;
    mq_patient_export_t *job;
    const char *fault;
    mq_day_t today;
    MQ_TRY(mq_patients_choice_read(&choice, &fault, rq));
    if (fault) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_patient_export_begin(&job, sc, mq_request_query(rq, "all") ? NULL : &choice));
    mq_date_today(&today, rq->now, NULL);
    apr_table_setn(rq->headers, "Content-Disposition",
                   apr_pstrcat(rq->pool, "attachment; filename=\"patients-",
                               mq_date_iso(&today, rq->pool), ".csv\"", NULL));
    rq->status = 200;
    rq->content_type = "text/csv; charset=utf-8";
    rq->stream = piece;
    rq->stream_context = job;
    return APR_SUCCESS;
}

const mq_route_t mq_patient_export_routes[] = {
    {MQ_GET, "/patients/export.csv", MQ_ACTION_PATIENTS_EXPORT, patients_export}, MQ_ROUTES_END};

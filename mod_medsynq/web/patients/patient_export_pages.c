/* patient_export_pages.c -- patients as a CSV file, and all of one patient as JSON, streamed. Rules
 * are in domain/patients/patient_export.c and patient_copy.c. */

#include <apr_strings.h>
#include <string.h>

#include "base/date.h"
#include "domain/patients/patient_copy.h"
#include "domain/patients/patient_export.h"
#include "web/patients/patient_list_pages.h"
#include "web/route_tables.h"

static void file_answer(mq_request_t *rq, const char *name, const char *content_type)
{
    apr_table_setn(rq->headers, "Content-Disposition",
                   apr_pstrcat(rq->pool, "attachment; filename=\"", name, "\"", NULL));
    rq->status = 200;
    rq->content_type = content_type;
}

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
    file_answer(rq, apr_pstrcat(rq->pool, "patients-", mq_date_iso(&today, rq->pool), ".csv", NULL),
                "text/csv; charset=utf-8");
    rq->stream = piece;
    rq->stream_context = job;
    return APR_SUCCESS;
}

static apr_status_t copy_piece(mq_buffer_t *out, int *done_out, void *context)
{
    return mq_patient_copy_next(out, done_out, context);
}

/* The file is named by the id: a folder of downloads is read by others. */
static apr_status_t patient_export(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_patient_copy_t *copy;
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_patient_copy_begin(&copy, sc, &id));
    file_answer(rq, apr_pstrcat(rq->pool, "record-", mq_id_text(&id, rq->pool), ".json", NULL),
                "application/json");
    rq->stream = copy_piece;
    rq->stream_context = copy;
    return APR_SUCCESS;
}

const mq_route_t mq_patient_export_routes[] = {
    {MQ_GET, "/patients/export.csv", MQ_ACTION_PATIENTS_EXPORT, patients_export},
    {MQ_GET, "/patients/{id}/export.json", MQ_ACTION_PATIENT_EXPORT, patient_export},
    MQ_ROUTES_END};

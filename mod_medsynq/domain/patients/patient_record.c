/* patient_record.c -- from a row to a record. */
#include "domain/patients/patient_record.h"

static void row_read(mq_patient_t *patient_out, mq_rows_t *rows, const mq_id_t *id,
                     apr_pool_t *pool)
{
    *patient_out = (mq_patient_t){
        .id = *id,
        .version = mq_rows_int(rows, MQ_PATIENT_RECORD_VERSION),
        .mrn = mq_rows_text(rows, MQ_PATIENT_RECORD_MRN, pool),
        .status = (mq_patient_status_t)mq_rows_int(rows, MQ_PATIENT_RECORD_STATUS),
        .created_at = mq_rows_int(rows, MQ_PATIENT_RECORD_CREATED_AT),
        .updated_at = mq_rows_int(rows, MQ_PATIENT_RECORD_UPDATED_AT),
        .updated_by = mq_rows_id(rows, MQ_PATIENT_RECORD_UPDATED_BY),
        .updated_by_name = mq_rows_text(rows, MQ_PATIENT_RECORD_UPDATED_BY_NAME, pool),
        .change = (mq_patient_change_t)mq_rows_int(rows, MQ_PATIENT_RECORD_CHANGE_KIND),
        .change_reason = mq_rows_text(rows, MQ_PATIENT_RECORD_CHANGE_REASON, pool)};
    mq_patient_fields_read(&patient_out->fields, rows, MQ_PATIENT_RECORD_NAME, pool);
    patient_out->name = patient_out->fields.name;
    patient_out->birth_date = patient_out->fields.birth_date;
    mq_rows_close(rows);
}

static apr_status_t record_read(mq_patient_t *patient_out, const mq_scope_t *sc, const mq_id_t *id,
                                const mq_tenant_read_t *statement, const mq_param_t *params,
                                int count)
{
    apr_array_header_t *chart;
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, statement, params, count));
    row_read(patient_out, &rows, id, mq_scope_pool(sc));
    MQ_TRY(mq_chart_standing(&chart, sc, id));
    patient_out->chart = chart;
    return APR_SUCCESS;
}

apr_status_t mq_patient_read(mq_patient_t *patient_out, const mq_scope_t *sc, const mq_id_t *id)
{
    return record_read(patient_out, sc, id, MQ_SQL_PATIENT_BY_ID, MQ_PARAMS(mq_bind_id(id)));
}

apr_status_t mq_patient_read_replaced(mq_patient_t *patient_out, const mq_scope_t *sc,
                                      const mq_id_t *id)
{
    return record_read(patient_out, sc, id, MQ_SQL_PATIENT_REPLACED,
                       MQ_PARAMS(mq_bind_id(id), mq_bind_int(MQ_LISTING_REPLACED)));
}

apr_status_t mq_patient_read_as_guest(mq_patient_t *patient_out, const mq_guest_t *guest)
{
    apr_array_header_t *chart;
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_guest_select(&rows, guest, MQ_SQL_GUEST_PATIENT, MQ_NO_PARAMS));
    rv = mq_rows_next(&rows);
    if (rv != APR_SUCCESS) {
        return rv == APR_EOF ? MQ_ENOTFOUND : rv;
    }
    row_read(patient_out, &rows, mq_guest_patient(guest), mq_guest_pool(guest));
    MQ_TRY(mq_chart_as_guest(&chart, guest));
    patient_out->chart = chart;
    return APR_SUCCESS;
}

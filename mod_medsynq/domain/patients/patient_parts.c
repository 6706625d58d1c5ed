/* patient_parts.c -- the table of a patient's parts. */
#include "domain/patients/patient_parts.h"

#include "domain/patients/patient_notes.h"

const mq_patient_part_t *const mq_patient_parts[MQ_PATIENT_PARTS] = {[MQ_PART_NOTES] =
                                                                         &mq_patient_notes_part};

apr_status_t mq_patient_parts_touched(int *touched_out, const mq_scope_t *sc,
                                      const mq_id_t *patient)
{
    *touched_out = 0;
    for (int i = 0; i < MQ_PATIENT_PARTS && !*touched_out; i++) {
        mq_rows_t rows;
        apr_status_t rv = mq_db_select_one(&rows, sc, mq_patient_parts[i]->touched,
                                           MQ_PARAMS(mq_bind_id(patient)));
        if (rv == APR_SUCCESS) {
            *touched_out = 1;
            mq_rows_close(&rows);
        } else if (rv != MQ_ENOTFOUND) {
            return rv;
        }
    }
    return APR_SUCCESS;
}

apr_status_t mq_patient_parts_remove(const mq_scope_t *sc, const mq_id_t *patient)
{
    for (int i = 0; i < MQ_PATIENT_PARTS; i++) {
        MQ_TRY(mq_db_change(NULL, sc, mq_patient_parts[i]->remove, MQ_PARAMS(mq_bind_id(patient))));
    }
    return APR_SUCCESS;
}

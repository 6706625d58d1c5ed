/* patient_parts.c -- the table of a patient's parts. */
#include "domain/patients/patient_parts.h"

#include "domain/patients/chart_changes.h"
#include "domain/patients/patient_notes.h"

enum { ITEMS_AT_ONCE = 50 };

const mq_patient_part_t *const mq_patient_parts[MQ_PATIENT_PARTS] = {
    [MQ_PART_NOTES] = &mq_patient_notes_part, [MQ_PART_CHART] = &mq_chart_part};

/* Somebody has consented to its being shared, or it is whom a referral is of: that is no part of
 * it, and stays with it. */
static apr_status_t is_shared(int *shared_out, const mq_scope_t *sc, const mq_id_t *patient)
{
    const mq_tenant_read_t *const looks[] = {MQ_SQL_CONSENT_OF_PATIENT,
                                             MQ_SQL_REFERRAL_MATCH_OF_PATIENT};
    apr_status_t rv = MQ_ENOTFOUND;
    for (size_t i = 0; rv == MQ_ENOTFOUND && i < sizeof looks / sizeof *looks; i++) {
        mq_rows_t rows;
        rv = mq_db_select_one(&rows, sc, looks[i], MQ_PARAMS(mq_bind_id(patient)));
        if (rv == APR_SUCCESS) {
            mq_rows_close(&rows);
        }
    }
    *shared_out = rv == APR_SUCCESS;
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

apr_status_t mq_patient_parts_touched(int *touched_out, const mq_scope_t *sc,
                                      const mq_id_t *patient)
{
    MQ_TRY(is_shared(touched_out, sc, patient));
    for (int i = 0; i < MQ_PATIENT_PARTS && !*touched_out; i++) {
        mq_rows_t rows;
        apr_status_t rv =
            mq_db_select_one(&rows, sc, mq_patient_parts[i]->touched,
                             MQ_PARAMS(mq_bind_id(patient), mq_bind_int(mq_scope_now(sc))));
        if (rv == APR_SUCCESS) {
            *touched_out = 1;
            mq_rows_close(&rows);
        } else if (rv != MQ_ENOTFOUND) {
            return rv;
        }
    }
    return APR_SUCCESS;
}

/* A page of them at a time, from the beginning each time: what was read is gone. */
static apr_status_t items_remove(int *count_out, const mq_scope_t *sc, const mq_id_t *patient,
                                 const mq_patient_part_t *part)
{
    static const mq_id_t first;
    mq_id_t items[ITEMS_AT_ONCE];
    mq_rows_t rows;
    apr_status_t rv;
    *count_out = 0;
    MQ_TRY(mq_db_select(
        &rows, sc, part->items,
        MQ_PARAMS(mq_bind_id(patient), mq_bind_id(&first), mq_bind_int(ITEMS_AT_ONCE))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS && *count_out < ITEMS_AT_ONCE) {
        items[(*count_out)++] = mq_rows_id(&rows, MQ_PART_KEY_ITEM);
    }
    mq_rows_close(&rows);
    for (int i = 0; i < *count_out; i++) {
        MQ_TRY(mq_db_change(NULL, sc, part->remove_one,
                            MQ_PARAMS(mq_bind_id(patient), mq_bind_id(&items[i]))));
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_patient_parts_remove(const mq_scope_t *sc, const mq_id_t *patient)
{
    for (int i = 0; i < MQ_PATIENT_PARTS; i++) {
        const mq_patient_part_t *part = mq_patient_parts[i];
        int count = 0;
        if (part->remove) {
            MQ_TRY(mq_db_change(NULL, sc, part->remove, MQ_PARAMS(mq_bind_id(patient))));
        } else {
            do {
                MQ_TRY(items_remove(&count, sc, patient, part));
            } while (count == ITEMS_AT_ONCE);
        }
    }
    return APR_SUCCESS;
}

/* patient_banner.c -- a record to its banner. */
#include "web/patients/patient_banner.h"

#include <apr_strings.h>

#include "web/dates.h"
#include "web/patients/patient_values.h"
#include "web/patients/patients_table.h"

const mq_slot_t mq_patient_banner_slots[] = {MQ_TEXT(mq_patient_banner_t, id),
                                             MQ_TEXT(mq_patient_banner_t, name),
                                             MQ_TEXT(mq_patient_banner_t, birth_date),
                                             MQ_TEXT(mq_patient_banner_t, birth_date_text),
                                             MQ_TEXT(mq_patient_banner_t, age),
                                             MQ_TEXT(mq_patient_banner_t, mrn),
                                             MQ_TEXT(mq_patient_banner_t, sex),
                                             MQ_INT(mq_patient_banner_t, version),
                                             MQ_FLAG(mq_patient_banner_t, is_archived),
                                             MQ_FLAG(mq_patient_banner_t, is_deceased),
                                             MQ_SLOTS_END};

const mq_patient_banner_t *mq_patient_banner(const mq_request_t *rq, const mq_patient_t *patient)
{
    mq_patient_banner_t *banner = apr_palloc(rq->pool, sizeof *banner);
    int estimated = patient->fields.age_estimated != NULL;
    const mq_day_t today = mq_today(rq);
    *banner = (mq_patient_banner_t){
        .id = mq_id_text(&patient->id, rq->pool),
        .name = patient->name,
        .birth_date = estimated ? NULL : patient->birth_date,
        .birth_date_text = estimated ? NULL : mq_date_say(rq, patient->birth_date),
        .age = mq_age_text(rq, patient->birth_date, patient->fields.is_deceased != NULL,
                           patient->fields.deceased_date, &today),
        .mrn = patient->mrn,
        .sex = mq_patient_field_say(rq, MQ_PATIENT_FIELD_SEX, &patient->fields),
        .version = patient->version,
        .is_archived = patient->status == MQ_PATIENT_ARCHIVED,
        .is_deceased = patient->fields.is_deceased != NULL};
    return banner;
}

const char *mq_patient_href(const mq_request_t *rq, const mq_id_t *id, const char *rest)
{
    return apr_pstrcat(rq->pool, "/patients/", mq_id_text(id, rq->pool), rest, NULL);
}

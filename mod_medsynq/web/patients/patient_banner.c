/* patient_banner.c -- a record to its banner. */
#include "web/patients/patient_banner.h"

#include "web/dates.h"
#include "web/patients/patient_values.h"
#include "web/patients/patients_table.h"

const mq_slot_t mq_patient_banner_slots[] = {
    MQ_TEXT(mq_patient_banner_t, id),
    MQ_TEXT(mq_patient_banner_t, name),
    MQ_TEXT(mq_patient_banner_t, preferred_name),
    MQ_TEXT(mq_patient_banner_t, pronouns),
    MQ_TEXT(mq_patient_banner_t, birth_date),
    MQ_TEXT(mq_patient_banner_t, birth_date_text),
    MQ_TEXT(mq_patient_banner_t, age),
    MQ_TEXT(mq_patient_banner_t, mrn),
    MQ_TEXT(mq_patient_banner_t, sex),
    MQ_TEXT(mq_patient_banner_t, deceased_on),
    MQ_INT(mq_patient_banner_t, version),
    MQ_LIST(mq_patient_banner_t, allergies, mq_chart_line_slots, mq_chart_line_t),
    MQ_TEXT(mq_patient_banner_t, more_allergies),
    MQ_TEXT(mq_patient_banner_t, no_allergies),
    MQ_FLAG(mq_patient_banner_t, is_allergic),
    MQ_FLAG(mq_patient_banner_t, is_archived),
    MQ_FLAG(mq_patient_banner_t, is_deceased),
    MQ_SLOTS_END};

enum { ALLERGIES_SHOWN = 5 };

/* The banner stays in view, so it must stay low: all severe allergies, and some of the others. */
static int allergies_shown(const mq_list_t *allergies)
{
    const mq_chart_line_t *lines = allergies->items;
    int count = 0;
    while (count < allergies->count && (count < ALLERGIES_SHOWN || lines[count].is_severe)) {
        count++;
    }
    return count;
}

const mq_patient_banner_t *mq_patient_banner(const mq_request_t *rq, const mq_patient_t *patient)
{
    mq_patient_banner_t *banner = apr_palloc(rq->pool, sizeof *banner);
    int estimated = patient->fields.age_estimated != NULL;
    const mq_day_t today = mq_today(rq);
    const mq_chart_said_t allergies = mq_chart_said(rq, patient, mq_chart_kind(MQ_CHART_ALLERGIES));
    const int shown = allergies_shown(&allergies.lines);
    *banner = (mq_patient_banner_t){
        .id = mq_id_text(&patient->id, rq->pool),
        .name = patient->name,
        .preferred_name = patient->fields.preferred_name,
        .pronouns = patient->fields.pronouns,
        .birth_date = estimated ? NULL : patient->birth_date,
        .birth_date_text = estimated ? NULL : mq_date_say(rq, patient->birth_date),
        .age = mq_age_text(rq, patient->birth_date, patient->fields.is_deceased != NULL,
                           patient->fields.deceased_date, &today),
        .mrn = patient->mrn,
        .sex = mq_patient_field_say(rq, MQ_PATIENT_FIELD_SEX, &patient->fields),
        .deceased_on = mq_date_say(rq, patient->fields.deceased_date),
        .version = patient->version,
        .allergies = {allergies.lines.items, shown},
        .more_allergies = shown < allergies.lines.count
                              ? mq_sayf(rq, "and %d more", allergies.lines.count - shown)
                              : NULL,
        .no_allergies = allergies.nothing,
        .is_allergic = allergies.lines.count > 0,
        .is_archived = patient->status == MQ_PATIENT_ARCHIVED,
        .is_deceased = patient->fields.is_deceased != NULL};
    return banner;
}

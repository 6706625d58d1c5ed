/* patients_table.c -- records to rows of the table. */
#include "web/patients_table.h"

#include <apr_strings.h>
#include <string.h>

#include "base/date.h"

typedef struct row_t {
    char id[MQ_ID_TEXT_SIZE];
    const char *id_text;
    const char *name;
    const char *birth_date;
    const char *birth_date_text;
    const char *age;
    const char *mrn;
    const char *status_text;
    int is_archived;
    int is_deceased;
} row_t;

static const mq_slot_t row_slots[] = {{"id", MQ_SLOT_TEXT, offsetof(row_t, id_text), NULL, 0},
                                      MQ_TEXT(row_t, name),
                                      MQ_TEXT(row_t, birth_date),
                                      MQ_TEXT(row_t, birth_date_text),
                                      MQ_TEXT(row_t, age),
                                      MQ_TEXT(row_t, mrn),
                                      MQ_TEXT(row_t, status_text),
                                      MQ_FLAG(row_t, is_archived),
                                      MQ_FLAG(row_t, is_deceased),
                                      MQ_SLOTS_END};

const mq_slot_t mq_patients_table_slots[] = {
    MQ_LIST(mq_patients_table_t, patients, row_slots, row_t),
    MQ_FLAG(mq_patients_table_t, has_patients), MQ_TEXT(mq_patients_table_t, next_href),
    MQ_TEXT(mq_patients_table_t, previous_href), MQ_SLOTS_END};

const char *mq_age_text(const mq_request_t *rq, const char *birth_date)
{
    mq_day_t today;
    int years;
    mq_date_today(&today, rq->now, NULL);
    if (!birth_date || mq_birth_date_age(&years, birth_date, &today) != APR_SUCCESS) {
        return NULL;
    }
    return strlen(birth_date) < sizeof "1975-04-03" - 1 ? mq_sayf(rq, "about %d", years)
                                                        : apr_itoa(rq->pool, years);
}

static const char *place_href(const mq_request_t *rq, const char *place, const mq_patient_t *row)
{
    return apr_pstrcat(rq->pool, "/patients?", place, "=", mq_id_text(&row->id, rq->pool), NULL);
}

mq_patients_table_t mq_patients_table(const mq_request_t *rq, const mq_patients_page_t *page)
{
    row_t *rows = apr_pcalloc(rq->pool, sizeof *rows * (size_t)(page->count + 1));
    for (int i = 0; i < page->count; i++) {
        const mq_patient_t *patient = &page->rows[i];
        mq_id_format(rows[i].id, &patient->id);
        rows[i].id_text = rows[i].id;
        rows[i].name = patient->name;
        rows[i].birth_date = patient->birth_date;
        rows[i].birth_date_text = patient->birth_date;
        rows[i].age = mq_age_text(rq, patient->birth_date);
        rows[i].mrn = patient->mrn;
        rows[i].is_archived = patient->status == MQ_PATIENT_ARCHIVED;
    }
    return (mq_patients_table_t){
        .patients = {rows, page->count},
        .has_patients = page->count > 0,
        .next_href = page->has_next ? place_href(rq, "after", &page->rows[page->count - 1]) : NULL,
        .previous_href =
            page->has_previous && page->count ? place_href(rq, "before", &page->rows[0]) : NULL};
}

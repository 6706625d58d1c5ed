/* patients_table.c -- records to rows of the table. */
#include "web/patients/patients_table.h"
#include "domain/patients/patient_age.h"
#include "web/dates.h"
#include "web/href.h"
#include "web/patients/patient_values.h"

#include <apr_strings.h>
#include <string.h>

typedef struct row_t {
    mq_id_t id;
    const char *name;
    const char *birth_date;
    const char *birth_date_text;
    const char *age;
    const char *about; /* what else the person is called, or NULL */
    const char *sex;   /* these may be NULL */
    const char *phone;
    const char *address; /* its first line */
    const char *mrn;
    const char *replaced;
    const char *updated_text;
    const char *updated_iso;
    int is_archived;
    int is_deceased;
} row_t;

static const mq_slot_t row_slots[] = {MQ_ID(row_t, id),
                                      MQ_TEXT(row_t, name),
                                      MQ_TEXT(row_t, birth_date),
                                      MQ_TEXT(row_t, birth_date_text),
                                      MQ_TEXT(row_t, age),
                                      MQ_TEXT(row_t, about),
                                      MQ_TEXT(row_t, sex),
                                      MQ_TEXT(row_t, phone),
                                      MQ_TEXT(row_t, address),
                                      MQ_TEXT(row_t, mrn),
                                      MQ_TEXT(row_t, replaced),
                                      MQ_TEXT(row_t, updated_text),
                                      MQ_TEXT(row_t, updated_iso),
                                      MQ_FLAG(row_t, is_archived),
                                      MQ_FLAG(row_t, is_deceased),
                                      MQ_SLOTS_END};

const mq_slot_t mq_patients_table_slots[] = {
    MQ_LIST(mq_patients_table_t, patients, row_slots, row_t),
    MQ_FLAG(mq_patients_table_t, has_patients), MQ_FLAG(mq_patients_table_t, shows_change),
    MQ_INCLUDE(mq_patients_table_t, paging, mq_paging_slots), MQ_SLOTS_END};

/* apr_itoa would take a formatter to the two digits of fifty people. */
static const char *age_write(int years, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, sizeof "140");
    char *at = text;
    if (years >= 100) {
        *at++ = (char)('0' + years / 100);
    }
    if (years >= 10) {
        *at++ = (char)('0' + years / 10 % 10);
    }
    *at++ = (char)('0' + years % 10);
    *at = 0;
    return text;
}

static const char *number_text(const mq_request_t *rq, const mq_patient_age_t *age)
{
    switch (age->unit) {
    case MQ_AGE_DAYS:
        return mq_say_count(rq, "%d day", "%d days", age->number);
    case MQ_AGE_WEEKS:
        return mq_say_count(rq, "%d week", "%d weeks", age->number);
    case MQ_AGE_MONTHS:
        return mq_say_count(rq, "%d month", "%d months", age->number);
    case MQ_AGE_YEARS:
    default:
        return mq_digits_say(rq, age_write(age->number, rq->pool));
    }
}

const char *mq_age_text(const mq_request_t *rq, const char *birth_date, int is_deceased,
                        const char *deceased_date, const mq_day_t *today)
{
    mq_patient_age_t age;
    const char *text;
    if (mq_patient_age(&age, birth_date, is_deceased, deceased_date, today) != APR_SUCCESS) {
        return NULL;
    }
    text = number_text(rq, &age);
    if (age.is_about) {
        text = mq_sayf(rq, "about %s", text);
    }
    return age.is_at_death ? mq_sayf(rq, "%s at death", text) : text;
}

/* What the person is called besides; few are called anything. */
static const char *about_text(const mq_request_t *rq, const mq_patient_row_t *patient)
{
    const char *preferred = patient->preferred_name;
    const char *former = patient->former_name && *patient->former_name
                             ? mq_sayf(rq, "formerly %s", patient->former_name)
                             : NULL;
    if (preferred && *preferred && former) {
        return apr_pstrcat(rq->pool, preferred, " \xc2\xb7 ", former, NULL);
    }
    return preferred && *preferred ? preferred : former;
}

static const char *first_line(const mq_request_t *rq, const char *text)
{
    const char *end = text ? strchr(text, '\n') : NULL;
    return end ? apr_pstrmemdup(rq->pool, text, (apr_size_t)(end - text)) : text;
}

const char *mq_patients_choice_href(const mq_request_t *rq, const char *path,
                                    const mq_patients_choice_t *choice)
{
    static const char *const sorts[MQ_SORTS] = {NULL, "family", "birth_date", "updated"};
    mq_buffer_t *href = mq_buffer_make(rq->pool, 64);
    mq_buffer_text(href, path);
    if (sorts[choice->sort]) {
        mq_href_add(href, "sort", sorts[choice->sort]);
    }
    if (choice->listing != MQ_LISTING_ACTIVE) {
        mq_href_add(href, "status",
                    choice->listing == MQ_LISTING_ARCHIVED ? "archived" : "deceased");
    }
    if (choice->since) {
        mq_day_t day;
        mq_date_today(&day, choice->since, rq->zone);
        mq_href_add(href, "since", mq_date_iso(&day, rq->pool));
    }
    return mq_buffer_string(href);
}

/* Where no row comes before, whatever the path says, the page is the first. */
static mq_paging_t paging_draw(const mq_request_t *rq, const mq_patients_page_t *page,
                               const mq_patients_choice_t *choice, apr_int64_t total)
{
    const char *path = mq_patients_choice_href(rq, "/patients", choice);
    const apr_int64_t shown = mq_paging_shown(rq, !page->has_previous);
    mq_paging_t paging = {.next_label = mq_say(rq, "Next page")};
    if (page->count == 0 || (!page->has_next && !page->has_previous)) {
        return paging;
    }
    if (page->has_next) {
        paging.next_href = mq_paging_href_at(rq, path, "after",
                                             mq_id_text(&page->rows[page->count - 1].id, rq->pool),
                                             shown < 0 ? shown : shown + page->count);
    }
    if (page->has_previous) {
        paging.previous_href =
            mq_paging_href_at(rq, path, "before", mq_id_text(&page->rows[0].id, rq->pool),
                              shown - MQ_PATIENTS_PER_PAGE);
    }
    paging.place = mq_paging_place(rq, shown, page->count, total);
    paging.is_there = 1;
    return paging;
}

/* Whose sex nobody knows costs nothing: a record is large to be made for each row. */
static const char *sex_text(const mq_request_t *rq, const char *sex)
{
    return sex ? mq_patient_field_say(rq, MQ_PATIENT_FIELD_SEX, &(mq_patient_fields_t){.sex = sex})
               : NULL;
}

static row_t row_draw(const mq_request_t *rq, const mq_patient_row_t *patient,
                      const mq_day_t *today)
{
    row_t row = {.id = patient->id,
                 .name = patient->name,
                 .birth_date = patient->birth_date,
                 .birth_date_text = mq_date_say(rq, patient->birth_date),
                 .age = mq_age_text(rq, patient->birth_date, patient->is_deceased,
                                    patient->deceased_date, today),
                 .about = about_text(rq, patient),
                 .sex = sex_text(rq, patient->sex),
                 .phone = patient->phone,
                 .address = first_line(rq, patient->address),
                 .mrn = patient->mrn,
                 .replaced = patient->replaced,
                 .is_archived = patient->is_archived,
                 .is_deceased = patient->is_deceased};
    if (patient->updated_at) {
        row.updated_text = mq_time_say(rq, patient->updated_at);
        row.updated_iso = mq_time_iso(patient->updated_at, rq->pool);
    }
    return row;
}

mq_patients_table_t mq_patients_table(const mq_request_t *rq, const mq_patients_page_t *page,
                                      const mq_patients_choice_t *choice, apr_int64_t total)
{
    row_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(page->count + 1));
    const mq_day_t today = mq_today(rq);
    for (int i = 0; i < page->count; i++) {
        rows[i] = row_draw(rq, &page->rows[i], &today);
    }
    return (mq_patients_table_t){.patients = {rows, page->count},
                                 .has_patients = page->count > 0,
                                 .shows_change = choice->sort == MQ_SORT_UPDATED,
                                 .paging = paging_draw(rq, page, choice, total)};
}

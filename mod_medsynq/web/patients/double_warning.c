/* double_warning.c -- who may be the same person, and why: the words for likeness.h. */
#include "web/patients/double_warning.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/duplicates.h"
#include "web/dates.h"

const mq_slot_t mq_double_slots[] = {
    MQ_TEXT(mq_double_row_t, id),          MQ_TEXT(mq_double_row_t, name),
    MQ_TEXT(mq_double_row_t, birth_date),  MQ_TEXT(mq_double_row_t, birth_date_text),
    MQ_TEXT(mq_double_row_t, mrn),         MQ_TEXT(mq_double_row_t, phone),
    MQ_TEXT(mq_double_row_t, address),     MQ_TEXT(mq_double_row_t, why),
    MQ_FLAG(mq_double_row_t, is_archived), MQ_SLOTS_END};

static void reason_add(const char **all, int fits, const char *reason, apr_pool_t *pool)
{
    if (fits) {
        *all = apr_pstrcat(pool, *all, **all ? "; " : "", reason, NULL);
    }
}

const char *mq_double_why(const mq_request_t *rq, int why)
{
    apr_pool_t *pool = rq->pool;
    const char *all = "";
    int same_day = why & MQ_SAME_BIRTH_DATE;
    int twins = same_day && (why & MQ_SHARED_NAME);
    reason_add(&all, why & MQ_SAME_NATIONAL_ID, mq_say(rq, "the same national identifier"), pool);
    reason_add(&all, why & MQ_SAME_NAME, mq_say(rq, "the same name"), pool);
    reason_add(&all, why & MQ_SIMILAR_NAME, mq_say(rq, "a similar name"), pool);
    reason_add(&all, why & MQ_VAGUE_NAME, mq_say(rq, "a name that may be the same"), pool);
    reason_add(&all, twins,
               mq_say(rq, "part of the name and the date of birth are the same: twins, or a name "
                          "that has changed?"),
               pool);
    reason_add(&all, (why & MQ_SHARED_NAME) && !twins, mq_say(rq, "part of the name"), pool);
    reason_add(&all, why & MQ_FORMER_NAME, mq_say(rq, "an earlier or other name"), pool);
    reason_add(&all, same_day && !twins, mq_say(rq, "the same date of birth"), pool);
    reason_add(&all, why & MQ_SWAPPED_BIRTH_DATE,
               mq_say(rq, "the date of birth with day and month the other way round"), pool);
    reason_add(&all, why & MQ_NEAR_BIRTH_DATE, mq_say(rq, "nearly the same date of birth"), pool);
    reason_add(&all, why & MQ_PARTIAL_BIRTH_DATE,
               mq_say(rq, "the date of birth as far as it is known"), pool);
    reason_add(&all, why & MQ_NO_BIRTH_DATE, mq_say(rq, "no date of birth to tell them apart by"),
               pool);
    reason_add(&all, why & MQ_SAME_PHONE, mq_say(rq, "the same phone number"), pool);
    reason_add(&all, why & MQ_SAME_ADDRESS, mq_say(rq, "the same address"), pool);
    return all;
}

static mq_double_row_t row_draw(const mq_request_t *rq, const mq_duplicate_t *one)
{
    const mq_patient_t *patient = &one->patient;
    return (mq_double_row_t){.id = mq_id_text(&patient->id, rq->pool),
                             .name = patient->name,
                             .birth_date = patient->birth_date,
                             .birth_date_text = mq_date_say(rq, patient->birth_date),
                             .mrn = patient->mrn,
                             .phone = patient->fields.phone1,
                             .address = patient->fields.address,
                             .why = mq_double_why(rq, one->why),
                             .is_archived = patient->status == MQ_PATIENT_ARCHIVED};
}

mq_list_t mq_double_rows(const mq_request_t *rq, const apr_array_header_t *found)
{
    mq_double_row_t *rows = apr_pcalloc(rq->pool, sizeof *rows * (size_t)(found->nelts + 1));
    for (int i = 0; i < found->nelts; i++) {
        rows[i] = row_draw(rq, &APR_ARRAY_IDX(found, i, mq_duplicate_t));
    }
    return (mq_list_t){rows, found->nelts};
}

static mq_list_t rows_draw(const mq_request_t *rq, const mq_patient_fields_t *fields,
                           const apr_array_header_t *found)
{
    mq_double_row_t *rows = apr_pcalloc(rq->pool, sizeof *rows * (size_t)(found->nelts + 1));
    rows[0] = (mq_double_row_t){.name = fields->name,
                                .birth_date = fields->birth_date,
                                .birth_date_text = mq_date_say(rq, fields->birth_date),
                                .phone = fields->phone1,
                                .address = fields->address,
                                .why = mq_say(rq, "what you typed")};
    for (int i = 0; i < found->nelts; i++) {
        rows[i + 1] = row_draw(rq, &APR_ARRAY_IDX(found, i, mq_duplicate_t));
    }
    return (mq_list_t){rows, found->nelts + 1};
}

/* Whether somebody was found whom the person has not been shown yet; adds all to what was seen. */
static int is_news(const char **seen, const apr_array_header_t *found, apr_pool_t *pool)
{
    int news = 0;
    const char *all = "";
    for (int i = 0; i < found->nelts; i++) {
        const mq_id_t *id = &APR_ARRAY_IDX(found, i, mq_duplicate_t).patient.id;
        const char *text = mq_id_text(id, pool);
        news |= !*seen || !strstr(*seen, text);
        all = apr_pstrcat(pool, all, text, " ", NULL);
    }
    *seen = all;
    return news;
}

apr_status_t mq_double_warn(mq_list_t *rows_out, mq_form_t *form, const mq_request_t *rq,
                            const mq_scope_t *sc, const mq_id_t *self,
                            const mq_patient_form_t *values)
{
    mq_patient_fields_t fields = values->in.fields;
    const char *seen = values->seen;
    apr_array_header_t *found;
    *rows_out = (mq_list_t){NULL, 0};
    MQ_TRY(mq_duplicates_find(&found, sc, self, &fields));
    if (!is_news(&seen, found, rq->pool)) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_duplicates_disclose(sc, found));
    mq_patient_fields_settle(&fields, NULL, rq->pool);
    mq_form_set(form, "duplicates_seen", seen);
    *rows_out = rows_draw(rq, &fields, found);
    return APR_SUCCESS;
}

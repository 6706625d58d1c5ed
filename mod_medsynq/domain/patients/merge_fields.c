/* merge_fields.c -- questions, suggestions and answers. */
#include "domain/patients/merge_fields.h"

#include <string.h>

#include "base/text.h"

enum { PHONES = 3 };

int mq_merge_question_of(int field)
{
    static const struct {
        int field;
        int first;
    } together[] = {{MQ_PATIENT_FIELD_GIVEN_NAME, MQ_PATIENT_FIELD_NAME},
                    {MQ_PATIENT_FIELD_FAMILY_NAME, MQ_PATIENT_FIELD_NAME},
                    {MQ_PATIENT_FIELD_AGE_ESTIMATED, MQ_PATIENT_FIELD_BIRTH_DATE},
                    {MQ_PATIENT_FIELD_PHONE2, MQ_PATIENT_FIELD_PHONE1},
                    {MQ_PATIENT_FIELD_PHONE3, MQ_PATIENT_FIELD_PHONE1},
                    {MQ_PATIENT_FIELD_CONTACT_RELATION, MQ_PATIENT_FIELD_CONTACT_NAME},
                    {MQ_PATIENT_FIELD_CONTACT_PHONE, MQ_PATIENT_FIELD_CONTACT_NAME},
                    {MQ_PATIENT_FIELD_DECEASED_DATE, MQ_PATIENT_FIELD_IS_DECEASED}};
    for (size_t i = 0; i < sizeof together / sizeof *together; i++) {
        if (together[i].field == field) {
            return together[i].first;
        }
    }
    return field;
}

static int is_same(const mq_patient_fields_t *a, const mq_patient_fields_t *b, int field)
{
    const char *one = mq_patient_field(a, field);
    const char *other = mq_patient_field(b, field);
    return strcmp(one ? one : "", other ? other : "") == 0;
}

/* Whether b says all that a says of a question, and perhaps more. */
static int says_all(const mq_patient_fields_t *b, const mq_patient_fields_t *a, int question)
{
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (mq_merge_question_of(i) == question && mq_patient_field(a, i) && !is_same(a, b, i)) {
            return 0;
        }
    }
    return 1;
}

static int are_same(const mq_patient_fields_t *a, const mq_patient_fields_t *b, int question)
{
    return says_all(a, b, question) && says_all(b, a, question);
}

/* The day rather than its year alone, and what is known rather than what was reckoned. */
static int is_fuller_date(const mq_patient_fields_t *a, const mq_patient_fields_t *b)
{
    if (!a->birth_date || !b->birth_date || a->age_estimated) {
        return 0;
    }
    return b->age_estimated || (strlen(a->birth_date) > strlen(b->birth_date) &&
                                strncmp(a->birth_date, b->birth_date, strlen(b->birth_date)) == 0);
}

/* The numbers of both, each once, the target's first. @return how many they are */
static int phones_of_both(const char *phones_out[2 * PHONES], const mq_patient_fields_t *target,
                          const mq_patient_fields_t *source, apr_pool_t *pool)
{
    const char *const all[2 * PHONES] = {target->phone1, target->phone2, target->phone3,
                                         source->phone1, source->phone2, source->phone3};
    int count = 0;
    for (int i = 0; i < 2 * PHONES; i++) {
        int is_new = all[i] && *all[i];
        for (int j = 0; j < count && is_new; j++) {
            is_new = strcmp(mq_text_digits(all[i], pool), mq_text_digits(phones_out[j], pool)) != 0;
        }
        if (is_new) {
            phones_out[count++] = all[i];
        }
    }
    return count;
}

static int has_both(const mq_patient_fields_t *target, const mq_patient_fields_t *source,
                    int question, apr_pool_t *pool)
{
    const char *phones[2 * PHONES];
    return question == MQ_PATIENT_FIELD_PHONE1 && !says_all(target, source, question) &&
           !says_all(source, target, question) &&
           phones_of_both(phones, target, source, pool) <= PHONES;
}

static mq_merge_side_t suggestion(const mq_patient_fields_t *target,
                                  const mq_patient_fields_t *source, int question, int both)
{
    if (both) {
        return MQ_SIDE_BOTH;
    }
    if (says_all(source, target, question) ||
        (question == MQ_PATIENT_FIELD_BIRTH_DATE && is_fuller_date(source, target))) {
        return MQ_SIDE_SOURCE;
    }
    return MQ_SIDE_TARGET;
}

apr_array_header_t *mq_merge_questions(const mq_patient_fields_t *target,
                                       const mq_patient_fields_t *source, apr_pool_t *pool)
{
    apr_array_header_t *questions =
        apr_array_make(pool, MQ_PATIENT_FIELDS, sizeof(mq_merge_question_t));
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        int both;
        if (mq_merge_question_of(i) != i || are_same(target, source, i)) {
            continue;
        }
        both = has_both(target, source, i, pool);
        APR_ARRAY_PUSH(questions, mq_merge_question_t) =
            (mq_merge_question_t){i, suggestion(target, source, i, both), both};
    }
    return questions;
}

static void question_take(mq_patient_fields_t *fields, const mq_patient_fields_t *from,
                          int question)
{
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (mq_merge_question_of(i) == question) {
            mq_patient_field_set(fields, i, mq_patient_field(from, i));
        }
    }
}

void mq_merge_fields(mq_patient_fields_t *fields_out, const mq_patient_fields_t *target,
                     const mq_patient_fields_t *source, const mq_merge_answers_t *answers,
                     apr_pool_t *pool)
{
    const apr_array_header_t *questions = mq_merge_questions(target, source, pool);
    *fields_out = *target;
    for (int i = 0; i < questions->nelts; i++) {
        const mq_merge_question_t *asked = &APR_ARRAY_IDX(questions, i, mq_merge_question_t);
        mq_merge_side_t side = answers->of[asked->field];
        if (side == MQ_SIDE_SUGGESTED || (side == MQ_SIDE_BOTH && !asked->has_both)) {
            side = asked->suggested;
        }
        if (side == MQ_SIDE_SOURCE) {
            question_take(fields_out, source, asked->field);
        } else if (side == MQ_SIDE_BOTH) {
            const char *phones[2 * PHONES] = {NULL};
            (void)phones_of_both(phones, target, source, pool);
            fields_out->phone1 = phones[0];
            fields_out->phone2 = phones[1];
            fields_out->phone3 = phones[2];
        }
    }
}

void mq_merge_undo(mq_patient_fields_t *fields_out, const mq_patient_fields_t *before,
                   const mq_patient_fields_t *merged, const mq_patient_fields_t *now)
{
    *fields_out = *now;
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (mq_merge_question_of(i) == i && are_same(now, merged, i)) {
            question_take(fields_out, before, i);
        }
    }
}

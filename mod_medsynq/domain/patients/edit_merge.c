/* edit_merge.c -- question by question: who touched it, and whose answer stands. */
#include "domain/patients/edit_merge.h"

#include <string.h>

#include "domain/patients/merge_fields.h"

/* As for two records of one person, but for telephone numbers: those stand in places of their own
 * in one record. */
int mq_edit_question_of(int field)
{
    int question = mq_merge_question_of(field);
    return question == MQ_PATIENT_FIELD_PHONE1 ? field : question;
}

int mq_edit_is_same(const mq_patient_fields_t *a, const mq_patient_fields_t *b, int field)
{
    const char *one = mq_patient_field(a, field);
    const char *other = mq_patient_field(b, field);
    return strcmp(one ? one : "", other ? other : "") == 0;
}

static int are_same(const mq_patient_fields_t *a, const mq_patient_fields_t *b, int question)
{
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (mq_edit_question_of(i) == question && !mq_edit_is_same(a, b, i)) {
            return 0;
        }
    }
    return 1;
}

static mq_edit_state_t state_of(const mq_patient_fields_t *base, const mq_patient_fields_t *mine,
                                const mq_patient_fields_t *theirs, int question)
{
    if (are_same(mine, theirs, question)) {
        return MQ_EDIT_AGREED;
    }
    if (base && are_same(base, theirs, question)) {
        return MQ_EDIT_ONLY_MINE;
    }
    if (base && are_same(base, mine, question)) {
        return MQ_EDIT_ONLY_THEIRS;
    }
    return MQ_EDIT_CLASH;
}

static void question_take(mq_patient_fields_t *fields, const mq_patient_fields_t *from,
                          int question)
{
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (mq_edit_question_of(i) == question) {
            mq_patient_field_set(fields, i, mq_patient_field(from, i));
        }
    }
}

void mq_edit_merge(mq_edit_merge_t *merge_out, const mq_patient_fields_t *base,
                   const mq_patient_fields_t *mine, const mq_patient_fields_t *theirs,
                   const mq_edit_answers_t *answers)
{
    *merge_out = (mq_edit_merge_t){.fields = *theirs};
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        mq_edit_state_t state = MQ_EDIT_AGREED;
        if (mq_edit_question_of(i) == i) {
            state = state_of(base, mine, theirs, i);
        }
        merge_out->of[i] = state;
        merge_out->theirs += state == MQ_EDIT_ONLY_THEIRS;
        merge_out->open += state == MQ_EDIT_CLASH && answers->of[i] == MQ_EDIT_OPEN;
        if (state == MQ_EDIT_ONLY_MINE ||
            (state == MQ_EDIT_CLASH && answers->of[i] == MQ_EDIT_MINE)) {
            question_take(&merge_out->fields, mine, i);
            merge_out->is_news = 1;
        }
    }
}

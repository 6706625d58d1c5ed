/* patient_form.c -- the rows of the form, in the order of the groups of
 * domain/patients/patient_fields.c, and what only a form has: age, which stands for a birth date
 * that is only a year and an estimate, and the notes. */
#include "web/patients/patient_form.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/patient_age.h"
#include "web/dates.h"

enum {
    LIMIT_SEEN = 400,
    LIMIT_VERSION = 20,
    LIMIT_AGE = 3,
    MONTHS_MOST = 24,
    MONTHS = 12,
    OWN_ROWS = 8
};

static const char *const group_titles[MQ_GROUPS] = {
    [MQ_GROUP_NAME] = MQ_SAY("Other names"),
    [MQ_GROUP_PERSON] = MQ_SAY("More details"),
    [MQ_GROUP_CONTACT] = MQ_SAY("Address and other contacts"),
    [MQ_GROUP_EMERGENCY] = MQ_SAY("Emergency contact"),
    [MQ_GROUP_DEATH] = MQ_SAY("Death")};

static const mq_field_t age_row = {.name = "age",
                                   .label = MQ_SAY("Estimated age in years"),
                                   .kind = MQ_FIELD_AGE,
                                   .limit = LIMIT_AGE,
                                   .autocomplete = "off",
                                   .hint = MQ_SAY("Only when the date of birth is not known."),
                                   .offset = offsetof(mq_patient_form_t, age)};

static const mq_field_t months_row = {.name = "age_months",
                                      .label = MQ_SAY("Estimated age in months"),
                                      .kind = MQ_FIELD_AGE,
                                      .limit = LIMIT_AGE,
                                      .autocomplete = "off",
                                      .hint = MQ_SAY("Under two years."),
                                      .offset = offsetof(mq_patient_form_t, age_months)};

static const mq_field_t unknown_row = {
    .name = "name_unknown",
    .label = MQ_SAY("The name is not known"),
    .kind = MQ_FIELD_CHECKBOX,
    .limit = MQ_LIMIT_SHORT,
    .hint = MQ_SAY("The record is called by sex, day and time, and a letter that tells two apart, "
                   "until somebody knows the name."),
    .offset = offsetof(mq_patient_form_t, name_unknown)};

static const mq_field_t keep_row = {
    .name = "keep_former",
    .label = MQ_SAY("If the family name changes, keep the current one as former name"),
    .kind = MQ_FIELD_CHECKBOX,
    .limit = MQ_LIMIT_SHORT,
    .offset = offsetof(mq_patient_form_t, in.keeps_former)};

static const mq_field_t notes_row = {.name = "notes",
                                     .label = MQ_SAY("Notes"),
                                     .kind = MQ_FIELD_BLOCK,
                                     .limit = MQ_LIMIT_NOTES,
                                     .autocomplete = "off",
                                     .offset = offsetof(mq_patient_form_t, in.notes)};

static const mq_field_t version_row = {.name = "version",
                                       .label = "version",
                                       .kind = MQ_FIELD_HIDDEN,
                                       .limit = LIMIT_VERSION,
                                       .offset = offsetof(mq_patient_form_t, version)};

static const mq_field_t seen_row = {.name = "duplicates_seen",
                                    .label = "duplicates_seen",
                                    .kind = MQ_FIELD_HIDDEN,
                                    .limit = LIMIT_SEEN,
                                    .offset = offsetof(mq_patient_form_t, seen)};

static mq_field_t row_make(int field)
{
    const mq_patient_field_t *of = &mq_patient_field_table[field];
    mq_field_t row = {.name = of->name,
                      .label = of->asked ? of->asked : of->label,
                      .kind = of->rule.kind,
                      .limit = of->rule.limit,
                      .choices = of->rule.choices,
                      .autocomplete = of->rule.kind == MQ_FIELD_CHECKBOX ? NULL : "off",
                      .group = group_titles[of->group],
                      .offset = offsetof(mq_patient_form_t, in.fields) + of->offset};
    if (field == MQ_PATIENT_FIELD_NAME) {
        row.required = 2;
        row.missing = MQ_SAY("Enter the patient's name.");
    }
    if (of->rule.kind == MQ_FIELD_BIRTH_DATE) {
        row.hint = MQ_SAY("For example %s. If you only know the year, enter that.");
    }
    return row;
}

const mq_field_t *mq_patient_form_fields(int with_notes, apr_pool_t *pool)
{
    mq_field_t *rows = apr_pcalloc(pool, sizeof *rows * (MQ_PATIENT_FIELDS + OWN_ROWS));
    int count = 0;
    for (int group = MQ_GROUP_MAIN; group < MQ_GROUPS; group++) {
        for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
            if ((int)mq_patient_field_table[i].group == group) {
                rows[count++] = row_make(i);
            }
            if (i == MQ_PATIENT_FIELD_BIRTH_DATE && group == MQ_GROUP_MAIN) {
                rows[count++] = age_row;
                rows[count++] = months_row;
            }
        }
        if (group == MQ_GROUP_MAIN) {
            if (with_notes) {
                rows[count++] = notes_row;
            }
            rows[count++] = version_row;
            rows[count++] = seen_row;
        }
    }
    return rows;
}

/* With one row more, before the one of this name, in its group. */
static const mq_field_t *with_row(const mq_field_t *fields, const mq_field_t *row,
                                  const char *before, apr_pool_t *pool)
{
    mq_field_t *rows = apr_pmemdup(pool, fields, sizeof *rows * (MQ_PATIENT_FIELDS + OWN_ROWS));
    int at = 0;
    while (strcmp(rows[at].name, before) != 0) {
        at++;
    }
    memmove(rows + at + 1, rows + at,
            sizeof *rows * (size_t)(MQ_PATIENT_FIELDS + OWN_ROWS - at - 1));
    rows[at] = *row;
    rows[at].group = rows[at + 1].group;
    return rows;
}

const mq_field_t *mq_patient_new_fields(int with_notes, apr_pool_t *pool)
{
    return with_row(mq_patient_form_fields(with_notes, pool), &unknown_row, "date_of_birth", pool);
}

const mq_field_t *mq_patient_edit_fields(int with_notes, apr_pool_t *pool)
{
    return with_row(mq_patient_form_fields(with_notes, pool), &keep_row, "former_name", pool);
}

void mq_patient_form_unnamed(mq_form_t *form, mq_patient_form_t *values, const mq_request_t *rq)
{
    const mq_patient_fields_t *fields = &values->in.fields;
    const char *sex = fields->sex ? fields->sex : "";
    if (!values->name_unknown) {
        return;
    }
    if (fields->name || fields->given_name || fields->family_name) {
        mq_form_fault(form, "name_unknown",
                      mq_say(rq, "A name is entered as well: leave one of them out."));
        return;
    }
    values->in.unnamed = apr_pstrcat(rq->pool,
                                     strcmp(sex, "male") == 0     ? mq_say(rq, "Unknown male")
                                     : strcmp(sex, "female") == 0 ? mq_say(rq, "Unknown female")
                                                                  : mq_say(rq, "Unknown person"),
                                     ", ", mq_time_name(rq, rq->now), NULL);
    values->in.fields.name = values->in.unnamed; /* for whoever judges it */
}

/* A month of birth, for who is said to be so many months old. */
static const char *month_reckon(const mq_request_t *rq, int months)
{
    mq_day_t day = mq_today(rq);
    int count = MONTHS * day.year + day.month - 1 - months;
    day = (mq_day_t){count / MONTHS, count % MONTHS + 1, 0};
    return mq_date_iso(&day, rq->pool);
}

/* An age that is typed beside a date of birth is not overlooked where it says something else. */
static int contradicts(const char *birth_date, int years, const mq_day_t *today)
{
    mq_patient_age_t age;
    int found;
    if (mq_patient_age(&age, birth_date, 0, NULL, today) != APR_SUCCESS) {
        return 0; /* it has a fault of its own */
    }
    found = age.unit == MQ_AGE_YEARS    ? age.number
            : age.unit == MQ_AGE_MONTHS ? age.number / MONTHS
                                        : 0;
    return years < found - 1 || years > found + 1;
}

static void age_judge(mq_form_t *form, mq_patient_form_t *values, const mq_request_t *rq)
{
    mq_patient_fields_t *record = &values->in.fields;
    const mq_day_t today = mq_today(rq);
    int years = values->age ? (int)apr_atoi64(values->age) : -1;
    int months = values->age_months ? (int)apr_atoi64(values->age_months) : -1;
    if (months >= MONTHS_MOST) {
        mq_form_fault(form, "age_months", mq_say(rq, "Enter the age in whole months, 0 to 23."));
    } else if (record->birth_date &&
               ((years >= 0 && contradicts(record->birth_date, years, &today)) ||
                (months >= 0 && contradicts(record->birth_date, months / MONTHS, &today)))) {
        mq_form_fault(form, years >= 0 ? "age" : "age_months",
                      mq_say(rq, "The date of birth says another age. Leave one of them empty."));
    } else if (years >= 0 && months >= 0 && (years > 1 || years != months / MONTHS)) {
        mq_form_fault(form, "age_months",
                      mq_say(rq, "Enter the age in years or in months, not in both."));
    } else if (!record->birth_date && (years >= 0 || months >= 0)) {
        record->birth_date = months >= 0 ? month_reckon(rq, months)
                                         : apr_psprintf(rq->pool, "%04d", today.year - years);
        record->age_estimated = "1";
    }
}

void mq_patient_form_judge(mq_form_t *form, mq_patient_form_t *values, const mq_request_t *rq)
{
    mq_patient_fields_t *record = &values->in.fields;
    mq_patient_faults_t faults;
    const mq_day_t today = mq_today(rq);
    if (!mq_form_faults(form)) {
        age_judge(form, values, rq);
    }
    mq_patient_fields_settle(record, NULL, rq->pool);
    (void)mq_patient_check(&faults, record, &today, rq->pool);
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        mq_form_fault_add(form, mq_patient_field_table[i].name, faults.of[i]);
    }
}

/* What was typed for an estimated age, as it is by now: months while there are less than 24. */
static const char *age_value(const mq_patient_fields_t *record, int in_months,
                             const mq_request_t *rq)
{
    const mq_day_t today = mq_today(rq);
    mq_patient_age_t age;
    if (!record->age_estimated ||
        mq_patient_age(&age, record->birth_date, 0, NULL, &today) != APR_SUCCESS) {
        return "";
    }
    return (age.unit == MQ_AGE_MONTHS) == in_months ? apr_itoa(rq->pool, age.number) : "";
}

const char *mq_patient_form_value(const char *name, const mq_patient_fields_t *record,
                                  const mq_request_t *rq)
{
    if (strcmp(name, "age") == 0 || strcmp(name, "age_months") == 0) {
        return age_value(record, strcmp(name, "age") != 0, rq);
    }
    if (strcmp(name, "date_of_birth") == 0 && record->age_estimated) {
        return "";
    }
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (strcmp(mq_patient_field_table[i].name, name) == 0) {
            const char *value = mq_patient_field(record, i);
            return value ? value : "";
        }
    }
    return "";
}

int mq_patient_form_has_notes(const mq_request_t *rq)
{
    const char *notes = mq_form_get(rq->form, "notes", NULL);
    return notes && *notes;
}

void mq_patient_form_person(mq_form_t *form, const mq_patient_fields_t *person,
                            const mq_request_t *rq)
{
    const mq_field_t *fields = mq_patient_form_fields(0, rq->pool);
    for (; fields->name; fields++) {
        if (fields->kind != MQ_FIELD_HIDDEN) { /* who has been shown as a double, has been */
            mq_form_set(form, fields->name, mq_patient_form_value(fields->name, person, rq));
        }
    }
}

void mq_patient_form_fill(mq_form_t *form, const mq_patient_t *patient, const mq_request_t *rq)
{
    mq_patient_form_person(form, &patient->fields, rq);
    mq_form_set(form, "version", apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, patient->version));
}

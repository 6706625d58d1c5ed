/* patient_fields.c -- the table of a record's fields and what is done over all of them. */
#include "domain/patients/patient_fields.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stddef.h>
#include <string.h>

#include "base/buffer.h"
#include "base/catalogue.h"
#include "base/escape.h"
#include "base/text.h"
#include "base/urlform.h"

static const mq_choice_t sexes[] = {{"", MQ_SAY("Not recorded")},   {"female", MQ_SAY("Female")},
                                    {"male", MQ_SAY("Male")},       {"other", MQ_SAY("Other")},
                                    {"unknown", MQ_SAY("Unknown")}, {NULL, NULL}};

#define RULE_NAME                                                                                  \
    {                                                                                              \
        MQ_FIELD_LINE, MQ_LIMIT_NAME, NULL                                                         \
    }
#define RULE_SHORT                                                                                 \
    {                                                                                              \
        MQ_FIELD_LINE, MQ_LIMIT_SHORT, NULL                                                        \
    }
#define RULE_SEX                                                                                   \
    {                                                                                              \
        MQ_FIELD_SELECT, MQ_LIMIT_SHORT, sexes                                                     \
    }
#define RULE_PHONE                                                                                 \
    {                                                                                              \
        MQ_FIELD_PHONE, MQ_LIMIT_PHONE, NULL                                                       \
    }
#define RULE_EMAIL                                                                                 \
    {                                                                                              \
        MQ_FIELD_EMAIL, MQ_LIMIT_EMAIL, NULL                                                       \
    }
#define RULE_ADDRESS                                                                               \
    {                                                                                              \
        MQ_FIELD_BLOCK, MQ_LIMIT_ADDRESS, NULL                                                     \
    }
#define RULE_BIRTH_DATE                                                                            \
    {                                                                                              \
        MQ_FIELD_BIRTH_DATE, 0, NULL                                                               \
    }
#define RULE_PAST_DATE                                                                             \
    {                                                                                              \
        MQ_FIELD_PAST_DATE, 0, NULL                                                                \
    }
#define RULE_FLAG                                                                                  \
    {                                                                                              \
        MQ_FIELD_CHECKBOX, MQ_LIMIT_SHORT, NULL                                                    \
    }

const mq_patient_field_t mq_patient_field_table[MQ_PATIENT_FIELDS] = {
    [MQ_PATIENT_FIELD_NAME] = {.name = "name",
                               .label = MQ_SAY("Name"),
                               .rule = RULE_NAME,
                               .group = MQ_GROUP_MAIN,
                               .import = 1,
                               .offset = offsetof(mq_patient_fields_t, name)},
    [MQ_PATIENT_FIELD_GIVEN_NAME] = {.name = "given_name",
                                     .label = MQ_SAY("Given name"),
                                     .rule = RULE_NAME,
                                     .group = MQ_GROUP_NAME,
                                     .import = 2,
                                     .offset = offsetof(mq_patient_fields_t, given_name)},
    [MQ_PATIENT_FIELD_FAMILY_NAME] = {.name = "family_name",
                                      .label = MQ_SAY("Family name"),
                                      .rule = RULE_NAME,
                                      .group = MQ_GROUP_NAME,
                                      .import = 3,
                                      .offset = offsetof(mq_patient_fields_t, family_name)},
    [MQ_PATIENT_FIELD_FORMER_NAME] = {.name = "former_name",
                                      .label = MQ_SAY("Former name"),
                                      .rule = RULE_NAME,
                                      .group = MQ_GROUP_NAME,
                                      .import = 7,
                                      .offset = offsetof(mq_patient_fields_t, former_name)},
    [MQ_PATIENT_FIELD_PREFERRED_NAME] = {.name = "preferred_name",
                                         .label = MQ_SAY("Preferred name"),
                                         .rule = RULE_NAME,
                                         .group = MQ_GROUP_NAME,
                                         .import = 8,
                                         .offset = offsetof(mq_patient_fields_t, preferred_name)},
    [MQ_PATIENT_FIELD_BIRTH_DATE] = {.name = "date_of_birth",
                                     .label = MQ_SAY("Date of birth"),
                                     .rule = RULE_BIRTH_DATE,
                                     .group = MQ_GROUP_MAIN,
                                     .import = 4,
                                     .offset = offsetof(mq_patient_fields_t, birth_date)},
    [MQ_PATIENT_FIELD_AGE_ESTIMATED] = {.name = "age_estimated",
                                        .label = MQ_SAY("Age is an estimate"),
                                        .rule = RULE_FLAG,
                                        .group = MQ_GROUP_NONE,
                                        .import = 23,
                                        .offset = offsetof(mq_patient_fields_t, age_estimated)},
    [MQ_PATIENT_FIELD_SEX] = {.name = "sex",
                              .label = MQ_SAY("Sex"),
                              .rule = RULE_SEX,
                              .group = MQ_GROUP_MAIN,
                              .import = 9,
                              .offset = offsetof(mq_patient_fields_t, sex)},
    [MQ_PATIENT_FIELD_PRONOUNS] = {.name = "pronouns",
                                   .label = MQ_SAY("Pronouns"),
                                   .rule = RULE_SHORT,
                                   .group = MQ_GROUP_PERSON,
                                   .import = 10,
                                   .offset = offsetof(mq_patient_fields_t, pronouns)},
    [MQ_PATIENT_FIELD_PHONE1] = {.name = "phone1",
                                 .label = MQ_SAY("Phone"),
                                 .rule = RULE_PHONE,
                                 .group = MQ_GROUP_MAIN,
                                 .import = 11,
                                 .offset = offsetof(mq_patient_fields_t, phone1)},
    [MQ_PATIENT_FIELD_PHONE2] = {.name = "phone2",
                                 .label = MQ_SAY("Second phone"),
                                 .rule = RULE_PHONE,
                                 .group = MQ_GROUP_CONTACT,
                                 .import = 12,
                                 .offset = offsetof(mq_patient_fields_t, phone2)},
    [MQ_PATIENT_FIELD_PHONE3] = {.name = "phone3",
                                 .label = MQ_SAY("Third phone"),
                                 .rule = RULE_PHONE,
                                 .group = MQ_GROUP_CONTACT,
                                 .import = 13,
                                 .offset = offsetof(mq_patient_fields_t, phone3)},
    [MQ_PATIENT_FIELD_EMAIL] = {.name = "email",
                                .label = MQ_SAY("E-mail address"),
                                .rule = RULE_EMAIL,
                                .group = MQ_GROUP_CONTACT,
                                .import = 14,
                                .offset = offsetof(mq_patient_fields_t, email)},
    [MQ_PATIENT_FIELD_ADDRESS] = {.name = "address",
                                  .label = MQ_SAY("Address"),
                                  .rule = RULE_ADDRESS,
                                  .group = MQ_GROUP_CONTACT,
                                  .import = 15,
                                  .offset = offsetof(mq_patient_fields_t, address)},
    [MQ_PATIENT_FIELD_NATIONAL_ID] = {.name = "national_id",
                                      .label = MQ_SAY("National identifier"),
                                      .rule = RULE_SHORT,
                                      .group = MQ_GROUP_PERSON,
                                      .import = 16,
                                      .offset = offsetof(mq_patient_fields_t, national_id)},
    [MQ_PATIENT_FIELD_LANGUAGE] = {.name = "language",
                                   .label = MQ_SAY("Language"),
                                   .rule = RULE_SHORT,
                                   .group = MQ_GROUP_PERSON,
                                   .import = 17,
                                   .offset = offsetof(mq_patient_fields_t, language)},
    [MQ_PATIENT_FIELD_GENERAL_PRACTITIONER] =
        {.name = "general_practitioner",
         .label = MQ_SAY("General practitioner"),
         .rule = RULE_NAME,
         .group = MQ_GROUP_PERSON,
         .import = 25,
         .words = "gp|family doctor|primary care provider|medecin traitant|hausarzt",
         .offset = offsetof(mq_patient_fields_t, general_practitioner)},
    [MQ_PATIENT_FIELD_CONTACT_NAME] = {.name = "contact_name",
                                       .label = MQ_SAY("Emergency contact"),
                                       .asked = MQ_SAY("Name of the emergency contact"),
                                       .rule = RULE_NAME,
                                       .group = MQ_GROUP_EMERGENCY,
                                       .import = 18,
                                       .offset = offsetof(mq_patient_fields_t, contact_name)},
    [MQ_PATIENT_FIELD_CONTACT_RELATION] = {.name = "contact_relation",
                                           .label = MQ_SAY("Relationship of the emergency contact"),
                                           .rule = RULE_SHORT,
                                           .group = MQ_GROUP_EMERGENCY,
                                           .import = 19,
                                           .offset =
                                               offsetof(mq_patient_fields_t, contact_relation)},
    [MQ_PATIENT_FIELD_CONTACT_PHONE] = {.name = "contact_phone",
                                        .label = MQ_SAY("Phone of the emergency contact"),
                                        .rule = RULE_PHONE,
                                        .group = MQ_GROUP_EMERGENCY,
                                        .import = 20,
                                        .offset = offsetof(mq_patient_fields_t, contact_phone)},
    [MQ_PATIENT_FIELD_IS_DECEASED] = {.name = "deceased",
                                      .label = MQ_SAY("Deceased"),
                                      .asked = MQ_SAY("The person has died"),
                                      .rule = RULE_FLAG,
                                      .group = MQ_GROUP_DEATH,
                                      .import = 21,
                                      .offset = offsetof(mq_patient_fields_t, is_deceased)},
    [MQ_PATIENT_FIELD_DECEASED_DATE] = {.name = "deceased_date",
                                        .label = MQ_SAY("Date of death"),
                                        .rule = RULE_PAST_DATE,
                                        .group = MQ_GROUP_DEATH,
                                        .import = 22,
                                        .offset = offsetof(mq_patient_fields_t, deceased_date)},
};

static const char **member(mq_patient_fields_t *record, int field)
{
    return (const char **)((char *)record + mq_patient_field_table[field].offset);
}

const char *mq_patient_field(const mq_patient_fields_t *record, int field)
{
    const char *value =
        *(const char *const *)((const char *)record + mq_patient_field_table[field].offset);
    return value && *value ? value : NULL;
}

const mq_param_t *mq_patient_fields_bind(int *count_out, const mq_param_t *before, int before_count,
                                         const mq_patient_fields_t *record, const mq_param_t *after,
                                         int after_count, apr_pool_t *pool)
{
    int count = before_count + MQ_PATIENT_FIELDS + after_count;
    mq_param_t *params = apr_palloc(pool, sizeof *params * (apr_size_t)count);
    mq_param_t *fields = params + before_count;
    memcpy(params, before, sizeof *params * (apr_size_t)before_count);
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *value = mq_patient_field(record, i);
        fields[i] = mq_patient_field_is_flag(i) ? mq_bind_int(value != NULL) : mq_bind_text(value);
    }
    if (after_count) {
        memcpy(fields + MQ_PATIENT_FIELDS, after, sizeof *params * (apr_size_t)after_count);
    }
    *count_out = count;
    return params;
}

void mq_patient_field_set(mq_patient_fields_t *record, int field, const char *value)
{
    *member(record, field) = value;
}

int mq_patient_field_is_flag(int field)
{
    return mq_patient_field_table[field].rule.kind == MQ_FIELD_CHECKBOX;
}

void mq_patient_fields_read(mq_patient_fields_t *record_out, const mq_rows_t *rows, int first,
                            apr_pool_t *pool)
{
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (mq_patient_field_is_flag(i)) {
            *member(record_out, i) = mq_rows_int(rows, first + i) ? "1" : NULL;
        } else {
            *member(record_out, i) = mq_rows_text(rows, first + i, pool);
        }
    }
}

const char *mq_patient_fields_encode(const mq_patient_fields_t *record, apr_pool_t *pool)
{
    mq_buffer_t *out = mq_buffer_make(pool, 512);
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *value = mq_patient_field(record, i);
        if (value) {
            mq_buffer_text(out, out->length ? "&" : "");
            mq_buffer_text(out, mq_patient_field_table[i].name);
            mq_buffer_text(out, "=");
            mq_escape_url_segment(out, value);
        }
    }
    return mq_buffer_string(out);
}

apr_status_t mq_patient_fields_decode(mq_patient_fields_t *record_out, const char *text,
                                      apr_pool_t *pool)
{
    const apr_array_header_t *fields;
    MQ_TRY(mq_form_parse(&fields, NULL, text, strlen(text), MQ_FORM_FIELDS_DEFAULT, pool));
    *record_out = (mq_patient_fields_t){0};
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        *member(record_out, i) = mq_form_get(fields, mq_patient_field_table[i].name, NULL);
    }
    return APR_SUCCESS;
}

static const char *whole_name(const mq_patient_fields_t *record, apr_pool_t *pool)
{
    const char *given = record->given_name ? record->given_name : "";
    const char *family = record->family_name ? record->family_name : "";
    return apr_pstrcat(pool, given, *given && *family ? " " : "", family, NULL);
}

static void name_settle(mq_patient_fields_t *record, const mq_patient_fields_t *old,
                        apr_pool_t *pool)
{
    const char *whole = whole_name(record, pool);
    int is_made = !record->name || !*record->name;
    if (old && old->name && !is_made) {
        is_made =
            strcmp(old->name, record->name) == 0 && strcmp(old->name, whole_name(old, pool)) == 0;
    }
    if (is_made && *whole) {
        record->name = whole;
    }
}

void mq_patient_fields_settle(mq_patient_fields_t *record, const mq_patient_fields_t *old,
                              apr_pool_t *pool)
{
    enum { YEAR = 4, YEAR_AND_MONTH = 7 /* of an age in months */ };
    name_settle(record, old, pool);
    if (record->deceased_date) {
        record->is_deceased = "1";
    }
    if (!record->birth_date) {
        record->age_estimated = NULL;
    } else if (record->age_estimated && strlen(record->birth_date) != YEAR_AND_MONTH) {
        record->birth_date = apr_pstrndup(pool, record->birth_date, YEAR);
    }
}

/* A part that nobody knows says nothing: who was born in May may have died in that year. */
static int is_before(const char *date, const char *other)
{
    size_t length = strlen(date);
    size_t other_length = strlen(other);
    return strncmp(date, other, length < other_length ? length : other_length) < 0;
}

/* A name that was made of two long ones may be longer than one that is typed. */
static mq_field_fault_t field_check(const mq_patient_fields_t *record, int field,
                                    const mq_day_t *today, apr_pool_t *pool)
{
    mq_field_rule_t rule = mq_patient_field_table[field].rule;
    const char *value = mq_patient_field(record, field);
    if (field == MQ_PATIENT_FIELD_NAME && value && strcmp(value, whole_name(record, pool)) == 0) {
        rule.limit = 2 * rule.limit + 1;
    }
    return mq_field_check(&rule, value, today, pool);
}

apr_status_t mq_patient_check(mq_patient_faults_t *faults_out, const mq_patient_fields_t *record,
                              const mq_day_t *today, apr_pool_t *pool)
{
    mq_field_fault_t *faults = faults_out->of;
    mq_field_fault_t *death = &faults[MQ_PATIENT_FIELD_DECEASED_DATE];
    int wrong = 0;
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        faults[i] = field_check(record, i, today, pool);
        wrong |= faults[i] != MQ_FAULT_NONE;
    }
    if (!mq_patient_field(record, MQ_PATIENT_FIELD_NAME)) {
        faults[MQ_PATIENT_FIELD_NAME] = MQ_FAULT_MISSING;
        wrong = 1;
    }
    if (!*death && record->deceased_date && record->birth_date &&
        is_before(record->deceased_date, record->birth_date)) {
        *death = MQ_FAULT_DEATH;
        wrong = 1;
    }
    return wrong ? MQ_EINVALID : APR_SUCCESS;
}

const char *mq_national_id_key(const char *national_id, apr_pool_t *pool)
{
    const char *key = national_id ? mq_text_name_key(national_id, pool) : "";
    char *kept = apr_palloc(pool, strlen(key) + 1);
    char *end = kept;
    for (const char *s = key; *s; s++) {
        if ((unsigned char)*s >= 0x80 || apr_isalnum(*s)) {
            *end++ = *s;
        }
    }
    *end = 0;
    return *kept ? kept : NULL;
}

/* patient_form.c -- the form's table. Its names are those of domain/patients/patient_fields.c, but
 * for age, which stands for a birth date that is only a year and an estimate. */
#include "web/patients/patient_form.h"

#include <apr_strings.h>
#include <string.h>

#include "web/dates.h"

enum {
    LIMIT_SHORT = 100,
    LIMIT_PHONE = 40,
    LIMIT_ADDRESS = 1024, /* bytes */
    LIMIT_SEEN = 400
};

static const mq_choice_t sexes[] = {{"", "Not recorded"}, {"female", "Female"},   {"male", "Male"},
                                    {"other", "Other"},   {"unknown", "Unknown"}, {NULL, NULL}};

static const char group_names[] = "More about the name";
static const char group_person[] = "More about the person";
static const char group_contact[] = "More ways to reach the person";
static const char group_emergency[] = "Emergency contact";
static const char group_death[] = "Death";

#define RECORD(member) offsetof(mq_patient_form_t, in.fields.member)

#define BEFORE_NOTES                                                                               \
    {"name", "Name", MQ_FIELD_LINE, 2, MQ_LIMIT_NAME, "off", NULL, NULL, RECORD(name)},            \
        {"date_of_birth",                                                                          \
         "Date of birth",                                                                          \
         MQ_FIELD_BIRTH_DATE,                                                                      \
         0,                                                                                        \
         0,                                                                                        \
         "off",                                                                                    \
         "As in %s. The day, or the month and the day, may be left out.",                          \
         NULL,                                                                                     \
         RECORD(birth_date)},                                                                      \
        {"age",                                                                                    \
         "Or about how many years old",                                                            \
         MQ_FIELD_AGE,                                                                             \
         0,                                                                                        \
         3,                                                                                        \
         "off",                                                                                    \
         "Only when the date of birth is not known.",                                              \
         NULL,                                                                                     \
         offsetof(mq_patient_form_t, age)},                                                        \
        {"sex", "Sex", MQ_FIELD_SELECT, 0, LIMIT_SHORT, "off", NULL, NULL, RECORD(sex), sexes},    \
    {                                                                                              \
        "phone1", "Telephone", MQ_FIELD_PHONE, 0, LIMIT_PHONE, "off", NULL, NULL, RECORD(phone1)   \
    }

#define NOTES                                                                                      \
    {                                                                                              \
        "notes", "Notes", MQ_FIELD_BLOCK, 0, MQ_LIMIT_NOTES, "off", NULL, NULL,                    \
            offsetof(mq_patient_form_t, in.notes)                                                  \
    }

#define LINE(name, label, limit, member, group)                                                    \
    {                                                                                              \
        name, label, MQ_FIELD_LINE, 0, limit, "off", NULL, NULL, RECORD(member), NULL, group       \
    }
#define PHONE(name, label, member, group)                                                          \
    {                                                                                              \
        name, label, MQ_FIELD_PHONE, 0, LIMIT_PHONE, "off", NULL, NULL, RECORD(member), NULL,      \
            group                                                                                  \
    }
#define HIDDEN(name, member, limit)                                                                \
    {                                                                                              \
        name, name, MQ_FIELD_HIDDEN, 0, limit, NULL, NULL, NULL,                                   \
            offsetof(mq_patient_form_t, member)                                                    \
    }

#define AFTER_NOTES                                                                                \
    HIDDEN("version", version, 20), HIDDEN("duplicates_seen", seen, LIMIT_SEEN),                   \
        LINE("given_name", "Given name", MQ_LIMIT_NAME, given_name, group_names),                  \
        LINE("family_name", "Family name", MQ_LIMIT_NAME, family_name, group_names),               \
        LINE("former_name", "Former name", MQ_LIMIT_NAME, former_name, group_names),               \
        LINE("preferred_name", "Preferred name", MQ_LIMIT_NAME, preferred_name, group_names),      \
        LINE("pronouns", "Pronouns", LIMIT_SHORT, pronouns, group_person),                         \
        LINE("language", "Language", LIMIT_SHORT, language, group_person),                         \
        LINE("national_id", "National identifier", LIMIT_SHORT, national_id, group_person),        \
        PHONE("phone2", "Second telephone", phone2, group_contact),                                \
        PHONE("phone3", "Third telephone", phone3, group_contact),                                 \
        {"email",        "E-mail address",                                                         \
         MQ_FIELD_EMAIL, 0,                                                                        \
         MQ_LIMIT_EMAIL, "off",                                                                    \
         NULL,           NULL,                                                                     \
         RECORD(email),  NULL,                                                                     \
         group_contact},                                                                           \
        {"address", "Address", MQ_FIELD_BLOCK,  0,    LIMIT_ADDRESS, "off",                        \
         NULL,      NULL,      RECORD(address), NULL, group_contact},                              \
        LINE("contact_name", "Name of the emergency contact", MQ_LIMIT_NAME, contact_name,         \
             group_emergency),                                                                     \
        LINE("contact_relation", "Relation of the emergency contact", LIMIT_SHORT,                 \
             contact_relation, group_emergency),                                                   \
        PHONE("contact_phone", "Telephone of the emergency contact", contact_phone,                \
              group_emergency),                                                                    \
        {"deceased",                                                                               \
         "The person has died",                                                                    \
         MQ_FIELD_CHECKBOX,                                                                        \
         0,                                                                                        \
         10,                                                                                       \
         NULL,                                                                                     \
         NULL,                                                                                     \
         NULL,                                                                                     \
         RECORD(is_deceased),                                                                      \
         NULL,                                                                                     \
         group_death},                                                                             \
        {"deceased_date",                                                                          \
         "Date of death",                                                                          \
         MQ_FIELD_PAST_DATE,                                                                       \
         0,                                                                                        \
         0,                                                                                        \
         "off",                                                                                    \
         NULL,                                                                                     \
         NULL,                                                                                     \
         RECORD(deceased_date),                                                                    \
         NULL,                                                                                     \
         group_death},                                                                             \
    {                                                                                              \
        NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0                                       \
    }

static const mq_field_t fields_with_notes[] = {BEFORE_NOTES, NOTES, AFTER_NOTES};
static const mq_field_t fields_without_notes[] = {BEFORE_NOTES, AFTER_NOTES};

const mq_field_t *mq_patient_form_fields(int with_notes)
{
    return with_notes ? fields_with_notes : fields_without_notes;
}

void mq_patient_form_judge(mq_form_t *form, mq_patient_form_t *values, const mq_request_t *rq)
{
    mq_patient_fields_t *record = &values->in.fields;
    if (!record->name && !record->given_name && !record->family_name) {
        mq_form_fault(form, "name", mq_say(rq, "Enter the patient's name."));
    }
    if (values->age && !record->birth_date && !mq_form_faults(form)) {
        record->birth_date =
            apr_psprintf(rq->pool, "%04d", mq_today(rq).year - (int)apr_atoi64(values->age));
        record->age_estimated = "1";
    }
    if (record->deceased_date) {
        record->is_deceased = "1";
    }
    if (record->deceased_date && record->birth_date &&
        strncmp(record->deceased_date, record->birth_date,
                strlen(record->deceased_date) < strlen(record->birth_date)
                    ? strlen(record->deceased_date)
                    : strlen(record->birth_date)) < 0) {
        mq_form_fault(form, "deceased_date",
                      mq_say(rq, "The date of death is before the date of birth."));
    }
}

static int is_date_field(const char *name)
{
    return strcmp(name, "date_of_birth") == 0 || strcmp(name, "deceased_date") == 0;
}

const char *mq_patient_form_value(const char *name, const mq_patient_fields_t *record,
                                  const mq_request_t *rq)
{
    if (strcmp(name, "age") == 0) {
        return record->age_estimated && record->birth_date
                   ? apr_itoa(rq->pool, mq_today(rq).year - (int)apr_atoi64(record->birth_date))
                   : "";
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

void mq_patient_form_fill(mq_form_t *form, const mq_patient_t *patient, const mq_request_t *rq)
{
    for (const mq_field_t *field = fields_with_notes; field->name; field++) {
        mq_form_set(form, field->name, mq_patient_form_value(field->name, &patient->fields, rq));
    }
    mq_form_set(form, "version", apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, patient->version));
}

const char *mq_patient_field_say(const mq_request_t *rq, int field,
                                 const mq_patient_fields_t *record)
{
    const char *value = mq_patient_field(record, field);
    if (!value) {
        return NULL;
    }
    if (mq_patient_field_table[field].is_flag) {
        return mq_say(rq, "Yes");
    }
    if (strcmp(mq_patient_field_table[field].name, "sex") == 0) {
        for (const mq_choice_t *choice = sexes; choice->value; choice++) {
            if (strcmp(choice->value, value) == 0) {
                return mq_say(rq, choice->label);
            }
        }
    }
    return is_date_field(mq_patient_field_table[field].name) ? mq_date_say(rq, value) : value;
}

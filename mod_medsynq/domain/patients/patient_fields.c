/* patient_fields.c -- the table of a record's fields and what is done over all of them. */
#include "domain/patients/patient_fields.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stddef.h>
#include <string.h>

#include "base/buffer.h"
#include "base/escape.h"
#include "base/text.h"
#include "base/urlform.h"

#define FIELD(name, label, member)                                                                 \
    {                                                                                              \
        name, label, offsetof(mq_patient_fields_t, member), 0                                      \
    }
#define FLAG(name, label, member)                                                                  \
    {                                                                                              \
        name, label, offsetof(mq_patient_fields_t, member), 1                                      \
    }

const mq_patient_field_t mq_patient_field_table[MQ_PATIENT_FIELDS] = {
    FIELD("name", "Name", name),
    FIELD("given_name", "Given name", given_name),
    FIELD("family_name", "Family name", family_name),
    FIELD("former_name", "Former name", former_name),
    FIELD("preferred_name", "Preferred name", preferred_name),
    FIELD("date_of_birth", "Date of birth", birth_date),
    FLAG("age_estimated", "Age is an estimate", age_estimated),
    FIELD("sex", "Sex", sex),
    FIELD("pronouns", "Pronouns", pronouns),
    FIELD("phone1", "Telephone", phone1),
    FIELD("phone2", "Second telephone", phone2),
    FIELD("phone3", "Third telephone", phone3),
    FIELD("email", "E-mail address", email),
    FIELD("address", "Address", address),
    FIELD("national_id", "National identifier", national_id),
    FIELD("language", "Language", language),
    FIELD("contact_name", "Emergency contact", contact_name),
    FIELD("contact_relation", "Relation of the emergency contact", contact_relation),
    FIELD("contact_phone", "Telephone of the emergency contact", contact_phone),
    FLAG("deceased", "Deceased", is_deceased),
    FIELD("deceased_date", "Date of death", deceased_date)};

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

void mq_patient_fields_bind(mq_param_t *params, const mq_patient_fields_t *record)
{
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *value = mq_patient_field(record, i);
        params[i] =
            mq_patient_field_table[i].is_flag ? mq_bind_int(value != NULL) : mq_bind_text(value);
    }
}

void mq_patient_fields_read(mq_patient_fields_t *record_out, const mq_rows_t *rows, int first,
                            apr_pool_t *pool)
{
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (mq_patient_field_table[i].is_flag) {
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

void mq_patient_fields_name(mq_patient_fields_t *record, const mq_patient_fields_t *old,
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

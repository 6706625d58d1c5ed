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

const mq_patient_field_t mq_patient_field_table[MQ_PATIENT_FIELDS] = {
    [MQ_PATIENT_FIELD_NAME] = {"name", "Name", offsetof(mq_patient_fields_t, name)},
    [MQ_PATIENT_FIELD_GIVEN_NAME] = {"given_name", "Given name",
                                     offsetof(mq_patient_fields_t, given_name)},
    [MQ_PATIENT_FIELD_FAMILY_NAME] = {"family_name", "Family name",
                                      offsetof(mq_patient_fields_t, family_name)},
    [MQ_PATIENT_FIELD_FORMER_NAME] = {"former_name", "Former name",
                                      offsetof(mq_patient_fields_t, former_name)},
    [MQ_PATIENT_FIELD_PREFERRED_NAME] = {"preferred_name", "Preferred name",
                                         offsetof(mq_patient_fields_t, preferred_name)},
    [MQ_PATIENT_FIELD_BIRTH_DATE] = {"date_of_birth", "Date of birth",
                                     offsetof(mq_patient_fields_t, birth_date)},
    [MQ_PATIENT_FIELD_AGE_ESTIMATED] = {"age_estimated", "Age is an estimate",
                                        offsetof(mq_patient_fields_t, age_estimated), 1},
    [MQ_PATIENT_FIELD_SEX] = {"sex", "Sex", offsetof(mq_patient_fields_t, sex)},
    [MQ_PATIENT_FIELD_PRONOUNS] = {"pronouns", "Pronouns", offsetof(mq_patient_fields_t, pronouns)},
    [MQ_PATIENT_FIELD_PHONE1] = {"phone1", "Telephone", offsetof(mq_patient_fields_t, phone1)},
    [MQ_PATIENT_FIELD_PHONE2] = {"phone2", "Second telephone",
                                 offsetof(mq_patient_fields_t, phone2)},
    [MQ_PATIENT_FIELD_PHONE3] = {"phone3", "Third telephone",
                                 offsetof(mq_patient_fields_t, phone3)},
    [MQ_PATIENT_FIELD_EMAIL] = {"email", "E-mail address", offsetof(mq_patient_fields_t, email)},
    [MQ_PATIENT_FIELD_ADDRESS] = {"address", "Address", offsetof(mq_patient_fields_t, address)},
    [MQ_PATIENT_FIELD_NATIONAL_ID] = {"national_id", "National identifier",
                                      offsetof(mq_patient_fields_t, national_id)},
    [MQ_PATIENT_FIELD_LANGUAGE] = {"language", "Language", offsetof(mq_patient_fields_t, language)},
    [MQ_PATIENT_FIELD_CONTACT_NAME] = {"contact_name", "Emergency contact",
                                       offsetof(mq_patient_fields_t, contact_name)},
    [MQ_PATIENT_FIELD_CONTACT_RELATION] = {"contact_relation", "Relation of the emergency contact",
                                           offsetof(mq_patient_fields_t, contact_relation)},
    [MQ_PATIENT_FIELD_CONTACT_PHONE] = {"contact_phone", "Telephone of the emergency contact",
                                        offsetof(mq_patient_fields_t, contact_phone)},
    [MQ_PATIENT_FIELD_IS_DECEASED] = {"deceased", "Deceased",
                                      offsetof(mq_patient_fields_t, is_deceased), 1},
    [MQ_PATIENT_FIELD_DECEASED_DATE] = {"deceased_date", "Date of death",
                                        offsetof(mq_patient_fields_t, deceased_date)},
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
        fields[i] =
            mq_patient_field_table[i].is_flag ? mq_bind_int(value != NULL) : mq_bind_text(value);
    }
    if (after_count) {
        memcpy(fields + MQ_PATIENT_FIELDS, after, sizeof *params * (apr_size_t)after_count);
    }
    *count_out = count;
    return params;
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

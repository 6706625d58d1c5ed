/* patient_fields.h -- what a record says of a person: one table of fields, by which records are
 * bound to SQL, kept as earlier versions, compared, and shown. The form has the same names. */
#ifndef MQ_DOMAIN_PATIENT_FIELDS_H
#define MQ_DOMAIN_PATIENT_FIELDS_H

#include "store/db.h"

/** Clean texts; NULL is empty. A flag is "1" or NULL. */
typedef struct mq_patient_fields_t {
    const char *name; /* as lists show it; never NULL in a stored record */
    const char *given_name;
    const char *family_name;
    const char *former_name;
    const char *preferred_name;
    const char *birth_date;    /* YYYY, YYYY-MM or YYYY-MM-DD */
    const char *age_estimated; /* flag: birth_date is a year reckoned from "about N years old" */
    const char *sex;           /* male, female, other, unknown */
    const char *pronouns;
    const char *phone1;
    const char *phone2;
    const char *phone3;
    const char *email;
    const char *address; /* may have line breaks */
    const char *national_id;
    const char *language;
    const char *contact_name;
    const char *contact_relation;
    const char *contact_phone;
    const char *is_deceased; /* flag */
    const char *deceased_date;
} mq_patient_fields_t;

/** One field. Its number is MQ_PATIENT_FIELD_ and its column, made with the number of all,
 * MQ_PATIENT_FIELDS, from store/statements/patient_fields.list. */
typedef struct mq_patient_field_t {
    const char *name;  /* of the form's parameter and in kept versions: never changed */
    const char *label; /* English; the catalogue translates */
    apr_size_t offset;
    int is_flag;
} mq_patient_field_t;

extern const mq_patient_field_t mq_patient_field_table[MQ_PATIENT_FIELDS];

/** @return a field's value, NULL for an empty one */
const char *mq_patient_field(const mq_patient_fields_t *record, int field);

/**
 * The parameters of a statement that has all fields in a row.
 * @param count_out how many they are
 * @param before    those before the fields, as MQ_PARAMS gives them
 * @param after     those after them
 */
const mq_param_t *mq_patient_fields_bind(int *count_out, const mq_param_t *before, int before_count,
                                         const mq_patient_fields_t *record, const mq_param_t *after,
                                         int after_count, apr_pool_t *pool);

/** Read all fields from a row's columns, beginning with first. Texts are from pool. */
void mq_patient_fields_read(mq_patient_fields_t *record_out, const mq_rows_t *rows, int first,
                            apr_pool_t *pool);

/** @return the fields that are not empty, as HTML forms code them, from pool */
const char *mq_patient_fields_encode(const mq_patient_fields_t *record, apr_pool_t *pool);

/** Read what mq_patient_fields_encode wrote. @return MQ_EINVALID it is something else */
apr_status_t mq_patient_fields_decode(mq_patient_fields_t *record_out, const char *text,
                                      apr_pool_t *pool);

/** Give a record without a name the one that given and family name make. When an old record is
 * given whose name they made, a change of theirs changes the name. */
void mq_patient_fields_name(mq_patient_fields_t *record, const mq_patient_fields_t *old,
                            apr_pool_t *pool);

/** @return a national identifier as it is compared, or NULL for an empty one */
const char *mq_national_id_key(const char *national_id, apr_pool_t *pool);

#endif

/* patient_fields.h -- what a record says of a person: one table of fields, by which records are
 * bound to SQL, kept as earlier versions, compared, and shown. The form has the same names. */
#ifndef MQ_DOMAIN_PATIENT_FIELDS_H
#define MQ_DOMAIN_PATIENT_FIELDS_H

#include "domain/field_kinds.h"
#include "store/db.h"

/** Clean texts; NULL is empty. A flag is "1" or NULL. */
typedef struct mq_patient_fields_t {
    const char *name; /* as lists show it; never NULL in a stored record */
    const char *given_name;
    const char *family_name;
    const char *former_name;
    const char *preferred_name;
    const char *birth_date;    /* YYYY, YYYY-MM or YYYY-MM-DD */
    const char *age_estimated; /* flag: birth_date is a year, or a month, reckoned from an age */
    const char *sex;           /* male, female, other, unknown */
    const char *pronouns;
    const char *phone1;
    const char *phone2;
    const char *phone3;
    const char *email;
    const char *address; /* may have line breaks */
    const char *national_id;
    const char *language;
    const char *general_practitioner; /* and perhaps their practice, as people write it */
    const char *contact_name;
    const char *contact_relation;
    const char *contact_phone;
    const char *is_deceased; /* flag */
    const char *deceased_date;
} mq_patient_fields_t;

/** Where in a form a field stands; the order is that of the form. */
typedef enum {
    MQ_GROUP_NONE = 0, /* follows from others */
    MQ_GROUP_MAIN,     /* always in sight */
    MQ_GROUP_NAME,
    MQ_GROUP_PERSON,
    MQ_GROUP_CONTACT,
    MQ_GROUP_EMERGENCY,
    MQ_GROUP_DEATH,
    MQ_GROUPS
} mq_field_group_t;

/** One field. Its number is MQ_PATIENT_FIELD_ and its column, made with the number of all,
 * MQ_PATIENT_FIELDS, from store/statements/patient_fields.list. Form, history, conflicts, print,
 * import and exports have what stands here, in this order. */
typedef struct mq_patient_field_t {
    const char *name;  /* of the parameter, in exports and in kept versions: never changed */
    const char *label; /* English; the catalogue translates */
    const char *asked; /* its label in a form, NULL: the same */
    mq_field_rule_t rule;
    mq_field_group_t group;
    int import;        /* its number in the stored columns of imports: never changed */
    const char *words; /* further names that a column of a file may have, as search keys, between
                          bars; or NULL */
    apr_size_t offset; /* in mq_patient_fields_t */
} mq_patient_field_t;

extern const mq_patient_field_t mq_patient_field_table[MQ_PATIENT_FIELDS];

/** @return a field's value, NULL for an empty one */
const char *mq_patient_field(const mq_patient_fields_t *record, int field);

/** Give a field a value. */
void mq_patient_field_set(mq_patient_fields_t *record, int field, const char *value);

/** @return whether a field is yes or no */
int mq_patient_field_is_flag(int field);

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

/**
 * Say what follows from what is said: a record without a name gets the one that given and family
 * name make; who has a date of death has died; an estimated age keeps no day that was made up.
 * @param old an earlier record, or NULL: if given and family name made its name, a change of theirs
 *            changes the name
 */
void mq_patient_fields_settle(mq_patient_fields_t *record, const mq_patient_fields_t *old,
                              apr_pool_t *pool);

/** What is wrong with each field, MQ_FAULT_NONE for nothing. */
typedef struct mq_patient_faults_t {
    mq_field_fault_t of[MQ_PATIENT_FIELDS];
} mq_patient_faults_t;

/**
 * Judge a settled record: each field by its rule, that there is a name, that death follows birth.
 * @param today of mq_field_today
 * @return MQ_EINVALID something is wrong
 */
apr_status_t mq_patient_check(mq_patient_faults_t *faults_out, const mq_patient_fields_t *record,
                              const mq_day_t *today, apr_pool_t *pool);

/** @return a national identifier as it is compared, or NULL for an empty one */
const char *mq_national_id_key(const char *national_id, apr_pool_t *pool);

#endif

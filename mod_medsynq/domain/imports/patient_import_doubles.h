/* patient_import_doubles.h -- whom a row of an imported file is: somebody who is registered, or of
 * an earlier row, to the letter or as people are mistyped. And choosing such rows one by one. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_DOUBLES_H
#define MQ_DOMAIN_PATIENT_IMPORT_DOUBLES_H

#include "domain/imports/patient_import_rows.h"
#include "domain/patients/patients.h"

/** By what rows of one file find each other; each is a range of an index. */
typedef struct mq_import_keys_t {
    const char *person;     /* names and date of birth */
    const char *born;       /* the date, or NULL */
    const char *phone;      /* the digits that decide, or NULL */
    const char *identifier; /* or NULL */
} mq_import_keys_t;

void mq_import_keys(mq_import_keys_t *keys_out, const mq_scope_t *sc,
                    const mq_patient_fields_t *fields, apr_pool_t *pool);

/** Whom a row is like; rule 0: nobody. */
typedef struct mq_import_double_t {
    const mq_id_t *patient; /* or NULL */
    apr_int64_t row;        /* an earlier one, or 0 */
    int why;                /* a set of likeness.h */
    int rule;               /* of mq_import_rule_t, or 0 */
} mq_import_double_t;

/**
 * Look whom a row is like: some ranges of indexes are read, however many people there are, and no
 * single word of a name, which half a register may have. So a second slip (in the name as well as
 * in the date) may pass; the list of likely duplicates finds it afterwards.
 * @param number of the row: only earlier ones are looked at
 */
apr_status_t mq_import_double_find(mq_import_double_t *found_out, const mq_scope_t *sc,
                                   const mq_id_t *import, apr_int64_t number,
                                   const mq_patient_fields_t *fields, const mq_import_keys_t *keys,
                                   apr_pool_t *pool);

enum { MQ_IMPORT_PAIRS_SHOWN = 50 };

/** A row that is like somebody, for reading. Texts are from the scope's pool. */
typedef struct mq_import_pair_t {
    apr_int64_t number;
    apr_int64_t line;
    mq_patient_fields_t fields; /* what the row says */
    const char *mrn;            /* of the row, or NULL */
    int has_patient;
    mq_patient_t patient;       /* whom it is like */
    apr_int64_t other_line;     /* of the earlier row that it is like, 0: none */
    mq_patient_fields_t others; /* what that says */
    int why;
    int is_chosen;
} mq_import_pair_t;

/**
 * Read a page of them; one disclosure of all patients on it.
 * @param pairs_out array of mq_import_pair_t
 * @param more_out  whether others follow
 * @param after     the number of the row before, 0: from the first
 * @return MQ_EDENIED
 */
apr_status_t mq_import_pairs(apr_array_header_t **pairs_out, int *more_out, const mq_scope_t *sc,
                             const mq_import_t *import, apr_int64_t after);

/** One row and what became of it. */
typedef struct mq_import_chosen_t {
    apr_int64_t number;
    int is_chosen;
} mq_import_chosen_t;

/**
 * Say of some rows whether they are added all the same.
 * @param rows array of mq_import_chosen_t; a row that is no double is passed over
 * @return MQ_ECONFLICT it has been decided by now; MQ_EDENIED
 */
apr_status_t mq_import_choose(const mq_scope_t *sc, const mq_import_t *import,
                              const apr_array_header_t *rows);

#endif

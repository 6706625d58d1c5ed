/* patient_import_words.h -- what the columns of files are called, by programs and by people. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_WORDS_H
#define MQ_DOMAIN_PATIENT_IMPORT_WORDS_H

#include "domain/imports/patient_import_rows.h"

/** Names of one field in one language. */
typedef struct mq_import_words_t {
    int of_record;           /* a number of mq_patient_field_table, or -1: */
    mq_import_field_t other; /* what is no field of a record */
    const char *language;    /* ISO 639; "": names of fields in programs and their databases */
    /* Between bars, as mq_import_guess compares them: lower case, no accents, blanks or
     * punctuation. One that begins with a question mark counts where no column without one is the
     * field, with two where none with one is it. */
    const char *words;
} mq_import_words_t;

/** Ends with a row whose words are NULL. */
extern const mq_import_words_t mq_import_words[];

#endif

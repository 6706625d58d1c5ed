/* patient_import_guess.h -- which column of a file is what, before a person has said it. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_GUESS_H
#define MQ_DOMAIN_PATIENT_IMPORT_GUESS_H

#include "domain/imports/patient_import_rows.h"

enum { MQ_IMPORT_NAME_MOST = 200 /* bytes of a column's name that may be known */ };

/**
 * Guess what the columns of a file are, by our own names, those of other programs and of people.
 * Each field is one column at most, but for those of mq_import_is_joined.
 * @param fields_out one for each column
 */
apr_status_t mq_import_guess(mq_import_field_t *fields_out, const mq_scope_t *sc,
                             const mq_import_t *import);

/** @return how many different fields the cells of a row name: by two or more it is the row with the
 * names of the columns */
int mq_import_known(const mq_scope_t *sc, const char *const *columns, int count);

/** Read what a person said of a file with the same names. @return MQ_ENOTFOUND none has come */
apr_status_t mq_import_remembered(mq_import_field_t *fields_out, const mq_scope_t *sc,
                                  const mq_import_t *import);

/** Remember it, in the open transaction. @param mapping of mq_import_mapping_text */
apr_status_t mq_import_remember(const mq_scope_t *sc, const mq_import_t *import,
                                const char *mapping);

#endif

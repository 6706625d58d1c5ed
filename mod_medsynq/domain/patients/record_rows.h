/* record_rows.h -- what a record consists of, kind of row by kind of row: the record itself, its
 * earlier versions, each kind of part and what its rows were before. Whoever takes a record along
 * as a whole walks this list: the export of an organisation, the copy of one record. */
#ifndef MQ_DOMAIN_RECORD_ROWS_H
#define MQ_DOMAIN_RECORD_ROWS_H

#include "domain/patients/patient_part.h"

/** @return the kinds one after the other, NULL when i is their number */
const mq_record_rows_t *mq_record_rows(int i);

/**
 * Start to read a kind, in the order of its key.
 * @param patient of this one, without what is not for the scope's person; NULL: all of the whole
 *                organisation, for its own command
 * @param last    what was read last; all zero at the beginning
 */
apr_status_t mq_record_rows_select(mq_rows_t *rows_out, const mq_record_rows_t *kind,
                                   const mq_scope_t *sc, const mq_id_t *patient,
                                   const mq_row_place_t *last, int limit);

#endif

/* patient_import.h -- many patients from a file, all or none.
 *
 *   STAGING   rows of the file are being stored           (patient_import.c)
 *   MAPPING   a person says which column is what
 *   CHECKING  each row is checked: the dry run            (patient_import_work.c)
 *   CHECKED   a person looks at the counts and decides
 *   ADDING    patients are made, with a status that no page shows
 *   SHOWING   all are there: they become visible, which cannot fail any more
 *   DONE      for seven days it can be undone
 *   HIDING    undo: they become invisible again; one that was touched turns it back to SHOWING
 *   REMOVING  undo: they are deleted                      -> UNDONE
 *   CLEANING  a record number was taken meanwhile: what was added is deleted -> FAILED
 *
 * The long states work in slices, each in short transactions, so that others' writes pass between;
 * any request may do the next slice. After a kill the start of the server completes SHOWING and
 * turns back HIDING (store/sqlite/sqlite_schema.c); all other states show nothing or everything. It
 * also lets go of what a file said once nobody can undo or go on with it: MQ_IMPORT_UNDO_DAYS after
 * its end, or after its upload when nobody decided. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_H
#define MQ_DOMAIN_PATIENT_IMPORT_H

#include <apr_file_io.h>
#include <apr_tables.h>

#include "domain/imports/patient_import_rows.h"

/**
 * Store the rows of a CSV file: UTF-8 with or without a mark, or windows-1252; comma, semicolon or
 * tab; the first row names the columns.
 * @param id_out    the import, in the state MAPPING
 * @param file      read from its beginning, in pieces
 * @param fault_out what is wrong with the file, a constant sentence
 * @param line_out  and where, 0: everywhere
 * @return MQ_EINVALID the file cannot be read as such; MQ_EDENIED the role may not import
 */
apr_status_t mq_import_stage(mq_id_t *id_out, const mq_scope_t *sc, const char *file_name,
                             apr_file_t *file, const char **fault_out, int *line_out);

/** The latest imports. @param imports_out array of mq_import_t, without columns */
apr_status_t mq_imports_newest(apr_array_header_t **imports_out, const mq_scope_t *sc, int limit);

/**
 * Say which column is what, and begin the dry run, or begin it again.
 * @param chosen how a person says that dates are ordered; what the file proves counts before it
 * @return MQ_EINVALID it has to be said and is not; MQ_ECONFLICT not in this state
 */
apr_status_t mq_import_map(const mq_scope_t *sc, const mq_import_t *import,
                           const mq_import_field_t *mapping, mq_date_order_t chosen);

/** Begin to add the rows without faults. @return MQ_ECONFLICT not in this state */
apr_status_t mq_import_commit(const mq_scope_t *sc, const mq_import_t *import);

/** Begin to take the import back. @return MQ_ECONFLICT too late, a record has been changed since,
 * or not in this state */
apr_status_t mq_import_undo(const mq_scope_t *sc, const mq_import_t *import);

/** Faults in the order of rows, after a row. @param faults_out array of mq_import_fault_t */
apr_status_t mq_import_faults(apr_array_header_t **faults_out, const mq_scope_t *sc,
                              const mq_id_t *id, apr_int64_t after, int limit, apr_pool_t *pool);

#endif

/* patient_import.h -- many patients from a file, all or none.
 *
 *   STAGING   rows of the file are being stored           (patient_import_stage.c)
 *   MAPPING   a person says which column is what          (patient_import.c)
 *   CHECKING  each row is checked: the dry run            (patient_import_work.c)
 *   CHECKED   a person looks at the counts and decides
 *   ADDING    patients are made, with a status that no page shows
 *   SHOWING   all are there: they become visible, which cannot fail any more
 *   DONE      for seven days it can be undone
 *   HIDING    undo: they become invisible again; one that was touched turns it back to SHOWING
 *   REMOVING  undo: they are deleted                      -> UNDONE
 *   CLEANING  what was added is deleted: a record number was taken meanwhile -> FAILED, or it was
 *             stopped -> CHECKED
 *
 * An import is a job (domain/jobs/jobs.h) from its upload until the rows of its file have gone. The
 * long states are its turns: short transactions, so that others' writes pass between. A worker that
 * dies in their midst is followed by another, which goes on where the last turn was committed; for
 * the seconds until then a list may show a part of what is being shown or hidden, as it does for
 * the seconds that this takes.
 *
 * Who has ordered the dry run or the adding may be dismissed meanwhile, or somebody cancels: then
 * it is as before that was begun. What comes after ADDING has been decided, and is completed.
 *
 * What a file said is kept for MQ_IMPORT_KEPT_DAYS: after its upload, if nobody decides, which then
 * makes it FAILED; after the end of the import, for an undo. What became of it is kept for ever. */
#ifndef MQ_DOMAIN_PATIENT_IMPORT_H
#define MQ_DOMAIN_PATIENT_IMPORT_H

#include <apr_file_io.h>
#include <apr_tables.h>

#include "domain/imports/patient_import_faults.h"

/**
 * Store the rows of a CSV file: UTF-8 with or without a mark, UTF-16, or windows-1252; comma,
 * semicolon or tab. The first row that has two names that are known names the columns; where none
 * has, the first row does, until a person says it. Rows of empty cells are none.
 * @param id_out    the import, in the state MAPPING
 * @param file      read from its beginning, in pieces
 * @param fault_out what is wrong with the file, a constant sentence
 * @param line_out  and where, 0: everywhere
 * @return MQ_EINVALID the file cannot be read as such; MQ_EDENIED the role may not import
 */
apr_status_t mq_import_stage(mq_id_t *id_out, const mq_scope_t *sc, const char *file_name,
                             apr_file_t *file, const char **fault_out, int *line_out);

/** The latest imports. @param imports_out array of mq_import_t, without columns
 * @param before only older ones than this; NULL: from the newest */
apr_status_t mq_imports_newest(apr_array_header_t **imports_out, const mq_scope_t *sc,
                               const mq_id_t *before, int limit);

/**
 * Say which column is what, and begin the dry run, or begin it again.
 * @param chosen how a person says that dates are ordered; what the file proves counts before it
 * @return MQ_EINVALID it has to be said and is not; MQ_ECONFLICT not in this state
 */
apr_status_t mq_import_map(const mq_scope_t *sc, const mq_import_t *import,
                           const mq_import_field_t *mapping, mq_date_order_t chosen);

/**
 * Say which row has the names of the columns: it goes back to MAPPING.
 * @param number of mq_import_heads
 * @return MQ_EINVALID it has too many columns; MQ_ENOTFOUND there is no such row; MQ_ECONFLICT not
 *         in this state, or no row would be left
 */
apr_status_t mq_import_head_set(const mq_scope_t *sc, const mq_import_t *import,
                                apr_int64_t number);

/** Begin to add the rows.
 * @param with_doubles those as well that are like a registered patient or an earlier row
 * @param mend         what becomes of rows with errors
 * @return MQ_EINVALID there are such rows and nobody has said it; MQ_ECONFLICT not in this state,
 *         or no row is left */
apr_status_t mq_import_commit(const mq_scope_t *sc, const mq_import_t *import, int with_doubles,
                              mq_import_mend_t mend);

/** Begin to take the import back. @return MQ_ECONFLICT too late, a record has been changed since,
 * or not in this state */
apr_status_t mq_import_undo(const mq_scope_t *sc, const mq_import_t *import);

/** Stop the dry run, or the adding: what was added goes, and it is as before that was begun.
 * @return MQ_ECONFLICT nothing is under way that can be stopped */
apr_status_t mq_import_cancel(const mq_scope_t *sc, const mq_import_t *import);

/** Throw away what nobody has decided to import: the rows of its file go now.
 * @return MQ_ECONFLICT not in this state */
apr_status_t mq_import_discard(const mq_scope_t *sc, const mq_import_t *import);

#endif

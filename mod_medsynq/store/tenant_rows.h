/* tenant_rows.h -- taking an organisation out of a database: every row of it in every table, and
 * what the file still holds of rows that are no more. For medsynqctl alone: it works past the
 * second wall, on a connection of its own. What must precede it is in
 * domain/organisations/erasure.h.
 *
 *   1  Rows go in short transactions, those first that others do not point to; others write in
 *      between. The trail and the organisation's own row go in the last one, together with whatever
 *      has come meanwhile.
 *   2  The file is written anew, so that no page has anything left of them, and so is the log.
 *
 * The database remembers of each that its erasure has begun until the second part is done: several
 * may be under way at once, and one that is swept ends no other. A kill leaves an
 * organisation with fewer rows, which points to nothing that is not there, and which is erased by
 * the same call; or a file that is to be written anew yet, by the second call. */
#ifndef MQ_STORE_TENANT_ROWS_H
#define MQ_STORE_TENANT_ROWS_H

#include "store/db.h"

/**
 * Delete every row of an organisation.
 * @param rows_out  how many there were
 * @param tenant    not the installation's own
 * @param progress  in rows, of an unknown total (0); may be NULL
 * @param error_out on failure one sentence, from pool
 * @return MQ_EFULL somebody else has a lock
 */
apr_status_t mq_erasure_rows(apr_int64_t *rows_out, const char *driver, const char *database,
                             apr_int64_t tenant, mq_progress_t progress, void *context,
                             const char **error_out, apr_pool_t *pool);

/**
 * Write the file anew if the rows of an organisation have gone and this has not been done since.
 * @param was_due_out whether it had to be
 * @return MQ_EFULL somebody reads the former state: it is to be done again
 */
apr_status_t mq_erasure_sweep(int *was_due_out, const char *driver, const char *database,
                              const char **error_out, apr_pool_t *pool);

#endif

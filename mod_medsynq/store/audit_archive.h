/* audit_archive.h -- moving old events of all chains to a file of their own, out of the database.
 *
 *   1  mq_archive_copy: the events before an instant, of each chain a beginning without a gap, go
 *      to a new SQLite file with the tables audit_events, audit_bases and audit_heads, together
 *      with the groups of patients that they name: it verifies as the database does. It is on the
 *      disk before the next step.
 *   2  domain/trail/installation_events.h writes into each chain which event was the last, with its
 * digest. 3  mq_archive_remove deletes them, in short transactions; each moves the chain's base.
 * The groups go that no event names any more.
 *
 * A kill leaves at worst events that are in the file and in the database, too. It works past the
 * second wall, which lets nobody delete an event: not on a connection of requests. */
#ifndef MQ_STORE_AUDIT_ARCHIVE_H
#define MQ_STORE_AUDIT_ARCHIVE_H

#include <apr_tables.h>
#include <apr_time.h>

#include "store/db.h"

enum { MQ_ARCHIVE_DIGEST_LENGTH = 32 };

/** What was copied of one chain. */
typedef struct mq_archive_chain_t {
    apr_int64_t tenant;
    apr_int64_t after; /* number of the last event of the archive before, or 0 */
    apr_int64_t last;
    unsigned char digest[MQ_ARCHIVE_DIGEST_LENGTH]; /* of the last one */
} mq_archive_chain_t;

/**
 * Copy what is older than an instant.
 * @param chains_out array of mq_archive_chain_t, those of which something was copied
 * @param events_out how many events
 * @param file       made, mode 0600; must not exist
 * @param progress   in events; may be NULL
 * @param error_out  on failure one sentence, from pool
 * @return MQ_ENOTFOUND nothing is that old, and no file is left; MQ_ECONFLICT the file exists;
 *         on any failure no file is left that was not there
 */
apr_status_t mq_archive_copy(apr_array_header_t **chains_out, apr_int64_t *events_out,
                             const char *driver, const char *database, const char *file,
                             apr_time_t before, mq_progress_t progress, void *context,
                             const char **error_out, apr_pool_t *pool);

/**
 * Delete what was copied, after each chain has been told.
 * @return MQ_ECORRUPT the database no longer has what was copied; nothing of that chain is deleted
 */
apr_status_t mq_archive_remove(const char *driver, const char *database,
                               const apr_array_header_t *chains, mq_progress_t progress,
                               void *context, const char **error_out, apr_pool_t *pool);

/** @return whether something is older than an instant, as far as can be seen; an error is a no */
int mq_archive_is_due(const char *driver, const char *database, apr_time_t before,
                      apr_pool_t *pool);

#endif

/* owner.h -- a whole database, as whoever owns it sees it: all organisations, only to read, past
 * both walls. For medsynqctl and the server's own chores; nothing that a request reaches includes
 * this (tests/lint/lint.py). The statements are those of statements/owner.sql. */
#ifndef MQ_STORE_OWNER_H
#define MQ_STORE_OWNER_H

#include "store/db.h"

/** A database that is open to its owner. */
typedef struct mq_owner_t mq_owner_t;

/**
 * Open a database of any schema, an older one or an archive, also while a server writes it or where
 * its folder may not be written.
 * @param owner_out closed by the pool
 * @param error_out on failure what is wrong in words that follow a colon, from pool
 * @return MQ_ENOTFOUND it is not there
 */
apr_status_t mq_owner_open(mq_owner_t **owner_out, const char *driver, const char *parameters,
                           const char **error_out, apr_pool_t *pool);

/** Read through a connection that is open already, and stays open; for mq_owner_open and tests. */
mq_owner_t *mq_owner_make(mq_db_t *db, apr_pool_t *pool);

/** Close it before the pool does. owner may be NULL. */
void mq_owner_close(mq_owner_t *owner);

/** Start a SELECT; all from the first one on see one state of the database. Read it as another. */
apr_status_t mq_owner_select(mq_rows_t *rows_out, mq_owner_t *owner,
                             const mq_owner_read_t *statement, const mq_param_t *params, int count);

/** @return what failed last, in the engine's own words, from pool */
const char *mq_owner_failed(const mq_owner_t *owner, apr_pool_t *pool);

/**
 * Read the schema's version.
 * @param version_out 0 for an empty database, else the number of the last migration
 * @return MQ_ECORRUPT no database, or another program's; error_out has the sentence
 */
apr_status_t mq_owner_version(int *version_out, const mq_owner_t *owner, const char **error_out,
                              apr_pool_t *pool);

/** @return whether there is such a table: archives and older schemas do not have all */
int mq_owner_has(const mq_owner_t *owner, const char *table);

/**
 * Look whether it is sound.
 * @param fault_out the first fault as a sentence, from pool, or NULL: there is none
 * @return why it could not be looked at; fault_out then says so
 */
apr_status_t mq_owner_check(const char **fault_out, const mq_owner_t *owner, mq_check_t what,
                            apr_pool_t *pool);

/** @param bytes_out of all that the database holds, without logs. @return why it is not known */
apr_status_t mq_owner_size(apr_int64_t *bytes_out, const mq_owner_t *owner, apr_pool_t *pool);

/** @return SQL that a superuser runs once for a new database of this engine; NULL: none is needed
 */
const char *mq_owner_roles(const char *driver);

/** @return the ends of the names of the files that stand beside a database's own while it is used,
 * ended by NULL; in the first is what the file does not have yet */
const char *const *mq_owner_companions(const char *driver);

/**
 * Copy the database as it is at one instant, while others write.
 * @param file      empty, and ours; whole only when this has succeeded
 * @param progress  in pages; may be NULL
 * @param error_out on failure what is wrong with the file, in words that follow a colon
 */
apr_status_t mq_owner_copy(const mq_owner_t *owner, const char *file, mq_progress_t progress,
                           void *context, const char **error_out, apr_pool_t *pool);

/**
 * Bring everything that belongs to a database into its one file.
 * @return MQ_EFULL somebody has it open, and nothing was done
 */
apr_status_t mq_owner_settle(const char *driver, const char *parameters, const char **error_out,
                             apr_pool_t *pool);

#endif

/* db.h -- running the statements of statements/. A scope borrows a connection with its first
 * statement and gives it back before any output; the store binds :tenant from the scope.
 * The turn to write is in writer.h, who may call what is in scope.h. */
#ifndef MQ_STORE_DB_H
#define MQ_STORE_DB_H

#include "store/connection.h"
#include "store/scope.h"

/**
 * Run an INSERT, UPDATE or DELETE within the transaction begun by mq_db_begin.
 * @param changed_out how many rows were changed; may be NULL
 * @return MQ_ECONFLICT a key, foreign key or check refused it; MQ_EBUG outside a transaction, wrong
 *         parameters, or a row of another organisation
 */
apr_status_t mq_db_change(int *changed_out, const mq_scope_t *sc,
                          const mq_tenant_write_t *statement, const mq_param_t *params, int count);

/** Say that the scope has changed something beside the trail: what it has read before may be of no
 * worth. */
void mq_db_changed(const mq_scope_t *sc);

/** @return whether it has */
int mq_db_is_changed(const mq_scope_t *sc);

/** @return the bytes that the scope's open transaction adds to what its organisation keeps */
apr_int64_t mq_db_kept(const mq_scope_t *sc);

/** Say that it adds another number: what is removed again counts as what it was added as. */
void mq_db_kept_set(const mq_scope_t *sc, apr_int64_t bytes);

/** mq_db_change for a system's statement, beside a scope's transaction (domain/sharing/sides.h). */
apr_status_t mq_db_system_change(int *changed_out, const mq_system_t *system,
                                 const mq_system_write_t *statement, const mq_param_t *params,
                                 int count);

/** Start a SELECT; read it with mq_rows_next until that is not APR_SUCCESS, or mq_rows_close. */
apr_status_t mq_db_select(mq_rows_t *rows_out, const mq_scope_t *sc,
                          const mq_tenant_read_t *statement, const mq_param_t *params, int count);

/** The same for a system statement. */
apr_status_t mq_db_system_select(mq_rows_t *rows_out, const mq_system_t *system,
                                 const mq_system_read_t *statement, const mq_param_t *params,
                                 int count);

/** The same for a guest's statement. */
apr_status_t mq_db_guest_select(mq_rows_t *rows_out, const mq_guest_t *guest,
                                const mq_guest_read_t *statement, const mq_param_t *params,
                                int count);

/** Start a SELECT of one row and step to it. Close it with mq_rows_close.
 * @return MQ_ENOTFOUND there is none (then there is nothing to close) */
apr_status_t mq_db_select_one(mq_rows_t *rows_out, const mq_scope_t *sc,
                              const mq_tenant_read_t *statement, const mq_param_t *params,
                              int count);

/**
 * Read the integer in the first column of a SELECT of one row, in the state that the scope reads
 * from: with its next SELECT where that saves a trip to a server, else at once.
 * @param params    what they point to stays until the connection goes back
 * @param value_out set by the next SELECT, at the latest when the connection goes back; 0 where
 *                  there is no row, -1 until then and where it cannot be read
 */
apr_status_t mq_db_soon(apr_int64_t *value_out, const mq_scope_t *sc,
                        const mq_tenant_read_t *statement, const mq_param_t *params, int count);

/** @return APR_SUCCESS a row is there; APR_EOF no more, and the rows are closed */
apr_status_t mq_rows_next(mq_rows_t *rows);

/** End a SELECT before its last row; harmless after the end. */
void mq_rows_close(mq_rows_t *rows);

/** @param column by its name in statements_gen.h, here and below
 * @return the text of a column copied into pool, or NULL for SQL's NULL */
const char *mq_rows_text(const mq_rows_t *rows, int column, apr_pool_t *pool);

/** @return the integer of a column, 0 for SQL's NULL */
apr_int64_t mq_rows_int(const mq_rows_t *rows, int column);

/** @return the kind of what stands in a column: s, i, b as of a parameter, 0 for SQL's NULL; for
 * who must know what another program may have written there */
char mq_rows_kind(const mq_rows_t *rows, int column);

/** Read a column that holds an id; a NULL or something else gives the null id. */
mq_id_t mq_rows_id(const mq_rows_t *rows, int column);

/** @return the bytes of a column, valid until the next step, and their number; NULL for NULL */
const void *mq_rows_bytes(const mq_rows_t *rows, int column, apr_size_t *length_out);

/**
 * Begin a transaction that may write: waits for its turn. No SELECT of the scope is open. Unless
 * committed it is rolled back when the connection goes back.
 * @return MQ_EFULL the turn did not come in time
 */
apr_status_t mq_db_begin(const mq_scope_t *sc);

/** The same for one that takes longer than a request should: it shares its commit with nobody, so
 * that those who have done their part need not wait for it. */
apr_status_t mq_db_begin_long(const mq_scope_t *sc);

/** Commit; when it returns APR_SUCCESS the change is on disk.
 * @return MQ_EFULL another transaction has spoilt the commit that both were to share */
apr_status_t mq_db_commit(const mq_scope_t *sc);

/** Undo what the transaction did, and wait until what it has read is on disk; harmless without one.
 * @return MQ_EAGAIN what it has read was undone too, and nobody is to be told of it */
apr_status_t mq_db_rollback(const mq_scope_t *sc);

/**
 * Begin a transaction that several scopes share: one commit, one wait for the disk. Each statement
 * still runs as its own scope's organisation, behind both walls.
 * @param group_out lives in pool; ended by mq_db_group_end, at the latest by the pool
 * @return MQ_EFULL the turn did not come in time
 */
apr_status_t mq_db_group_begin(mq_group_t **group_out, const mq_store_t *store, apr_pool_t *pool);

/**
 * The same for what can be done anew. Where there is a lock for each organisation, those who took
 * part the last time are waited for first, and all in one order, whoever begins: so nobody waits
 * for one that waits for them. Who comes in between and is not free is MQ_EAGAIN, at once.
 * @param group_io NULL, or the group of the last time, which has ended
 */
apr_status_t mq_db_group_begin_anew(mq_group_t **group_io, const mq_store_t *store,
                                    apr_pool_t *pool);

/**
 * Begin to read together: one state of the database for several scopes, in which nobody can write,
 * and for which no turn is waited for.
 * @param sc        whose store and pool it is; joins it like everybody else
 * @param group_out ended by mq_db_group_read_end, at the latest by the pool
 * @return MQ_EBUG within a command's group
 */
apr_status_t mq_db_group_read_begin(mq_group_t **group_out, const mq_scope_t *sc);

/** End it, after all have left. */
void mq_db_group_read_end(mq_group_t *group);

/** Let a scope, which has no connection on loan, take part. Its mq_db_begin and mq_db_commit then
 * wait for the group's end; its mq_db_rollback spoils the whole group. */
void mq_db_group_join(mq_group_t *group, const mq_scope_t *sc);

/** @return the next organisation that stands beside a scope in its transaction, NULL after the last
 * @param side the one before, NULL for the first */
const mq_scope_t *mq_db_side_next(const mq_scope_t *sc, const mq_scope_t *side);

/** Let all go that stood beside a scope in its transaction, before it is committed or rolled back.
 * @param keep whether what they did may be kept */
void mq_db_sides_end(const mq_scope_t *sc, int keep);

/** Let it go again; its own transactions are its own. */
void mq_db_group_leave(const mq_scope_t *sc);

/** Commit what all have changed, or roll all of it back. Members have left before.
 * @return MQ_ECONFLICT one of them had to roll back: nothing was changed at all; MQ_EAGAIN as
 * mq_db_rollback */
apr_status_t mq_db_group_end(mq_group_t *group, int keep);

/** Keep a scope for longer than its request: the same person, organisation and instant.
 * @param pool where the copy lives, with a loan of its own */
mq_scope_t *mq_scope_keep(const mq_scope_t *sc, apr_pool_t *pool);

/** Let a kept scope act at a later instant. */
void mq_scope_move(mq_scope_t *kept, apr_time_t now);

/**
 * See one state of the database in every SELECT from here to mq_db_give_back, whatever others write
 * meanwhile. For exports of a command: the longer it lasts, the longer the -wal grows.
 * @return MQ_EBUG inside a transaction
 */
apr_status_t mq_db_snapshot(const mq_scope_t *sc);

/** Give the connection back, as must be done before waiting for anything slow. The next statement
 * borrows again. Rolls back an open transaction. */
void mq_db_give_back(const mq_scope_t *sc);

/** @return for how long the scope has held a connection, in microseconds, up to its last giving
 * back: reading, writing, waiting for the turn to write */
apr_interval_time_t mq_db_lent(const mq_scope_t *sc);

/** The same for a system's loan. */
void mq_db_system_give_back(const mq_system_t *system);

/**
 * Say what failed last, for the log.
 * @param pool that of a scope: of all that live in it, the last failure counts
 * @return "statement LABEL: cause (engine's code)", from pool, or NULL when nothing has
 */
const char *mq_db_failed(apr_pool_t *pool);

/**
 * @param is_new_out whether the engine said so; not if it was known and nothing was tried
 * @return what was the matter with the database when something failed last, as mq_db_failed
 */
mq_trouble_t mq_db_trouble(int *is_new_out, apr_pool_t *pool);

/**
 * Find out whether the database can be read and written, with a write that changes nothing.
 * @param patience    as for mq_db_migrate
 * @param thoroughly  look for damage as well, which takes as long as reading the file
 * @param trouble_out what is the matter; MQ_TROUBLE_NONE: nothing
 * @param error_out   then one sentence that names the cause and the remedy, from pool
 */
void mq_db_prove(mq_trouble_t *trouble_out, const char *driver, const char *parameters,
                 apr_interval_time_t patience, int thoroughly, const char **error_out,
                 apr_pool_t *pool);

#endif

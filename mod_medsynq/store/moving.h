/* moving.h -- taking every row of a database into another one, of another engine. For medsynqctl
 * alone: it works past both walls, on connections of its own.
 *
 * The target has this program's schema and no organisation. All of it is one transaction there: a
 * kill leaves the target as it was. Nobody else may write the source meanwhile; nothing is changed
 * in it. Which tables there are, and their columns, both databases say themselves, and they must
 * say what the migrations say: none can be forgotten. Each table is read back from the target
 * when all are there, before that commits, and must have as many rows and the same digest as what
 * was read from the source. */
#ifndef MQ_STORE_MOVING_H
#define MQ_STORE_MOVING_H

#include "store/moved.h"

/** A move. */
typedef struct mq_moving_t mq_moving_t;

/**
 * Open one end.
 * @param mover_out closed by the pool
 * @param error_out on failure why, in words that follow a colon, from pool
 */
apr_status_t mq_mover_open(mq_mover_t **mover_out, const char *driver, const char *parameters,
                           const char **error_out, apr_pool_t *pool);

/** @return what people call it: a path, or a database and its host */
const char *mq_mover_name(const mq_mover_t *mover);

/**
 * Look whether the move may begin; nothing is locked.
 * @param erasure  the action of an event that tells that an organisation was erased: a target whose
 *                 own trail has one is not empty
 * @param rows_out  how many rows there are to move
 * @param error_out on failure one sentence, from pool
 * @return MQ_ECONFLICT the target is not empty, or one has not this program's schema
 */
apr_status_t mq_moving_make(mq_moving_t **moving_out, apr_int64_t *rows_out, mq_mover_t *source,
                            mq_mover_t *target, int erasure, const char **error_out,
                            apr_pool_t *pool);

/**
 * Move. Both are looked at again once they are locked.
 * @param progress  in rows, each of which counts twice: put, and read back; may be NULL
 * @param error_out on failure one sentence, from pool; on success NULL, or what could not be tidied
 * @return APR_INCOMPLETE nobody knows whether it was committed; else, on failure, the target is as
 *         it was
 */
apr_status_t mq_moving_run(mq_moving_t *moving, mq_progress_t progress, void *context,
                           const char **error_out);

/** @return what was moved of the table at this place, from 0 on; NULL: there is none */
const mq_moved_t *mq_moving_table(const mq_moving_t *moving, int place);

#endif

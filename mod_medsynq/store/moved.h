/* moved.h -- what a move (store/moving.h) is between, and what has moved; for both its sides. */
#ifndef MQ_STORE_MOVED_H
#define MQ_STORE_MOVED_H

#include "base/crypto.h"
#include "store/db.h"

/** A database at one end of a move. */
typedef struct mq_mover_t mq_mover_t;

typedef enum { MQ_MOVING_SOURCE, MQ_MOVING_TARGET } mq_moving_side_t;

/** What was moved of one table. */
typedef struct mq_moved_t {
    const char *table;
    apr_int64_t rows;
    unsigned char source[MQ_SHA256_LENGTH]; /* digest of its rows by their key, as read there */
    unsigned char target[MQ_SHA256_LENGTH]; /* and as read back here: equal */
} mq_moved_t;

#endif

/* shared_memory.h -- segments of shared memory that outlive graceful and restart.
 * What lies in them is in base/shared_table.h and base/fair_queue.h; the session table is made
 * by the provider in session_cache.h. Everything here is called in post_config, by the parent. */
#ifndef MQ_GLUE_SHARED_MEMORY_H
#define MQ_GLUE_SHARED_MEMORY_H

#include <httpd.h>

#include "base/shared_table.h"
#include "base/fair_queue.h"

/** What one configured database shares among all children, old ones that drain included. */
typedef struct mq_shared_t {
    mq_fair_queue_t *writers; /* queue in front of BEGIN IMMEDIATE */
    mq_table_t *throttle;     /* counters of failed attempts; NULL when none were asked for */
} mq_shared_t;

/**
 * Open what the module shares for one database: the same memory at every reload.
 * @param shared_out        handles, valid until the server ends
 * @param main_server       the main server, not a virtual host
 * @param database          names the database (driver and parameters); the same name gives the
 *                          same handles
 * @param throttle_records  capacity of the throttle's table, 0 for none
 * @return the operating system's error when there is no memory
 */
apr_status_t mq_shared_setup(mq_shared_t *shared_out, server_rec *main_server, const char *database,
                             apr_uint32_t throttle_records);

/**
 * Open the table with this name, and make it at the first call since the server's start.
 * With another shape than before the reload, the living records move to a new table; when they do
 * not fit, or the system lacks memory, the old table stays, with a warning. Within one reading of
 * the configuration the first shape counts, so handles given out in it stay valid.
 * Children that still drain keep the table they were born with: what they store or remove after
 * such a move does not show in the new one, so sizes are better changed at a restart.
 * @param table_out    valid until the next reload, when it must be opened again
 * @param main_server  whose process keeps the memory, and whose log gets the messages
 * @return APR_EINVAL  the shape is out of bounds
 *         otherwise the operating system's error when there is no memory
 */
apr_status_t mq_shared_table_open(mq_table_t **table_out, server_rec *main_server, const char *name,
                                  const mq_table_shape_t *shape);

/**
 * Open the queue with this name, and make it at the first call since the server's start.
 * @param queue_out  valid until the server ends
 * @return the operating system's error when there is no memory
 */
apr_status_t mq_shared_queue_open(mq_fair_queue_t **queue_out, server_rec *main_server,
                                  const char *name);

/**
 * Open a piece of memory with this name, and make it, zero-filled, at the first call since the
 * server's start, or where another size or mark was asked for before.
 * @param memory_out aligned to 64 bytes, valid until the server ends
 * @param mark       says what lies in it
 * @return the operating system's error when there is no memory
 */
apr_status_t mq_shared_block_open(void **memory_out, server_rec *main_server, const char *name,
                                  apr_size_t size, apr_uint64_t mark);

#endif

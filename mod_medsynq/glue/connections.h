/* connections.h -- the database connections of one process: opened when first needed, at most so
 * many, lent for a request's work and never while its answer is sent. */
#ifndef MQ_GLUE_CONNECTIONS_H
#define MQ_GLUE_CONNECTIONS_H

#include <httpd.h>

#include "base/fair_queue.h"
#include "glue/outage.h"
#include "store/db.h"

typedef struct mq_connections_t mq_connections_t;

/**
 * Make the empty pool of this process. Called in child_init, after the fork.
 * @param store_out gets the functions that lend
 * @param outage    is told what is the matter, and tells when nothing is lent
 * @param writers   the queue that all processes share
 */
apr_status_t mq_connections_make(mq_connections_t **connections_out, mq_store_t *store_out,
                                 server_rec *s, const mq_config_t *config, mq_outage_t *outage,
                                 mq_fair_queue_t *writers, apr_pool_t *pchild);

/** Called every second: look whether the database's files are those that are open, also where
 * nobody asks for a page; while nothing can be read, close what is idle. */
void mq_connections_step(mq_connections_t *connections);

/** Tell how many are lent, and how many are idle. */
void mq_connections_counts(int *lent_out, int *idle_out, mq_connections_t *connections);

#endif

/* outage.h -- a bad day of one database: damaged, locked, read-only, gone. Its own hosts answer 503
 * until it is over, which they find out by themselves; nobody else's start or reload has to wait.
 */
#ifndef MQ_GLUE_OUTAGE_H
#define MQ_GLUE_OUTAGE_H

#include <httpd.h>

#include "glue/config.h"

/** Of one server; seen by all children that were born with it. */
typedef struct mq_outage_t mq_outage_t;

/**
 * Bring the database to this program's schema, as the server's user, and record the start in its
 * trail. Waits a moment for a lock, and no longer. For post_config.
 * @param outage_out  lives in pconf
 * @param from_out    the schema's version that was found
 * @param sentence_out why the database cannot be served now, from pconf; NULL: it can
 * @return APR_ENOMEM there is no shared memory
 */
apr_status_t mq_outage_begin(mq_outage_t **outage_out, int *from_out, const char **sentence_out,
                             const mq_config_t *config, apr_pool_t *pconf);

/** Whether a request can be served. When it could not, one request every few seconds tries again
 * what mq_outage_begin does. */
int mq_outage_is_over(mq_outage_t *outage, request_rec *r, const mq_config_t *config);

/** @return whether it lasts, as far as is known: nothing is tried */
int mq_outage_lasts(const mq_outage_t *outage);

#endif

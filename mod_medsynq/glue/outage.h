/* outage.h -- a bad day of one database: damaged, locked, read-only, full, gone, at the start or
 * later. Its own hosts answer 503 in words until it is over, which is found out without anybody's
 * help; nobody else's start, reload or page has to wait. */
#ifndef MQ_GLUE_OUTAGE_H
#define MQ_GLUE_OUTAGE_H

#include <httpd.h>

#include "base/fair_queue.h"
#include "glue/config.h"
#include "store/db.h"

/** Of one server; seen by all children that were born with it. */
typedef struct mq_outage_t mq_outage_t;

/**
 * Bring the database to this program's schema, as the server's user, and record the start in its
 * trail. Waits a moment for a lock, and no longer. For post_config.
 * @param outage_out  lives in pconf
 * @param keys        the server's, from its secret file, which must be the database's
 * @param from_out    the schema's version that was found
 * @param sentence_out what is the matter with the database now, from pconf, for mq_outage_tell;
 *                    NULL: nothing
 * @return APR_ENOMEM there is no shared memory
 */
apr_status_t mq_outage_begin(mq_outage_t **outage_out, int *from_out, const char **sentence_out,
                             const mq_config_t *config, const mq_core_t *keys, apr_pool_t *pconf);

/** @return what is the matter with a database that could not be opened */
mq_trouble_t mq_outage_of(apr_status_t rv);

/** One line for the log on what is the matter now. */
void mq_outage_tell(const mq_outage_t *outage, server_rec *s, const char *sentence);

/** @return what is the matter, an mq_trouble_t, for whoever watches it */
const atomic_int *mq_outage_trouble(const mq_outage_t *outage);

/** @return whether not even pages that only read can be served */
int mq_outage_is_down(const mq_outage_t *outage);

/** Something was the matter when the database was used: from here on it is known to all, and the
 * first one to say so has it logged. */
void mq_outage_notice(mq_outage_t *outage, server_rec *s, const mq_config_t *config,
                      mq_trouble_t trouble, const char *cause);

/** Try again what mq_outage_begin does, when it is time to: in one process every few seconds. */
void mq_outage_step(mq_outage_t *outage, server_rec *s, const mq_config_t *config,
                    const mq_core_t *keys, apr_pool_t *pool);

/** @return whether the database can be read and written, which is tried when somebody asks, at most
 * every few seconds. @param writers the line of those who write */
int mq_outage_is_ready(mq_outage_t *outage, server_rec *s, const mq_config_t *config,
                       mq_fair_queue_t *writers, apr_pool_t *pool);

#endif

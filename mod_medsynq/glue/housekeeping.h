/* housekeeping.h -- what a server does by itself, on httpd's watchdog, in one process at a time:
 * signed heads of the trail at an interval, old events to an archive. It has a connection of its
 * own, opened when there is something to do; no request waits for it. */
#ifndef MQ_GLUE_HOUSEKEEPING_H
#define MQ_GLUE_HOUSEKEEPING_H

#include "glue/startup.h"

/**
 * Begin, in the parent, when the configuration asks for any of it.
 * @return NULL all well or nothing to do, else a sentence for the log
 */
const char *mq_housekeeping_begin(server_rec *s, const mq_config_t *config, mq_server_t *server,
                                  apr_pool_t *pconf);

#endif

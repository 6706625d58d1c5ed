/* housekeeping.h -- what a server does by itself, on httpd's watchdog, in one process at a time:
 * signed heads of the trail at an interval, old events to an archive, with a connection of its own
 * that is opened when there is something to do; and jobs that no worker has, by waking the child's
 * (glue/job_runner.h). No request waits for it. */
#ifndef MQ_GLUE_HOUSEKEEPING_H
#define MQ_GLUE_HOUSEKEEPING_H

#include "glue/startup.h"

/** Begin, in the parent. @return NULL all well, else a sentence for the log */
const char *mq_housekeeping_begin(server_rec *s, const mq_config_t *config, mq_server_t *server,
                                  apr_pool_t *pconf);

#endif

/* private_logs.h -- keeping patients' names and one-time links out of every log and off the status
 * page, whatever their configuration asks for. */
#ifndef MQ_GLUE_PRIVATE_LOGS_H
#define MQ_GLUE_PRIVATE_LOGS_H

#include <httpd.h>

/** Decide, after all hosts are merged, whose requests are written down without their secrets: those
 * of hosts where MedSynQ is On, and of hosts with the same name, which lead to them. */
void mq_private_logs_setup(server_rec *main, apr_pool_t *pconf);

void mq_private_logs_hooks(void);

#endif

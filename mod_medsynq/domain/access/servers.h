/* servers.h -- which httpd servers are on one database: each says that it is there now and then,
 * and hears of the others. */
#ifndef MQ_DOMAIN_SERVERS_H
#define MQ_DOMAIN_SERVERS_H

#include "domain/core.h"

/**
 * Say that a server is there, and look for others that have said so within the last minute.
 * @param apart_out whether there is one, and it or this one keeps sessions to itself
 * @param name      of this server, the same after each start: where its like cannot be
 * @param is_shared whether its sessions are rows, which the others have too
 */
apr_status_t mq_servers_tell(int *apart_out, const mq_visit_t *visit, const char *name,
                             int is_shared);

#endif

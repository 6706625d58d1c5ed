/* as_server.h -- doing something as the server's children will: their user, groups and root. */
#ifndef MQ_GLUE_AS_SERVER_H
#define MQ_GLUE_AS_SERVER_H

#include <apr_pools.h>

/** @return what to say to the caller, from pool; never NULL. @param failed_out whether it failed */
typedef const char *(*mq_as_server_work_t)(int *failed_out, const void *context, apr_pool_t *pool);

/**
 * Run work in a process of its own that has the identity of the server's children, and wait for it:
 * no database handle crosses a fork, and nothing is left that the server's user cannot write.
 * @param said_out up to 1,000 bytes of what work returned, from pool
 * @return whether it succeeded
 */
int mq_as_server(const char **said_out, mq_as_server_work_t work, const void *context,
                 apr_pool_t *pool);

#endif

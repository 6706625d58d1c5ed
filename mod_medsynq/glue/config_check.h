/* config_check.h -- what configtest can see beyond the directives' own values: the files and
 * folders that they name, and what other hosts and httpd itself say. */
#ifndef MQ_GLUE_CONFIG_CHECK_H
#define MQ_GLUE_CONFIG_CHECK_H

#include "glue/config.h"

/**
 * Look at all that a host where MedSynQ is On names, but for its database: what is wrong here is
 * wrong until somebody mends it, and ends a start.
 * @param config completed by mq_config_complete
 * @return NULL all well, else a sentence with the remedy, from pool
 */
const char *mq_config_check(const mq_config_t *config, const server_rec *s, const server_rec *main,
                            apr_pool_t *pool);

/** Look at the database's files as the server's user, and for the secret's folder. For configtest
 * alone: a bad day of one database, a disk that is not mounted, ends no start. @return as
 * mq_config_check */
const char *mq_config_check_database(const mq_config_t *config, apr_pool_t *pool);

#endif

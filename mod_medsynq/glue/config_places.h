/* config_places.h -- where the files lie that a host names: not where a host serves files from, and
 * no two of them in one place. */
#ifndef MQ_GLUE_CONFIG_PLACES_H
#define MQ_GLUE_CONFIG_PLACES_H

#include "glue/config.h"

/** @return whether both lead to one file, be it there or not: by inode, or by folder and name */
int mq_is_same_place(const char *a, const char *b, apr_pool_t *pool);

/**
 * Look whether records or secrets could be fetched from a host of this httpd, and whether one file
 * is named for two purposes.
 * @param config completed by mq_config_complete
 * @param main   the first of httpd's hosts, all of which are looked at
 * @return NULL all well, else a sentence with the remedy, from pool
 */
const char *mq_config_places_fault(const mq_config_t *config, const server_rec *main,
                                   apr_pool_t *pool);

#endif

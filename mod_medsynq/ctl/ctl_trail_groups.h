/* ctl_trail_groups.h -- whether the groups of patients that events name are as they were: an id
 * follows from its members, and each member finds its group. */
#ifndef MQ_CTL_CTL_TRAIL_GROUPS_H
#define MQ_CTL_CTL_TRAIL_GROUPS_H

#include "store/owner.h"

/** All groups of a database. */
typedef struct trail_groups_t trail_groups_t;

/**
 * Read and judge every group. A database from before there were groups has none.
 * @return why they cannot be read
 */
apr_status_t trail_groups_read(trail_groups_t **groups_out, mq_owner_t *owner, apr_pool_t *pool);

/** @param id 16 bytes @return whether an event may name it: the id of a record, or of a group that
 * is there and as it was */
int trail_groups_admit(trail_groups_t *groups, apr_int64_t tenant, const void *id);

/** A group, or a row of one, that is wrong though no event has named it.
 *  @return whether there is one */
int trail_groups_stray(apr_int64_t *tenant_out, const trail_groups_t *groups);

#endif

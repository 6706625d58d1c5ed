/* ctl_backup_kept.h -- backups with the instant in their names, of which the newest stay. */
#ifndef MQ_CTL_CTL_BACKUP_KEPT_H
#define MQ_CTL_CTL_BACKUP_KEPT_H

#include "ctl/ctl.h"

enum { KEPT_MOST = 10000 };

/** @return the name of a copy made at an instant: "/b/medsynq-20261128T030000Z.db" for
 * "/b/medsynq.db", from the command's pool */
const char *kept_name(const ctl_t *ctl, const char *file, apr_time_t now);

/** @return the path of the newest copy of that name; one that is not there when there is none */
const char *kept_newest(const ctl_t *ctl, const char *file);

/**
 * Remove the oldest copies of that name, and nothing else of the folder.
 * @param keep how many stay, 1 or more
 * @return how many were removed; what could not be has been told
 */
int kept_prune(const ctl_t *ctl, const char *file, int keep);

#endif

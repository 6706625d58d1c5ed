/* ctl_check_around.h -- what a database stands on: its disk, and its backups. */
#ifndef MQ_CTL_CTL_CHECK_AROUND_H
#define MQ_CTL_CTL_CHECK_AROUND_H

#include "ctl/ctl.h"

enum { BACKUP_HOURS = 26 /* a night's, and the time that it takes */, BACKUP_HOURS_MOST = 87600 };

/** @return what is wrong with the disk, or NULL: a backup, a restore or a migration has room for
 * its copy, and what is written meanwhile for as much again */
const char *around_disk_fault(const ctl_t *ctl);

/**
 * Look at the newest backup of a name, as backup or backup --keep makes it.
 * @param hours how old it may be
 * @return what is wrong with it, or NULL
 */
const char *around_backups_fault(const ctl_t *ctl, const char *file, int hours);

#endif

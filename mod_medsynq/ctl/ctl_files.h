/* ctl_files.h -- new files that appear whole or not at all. */
#ifndef MQ_CTL_CTL_FILES_H
#define MQ_CTL_CTL_FILES_H

#include "ctl/ctl.h"

/** Make a new file that only its owner may read; no link is followed.
 * @return its descriptor, or -1 with errno: EEXIST something is there */
int files_create(const char *path);

/** Copy a file that is open, byte by byte, into a new one, and bring it to the disk.
 * @param file its name, for what is said
 * @return CTL_DONE, or CTL_FAILED and it has been told; what was made stays */
int files_copy(ctl_t *ctl, int from, const char *file, const char *copy);

/** Remove a database that is not in use, and what a killed command has left beside it: it would be
 * taken for the next file's of that name. */
void files_forget(const ctl_t *ctl, const char *path);

/** @return the file beside a database that its engine gives this end of a name */
const char *files_companion(const ctl_t *ctl, const char *path, const char *companion);

/** Bring a file to the disk and put it in another one's place, in the same folder.
 * @return 0 it could not be done, errno tells */
int files_put(const char *path, const char *target, apr_pool_t *pool);

/** Bring what happened to a file's folder to the disk: names made, changed, removed. */
int files_sync_folder(const char *path, apr_pool_t *pool);

#endif

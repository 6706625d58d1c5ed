/* folder_lock.h -- who works in a folder: any number of servers, or one program that exchanges the
 * database's file. flock(2) on the folder itself: no file of its own is left behind. */
#ifndef MQ_BASE_FOLDER_LOCK_H
#define MQ_BASE_FOLDER_LOCK_H

#include <apr_pools.h>

#include "base/status.h"

/**
 * Lock the folder that a file is in, until the pool ends; processes forked meanwhile hold it, too.
 * @param path absolute path of a file in it; the file need not exist
 * @param only 1: nobody else may hold it; 0: shared with others like this one, and somebody who
 * only looks whether there are others is waited for
 * @return MQ_EFULL others hold it; another code: the folder cannot be opened. Where the file system
 *         knows no locks it is as if nobody held any
 */
apr_status_t mq_folder_lock(const char *path, int only, apr_pool_t *pool);

#endif

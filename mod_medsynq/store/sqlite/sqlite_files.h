/* sqlite_files.h -- which files lie at a database's name, and who has them open. SQLite itself does
 * not look: a log that somebody deletes or replaces takes commits that are lost when it is closed,
 * and whoever opens the database meanwhile mixes two logs. */
#ifndef MQ_STORE_SQLITE_FILES_H
#define MQ_STORE_SQLITE_FILES_H

#include <sys/types.h>

#include "store/engine.h"

/** Which file it is. */
typedef struct mq_file_id_t {
    dev_t device;
    ino_t inode; /* 0: none */
} mq_file_id_t;

/** The files of a connection: the database's, and its log's. */
typedef struct mq_files_t {
    const char *file; /* NULL: an owner's, who looks at no names */
    const char *log;
    mq_file_id_t file_id; /* those that are open */
    mq_file_id_t log_id;
} mq_files_t;

/** Remember which files have just been opened. For a connection that has read. */
void mq_files_keep(mq_files_t *files, const char *path, apr_pool_t *pool);

/** @return whether they are still there; see mq_engine_t.place */
mq_trouble_t mq_files_look(const mq_files_t *files);

/** mq_engine_t.set_aside: for whoever is alone with the database. */
void mq_files_set_aside(const char *path, apr_pool_t *pool);

/** mq_engine_t.users. Asked of the locks, by a process that is made for it: closing a file that
 * this one has open would drop its locks. */
mq_users_t mq_files_users(const char *path);

#endif

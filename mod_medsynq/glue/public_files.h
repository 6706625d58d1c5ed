/* public_files.h -- style sheet, script and images below /public: read and packed once, when the
 * server starts. They have no address of their own in httpd's configuration. */
#ifndef MQ_GLUE_PUBLIC_FILES_H
#define MQ_GLUE_PUBLIC_FILES_H

#include <httpd.h>

#define MQ_PUBLIC_PATH "/public/"

typedef struct mq_public_files_t mq_public_files_t;

/**
 * Read every file of a folder and of those in it that a browser would know by its name.
 * @param files_out  lives as long as pool
 * @return NULL all well, else a sentence that names the fix, from pool
 */
const char *mq_public_files_read(mq_public_files_t **files_out, const char *folder,
                                 apr_pool_t *pool, apr_pool_t *scratch);

/** @return what pages add to an address as ?v=: another one as soon as any file is another */
const char *mq_public_files_version(const mq_public_files_t *files);

/** @return whether a path lies below MQ_PUBLIC_PATH, or is what it lies in */
int mq_public_files_own(const char *path);

/** Answer a request below MQ_PUBLIC_PATH. @return DECLINED there is no such file */
int mq_public_files_serve(request_rec *r, const mq_public_files_t *files);

#endif

/* text_file.h -- small text files that are read whole when the server starts. */
#ifndef MQ_BASE_TEXT_FILE_H
#define MQ_BASE_TEXT_FILE_H

#include <apr_file_io.h>
#include <apr_pools.h>

#include "base/status.h"

/**
 * Open a regular file for reading. Whatever else has the name -- a pipe that would wait for a
 * writer, a folder, a device -- keeps nobody waiting.
 * @param file_out closed with the pool
 * @param size_out bytes
 * @return MQ_EINVALID it is no regular file; another code: it cannot be opened
 */
apr_status_t mq_regular_file_open(apr_file_t **file_out, apr_size_t *size_out, const char *path,
                                  apr_pool_t *pool);

/**
 * @param text_out of the pool, ended by a zero byte
 * @param limit bytes that it may have at most
 * @return MQ_EINVALID it is no regular file, longer than that or not UTF-8; another code: it
 *         cannot be read
 */
apr_status_t mq_text_file_read(char **text_out, const char *path, apr_size_t limit,
                               apr_pool_t *pool);

#endif

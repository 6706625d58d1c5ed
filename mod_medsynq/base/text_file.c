/* text_file.c -- open, look what it is, read. */
#include "base/text_file.h"

#include "base/text.h"

apr_status_t mq_regular_file_open(apr_file_t **file_out, apr_size_t *size_out, const char *path,
                                  apr_pool_t *pool)
{
    apr_finfo_t info;
    MQ_TRY(apr_file_open(file_out, path, APR_FOPEN_READ | APR_FOPEN_NONBLOCK, APR_FPROT_OS_DEFAULT,
                         pool));
    MQ_TRY(apr_file_info_get(&info, APR_FINFO_TYPE | APR_FINFO_SIZE, *file_out));
    if (info.filetype != APR_REG) {
        (void)apr_file_close(*file_out);
        return MQ_EINVALID;
    }
    *size_out = (apr_size_t)info.size;
    return APR_SUCCESS;
}

apr_status_t mq_text_file_read(char **text_out, const char *path, apr_size_t limit,
                               apr_pool_t *pool)
{
    apr_file_t *file;
    apr_size_t length;
    MQ_TRY(mq_regular_file_open(&file, &length, path, pool));
    if (length > limit) {
        (void)apr_file_close(file);
        return MQ_EINVALID;
    }
    *text_out = apr_pcalloc(pool, length + 1);
    if (length) {
        MQ_TRY(apr_file_read_full(file, *text_out, length, NULL));
    }
    MQ_TRY(apr_file_close(file));
    return mq_text_is_utf8(*text_out, length) ? APR_SUCCESS : MQ_EINVALID;
}

/* paging.c -- keys of rows to paths and back. */
#include "web/paging.h"

#include <apr_strings.h>
#include <string.h>

apr_status_t mq_paging_read(const mq_id_t **last_out, const mq_request_t *rq, const char *name)
{
    const char *text = mq_request_query(rq, name);
    mq_id_t *last;
    *last_out = NULL;
    if (!text) {
        return APR_SUCCESS;
    }
    last = apr_palloc(rq->pool, sizeof *last);
    MQ_TRY(mq_id_parse(last, text));
    *last_out = last;
    return APR_SUCCESS;
}

const char *mq_paging_href(const mq_request_t *rq, const char *path, const char *name,
                           const char *last, const char *fragment)
{
    return apr_pstrcat(rq->pool, path, strchr(path, '?') ? "&" : "?", name, "=", last, fragment,
                       NULL);
}

const char *mq_paging_href_id(const mq_request_t *rq, const char *path, const char *name,
                              const mq_id_t *last, const char *fragment)
{
    return mq_paging_href(rq, path, name, mq_id_text(last, rq->pool), fragment);
}

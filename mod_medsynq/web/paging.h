/* paging.h -- the place in a list that goes on, as paths say it: the key of the last row that was
 * shown (domain/keyset.h), never the number of a page. */
#ifndef MQ_WEB_PAGING_H
#define MQ_WEB_PAGING_H

#include "web/request.h"

/**
 * Read the last row of the page before.
 * @param last_out from the request's pool; NULL where the query does not have it: the first page
 * @param name     of the parameter
 * @return MQ_EINVALID it is there, and no id
 */
apr_status_t mq_paging_read(const mq_id_t **last_out, const mq_request_t *rq, const char *name);

/**
 * The path of the page that goes on.
 * @param path     of the list; it may have a query
 * @param last     the key of the last row that is shown here, as it stands in a path
 * @param fragment "#notes", or ""
 */
const char *mq_paging_href(const mq_request_t *rq, const char *path, const char *name,
                           const char *last, const char *fragment);

/** The same where the key is an id, as mq_paging_read takes it. */
const char *mq_paging_href_id(const mq_request_t *rq, const char *path, const char *name,
                              const mq_id_t *last, const char *fragment);

#endif

/* paging.h -- the place in a list that goes on, as paths say it: the key of the last row that was
 * shown (domain/keyset.h), never the number of a page. How many came before goes along (shown=),
 * for people alone: it tells them where they are, and finds nothing. */
#ifndef MQ_WEB_PAGING_H
#define MQ_WEB_PAGING_H

#include "base/template.h"
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

/** What stands below a list, drawn by templates/pages.html: a page's struct includes it. */
typedef struct mq_paging_t {
    const char *place;         /* "51–100 of 311"; NULL: all of it is here, or nobody knows */
    const char *previous_href; /* NULL: there is none; so are the others */
    const char *next_href;
    const char *next_label;
    int is_there; /* anything of it */
} mq_paging_t;

extern const mq_slot_t mq_paging_slots[];

/** @return how many rows of the list came before this page; 0 where it is the first, -1 where its
 * path does not say */
apr_int64_t mq_paging_shown(const mq_request_t *rq, int is_first);

/**
 * Say where one is.
 * @param shown rows before this page, as mq_paging_shown has it
 * @param count rows of it
 * @param total of the whole list; -1: it is not counted
 */
const char *mq_paging_place(const mq_request_t *rq, apr_int64_t shown, int count,
                            apr_int64_t total);

/**
 * Where one is in a list, and the way on.
 * @param path  of the list, with what was chosen
 * @param name  of the parameter that has the key: "after"
 * @param last  the key of the next page; NULL: the list ends here
 * @param count rows that are shown
 * @param label of the way on
 */
mq_paging_t mq_paging(const mq_request_t *rq, const char *path, const char *name, const char *last,
                      int count, const char *label);

/** The path of another page of a list. @param shown how many rows come before it; -1 is left out */
const char *mq_paging_href_at(const mq_request_t *rq, const char *path, const char *name,
                              const char *last, apr_int64_t shown);

#endif

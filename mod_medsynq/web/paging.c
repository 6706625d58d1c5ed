/* paging.c -- keys of rows to paths and back; where one is in a list, in words. */
#include "web/paging.h"
#include "web/dates.h"
#include "web/pages.h"

#include <apr_strings.h>
#include <string.h>

enum { SHOWN_MOST = 1000000000 /* more than any list has; it is read from a path */ };

static const char shown_name[] = "shown";

const mq_slot_t mq_paging_slots[] = {
    MQ_TEXT(mq_paging_t, place),     MQ_TEXT(mq_paging_t, previous_href),
    MQ_TEXT(mq_paging_t, next_href), MQ_TEXT(mq_paging_t, next_label),
    MQ_FLAG(mq_paging_t, is_there),  MQ_SLOTS_END};

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

static const char *number_text(const mq_request_t *rq, apr_int64_t number)
{
    return apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, number);
}

const char *mq_paging_href_at(const mq_request_t *rq, const char *path, const char *name,
                              const char *last, apr_int64_t shown)
{
    const char *href = mq_paging_href(rq, path, name, last, "");
    return shown > 0 ? mq_paging_href(rq, href, shown_name, number_text(rq, shown), "") : href;
}

apr_int64_t mq_paging_shown(const mq_request_t *rq, int is_first)
{
    apr_int64_t shown = is_first ? 0 : mq_request_number_of(mq_request_query(rq, shown_name));
    return is_first || (shown > 0 && shown <= SHOWN_MOST) ? shown : -1;
}

const char *mq_paging_place(const mq_request_t *rq, apr_int64_t shown, int count, apr_int64_t total)
{
    const int before = (int)shown;
    const int last = before + count;
    const int is_counted = total >= last; /* else rows came or went meanwhile */
    if (shown < 0 || count == 0) {
        return NULL;
    }
    if (count == 1) {
        return is_counted ? mq_sayf(rq, "%d of %d", last, (int)total)
                          : mq_digits_say(rq, number_text(rq, last));
    }
    return is_counted ? mq_sayf(rq, "%d–%d of %d", before + 1, last, (int)total)
                      : mq_sayf(rq, "%d–%d", before + 1, last);
}

mq_paging_t mq_paging(const mq_request_t *rq, const char *path, const char *name, const char *last,
                      int count, const char *label)
{
    const apr_int64_t shown = mq_paging_shown(rq, !mq_request_query(rq, name));
    mq_paging_t paging = {.next_label = label};
    if (last) {
        paging.next_href =
            mq_paging_href_at(rq, path, name, last, shown < 0 ? shown : shown + count);
    }
    if (last || shown > 0) {
        paging.place = mq_paging_place(rq, shown, count, -1);
    }
    paging.is_there = paging.place || paging.next_href;
    return paging;
}

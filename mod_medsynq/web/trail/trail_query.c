/* trail_query.c -- parameters to instants, and back to links. */
#include "web/trail/trail_query.h"

#include <apr_strings.h>

#include "web/dates.h"
#include "web/href.h"
#include "web/pages.h"

const char *mq_query_given(const mq_request_t *rq, const char *name)
{
    const char *value = mq_request_query(rq, name);
    return value && *value ? value : NULL;
}

int mq_query_day(apr_time_t *time_out, const mq_request_t *rq, const char *name, int end)
{
    const char *typed = mq_query_given(rq, name);
    mq_day_t day;
    if (!typed) {
        return 1;
    }
    if (mq_day_read(&day, rq, typed) != APR_SUCCESS) {
        return 0;
    }
    day.day += end; /* one after the last of a month is the first of the next */
    *time_out = mq_date_begins(&day, rq->zone);
    return 1;
}

const char *mq_query_href(const mq_request_t *rq, const char *path, const char *const *names)
{
    mq_buffer_t *out = mq_buffer_make(rq->pool, 128);
    mq_buffer_text(out, path);
    for (; *names; names++) {
        if (mq_query_given(rq, *names)) {
            mq_href_add(out, *names, mq_query_given(rq, *names));
        }
    }
    return mq_buffer_string(out);
}

mq_paging_t mq_query_paging(const mq_request_t *rq, const char *path, const char *const *names,
                            apr_int64_t next, int count)
{
    return mq_paging(rq, mq_query_href(rq, path, names), "after",
                     next ? apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, next) : NULL, count,
                     mq_say(rq, "Older"));
}

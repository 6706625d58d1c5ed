/* dates.c -- base/date.c with the style and zone of the request. */
#include "web/dates.h"

const char *mq_date_say(const mq_request_t *rq, const char *iso)
{
    return iso ? mq_date_format(iso, &rq->dates, rq->pool) : NULL;
}

const char *mq_time_say(const mq_request_t *rq, apr_time_t when)
{
    return mq_time_format(when, rq->zone, &rq->dates, rq->pool);
}

mq_day_t mq_today(const mq_request_t *rq)
{
    mq_day_t today;
    mq_date_today(&today, rq->now, rq->zone);
    return today;
}

const char *mq_date_example(const mq_request_t *rq)
{
    return mq_date_say(rq, "1975-04-23");
}

apr_status_t mq_day_read(mq_day_t *day_out, const mq_request_t *rq, const char *typed)
{
    const char *iso;
    MQ_TRY(mq_date_parse_typed(&iso, typed, &rq->dates, rq->pool));
    MQ_TRY(mq_date_parse(day_out, iso));
    return day_out->day ? APR_SUCCESS : MQ_EINVALID;
}

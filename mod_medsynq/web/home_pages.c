/* home_pages.c -- the page for everybody. */
#include "web/home_pages.h"

typedef struct home_page_t {
    mq_frame_t frame;
    int registration_open;
} home_page_t;

static const mq_slot_t home_slots[] = {MQ_FLAG(home_page_t, registration_open),
                                       MQ_INCLUDE(home_page_t, frame, mq_frame_slots),
                                       MQ_SLOTS_END};

const mq_page_t mq_home_page_template = {"home.html", home_slots};

apr_status_t mq_home_page(mq_request_t *rq)
{
    home_page_t page = {.frame.title = mq_say(rq, "Patient records, kept apart"),
                        .registration_open = rq->app->core->registration == MQ_REGISTRATION_OPEN};
    return mq_page_show(rq, 200, &mq_home_page_template, &page);
}

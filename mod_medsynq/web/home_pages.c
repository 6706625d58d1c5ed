/* home_pages.c -- the page for everybody. */
#include <string.h>

#include "web/route_tables.h"

typedef struct home_page_t {
    mq_frame_t frame;
    int registration_open;
} home_page_t;

static const mq_slot_t home_slots[] = {MQ_FLAG(home_page_t, registration_open),
                                       MQ_INCLUDE(home_page_t, frame, mq_frame_slots),
                                       MQ_SLOTS_END};

static const mq_page_t home_template = {"home.html", home_slots};

static apr_status_t home_page(mq_request_t *rq)
{
    const char *asked = mq_request_query(rq, "notice");
    home_page_t page = {.frame.title = mq_say(rq, "Patient records, kept apart"),
                        .registration_open = rq->app->core->registration == MQ_REGISTRATION_OPEN};
    if (!rq->session && asked && strcmp(asked, "logged-out") == 0) {
        page.frame.notice = mq_say(rq, "You are logged out.");
    }
    return mq_page_show(rq, 200, &home_template, &page);
}

const mq_route_t mq_home_routes[] = {{MQ_GET, "/", .open = home_page, .page = &home_template},
                                     MQ_ROUTES_END};

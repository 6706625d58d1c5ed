/* session_pages.c -- the list of one's own sessions. The rules are in domain/access/sessions.c. */

#include <apr_strings.h>
#include <string.h>

#include "web/dates.h"
#include "web/flash.h"
#include "web/route_tables.h"

typedef struct row_t {
    const char *name;
    const char *browser;
    const char *address;
    const char *seen_iso;
    const char *seen_text;
    const char *began_iso;
    const char *began_text;
    int is_this;
} row_t;

static const mq_slot_t row_slots[] = {
    MQ_TEXT(row_t, name),       MQ_TEXT(row_t, browser),   MQ_TEXT(row_t, address),
    MQ_TEXT(row_t, seen_iso),   MQ_TEXT(row_t, seen_text), MQ_TEXT(row_t, began_iso),
    MQ_TEXT(row_t, began_text), MQ_FLAG(row_t, is_this),   MQ_SLOTS_END};

typedef struct sessions_page_t {
    mq_frame_t frame;
    mq_list_t sessions;
    int has_others;
} sessions_page_t;

static const mq_slot_t page_slots[] = {
    MQ_LIST(sessions_page_t, sessions, row_slots, row_t), MQ_FLAG(sessions_page_t, has_others),
    MQ_INCLUDE(sessions_page_t, frame, mq_frame_slots), MQ_SLOTS_END};

static const mq_page_t sessions_template = {"sessions.html", page_slots};

typedef struct mark_t {
    const char *in_header;
    const char *name;
} mark_t;

/* The first that fits: Edge calls itself Chrome too, and Chrome Safari. */
static const char *marked(const char *header, const mark_t *marks)
{
    while (marks->in_header && !strstr(header, marks->in_header)) {
        marks++;
    }
    return marks->name;
}

static const char *browser_of(const mq_request_t *rq, const char *header)
{
    static const mark_t browsers[] = {{"Edg", "Edge"},         {"OPR/", "Opera"},
                                      {"Firefox/", "Firefox"}, {"Chrom", "Chrome"},
                                      {"Safari/", "Safari"},   {NULL, NULL}};
    static const mark_t systems[] = {
        {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},   {"Windows", "Windows"},
        {"Mac OS X", "macOS"},  {"CrOS", "ChromeOS"}, {"Linux", "Linux"}, {NULL, NULL}};
    const char *browser = marked(header, browsers);
    const char *system = marked(header, systems);
    if (!browser) {
        return mq_say(rq, "Unknown browser");
    }
    return system ? apr_pstrcat(rq->pool, browser, ", ", system, NULL) : browser;
}

static row_t row_draw(const mq_request_t *rq, const mq_session_item_t *item)
{
    return (row_t){.name = item->name,
                   .browser = browser_of(rq, item->agent),
                   .address = item->address,
                   .seen_iso = mq_time_iso(item->seen, rq->pool),
                   .seen_text = mq_time_say(rq, item->seen),
                   .began_iso = mq_time_iso(item->began, rq->pool),
                   .began_text = mq_time_say(rq, item->began),
                   .is_this = item->is_this};
}

static apr_status_t sessions_page(mq_request_t *rq, const mq_scope_t *sc)
{
    sessions_page_t page = {.frame.title = mq_say(rq, "Where you are logged in")};
    mq_flash_t flash;
    apr_array_header_t *items;
    row_t *rows;
    (void)sc;
    MQ_TRY(mq_flash_take(&flash, rq));
    MQ_TRY(mq_sessions_list(&items, &rq->visit, rq->session));
    rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(items->nelts + 1));
    for (int i = 0; i < items->nelts; i++) {
        rows[i] = row_draw(rq, &APR_ARRAY_IDX(items, i, mq_session_item_t));
    }
    page.frame.notice = flash.notice;
    page.sessions = (mq_list_t){rows, items->nelts};
    page.has_others = items->nelts > 1;
    return mq_page_show(rq, 200, &sessions_template, &page);
}

/* end is the name of a session, or "others". */
static apr_status_t sessions_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_flash_t flash = {.notice = mq_say(rq, "The other sessions have ended.")};
    const char *end = mq_form_get(rq->form, "end", NULL);
    int ended;
    (void)sc;
    if (!end || !*end) {
        return MQ_EINVALID;
    }
    MQ_TRY(
        mq_sessions_end(&ended, &rq->visit, rq->session, strcmp(end, "others") == 0 ? NULL : end));
    MQ_TRY(mq_flash_set(rq, &flash));
    return mq_request_redirect(rq, "/account/sessions");
}

const mq_route_t mq_session_routes[] = {
    {MQ_GET, "/account/sessions", MQ_ACTION_SESSIONS_VIEW, sessions_page,
     .page = &sessions_template},
    {MQ_POST, "/account/sessions", MQ_ACTION_SESSION_END, sessions_post},
    MQ_ROUTES_END};

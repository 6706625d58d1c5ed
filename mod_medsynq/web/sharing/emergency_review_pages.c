/* emergency_review_pages.c -- what others have opened here in an emergency: /emergencies, and the
 * review of one. Rules are in domain/sharing/emergency_reviews.c. */
#include <apr_strings.h>
#include <string.h>

#include "domain/sharing/emergency_reviews.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/form.h"
#include "web/paging.h"
#include "web/patients/patients_table.h"
#include "web/route_tables.h"

typedef struct row_t {
    const char *href;
    const char *by_name;
    const char *at_text;
    const char *state_text;
    const char *mark_text; /* NULL: nothing unusual */
    int is_waiting;
} row_t;

static const mq_slot_t row_slots[] = {MQ_TEXT(row_t, href),
                                      MQ_TEXT(row_t, by_name),
                                      MQ_TEXT(row_t, at_text),
                                      MQ_TEXT(row_t, state_text),
                                      MQ_TEXT(row_t, mark_text),
                                      MQ_FLAG(row_t, is_waiting),
                                      MQ_SLOTS_END};

typedef struct list_page_t {
    mq_frame_t frame;
    mq_list_t waiting;
    mq_list_t emergencies;
    mq_paging_t paging;
} list_page_t;

static const mq_slot_t list_slots[] = {MQ_LIST(list_page_t, waiting, row_slots, row_t),
                                       MQ_LIST(list_page_t, emergencies, row_slots, row_t),
                                       MQ_INCLUDE(list_page_t, paging, mq_paging_slots),
                                       MQ_INCLUDE(list_page_t, frame, mq_frame_slots),
                                       MQ_SLOTS_END};

static const mq_page_t list_template = {"emergencies.html", list_slots};

static const char *emergency_href(const mq_request_t *rq, const mq_id_t *id)
{
    return apr_pstrcat(rq->pool, "/emergencies/", mq_id_text(id, rq->pool), NULL);
}

static const char *state_text(const mq_request_t *rq, mq_emergency_state_t state)
{
    return state == MQ_EMERGENCY_JUSTIFIED     ? mq_say(rq, "justified")
           : state == MQ_EMERGENCY_UNJUSTIFIED ? mq_say(rq, "not justified")
                                               : mq_say(rq, "to be reviewed");
}

static const char *mark_text(const mq_request_t *rq, int marks)
{
    return marks & MQ_EMERGENCY_OFTEN ? mq_say(rq, "The fifth by this person in 30 days, or more.")
           : marks & MQ_EMERGENCY_AGAIN_TODAY
               ? mq_say(rq, "The second by this person in a day, or more.")
               : NULL;
}

static mq_list_t rows_draw(const mq_request_t *rq, const apr_array_header_t *list)
{
    row_t *rows = apr_palloc(rq->pool, sizeof *rows * (apr_size_t)(list->nelts + 1));
    for (int i = 0; i < list->nelts; i++) {
        const mq_emergency_t *one = &APR_ARRAY_IDX(list, i, mq_emergency_t);
        rows[i] = (row_t){.href = emergency_href(rq, &one->id),
                          .by_name = one->by_name,
                          .at_text = mq_time_say(rq, one->opened_at),
                          .state_text = state_text(rq, one->state),
                          .mark_text = mark_text(rq, one->marks),
                          .is_waiting = one->state == MQ_EMERGENCY_WAITS};
    }
    return (mq_list_t){rows, list->nelts};
}

static apr_status_t list_page(mq_request_t *rq, const mq_scope_t *sc)
{
    list_page_t page = {.frame.title = mq_say(rq, "Emergency accesses")};
    apr_array_header_t *waiting;
    apr_array_header_t *list;
    const mq_id_t *before;
    mq_flash_t flash;
    int has_next;
    MQ_TRY(mq_paging_read(&before, rq, "before"));
    MQ_TRY(mq_emergencies_waiting(&waiting, sc));
    MQ_TRY(mq_emergencies_page(&list, &has_next, sc, before));
    MQ_TRY(mq_flash_take(&flash, rq));
    page.frame.notice = flash.notice;
    page.waiting = rows_draw(rq, waiting);
    page.emergencies = rows_draw(rq, list);
    page.paging = mq_paging(
        rq, "/emergencies", "before",
        has_next ? mq_id_text(&APR_ARRAY_IDX(list, list->nelts - 1, mq_emergency_t).id, rq->pool)
                 : NULL,
        list->nelts, mq_say(rq, "Older"));
    return mq_page_show(rq, 200, &list_template, &page);
}

/* --- one --- */

typedef struct one_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
    const char *href;
    const char *by_name;
    const char *at_text;
    const char *until_text;
    const char *ended_text; /* NULL: not before its time */
    const char *reason;
    const char *mark_text;
    const char *state_text;
    const char *patient_name; /* NULL: merged into another one */
    const char *patient_mrn;
    const char *reviewed_by; /* NULL: it waits */
    const char *reviewed_text;
    const char *measures;
    int is_waiting;
} one_page_t;

static const mq_slot_t one_slots[] = {MQ_TEXT(one_page_t, href),
                                      MQ_TEXT(one_page_t, by_name),
                                      MQ_TEXT(one_page_t, at_text),
                                      MQ_TEXT(one_page_t, until_text),
                                      MQ_TEXT(one_page_t, ended_text),
                                      MQ_TEXT(one_page_t, reason),
                                      MQ_TEXT(one_page_t, mark_text),
                                      MQ_TEXT(one_page_t, state_text),
                                      MQ_TEXT(one_page_t, patient_name),
                                      MQ_TEXT(one_page_t, patient_mrn),
                                      MQ_TEXT(one_page_t, reviewed_by),
                                      MQ_TEXT(one_page_t, reviewed_text),
                                      MQ_TEXT(one_page_t, measures),
                                      MQ_FLAG(one_page_t, is_waiting),
                                      MQ_INCLUDE(one_page_t, form, mq_form_slots),
                                      MQ_INCLUDE(one_page_t, frame, mq_frame_slots),
                                      MQ_SLOTS_END};

static const mq_page_t one_template = {"emergency_review.html", one_slots};

typedef struct review_in_t {
    const char *verdict;
    const char *action;
} review_in_t;

static const mq_choice_t verdicts[] = {
    {"justified", MQ_SAY("Justified")}, {"not-justified", MQ_SAY("Not justified")}, {NULL, NULL}};

static const mq_field_t review_fields[] = {
    {"verdict", MQ_SAY("Was this access justified?"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off",
     NULL, MQ_SAY("Choose whether it was justified."), offsetof(review_in_t, verdict), verdicts},
    {"action", MQ_SAY("What was done about it"), MQ_FIELD_BLOCK, 0, MQ_LIMIT_REASON, "off",
     MQ_SAY("Must be said where it was not justified."), NULL, offsetof(review_in_t, action)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static void one_fill(one_page_t *page, const mq_request_t *rq, const mq_emergency_seen_t *seen)
{
    const mq_emergency_t *one = &seen->emergency;
    page->href = emergency_href(rq, &one->id);
    page->by_name = one->by_name;
    page->at_text = mq_time_say(rq, one->opened_at);
    page->until_text = mq_time_say(rq, one->until);
    page->ended_text =
        seen->ended_at && seen->ended_at < one->until ? mq_time_say(rq, seen->ended_at) : NULL;
    page->reason = one->reason;
    page->mark_text = mark_text(rq, one->marks);
    page->state_text = state_text(rq, one->state);
    page->patient_name = seen->patient_name;
    page->patient_mrn = seen->patient_mrn;
    page->is_waiting = one->state == MQ_EMERGENCY_WAITS;
    page->reviewed_by = seen->reviewed_by;
    page->reviewed_text = seen->reviewed_at ? mq_time_say(rq, seen->reviewed_at) : NULL;
    page->measures = seen->measures;
}

static apr_status_t one_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                             const mq_form_t *form, const char *problem)
{
    one_page_t page = {.frame.title = mq_say(rq, "Emergency access to a record"),
                       .form = mq_form_view(form, problem)};
    mq_emergency_seen_t seen;
    mq_flash_t flash;
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_emergency_view(&seen, sc, &id));
    MQ_TRY(mq_flash_take(&flash, rq));
    page.frame.notice = flash.notice;
    one_fill(&page, rq, &seen);
    return mq_page_show(rq, status, &one_template, &page);
}

static apr_status_t one_page(mq_request_t *rq, const mq_scope_t *sc)
{
    return one_show(rq, sc, 200, mq_form_make(rq, review_fields), NULL);
}

static apr_status_t review_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, review_fields);
    mq_emergency_state_t state;
    review_in_t in = {0};
    mq_id_t id;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_form_read(form, &in));
    state = in.verdict && strcmp(in.verdict, verdicts[0].value) == 0 ? MQ_EMERGENCY_JUSTIFIED
                                                                     : MQ_EMERGENCY_UNJUSTIFIED;
    if (in.verdict && !mq_emergency_review_holds(state, in.action)) {
        mq_form_fault(form, "action", mq_say(rq, "Say what was done about it."));
    }
    if (mq_form_faults(form)) {
        return one_show(rq, sc, 422, form, NULL);
    }
    rv = mq_emergency_review(sc, &id, state, in.action);
    if (rv == MQ_ECONFLICT) {
        return one_show(rq, sc, 409, form, mq_say(rq, "It is reviewed already."));
    }
    MQ_TRY(rv);
    return mq_flash_redirect(rq, "/emergencies", mq_say(rq, "The review is recorded."));
}

const mq_route_t mq_emergency_review_routes[] = {
    {MQ_GET, "/emergencies", MQ_ACTION_EMERGENCIES_LIST, list_page, .page = &list_template},
    {MQ_GET, "/emergencies/{id}", MQ_ACTION_EMERGENCY_VIEW, one_page, .page = &one_template},
    {MQ_POST, "/emergencies/{id}/review", MQ_ACTION_EMERGENCY_REVIEW, review_post},
    MQ_ROUTES_END};

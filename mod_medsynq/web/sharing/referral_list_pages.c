/* referral_list_pages.c -- /referrals: those that came and those that were sent; and what one's own
 * people have written on those that came. Rules are in domain/sharing/referral_lists.c. */
#include <apr_strings.h>
#include <string.h>

#include "domain/sharing/referral_lists.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/href.h"
#include "web/paging.h"
#include "web/route_tables.h"
#include "web/sharing/consent_view.h"
#include "web/sharing/referral_view.h"

typedef struct row_t {
    const char *href;
    const char *name;
    const char *birth_date;
    const char *birth_date_text;
    const char *partner;
    const char *urgency;
    const char *state;
    const char *sent_on;
    const char *age;
    int is_pressing;
    int is_unread;
} row_t;

static const mq_slot_t row_slots[] = {MQ_TEXT(row_t, href),       MQ_TEXT(row_t, name),
                                      MQ_TEXT(row_t, birth_date), MQ_TEXT(row_t, birth_date_text),
                                      MQ_TEXT(row_t, partner),    MQ_TEXT(row_t, urgency),
                                      MQ_TEXT(row_t, state),      MQ_TEXT(row_t, sent_on),
                                      MQ_TEXT(row_t, age),        MQ_FLAG(row_t, is_pressing),
                                      MQ_FLAG(row_t, is_unread),  MQ_SLOTS_END};

typedef struct option_t {
    const char *value;
    const char *label;
    int selected;
} option_t;

static const mq_slot_t option_slots[] = {MQ_TEXT(option_t, value), MQ_TEXT(option_t, label),
                                         MQ_FLAG(option_t, selected), MQ_SLOTS_END};

typedef struct list_page_t {
    mq_frame_t frame;
    mq_list_t referrals;
    mq_list_t states;
    const char *in_label;
    const char *out_label;
    const char *box;
    const char *hidden;
    mq_paging_t paging;
    int is_out;
    int has_referrals;
} list_page_t;

static const mq_slot_t list_slots[] = {MQ_LIST(list_page_t, referrals, row_slots, row_t),
                                       MQ_LIST(list_page_t, states, option_slots, option_t),
                                       MQ_TEXT(list_page_t, in_label),
                                       MQ_TEXT(list_page_t, out_label),
                                       MQ_TEXT(list_page_t, box),
                                       MQ_TEXT(list_page_t, hidden),
                                       MQ_INCLUDE(list_page_t, paging, mq_paging_slots),
                                       MQ_FLAG(list_page_t, is_out),
                                       MQ_FLAG(list_page_t, has_referrals),
                                       MQ_INCLUDE(list_page_t, frame, mq_frame_slots),
                                       MQ_SLOTS_END};

static const mq_page_t list_template = {"referrals.html", list_slots};

static const char *age_say(const mq_request_t *rq, apr_time_t sent_at)
{
    const apr_time_t day = (apr_time_t)24 * 3600 * APR_USEC_PER_SEC;
    int days = rq->now > sent_at ? (int)((rq->now - sent_at) / day) : 0;
    return days ? mq_say_count(rq, "%d day ago", "%d days ago", days) : mq_say(rq, "today");
}

static mq_list_t rows_draw(const mq_request_t *rq, const apr_array_header_t *list)
{
    row_t *rows = apr_palloc(rq->pool, sizeof *rows * (apr_size_t)(list->nelts + 1));
    for (int i = 0; i < list->nelts; i++) {
        const mq_referral_row_t *row = &APR_ARRAY_IDX(list, i, mq_referral_row_t);
        rows[i] = (row_t){.href = mq_referral_href(rq, &row->id),
                          .name = row->name,
                          .birth_date = row->birth_date,
                          .birth_date_text = mq_date_say(rq, row->birth_date),
                          .partner = row->partner,
                          .urgency = mq_referral_urgency_text(rq, row->urgency),
                          .state = mq_referral_state_text(rq, row->state),
                          .sent_on = mq_consent_day(rq, row->sent_at),
                          .age = age_say(rq, row->sent_at),
                          .is_pressing = row->urgency != MQ_URGENCY_ROUTINE,
                          .is_unread = row->is_unread};
    }
    return (mq_list_t){rows, list->nelts};
}

static mq_list_t states_draw(const mq_request_t *rq, mq_referral_state_t chosen)
{
    option_t *options = apr_palloc(rq->pool, sizeof *options * MQ_REFERRAL_STATES);
    int count = 0;
    for (; mq_referral_state_choices[count].value; count++) {
        options[count] = (option_t){mq_referral_state_choices[count].value,
                                    mq_say(rq, mq_referral_state_choices[count].label),
                                    count + 1 == (int)chosen};
    }
    return (mq_list_t){options, count};
}

/* @return MQ_EINVALID there is no such box, or no such state */
static apr_status_t choices_read(int *is_out, mq_referral_state_t *state, const mq_request_t *rq)
{
    const char *box = mq_request_query(rq, "box");
    const char *wanted = mq_request_query(rq, "state");
    *is_out = box && strcmp(box, "out") == 0;
    *state = mq_referral_state_of(wanted);
    return (box && *box && !*is_out && strcmp(box, "in") != 0) || (wanted && *wanted && !*state)
               ? MQ_EINVALID
               : APR_SUCCESS;
}

static apr_status_t list_page(mq_request_t *rq, const mq_scope_t *sc)
{
    list_page_t page = {.frame.title = mq_say(rq, "Referrals")};
    mq_buffer_t *path = mq_buffer_make(rq->pool, 64);
    mq_referral_state_t state;
    mq_referral_page_t found;
    const mq_id_t *before;
    mq_flash_t flash;
    MQ_TRY(choices_read(&page.is_out, &state, rq));
    MQ_TRY(mq_paging_read(&before, rq, "before"));
    MQ_TRY(mq_referrals_page(&found, sc, page.is_out, state, before));
    MQ_TRY(mq_flash_take(&flash, rq));
    page.frame.notice = flash.notice;
    page.box = page.is_out ? "out" : "in";
    page.in_label = mq_sayf(rq, "Received (waiting: %d)", (int)found.in_waiting);
    page.out_label = mq_sayf(rq, "Sent (waiting: %d)", (int)found.out_waiting);
    page.referrals = rows_draw(rq, found.rows);
    page.has_referrals = found.rows->nelts > 0;
    page.states = states_draw(rq, state);
    page.hidden =
        found.hidden
            ? mq_say_count(
                  rq,
                  "%d referral is not shown: the link rests, or the other organisation is closed.",
                  "%d referrals are not shown: the link rests, or the other organisation is "
                  "closed.",
                  found.hidden)
            : NULL;
    mq_buffer_text(path, "/referrals");
    mq_href_add(path, "box", page.box);
    if (state) {
        mq_href_add(path, "state", mq_referral_state_choices[state - 1].value);
    }
    page.paging = mq_paging(rq, mq_buffer_string(path), "before",
                            found.next ? mq_id_text(found.next, rq->pool) : NULL, found.rows->nelts,
                            mq_say(rq, "Older"));
    return mq_page_show(rq, 200, &list_template, &page);
}

/* --- own words --- */

typedef struct words_t {
    const char *state;
    const char *at;
    const char *author;
    const char *partner;
    const char *said;
    const char *next_step;
} words_t;

static const mq_slot_t words_slots[] = {MQ_TEXT(words_t, state),
                                        MQ_TEXT(words_t, at),
                                        MQ_TEXT(words_t, author),
                                        MQ_TEXT(words_t, partner),
                                        MQ_TEXT(words_t, said),
                                        MQ_TEXT(words_t, next_step),
                                        MQ_SLOTS_END};

typedef struct words_page_t {
    mq_frame_t frame;
    mq_list_t words;
    mq_paging_t paging;
} words_page_t;

static const mq_slot_t words_page_slots[] = {MQ_LIST(words_page_t, words, words_slots, words_t),
                                             MQ_INCLUDE(words_page_t, paging, mq_paging_slots),
                                             MQ_INCLUDE(words_page_t, frame, mq_frame_slots),
                                             MQ_SLOTS_END};

static const mq_page_t words_template = {"referral_words.html", words_page_slots};

static apr_status_t words_page(mq_request_t *rq, const mq_scope_t *sc)
{
    words_page_t page = {.frame.title = mq_say(rq, "What we have answered")};
    apr_array_header_t *list;
    const mq_id_t *before;
    words_t *rows;
    int has_next;
    MQ_TRY(mq_paging_read(&before, rq, "before"));
    MQ_TRY(mq_referral_words_page(&list, &has_next, sc, before));
    rows = apr_palloc(rq->pool, sizeof *rows * (apr_size_t)(list->nelts + 1));
    for (int i = 0; i < list->nelts; i++) {
        const mq_referral_words_t *words = &APR_ARRAY_IDX(list, i, mq_referral_words_t);
        rows[i] = (words_t){.state = mq_referral_past_text(rq, words->state),
                            .at = mq_time_say(rq, words->at),
                            .author = words->author,
                            .partner = words->partner,
                            .said = words->said,
                            .next_step = words->next_step};
    }
    page.words = (mq_list_t){rows, list->nelts};
    page.paging = mq_paging(
        rq, "/referrals/written", "before",
        has_next
            ? mq_id_text(&APR_ARRAY_IDX(list, list->nelts - 1, mq_referral_words_t).id, rq->pool)
            : NULL,
        list->nelts, mq_say(rq, "Older"));
    return mq_page_show(rq, 200, &words_template, &page);
}

const mq_route_t mq_referral_list_routes[] = {
    {MQ_GET, "/referrals", MQ_ACTION_REFERRALS_LIST, list_page, .page = &list_template,
     .tab = MQ_SAY("Referrals")},
    {MQ_GET, "/referrals/written", MQ_ACTION_REFERRALS_LIST, words_page, .page = &words_template},
    MQ_ROUTES_END};

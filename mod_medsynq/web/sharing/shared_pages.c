/* shared_pages.c -- what other organisations share with one's own: /shared, and one patient of it,
 * never to be mistaken for an own one. Rules are in domain/sharing/shared.c. */
#include <apr_strings.h>

#include "base/text.h"
#include "domain/patients/patient_notes.h"
#include "domain/sharing/shared.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/href.h"
#include "web/paging.h"
#include "web/patients/chart_view.h"
#include "web/patients/note_pages.h"
#include "web/patients/patient_banner.h"
#include "web/patients/patient_values.h"
#include "web/patients/patients_table.h"
#include "web/route_tables.h"
#include "web/sharing/consent_view.h"

enum { NOTES_SHOWN = 20, QUERY_LIMIT = 200 };

/* --- the list --- */

typedef struct row_t {
    const char *href;
    const char *name;
    const char *birth_date;
    const char *birth_date_text;
    const char *owner;
    const char *purpose;
    const char *until;
} row_t;

static const mq_slot_t row_slots[] = {MQ_TEXT(row_t, href),       MQ_TEXT(row_t, name),
                                      MQ_TEXT(row_t, birth_date), MQ_TEXT(row_t, birth_date_text),
                                      MQ_TEXT(row_t, owner),      MQ_TEXT(row_t, purpose),
                                      MQ_TEXT(row_t, until),      MQ_SLOTS_END};

typedef struct list_page_t {
    mq_frame_t frame;
    mq_list_t shared;
    int has_shared;
    const char *wanted;
    mq_paging_t paging;
} list_page_t;

static const mq_slot_t list_slots[] = {MQ_LIST(list_page_t, shared, row_slots, row_t),
                                       MQ_FLAG(list_page_t, has_shared),
                                       MQ_TEXT(list_page_t, wanted),
                                       MQ_INCLUDE(list_page_t, paging, mq_paging_slots),
                                       MQ_INCLUDE(list_page_t, frame, mq_frame_slots),
                                       MQ_SLOTS_END};

static const mq_page_t list_template = {"shared.html", list_slots};

static const char *shared_href(const mq_request_t *rq, const mq_id_t *id)
{
    return apr_pstrcat(rq->pool, "/shared/", mq_id_text(id, rq->pool), NULL);
}

/* A consent ends with a day, an emergency within the hour. */
static const char *until_text(const mq_request_t *rq, const mq_share_t *share)
{
    return share->is_emergency ? mq_time_say(rq, share->until)
                               : mq_consent_last_day(rq, share->until);
}

static mq_list_t rows_draw(const mq_request_t *rq, const apr_array_header_t *list)
{
    row_t *rows = apr_palloc(rq->pool, sizeof *rows * (apr_size_t)(list->nelts + 1));
    for (int i = 0; i < list->nelts; i++) {
        const mq_shared_row_t *shared = &APR_ARRAY_IDX(list, i, mq_shared_row_t);
        rows[i] = (row_t){.href = shared_href(rq, &shared->share.id),
                          .name = shared->name,
                          .birth_date = shared->birth_date,
                          .birth_date_text = mq_date_say(rq, shared->birth_date),
                          .owner = shared->share.owner_name,
                          .purpose = mq_consent_purpose_text(rq, shared->share.purpose),
                          .until = until_text(rq, &shared->share)};
    }
    return (mq_list_t){rows, list->nelts};
}

/* With q= what finds people in one's own register; after= the last that was looked at. */
static apr_status_t list_page(mq_request_t *rq, const mq_scope_t *sc)
{
    list_page_t page = {.frame.title = mq_say(rq, "Shared with us")};
    const char *typed = mq_request_query(rq, "q");
    mq_buffer_t *path = mq_buffer_make(rq->pool, 64);
    apr_array_header_t *list;
    const mq_id_t *after;
    const mq_id_t *next;
    mq_flash_t flash;
    MQ_TRY(mq_paging_read(&after, rq, "after"));
    mq_buffer_text(path, "/shared");
    if (typed) {
        MQ_TRY(mq_text_clean_line(&page.wanted, typed, rq->pool));
        if (mq_text_count(page.wanted) > QUERY_LIMIT) {
            return MQ_EINVALID;
        }
        mq_href_add(path, "q", page.wanted);
    }
    MQ_TRY(mq_shared_page(&list, &next, sc, after, page.wanted, &rq->dates));
    MQ_TRY(mq_flash_take(&flash, rq));
    page.frame.notice = flash.notice;
    page.shared = rows_draw(rq, list);
    page.has_shared = list->nelts > 0;
    page.paging =
        mq_paging(rq, mq_buffer_string(path), "after", next ? mq_id_text(next, rq->pool) : NULL,
                  list->nelts, mq_say(rq, "Older"));
    return mq_page_show(rq, 200, &list_template, &page);
}

/* --- one patient --- */

typedef struct note_t {
    const char *text;
    const char *author;
    const char *at_text;
    const char *at_iso;
    const char *error_reason; /* NULL: it is no error */
    const char *written_text; /* mq_note_written */
    int is_addendum;
    int is_error;
    int is_of_error; /* an addendum to a note that is one */
} note_t;

static const mq_slot_t note_slots[] = {MQ_TEXT(note_t, text),         MQ_TEXT(note_t, author),
                                       MQ_TEXT(note_t, at_text),      MQ_TEXT(note_t, at_iso),
                                       MQ_TEXT(note_t, error_reason), MQ_FLAG(note_t, is_addendum),
                                       MQ_FLAG(note_t, is_error),     MQ_FLAG(note_t, is_of_error),
                                       MQ_TEXT(note_t, written_text), MQ_SLOTS_END};

typedef struct chart_t {
    const char *list_title;
    mq_list_t lines;
    const char *nothing;
} chart_t;

static const mq_slot_t chart_slots[] = {
    MQ_TEXT(chart_t, list_title), MQ_LIST(chart_t, lines, mq_chart_line_slots, mq_chart_line_t),
    MQ_TEXT(chart_t, nothing), MQ_SLOTS_END};

typedef struct shared_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_list_t values;
    mq_list_t charts;
    mq_list_t notes;
    const char *href;
    const char *owner;
    const char *purpose;
    const char *until;
    const char *days_left;
    const char *older_href;
    int has_lists;
    int has_notes;
    int is_chosen; /* the notes are those that were chosen */
    int is_emergency;
} shared_page_t;

static const mq_slot_t shared_slots[] = {
    MQ_STRUCT(shared_page_t, patient, mq_patient_banner_slots),
    MQ_LIST(shared_page_t, values, mq_patient_value_slots, mq_patient_value_t),
    MQ_LIST(shared_page_t, charts, chart_slots, chart_t),
    MQ_LIST(shared_page_t, notes, note_slots, note_t),
    MQ_TEXT(shared_page_t, href),
    MQ_TEXT(shared_page_t, owner),
    MQ_TEXT(shared_page_t, purpose),
    MQ_TEXT(shared_page_t, until),
    MQ_TEXT(shared_page_t, days_left),
    MQ_TEXT(shared_page_t, older_href),
    MQ_FLAG(shared_page_t, has_lists),
    MQ_FLAG(shared_page_t, has_notes),
    MQ_FLAG(shared_page_t, is_chosen),
    MQ_FLAG(shared_page_t, is_emergency),
    MQ_INCLUDE(shared_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t shared_template = {"shared_patient.html", shared_slots};

static const char *time_left(const mq_request_t *rq, const mq_share_t *share)
{
    const apr_time_t until = share->until;
    const apr_time_t day = (apr_time_t)24 * 3600 * APR_USEC_PER_SEC;
    int days = (int)((until - rq->now) / day);
    if (share->is_emergency) {
        return mq_say_count(rq, "%d minute left", "%d minutes left",
                            (int)apr_time_sec(until - rq->now) / 60);
    }
    return days ? mq_say_count(rq, "%d day left", "%d days left", days) : mq_say(rq, "last day");
}

static mq_list_t charts_draw(const mq_request_t *rq, const mq_patient_t *patient)
{
    chart_t *charts = apr_palloc(rq->pool, sizeof *charts * MQ_CHART_KINDS);
    for (int i = 0; i < MQ_CHART_KINDS; i++) {
        mq_chart_said_t said = mq_chart_said(rq, patient, &mq_chart_kinds[i]);
        charts[i] = (chart_t){mq_say(rq, mq_chart_kinds[i].title), said.lines, said.nothing};
    }
    return (mq_list_t){charts, MQ_CHART_KINDS};
}

static note_t note_draw(const mq_request_t *rq, const mq_patient_note_t *note)
{
    apr_time_t at = note->signed_at ? note->signed_at : note->created_at;
    return (note_t){.text = note->content,
                    .author = note->author,
                    .at_text = mq_time_say(rq, at),
                    .at_iso = mq_time_iso(at, rq->pool),
                    .error_reason = note->error_reason,
                    .written_text = mq_note_written(rq, note),
                    .is_addendum = !mq_id_is_nil(&note->parent),
                    .is_error = note->status == MQ_NOTE_ERROR};
}

/* A page of them; one note more was read than is shown, to see whether they go on. */
static void notes_draw(shared_page_t *page, const mq_request_t *rq, const apr_array_header_t *notes)
{
    note_t *rows = apr_palloc(rq->pool, sizeof *rows * (apr_size_t)(notes->nelts + 1));
    const mq_id_t *last = NULL;
    int is_of_error = 0;
    int threads = 0;
    int count = 0;
    for (; count < notes->nelts; count++) {
        const mq_patient_note_t *note = &APR_ARRAY_IDX(notes, count, mq_patient_note_t);
        if (mq_id_is_nil(&note->parent)) {
            if (threads++ == NOTES_SHOWN) {
                page->older_href =
                    mq_paging_href_id(rq, page->href, "notes_before", last, "#notes");
                break;
            }
            last = &note->id;
            is_of_error = note->status == MQ_NOTE_ERROR; /* its addenda follow it */
        }
        rows[count] = note_draw(rq, note);
        rows[count].is_of_error = is_of_error && rows[count].is_addendum;
    }
    page->notes = (mq_list_t){rows, count};
}

static apr_status_t shared_page(mq_request_t *rq, const mq_scope_t *sc)
{
    shared_page_t page = {.charts = {NULL, 0}};
    const mq_id_t *before;
    mq_shared_t shared;
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_paging_read(&before, rq, "notes_before"));
    MQ_TRY(mq_shared_open(&shared, sc, &id, before, NOTES_SHOWN + 1));
    page.frame.title = shared.patient.name;
    page.href = shared_href(rq, &id);
    page.owner = shared.share.owner_name;
    page.purpose = mq_consent_purpose_text(rq, shared.share.purpose);
    page.until = until_text(rq, &shared.share);
    page.days_left = time_left(rq, &shared.share);
    page.is_emergency = shared.share.is_emergency;
    page.patient = mq_patient_banner(rq, &shared.patient);
    page.values = mq_patient_values(rq, &shared.patient.fields);
    page.has_lists = (shared.share.parts & MQ_SHARE_LISTS) != 0;
    page.has_notes = shared.notes != NULL;
    page.is_chosen = (shared.share.parts & MQ_SHARE_CHOSEN) != 0;
    if (page.has_lists) {
        page.charts = charts_draw(rq, &shared.patient);
    }
    if (page.has_notes) {
        notes_draw(&page, rq, shared.notes);
    }
    return mq_page_show(rq, 200, &shared_template, &page);
}

static apr_status_t let_go_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_shared_let_go(sc, &id));
    return mq_flash_redirect(rq, "/shared", mq_say(rq, "It is no longer shared with you."));
}

const mq_route_t mq_shared_routes[] = {
    {MQ_GET, "/shared", MQ_ACTION_SHARED_LIST, list_page, .page = &list_template,
     .tab = MQ_SAY("Shared")},
    {MQ_GET, "/shared/{id}", MQ_ACTION_SHARED_OPEN, shared_page, .page = &shared_template},
    {MQ_POST, "/shared/{id}/let-go", MQ_ACTION_SHARED_LET_GO, let_go_post},
    MQ_ROUTES_END};

/* audit_pages.c -- the trail for auditors. Rules are in domain/trail/audit_read.c; in plain words,
 * for the patient whom it is about, it is told by record_view_pages.c. */

#include <apr_strings.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "domain/trail/audit_read.h"
#include "domain/trail/disclosures.h"
#include "domain/trail/event_words.h"
#include "web/dates.h"
#include "web/route_tables.h"
#include "web/trail/trail_query.h"

enum { ROWS_PER_PIECE = 500 };

typedef struct entry_t {
    const char *number;
    const char *at_text;
    const char *at_iso;
    const char *actor;
    const char *action;
    const char *outcome; /* NULL: done */
    const char *address;
    const char *mrn;
    const char *patient;
    const char *concerned; /* whose account it was done to, NULL: nobody's */
    const char *concerned_email;
} entry_t;

static const mq_slot_t entry_slots[] = {
    MQ_TEXT(entry_t, number),          MQ_TEXT(entry_t, at_text),
    MQ_TEXT(entry_t, at_iso),          MQ_TEXT(entry_t, actor),
    MQ_TEXT(entry_t, action),          MQ_TEXT(entry_t, outcome),
    MQ_TEXT(entry_t, address),         MQ_TEXT(entry_t, mrn),
    MQ_TEXT(entry_t, patient),         MQ_TEXT(entry_t, concerned),
    MQ_TEXT(entry_t, concerned_email), MQ_SLOTS_END};

typedef struct option_t {
    const char *name;
    const char *label;
    int is_chosen;
} option_t;

static const mq_slot_t option_slots[] = {MQ_TEXT(option_t, name), MQ_TEXT(option_t, label),
                                         MQ_FLAG(option_t, is_chosen), MQ_SLOTS_END};

typedef struct group_t {
    const char *title;
    mq_list_t options;
} group_t;

static const mq_slot_t group_slots[] = {
    MQ_TEXT(group_t, title), MQ_LIST(group_t, options, option_slots, option_t), MQ_SLOTS_END};

typedef struct audit_page_t {
    mq_frame_t frame;
    mq_list_t entries;
    mq_list_t groups; /* of actions */
    mq_list_t people;
    int has_people;
    const char *actor;
    const char *patient;
    const char *from;
    const char *to;
    const char *problem;
    mq_paging_t paging;
    const char *export_href;
} audit_page_t;

static const mq_slot_t audit_slots[] = {MQ_LIST(audit_page_t, entries, entry_slots, entry_t),
                                        MQ_LIST(audit_page_t, groups, group_slots, group_t),
                                        MQ_LIST(audit_page_t, people, option_slots, option_t),
                                        MQ_FLAG(audit_page_t, has_people),
                                        MQ_TEXT(audit_page_t, actor),
                                        MQ_TEXT(audit_page_t, patient),
                                        MQ_TEXT(audit_page_t, from),
                                        MQ_TEXT(audit_page_t, to),
                                        MQ_TEXT(audit_page_t, problem),
                                        MQ_INCLUDE(audit_page_t, paging, mq_paging_slots),
                                        MQ_TEXT(audit_page_t, export_href),
                                        MQ_INCLUDE(audit_page_t, frame, mq_frame_slots),
                                        MQ_SLOTS_END};

static const mq_page_t audit_template = {"audit.html", audit_slots};

/* What further pages and the file keep of the address. */
static const char *const kept[] = {"actor", "patient", "action", "from", "to", NULL};

static mq_action_t action_find(const char *name)
{
    const mq_policy_t *row = mq_policies();
    while (row->name && strcmp(row->name, name) != 0) {
        row++;
    }
    return row->action;
}

/* What the address asks for. @return APR_SUCCESS also with a problem that the page tells */
static apr_status_t choice_read(mq_audit_choice_t *choice, const char **problem_out,
                                const mq_request_t *rq, const mq_scope_t *sc)
{
    const char *action = mq_query_given(rq, "action");
    mq_id_t *ids = apr_pcalloc(rq->pool, 2 * sizeof *ids);
    apr_status_t rv = APR_SUCCESS;
    *problem_out = NULL;
    *choice = (mq_audit_choice_t){0};
    MQ_TRY(mq_request_number(&choice->before, rq, "after"));
    if (action && (choice->action = action_find(action)) == MQ_ACTION_NONE) {
        *problem_out = mq_say(rq, "This action does not exist.");
    }
    if (!mq_query_day(&choice->from, rq, "from", 0) || !mq_query_day(&choice->until, rq, "to", 1)) {
        *problem_out = mq_sayf(rq, "Enter the day like this: %s.", mq_date_example(rq));
    }
    if (mq_query_given(rq, "actor")) {
        choice->actor = &ids[0];
        rv = mq_audit_actor_find(&ids[0], sc, mq_query_given(rq, "actor"));
        if (rv == MQ_ENOTFOUND) {
            *problem_out = mq_say(rq, "No member of staff has this e-mail address.");
        }
    }
    if ((rv == APR_SUCCESS || rv == MQ_ENOTFOUND) && mq_query_given(rq, "patient")) {
        choice->patient = &ids[1];
        rv = mq_audit_patient_find(&ids[1], sc, mq_query_given(rq, "patient"));
        if (rv == MQ_ENOTFOUND && /* a file may have brought numbers that look like ids */
            mq_id_parse(&ids[1], mq_query_given(rq, "patient")) != APR_SUCCESS) {
            *problem_out = mq_say(rq, "No patient here has this record number.");
        }
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

static const char *outcome_text(const mq_request_t *rq, mq_outcome_t outcome)
{
    return outcome == MQ_OUTCOME_REFUSED  ? mq_say(rq, "refused")
           : outcome == MQ_OUTCOME_FAILED ? mq_say(rq, "failed")
                                          : NULL;
}

static mq_list_t entries_draw(const mq_request_t *rq, const apr_array_header_t *entries)
{
    entry_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(entries->nelts + 1));
    for (int i = 0; i < entries->nelts; i++) {
        const mq_audit_entry_t *entry = &APR_ARRAY_IDX(entries, i, mq_audit_entry_t);
        rows[i] = (entry_t){
            .number = apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, entry->number),
            .at_text = mq_time_say(rq, entry->at),
            .at_iso = mq_time_iso(entry->at, rq->pool),
            .actor = entry->actor_name,
            .action = mq_say(rq, mq_event_words(entry->action)),
            .outcome = outcome_text(rq, entry->outcome),
            .address = entry->address,
            .mrn = entry->mrn,
            .patient = mq_id_is_nil(&entry->patient) ? NULL : mq_id_text(&entry->patient, rq->pool),
            .concerned = entry->concerned_name,
            .concerned_email = entry->concerned_email};
    }
    return (mq_list_t){rows, entries->nelts};
}

static mq_list_t options_draw(const mq_request_t *rq, const mq_event_group_t *group)
{
    option_t *options = apr_palloc(rq->pool, sizeof *options * (size_t)(group->count + 1));
    const char *chosen = mq_query_given(rq, "action");
    int count = 0;
    for (int i = 0; i < group->count; i++) {
        const mq_policy_t *row = mq_policy(group->events[i].action);
        if (row->roles) { /* the others are in the installation's own trail */
            options[count++] = (option_t){row->name, mq_say(rq, group->events[i].words),
                                          chosen && strcmp(chosen, row->name) == 0};
        }
    }
    return (mq_list_t){options, count};
}

static mq_list_t groups_draw(const mq_request_t *rq)
{
    apr_array_header_t *groups = apr_array_make(rq->pool, 16, sizeof(group_t));
    for (const mq_event_group_t *group = mq_event_groups(); group->title; group++) {
        group_t drawn = {mq_say(rq, group->title), options_draw(rq, group)};
        if (drawn.options.count) {
            APR_ARRAY_PUSH(groups, group_t) = drawn;
        }
    }
    return (mq_list_t){groups->elts, groups->nelts};
}

/* A member of staff is picked; where there are too many of them, the address is typed. */
static apr_status_t people_draw(audit_page_t *page, mq_request_t *rq, const mq_scope_t *sc)
{
    const char *chosen = page->actor ? mq_text_name_key(page->actor, rq->pool) : NULL;
    apr_array_header_t *people;
    apr_array_header_t *options;
    MQ_TRY(mq_audit_people(&people, sc));
    options = apr_array_make(rq->pool, people->nelts + 1, sizeof(option_t));
    for (int i = 0; i < people->nelts; i++) {
        const mq_audit_person_t *one = &APR_ARRAY_IDX(people, i, mq_audit_person_t);
        APR_ARRAY_PUSH(options, option_t) =
            (option_t){one->email, apr_pstrcat(rq->pool, one->name, ", ", one->email, NULL),
                       chosen && strcmp(chosen, mq_text_name_key(one->email, rq->pool)) == 0};
    }
    page->people = (mq_list_t){options->elts, options->nelts};
    page->has_people = options->nelts > 0;
    return APR_SUCCESS;
}

/* With actor=, action=, patient=, from=, to=, after=. */
static apr_status_t audit_page_show(mq_request_t *rq, const mq_scope_t *sc)
{
    audit_page_t page = {.frame.title = mq_say(rq, "Audit trail"),
                         .actor = mq_query_given(rq, "actor"),
                         .patient = mq_query_given(rq, "patient"),
                         .from = mq_query_given(rq, "from"),
                         .to = mq_query_given(rq, "to")};
    mq_audit_choice_t choice;
    apr_array_header_t *entries;
    apr_int64_t next = 0;
    MQ_TRY(choice_read(&choice, &page.problem, rq, sc));
    page.groups = groups_draw(rq);
    MQ_TRY(people_draw(&page, rq, sc));
    if (!page.problem) {
        MQ_TRY(mq_audit_page(&entries, &next, sc, &choice));
        page.entries = entries_draw(rq, entries);
        page.paging = mq_query_paging(rq, "/audit", kept, next, entries->nelts);
        page.export_href = mq_query_href(rq, "/audit/export.csv", kept);
    }
    return mq_page_show(rq, page.problem ? 422 : 200, &audit_template, &page);
}

typedef struct export_t {
    const mq_scope_t *sc;
    mq_audit_choice_t choice;
    apr_pool_t *pool; /* cleared for each piece */
    int has_begun;
} export_t;

static void row_write(mq_csv_writer_t *writer, const mq_audit_entry_t *entry, apr_pool_t *pool)
{
    static const char *const outcomes[] = {"", "done", "refused", "failed"};
    mq_csv_add(writer, apr_psprintf(pool, "%" APR_INT64_T_FMT, entry->number));
    mq_csv_add(writer, mq_time_iso(entry->at, pool));
    mq_csv_add(writer, entry->actor_name);
    mq_csv_add(writer, entry->address);
    mq_csv_add(writer, mq_policy(entry->action)->name);
    mq_csv_add(writer, entry->outcome <= MQ_OUTCOME_FAILED ? outcomes[entry->outcome] : "");
    mq_csv_add(writer, entry->mrn);
    mq_csv_add(writer, entry->reason);
    mq_csv_add(writer, entry->concerned_email);
    mq_csv_row_end(writer);
}

static apr_status_t piece(mq_buffer_t *out, int *done_out, void *context)
{
    static const char *const names[] = {"number",        "at",     "person",
                                        "address",       "action", "outcome",
                                        "record_number", "reason", "concerns"};
    export_t *job = context;
    mq_csv_writer_t writer = {out};
    apr_array_header_t *entries;
    apr_int64_t next;
    apr_status_t rv;
    apr_pool_clear(job->pool);
    rv = mq_audit_rows(&entries, &next, job->sc, &job->choice, ROWS_PER_PIECE, job->pool);
    mq_db_give_back(job->sc);
    MQ_TRY(rv);
    for (size_t i = 0; !job->has_begun && i < sizeof names / sizeof *names; i++) {
        mq_csv_add(&writer, names[i]);
    }
    if (!job->has_begun) {
        mq_csv_row_end(&writer);
    }
    job->has_begun = 1;
    for (int i = 0; i < entries->nelts; i++) {
        row_write(&writer, &APR_ARRAY_IDX(entries, i, mq_audit_entry_t), job->pool);
    }
    job->choice.before = next;
    *done_out = !next;
    return APR_SUCCESS;
}

/* The same choice, all pages, streamed. */
static apr_status_t audit_export(mq_request_t *rq, const mq_scope_t *sc)
{
    export_t *job = apr_pcalloc(rq->pool, sizeof *job);
    const char *problem;
    mq_audit_event_t event = {.action = MQ_ACTION_AUDIT_EXPORT, .outcome = MQ_OUTCOME_DONE};
    job->sc = sc;
    MQ_TRY(choice_read(&job->choice, &problem, rq, sc));
    if (problem) {
        return MQ_EINVALID;
    }
    MQ_TRY(apr_pool_create(&job->pool, rq->pool));
    MQ_TRY(mq_disclose(sc, &event, NULL));
    apr_table_setn(rq->headers, "Content-Disposition", "attachment; filename=\"audit.csv\"");
    rq->status = 200;
    rq->content_type = "text/csv; charset=utf-8";
    rq->stream = piece;
    rq->stream_context = job;
    return APR_SUCCESS;
}

const mq_route_t mq_audit_routes[] = {
    {MQ_GET, "/audit", MQ_ACTION_AUDIT_VIEW, audit_page_show, .page = &audit_template,
     .tab = MQ_SAY("Audit trail")},
    {MQ_GET, "/audit/export.csv", MQ_ACTION_AUDIT_EXPORT, audit_export},
    MQ_ROUTES_END};

/* merge_pages.c -- two records of one person side by side, and apart again: choose who it is, then
 * what is kept. Rules are in domain/patients/merges.c. */

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/duplicates.h"
#include "domain/patients/merges.h"
#include "domain/patients/patient_links.h"
#include "domain/patients/patient_search.h"
#include "domain/trail/disclosures.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/form.h"
#include "web/patients/double_warning.h"
#include "web/patients/patient_banner.h"
#include "web/patients/patient_values.h"
#include "web/patients/replaced.h"
#include "web/route_tables.h"

enum { SAID_SHOWN = 400 }; /* bytes of a note by which it is told from others */

static const char *const sides[] = {
    [MQ_SIDE_TARGET] = "this", [MQ_SIDE_SOURCE] = "other", [MQ_SIDE_BOTH] = "both"};

/* --- who it is --- */

typedef struct who_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_list_t found; /* of mq_double_row_t */
    const char *q;
    const char *action;
    const char *back_href;
    int is_search; /* found by words rather than as likely doubles */
} who_page_t;

static const mq_slot_t who_slots[] = {MQ_STRUCT(who_page_t, patient, mq_patient_banner_slots),
                                      MQ_LIST(who_page_t, found, mq_double_slots, mq_double_row_t),
                                      MQ_TEXT(who_page_t, q),
                                      MQ_TEXT(who_page_t, action),
                                      MQ_TEXT(who_page_t, back_href),
                                      MQ_FLAG(who_page_t, is_search),
                                      MQ_INCLUDE(who_page_t, frame, mq_frame_slots),
                                      MQ_SLOTS_END};

static const mq_page_t who_template = {"merge_who.html", who_slots};

static apr_status_t searched(mq_list_t *rows_out, const mq_request_t *rq, const mq_scope_t *sc,
                             const mq_id_t *self, const char *words)
{
    mq_search_found_t found;
    mq_double_row_t *rows;
    int count = 0;
    MQ_TRY(mq_patients_search(&found, sc, words, &rq->dates, MQ_SEARCH_STEP));
    rows = apr_pcalloc(rq->pool, sizeof *rows * (size_t)(found.count + 1));
    for (int i = 0; i < found.count; i++) {
        const mq_patient_row_t *row = &found.rows[i];
        if (!mq_id_equal(&row->id, self)) {
            rows[count++] = (mq_double_row_t){.id = mq_id_text(&row->id, rq->pool),
                                              .name = row->name,
                                              .birth_date = row->birth_date,
                                              .birth_date_text = mq_date_say(rq, row->birth_date),
                                              .mrn = row->mrn,
                                              .is_archived = row->is_archived};
        }
    }
    *rows_out = (mq_list_t){rows, count};
    return APR_SUCCESS;
}

static apr_status_t likely(mq_list_t *rows_out, const mq_request_t *rq, const mq_scope_t *sc,
                           const mq_patient_t *patient)
{
    apr_array_header_t *found;
    MQ_TRY(mq_duplicates_find(&found, sc, &patient->id, &patient->fields));
    if (found->nelts) {
        MQ_TRY(mq_duplicates_disclose(sc, found));
    }
    *rows_out = mq_double_rows(rq, found);
    return APR_SUCCESS;
}

static apr_status_t who_show(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *id)
{
    const char *words = mq_request_query(rq, "q");
    who_page_t page = {.frame.title = mq_say(rq, "Merge with another record"),
                       .q = words,
                       .is_search = words && *words,
                       .action = mq_patient_href(rq, id, "/merge"),
                       .back_href = mq_patient_href(rq, id, "")};
    mq_patient_t patient;
    MQ_TRY(mq_patient_view(&patient, sc, id));
    MQ_TRY(page.is_search ? searched(&page.found, rq, sc, id, words)
                          : likely(&page.found, rq, sc, &patient));
    page.patient = mq_patient_banner(rq, &patient);
    return mq_page_show(rq, 200, &who_template, &page);
}

/* --- side by side --- */

typedef struct question_t {
    const char *name;
    const char *label;
    const char *mine;
    const char *theirs;
    const char *together; /* of both, or NULL */
    int mine_chosen;
    int theirs_chosen;
    int together_chosen;
} question_t;

static const mq_slot_t question_slots[] = {MQ_TEXT(question_t, name),
                                           MQ_TEXT(question_t, label),
                                           MQ_TEXT(question_t, mine),
                                           MQ_TEXT(question_t, theirs),
                                           MQ_TEXT(question_t, together),
                                           MQ_FLAG(question_t, mine_chosen),
                                           MQ_FLAG(question_t, theirs_chosen),
                                           MQ_FLAG(question_t, together_chosen),
                                           MQ_SLOTS_END};

typedef struct merge_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    const mq_patient_banner_t *source;
    mq_list_t questions;
    mq_list_t same; /* of mq_patient_value_t */
    const char *problem;
    const char *action;
    const char *back_href;
    const char *swap_href;
    const char *apart_action; /* to say that they are different people */
    int can_merge;            /* the target is in use */
} merge_page_t;

static const mq_slot_t merge_slots[] = {
    MQ_STRUCT(merge_page_t, patient, mq_patient_banner_slots),
    MQ_STRUCT(merge_page_t, source, mq_patient_banner_slots),
    MQ_LIST(merge_page_t, questions, question_slots, question_t),
    MQ_LIST(merge_page_t, same, mq_patient_value_slots, mq_patient_value_t),
    MQ_TEXT(merge_page_t, problem),
    MQ_TEXT(merge_page_t, action),
    MQ_TEXT(merge_page_t, back_href),
    MQ_TEXT(merge_page_t, swap_href),
    MQ_TEXT(merge_page_t, apart_action),
    MQ_FLAG(merge_page_t, can_merge),
    MQ_INCLUDE(merge_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t merge_template = {"merge.html", merge_slots, 1};

/* All that a record says to a question, in words; NULL where it says nothing. */
static const char *question_say(const mq_request_t *rq, int question,
                                const mq_patient_fields_t *fields)
{
    const char *all = NULL;
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *value =
            mq_merge_question_of(i) == question ? mq_patient_field_say(rq, i, fields) : NULL;
        if (value && i != question) {
            value = apr_pstrcat(rq->pool, mq_say(rq, mq_patient_field_table[i].label), " ", value,
                                NULL);
        }
        if (value) {
            all = all ? apr_pstrcat(rq->pool, all, "; ", value, NULL) : value;
        }
    }
    return all;
}

static mq_list_t questions_draw(const mq_request_t *rq, const apr_array_header_t *questions,
                                const mq_patient_t *target, const mq_patient_t *source,
                                const mq_merge_answers_t *answers)
{
    question_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(questions->nelts + 1));
    for (int i = 0; i < questions->nelts; i++) {
        const mq_merge_question_t *asked = &APR_ARRAY_IDX(questions, i, mq_merge_question_t);
        mq_merge_side_t side = answers->of[asked->field];
        side = side == MQ_SIDE_SUGGESTED || (side == MQ_SIDE_BOTH && !asked->has_both)
                   ? asked->suggested
                   : side;
        rows[i] = (question_t){.name = mq_patient_field_table[asked->field].name,
                               .label = mq_say(rq, mq_patient_field_table[asked->field].label),
                               .mine = question_say(rq, asked->field, &target->fields),
                               .theirs = question_say(rq, asked->field, &source->fields),
                               .mine_chosen = side == MQ_SIDE_TARGET,
                               .theirs_chosen = side == MQ_SIDE_SOURCE,
                               .together_chosen = side == MQ_SIDE_BOTH};
        if (asked->has_both) {
            mq_merge_answers_t both = {{MQ_SIDE_SUGGESTED}};
            mq_patient_fields_t made;
            both.of[asked->field] = MQ_SIDE_BOTH;
            mq_merge_fields(&made, &target->fields, &source->fields, &both, rq->pool);
            rows[i].together = question_say(rq, asked->field, &made);
        }
    }
    return (mq_list_t){rows, questions->nelts};
}

static int is_asked(const apr_array_header_t *questions, int field)
{
    for (int i = 0; i < questions->nelts; i++) {
        if (APR_ARRAY_IDX(questions, i, mq_merge_question_t).field == mq_merge_question_of(field)) {
            return 1;
        }
    }
    return 0;
}

static mq_list_t same_draw(const mq_request_t *rq, const apr_array_header_t *questions,
                           const mq_patient_fields_t *fields)
{
    mq_patient_value_t *rows = apr_palloc(rq->pool, sizeof *rows * MQ_PATIENT_FIELDS);
    int count = 0;
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *value = is_asked(questions, i) ? NULL : mq_patient_field_say(rq, i, fields);
        if (value) {
            rows[count++] =
                (mq_patient_value_t){mq_say(rq, mq_patient_field_table[i].label), value};
        }
    }
    return (mq_list_t){rows, count};
}

static apr_status_t merge_show(mq_request_t *rq, int status, const mq_patient_t *target,
                               const mq_patient_t *source, const mq_merge_answers_t *answers,
                               const char *problem)
{
    const apr_array_header_t *questions =
        mq_merge_questions(&target->fields, &source->fields, rq->pool);
    merge_page_t page = {
        .frame.title = mq_say(rq, "Merge two records"),
        .patient = mq_patient_banner(rq, target),
        .source = mq_patient_banner(rq, source),
        .questions = questions_draw(rq, questions, target, source, answers),
        .same = same_draw(rq, questions, &target->fields),
        .problem = problem,
        .action = mq_patient_href(rq, &target->id, "/merge"),
        .back_href = mq_patient_href(rq, &target->id, ""),
        .swap_href = mq_patient_href(
            rq, &source->id,
            apr_pstrcat(rq->pool, "/merge?other=", mq_id_text(&target->id, rq->pool), NULL)),
        .apart_action = mq_patient_href(rq, &target->id, "/apart"),
        .can_merge = target->status == MQ_PATIENT_ACTIVE};
    return mq_page_show(rq, status, &merge_template, &page);
}

/* Somebody else has merged the other one meanwhile: on to where it is now. */
static apr_status_t other_lead(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *id,
                               const mq_id_t *other)
{
    mq_id_t target;
    MQ_TRY(mq_patient_replaced_by(&target, sc, other));
    mq_db_give_back(sc);
    return mq_request_redirect(
        rq, mq_id_equal(&target, id)
                ? mq_patient_href(rq, id, "")
                : mq_patient_href(
                      rq, id,
                      apr_pstrcat(rq->pool, "/merge?other=", mq_id_text(&target, rq->pool), NULL)));
}

static apr_status_t sides_view(mq_patient_t *target_out, mq_patient_t *source_out,
                               const mq_scope_t *sc, const mq_id_t *id, const mq_id_t *other)
{
    return mq_id_equal(id, other) ? MQ_EINVALID
                                  : mq_merge_view(target_out, source_out, sc, id, other);
}

static apr_status_t merge_page(mq_request_t *rq, const mq_scope_t *sc)
{
    static const mq_merge_answers_t unanswered = {{MQ_SIDE_SUGGESTED}};
    const char *text = mq_request_query(rq, "other");
    mq_patient_t target;
    mq_patient_t source;
    mq_id_t id;
    mq_id_t other;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    if (!text || !*text) {
        return who_show(rq, sc, &id);
    }
    MQ_TRY(mq_id_parse(&other, text));
    rv = sides_view(&target, &source, sc, &id, &other);
    if (rv == MQ_ENOTFOUND) {
        MQ_TRY(mq_patient_read(&target, sc, &id)); /* or that one leads on */
        return other_lead(rq, sc, &id, &other);
    }
    MQ_TRY(rv);
    return merge_show(rq, 200, &target, &source, &unanswered, NULL);
}

static void answers_read(mq_merge_answers_t *answers_out, const mq_request_t *rq)
{
    *answers_out = (mq_merge_answers_t){{MQ_SIDE_SUGGESTED}};
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *said = mq_form_get(rq->form, mq_patient_field_table[i].name, NULL);
        for (int side = MQ_SIDE_TARGET; said && side <= MQ_SIDE_BOTH; side++) {
            if (strcmp(said, sides[side]) == 0) {
                answers_out->of[i] = (mq_merge_side_t)side;
            }
        }
    }
}

static apr_int64_t number_sent(const mq_request_t *rq, const char *name)
{
    const char *text = mq_form_get(rq->form, name, NULL);
    return text && *text && strspn(text, "0123456789") == strlen(text) ? apr_atoi64(text) : 0;
}

static apr_status_t other_sent(mq_id_t *other_out, const mq_request_t *rq)
{
    const char *text = mq_form_get(rq->form, "other", NULL);
    return text ? mq_id_parse(other_out, text) : MQ_EINVALID;
}

static apr_status_t done_say(mq_request_t *rq, const mq_id_t *target, const char *notice)
{
    MQ_TRY(mq_flash_set(rq, &(mq_flash_t){.notice = notice}));
    return mq_request_redirect(rq, mq_patient_href(rq, target, ""));
}

static apr_status_t merge_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_merge_t merge = {.target_version = number_sent(rq, "version"),
                        .source_version = number_sent(rq, "other_version")};
    mq_patient_t target;
    mq_patient_t source;
    apr_status_t merged;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&merge.target, rq));
    MQ_TRY(other_sent(&merge.source, rq));
    answers_read(&merge.answers, rq);
    merged = mq_merge(sc, &merge);
    if (merged == APR_SUCCESS) {
        return done_say(rq, &merge.target, mq_say(rq, "The two records are one now."));
    }
    if (merged != MQ_ECONFLICT && merged != MQ_EINVALID && merged != MQ_ENOTFOUND) {
        return merged;
    }
    rv = sides_view(&target, &source, sc, &merge.target, &merge.source);
    if (rv == MQ_ENOTFOUND) {
        MQ_TRY(mq_patient_read(&target, sc, &merge.target));
        return other_lead(rq, sc, &merge.target, &merge.source);
    }
    MQ_TRY(rv);
    return merge_show(
        rq, merged == MQ_EINVALID ? 422 : 409, &target, &source, &merge.answers,
        merged == MQ_EINVALID
            ? mq_say(rq, "What you chose does not go together: a date of death before the birth?")
            : mq_say(rq, "One of the records has changed since you opened this page. Nothing was "
                         "merged; look again, your choices are kept."));
}

/* --- and apart --- */

typedef struct link_t {
    const char *name;
    const char *mrn;
    const char *birth_date_text;
    const char *at_text;
    const char *by;
    const char *href;
} link_t;

static const mq_slot_t link_slots[] = {MQ_TEXT(link_t, name),
                                       MQ_TEXT(link_t, mrn),
                                       MQ_TEXT(link_t, birth_date_text),
                                       MQ_TEXT(link_t, at_text),
                                       MQ_TEXT(link_t, by),
                                       MQ_TEXT(link_t, href),
                                       MQ_SLOTS_END};

typedef struct change_t {
    const char *label;
    const char *before;
    const char *after;
} change_t;

static const mq_slot_t change_slots[] = {MQ_TEXT(change_t, label), MQ_TEXT(change_t, before),
                                         MQ_TEXT(change_t, after), MQ_SLOTS_END};

typedef struct item_t {
    const char *name; /* of its parameter */
    const char *said;
    const char *author;
    const char *at_text;
    int is_draft;
    int goes;
} item_t;

static const mq_slot_t item_slots[] = {MQ_TEXT(item_t, name),
                                       MQ_TEXT(item_t, said),
                                       MQ_TEXT(item_t, author),
                                       MQ_TEXT(item_t, at_text),
                                       MQ_FLAG(item_t, is_draft),
                                       MQ_FLAG(item_t, goes),
                                       MQ_SLOTS_END};

typedef struct unmerge_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    const mq_patient_banner_t *source; /* NULL: the records are listed */
    mq_list_t links;
    mq_list_t changes;
    mq_list_t items;
    const char *problem;
    const char *action;
    const char *back_href;
    int has_more;
} unmerge_page_t;

static const mq_slot_t unmerge_slots[] = {
    MQ_STRUCT(unmerge_page_t, patient, mq_patient_banner_slots),
    MQ_STRUCT(unmerge_page_t, source, mq_patient_banner_slots),
    MQ_LIST(unmerge_page_t, links, link_slots, link_t),
    MQ_LIST(unmerge_page_t, changes, change_slots, change_t),
    MQ_LIST(unmerge_page_t, items, item_slots, item_t),
    MQ_TEXT(unmerge_page_t, problem),
    MQ_TEXT(unmerge_page_t, action),
    MQ_TEXT(unmerge_page_t, back_href),
    MQ_FLAG(unmerge_page_t, has_more),
    MQ_INCLUDE(unmerge_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t unmerge_template = {"unmerge.html", unmerge_slots, 1};

static const char *item_name(const mq_request_t *rq, const mq_unmerge_item_t *item)
{
    return apr_pstrcat(rq->pool, item->part, ".", mq_id_text(&item->id, rq->pool), NULL);
}

/* Enough of it to know it again, never half a character. */
static const char *said_shorten(const mq_request_t *rq, const char *said)
{
    apr_size_t length = said ? strlen(said) : 0;
    if (length <= SAID_SHOWN) {
        return said;
    }
    for (length = SAID_SHOWN; length && ((unsigned char)said[length] & 0xc0) == 0x80;) {
        length--;
    }
    return apr_pstrcat(rq->pool, apr_pstrmemdup(rq->pool, said, length), "…", NULL);
}

static mq_list_t items_draw(const mq_request_t *rq, const apr_array_header_t *items)
{
    item_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(items->nelts + 1));
    for (int i = 0; i < items->nelts; i++) {
        const mq_unmerge_item_t *item = &APR_ARRAY_IDX(items, i, mq_unmerge_item_t);
        rows[i] = (item_t){.name = item_name(rq, item),
                           .said = said_shorten(rq, item->said),
                           .author = item->author,
                           .at_text = mq_time_say(rq, item->created_at),
                           .is_draft = item->is_draft,
                           .goes = item->goes};
    }
    return (mq_list_t){rows, items->nelts};
}

static mq_list_t changes_draw(const mq_request_t *rq, const mq_patient_fields_t *now,
                              const mq_patient_fields_t *then)
{
    change_t *rows = apr_palloc(rq->pool, sizeof *rows * MQ_PATIENT_FIELDS);
    int count = 0;
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *before = mq_patient_field_say(rq, i, now);
        const char *after = mq_patient_field_say(rq, i, then);
        if (strcmp(before ? before : "", after ? after : "") != 0) {
            rows[count++] = (change_t){mq_say(rq, mq_patient_field_table[i].label), before, after};
        }
    }
    return (mq_list_t){rows, count};
}

static apr_status_t unmerge_show(mq_request_t *rq, int status, const mq_unmerge_view_t *view,
                                 const char *problem)
{
    unmerge_page_t page = {.frame.title = mq_say(rq, "Separate two records"),
                           .patient = mq_patient_banner(rq, &view->target),
                           .source = mq_patient_banner(rq, &view->source),
                           .changes = changes_draw(rq, &view->target.fields, &view->fields),
                           .items = items_draw(rq, view->items),
                           .problem = problem,
                           .action = mq_patient_href(rq, &view->target.id, "/unmerge"),
                           .back_href = mq_patient_href(rq, &view->target.id, ""),
                           .has_more = view->has_more};
    return mq_page_show(rq, status, &unmerge_template, &page);
}

static apr_status_t links_show(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *id)
{
    unmerge_page_t page = {.frame.title = mq_say(rq, "Separate two records"),
                           .back_href = mq_patient_href(rq, id, "")};
    apr_array_header_t *links;
    mq_patient_t patient;
    link_t *rows;
    MQ_TRY(mq_patient_view(&patient, sc, id));
    MQ_TRY(mq_patient_replaces(&links, sc, id));
    rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(links->nelts + 1));
    for (int i = 0; i < links->nelts; i++) {
        const mq_patient_link_t *link = &APR_ARRAY_IDX(links, i, mq_patient_link_t);
        rows[i] = (link_t){
            .name = link->name,
            .mrn = link->mrn,
            .birth_date_text = mq_date_say(rq, link->birth_date),
            .at_text = mq_time_say(rq, link->merged_at),
            .by = link->merged_by,
            .href = mq_patient_href(
                rq, id,
                apr_pstrcat(rq->pool, "/unmerge?other=", mq_id_text(&link->id, rq->pool), NULL))};
    }
    page.links = (mq_list_t){rows, links->nelts};
    page.patient = mq_patient_banner(rq, &patient);
    return mq_page_show(rq, 200, &unmerge_template, &page);
}

static apr_status_t unmerge_page(mq_request_t *rq, const mq_scope_t *sc)
{
    const char *text = mq_request_query(rq, "other");
    mq_unmerge_view_t view;
    mq_id_t id;
    mq_id_t other;
    MQ_TRY(mq_request_record(&id, rq));
    if (!text || !*text) {
        return links_show(rq, sc, &id);
    }
    MQ_TRY(mq_id_parse(&other, text));
    MQ_TRY(mq_unmerge_view(&view, sc, &id, &other));
    return unmerge_show(rq, 200, &view, NULL);
}

/* Each item that is there now, with its answer; one without any was not asked about. */
static apr_array_header_t *items_answered(const mq_request_t *rq, const apr_array_header_t *items)
{
    apr_array_header_t *answered = apr_array_make(rq->pool, 8, sizeof(mq_unmerge_item_t));
    for (int i = 0; i < items->nelts; i++) {
        mq_unmerge_item_t *item = &APR_ARRAY_IDX(items, i, mq_unmerge_item_t);
        const char *said = mq_form_get(rq->form, item_name(rq, item), NULL);
        item->goes = said && strcmp(said, "other") == 0;
        if (said && *said) {
            APR_ARRAY_PUSH(answered, mq_unmerge_item_t) = *item;
        }
    }
    return answered;
}

static apr_status_t unmerge_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_unmerge_t unmerge = {.target_version = number_sent(rq, "version")};
    mq_unmerge_view_t view;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&unmerge.target, rq));
    MQ_TRY(other_sent(&unmerge.source, rq));
    MQ_TRY(mq_unmerge_view(&view, sc, &unmerge.target, &unmerge.source));
    unmerge.items = items_answered(rq, view.items);
    rv = mq_unmerge(sc, &unmerge);
    if (rv == MQ_ECONFLICT) {
        MQ_TRY(mq_unmerge_view(&view, sc, &unmerge.target, &unmerge.source));
        (void)items_answered(rq, view.items);
        return unmerge_show(rq, 409, &view,
                            mq_say(rq, "The record has changed since you opened this page. Nothing "
                                       "was separated; look again, your answers are kept."));
    }
    MQ_TRY(rv);
    return done_say(rq, &unmerge.target, mq_say(rq, "The two records are separate again."));
}

const mq_route_t mq_merge_routes[] = {
    {MQ_GET, "/patients/{id}/merge", MQ_ACTION_PATIENT_MERGE, merge_page, .page = &who_template},
    {MQ_POST, "/patients/{id}/merge", MQ_ACTION_PATIENT_MERGE, merge_post, .page = &merge_template,
     .once = "/patients/{id}"},
    {MQ_GET, "/patients/{id}/unmerge", MQ_ACTION_PATIENT_UNMERGE, unmerge_page,
     .page = &mq_replaced_page},
    {MQ_POST, "/patients/{id}/unmerge", MQ_ACTION_PATIENT_UNMERGE, unmerge_post,
     .page = &unmerge_template, .once = "/patients/{id}"},
    MQ_ROUTES_END};

/* note_forms.c -- reading the forms of the timeline. Rules are in domain/patients/patient_notes.c.
 * A form that is not filled in right comes back on a page of its own, and so does a draft that
 * another window has saved meanwhile. */

#include <apr_strings.h>
#include <string.h>

#include "base/json.h"
#include "domain/patients/patient_notes.h"
#include "domain/form_use.h"
#include "domain/policy.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/form.h"
#include "web/form_token.h"
#include "web/paging.h"
#include "web/patients/patient_banner.h"
#include "web/route_tables.h"

typedef struct note_form_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_form_view_t form;
    const char *action;
    const char *back_href;
    apr_int64_t draft_version; /* of a draft that is there already */
    int can_sign;              /* the form may be sent as a draft or signed */
    const char *why;           /* of a conflict: what has become of the draft */
    const char *stored;        /* likewise: what stands there now */
    int is_begun; /* the page has saved a draft of it by itself, perhaps: it goes on with that */
} note_form_page_t;

static const mq_slot_t form_slots[] = {
    MQ_STRUCT(note_form_page_t, patient, mq_patient_banner_slots),
    MQ_TEXT(note_form_page_t, action),
    MQ_TEXT(note_form_page_t, back_href),
    MQ_FLAG(note_form_page_t, can_sign),
    MQ_INT(note_form_page_t, draft_version),
    MQ_FLAG(note_form_page_t, is_begun),
    MQ_TEXT(note_form_page_t, why),
    MQ_TEXT(note_form_page_t, stored),
    MQ_INCLUDE(note_form_page_t, form, mq_form_slots),
    MQ_INCLUDE(note_form_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t note_form_template = {"note_form.html", form_slots, 1};
static const mq_page_t note_conflict_template = {"note_conflict.html", form_slots, 1};

typedef struct note_values_t {
    const char *text;
} note_values_t;

static const mq_field_t content_fields[] = {{"content", MQ_SAY("Note"), MQ_FIELD_BLOCK, 1,
                                             MQ_LIMIT_NOTES, "off", NULL, MQ_SAY("Write the note."),
                                             offsetof(note_values_t, text)},
                                            {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static const mq_field_t reason_fields[] = {
    {"reason", MQ_SAY("Why was this entered in error?"), MQ_FIELD_LINE, 1, MQ_LIMIT_REASON, "off",
     NULL, MQ_SAY("Say why this note was entered in error."), offsetof(note_values_t, text)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static apr_status_t form_again(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *patient,
                               const mq_form_t *form, const char *action, apr_int64_t version,
                               const char *title, int can_sign)
{
    note_form_page_t page = {.frame.title = title,
                             .form = mq_form_view(form, NULL),
                             .action = action,
                             .back_href = mq_patient_href(rq, patient, ""),
                             .draft_version = version,
                             .can_sign = can_sign,
                             .is_begun = mq_form_get(rq->form, MQ_FORM_AUTOSAVE, NULL) != NULL};
    mq_patient_t record;
    MQ_TRY(mq_patient_view(&record, sc, patient));
    page.patient = mq_patient_banner(rq, &record);
    return mq_page_show(rq, 422, &note_form_template, &page);
}

/* @param note where the page opens; @param notice what has been done, translated */
static apr_status_t back_to_note(mq_request_t *rq, const mq_id_t *patient, const mq_id_t *note,
                                 const char *notice)
{
    const char *place = apr_pstrcat(rq->pool, "#note-", mq_id_text(note, rq->pool), NULL);
    return mq_flash_redirect(rq, mq_patient_href(rq, patient, place), notice);
}

static const char *saved_say(const mq_request_t *rq)
{
    return mq_sayf(rq, "Draft saved %s", mq_time_say(rq, rq->now));
}

static const char *signed_say(const mq_request_t *rq)
{
    return mq_sayf(rq, "Note signed %s", mq_time_say(rq, rq->now));
}

/* What the page is told that saves by itself (writing.js): where the draft is and what it has
 * become, or why it is not saved. */
static apr_status_t autosave_answer(mq_request_t *rq, const mq_scope_t *sc, int status,
                                    const char *href, apr_int64_t version, const char *said)
{
    mq_json_t json = {mq_buffer_make(rq->pool, 256)};
    mq_json_object(&json, NULL);
    mq_json_text(&json, "href", href);
    mq_json_int(&json, "version", version);
    mq_json_text(&json, "said", said);
    mq_json_object_end(&json);
    mq_db_give_back(sc);
    rq->status = status;
    rq->content_type = "application/json";
    rq->body = json.out;
    return APR_SUCCESS;
}

static int is_sent(const mq_request_t *rq, const char *button)
{
    const char *value = mq_form_get(rq->form, button, NULL);
    return value && *value;
}

static int is_autosave(const mq_request_t *rq)
{
    const char *value = mq_form_get(rq->form, MQ_FORM_AUTOSAVE, NULL);
    return value && strcmp(value, "1") == 0 && !rq->returned;
}

static apr_status_t autosave_refuse(mq_request_t *rq, const mq_scope_t *sc)
{
    return autosave_answer(rq, sc, 422, NULL, 0, mq_say(rq, "This cannot be saved as it is."));
}

static const char *note_href(const mq_request_t *rq, const mq_id_t *patient, const mq_id_t *note)
{
    return apr_pstrcat(rq->pool, mq_patient_href(rq, patient, "/notes/"),
                       mq_id_text(note, rq->pool), NULL);
}

/* Why the page does not save by itself any more. */
static apr_status_t autosave_conflict(mq_request_t *rq, const mq_scope_t *sc,
                                      const mq_id_t *patient)
{
    mq_patient_t record;
    apr_status_t rv = mq_patient_read(&record, sc, patient);
    const char *said =
        rv == APR_SUCCESS && record.status == MQ_PATIENT_ARCHIVED
            ? mq_sayf(rq,
                      "%s has archived this record, so nothing more is saved in it. Copy what you "
                      "typed; whoever archived it, or an administrator, can restore it.",
                      record.updated_by_name)
            : mq_say(rq, "This note has changed in another window, and is not saved by itself any "
                         "more. Save it to see both texts.");
    return autosave_answer(rq, sc, 409, NULL, 0, said);
}

/* What became of the draft meanwhile, and where what was typed can go. */
static void conflict_explain(note_form_page_t *page, const mq_request_t *rq, const mq_id_t *patient,
                             const mq_patient_note_t *stored, int is_removed)
{
    if (stored->status == MQ_NOTE_SIGNED) {
        page->frame.title = mq_say(rq, "This note was signed meanwhile");
        page->why = mq_say(rq, "What is signed does not change any more, so what you typed has not "
                               "been saved. You can add to the note what is missing in it.");
        page->action = apr_pstrcat(
            rq->pool,
            mq_id_is_nil(&stored->parent) ? page->action : note_href(rq, patient, &stored->parent),
            "/addendum", NULL);
        page->can_sign = 0;
    } else if (is_removed || stored->gone_at) {
        page->frame.title = mq_say(rq, "This draft was discarded in another window");
        page->why = mq_say(rq, "What you typed has not been saved. You can save it as a note of "
                               "its own.");
        page->action = mq_patient_href(rq, patient, "/notes");
    } else if (stored->status == MQ_NOTE_ERROR) {
        page->frame.title = mq_say(rq, "This draft was marked as entered in error meanwhile");
        page->why = mq_say(rq, "What you typed has not been saved. You can save it as a note of "
                               "its own.");
        page->action = mq_patient_href(rq, patient, "/notes");
    } else {
        page->frame.title = mq_say(rq, "This draft was saved in another window meanwhile");
        page->why = mq_say(rq, "Nothing has been overwritten. Take from both what is to stay: your "
                               "text is in the box, and takes the place of the other one when you "
                               "save it.");
        page->draft_version = stored->version;
    }
}

/* What was typed meets what became of the draft meanwhile: both are shown, and nothing is chosen
 * for the person. What is typed is not lost where the draft is not there any more, either.
 * @return MQ_ECONFLICT the draft is as it was, and something else is in the way */
static apr_status_t conflict_show(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *patient,
                                  const mq_id_t *note, const mq_form_t *form, const char *action)
{
    mq_patient_note_t stored;
    mq_patient_t record;
    note_form_page_t page = {
        .action = action, .back_href = mq_patient_href(rq, patient, ""), .can_sign = 1};
    apr_status_t rv = mq_patient_note_read(&stored, sc, patient, note);
    const int is_removed = rv == MQ_ENOTFOUND;
    if (is_removed) {
        stored = (mq_patient_note_t){.status = MQ_NOTE_DRAFT};
    } else {
        MQ_TRY(rv);
    }
    MQ_TRY(mq_patient_view(&record, sc, patient));
    if (record.status != MQ_PATIENT_ACTIVE) {
        return MQ_ECONFLICT;
    }
    conflict_explain(&page, rq, patient, &stored, is_removed);
    page.stored = stored.content;
    page.form = mq_form_view(form, NULL);
    page.patient = mq_patient_banner(rq, &record);
    /* the form that was sent may have made the very draft that is gone */
    MQ_TRY(mq_form_token_fresh(&page.frame.form_token, rq));
    return mq_page_show(rq, is_removed ? 404 : 409, &note_conflict_template, &page);
}

/* A draft that somebody writes on, as it was before them. */
typedef struct draft_t {
    mq_id_t patient;
    mq_id_t note;
    const char *href;
    apr_int64_t version;
} draft_t;

static apr_status_t draft_autosave(mq_request_t *rq, const mq_scope_t *sc, const draft_t *draft,
                                   const char *content)
{
    apr_int64_t version = draft->version;
    apr_status_t rv = mq_patient_note_change(sc, &draft->patient, &draft->note, &version, content,
                                             MQ_DRAFT_AUTOSAVE);
    if (rv == MQ_ECONFLICT) {
        return autosave_conflict(rq, sc, &draft->patient);
    }
    MQ_TRY(rv);
    return autosave_answer(rq, sc, 200, draft->href, version, saved_say(rq));
}

/* @return whether nothing was lost: whoever signs again, whose answer was, finds it done */
static int is_signed_so(const mq_scope_t *sc, const draft_t *draft, const char *content)
{
    mq_patient_note_t stored;
    return mq_patient_note_read(&stored, sc, &draft->patient, &draft->note) == APR_SUCCESS &&
           stored.status == MQ_NOTE_SIGNED && strcmp(stored.content, content) == 0;
}

static apr_status_t draft_post(mq_request_t *rq, const mq_scope_t *sc, const draft_t *draft,
                               const mq_form_t *form, const char *content)
{
    apr_int64_t version = draft->version;
    int sign = is_sent(rq, "sign");
    apr_status_t rv;
    if (is_autosave(rq)) {
        return mq_form_faults(form) ? autosave_refuse(rq, sc)
                                    : draft_autosave(rq, sc, draft, content);
    }
    if (mq_form_faults(form)) {
        return form_again(rq, sc, &draft->patient, form, draft->href, version,
                          mq_say(rq, "Change the draft"), 1);
    }
    rv = mq_patient_note_change(sc, &draft->patient, &draft->note, &version, content,
                                sign ? MQ_DRAFT_SIGN : MQ_DRAFT_SAVE);
    if (rv == MQ_ECONFLICT && is_signed_so(sc, draft, content)) {
        return back_to_note(rq, &draft->patient, &draft->note, signed_say(rq));
    }
    if (rv == MQ_ECONFLICT || rv == MQ_ENOTFOUND) {
        return conflict_show(rq, sc, &draft->patient, &draft->note, form, draft->href);
    }
    MQ_TRY(rv);
    return back_to_note(rq, &draft->patient, &draft->note, sign ? signed_say(rq) : saved_say(rq));
}

static apr_status_t note_change_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, content_fields);
    note_values_t values = {NULL};
    draft_t draft = {.href = rq->path, .version = mq_request_version(rq)};
    MQ_TRY(mq_request_item(&draft.patient, &draft.note, rq));
    MQ_TRY(mq_form_read(form, &values));
    return draft_post(rq, sc, &draft, form, values.text);
}

/* The page has begun a draft by itself and was never told so: it writes on there, and makes no
 * second note. Whoever sends a form again that a button had sent is asked first: once.c. */
static apr_status_t draft_go_on(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *patient,
                                const mq_form_t *form, const char *content)
{
    const mq_id_t *note = &rq->once->result;
    draft_t draft = {*patient, *note, note_href(rq, patient, note), MQ_NOTE_VERSION_FIRST};
    return draft_post(rq, sc, &draft, form, content);
}

/* @param parent the note that it adds to, or NULL */
static apr_status_t draft_begin(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *patient,
                                const mq_id_t *parent, const char *content)
{
    mq_id_t note;
    apr_status_t rv =
        parent ? mq_patient_note_addendum(&note, sc, patient, parent, content, MQ_NOTE_DRAFT)
               : mq_patient_note_add(&note, sc, patient, content, MQ_NOTE_DRAFT);
    if (rv == MQ_ECONFLICT) {
        return autosave_conflict(rq, sc, patient);
    }
    MQ_TRY(rv);
    return autosave_answer(rq, sc, 200, note_href(rq, patient, &note), MQ_NOTE_VERSION_FIRST,
                           saved_say(rq));
}

static apr_status_t note_add_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, content_fields);
    note_values_t values = {NULL};
    int sign = is_sent(rq, "sign");
    mq_id_t patient;
    mq_id_t note;
    MQ_TRY(mq_request_record(&patient, rq));
    MQ_TRY(mq_form_read(form, &values));
    if (rq->once && rq->once->is_used && !rq->repeated) {
        return draft_go_on(rq, sc, &patient, form, values.text);
    }
    if (is_autosave(rq)) {
        return mq_form_faults(form) ? autosave_refuse(rq, sc)
                                    : draft_begin(rq, sc, &patient, NULL, values.text);
    }
    if (mq_form_faults(form)) {
        return form_again(rq, sc, &patient, form, rq->path, 0, mq_say(rq, "Write a note"), 1);
    }
    MQ_TRY(mq_patient_note_add(&note, sc, &patient, values.text,
                               sign ? MQ_NOTE_SIGNED : MQ_NOTE_DRAFT));
    return back_to_note(rq, &patient, &note, sign ? signed_say(rq) : saved_say(rq));
}

/* The path of the note, where a form of it comes back that was to discard it. */
static const char *note_path(const mq_request_t *rq)
{
    const char *last = strrchr(rq->path, '/');
    return apr_pstrmemdup(rq->pool, rq->path, (apr_size_t)(last - rq->path));
}

/* A discarded draft needs no reason, for it can be brought back; an emptied one stays as it was. */
static apr_status_t note_discard_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, content_fields);
    note_values_t values = {NULL};
    apr_int64_t version = mq_request_version(rq);
    apr_status_t rv;
    mq_id_t patient;
    mq_id_t note;
    MQ_TRY(mq_request_item(&patient, &note, rq));
    MQ_TRY(mq_form_read(form, &values));
    if (rq->returned) {
        return form_again(rq, sc, &patient, form, note_path(rq), version,
                          mq_say(rq, "Change the draft"), 1);
    }
    rv = mq_patient_note_change(sc, &patient, &note, &version,
                                mq_form_faults(form) ? NULL : values.text, MQ_DRAFT_DISCARD);
    if (rv == MQ_ECONFLICT || rv == MQ_ENOTFOUND) {
        return conflict_show(rq, sc, &patient, &note, form, note_path(rq));
    }
    MQ_TRY(rv);
    return back_to_note(rq, &patient, &note, mq_say(rq, "Draft discarded."));
}

static apr_status_t note_bring_back_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t patient;
    mq_id_t note;
    MQ_TRY(mq_request_item(&patient, &note, rq));
    MQ_TRY(mq_patient_note_bring_back(sc, &patient, &note));
    return back_to_note(rq, &patient, &note, mq_say(rq, "The draft is back."));
}

/* What was not before the eyes of who signs is not signed. */
static apr_status_t note_sign_post(mq_request_t *rq, const mq_scope_t *sc)
{
    apr_int64_t version = mq_request_version(rq);
    mq_id_t patient;
    mq_id_t note;
    MQ_TRY(mq_request_item(&patient, &note, rq));
    MQ_TRY(mq_patient_note_change(sc, &patient, &note, &version, NULL, MQ_DRAFT_SIGN));
    return back_to_note(rq, &patient, &note, signed_say(rq));
}

static apr_status_t note_addendum_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, content_fields);
    note_values_t values = {NULL};
    const int is_draft = is_sent(rq, "draft");
    mq_id_t patient;
    mq_id_t note;
    mq_id_t added;
    MQ_TRY(mq_request_item(&patient, &note, rq));
    MQ_TRY(mq_form_read(form, &values));
    if (rq->once && rq->once->is_used && !rq->repeated) {
        return draft_go_on(rq, sc, &patient, form, values.text);
    }
    if (is_autosave(rq)) {
        return mq_form_faults(form) ? autosave_refuse(rq, sc)
                                    : draft_begin(rq, sc, &patient, &note, values.text);
    }
    if (mq_form_faults(form)) {
        return form_again(rq, sc, &patient, form, rq->path, 0, mq_say(rq, "Add to a note"), 1);
    }
    MQ_TRY(mq_patient_note_addendum(&added, sc, &patient, &note, values.text,
                                    is_draft ? MQ_NOTE_DRAFT : MQ_NOTE_SIGNED));
    return back_to_note(rq, &patient, &added,
                        is_draft ? saved_say(rq)
                                 : mq_sayf(rq, "Addendum signed %s", mq_time_say(rq, rq->now)));
}

static apr_status_t note_error_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, reason_fields);
    note_values_t values = {NULL};
    mq_id_t patient;
    mq_id_t note;
    MQ_TRY(mq_request_item(&patient, &note, rq));
    MQ_TRY(mq_form_read(form, &values));
    if (mq_form_faults(form)) {
        return form_again(rq, sc, &patient, form, rq->path, 0, mq_say(rq, "Entered in error"), 0);
    }
    MQ_TRY(mq_patient_note_mark_error(sc, &patient, &note, values.text));
    return back_to_note(rq, &patient, &note, mq_say(rq, "The note is marked as entered in error."));
}

const mq_route_t mq_note_routes[] = {
    {MQ_POST, "/patients/{id}/notes", MQ_ACTION_PATIENT_NOTE_ADD, note_add_post,
     .page = &note_form_template, .reviews = 1, .once = "/patients/{id}#note-{result}"},
    {MQ_POST, "/patients/{id}/notes/{note}", MQ_ACTION_PATIENT_NOTE_CHANGE, note_change_post,
     .page = &note_conflict_template, .reviews = 1},
    {MQ_POST, "/patients/{id}/notes/{note}/sign", MQ_ACTION_PATIENT_NOTE_SIGN, note_sign_post},
    {MQ_POST, "/patients/{id}/notes/{note}/discard", MQ_ACTION_PATIENT_NOTE_CHANGE,
     note_discard_post, .page = &note_conflict_template, .reviews = 1},
    {MQ_POST, "/patients/{id}/notes/{note}/undo", MQ_ACTION_PATIENT_NOTE_CHANGE,
     note_bring_back_post},
    {MQ_POST, "/patients/{id}/notes/{note}/addendum", MQ_ACTION_PATIENT_NOTE_ADDENDUM,
     note_addendum_post, .page = &note_form_template, .reviews = 1,
     .once = "/patients/{id}#note-{result}"},
    {MQ_POST, "/patients/{id}/notes/{note}/error", MQ_ACTION_PATIENT_NOTE_ERROR, note_error_post,
     .reviews = 1},
    MQ_ROUTES_END};

/* note_pages.c -- drawing the timeline and reading its forms. Rules are in
 * domain/patients/patient_notes.c. A form that is not filled in right comes back on a page of its
 * own. */
#include "web/patients/note_pages.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/patient_notes.h"
#include "domain/policy.h"
#include "web/dates.h"
#include "web/form.h"
#include "web/paging.h"
#include "web/patients/patient_banner.h"
#include "web/route_tables.h"

/* A page holds so many notes, fewer when they are long; paper holds the whole record. */
enum { NOTES_SHOWN = 20, NOTES_BYTES = 16384, NOTES_PRINTED = 2000 };

typedef struct note_t {
    const char *text;
    const char *author;
    const char *at_text;
    const char *written_text; /* when and by whom it was written elsewhere; NULL: it was here */
    const char *at_iso;
    const char *href;
    const char *error_reason;
    const char *error_by;
    const char *error_at_text;
    int is_draft;
    int is_error;
    int is_addendum;
    int can_change;
    int can_add_to;
    int can_mark_error;
} note_t;

static const mq_slot_t note_slots[] = {
    MQ_TEXT(note_t, text),           MQ_TEXT(note_t, author),
    MQ_TEXT(note_t, at_text),        MQ_TEXT(note_t, written_text),
    MQ_TEXT(note_t, at_iso),         MQ_TEXT(note_t, href),
    MQ_TEXT(note_t, error_reason),   MQ_TEXT(note_t, error_by),
    MQ_TEXT(note_t, error_at_text),  MQ_FLAG(note_t, is_draft),
    MQ_FLAG(note_t, is_error),       MQ_FLAG(note_t, is_addendum),
    MQ_FLAG(note_t, can_change),     MQ_FLAG(note_t, can_add_to),
    MQ_FLAG(note_t, can_mark_error), MQ_SLOTS_END};

const mq_slot_t mq_notes_slots[] = {MQ_LIST(mq_notes_view_t, notes, note_slots, note_t),
                                    MQ_TEXT(mq_notes_view_t, notes_href),
                                    MQ_TEXT(mq_notes_view_t, older_href),
                                    MQ_TEXT(mq_notes_view_t, newest_href),
                                    MQ_INT(mq_notes_view_t, note_limit),
                                    MQ_INT(mq_notes_view_t, error_limit),
                                    MQ_FLAG(mq_notes_view_t, is_paged),
                                    MQ_FLAG(mq_notes_view_t, can_read_notes),
                                    MQ_FLAG(mq_notes_view_t, can_add_note),
                                    MQ_SLOTS_END};

typedef struct note_form_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_form_view_t form;
    const char *action;
    const char *back_href;
    int can_sign; /* the form may be sent as a draft or signed */
} note_form_page_t;

static const mq_slot_t form_slots[] = {
    MQ_STRUCT(note_form_page_t, patient, mq_patient_banner_slots),
    MQ_TEXT(note_form_page_t, action),
    MQ_TEXT(note_form_page_t, back_href),
    MQ_FLAG(note_form_page_t, can_sign),
    MQ_INCLUDE(note_form_page_t, form, mq_form_slots),
    MQ_INCLUDE(note_form_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t note_form_template = {"note_form.html", form_slots, 1};

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

/* "3 Apr 1980 · Dr Okafor", as the file from which a note came says it. */
static const char *written_text(const mq_request_t *rq, const mq_patient_note_t *note)
{
    const char *on = mq_date_say(rq, note->written_on);
    if (on && note->written_by) {
        return apr_pstrcat(rq->pool, on, " \xc2\xb7 ", note->written_by, NULL);
    }
    return on ? on : note->written_by;
}

static note_t note_draw(const mq_request_t *rq, const mq_patient_note_t *note,
                        const char *notes_href, int can_write)
{
    int draft = note->status == MQ_NOTE_DRAFT;
    int addendum = !mq_id_is_nil(&note->parent);
    apr_time_t at = note->signed_at ? note->signed_at : note->created_at;
    return (note_t){.text = note->content,
                    .author = note->author,
                    .at_text = mq_time_say(rq, at),
                    .written_text = written_text(rq, note),
                    .at_iso = mq_time_iso(at, rq->pool),
                    .href = notes_href ? apr_pstrcat(rq->pool, notes_href, "/",
                                                     mq_id_text(&note->id, rq->pool), NULL)
                                       : NULL,
                    .error_reason = note->error_reason,
                    .error_by = note->error_by,
                    .error_at_text = mq_time_say(rq, note->error_at),
                    .is_draft = draft,
                    .is_error = note->status == MQ_NOTE_ERROR,
                    .is_addendum = addendum,
                    .can_change = can_write && draft,
                    .can_add_to = can_write && note->status == MQ_NOTE_SIGNED && !addendum,
                    .can_mark_error = can_write && note->status != MQ_NOTE_ERROR};
}

/* How many of the notes fit a page, none parted from its addenda. The first one always fits. */
static int notes_fitting(const apr_array_header_t *notes, int most, apr_size_t bytes)
{
    apr_size_t used = 0;
    int end;
    for (int i = 0, threads = 0; i < notes->nelts; i = end, threads++) {
        apr_size_t size = 0;
        end = i;
        do {
            size += strlen(APR_ARRAY_IDX(notes, end, mq_patient_note_t).content);
            end++;
        } while (end < notes->nelts &&
                 !mq_id_is_nil(&APR_ARRAY_IDX(notes, end, mq_patient_note_t).parent));
        if (threads == most || (threads && used + size > bytes)) {
            return i;
        }
        used += size;
    }
    return notes->nelts;
}

static mq_list_t notes_draw(const mq_request_t *rq, const apr_array_header_t *notes, int count,
                            const char *notes_href, int can_write)
{
    note_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        rows[i] = note_draw(rq, &APR_ARRAY_IDX(notes, i, mq_patient_note_t), notes_href, can_write);
    }
    return (mq_list_t){rows, count};
}

/* The page that goes on where this one ends, after the last note that is no addendum. */
static const char *older_href(const mq_request_t *rq, const mq_id_t *patient,
                              const apr_array_header_t *notes, int count)
{
    const mq_patient_note_t *note;
    do {
        note = &APR_ARRAY_IDX(notes, --count, mq_patient_note_t);
    } while (!mq_id_is_nil(&note->parent));
    return mq_paging_href_id(rq, mq_patient_href(rq, patient, ""), "notes_before", &note->id,
                             "#notes");
}

static apr_status_t notes_view(mq_notes_view_t *view_out, const mq_request_t *rq,
                               const mq_scope_t *sc, const mq_id_t *patient, const mq_id_t *before,
                               int most, apr_size_t bytes)
{
    apr_array_header_t *notes;
    int count;
    if (!view_out->can_read_notes) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_patient_notes(&notes, sc, patient, before, most + 1));
    count = notes_fitting(notes, most, bytes);
    view_out->notes = notes_draw(rq, notes, count, view_out->notes_href, view_out->can_add_note);
    if (count < notes->nelts) {
        view_out->older_href = older_href(rq, patient, notes, count);
    }
    view_out->is_paged = view_out->older_href || view_out->newest_href;
    return APR_SUCCESS;
}

apr_status_t mq_notes_view(mq_notes_view_t *view_out, const mq_request_t *rq, const mq_scope_t *sc,
                           const mq_id_t *patient, int is_active)
{
    int roles = mq_scope_roles(sc);
    const mq_id_t *before;
    MQ_TRY(mq_paging_read(&before, rq, "notes_before"));
    *view_out = (mq_notes_view_t){
        .notes_href = mq_patient_href(rq, patient, "/notes"),
        .newest_href = before ? mq_patient_href(rq, patient, "#notes") : NULL,
        .note_limit = MQ_LIMIT_NOTES,
        .error_limit = MQ_LIMIT_REASON,
        .can_read_notes = mq_policy_allows(MQ_ACTION_PATIENT_NOTES_READ, roles),
        .can_add_note = is_active && mq_policy_allows(MQ_ACTION_PATIENT_NOTE_ADD, roles)};
    return notes_view(view_out, rq, sc, patient, before, NOTES_SHOWN, NOTES_BYTES);
}

apr_status_t mq_notes_print(mq_notes_view_t *view_out, const mq_request_t *rq, const mq_scope_t *sc,
                            const mq_id_t *patient)
{
    int roles = mq_scope_roles(sc);
    *view_out =
        (mq_notes_view_t){.can_read_notes = mq_policy_allows(MQ_ACTION_PATIENT_NOTES_READ, roles)};
    return notes_view(view_out, rq, sc, patient, NULL, NOTES_PRINTED, APR_SIZE_MAX);
}

static apr_status_t form_again(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *patient,
                               const mq_form_t *form, const char *title, int can_sign)
{
    note_form_page_t page = {.frame.title = title,
                             .form = mq_form_view(form, NULL),
                             .action = rq->path,
                             .back_href = mq_patient_href(rq, patient, ""),
                             .can_sign = can_sign};
    mq_patient_t record;
    MQ_TRY(mq_patient_view(&record, sc, patient));
    page.patient = mq_patient_banner(rq, &record);
    return mq_page_show(rq, 422, &note_form_template, &page);
}

static apr_status_t back_to_record(mq_request_t *rq, const mq_id_t *patient)
{
    return mq_request_redirect(rq, mq_patient_href(rq, patient, ""));
}

static int is_sent(const mq_request_t *rq, const char *button)
{
    const char *value = mq_form_get(rq->form, button, NULL);
    return value && *value;
}

static apr_status_t note_add_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, content_fields);
    note_values_t values = {NULL};
    mq_id_t patient;
    MQ_TRY(mq_request_record(&patient, rq));
    MQ_TRY(mq_form_read(form, &values));
    if (mq_form_faults(form)) {
        return form_again(rq, sc, &patient, form, mq_say(rq, "Write a note"), 1);
    }
    MQ_TRY(mq_patient_note_add(sc, &patient, values.text,
                               is_sent(rq, "sign") ? MQ_NOTE_SIGNED : MQ_NOTE_DRAFT));
    return back_to_record(rq, &patient);
}

static apr_status_t note_change_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, content_fields);
    note_values_t values = {NULL};
    mq_id_t patient;
    mq_id_t note;
    MQ_TRY(mq_request_item(&patient, &note, rq));
    MQ_TRY(mq_form_read(form, &values));
    if (mq_form_faults(form)) {
        return form_again(rq, sc, &patient, form, mq_say(rq, "Change the draft"), 1);
    }
    MQ_TRY(mq_patient_note_change(sc, &patient, &note, values.text, is_sent(rq, "sign")));
    return back_to_record(rq, &patient);
}

static apr_status_t note_sign_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t patient;
    mq_id_t note;
    MQ_TRY(mq_request_item(&patient, &note, rq));
    MQ_TRY(mq_patient_note_change(sc, &patient, &note, NULL, 1));
    return back_to_record(rq, &patient);
}

static apr_status_t note_addendum_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, content_fields);
    note_values_t values = {NULL};
    mq_id_t patient;
    mq_id_t note;
    MQ_TRY(mq_request_item(&patient, &note, rq));
    MQ_TRY(mq_form_read(form, &values));
    if (mq_form_faults(form)) {
        return form_again(rq, sc, &patient, form, mq_say(rq, "Add to a note"), 0);
    }
    MQ_TRY(mq_patient_note_addendum(sc, &patient, &note, values.text));
    return back_to_record(rq, &patient);
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
        return form_again(rq, sc, &patient, form, mq_say(rq, "Entered in error"), 0);
    }
    MQ_TRY(mq_patient_note_mark_error(sc, &patient, &note, values.text));
    return back_to_record(rq, &patient);
}

const mq_route_t mq_note_routes[] = {
    {MQ_POST, "/patients/{id}/notes", MQ_ACTION_PATIENT_NOTE_ADD, note_add_post,
     .page = &note_form_template, .reviews = 1, .once = "/patients/{id}"},
    {MQ_POST, "/patients/{id}/notes/{note}", MQ_ACTION_PATIENT_NOTE_CHANGE, note_change_post,
     .reviews = 1},
    {MQ_POST, "/patients/{id}/notes/{note}/sign", MQ_ACTION_PATIENT_NOTE_SIGN, note_sign_post},
    {MQ_POST, "/patients/{id}/notes/{note}/addendum", MQ_ACTION_PATIENT_NOTE_ADDENDUM,
     note_addendum_post, .page = &note_form_template, .reviews = 1, .once = "/patients/{id}"},
    {MQ_POST, "/patients/{id}/notes/{note}/error", MQ_ACTION_PATIENT_NOTE_ERROR, note_error_post,
     .reviews = 1},
    MQ_ROUTES_END};

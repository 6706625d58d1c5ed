/* note_pages.c -- drawing the timeline. Rules are in domain/patients/patient_notes.c, its forms are
 * read in note_forms.c. One note is written at a time: ?write= says which, else it is a new one. */
#include "web/patients/note_pages.h"

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

/* A page holds so many notes, fewer when they are long; paper holds the whole record. */
enum { NOTES_SHOWN = 20, NOTES_BYTES = 16384, NOTES_PRINTED = 2000 };

typedef struct note_t {
    const char *text;
    const char *author;
    const char *at_text;
    const char *written_text; /* when and by whom it was written elsewhere; NULL: it was here */
    const char *at_iso;
    const char *id;
    const char *href;
    const char *write_href; /* where it is written on */
    const char *saved_text; /* when the draft was last saved */
    apr_int64_t version;
    const char *error_reason;
    const char *error_by;
    const char *error_at_text;
    int is_draft;
    int is_error;
    int is_addendum;
    int is_of_error; /* an addendum to a note that is one */
    int can_change;
    int can_add_to;
    int can_mark_error;
    int is_open;           /* its form is the one of the page */
    const char *gone_text; /* until when a discarded draft can be brought back, or NULL */
} note_t;

static const mq_slot_t note_slots[] = {MQ_TEXT(note_t, text),
                                       MQ_TEXT(note_t, author),
                                       MQ_TEXT(note_t, at_text),
                                       MQ_TEXT(note_t, written_text),
                                       MQ_TEXT(note_t, at_iso),
                                       MQ_TEXT(note_t, href),
                                       MQ_TEXT(note_t, error_reason),
                                       MQ_TEXT(note_t, error_by),
                                       MQ_TEXT(note_t, error_at_text),
                                       MQ_FLAG(note_t, is_draft),
                                       MQ_FLAG(note_t, is_error),
                                       MQ_FLAG(note_t, is_addendum),
                                       MQ_FLAG(note_t, is_of_error),
                                       MQ_FLAG(note_t, can_change),
                                       MQ_FLAG(note_t, can_add_to),
                                       MQ_FLAG(note_t, can_mark_error),
                                       MQ_TEXT(note_t, id),
                                       MQ_TEXT(note_t, write_href),
                                       MQ_TEXT(note_t, saved_text),
                                       MQ_INT(note_t, version),
                                       MQ_FLAG(note_t, is_open),
                                       MQ_TEXT(note_t, gone_text),
                                       MQ_SLOTS_END};

const mq_slot_t mq_notes_slots[] = {MQ_LIST(mq_notes_view_t, notes, note_slots, note_t),
                                    MQ_TEXT(mq_notes_view_t, notes_href),
                                    MQ_TEXT(mq_notes_view_t, older_href),
                                    MQ_TEXT(mq_notes_view_t, newest_href),
                                    MQ_INT(mq_notes_view_t, note_limit),
                                    MQ_INT(mq_notes_view_t, error_limit),
                                    MQ_FLAG(mq_notes_view_t, is_paged),
                                    MQ_FLAG(mq_notes_view_t, can_read_notes),
                                    MQ_FLAG(mq_notes_view_t, can_add_note),
                                    MQ_TEXT(mq_notes_view_t, new_href),
                                    MQ_SLOTS_END};

const char *mq_note_written(const mq_request_t *rq, const mq_patient_note_t *note)
{
    const char *on = mq_date_say(rq, note->written_on);
    if (on && note->written_by) {
        return apr_pstrcat(rq->pool, on, " \xc2\xb7 ", note->written_by, NULL);
    }
    return on ? on : note->written_by;
}

/* The same page of the timeline, with this note's form. An addendum begins in its box; in that of a
 * draft typing would begin before what is there: writing.js goes behind it. */
static const char *write_href(const mq_request_t *rq, const mq_patient_note_t *note)
{
    const char *before = mq_request_query(rq, "notes_before");
    const char *id = mq_id_text(&note->id, rq->pool);
    const char *to =
        note->status == MQ_NOTE_DRAFT ? apr_pstrcat(rq->pool, "note-", id, NULL) : "write";
    return apr_pstrcat(rq->pool, rq->path, "?write=", id, before ? "&notes_before=" : "",
                       before ? before : "", "#", to, NULL);
}

static note_t note_draw(const mq_request_t *rq, const mq_patient_note_t *note,
                        const char *notes_href, int can_write)
{
    const char *id = mq_id_text(&note->id, rq->pool);
    int draft = note->status == MQ_NOTE_DRAFT;
    int addendum = !mq_id_is_nil(&note->parent);
    apr_time_t at = note->signed_at ? note->signed_at : note->created_at;
    return (note_t){.text = note->content,
                    .author = note->author,
                    .at_text = mq_time_say(rq, at),
                    .written_text = mq_note_written(rq, note),
                    .at_iso = mq_time_iso(at, rq->pool),
                    .id = id,
                    .href = notes_href ? apr_pstrcat(rq->pool, notes_href, "/", id, NULL) : NULL,
                    .write_href = can_write ? write_href(rq, note) : NULL,
                    .saved_text = note->saved_at ? mq_time_say(rq, note->saved_at) : NULL,
                    .version = note->version,
                    .error_reason = note->error_reason,
                    .error_by = note->error_by,
                    .error_at_text = mq_time_say(rq, note->error_at),
                    .is_draft = draft,
                    .is_error = note->status == MQ_NOTE_ERROR,
                    .is_addendum = addendum,
                    .gone_text = note->gone_at ? mq_time_say(rq, note->gone_at) : NULL,
                    .can_change = can_write && draft && !note->gone_at,
                    .can_add_to = can_write && note->status == MQ_NOTE_SIGNED && !addendum,
                    .can_mark_error = can_write && note->status == MQ_NOTE_SIGNED};
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

static mq_list_t notes_draw(int *is_open_out, const mq_request_t *rq,
                            const apr_array_header_t *notes, int count, const char *notes_href,
                            int can_write)
{
    const char *written = can_write ? mq_request_query(rq, "write") : NULL;
    note_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(count + 1));
    int drawn = 0;
    int is_of_error = 0;
    for (int i = 0; i < count; i++) {
        const mq_patient_note_t *note = &APR_ARRAY_IDX(notes, i, mq_patient_note_t);
        note_t *row = &rows[drawn];
        if (mq_id_is_nil(&note->parent)) { /* its addenda follow it */
            is_of_error = note->status == MQ_NOTE_ERROR;
        }
        if (note->gone_at && !can_write) {
            continue; /* not on paper, nor where nothing could bring it back */
        }
        *row = note_draw(rq, note, notes_href, can_write);
        row->is_of_error = is_of_error && row->is_addendum;
        row->is_open =
            written && strcmp(written, row->id) == 0 && (row->can_change || row->can_add_to);
        *is_open_out |= row->is_open;
        drawn++;
    }
    return (mq_list_t){rows, drawn};
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
    int is_open = 0;
    int count;
    if (!view_out->can_read_notes) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_patient_notes(&notes, sc, patient, before, most + 1));
    count = notes_fitting(notes, most, bytes);
    view_out->notes =
        notes_draw(&is_open, rq, notes, count, view_out->notes_href, view_out->can_add_note);
    view_out->new_href = is_open ? mq_patient_href(rq, patient, "#content") : NULL;
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

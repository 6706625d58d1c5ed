/* patient_notes.c -- the life of notes; SQL is in store/statements/patient_notes.sql. */
#include "domain/patients/patient_notes.h"

#include <string.h>

#include "base/text.h"
#include "domain/change.h"
#include "domain/keyset.h"
#include "domain/organisations/export_json.h"
#include "domain/patients/discarded_notes.h"
#include "domain/patients/patient_record.h"

enum { ADDENDA_MOST = 10000 }; /* of the notes of one page; nobody writes so many */

static const apr_interval_time_t told_for = apr_time_from_sec(600);  /* the last autosaving */
static const apr_interval_time_t kept_for = apr_time_from_sec(3600); /* a discarded draft */

static apr_time_t gone_read(apr_time_t stored)
{
    return stored == MQ_NOTE_GONE_NEVER ? 0 : stored;
}

static apr_status_t notes_read(apr_array_header_t *notes, mq_rows_t *rows, apr_pool_t *pool)
{
    apr_status_t rv;
    while ((rv = mq_rows_next(rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(notes, mq_patient_note_t) = (mq_patient_note_t){
            .id = mq_rows_id(rows, MQ_PATIENT_NOTE_ID),
            .content = mq_rows_text(rows, MQ_PATIENT_NOTE_CONTENT, pool),
            .created_at = mq_rows_int(rows, MQ_PATIENT_NOTE_CREATED_AT),
            .author = mq_rows_text(rows, MQ_PATIENT_NOTE_AUTHOR_NAME, pool),
            .status = (mq_note_status_t)mq_rows_int(rows, MQ_PATIENT_NOTE_STATUS),
            .signed_at = mq_rows_int(rows, MQ_PATIENT_NOTE_SIGNED_AT),
            .parent = mq_rows_id(rows, MQ_PATIENT_NOTE_PARENT_ID),
            .error_reason = mq_rows_text(rows, MQ_PATIENT_NOTE_ERROR_REASON, pool),
            .error_by = mq_rows_text(rows, MQ_PATIENT_NOTE_ERROR_BY, pool),
            .error_at = mq_rows_int(rows, MQ_PATIENT_NOTE_ERROR_AT),
            .written_on = mq_rows_text(rows, MQ_PATIENT_NOTE_WRITTEN_ON, pool),
            .written_by = mq_rows_text(rows, MQ_PATIENT_NOTE_WRITTEN_BY, pool),
            .version = mq_rows_int(rows, MQ_PATIENT_NOTE_VERSION),
            .saved_at = mq_rows_int(rows, MQ_PATIENT_NOTE_SAVED_AT),
            .gone_at = gone_read(mq_rows_int(rows, MQ_PATIENT_NOTE_GONE_AT))};
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static const mq_id_t *newest_of(const apr_array_header_t *notes)
{
    return &APR_ARRAY_IDX(notes, 0, mq_patient_note_t).id;
}

static const mq_id_t *oldest_of(const apr_array_header_t *notes)
{
    return &APR_ARRAY_IDX(notes, notes->nelts - 1, mq_patient_note_t).id;
}

/* The addenda of all these notes, the oldest first. An addendum is younger than its note. */
static apr_status_t addenda_read(apr_array_header_t *addenda, const mq_scope_t *sc,
                                 const mq_id_t *patient, const apr_array_header_t *notes)
{
    mq_rows_t rows;
    if (notes->nelts == 0) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENT_NOTE_ADDENDA,
                        MQ_PARAMS(mq_bind_id(patient), mq_bind_id(oldest_of(notes)),
                                  mq_bind_id(oldest_of(notes)), mq_bind_id(newest_of(notes)),
                                  mq_bind_id(mq_scope_user(sc)), mq_bind_int(mq_scope_now(sc)),
                                  mq_bind_int(ADDENDA_MOST))));
    return notes_read(addenda, &rows, mq_scope_pool(sc));
}

/* Each note followed by its addenda. */
static apr_array_header_t *threads_make(const apr_array_header_t *notes,
                                        const apr_array_header_t *addenda, apr_pool_t *pool)
{
    apr_array_header_t *both = apr_array_make(pool, 8, sizeof(mq_patient_note_t));
    for (int i = 0; i < notes->nelts; i++) {
        const mq_patient_note_t *note = &APR_ARRAY_IDX(notes, i, mq_patient_note_t);
        APR_ARRAY_PUSH(both, mq_patient_note_t) = *note;
        for (int j = 0; j < addenda->nelts; j++) {
            const mq_patient_note_t *added = &APR_ARRAY_IDX(addenda, j, mq_patient_note_t);
            if (mq_id_equal(&added->parent, &note->id)) {
                APR_ARRAY_PUSH(both, mq_patient_note_t) = *added;
            }
        }
    }
    return both;
}

apr_status_t mq_patient_notes(apr_array_header_t **notes_out, const mq_scope_t *sc,
                              const mq_id_t *patient, const mq_id_t *before, int limit)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *notes = apr_array_make(pool, 8, sizeof(mq_patient_note_t));
    apr_array_header_t *addenda = apr_array_make(pool, 8, sizeof(mq_patient_note_t));
    mq_rows_t rows;
    if (!mq_policy_allows(MQ_ACTION_PATIENT_NOTES_READ, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENT_NOTES_BEFORE,
                        MQ_PARAMS(mq_bind_id(patient), mq_bind_id(mq_keyset_before(before)),
                                  mq_bind_id(mq_scope_user(sc)), mq_bind_int(mq_scope_now(sc)),
                                  mq_bind_int(limit))));
    MQ_TRY(notes_read(notes, &rows, pool));
    MQ_TRY(addenda_read(addenda, sc, patient, notes));
    *notes_out = threads_make(notes, addenda, pool);
    return APR_SUCCESS;
}

apr_status_t mq_patient_notes_as_guest(apr_array_header_t **notes_out, const mq_guest_t *guest,
                                       const mq_id_t *before, int limit)
{
    apr_pool_t *pool = mq_guest_pool(guest);
    apr_array_header_t *notes = apr_array_make(pool, 8, sizeof(mq_patient_note_t));
    apr_array_header_t *addenda = apr_array_make(pool, 8, sizeof(mq_patient_note_t));
    mq_rows_t rows;
    MQ_TRY(mq_db_guest_select(&rows, guest, MQ_SQL_GUEST_NOTES,
                              MQ_PARAMS(mq_bind_id(mq_keyset_before(before)), mq_bind_int(limit))));
    MQ_TRY(notes_read(notes, &rows, pool));
    if (notes->nelts) {
        MQ_TRY(
            mq_db_guest_select(&rows, guest, MQ_SQL_GUEST_ADDENDA,
                               MQ_PARAMS(mq_bind_id(oldest_of(notes)), mq_bind_id(oldest_of(notes)),
                                         mq_bind_id(newest_of(notes)), mq_bind_int(ADDENDA_MOST))));
        MQ_TRY(notes_read(addenda, &rows, pool));
    }
    *notes_out = threads_make(notes, addenda, pool);
    return APR_SUCCESS;
}

apr_status_t mq_patient_chosen_notes_as_guest(apr_array_header_t **notes_out,
                                              const mq_guest_t *guest, const mq_id_t *share,
                                              const mq_id_t *before, int limit)
{
    apr_pool_t *pool = mq_guest_pool(guest);
    apr_array_header_t *notes = apr_array_make(pool, 8, sizeof(mq_patient_note_t));
    apr_array_header_t *addenda = apr_array_make(pool, 8, sizeof(mq_patient_note_t));
    mq_rows_t rows;
    MQ_TRY(mq_db_guest_select(
        &rows, guest, MQ_SQL_GUEST_CHOSEN_NOTES,
        MQ_PARAMS(mq_bind_id(share), mq_bind_id(mq_keyset_before(before)), mq_bind_int(limit))));
    MQ_TRY(notes_read(notes, &rows, pool));
    if (notes->nelts) {
        MQ_TRY(mq_db_guest_select(&rows, guest, MQ_SQL_GUEST_CHOSEN_ADDENDA,
                                  MQ_PARAMS(mq_bind_id(share), mq_bind_int(ADDENDA_MOST))));
        MQ_TRY(notes_read(addenda, &rows, pool));
    }
    *notes_out = threads_make(notes, addenda, pool);
    return APR_SUCCESS;
}

static apr_status_t note_insert(mq_id_t *id_out, const mq_scope_t *sc, const mq_id_t *patient,
                                const mq_id_t *parent, const char *content, mq_note_status_t status)
{
    apr_time_t now = mq_scope_now(sc);
    if (mq_text_is_unseen(content)) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_id_make(id_out));
    return mq_db_change(
        NULL, sc, MQ_SQL_PATIENT_NOTE_INSERT,
        MQ_PARAMS(mq_bind_id(patient), mq_bind_id(id_out), mq_bind_id(mq_scope_user(sc)),
                  mq_bind_text(content), mq_bind_int(now), mq_bind_int(status),
                  mq_bind_int(status == MQ_NOTE_SIGNED ? now : 0),
                  mq_bind_text(status == MQ_NOTE_SIGNED ? mq_scope_user_name(sc) : NULL),
                  mq_bind_id(parent)));
}

apr_status_t mq_patient_note_insert(mq_id_t *id_out, const mq_scope_t *sc, const mq_id_t *patient,
                                    const mq_id_t *parent, const char *content,
                                    mq_note_status_t status)
{
    mq_audit_event_t event = {.action = parent ? MQ_ACTION_PATIENT_NOTE_ADDENDUM
                                               : MQ_ACTION_PATIENT_NOTE_ADD,
                              .outcome = MQ_OUTCOME_DONE,
                              .object = id_out,
                              .patient = patient,
                              .reason = status == MQ_NOTE_DRAFT ? "draft" : NULL};
    MQ_TRY(note_insert(id_out, sc, patient, parent, content, status));
    return mq_audit_write(sc, &event);
}

/* What is to be done to a note, or to the patient's notes. */
typedef struct note_work_t {
    const mq_id_t *patient;
    const mq_id_t *note; /* NULL: a new one */
    const char *text;    /* its content, or why it is in error */
    mq_note_status_t status;
    apr_int64_t version; /* of the draft that is changed */
    apr_int64_t made;    /* and of what it becomes */
    mq_draft_step_t step;
    mq_id_t added;
} note_work_t;

static apr_status_t patient_is_active(const mq_scope_t *sc, const mq_id_t *patient)
{
    mq_patient_t record;
    MQ_TRY(mq_patient_read(&record, sc, patient));
    return record.status == MQ_PATIENT_ACTIVE ? APR_SUCCESS : MQ_ECONFLICT;
}

typedef struct standing_t {
    mq_id_t author;
    mq_note_status_t status;
    mq_id_t parent; /* null: it is no addendum */
    apr_int64_t version;
    apr_time_t saved_at;
    apr_time_t gone_at;
    const char *content;
} standing_t;

static apr_status_t standing_read(standing_t *standing_out, const mq_scope_t *sc,
                                  const mq_id_t *patient, const mq_id_t *note)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_NOTE_STANDING,
                            MQ_PARAMS(mq_bind_id(patient), mq_bind_id(note))));
    standing_out->author = mq_rows_id(&rows, MQ_PATIENT_NOTE_STANDING_AUTHOR_ID);
    standing_out->status = (mq_note_status_t)mq_rows_int(&rows, MQ_PATIENT_NOTE_STANDING_STATUS);
    standing_out->parent = mq_rows_id(&rows, MQ_PATIENT_NOTE_STANDING_PARENT_ID);
    standing_out->version = mq_rows_int(&rows, MQ_PATIENT_NOTE_STANDING_VERSION);
    standing_out->saved_at = mq_rows_int(&rows, MQ_PATIENT_NOTE_STANDING_SAVED_AT);
    standing_out->gone_at = gone_read(mq_rows_int(&rows, MQ_PATIENT_NOTE_STANDING_GONE_AT));
    standing_out->content =
        mq_rows_text(&rows, MQ_PATIENT_NOTE_STANDING_CONTENT, mq_scope_pool(sc));
    mq_rows_close(&rows);
    /* somebody else's draft is not there for anybody else */
    if (standing_out->status == MQ_NOTE_DRAFT &&
        !mq_id_equal(&standing_out->author, mq_scope_user(sc))) {
        return MQ_ENOTFOUND;
    }
    return APR_SUCCESS;
}

apr_status_t mq_patient_note_read(mq_patient_note_t *note_out, const mq_scope_t *sc,
                                  const mq_id_t *patient, const mq_id_t *note)
{
    standing_t standing;
    if (!mq_policy_allows(MQ_ACTION_PATIENT_NOTES_READ, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(standing_read(&standing, sc, patient, note));
    *note_out = (mq_patient_note_t){.id = *note,
                                    .content = standing.content,
                                    .status = standing.status,
                                    .version = standing.version,
                                    .parent = standing.parent,
                                    .saved_at = standing.saved_at,
                                    .gone_at = standing.gone_at};
    return APR_SUCCESS;
}

/* What every change of a note begins with: an active record, and a note that the person can see. */
static apr_status_t note_find(standing_t *standing_out, mq_audit_event_t *event_io,
                              const mq_scope_t *sc, const note_work_t *work)
{
    event_io->patient = work->patient;
    event_io->object = work->note;
    MQ_TRY(patient_is_active(sc, work->patient));
    return standing_read(standing_out, sc, work->patient, work->note);
}

static apr_status_t note_add(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    note_work_t *work = data;
    event_io->patient = work->patient;
    event_io->object = &work->added;
    event_io->reason = work->status == MQ_NOTE_DRAFT ? "draft" : NULL;
    MQ_TRY(patient_is_active(sc, work->patient));
    return note_insert(&work->added, sc, work->patient, NULL, work->text, work->status);
}

static apr_status_t create(mq_id_t *id_out, const mq_scope_t *sc, mq_action_t action,
                           mq_change_work_t work, note_work_t *data)
{
    MQ_TRY(mq_change_once(sc, action, work, data));
    if (id_out) {
        *id_out = data->added;
    }
    return APR_SUCCESS;
}

apr_status_t mq_patient_note_add(mq_id_t *id_out, const mq_scope_t *sc, const mq_id_t *patient,
                                 const char *content, mq_note_status_t status)
{
    note_work_t work = {.patient = patient, .text = content, .status = status};
    return create(id_out, sc, MQ_ACTION_PATIENT_NOTE_ADD, note_add, &work);
}

/* What stands there already is saved, though its page may not have been told. */
static int is_known(const standing_t *standing, const note_work_t *work)
{
    return standing->version == work->version ||
           (work->text && strcmp(work->text, standing->content) == 0);
}

static apr_status_t draft_find(standing_t *standing_out, mq_audit_event_t *event_io,
                               const mq_scope_t *sc, note_work_t *work)
{
    MQ_TRY(note_find(standing_out, event_io, sc, work));
    work->made = standing_out->version;
    return standing_out->status == MQ_NOTE_DRAFT && !standing_out->gone_at &&
                   is_known(standing_out, work)
               ? APR_SUCCESS
               : MQ_ECONFLICT;
}

/* What it said before is kept nowhere: so it takes the room of what it says now, however often it
 * is saved. */
static apr_status_t draft_rewrite(const mq_scope_t *sc, note_work_t *work, const char *before)
{
    const apr_int64_t kept = mq_db_kept(sc);
    int changed = 0;
    if (mq_text_is_unseen(work->text)) {
        return MQ_EINVALID;
    }
    work->made = work->version + 1;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_PATIENT_NOTE_REWRITE,
                        MQ_PARAMS(mq_bind_text(work->text), mq_bind_int(mq_scope_now(sc)),
                                  mq_bind_id(work->patient), mq_bind_id(work->note),
                                  mq_bind_int(work->version))));
    mq_db_kept_set(sc, kept + (apr_int64_t)strlen(work->text) - (apr_int64_t)strlen(before));
    return changed == 1 ? APR_SUCCESS : MQ_ECONFLICT;
}

/* Nobody else can read a draft, and four events a minute of each who writes would bury the others
 * of the trail: what the page saves by itself is told once, and again after a pause. */
static apr_status_t note_rewrite(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    note_work_t *work = data;
    standing_t standing;
    apr_interval_time_t since;
    MQ_TRY(draft_find(&standing, event_io, sc, work));
    since = mq_scope_now(sc) - standing.saved_at;
    if (strcmp(work->text, standing.content) == 0) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return APR_SUCCESS;
    }
    if (work->step == MQ_DRAFT_AUTOSAVE && since >= 0 && since < told_for) {
        event_io->outcome = MQ_OUTCOME_NONE;
    }
    return draft_rewrite(sc, work, standing.content);
}

/* Rewritten and signed at once are two events, as when they were done one after the other. */
static apr_status_t note_sign(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    note_work_t *work = data;
    standing_t standing;
    int changed = 0;
    MQ_TRY(draft_find(&standing, event_io, sc, work));
    if (work->text && strcmp(work->text, standing.content) != 0) {
        mq_audit_event_t rewritten = *event_io;
        rewritten.action = MQ_ACTION_PATIENT_NOTE_CHANGE;
        MQ_TRY(draft_rewrite(sc, work, standing.content));
        MQ_TRY(mq_audit_write(sc, &rewritten));
    } else if (mq_text_is_unseen(standing.content)) {
        return MQ_EINVALID; /* begun before such were refused */
    }
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_PATIENT_NOTE_SIGN,
                        MQ_PARAMS(mq_bind_int(mq_scope_now(sc)),
                                  mq_bind_text(mq_scope_user_name(sc)), mq_bind_id(work->patient),
                                  mq_bind_id(work->note), mq_bind_int(work->made))));
    return changed == 1 ? APR_SUCCESS : MQ_ECONFLICT;
}

static apr_status_t gone_set(const mq_scope_t *sc, const note_work_t *work, apr_time_t gone_at)
{
    int changed = 0;
    MQ_TRY(mq_db_change(
        &changed, sc, MQ_SQL_PATIENT_NOTE_DISCARD,
        MQ_PARAMS(mq_bind_int(gone_at), mq_bind_id(work->patient), mq_bind_id(work->note))));
    return changed == 1 ? APR_SUCCESS : MQ_ECONFLICT;
}

/* With what was typed last, which may come back with it. */
static apr_status_t note_discard(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    note_work_t *work = data;
    standing_t standing;
    MQ_TRY(draft_find(&standing, event_io, sc, work));
    event_io->reason = "discarded";
    if (work->text && strcmp(work->text, standing.content) != 0) {
        MQ_TRY(draft_rewrite(sc, work, standing.content));
    }
    MQ_TRY(mq_discarded_due(sc, mq_scope_now(sc) + kept_for));
    return gone_set(sc, work, mq_scope_now(sc) + kept_for);
}

static apr_status_t note_bring_back(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const note_work_t *work = data;
    standing_t standing;
    MQ_TRY(note_find(&standing, event_io, sc, work));
    event_io->reason = "brought back";
    return standing.gone_at > mq_scope_now(sc) ? gone_set(sc, work, MQ_NOTE_GONE_NEVER)
                                               : MQ_ECONFLICT;
}

apr_status_t mq_patient_note_bring_back(const mq_scope_t *sc, const mq_id_t *patient,
                                        const mq_id_t *note)
{
    note_work_t work = {.patient = patient, .note = note};
    return mq_change(sc, MQ_ACTION_PATIENT_NOTE_CHANGE, note_bring_back, &work);
}

apr_status_t mq_patient_note_change(const mq_scope_t *sc, const mq_id_t *patient,
                                    const mq_id_t *note, apr_int64_t *version_io,
                                    const char *content, mq_draft_step_t step)
{
    note_work_t work = {
        .patient = patient, .note = note, .text = content, .version = *version_io, .step = step};
    MQ_TRY(step == MQ_DRAFT_SIGN
               ? mq_change(sc, MQ_ACTION_PATIENT_NOTE_SIGN, note_sign, &work)
               : mq_change(sc, MQ_ACTION_PATIENT_NOTE_CHANGE,
                           step == MQ_DRAFT_DISCARD ? note_discard : note_rewrite, &work));
    *version_io = work.made;
    return APR_SUCCESS;
}

static apr_status_t note_addendum(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    note_work_t *work = data;
    standing_t standing;
    MQ_TRY(note_find(&standing, event_io, sc, work));
    event_io->object = &work->added;
    event_io->reason = work->status == MQ_NOTE_DRAFT ? "draft" : NULL;
    if (standing.status != MQ_NOTE_SIGNED || !mq_id_is_nil(&standing.parent)) {
        return MQ_ECONFLICT;
    }
    return note_insert(&work->added, sc, work->patient, work->note, work->text, work->status);
}

apr_status_t mq_patient_note_addendum(mq_id_t *id_out, const mq_scope_t *sc, const mq_id_t *patient,
                                      const mq_id_t *note, const char *content,
                                      mq_note_status_t status)
{
    note_work_t work = {.patient = patient, .note = note, .text = content, .status = status};
    return create(id_out, sc, MQ_ACTION_PATIENT_NOTE_ADDENDUM, note_addendum, &work);
}

static apr_status_t note_mark_error(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const note_work_t *work = data;
    standing_t standing;
    int changed = 0;
    MQ_TRY(note_find(&standing, event_io, sc, work));
    event_io->reason = work->text;
    if (standing.gone_at) {
        return MQ_ECONFLICT; /* an error is for everybody to read, and for good */
    }
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_PATIENT_NOTE_ERROR,
                        MQ_PARAMS(mq_bind_text(work->text), mq_bind_text(mq_scope_user_name(sc)),
                                  mq_bind_int(mq_scope_now(sc)), mq_bind_id(work->patient),
                                  mq_bind_id(work->note))));
    return changed == 1 ? APR_SUCCESS : MQ_ECONFLICT;
}

apr_status_t mq_patient_note_mark_error(const mq_scope_t *sc, const mq_id_t *patient,
                                        const mq_id_t *note, const char *reason)
{
    note_work_t work = {.patient = patient, .note = note, .text = reason};
    return mq_change(sc, MQ_ACTION_PATIENT_NOTE_ERROR, note_mark_error, &work);
}

/* --- as a part of a patient --- */

static const char *const states[] = {NULL, "draft", "signed", "entered in error"};

static void note_write(mq_json_t *json, mq_row_place_t *place_out, const mq_rows_t *rows,
                       apr_pool_t *pool)
{
    place_out->patient = mq_rows_id(rows, MQ_EXPORT_PATIENT_NOTES_PATIENT_ID);
    place_out->item = mq_rows_id(rows, MQ_EXPORT_PATIENT_NOTES_ID);
    mq_export_id(json, "patient_id", rows, MQ_EXPORT_PATIENT_NOTES_PATIENT_ID, pool);
    mq_export_id(json, "id", rows, MQ_EXPORT_PATIENT_NOTES_ID, pool);
    mq_export_id(json, "author_id", rows, MQ_EXPORT_PATIENT_NOTES_AUTHOR_ID, pool);
    mq_export_time(json, "created_at", rows, MQ_EXPORT_PATIENT_NOTES_CREATED_AT, pool);
    mq_json_text(json, "status",
                 MQ_EXPORT_WORD(states, mq_rows_int(rows, MQ_EXPORT_PATIENT_NOTES_STATUS)));
    mq_export_time(json, "signed_at", rows, MQ_EXPORT_PATIENT_NOTES_SIGNED_AT, pool);
    mq_json_text(json, "signed_as", mq_rows_text(rows, MQ_EXPORT_PATIENT_NOTES_SIGNED_AS, pool));
    mq_export_id(json, "adds_to", rows, MQ_EXPORT_PATIENT_NOTES_PARENT_ID, pool);
    mq_json_text(json, "error_reason",
                 mq_rows_text(rows, MQ_EXPORT_PATIENT_NOTES_ERROR_REASON, pool));
    mq_json_text(json, "error_by", mq_rows_text(rows, MQ_EXPORT_PATIENT_NOTES_ERROR_BY, pool));
    mq_export_time(json, "error_at", rows, MQ_EXPORT_PATIENT_NOTES_ERROR_AT, pool);
    mq_json_text(json, "written_on", mq_rows_text(rows, MQ_EXPORT_PATIENT_NOTES_WRITTEN_ON, pool));
    mq_json_text(json, "written_by", mq_rows_text(rows, MQ_EXPORT_PATIENT_NOTES_WRITTEN_BY, pool));
    mq_json_text(json, "content", mq_rows_text(rows, MQ_EXPORT_PATIENT_NOTES_CONTENT, pool));
}

static const mq_record_rows_t note_rows = {.name = "patient_notes",
                                           .key = MQ_KEY_PATIENT | MQ_KEY_ITEM,
                                           .all = MQ_SQL_EXPORT_PATIENT_NOTES,
                                           .of_patient = MQ_SQL_EXPORT_PATIENT_NOTES_ONE,
                                           .has_private = 1,
                                           .write = note_write};

const mq_patient_part_t mq_patient_notes_part = {.name = "patient_notes",
                                                 .touched = MQ_SQL_PATIENT_NOTES_TOUCHED,
                                                 .remove = MQ_SQL_PATIENT_NOTES_REMOVE,
                                                 .reading = MQ_ACTION_PATIENT_NOTES_READ,
                                                 .items = MQ_SQL_PATIENT_NOTES_ITEMS,
                                                 .move = MQ_SQL_PATIENT_NOTES_MOVE,
                                                 .since = MQ_SQL_PATIENT_NOTES_SINCE,
                                                 .move_one = MQ_SQL_PATIENT_NOTE_MOVE,
                                                 .added_to = MQ_SQL_PATIENT_NOTE_ADDED_TO,
                                                 .move_thread = MQ_SQL_PATIENT_NOTE_MOVE_THREAD,
                                                 .rows = &note_rows};

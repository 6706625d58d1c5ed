/* patient_notes.c -- the life of notes; SQL is in store/statements/patient_notes.sql. */
#include "domain/patients/patient_notes.h"

#include <string.h>

#include "domain/trail/audit.h"
#include "domain/patients/patients.h"

enum { ADDENDA_MOST = 10000 }; /* of the notes of one page; nobody writes so many */

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
            .error_at = mq_rows_int(rows, MQ_PATIENT_NOTE_ERROR_AT)};
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* The addenda of all these notes, the oldest first. An addendum is younger than its note. */
static apr_status_t addenda_read(apr_array_header_t *addenda, const mq_scope_t *sc,
                                 const mq_id_t *patient, const apr_array_header_t *notes)
{
    const mq_id_t *newest;
    const mq_id_t *oldest;
    mq_rows_t rows;
    if (notes->nelts == 0) {
        return APR_SUCCESS;
    }
    newest = &APR_ARRAY_IDX(notes, 0, mq_patient_note_t).id;
    oldest = &APR_ARRAY_IDX(notes, notes->nelts - 1, mq_patient_note_t).id;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENT_NOTE_ADDENDA,
                        MQ_PARAMS(mq_bind_id(patient), mq_bind_id(oldest), mq_bind_id(oldest),
                                  mq_bind_id(newest), mq_bind_int(ADDENDA_MOST))));
    return notes_read(addenda, &rows, mq_scope_pool(sc));
}

apr_status_t mq_patient_notes(apr_array_header_t **notes_out, const mq_scope_t *sc,
                              const mq_id_t *patient, const mq_id_t *before, int limit)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *notes = apr_array_make(pool, 8, sizeof(mq_patient_note_t));
    apr_array_header_t *addenda = apr_array_make(pool, 8, sizeof(mq_patient_note_t));
    apr_array_header_t *both = apr_array_make(pool, 8, sizeof(mq_patient_note_t));
    mq_id_t last;
    mq_rows_t rows;
    memset(&last, 0xff, sizeof last);
    if (!mq_policy_allows(MQ_ACTION_PATIENT_NOTES_READ, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENT_NOTES_BEFORE,
                        MQ_PARAMS(mq_bind_id(patient), mq_bind_id(before ? before : &last),
                                  mq_bind_id(mq_scope_user(sc)), mq_bind_int(limit))));
    MQ_TRY(notes_read(notes, &rows, pool));
    MQ_TRY(addenda_read(addenda, sc, patient, notes));
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
    *notes_out = both;
    return APR_SUCCESS;
}

static apr_status_t record(const mq_scope_t *sc, mq_action_t action, const mq_id_t *patient,
                           const mq_id_t *note, const char *reason)
{
    mq_audit_event_t event = {.action = action,
                              .outcome = MQ_OUTCOME_DONE,
                              .object = note,
                              .patient = patient,
                              .reason = reason};
    return mq_audit_write(sc, &event);
}

static apr_status_t insert(mq_id_t *id_out, const mq_scope_t *sc, const mq_id_t *patient,
                           const mq_id_t *parent, const char *content, mq_note_status_t status)
{
    apr_time_t now = mq_scope_now(sc);
    MQ_TRY(mq_id_make(id_out));
    return mq_db_change(
        NULL, sc, MQ_SQL_PATIENT_NOTE_INSERT,
        MQ_PARAMS(mq_bind_id(patient), mq_bind_id(id_out), mq_bind_id(mq_scope_user(sc)),
                  mq_bind_text(content), mq_bind_int(now), mq_bind_int(status),
                  mq_bind_int(status == MQ_NOTE_SIGNED ? now : 0), mq_bind_id(parent)));
}

apr_status_t mq_patient_note_insert(mq_id_t *id_out, const mq_scope_t *sc, const mq_id_t *patient,
                                    const mq_id_t *parent, const char *content,
                                    mq_note_status_t status)
{
    MQ_TRY(insert(id_out, sc, patient, parent, content, status));
    return record(sc, parent ? MQ_ACTION_PATIENT_NOTE_ADDENDUM : MQ_ACTION_PATIENT_NOTE_ADD,
                  patient, id_out, status == MQ_NOTE_DRAFT ? "draft" : NULL);
}

/* What every change begins with: the role, the turn to write, an active record. */
static apr_status_t begin(const mq_scope_t *sc, const mq_id_t *patient, mq_action_t action)
{
    mq_patient_t record_now;
    if (!mq_policy_allows(action, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_db_begin(sc));
    MQ_TRY(mq_patient_read(&record_now, sc, patient));
    return record_now.status == MQ_PATIENT_ACTIVE ? APR_SUCCESS : MQ_ECONFLICT;
}

static apr_status_t finish(const mq_scope_t *sc, apr_status_t rv)
{
    if (rv != APR_SUCCESS) {
        mq_db_rollback(sc);
        return rv;
    }
    return mq_db_commit(sc);
}

typedef struct standing_t {
    mq_id_t author;
    mq_note_status_t status;
    int is_addendum;
} standing_t;

static apr_status_t standing_read(standing_t *standing_out, const mq_scope_t *sc,
                                  const mq_id_t *patient, const mq_id_t *note)
{
    mq_rows_t rows;
    mq_id_t parent;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_NOTE_STANDING,
                            MQ_PARAMS(mq_bind_id(patient), mq_bind_id(note))));
    standing_out->author = mq_rows_id(&rows, MQ_PATIENT_NOTE_STANDING_AUTHOR_ID);
    standing_out->status = (mq_note_status_t)mq_rows_int(&rows, MQ_PATIENT_NOTE_STANDING_STATUS);
    parent = mq_rows_id(&rows, MQ_PATIENT_NOTE_STANDING_PARENT_ID);
    standing_out->is_addendum = !mq_id_is_nil(&parent);
    mq_rows_close(&rows);
    /* somebody else's draft is not there for anybody else */
    if (standing_out->status == MQ_NOTE_DRAFT &&
        !mq_id_equal(&standing_out->author, mq_scope_user(sc))) {
        return MQ_ENOTFOUND;
    }
    return APR_SUCCESS;
}

apr_status_t mq_patient_note_add(const mq_scope_t *sc, const mq_id_t *patient, const char *content,
                                 mq_note_status_t status)
{
    mq_id_t id;
    apr_status_t rv = begin(sc, patient, MQ_ACTION_PATIENT_NOTE_ADD);
    return finish(sc, rv == APR_SUCCESS
                          ? mq_patient_note_insert(&id, sc, patient, NULL, content, status)
                          : rv);
}

static apr_status_t change(const mq_scope_t *sc, const mq_id_t *patient, const mq_id_t *note,
                           const char *content, int sign)
{
    standing_t standing;
    int changed = 0;
    MQ_TRY(begin(sc, patient, sign ? MQ_ACTION_PATIENT_NOTE_SIGN : MQ_ACTION_PATIENT_NOTE_CHANGE));
    MQ_TRY(standing_read(&standing, sc, patient, note));
    if (standing.status != MQ_NOTE_DRAFT) {
        return MQ_ECONFLICT;
    }
    if (content) {
        MQ_TRY(
            mq_db_change(NULL, sc, MQ_SQL_PATIENT_NOTE_REWRITE,
                         MQ_PARAMS(mq_bind_text(content), mq_bind_id(patient), mq_bind_id(note))));
        MQ_TRY(record(sc, MQ_ACTION_PATIENT_NOTE_CHANGE, patient, note, NULL));
    }
    if (!sign) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_change(
        &changed, sc, MQ_SQL_PATIENT_NOTE_SIGN,
        MQ_PARAMS(mq_bind_int(mq_scope_now(sc)), mq_bind_id(patient), mq_bind_id(note))));
    return changed == 1 ? record(sc, MQ_ACTION_PATIENT_NOTE_SIGN, patient, note, NULL)
                        : MQ_ECONFLICT;
}

apr_status_t mq_patient_note_change(const mq_scope_t *sc, const mq_id_t *patient,
                                    const mq_id_t *note, const char *content, int sign)
{
    return finish(sc, change(sc, patient, note, content, sign));
}

static apr_status_t addendum(const mq_scope_t *sc, const mq_id_t *patient, const mq_id_t *note,
                             const char *content)
{
    standing_t standing;
    mq_id_t id;
    MQ_TRY(begin(sc, patient, MQ_ACTION_PATIENT_NOTE_ADDENDUM));
    MQ_TRY(standing_read(&standing, sc, patient, note));
    if (standing.status != MQ_NOTE_SIGNED || standing.is_addendum) {
        return MQ_ECONFLICT;
    }
    return mq_patient_note_insert(&id, sc, patient, note, content, MQ_NOTE_SIGNED);
}

apr_status_t mq_patient_note_addendum(const mq_scope_t *sc, const mq_id_t *patient,
                                      const mq_id_t *note, const char *content)
{
    return finish(sc, addendum(sc, patient, note, content));
}

static apr_status_t mark_error(const mq_scope_t *sc, const mq_id_t *patient, const mq_id_t *note,
                               const char *reason)
{
    standing_t standing;
    int changed = 0;
    MQ_TRY(begin(sc, patient, MQ_ACTION_PATIENT_NOTE_ERROR));
    MQ_TRY(standing_read(&standing, sc, patient, note));
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_PATIENT_NOTE_ERROR,
                        MQ_PARAMS(mq_bind_text(reason), mq_bind_text(mq_scope_user_name(sc)),
                                  mq_bind_int(mq_scope_now(sc)), mq_bind_id(patient),
                                  mq_bind_id(note))));
    return changed == 1 ? record(sc, MQ_ACTION_PATIENT_NOTE_ERROR, patient, note, reason)
                        : MQ_ECONFLICT;
}

apr_status_t mq_patient_note_mark_error(const mq_scope_t *sc, const mq_id_t *patient,
                                        const mq_id_t *note, const char *reason)
{
    return finish(sc, mark_error(sc, patient, note, reason));
}

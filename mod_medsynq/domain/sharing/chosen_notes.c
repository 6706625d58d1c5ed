/* chosen_notes.c -- which notes can be shared one by one, and which are; SQL is in
 * store/statements/consents.sql. What a guest sees of them is patient_notes.c's.
 *
 * A note is looked for among the patient's own signed ones each time, whatever a form says: by
 * whom it was sent shows nothing of whose it is. */
#include "domain/sharing/chosen_notes.h"

#include <apr_strings.h>

#include "domain/keyset.h"
#include "domain/policy.h"
#include "store/db.h"

static int may_read(const mq_scope_t *sc)
{
    return mq_policy_allows(MQ_ACTION_PATIENT_NOTES_READ, mq_scope_roles(sc));
}

/* Who wrote it elsewhere, or as whom it was signed, or who that is now. */
static const char *author_of(const mq_rows_t *rows, apr_pool_t *pool)
{
    const char *written_by = mq_rows_text(rows, MQ_SHARABLE_NOTE_WRITTEN_BY, pool);
    const char *signed_as = mq_rows_text(rows, MQ_SHARABLE_NOTE_SIGNED_AS, pool);
    return written_by  ? written_by
           : signed_as ? signed_as
                       : mq_rows_text(rows, MQ_SHARABLE_NOTE_AUTHOR_NAME, pool);
}

static mq_sharable_note_t note_row(const mq_rows_t *rows, apr_pool_t *pool)
{
    const apr_time_t signed_at = mq_rows_int(rows, MQ_SHARABLE_NOTE_SIGNED_AT);
    return (mq_sharable_note_t){.id = mq_rows_id(rows, MQ_SHARABLE_NOTE_ID),
                                .at = signed_at ? signed_at
                                                : mq_rows_int(rows, MQ_SHARABLE_NOTE_CREATED_AT),
                                .day = mq_rows_text(rows, MQ_SHARABLE_NOTE_WRITTEN_ON, pool),
                                .content = mq_rows_text(rows, MQ_SHARABLE_NOTE_CONTENT, pool),
                                .author = author_of(rows, pool)};
}

static apr_status_t note_find(mq_sharable_note_t *note_out, const mq_scope_t *sc,
                              const mq_id_t *patient, const mq_id_t *id)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_SHARABLE_NOTE_BY_ID,
                            MQ_PARAMS(mq_bind_id(patient), mq_bind_id(id))));
    *note_out = note_row(&rows, mq_scope_pool(sc));
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static int is_there(const apr_array_header_t *list, const mq_id_t *id)
{
    for (int i = 0; i < list->nelts; i++) {
        if (mq_id_equal(&APR_ARRAY_IDX(list, i, mq_sharable_note_t).id, id)) {
            return 1;
        }
    }
    return 0;
}

/* What was chosen on another page of them is chosen on this one as well. */
static apr_status_t chosen_add(apr_array_header_t *list, const mq_scope_t *sc,
                               const mq_id_t *patient, const mq_id_t *id)
{
    mq_sharable_note_t note;
    apr_status_t rv;
    if (is_there(list, id)) {
        return APR_SUCCESS;
    }
    rv = note_find(&note, sc, patient, id);
    if (rv == APR_SUCCESS) {
        APR_ARRAY_PUSH(list, mq_sharable_note_t) = note;
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

apr_status_t mq_sharable_notes(apr_array_header_t **list_out, const mq_id_t **next_out,
                               const mq_scope_t *sc, const mq_id_t *patient, const mq_id_t *before,
                               const mq_id_t *chosen, int count)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *list = apr_array_make(pool, 8, sizeof(mq_sharable_note_t));
    mq_rows_t rows;
    apr_status_t rv;
    *list_out = list;
    *next_out = NULL;
    if (!may_read(sc)) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_SHARABLE_NOTES_BEFORE,
                        MQ_PARAMS(mq_bind_id(patient), mq_bind_id(mq_keyset_before(before)),
                                  mq_bind_int(MQ_SHARABLE_PER_PAGE + 1))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(list, mq_sharable_note_t) = note_row(&rows, pool);
    }
    if (mq_keyset_cut(list, MQ_SHARABLE_PER_PAGE)) {
        *next_out = apr_pmemdup(pool, &APR_ARRAY_IDX(list, list->nelts - 1, mq_sharable_note_t).id,
                                sizeof **next_out);
    }
    rv = rv == APR_EOF ? APR_SUCCESS : rv;
    for (int i = 0; rv == APR_SUCCESS && i < count; i++) {
        rv = chosen_add(list, sc, patient, &chosen[i]);
    }
    return rv;
}

apr_status_t mq_chosen_notes_insert(const mq_scope_t *sc, const mq_id_t *patient,
                                    const mq_id_t *share, const mq_id_t *notes, int count)
{
    for (int i = 0; i < count; i++) {
        mq_sharable_note_t note;
        mq_id_t id;
        int changed = 0;
        apr_status_t rv = note_find(&note, sc, patient, &notes[i]);
        if (rv != APR_SUCCESS) {
            return rv == MQ_ENOTFOUND ? MQ_ECONFLICT : rv;
        }
        MQ_TRY(mq_id_make(&id));
        MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_SHARE_NOTE_INSERT,
                            MQ_PARAMS(mq_bind_id(patient), mq_bind_id(&id), mq_bind_id(share),
                                      mq_bind_id(&note.id), mq_bind_int(note.at),
                                      mq_bind_text(note.day))));
        if (!changed) {
            return MQ_ECONFLICT;
        }
    }
    return APR_SUCCESS;
}

apr_status_t mq_chosen_notes_of(apr_array_header_t **list_out, const mq_scope_t *sc,
                                const mq_id_t *share)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    apr_status_t rv;
    *list_out = apr_array_make(pool, 8, sizeof(mq_sharable_note_t));
    if (!may_read(sc)) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_SHARE_NOTES_OF,
                        MQ_PARAMS(mq_bind_id(share), mq_bind_int(MQ_CHOSEN_NOTES_MOST))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(*list_out, mq_sharable_note_t) =
            (mq_sharable_note_t){.at = mq_rows_int(&rows, MQ_SHARE_NOTES_OF_NOTE_AT),
                                 .day = mq_rows_text(&rows, MQ_SHARE_NOTES_OF_NOTE_DAY, pool)};
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_chosen_notes_count(int *count_out, const mq_scope_t *sc, const mq_id_t *share)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_SHARE_NOTES_COUNT, MQ_PARAMS(mq_bind_id(share))));
    *count_out = (int)mq_rows_int(&rows, MQ_SHARE_NOTES_COUNT);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

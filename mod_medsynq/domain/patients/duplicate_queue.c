/* duplicate_queue.c -- comparing whoever is due, and going through what was found. */
#include "domain/patients/duplicate_queue.h"

#include "base/deadline.h"
#include "domain/change.h"
#include "domain/patients/pair_events.h"
#include "domain/trail/audit_groups.h"
#include "domain/trail/disclosures.h"

enum {
    TURN_MILLISECONDS = 10, /* how long others' writes wait for a turn, or one record more */
    DUE_AT_ONCE = 50
};

/* --- the job --- */

/* A pair that was found from the other side need not be found from this one, where less is read of
 * a common name than there is: so whoever was in one is judged anew. */
static apr_status_t patient_compare(const mq_scope_t *sc, const mq_id_t *id)
{
    apr_array_header_t *partners;
    apr_array_header_t *found;
    mq_patient_t patient;
    apr_status_t rv = mq_patient_read(&patient, sc, id);
    MQ_TRY(mq_pairs_done(sc, id));
    MQ_TRY(mq_pairs_of(&partners, sc, id, MQ_PAIR_LIKELY));
    MQ_TRY(mq_pairs_drop(sc, id, MQ_PAIR_LIKELY));
    if (rv == MQ_ENOTFOUND) {
        return APR_SUCCESS; /* merged, or an import was undone */
    }
    MQ_TRY(rv);
    MQ_TRY(mq_duplicates_of(&found, sc, &patient, partners));
    for (int i = 0; i < found->nelts; i++) {
        const mq_duplicate_t *one = &APR_ARRAY_IDX(found, i, mq_duplicate_t);
        MQ_TRY(mq_pair_note(sc, id, &one->patient.id, one->score, one->why));
    }
    return APR_SUCCESS;
}

static apr_status_t due_read(apr_array_header_t **ids_out, const mq_scope_t *sc, int most)
{
    apr_array_header_t *ids = apr_array_make(mq_scope_pool(sc), most, sizeof(mq_id_t));
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENTS_DUE, MQ_PARAMS(mq_bind_int(most))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(ids, mq_id_t) = mq_rows_id(&rows, MQ_PATIENTS_DUE_PATIENT_ID);
    }
    *ids_out = ids;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t duplicates_turn(const mq_scope_t *sc, mq_job_turn_t *turn)
{
    const struct timespec until = mq_deadline_after(apr_time_from_msec(TURN_MILLISECONDS));
    apr_array_header_t *due;
    int i = 0;
    MQ_TRY(due_read(&due, sc, DUE_AT_ONCE));
    do {
        if (i == due->nelts) {
            turn->due_out = due->nelts < DUE_AT_ONCE ? 0 : mq_scope_now(sc);
            return APR_SUCCESS;
        }
        MQ_TRY(patient_compare(sc, &APR_ARRAY_IDX(due, i++, mq_id_t)));
    } while (mq_deadline_left(&until) > 0);
    turn->due_out = mq_scope_now(sc);
    return APR_SUCCESS;
}

const mq_job_kind_t mq_duplicates_job = {
    MQ_JOB_DUPLICATES, "duplicates", MQ_ACTION_PATIENT_DUPLICATES, duplicates_turn, 1, 3600};

/* --- the lists --- */

typedef struct pair_row_t {
    mq_pair_place_t at;
    int why;
    const char *said_by;
} pair_row_t;

static apr_status_t rows_read(apr_array_header_t **rows_out, const mq_scope_t *sc,
                              mq_pair_state_t state, const mq_pair_place_t *after)
{
    const mq_param_t most = mq_bind_int(MQ_PAIRS_SHOWN + 1);
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *found = apr_array_make(pool, MQ_PAIRS_SHOWN + 1, sizeof(pair_row_t));
    mq_rows_t rows;
    apr_status_t rv =
        after ? mq_db_select(&rows, sc, MQ_SQL_PATIENT_PAIRS_AFTER,
                             MQ_PARAMS(mq_bind_int(state), mq_bind_int(after->place),
                                       mq_bind_id(&after->one), mq_bind_id(&after->other), most))
              : mq_db_select(&rows, sc, MQ_SQL_PATIENT_PAIRS_FIRST,
                             MQ_PARAMS(mq_bind_int(state), most));
    MQ_TRY(rv);
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(found, pair_row_t) =
            (pair_row_t){.at = {.place = mq_rows_int(&rows, MQ_PATIENT_PAIR_PLACE),
                                .one = mq_rows_id(&rows, MQ_PATIENT_PAIR_ONE_ID),
                                .other = mq_rows_id(&rows, MQ_PATIENT_PAIR_OTHER_ID)},
                         .why = (int)mq_rows_int(&rows, MQ_PATIENT_PAIR_WHY),
                         .said_by = mq_rows_text(&rows, MQ_PATIENT_PAIR_SAID_BY_NAME, pool)};
    }
    *rows_out = found;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* @return MQ_ENOTFOUND one of the two is not in use: replaced, or an import is being undone */
static apr_status_t pair_read(mq_pair_t *pair_out, const mq_scope_t *sc, const pair_row_t *row)
{
    *pair_out = (mq_pair_t){.why = row->why, .said_at = row->at.place, .said_by = row->said_by};
    MQ_TRY(mq_patient_read(&pair_out->one, sc, &row->at.one));
    return mq_patient_read(&pair_out->other, sc, &row->at.other);
}

static apr_status_t pairs_disclose(const mq_scope_t *sc, const apr_array_header_t *pairs)
{
    mq_audit_event_t event = {.action = MQ_ACTION_PATIENTS_COMPARE, .outcome = MQ_OUTCOME_DONE};
    mq_id_t ids[2 * MQ_PAIRS_SHOWN];
    if (pairs->nelts == 0) {
        return APR_SUCCESS;
    }
    for (int i = 0; i < pairs->nelts; i++) {
        ids[2 * i] = APR_ARRAY_IDX(pairs, i, mq_pair_t).one.id;
        ids[2 * i + 1] = APR_ARRAY_IDX(pairs, i, mq_pair_t).other.id;
    }
    MQ_TRY(mq_audit_show(&event, ids, 2 * pairs->nelts, mq_scope_pool(sc)));
    return mq_disclose(sc, &event, NULL);
}

apr_status_t mq_pairs_page(mq_pairs_page_t *page_out, const mq_scope_t *sc, mq_pair_state_t state,
                           const mq_pair_place_t *after)
{
    apr_array_header_t *rows;
    apr_array_header_t *due;
    if (!mq_policy_allows(MQ_ACTION_PATIENT_DUPLICATES, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    *page_out = (mq_pairs_page_t){
        .pairs = apr_array_make(mq_scope_pool(sc), MQ_PAIRS_SHOWN, sizeof(mq_pair_t))};
    MQ_TRY(rows_read(&rows, sc, state, after));
    page_out->has_more = rows->nelts > MQ_PAIRS_SHOWN;
    for (int i = 0; i < rows->nelts && i < MQ_PAIRS_SHOWN; i++) {
        mq_pair_t pair;
        apr_status_t rv = pair_read(&pair, sc, &APR_ARRAY_IDX(rows, i, pair_row_t));
        page_out->last = APR_ARRAY_IDX(rows, i, pair_row_t).at;
        if (rv == APR_SUCCESS) {
            APR_ARRAY_PUSH(page_out->pairs, mq_pair_t) = pair;
        } else if (rv != MQ_ENOTFOUND) {
            return rv;
        }
    }
    MQ_TRY(due_read(&due, sc, 1));
    page_out->is_at_work = due->nelts > 0;
    return pairs_disclose(sc, page_out->pairs);
}

/* --- what people say --- */

typedef struct both_t {
    const mq_id_t *one;
    const mq_id_t *other;
} both_t;

static apr_status_t both_read(mq_patient_t *one_out, mq_patient_t *other_out, const mq_scope_t *sc,
                              const both_t *both)
{
    if (mq_id_equal(both->one, both->other)) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_patient_read(one_out, sc, both->one));
    return mq_patient_read(other_out, sc, both->other);
}

static apr_status_t part_work(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const both_t *both = data;
    mq_patient_t one;
    mq_patient_t other;
    int changed;
    MQ_TRY(both_read(&one, &other, sc, both));
    MQ_TRY(mq_pair_part(&changed, sc, both->one, both->other));
    if (!changed) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return APR_SUCCESS;
    }
    return mq_pair_record(event_io, sc, both->one, one.mrn, both->other, other.mrn);
}

apr_status_t mq_duplicates_part(const mq_scope_t *sc, const mq_id_t *one, const mq_id_t *other)
{
    both_t both = {one, other};
    return mq_change(sc, MQ_ACTION_PATIENTS_PART, part_work, &both);
}

static apr_status_t join_work(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const both_t *both = data;
    mq_patient_t one;
    mq_patient_t other;
    MQ_TRY(both_read(&one, &other, sc, both));
    MQ_TRY(mq_pair_join(sc, both->one, both->other));
    return mq_pair_record(event_io, sc, both->one, one.mrn, both->other, other.mrn);
}

apr_status_t mq_duplicates_join(const mq_scope_t *sc, const mq_id_t *one, const mq_id_t *other)
{
    both_t both = {one, other};
    return mq_change(sc, MQ_ACTION_PATIENTS_PART_UNDO, join_work, &both);
}

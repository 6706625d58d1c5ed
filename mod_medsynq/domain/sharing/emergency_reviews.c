/* emergency_reviews.c -- reading and reviewing what was opened in an emergency. What must stay
 * true: a review is made once, and no statement takes one away that was not. */
#include "domain/sharing/emergency_reviews.h"

#include <apr_strings.h>

#include "base/text.h"
#include "domain/keyset.h"

int mq_emergency_review_holds(mq_emergency_state_t state, const char *measures)
{
    return state == MQ_EMERGENCY_JUSTIFIED ||
           (state == MQ_EMERGENCY_UNJUSTIFIED && measures && mq_text_count_seen(measures) > 0);
}

static apr_status_t list_read(apr_array_header_t *list, mq_rows_t *rows, const mq_scope_t *sc)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_status_t rv;
    while ((rv = mq_rows_next(rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(list, mq_emergency_t) =
            (mq_emergency_t){.id = mq_rows_id(rows, MQ_EMERGENCY_ID),
                             .patient = mq_rows_id(rows, MQ_EMERGENCY_PATIENT_ID),
                             .by_name = mq_rows_text(rows, MQ_EMERGENCY_BY_NAME, pool),
                             .reason = mq_rows_text(rows, MQ_EMERGENCY_REASON, pool),
                             .opened_at = mq_rows_int(rows, MQ_EMERGENCY_OPENED_AT),
                             .until = mq_rows_int(rows, MQ_EMERGENCY_UNTIL_AT),
                             .marks = (int)mq_rows_int(rows, MQ_EMERGENCY_MARKS),
                             .state = (mq_emergency_state_t)mq_rows_int(rows, MQ_EMERGENCY_STATE)};
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_emergencies_waiting(apr_array_header_t **list_out, const mq_scope_t *sc)
{
    mq_rows_t rows;
    *list_out = apr_array_make(mq_scope_pool(sc), 4, sizeof(mq_emergency_t));
    if (!mq_policy_allows(MQ_ACTION_EMERGENCIES_LIST, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_EMERGENCIES_WAITING,
                        MQ_PARAMS(mq_bind_int(MQ_EMERGENCIES_WAITING_MOST))));
    return list_read(*list_out, &rows, sc);
}

apr_status_t mq_emergencies_page(apr_array_header_t **list_out, int *has_next_out,
                                 const mq_scope_t *sc, const mq_id_t *before)
{
    mq_rows_t rows;
    *list_out = apr_array_make(mq_scope_pool(sc), 8, sizeof(mq_emergency_t));
    if (!mq_policy_allows(MQ_ACTION_EMERGENCIES_LIST, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_db_select(
        &rows, sc, MQ_SQL_EMERGENCIES_BEFORE,
        MQ_PARAMS(mq_bind_id(mq_keyset_before(before)), mq_bind_int(MQ_EMERGENCIES_PER_PAGE + 1))));
    MQ_TRY(list_read(*list_out, &rows, sc));
    *has_next_out = mq_keyset_cut(*list_out, MQ_EMERGENCIES_PER_PAGE);
    return APR_SUCCESS;
}

/* --- one --- */

static apr_status_t one_find(mq_emergency_seen_t *seen, const mq_scope_t *sc, const mq_id_t *id)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_EMERGENCY_BY_ID, MQ_PARAMS(mq_bind_id(id))));
    *seen = (mq_emergency_seen_t){
        .emergency = {.id = *id,
                      .patient = mq_rows_id(&rows, MQ_EMERGENCY_BY_ID_PATIENT_ID),
                      .by_name = mq_rows_text(&rows, MQ_EMERGENCY_BY_ID_BY_NAME, pool),
                      .reason = mq_rows_text(&rows, MQ_EMERGENCY_BY_ID_REASON, pool),
                      .opened_at = mq_rows_int(&rows, MQ_EMERGENCY_BY_ID_OPENED_AT),
                      .until = mq_rows_int(&rows, MQ_EMERGENCY_BY_ID_UNTIL_AT),
                      .marks = (int)mq_rows_int(&rows, MQ_EMERGENCY_BY_ID_MARKS),
                      .state = (mq_emergency_state_t)mq_rows_int(&rows, MQ_EMERGENCY_BY_ID_STATE)},
        .ended_at = mq_rows_int(&rows, MQ_EMERGENCY_BY_ID_ENDED_AT),
        .reviewed_at = mq_rows_int(&rows, MQ_EMERGENCY_BY_ID_REVIEWED_AT),
        .reviewed_by = mq_rows_text(&rows, MQ_EMERGENCY_BY_ID_REVIEWED_BY_NAME, pool),
        .measures = mq_rows_text(&rows, MQ_EMERGENCY_BY_ID_MEASURES, pool)};
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t patient_name(mq_emergency_seen_t *seen, const mq_scope_t *sc)
{
    mq_rows_t rows;
    apr_status_t rv = mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_BRIEF,
                                       MQ_PARAMS(mq_bind_id(&seen->emergency.patient)));
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    seen->patient_name = mq_rows_text(&rows, MQ_PATIENT_BRIEF_NAME, mq_scope_pool(sc));
    seen->patient_mrn = mq_rows_text(&rows, MQ_PATIENT_BRIEF_MRN, mq_scope_pool(sc));
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

typedef struct viewing_t {
    mq_emergency_seen_t *seen;
    const mq_id_t *id;
} viewing_t;

static apr_status_t view(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const viewing_t *viewing = data;
    MQ_TRY(one_find(viewing->seen, sc, viewing->id));
    MQ_TRY(patient_name(viewing->seen, sc));
    event_io->object = viewing->id;
    event_io->patient = &viewing->seen->emergency.patient;
    if (mq_scope_shows_nothing(sc)) {
        event_io->outcome = MQ_OUTCOME_NONE;
    }
    return APR_SUCCESS;
}

apr_status_t mq_emergency_view(mq_emergency_seen_t *seen_out, const mq_scope_t *sc,
                               const mq_id_t *id)
{
    viewing_t viewing = {.seen = seen_out, .id = id};
    return mq_change(sc, MQ_ACTION_EMERGENCY_VIEW, view, &viewing);
}

/* --- reviewing --- */

typedef struct reviewing_t {
    const mq_id_t *id;
    mq_emergency_state_t state;
    const char *measures;
    mq_id_t patient;
} reviewing_t;

static apr_status_t review(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    reviewing_t *reviewing = data;
    const char *said = reviewing->state == MQ_EMERGENCY_JUSTIFIED ? "justified" : "not justified";
    mq_emergency_seen_t seen;
    int changed = 0;
    MQ_TRY(one_find(&seen, sc, reviewing->id));
    reviewing->patient = seen.emergency.patient;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_EMERGENCY_REVIEW,
                        MQ_PARAMS(mq_bind_int(reviewing->state), mq_bind_int(mq_scope_now(sc)),
                                  mq_bind_id(mq_scope_user(sc)), mq_bind_text(reviewing->measures),
                                  mq_bind_id(reviewing->id))));
    if (!changed) {
        return MQ_ECONFLICT;
    }
    event_io->object = reviewing->id;
    event_io->patient = &reviewing->patient;
    event_io->reason = reviewing->measures
                           ? apr_pstrcat(mq_scope_pool(sc), said, ": ", reviewing->measures, NULL)
                           : said;
    return APR_SUCCESS;
}

apr_status_t mq_emergency_review(const mq_scope_t *sc, const mq_id_t *id,
                                 mq_emergency_state_t state, const char *measures)
{
    reviewing_t reviewing = {.id = id, .state = state, .measures = measures};
    if (!mq_emergency_review_holds(state, measures)) {
        return MQ_EINVALID;
    }
    return mq_change(sc, MQ_ACTION_EMERGENCY_REVIEW, review, &reviewing);
}

/* patients.c -- adding and reading patient records. Every change and every disclosure is recorded
 * in the trail; SQL is in store/statements.sql, lists are in patient_lists.c. */
#include "domain/patients.h"

#include <string.h>

#include "base/text.h"
#include "domain/audit.h"
#include "domain/core.h"
#include "domain/counters.h"
#include "domain/disclosures.h"
#include "domain/mrn.h"
#include "domain/patient_index.h"
#include "domain/policy.h"

static const char counter_mrn[] = "mrn";

apr_status_t mq_patients_prepare(const mq_scope_t *sc)
{
    MQ_TRY(mq_counter_add(sc, counter_mrn, 0));
    return mq_counter_add(sc, MQ_COUNTER_ACTIVE, 0);
}

static apr_status_t patient_insert(mq_id_t *id_out, const mq_scope_t *sc,
                                   const mq_patient_new_t *in)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    const mq_id_t *user = mq_scope_user(sc);
    apr_int64_t number;
    int changed = 0;
    MQ_TRY(mq_id_make(id_out));
    while (changed == 0) { /* a number that an import has taken is passed over */
        MQ_TRY(mq_counter_add(sc, counter_mrn, 1));
        MQ_TRY(mq_counter_value(&number, sc, counter_mrn));
        MQ_TRY(mq_db_change(
            &changed, sc, MQ_SQL_PATIENT_INSERT,
            MQ_PARAMS(mq_bind_id(id_out), mq_bind_text(mq_mrn_format(number, pool)),
                      mq_bind_text(in->name),
                      mq_bind_text(mq_text_search_key(mq_scope_core(sc)->folding, in->name, pool)),
                      mq_bind_text(in->birth_date), mq_bind_int(mq_scope_now(sc)),
                      mq_bind_id(user), mq_bind_int(mq_scope_now(sc)), mq_bind_id(user))));
    }
    MQ_TRY(mq_patient_index_add(sc, id_out));
    return mq_patient_registered(sc, mq_scope_now(sc), 1);
}

static apr_status_t note_insert(const mq_scope_t *sc, const mq_id_t *patient, const char *content)
{
    mq_id_t id;
    mq_audit_event_t event = {.action = MQ_ACTION_PATIENT_NOTE_ADD, .outcome = MQ_OUTCOME_DONE,
                              .object = &id, .patient = patient};
    MQ_TRY(mq_id_make(&id));
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_PATIENT_NOTE_INSERT,
                        MQ_PARAMS(mq_bind_id(patient), mq_bind_id(&id),
                                  mq_bind_id(mq_scope_user(sc)), mq_bind_text(content),
                                  mq_bind_int(mq_scope_now(sc)))));
    return mq_audit_write(sc, &event);
}

static apr_status_t patient_add(mq_id_t *id_out, const mq_scope_t *sc, const mq_patient_new_t *in)
{
    mq_audit_event_t event = {.action = MQ_ACTION_PATIENT_ADD, .outcome = MQ_OUTCOME_DONE,
                              .patient = id_out};
    MQ_TRY(patient_insert(id_out, sc, in));
    MQ_TRY(mq_audit_write(sc, &event));
    if (in->notes && *in->notes) {
        MQ_TRY(note_insert(sc, id_out, in->notes));
    }
    return mq_db_commit(sc);
}

apr_status_t mq_patient_add(mq_id_t *id_out, const mq_scope_t *sc, const mq_patient_new_t *in)
{
    apr_status_t rv;
    if (!mq_policy_allows(MQ_ACTION_PATIENT_ADD, mq_scope_roles(sc)) ||
        (in->notes && *in->notes &&
         !mq_policy_allows(MQ_ACTION_PATIENT_NOTE_ADD, mq_scope_roles(sc)))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_db_begin(sc));
    rv = patient_add(id_out, sc, in);
    if (rv != APR_SUCCESS) {
        mq_db_rollback(sc);
    }
    return rv;
}

apr_status_t mq_patient_view(mq_patient_t *patient_out, const mq_scope_t *sc, const mq_id_t *id)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_audit_event_t event = {.action = MQ_ACTION_PATIENT_VIEW, .outcome = MQ_OUTCOME_DONE,
                              .patient = id};
    mq_rows_t rows;
    if (!mq_policy_allows(MQ_ACTION_PATIENT_VIEW, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_BY_ID, MQ_PARAMS(mq_bind_id(id))));
    *patient_out = (mq_patient_t){.id = *id,
                                  .version = mq_rows_int(&rows, 0),
                                  .mrn = mq_rows_text(&rows, 1, pool),
                                  .name = mq_rows_text(&rows, 2, pool),
                                  .birth_date = mq_rows_text(&rows, 3, pool),
                                  .status = (mq_patient_status_t)mq_rows_int(&rows, 4),
                                  .created_at = mq_rows_int(&rows, 5),
                                  .updated_at = mq_rows_int(&rows, 6)};
    mq_rows_close(&rows);
    return mq_disclose(sc, &event, mq_patient_opened);
}

apr_status_t mq_patient_notes(apr_array_header_t **notes_out, const mq_scope_t *sc,
                              const mq_id_t *patient, int limit)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *notes = apr_array_make(pool, 8, sizeof(mq_patient_note_t));
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENT_NOTES_NEWEST,
                        MQ_PARAMS(mq_bind_id(patient), mq_bind_int(limit))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(notes, mq_patient_note_t) =
            (mq_patient_note_t){.id = mq_rows_id(&rows, 0),
                                .content = mq_rows_text(&rows, 1, pool),
                                .created_at = mq_rows_int(&rows, 2),
                                .author = mq_rows_text(&rows, 3, pool)};
    }
    *notes_out = notes;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

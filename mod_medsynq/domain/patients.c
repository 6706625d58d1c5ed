/* patients.c -- adding, reading and listing patient records. Every change and every disclosure is
 * recorded in the trail; SQL is in store/statements.sql. */
#include "domain/patients.h"

#include <string.h>

#include "base/text.h"
#include "domain/audit.h"
#include "domain/core.h"
#include "domain/mrn.h"
#include "domain/policy.h"

static const char counter_mrn[] = "mrn";
static const char counter_active[] = "patients.active";

apr_status_t mq_patients_prepare(const mq_scope_t *sc)
{
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_COUNTER_START, MQ_PARAMS(mq_bind_text(counter_mrn))));
    return mq_db_change(NULL, sc, MQ_SQL_COUNTER_START, MQ_PARAMS(mq_bind_text(counter_active)));
}

static apr_status_t counter_value(apr_int64_t *value_out, const mq_scope_t *sc, const char *name)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_COUNTER_VALUE, MQ_PARAMS(mq_bind_text(name))));
    *value_out = mq_rows_int(&rows, 0);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t counter_add(const mq_scope_t *sc, const char *name, int step)
{
    return mq_db_change(NULL, sc, MQ_SQL_COUNTER_ADD,
                        MQ_PARAMS(mq_bind_int(step), mq_bind_text(name)));
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
        MQ_TRY(counter_add(sc, counter_mrn, 1));
        MQ_TRY(counter_value(&number, sc, counter_mrn));
        MQ_TRY(mq_db_change(
            &changed, sc, MQ_SQL_PATIENT_INSERT,
            MQ_PARAMS(mq_bind_id(id_out), mq_bind_text(mq_mrn_format(number, pool)),
                      mq_bind_text(in->name),
                      mq_bind_text(mq_text_search_key(mq_scope_core(sc)->folding, in->name, pool)),
                      mq_bind_text(in->birth_date), mq_bind_int(mq_scope_now(sc)),
                      mq_bind_id(user), mq_bind_int(mq_scope_now(sc)), mq_bind_id(user))));
    }
    return counter_add(sc, counter_active, 1);
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
    return mq_audit_record(sc, &event);
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

static apr_status_t page_select(mq_rows_t *rows_out, const mq_scope_t *sc, mq_page_place_t place,
                                const mq_id_t *anchor, int limit)
{
    mq_rows_t rows;
    const char *key;
    if (place == MQ_PAGE_FIRST) {
        return mq_db_select(rows_out, sc, MQ_SQL_PATIENTS_FIRST,
                            MQ_PARAMS(mq_bind_int(MQ_PATIENT_ACTIVE), mq_bind_int(limit)));
    }
    /* the URL carries the row's id only: its sort key would put a name into logs */
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_SORT_KEY, MQ_PARAMS(mq_bind_id(anchor))));
    key = mq_rows_text(&rows, 0, mq_scope_pool(sc));
    mq_rows_close(&rows);
    return mq_db_select(
        rows_out, sc, place == MQ_PAGE_AFTER ? MQ_SQL_PATIENTS_AFTER : MQ_SQL_PATIENTS_BEFORE,
        MQ_PARAMS(mq_bind_int(MQ_PATIENT_ACTIVE), mq_bind_text(key), mq_bind_id(anchor),
                  mq_bind_int(limit)));
}

static void rows_reverse(mq_patient_t *rows, int count)
{
    for (int i = 0; i < count / 2; i++) {
        mq_patient_t row = rows[i];
        rows[i] = rows[count - 1 - i];
        rows[count - 1 - i] = row;
    }
}

apr_status_t mq_patients_page(mq_patients_page_t *page_out, const mq_scope_t *sc,
                              mq_page_place_t place, const mq_id_t *anchor)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_audit_event_t event = {.action = MQ_ACTION_PATIENTS_LIST, .outcome = MQ_OUTCOME_DONE};
    mq_patient_t *patients = apr_pcalloc(pool, sizeof *patients * MQ_PATIENTS_PER_PAGE);
    mq_rows_t rows;
    apr_status_t rv;
    int more;
    int count = 0;

    if (!mq_policy_allows(MQ_ACTION_PATIENTS_LIST, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(page_select(&rows, sc, place, anchor, MQ_PATIENTS_PER_PAGE + 1));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS && count < MQ_PATIENTS_PER_PAGE) {
        patients[count++] = (mq_patient_t){.id = mq_rows_id(&rows, 0),
                                           .name = mq_rows_text(&rows, 1, pool),
                                           .birth_date = mq_rows_text(&rows, 2, pool),
                                           .mrn = mq_rows_text(&rows, 3, pool),
                                           .status = MQ_PATIENT_ACTIVE};
    }
    more = rv == APR_SUCCESS;
    mq_rows_close(&rows);
    if (!more && rv != APR_EOF) {
        return rv;
    }
    if (place == MQ_PAGE_BEFORE) {
        rows_reverse(patients, count);
    }
    *page_out = (mq_patients_page_t){
        .rows = patients,
        .count = count,
        .has_previous = place == MQ_PAGE_AFTER || (place == MQ_PAGE_BEFORE && more),
        .has_next = place == MQ_PAGE_BEFORE || more};
    return mq_audit_record(sc, &event);
}

apr_status_t mq_patients_total(apr_int64_t *total_out, const mq_scope_t *sc)
{
    return counter_value(total_out, sc, counter_active);
}

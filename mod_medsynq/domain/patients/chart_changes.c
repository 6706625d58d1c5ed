/* chart_changes.c -- changing the items of a chart; SQL is in store/statements/chart_items.sql. */
#include "domain/patients/chart_changes.h"

#include <string.h>

#include "base/text.h"
#include "domain/change.h"
#include "domain/core.h"
#include "domain/organisations/export_json.h"
#include "domain/patients/patient_record.h"

/* What is to be done. */
typedef struct chart_work_t {
    const mq_id_t *patient;
    const mq_chart_kind_t *kind;
    const mq_id_t *item; /* NULL: a new one */
    apr_int64_t version;
    const char *const *values; /* NULL: they stay */
    const char *reason;
    mq_id_t added;
} chart_work_t;

static const char *const no_values[MQ_CHART_FIELDS_MOST];

/* Every change begins with an active record; its standing items come along with it. */
static apr_status_t chart_open(mq_patient_t *patient_out, mq_audit_event_t *event_io,
                               const mq_scope_t *sc, const chart_work_t *work)
{
    event_io->patient = work->patient;
    event_io->object = work->item;
    MQ_TRY(mq_patient_read(patient_out, sc, work->patient));
    return patient_out->status == MQ_PATIENT_ACTIVE ? APR_SUCCESS : MQ_ECONFLICT;
}

static mq_day_t today_of(const mq_scope_t *sc)
{
    mq_day_t today;
    mq_field_today(&today, mq_scope_now(sc));
    return today;
}

static apr_status_t values_check(const mq_scope_t *sc, const chart_work_t *work)
{
    mq_chart_faults_t faults;
    const mq_day_t today = today_of(sc);
    return mq_chart_check(&faults, work->kind, work->values, &today, mq_scope_pool(sc));
}

static apr_status_t item_insert(chart_work_t *work, const mq_scope_t *sc, int is_none)
{
    const char *const *values = is_none ? no_values : work->values;
    const mq_param_t now = mq_bind_int(mq_scope_now(sc));
    const mq_param_t user = mq_bind_id(mq_scope_user(sc));
    MQ_TRY(mq_id_make(&work->added));
    return mq_db_change(
        NULL, sc, MQ_SQL_CHART_ITEM_INSERT,
        MQ_PARAMS(mq_bind_id(work->patient), mq_bind_id(&work->added),
                  mq_bind_int(work->kind->number), mq_bind_int(is_none), now, user, now, user,
                  mq_bind_text(is_none ? work->kind->none : values[0]),
                  mq_bind_text(mq_chart_encode(work->kind, values, mq_scope_pool(sc)))));
}

/* The version that is replaced is kept first. */
static apr_status_t item_update(const mq_scope_t *sc, const mq_id_t *patient,
                                const mq_chart_item_t *old, mq_chart_state_t state,
                                const char *const *values, const char *reason)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    int changed = 0;
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_CHART_ITEM_VERSION_INSERT,
                        MQ_PARAMS(mq_bind_id(&old->id), mq_bind_int(old->version),
                                  mq_bind_int(old->kind->number), mq_bind_int(old->state),
                                  mq_bind_int(old->updated_at), mq_bind_id(&old->updated_by),
                                  mq_bind_text(old->reason),
                                  mq_bind_text(mq_chart_encode(old->kind, old->values, pool)))));
    MQ_TRY(mq_db_change(
        &changed, sc, MQ_SQL_CHART_ITEM_UPDATE,
        MQ_PARAMS(mq_bind_int(state), mq_bind_int(mq_scope_now(sc)), mq_bind_id(mq_scope_user(sc)),
                  mq_bind_text(reason), mq_bind_text(old->is_none ? old->kind->none : values[0]),
                  mq_bind_text(mq_chart_encode(old->kind, values, pool)), mq_bind_id(patient),
                  mq_bind_id(&old->id), mq_bind_int(old->version))));
    return changed == 1 ? APR_SUCCESS : MQ_ECONFLICT;
}

/* @return the statement of none, if there is one; after a merge there may be several */
static const mq_chart_item_t *none_of(const mq_patient_t *patient, const mq_chart_kind_t *kind)
{
    for (int i = 0; i < patient->chart->nelts; i++) {
        const mq_chart_item_t *item = &APR_ARRAY_IDX(patient->chart, i, mq_chart_item_t);
        if (item->kind == kind && item->is_none) {
            return item;
        }
    }
    return NULL;
}

/* Who is said to have none, and has one now, no longer has none: whoever has said so, and how often
 * two who were merged have. */
static apr_status_t none_overtake(const mq_scope_t *sc, const mq_patient_t *patient,
                                  const chart_work_t *work)
{
    const mq_day_t today = today_of(sc);
    if (work->kind->is_past(work->values, &today)) {
        return APR_SUCCESS;
    }
    for (int i = 0; i < patient->chart->nelts; i++) {
        const mq_chart_item_t *item = &APR_ARRAY_IDX(patient->chart, i, mq_chart_item_t);
        if (item->kind == work->kind && item->is_none) {
            MQ_TRY(item_update(sc, work->patient, item, MQ_CHART_OVERTAKEN, no_values, NULL));
        }
    }
    return APR_SUCCESS;
}

static apr_status_t item_add(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    chart_work_t *work = data;
    mq_patient_t patient;
    MQ_TRY(values_check(sc, work));
    MQ_TRY(chart_open(&patient, event_io, sc, work));
    event_io->object = &work->added;
    if (patient.chart->nelts >= MQ_CHART_STANDING_MOST) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(none_overtake(sc, &patient, work));
    return item_insert(work, sc, 0);
}

apr_status_t mq_chart_add(mq_id_t *id_out, const mq_scope_t *sc, const mq_id_t *patient,
                          const mq_chart_kind_t *kind, const char *const *values)
{
    chart_work_t work = {.patient = patient, .kind = kind, .values = values};
    MQ_TRY(mq_change_once(sc, kind->adding, item_add, &work));
    *id_out = work.added;
    return APR_SUCCESS;
}

/* @param from in this state, and changed at the instant, unless that is 0 */
static apr_status_t nones_set(const mq_scope_t *sc, const mq_id_t *patient,
                              const mq_chart_kind_t *kind, mq_chart_state_t from,
                              mq_chart_state_t to, apr_time_t at)
{
    apr_array_header_t *items;
    MQ_TRY(mq_chart_items(&items, sc, patient, kind));
    for (int i = 0; i < items->nelts; i++) {
        const mq_chart_item_t *item = &APR_ARRAY_IDX(items, i, mq_chart_item_t);
        if (item->is_none && item->state == from && (!at || item->updated_at == at)) {
            MQ_TRY(item_update(sc, patient, item, to, no_values, NULL));
        }
    }
    return APR_SUCCESS;
}

static apr_status_t nones_of_all(const mq_scope_t *sc, const mq_id_t *patient, int some,
                                 mq_chart_state_t from, mq_chart_state_t to, apr_time_t at)
{
    const mq_day_t today = today_of(sc);
    apr_array_header_t *standing;
    MQ_TRY(mq_chart_standing(&standing, sc, patient));
    for (int i = 0; i < MQ_CHART_KINDS; i++) {
        const mq_chart_kind_t *kind = &mq_chart_kinds[i];
        if ((mq_chart_summary(NULL, standing, kind, &today) == MQ_CHART_SOME) == some) {
            MQ_TRY(nones_set(sc, patient, kind, from, to, at));
        }
    }
    return APR_SUCCESS;
}

apr_status_t mq_chart_merged(const mq_scope_t *sc, const mq_id_t *patient)
{
    return nones_of_all(sc, patient, 1, MQ_CHART_STANDS, MQ_CHART_OVERTAKEN, 0);
}

/* What has no words, such as "+", is told apart by its signs. */
static const char *said_key(const mq_scope_t *sc, const char *said)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    const char *key = mq_text_search_key(mq_scope_core(sc)->folding, said, pool);
    return *key ? key : mq_text_name_key(said, pool);
}

static int is_such(const mq_scope_t *sc, const mq_chart_item_t *item, const mq_chart_kind_t *kind,
                   const char *key)
{
    return item->kind == kind && !item->is_none && strcmp(said_key(sc, item->values[0]), key) == 0;
}

/* @return whether one stands that names the same thing */
static int has_such(const mq_scope_t *sc, const apr_array_header_t *standing,
                    const mq_chart_item_t *such)
{
    const char *key = said_key(sc, such->values[0]);
    for (int i = 0; i < standing->nelts; i++) {
        if (is_such(sc, &APR_ARRAY_IDX(standing, i, mq_chart_item_t), such->kind, key)) {
            return 1;
        }
    }
    return 0;
}

apr_status_t mq_chart_like(apr_array_header_t **like_out, const mq_scope_t *sc,
                           const mq_id_t *patient, const mq_chart_kind_t *kind, const char *said,
                           const mq_id_t *self)
{
    const char *key = said_key(sc, said);
    const mq_day_t today = today_of(sc);
    mq_patient_t record;
    *like_out = apr_array_make(mq_scope_pool(sc), 4, sizeof(mq_chart_item_t));
    MQ_TRY(mq_patient_read(&record, sc, patient));
    for (int i = 0; record.status == MQ_PATIENT_ACTIVE && i < record.chart->nelts; i++) {
        const mq_chart_item_t *item = &APR_ARRAY_IDX(record.chart, i, mq_chart_item_t);
        if (!is_such(sc, item, kind, key)) {
            continue;
        }
        if (self && mq_id_equal(&item->id, self)) {
            (*like_out)->nelts = 0;
            return APR_SUCCESS;
        }
        if ((*like_out)->nelts < MQ_CHART_LIKE_MOST &&
            (kind->number == MQ_CHART_ALLERGIES || mq_chart_is_current(item, &today))) {
            APR_ARRAY_PUSH(*like_out, mq_chart_item_t) = *item;
        }
    }
    return APR_SUCCESS;
}

/* Of two who were one, both had it, and one of the two entries was marked in error because it stood
 * there twice: apart, each has one again. */
static apr_status_t doubles_return(const mq_scope_t *sc, const mq_id_t *patient,
                                   const mq_id_t *other, apr_time_t merged_at)
{
    apr_array_header_t *mine;
    apr_array_header_t *theirs;
    MQ_TRY(mq_chart_standing(&mine, sc, patient));
    MQ_TRY(mq_chart_standing(&theirs, sc, other));
    for (int k = 0; k < MQ_CHART_KINDS; k++) {
        apr_array_header_t *items;
        MQ_TRY(mq_chart_items(&items, sc, patient, &mq_chart_kinds[k]));
        for (int i = 0; i < items->nelts; i++) {
            const mq_chart_item_t *item = &APR_ARRAY_IDX(items, i, mq_chart_item_t);
            if (item->state == MQ_CHART_IN_ERROR && !item->is_none &&
                item->created_at <= merged_at && item->updated_at >= merged_at &&
                has_such(sc, theirs, item) && !has_such(sc, mine, item)) {
                MQ_TRY(item_update(sc, patient, item, MQ_CHART_STANDS, item->values, NULL));
                APR_ARRAY_PUSH(mine, mq_chart_item_t) = *item;
            }
        }
    }
    return APR_SUCCESS;
}

apr_status_t mq_chart_separated(const mq_scope_t *sc, const mq_id_t *patient, const mq_id_t *other,
                                apr_time_t merged_at)
{
    MQ_TRY(doubles_return(sc, patient, other, merged_at));
    return nones_of_all(sc, patient, 0, MQ_CHART_OVERTAKEN, MQ_CHART_STANDS, merged_at);
}

static apr_status_t none_add(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    chart_work_t *work = data;
    const mq_chart_item_t *none;
    const mq_day_t today = today_of(sc);
    mq_patient_t patient;
    MQ_TRY(chart_open(&patient, event_io, sc, work));
    event_io->reason = "none";
    if (!work->kind->none ||
        mq_chart_summary(NULL, patient.chart, work->kind, &today) == MQ_CHART_SOME) {
        return MQ_ECONFLICT;
    }
    none = none_of(&patient, work->kind);
    if (none) {
        work->added = none->id;
        event_io->object = &work->added;
        return item_update(sc, work->patient, none, MQ_CHART_STANDS, no_values, NULL);
    }
    event_io->object = &work->added;
    return item_insert(work, sc, 1);
}

apr_status_t mq_chart_add_none(const mq_scope_t *sc, const mq_id_t *patient,
                               const mq_chart_kind_t *kind)
{
    chart_work_t work = {.patient = patient, .kind = kind};
    return mq_change_once(sc, kind->adding, none_add, &work);
}

static apr_status_t item_find(mq_chart_item_t *item_out, const mq_scope_t *sc,
                              const chart_work_t *work)
{
    MQ_TRY(mq_chart_item_read(item_out, sc, work->patient, work->item));
    if (item_out->kind != work->kind) {
        return MQ_ENOTFOUND;
    }
    return item_out->version == work->version && item_out->state == MQ_CHART_STANDS ? APR_SUCCESS
                                                                                    : MQ_ECONFLICT;
}

static int says_the_same(const chart_work_t *work, const mq_chart_item_t *item, apr_pool_t *pool)
{
    return strcmp(mq_chart_encode(work->kind, work->values, pool),
                  mq_chart_encode(work->kind, item->values, pool)) == 0;
}

static apr_status_t item_change(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const chart_work_t *work = data;
    mq_chart_item_t item;
    mq_patient_t patient;
    MQ_TRY(values_check(sc, work));
    MQ_TRY(chart_open(&patient, event_io, sc, work));
    MQ_TRY(item_find(&item, sc, work));
    if (item.is_none) {
        return MQ_ECONFLICT;
    }
    if (says_the_same(work, &item, mq_scope_pool(sc))) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return APR_SUCCESS;
    }
    MQ_TRY(none_overtake(sc, &patient, work));
    return item_update(sc, work->patient, &item, MQ_CHART_STANDS, work->values, NULL);
}

apr_status_t mq_chart_change(const mq_scope_t *sc, const mq_id_t *patient,
                             const mq_chart_kind_t *kind, const mq_id_t *id, apr_int64_t version,
                             const char *const *values)
{
    chart_work_t work = {
        .patient = patient, .kind = kind, .item = id, .version = version, .values = values};
    return mq_change(sc, kind->changing, item_change, &work);
}

static apr_status_t item_mark_error(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const chart_work_t *work = data;
    mq_chart_item_t item;
    mq_patient_t patient;
    MQ_TRY(chart_open(&patient, event_io, sc, work));
    event_io->reason = work->reason;
    MQ_TRY(item_find(&item, sc, work));
    return item_update(sc, work->patient, &item, MQ_CHART_IN_ERROR, item.values, work->reason);
}

apr_status_t mq_chart_mark_error(const mq_scope_t *sc, const mq_id_t *patient,
                                 const mq_chart_kind_t *kind, const mq_id_t *id,
                                 apr_int64_t version, const char *reason)
{
    const mq_field_rule_t rule = {MQ_FIELD_LINE, MQ_LIMIT_REASON, NULL};
    chart_work_t work = {
        .patient = patient, .kind = kind, .item = id, .version = version, .reason = reason};
    if (!mq_field_holds(&rule, reason, mq_scope_pool(sc))) {
        return MQ_EINVALID;
    }
    return mq_change(sc, kind->error, item_mark_error, &work);
}

/* --- as a part of a patient --- */

static void item_write(mq_json_t *json, mq_row_place_t *place_out, const mq_rows_t *rows,
                       apr_pool_t *pool)
{
    const mq_chart_kind_t *kind = mq_chart_kind(mq_rows_int(rows, MQ_EXPORT_CHART_ITEMS_KIND));
    place_out->patient = mq_rows_id(rows, MQ_EXPORT_CHART_ITEMS_PATIENT_ID);
    place_out->item = mq_rows_id(rows, MQ_EXPORT_CHART_ITEMS_ID);
    mq_export_id(json, "patient_id", rows, MQ_EXPORT_CHART_ITEMS_PATIENT_ID, pool);
    mq_export_id(json, "id", rows, MQ_EXPORT_CHART_ITEMS_ID, pool);
    mq_json_text(json, "kind", kind ? kind->name : "other");
    mq_json_text(json, "resource", kind ? kind->resource : NULL);
    mq_json_flag(json, "none_known", mq_rows_int(rows, MQ_EXPORT_CHART_ITEMS_IS_NONE) != 0);
    mq_json_int(json, "version", mq_rows_int(rows, MQ_EXPORT_CHART_ITEMS_VERSION));
    mq_json_text(json, "state",
                 mq_chart_state_word(mq_rows_int(rows, MQ_EXPORT_CHART_ITEMS_STATE)));
    mq_export_time(json, "created_at", rows, MQ_EXPORT_CHART_ITEMS_CREATED_AT, pool);
    mq_export_id(json, "created_by", rows, MQ_EXPORT_CHART_ITEMS_CREATED_BY, pool);
    mq_export_time(json, "updated_at", rows, MQ_EXPORT_CHART_ITEMS_UPDATED_AT, pool);
    mq_export_id(json, "updated_by", rows, MQ_EXPORT_CHART_ITEMS_UPDATED_BY, pool);
    mq_json_text(json, "error_reason", mq_rows_text(rows, MQ_EXPORT_CHART_ITEMS_REASON, pool));
    mq_chart_values_export(json, kind, mq_rows_text(rows, MQ_EXPORT_CHART_ITEMS_FIELDS, pool),
                           pool);
}

static const mq_record_rows_t item_rows = {.name = "chart_items",
                                           .key = MQ_KEY_PATIENT | MQ_KEY_ITEM,
                                           .all = MQ_SQL_EXPORT_CHART_ITEMS,
                                           .of_patient = MQ_SQL_EXPORT_CHART_ITEMS_ONE,
                                           .write = item_write};

static void item_version_write(mq_json_t *json, mq_row_place_t *place_out, const mq_rows_t *rows,
                               apr_pool_t *pool)
{
    const mq_chart_kind_t *kind =
        mq_chart_kind(mq_rows_int(rows, MQ_EXPORT_CHART_ITEM_VERSIONS_KIND));
    place_out->item = mq_rows_id(rows, MQ_EXPORT_CHART_ITEM_VERSIONS_ITEM_ID);
    place_out->number = mq_rows_int(rows, MQ_EXPORT_CHART_ITEM_VERSIONS_VERSION);
    mq_export_id(json, "patient_id", rows, MQ_EXPORT_CHART_ITEM_VERSIONS_PATIENT_ID, pool);
    mq_export_id(json, "item_id", rows, MQ_EXPORT_CHART_ITEM_VERSIONS_ITEM_ID, pool);
    mq_json_text(json, "item", mq_rows_text(rows, MQ_EXPORT_CHART_ITEM_VERSIONS_SAID, pool));
    mq_json_text(json, "kind", kind ? kind->name : "other");
    mq_json_int(json, "version", place_out->number);
    mq_json_text(json, "state",
                 mq_chart_state_word(mq_rows_int(rows, MQ_EXPORT_CHART_ITEM_VERSIONS_STATE)));
    mq_export_time(json, "changed_at", rows, MQ_EXPORT_CHART_ITEM_VERSIONS_CHANGED_AT, pool);
    mq_export_id(json, "changed_by", rows, MQ_EXPORT_CHART_ITEM_VERSIONS_CHANGED_BY, pool);
    mq_json_text(json, "error_reason",
                 mq_rows_text(rows, MQ_EXPORT_CHART_ITEM_VERSIONS_REASON, pool));
    mq_chart_values_export(json, kind,
                           mq_rows_text(rows, MQ_EXPORT_CHART_ITEM_VERSIONS_FIELDS, pool), pool);
}

static const mq_record_rows_t item_version_rows = {.name = "chart_item_versions",
                                                   .key = MQ_KEY_ITEM | MQ_KEY_NUMBER,
                                                   .all = MQ_SQL_EXPORT_CHART_ITEM_VERSIONS,
                                                   .of_patient =
                                                       MQ_SQL_EXPORT_CHART_ITEM_VERSIONS_ONE,
                                                   .write = item_version_write};

const mq_patient_part_t mq_chart_part = {.name = "chart_items",
                                         .touched = MQ_SQL_CHART_ITEMS_TOUCHED,
                                         .remove_one = MQ_SQL_CHART_ITEM_REMOVE,
                                         .reading = MQ_ACTION_CHART_READ,
                                         .items = MQ_SQL_CHART_ITEMS_ITEMS,
                                         .move = MQ_SQL_CHART_ITEMS_MOVE,
                                         .move_one = MQ_SQL_CHART_ITEM_MOVE,
                                         .since = MQ_SQL_CHART_ITEMS_SINCE,
                                         .rows = &item_rows,
                                         .versions = &item_version_rows};

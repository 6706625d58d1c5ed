/* merges.c -- merging and separating. Each is one change of two records: whatever happens in
 * between, either both have it or neither. */
#include "domain/patients/merges.h"

#include <string.h>

#include "domain/change.h"
#include "domain/patients/chart_changes.h"
#include "domain/patients/pair_events.h"
#include "domain/patients/patient_history.h"
#include "domain/patients/patient_index.h"
#include "domain/patients/patient_pairs.h"
#include "domain/patients/patient_parts.h"
#include "domain/patients/patient_versions.h"
#include "domain/policy.h"

enum { ITEMS_AT_ONCE = 500 };

apr_status_t mq_merge_view(mq_patient_t *target_out, mq_patient_t *source_out, const mq_scope_t *sc,
                           const mq_id_t *target, const mq_id_t *source)
{
    if (!mq_policy_allows(MQ_ACTION_PATIENT_MERGE, mq_scope_roles(sc)) ||
        !mq_policy_allows(MQ_ACTION_PATIENT_VIEW, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_patient_read(target_out, sc, target));
    MQ_TRY(mq_patient_read(source_out, sc, source));
    return mq_pair_disclose(sc, target, source);
}

static apr_status_t link_insert(const mq_scope_t *sc, const mq_patient_t *target,
                                const mq_patient_t *source)
{
    int changed = 0;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_PATIENT_MERGE_INSERT,
                        MQ_PARAMS(mq_bind_id(&source->id), mq_bind_id(&target->id),
                                  mq_bind_int(mq_scope_now(sc)), mq_bind_id(mq_scope_user(sc)),
                                  mq_bind_int(source->status), mq_bind_int(target->version + 1))));
    return changed == 1 ? APR_SUCCESS : MQ_ECONFLICT;
}

/* Read to the end, for nothing is written while a SELECT is open. @param after the last one; moved
 * on */
static apr_status_t items_next(apr_array_header_t *items, mq_id_t *after, mq_rows_t *rows)
{
    apr_status_t rv;
    apr_array_clear(items);
    while ((rv = mq_rows_next(rows)) == APR_SUCCESS) {
        *after = mq_rows_id(rows, MQ_PART_KEY_ITEM);
        APR_ARRAY_PUSH(items, mq_id_t) = *after;
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* What comes from the source is noted item by item: that goes back when they are separated. */
static apr_status_t items_note(const mq_scope_t *sc, const mq_patient_part_t *part,
                               const mq_id_t *source)
{
    apr_array_header_t *items = apr_array_make(mq_scope_pool(sc), ITEMS_AT_ONCE, sizeof(mq_id_t));
    mq_id_t after = {{0}};
    mq_rows_t rows;
    do {
        MQ_TRY(mq_db_select(
            &rows, sc, part->items,
            MQ_PARAMS(mq_bind_id(source), mq_bind_id(&after), mq_bind_int(ITEMS_AT_ONCE))));
        MQ_TRY(items_next(items, &after, &rows));
        for (int i = 0; i < items->nelts; i++) {
            MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_PATIENT_MERGE_PART_INSERT,
                                MQ_PARAMS(mq_bind_id(source), mq_bind_text(part->name),
                                          mq_bind_id(&APR_ARRAY_IDX(items, i, mq_id_t)))));
        }
    } while (items->nelts == ITEMS_AT_ONCE);
    return APR_SUCCESS;
}

static apr_status_t parts_move(const mq_scope_t *sc, const mq_id_t *target, const mq_id_t *source)
{
    for (int i = 0; i < MQ_PATIENT_PARTS; i++) {
        const mq_patient_part_t *part = mq_patient_parts[i];
        MQ_TRY(items_note(sc, part, source));
        MQ_TRY(
            mq_db_change(NULL, sc, part->move, MQ_PARAMS(mq_bind_id(target), mq_bind_id(source))));
    }
    return APR_SUCCESS;
}

/* Each of the two was right when it was stored; together they may contradict each other. */
static apr_status_t fields_choose(mq_patient_fields_t *fields_out, const mq_scope_t *sc,
                                  const mq_merge_t *merge, const mq_patient_t *target,
                                  const mq_patient_t *source)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_patient_faults_t faults;
    mq_day_t today;
    mq_merge_fields(fields_out, &target->fields, &source->fields, &merge->answers, pool);
    mq_patient_fields_settle(fields_out, NULL, pool);
    mq_scope_today(&today, sc);
    return mq_patient_check(&faults, fields_out, &today, pool);
}

static apr_status_t merge_work(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mq_merge_t *merge = data;
    mq_patient_t target;
    mq_patient_t source;
    mq_patient_fields_t fields;
    if (mq_id_equal(&merge->target, &merge->source)) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(mq_patient_read(&target, sc, &merge->target));
    MQ_TRY(mq_patient_read(&source, sc, &merge->source));
    if (target.version != merge->target_version || source.version != merge->source_version ||
        target.status != MQ_PATIENT_ACTIVE) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(fields_choose(&fields, sc, merge, &target, &source));
    MQ_TRY(mq_patient_index_remove(sc, &source.id));
    MQ_TRY(mq_patient_index_remove(sc, &target.id));
    MQ_TRY(mq_pairs_others_due(sc, &source.id));
    MQ_TRY(mq_pairs_drop(sc, &source.id, MQ_PAIR_LIKELY));
    MQ_TRY(link_insert(sc, &target, &source));
    MQ_TRY(parts_move(sc, &target.id, &source.id));
    MQ_TRY(mq_chart_merged(sc, &target.id));
    MQ_TRY(mq_patient_next_write(
        sc, &source,
        &(mq_patient_next_t){MQ_CHANGE_REPLACED, MQ_PATIENT_HIDDEN, target.mrn, &source.fields}));
    MQ_TRY(mq_patient_next_write(
        sc, &target,
        &(mq_patient_next_t){MQ_CHANGE_MERGED, MQ_PATIENT_ACTIVE, source.mrn, &fields}));
    MQ_TRY(mq_patient_index_add(sc, &target.id));
    return mq_pair_record(event_io, sc, &merge->target, target.mrn, &merge->source, source.mrn);
}

apr_status_t mq_merge(const mq_scope_t *sc, const mq_merge_t *merge)
{
    mq_merge_t copy = *merge;
    return mq_change_once(sc, MQ_ACTION_PATIENT_MERGE, merge_work, &copy);
}

/* --- separating --- */

/* A merge as it is stored. */
typedef struct merge_row_t {
    mq_id_t target;
    apr_time_t at;
    mq_patient_status_t source_status;
    apr_int64_t target_version;
} merge_row_t;

static apr_status_t merge_read(merge_row_t *row_out, const mq_scope_t *sc, const mq_id_t *target,
                               const mq_id_t *source)
{
    mq_rows_t rows;
    MQ_TRY(
        mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_MERGE_BY_SOURCE, MQ_PARAMS(mq_bind_id(source))));
    *row_out = (merge_row_t){
        .target = mq_rows_id(&rows, MQ_PATIENT_MERGE_BY_SOURCE_TARGET_ID),
        .at = mq_rows_int(&rows, MQ_PATIENT_MERGE_BY_SOURCE_MERGED_AT),
        .source_status =
            (mq_patient_status_t)mq_rows_int(&rows, MQ_PATIENT_MERGE_BY_SOURCE_SOURCE_STATUS),
        .target_version = mq_rows_int(&rows, MQ_PATIENT_MERGE_BY_SOURCE_TARGET_VERSION)};
    mq_rows_close(&rows);
    return mq_id_equal(&row_out->target, target) ? APR_SUCCESS : MQ_ENOTFOUND;
}

static apr_status_t items_read(mq_unmerge_view_t *view, const mq_scope_t *sc,
                               const mq_patient_part_t *part, apr_time_t since)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    const int may_read = mq_policy_allows(part->reading, mq_scope_roles(sc));
    const mq_param_t name = mq_bind_text(part->name);
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(
        mq_db_select(&rows, sc, part->since,
                     MQ_PARAMS(mq_bind_id(&view->source.id), name, mq_bind_id(&view->target.id),
                               mq_bind_int(mq_scope_now(sc)), mq_bind_int(since),
                               mq_bind_int(since), name, mq_bind_int(MQ_UNMERGE_ASKED_MOST + 1))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_unmerge_item_t item = {.part = part->name,
                                  .id = mq_rows_id(&rows, MQ_PART_ITEM_ID),
                                  .created_at = mq_rows_int(&rows, MQ_PART_ITEM_CREATED_AT),
                                  .author = mq_rows_text(&rows, MQ_PART_ITEM_AUTHOR_NAME, pool),
                                  .is_draft = mq_rows_int(&rows, MQ_PART_ITEM_IS_DRAFT) != 0,
                                  .is_brought = mq_rows_int(&rows, MQ_PART_ITEM_IS_BROUGHT) != 0};
        item.goes = item.is_brought; /* unless somebody says otherwise */
        if (may_read && !item.is_draft) {
            item.said = mq_rows_text(&rows, MQ_PART_ITEM_SAID, pool);
        }
        if (view->items->nelts == MQ_UNMERGE_ASKED_MOST) {
            view->has_more = 1;
            mq_rows_close(&rows);
            return APR_SUCCESS;
        }
        APR_ARRAY_PUSH(view->items, mq_unmerge_item_t) = item;
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* What the target said before the merge and after it, as long as its versions tell. */
static apr_status_t fields_restore(mq_unmerge_view_t *view, const mq_scope_t *sc,
                                   const merge_row_t *row)
{
    mq_patient_version_t before;
    mq_patient_version_t merged;
    apr_status_t rv = mq_patient_version_read(&before, sc, &view->target, row->target_version - 1);
    view->fields = view->target.fields;
    if (rv == APR_SUCCESS) {
        rv = mq_patient_version_read(&merged, sc, &view->target, row->target_version);
    }
    if (rv == APR_SUCCESS) {
        mq_merge_undo(&view->fields, &before.fields, &merged.fields, &view->target.fields);
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

static apr_status_t view_read(mq_unmerge_view_t *view_out, merge_row_t *row_out,
                              const mq_scope_t *sc, const mq_id_t *target, const mq_id_t *source)
{
    *view_out = (mq_unmerge_view_t){.has_more = 0};
    view_out->items = apr_array_make(mq_scope_pool(sc), 8, sizeof(mq_unmerge_item_t));
    MQ_TRY(merge_read(row_out, sc, target, source));
    MQ_TRY(mq_patient_read(&view_out->target, sc, target));
    MQ_TRY(mq_patient_read_replaced(&view_out->source, sc, source));
    MQ_TRY(fields_restore(view_out, sc, row_out));
    for (int i = MQ_PATIENT_PARTS - 1; i >= 0; i--) { /* the chart first: none of it is too many */
        MQ_TRY(items_read(view_out, sc, mq_patient_parts[i], row_out->at));
    }
    return APR_SUCCESS;
}

apr_status_t mq_unmerge_view(mq_unmerge_view_t *view_out, const mq_scope_t *sc,
                             const mq_id_t *target, const mq_id_t *source)
{
    merge_row_t row;
    if (!mq_policy_allows(MQ_ACTION_PATIENT_UNMERGE, mq_scope_roles(sc)) ||
        !mq_policy_allows(MQ_ACTION_PATIENT_VIEW, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(view_read(view_out, &row, sc, target, source));
    return mq_pair_disclose(sc, target, source);
}

/* @return NULL: nobody was asked about it */
static const mq_unmerge_item_t *answer_of(const mq_unmerge_t *unmerge,
                                          const mq_unmerge_item_t *item)
{
    for (int i = 0; i < unmerge->items->nelts; i++) {
        const mq_unmerge_item_t *one = &APR_ARRAY_IDX(unmerge->items, i, mq_unmerge_item_t);
        if (mq_id_equal(&one->id, &item->id) && strcmp(one->part, item->part) == 0) {
            return one;
        }
    }
    return NULL;
}

static apr_status_t item_move(const mq_scope_t *sc, const mq_patient_part_t *part,
                              const mq_id_t *to, const mq_id_t *from, const mq_id_t *item)
{
    const mq_tenant_write_t *move = part->move_one;
    mq_rows_t rows;
    apr_status_t rv = MQ_ENOTFOUND;
    if (part->added_to) {
        rv = mq_db_select_one(&rows, sc, part->added_to,
                              MQ_PARAMS(mq_bind_id(from), mq_bind_id(item)));
    }
    if (rv == APR_SUCCESS) {
        mq_rows_close(&rows);
        move = part->move_thread;
    } else if (rv != MQ_ENOTFOUND) {
        return rv;
    }
    return mq_db_change(NULL, sc, move,
                        MQ_PARAMS(mq_bind_id(to), mq_bind_id(from), mq_bind_id(item)));
}

/* What was noted goes back, and what was added to it since goes with it. */
static apr_status_t part_return(const mq_scope_t *sc, const mq_unmerge_t *unmerge,
                                const mq_patient_part_t *part)
{
    apr_array_header_t *items = apr_array_make(mq_scope_pool(sc), ITEMS_AT_ONCE, sizeof(mq_id_t));
    mq_id_t after = {{0}};
    mq_rows_t rows;
    do {
        MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_PATIENT_MERGE_PARTS_AFTER,
                            MQ_PARAMS(mq_bind_id(&unmerge->source), mq_bind_text(part->name),
                                      mq_bind_id(&after), mq_bind_int(ITEMS_AT_ONCE))));
        MQ_TRY(items_next(items, &after, &rows));
        for (int i = 0; i < items->nelts; i++) {
            MQ_TRY(item_move(sc, part, &unmerge->source, &unmerge->target,
                             &APR_ARRAY_IDX(items, i, mq_id_t)));
        }
    } while (items->nelts == ITEMS_AT_ONCE);
    return APR_SUCCESS;
}

/* What was brought has gone back already; it stays if somebody said so. */
static apr_status_t item_place(const mq_scope_t *sc, const mq_unmerge_t *unmerge,
                               const mq_unmerge_item_t *item, int goes)
{
    for (int i = 0; i < MQ_PATIENT_PARTS; i++) {
        if (strcmp(mq_patient_parts[i]->name, item->part) == 0) {
            return item_move(sc, mq_patient_parts[i], goes ? &unmerge->source : &unmerge->target,
                             goes ? &unmerge->target : &unmerge->source, &item->id);
        }
    }
    return MQ_EBUG;
}

static apr_status_t parts_return(const mq_scope_t *sc, const mq_unmerge_t *unmerge,
                                 const apr_array_header_t *items)
{
    const mq_param_t source = mq_bind_id(&unmerge->source);
    for (int i = 0; i < MQ_PATIENT_PARTS; i++) {
        MQ_TRY(part_return(sc, unmerge, mq_patient_parts[i]));
    }
    for (int i = 0; i < items->nelts; i++) {
        const mq_unmerge_item_t *item = &APR_ARRAY_IDX(items, i, mq_unmerge_item_t);
        const mq_unmerge_item_t *answer = answer_of(unmerge, item);
        if (!answer) {
            return MQ_ECONFLICT;
        }
        if (answer->goes != item->is_brought) {
            MQ_TRY(item_place(sc, unmerge, item, answer->goes));
        }
    }
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_PATIENT_MERGE_PARTS_REMOVE, MQ_PARAMS(source)));
    return mq_db_change(NULL, sc, MQ_SQL_PATIENT_MERGE_REMOVE, MQ_PARAMS(source));
}

static apr_status_t unmerge_work(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mq_unmerge_t *unmerge = data;
    mq_unmerge_view_t view;
    merge_row_t row;
    MQ_TRY(view_read(&view, &row, sc, &unmerge->target, &unmerge->source));
    if (view.target.version != unmerge->target_version) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(mq_patient_index_remove(sc, &unmerge->target)); /* what the source said, too */
    MQ_TRY(parts_return(sc, unmerge, view.items));
    MQ_TRY(mq_patient_next_write(sc, &view.target,
                                 &(mq_patient_next_t){MQ_CHANGE_SEPARATED, view.target.status,
                                                      view.source.mrn, &view.fields}));
    MQ_TRY(mq_patient_return_write(sc, &view.source, row.source_status, view.target.mrn));
    MQ_TRY(mq_chart_separated(sc, &unmerge->target, &unmerge->source, row.at));
    MQ_TRY(mq_chart_separated(sc, &unmerge->source, &unmerge->target, row.at));
    MQ_TRY(mq_patient_index_add(sc, &unmerge->target));
    MQ_TRY(mq_patient_index_add(sc, &unmerge->source));
    MQ_TRY(mq_pairs_others_due(sc, &unmerge->target));
    MQ_TRY(mq_pair_part(NULL, sc, &unmerge->target, &unmerge->source));
    return mq_pair_record(event_io, sc, &unmerge->target, view.target.mrn, &unmerge->source,
                          view.source.mrn);
}

apr_status_t mq_unmerge(const mq_scope_t *sc, const mq_unmerge_t *unmerge)
{
    mq_unmerge_t copy = *unmerge;
    return mq_change_once(sc, MQ_ACTION_PATIENT_UNMERGE, unmerge_work, &copy);
}

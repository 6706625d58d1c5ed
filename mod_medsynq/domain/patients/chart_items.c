/* chart_items.c -- from rows to items; SQL is in store/statements/chart_items.sql. */
#include "domain/patients/chart_items.h"

#include <limits.h>
#include <string.h>

#include "domain/organisations/export_json.h"

static apr_status_t row_read(mq_chart_item_t *item_out, const mq_rows_t *rows, apr_pool_t *pool)
{
    *item_out = (mq_chart_item_t){.id = mq_rows_id(rows, MQ_CHART_ITEM_ID),
                                  .kind = mq_chart_kind(mq_rows_int(rows, MQ_CHART_ITEM_KIND)),
                                  .is_none = (int)mq_rows_int(rows, MQ_CHART_ITEM_IS_NONE),
                                  .version = mq_rows_int(rows, MQ_CHART_ITEM_VERSION),
                                  .state = (mq_chart_state_t)mq_rows_int(rows, MQ_CHART_ITEM_STATE),
                                  .created_at = mq_rows_int(rows, MQ_CHART_ITEM_CREATED_AT),
                                  .updated_at = mq_rows_int(rows, MQ_CHART_ITEM_UPDATED_AT),
                                  .updated_by = mq_rows_id(rows, MQ_CHART_ITEM_UPDATED_BY),
                                  .updated_by_name =
                                      mq_rows_text(rows, MQ_CHART_ITEM_UPDATED_BY_NAME, pool),
                                  .reason = mq_rows_text(rows, MQ_CHART_ITEM_REASON, pool)};
    return item_out->kind ? mq_chart_decode(item_out->values, item_out->kind,
                                            mq_rows_text(rows, MQ_CHART_ITEM_FIELDS, pool), pool)
                          : MQ_ECORRUPT;
}

static apr_status_t rows_read(apr_array_header_t **items_out, mq_rows_t *rows, apr_pool_t *pool)
{
    apr_array_header_t *items = apr_array_make(pool, 4, sizeof(mq_chart_item_t));
    apr_status_t rv;
    while ((rv = mq_rows_next(rows)) == APR_SUCCESS) {
        rv = row_read(apr_array_push(items), rows, pool);
        if (rv != APR_SUCCESS) {
            mq_rows_close(rows);
            return rv;
        }
    }
    *items_out = items;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_chart_standing(apr_array_header_t **items_out, const mq_scope_t *sc,
                               const mq_id_t *patient)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_CHART_ITEMS_STANDING,
                        MQ_PARAMS(mq_bind_id(patient), mq_bind_int(INT_MAX))));
    return rows_read(items_out, &rows, mq_scope_pool(sc));
}

apr_status_t mq_chart_as_guest(apr_array_header_t **items_out, const mq_guest_t *guest)
{
    mq_rows_t rows;
    if (!(mq_guest_parts(guest) & MQ_SHARE_LISTS)) {
        *items_out = apr_array_make(mq_guest_pool(guest), 1, sizeof(mq_chart_item_t));
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_guest_select(&rows, guest, MQ_SQL_GUEST_CHART, MQ_PARAMS(mq_bind_int(INT_MAX))));
    return rows_read(items_out, &rows, mq_guest_pool(guest));
}

apr_status_t mq_chart_items(apr_array_header_t **items_out, const mq_scope_t *sc,
                            const mq_id_t *patient, const mq_chart_kind_t *kind)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select(
        &rows, sc, MQ_SQL_CHART_ITEMS_OF_KIND,
        MQ_PARAMS(mq_bind_id(patient), mq_bind_int(kind->number), mq_bind_int(INT_MAX))));
    return rows_read(items_out, &rows, mq_scope_pool(sc));
}

apr_status_t mq_chart_item_read(mq_chart_item_t *item_out, const mq_scope_t *sc,
                                const mq_id_t *patient, const mq_id_t *id)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_CHART_ITEM_BY_ID,
                            MQ_PARAMS(mq_bind_id(patient), mq_bind_id(id))));
    rv = row_read(item_out, &rows, mq_scope_pool(sc));
    mq_rows_close(&rows);
    return rv;
}

apr_status_t mq_chart_versions(apr_array_header_t **versions_out, const mq_scope_t *sc,
                               const mq_chart_item_t *item)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *versions = apr_array_make(pool, 4, sizeof(mq_chart_version_t));
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_CHART_ITEM_VERSIONS,
                        MQ_PARAMS(mq_bind_id(&item->id), mq_bind_int(INT_MAX))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        mq_chart_version_t *version = apr_array_push(versions);
        *version = (mq_chart_version_t){
            .version = mq_rows_int(&rows, MQ_CHART_WAS_VERSION),
            .state = (mq_chart_state_t)mq_rows_int(&rows, MQ_CHART_WAS_STATE),
            .changed_at = mq_rows_int(&rows, MQ_CHART_WAS_CHANGED_AT),
            .changed_by = mq_rows_text(&rows, MQ_CHART_WAS_CHANGED_BY_NAME, pool),
            .reason = mq_rows_text(&rows, MQ_CHART_WAS_REASON, pool)};
        rv = mq_chart_decode(version->values, item->kind,
                             mq_rows_text(&rows, MQ_CHART_WAS_FIELDS, pool), pool);
        if (rv != APR_SUCCESS) {
            mq_rows_close(&rows);
            return rv;
        }
    }
    *versions_out = versions;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

int mq_chart_is_current(const mq_chart_item_t *item, const mq_day_t *today)
{
    return item->state == MQ_CHART_STANDS && !item->is_none &&
           !item->kind->is_past(item->values, today);
}

mq_chart_summary_t mq_chart_summary(const mq_chart_item_t **none_out,
                                    const apr_array_header_t *standing, const mq_chart_kind_t *kind,
                                    const mq_day_t *today)
{
    const mq_chart_item_t *none = NULL;
    int past = 0;
    for (int i = 0; i < standing->nelts; i++) {
        const mq_chart_item_t *item = &APR_ARRAY_IDX(standing, i, mq_chart_item_t);
        if (item->kind != kind || item->state != MQ_CHART_STANDS) {
            continue;
        }
        if (mq_chart_is_current(item, today)) {
            return MQ_CHART_SOME;
        }
        none = item->is_none ? item : none;
        past |= !item->is_none;
    }
    if (none_out) {
        *none_out = none;
    }
    return none ? MQ_CHART_NONE : past ? MQ_CHART_NO_CURRENT : MQ_CHART_NOT_ASKED;
}

const char *mq_chart_state_word(apr_int64_t state)
{
    static const char *const words[] = {NULL, "stands", "entered in error", "overtaken"};
    return MQ_EXPORT_WORD(words, state);
}

void mq_chart_values_export(mq_json_t *json, const mq_chart_kind_t *kind, const char *fields,
                            apr_pool_t *pool)
{
    const char *values[MQ_CHART_FIELDS_MOST];
    if (!kind || mq_chart_decode(values, kind, fields, pool) != APR_SUCCESS) {
        mq_json_text(json, "unreadable", fields); /* what is there is still theirs */
        return;
    }
    for (int i = 0; kind->fields[i].name; i++) {
        if (values[i]) {
            mq_json_text(json, kind->fields[i].name, values[i]);
        }
    }
}

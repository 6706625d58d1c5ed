/* patient_import.c -- the life of an import: naming its columns, and the decisions of people. How a
 * file is stored is in patient_import_stage.c, the long work in patient_import_work.c. */
#include "domain/imports/patient_import.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/change.h"
#include "domain/core.h"
#include "domain/imports/patient_import_dates.h"
#include "domain/imports/patient_import_guess.h"
#include "domain/imports/patient_import_work.h"
#include "domain/jobs/jobs.h"
#include "domain/keyset.h"
#include "domain/organisations/quotas.h"
#include "domain/policy.h"

apr_status_t mq_imports_newest(apr_array_header_t **imports_out, const mq_scope_t *sc,
                               const mq_id_t *before, int limit)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *imports = apr_array_make(pool, limit, sizeof(mq_import_t));
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_IMPORTS_NEWEST,
                        MQ_PARAMS(mq_bind_id(mq_keyset_before(before)), mq_bind_int(limit))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(imports, mq_import_t) = (mq_import_t){
            .id = mq_rows_id(&rows, MQ_IMPORTS_NEWEST_ID),
            .state = (mq_import_state_t)mq_rows_int(&rows, MQ_IMPORTS_NEWEST_STATE),
            .file_name = mq_rows_text(&rows, MQ_IMPORTS_NEWEST_FILE_NAME, pool),
            .rows = mq_rows_int(&rows, MQ_IMPORTS_NEWEST_ROWS_TOTAL) -
                    mq_rows_int(&rows, MQ_IMPORTS_NEWEST_HEAD),
            .added = mq_rows_int(&rows, MQ_IMPORTS_NEWEST_ADDED),
            .created_at = mq_rows_int(&rows, MQ_IMPORTS_NEWEST_CREATED_AT),
            .finished_at = mq_rows_int(&rows, MQ_IMPORTS_NEWEST_FINISHED_AT),
            .ending = (mq_import_ending_t)mq_rows_int(&rows, MQ_IMPORTS_NEWEST_ENDING)};
    }
    *imports_out = imports;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

typedef struct mapping_t {
    const mq_import_t *import;
    const char *text;
    mq_date_order_t order;
} mapping_t;

static apr_status_t import_map(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const mapping_t *mapping = data;
    const mq_id_t *id = &mapping->import->id;
    int changed = 0;
    event_io->object = id;
    event_io->reason = "columns";
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_IMPORT_FAULTS_CLEAR, MQ_PARAMS(mq_bind_id(id))));
    MQ_TRY(mq_db_change(
        &changed, sc, MQ_SQL_IMPORT_MAPPED,
        MQ_PARAMS(mq_bind_text(mapping->text), mq_bind_int(mapping->order), mq_bind_id(id))));
    if (!changed) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(mq_import_remember(sc, mapping->import, mapping->text));
    return mq_job_order(sc, MQ_JOB_IMPORT, id, mq_scope_now(sc));
}

apr_status_t mq_import_map(const mq_scope_t *sc, const mq_import_t *import,
                           const mq_import_field_t *mapping, mq_date_order_t chosen)
{
    mq_import_dates_t dates;
    const char *text = mq_import_mapping_text(mapping, import->column_count, mq_scope_pool(sc));
    mq_import_dates(&dates, import, mapping, mq_scope_pool(sc));
    if (dates.order == MQ_DATE_ORDER_EITHER) {
        dates.order = chosen;
        if (chosen != MQ_DATE_ORDER_DAY_FIRST && chosen != MQ_DATE_ORDER_MONTH_FIRST) {
            return MQ_EINVALID;
        }
    }
    MQ_TRY(mq_change(sc, MQ_ACTION_PATIENTS_IMPORT, import_map,
                     &(mapping_t){import, text, dates.order}));
    mq_jobs_wake(sc);
    return APR_SUCCESS;
}

typedef struct head_t {
    const mq_id_t *id;
    apr_int64_t number;
} head_t;

static apr_status_t head_set(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const head_t *head = data;
    const char *cells[MQ_IMPORT_COLUMNS_MOST + 1];
    const mq_param_t id = mq_bind_id(head->id);
    const mq_param_t number = mq_bind_int(head->number);
    const char *text;
    mq_rows_t rows;
    int changed = 0;
    event_io->object = head->id;
    event_io->reason = "columns";
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_IMPORT_HEAD_READ, MQ_PARAMS(id, number)));
    text = mq_rows_text(&rows, MQ_IMPORT_HEAD_READ_CELLS, mq_scope_pool(sc));
    mq_rows_close(&rows);
    if (mq_import_cells(cells, MQ_IMPORT_COLUMNS_MOST + 1, apr_pstrdup(mq_scope_pool(sc), text)) >
        MQ_IMPORT_COLUMNS_MOST) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_IMPORT_FAULTS_CLEAR, MQ_PARAMS(id)));
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_IMPORT_HEAD_CLEAR, MQ_PARAMS(id, number)));
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_IMPORT_HEAD_SET,
                        MQ_PARAMS(mq_bind_text(text), number, id, number)));
    return changed ? APR_SUCCESS : MQ_ECONFLICT;
}

apr_status_t mq_import_head_set(const mq_scope_t *sc, const mq_import_t *import, apr_int64_t number)
{
    if (number < 0 || number >= MQ_IMPORT_HEAD_MOST) {
        return MQ_EINVALID;
    }
    return mq_change(sc, MQ_ACTION_PATIENTS_IMPORT, head_set, &(head_t){&import->id, number});
}

/* A decision: from which state to which, why, and what the trail says of it. */
typedef struct decision_t {
    const mq_import_t *import;
    mq_import_state_t from;
    mq_import_state_t to;
    mq_import_ending_t ending;
    const char *words;
    int with_doubles;      /* of a decision to add */
    mq_import_mend_t mend; /* likewise */
} decision_t;

static apr_status_t import_decide(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const decision_t *decision = data;
    const mq_import_t *import = decision->import;
    event_io->object = &import->id;
    event_io->reason = decision->words;
    MQ_TRY(mq_import_state_set(sc, &import->id, decision->from, decision->to, import->finished_at,
                               decision->ending));
    if (decision->to == MQ_IMPORT_ADDING) {
        MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_IMPORT_CHOICES_SET,
                            MQ_PARAMS(mq_bind_int(decision->with_doubles),
                                      mq_bind_int(decision->mend), mq_bind_id(&import->id))));
        MQ_TRY(mq_quota_admit(sc, MQ_QUOTA_PATIENTS, 0)); /* its rows are counted by now */
    }
    return mq_job_order(sc, MQ_JOB_IMPORT, &import->id, mq_scope_now(sc));
}

/* Take a decision and have the work go on from there. */
static apr_status_t decide(const mq_scope_t *sc, mq_action_t action, decision_t decision)
{
    MQ_TRY(mq_change(sc, action, import_decide, &decision));
    mq_jobs_wake(sc);
    return APR_SUCCESS;
}

static const char *rows_say(const mq_scope_t *sc, apr_int64_t rows)
{
    return apr_psprintf(mq_scope_pool(sc), "%" APR_INT64_T_FMT " rows", rows);
}

apr_status_t mq_import_commit(const mq_scope_t *sc, const mq_import_t *import, int with_doubles,
                              mq_import_mend_t mend)
{
    const apr_int64_t good = mq_import_rows_good(import, with_doubles, mend);
    if (import->faulty && mend == MQ_IMPORT_UNSAID) {
        return MQ_EINVALID;
    }
    if (good <= 0) {
        return MQ_ECONFLICT;
    }
    return decide(sc, MQ_ACTION_PATIENTS_IMPORT,
                  (decision_t){.import = import,
                               .from = MQ_IMPORT_CHECKED,
                               .to = MQ_IMPORT_ADDING,
                               .with_doubles = with_doubles,
                               .mend = mend,
                               .words = rows_say(sc, good)});
}

apr_status_t mq_import_undo(const mq_scope_t *sc, const mq_import_t *import)
{
    if (!import->can_undo) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(mq_import_touched(sc, import));
    return decide(sc, MQ_ACTION_PATIENTS_IMPORT_UNDO,
                  (decision_t){.import = import,
                               .from = MQ_IMPORT_DONE,
                               .to = MQ_IMPORT_HIDING,
                               .words = rows_say(sc, import->added)});
}

apr_status_t mq_import_cancel(const mq_scope_t *sc, const mq_import_t *import)
{
    const mq_import_state_t to = mq_import_stopped(import);
    return to ? decide(sc, MQ_ACTION_PATIENTS_IMPORT,
                       (decision_t){.import = import,
                                    .from = import->state,
                                    .to = to,
                                    .ending = MQ_IMPORT_CANCELLED,
                                    .words = "cancelled"})
              : MQ_ECONFLICT;
}

apr_status_t mq_import_discard(const mq_scope_t *sc, const mq_import_t *import)
{
    return mq_import_is_undecided(import) ? decide(sc, MQ_ACTION_PATIENTS_IMPORT,
                                                   (decision_t){.import = import,
                                                                .from = import->state,
                                                                .to = MQ_IMPORT_FAILED,
                                                                .ending = MQ_IMPORT_DISCARDED,
                                                                .words = "discarded"})
                                          : MQ_ECONFLICT;
}

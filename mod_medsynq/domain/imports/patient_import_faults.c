/* patient_import_faults.c -- reading what a check has found wrong, and putting it together. */
#include "domain/imports/patient_import_faults.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

enum { READ_MOST = 10000 };

apr_status_t mq_import_faults(apr_array_header_t **faults_out, const mq_scope_t *sc,
                              const mq_id_t *id, apr_int64_t after, int limit, apr_pool_t *pool)
{
    apr_array_header_t *faults = apr_array_make(pool, 32, sizeof(mq_import_fault_t));
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_IMPORT_FAULTS_NEXT,
                        MQ_PARAMS(mq_bind_id(id), mq_bind_int(after), mq_bind_int(limit))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(faults, mq_import_fault_t) = (mq_import_fault_t){
            .number = mq_rows_int(&rows, MQ_IMPORT_FAULTS_NEXT_NUMBER),
            .line = mq_rows_int(&rows, MQ_IMPORT_FAULTS_NEXT_LINE),
            .field = (mq_import_field_t)mq_rows_int(&rows, MQ_IMPORT_FAULTS_NEXT_FIELD),
            .value = mq_rows_text(&rows, MQ_IMPORT_FAULTS_NEXT_VALUE, pool),
            .rule = (int)mq_rows_int(&rows, MQ_IMPORT_FAULTS_NEXT_RULE)};
    }
    *faults_out = faults;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static void line_note(mq_import_fault_group_t *group, apr_int64_t line)
{
    if (group->line_count < MQ_IMPORT_FAULT_EXAMPLES) {
        group->lines[group->line_count++] = line;
    }
}

static void value_note(mq_import_fault_group_t *group, const char *value)
{
    for (int i = 0; i < group->value_count; i++) {
        if (strcmp(group->values[i], value) == 0) {
            return;
        }
    }
    if (group->value_count < MQ_IMPORT_FAULT_EXAMPLES) {
        group->values[group->value_count++] = value;
    } else {
        group->has_more_values = 1;
    }
}

/* @param by_value whether other values are other groups */
static apr_array_header_t *grouped(const apr_array_header_t *faults, int by_value, apr_pool_t *pool)
{
    apr_array_header_t *groups = apr_array_make(pool, 32, sizeof(mq_import_fault_group_t));
    apr_hash_t *places = apr_hash_make(pool);
    for (int i = 0; i < faults->nelts; i++) {
        const mq_import_fault_t *fault = &APR_ARRAY_IDX(faults, i, mq_import_fault_t);
        const char *key = apr_psprintf(pool, "%d %d %s", (int)fault->field, fault->rule,
                                       by_value ? fault->value : "");
        const int *place = apr_hash_get(places, key, APR_HASH_KEY_STRING);
        mq_import_fault_group_t *group;
        if (!place) {
            place = apr_pmemdup(pool, &groups->nelts, sizeof groups->nelts);
            apr_hash_set(places, key, APR_HASH_KEY_STRING, place);
            APR_ARRAY_PUSH(groups, mq_import_fault_group_t) =
                (mq_import_fault_group_t){.field = fault->field, .rule = fault->rule};
        }
        group = &APR_ARRAY_IDX(groups, *place, mq_import_fault_group_t);
        group->count++;
        line_note(group, fault->line);
        value_note(group, fault->value);
    }
    return groups;
}

apr_status_t mq_import_fault_groups(apr_array_header_t **groups_out, const mq_scope_t *sc,
                                    const mq_id_t *id, int most, apr_pool_t *pool)
{
    apr_array_header_t *faults;
    MQ_TRY(mq_import_faults(&faults, sc, id, 0, READ_MOST, pool));
    *groups_out = grouped(faults, 1, pool);
    if ((*groups_out)->nelts > most) {
        *groups_out = grouped(faults, 0, pool);
    }
    (*groups_out)->nelts = (*groups_out)->nelts < most ? (*groups_out)->nelts : most;
    return APR_SUCCESS;
}

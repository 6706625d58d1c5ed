/* counters.c -- numbers under names. */
#include "domain/organisations/counters.h"

apr_status_t mq_counter_add(const mq_scope_t *sc, const char *name, apr_int64_t step)
{
    const mq_param_t add[] = {mq_bind_int(step), mq_bind_text(name)};
    int changed = 0;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_COUNTER_ADD, add, 2));
    if (changed == 0) {
        MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_COUNTER_START, MQ_PARAMS(mq_bind_text(name))));
        MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_COUNTER_ADD, add, 2));
    }
    return APR_SUCCESS;
}

apr_status_t mq_counter_soon(apr_int64_t *value_out, const mq_scope_t *sc, const char *name)
{
    return mq_db_soon(value_out, sc, MQ_SQL_COUNTER_VALUE, MQ_PARAMS(mq_bind_text(name)));
}

apr_status_t mq_counter_value(apr_int64_t *value_out, const mq_scope_t *sc, const char *name)
{
    mq_rows_t rows;
    apr_status_t rv =
        mq_db_select_one(&rows, sc, MQ_SQL_COUNTER_VALUE, MQ_PARAMS(mq_bind_text(name)));
    *value_out = 0;
    if (rv == APR_SUCCESS) {
        *value_out = mq_rows_int(&rows, MQ_COUNTER_VALUE);
        mq_rows_close(&rows);
    }
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

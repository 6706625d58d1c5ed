/* quotas.c -- reading what is kept, and holding it against the limits. Bytes are counted by the
 * store as rows are written (store/kept.h), so that no writer can forget to. */
#include "domain/organisations/quotas.h"

#include <apr_strings.h>
#include <limits.h>

#include "domain/imports/patient_import_rows.h"
#include "domain/jobs/jobs.h"
#include "domain/organisations/counters.h"

enum { RESERVE = 10 /* one part in so many, for what belongs to patients who are there */ };

static const char reached_key[] = "mq_quota_reached";

/* They are few: as many as the limit lets wait. */
static apr_status_t files_count(apr_int64_t *count_out, const mq_scope_t *sc)
{
    mq_rows_t rows;
    apr_status_t rv;
    *count_out = 0;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_JOBS_OF_KIND,
                        MQ_PARAMS(mq_bind_int(MQ_JOB_IMPORT), mq_bind_int(INT_MAX))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        ++*count_out;
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t people_count(apr_int64_t *count_out, const mq_scope_t *sc)
{
    return mq_counter_value(count_out, sc, MQ_COUNTER_ROOM_PEOPLE);
}

static apr_status_t patients_count(apr_int64_t *count_out, const mq_scope_t *sc)
{
    return mq_counter_value(count_out, sc, MQ_COUNTER_ROOM_PATIENTS);
}

static apr_status_t bytes_count(apr_int64_t *count_out, const mq_scope_t *sc)
{
    return mq_counter_value(count_out, sc, MQ_COUNTER_ROOM_BYTES);
}

static apr_status_t use_read(mq_quota_use_t *use_out, const mq_scope_t *sc, mq_quota_t what)
{
    static apr_status_t (*const counts[MQ_QUOTAS])(
        apr_int64_t * count_out, const mq_scope_t *sc) = {[MQ_QUOTA_PATIENTS] = patients_count,
                                                          [MQ_QUOTA_PEOPLE] = people_count,
                                                          [MQ_QUOTA_FILES] = files_count,
                                                          [MQ_QUOTA_BYTES] = bytes_count};
    *use_out = (mq_quota_use_t){.what = what, .limit = mq_scope_core(sc)->quotas[what]};
    return counts[what](&use_out->used, sc);
}

apr_status_t mq_quotas_read(mq_quota_use_t uses_out[MQ_QUOTAS], const mq_scope_t *sc)
{
    for (int i = 0; i < MQ_QUOTAS; i++) {
        MQ_TRY(use_read(&uses_out[i], sc, (mq_quota_t)i));
    }
    return APR_SUCCESS;
}

int mq_quota_is_near(const mq_quota_use_t *use)
{
    return use->limit &&
           use->used >= use->limit / 100 * MQ_QUOTA_WARNS + use->limit % 100 * MQ_QUOTA_WARNS / 100;
}

static apr_status_t refuse(const mq_scope_t *sc, const mq_quota_use_t *use)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    (void)apr_pool_userdata_setn(apr_pmemdup(pool, use, sizeof *use), reached_key, NULL, pool);
    return MQ_EQUOTA;
}

const mq_quota_use_t *mq_quota_reached(apr_pool_t *pool)
{
    void *reached = NULL;
    (void)apr_pool_userdata_get(&reached, reached_key, pool);
    return reached;
}

static int is_bound(const mq_scope_t *sc, mq_quota_t what)
{
    return mq_scope_core(sc)->quotas[what] && !(mq_scope_roles(sc) & MQ_ROLE_OPERATOR);
}

static apr_status_t admit(const mq_scope_t *sc, mq_quota_t what, apr_int64_t more)
{
    mq_quota_use_t use;
    if (!is_bound(sc, what)) {
        return APR_SUCCESS;
    }
    MQ_TRY(use_read(&use, sc, what));
    if (what == MQ_QUOTA_PATIENTS || what == MQ_QUOTA_BYTES) {
        mq_imports_coming_t coming;
        MQ_TRY(mq_imports_coming(&coming, sc));
        more += what == MQ_QUOTA_PATIENTS ? coming.patients : coming.bytes;
    }
    return more > use.limit - use.used ? refuse(sc, &use) : APR_SUCCESS;
}

apr_status_t mq_quota_admit(const mq_scope_t *sc, mq_quota_t what, apr_int64_t more)
{
    MQ_TRY(admit(sc, what, more));
    return admit(sc, MQ_QUOTA_BYTES, 1);
}

apr_status_t mq_quota_count(const mq_scope_t *sc, int binds)
{
    const apr_int64_t added = mq_db_kept(sc);
    mq_quota_use_t use;
    if (added == 0) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_counter_add(sc, MQ_COUNTER_ROOM_BYTES, added));
    if (added < 0 || !binds || !is_bound(sc, MQ_QUOTA_BYTES)) {
        return APR_SUCCESS;
    }
    MQ_TRY(use_read(&use, sc, MQ_QUOTA_BYTES));
    return use.used - use.limit > use.limit / RESERVE ? refuse(sc, &use) : APR_SUCCESS;
}

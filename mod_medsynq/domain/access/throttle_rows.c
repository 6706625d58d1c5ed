/* throttle_rows.c -- a step on a counter is a transaction: the row is locked by a write that
 * changes nothing, read, judged by whoever counts, and written. Rows are nobody's: what is counted
 * is of an address, or of an account that there may not be. */
#define MQ_MAY_MINT_SCOPE
#include "domain/access/throttle_rows.h"

#include <string.h>

#include "base/crypto.h"
#include "store/scope_mint.h"

enum {
    TRIES_MOST = 5,
    KEPT_SECONDS = 2 * 3600, /* longer than any delay */
    PURGED_OF = 64,          /* new counters: one of so many sweeps */
    PURGED_AT_ONCE = 512     /* or nobody could count while all of a long attack go */
};

/* What a change does within its transaction. */
typedef struct change_t {
    const unsigned char *key;
    int create;
    mq_table_edit_t *edit; /* NULL: the row goes, or all that have ended */
    void *context;
    apr_time_t now;
    int sweeps;
    int is_made; /* a row that was not there */
} change_t;

static mq_param_t key_bind(const unsigned char *key)
{
    return mq_bind_bytes(key, MQ_SHA256_LENGTH);
}

static apr_status_t row_read(mq_table_record_t *record_out, const mq_system_t *nobody,
                             const unsigned char *key)
{
    const void *counted;
    apr_size_t length;
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_system_select(&rows, nobody, MQ_SQL_THROTTLE_BY_KEY, MQ_PARAMS(key_bind(key))));
    rv = mq_rows_next(&rows);
    if (rv != APR_SUCCESS) {
        return rv == APR_EOF ? APR_NOTFOUND : rv;
    }
    memset(record_out, 0, sizeof *record_out);
    memcpy(record_out->key, key, sizeof record_out->key);
    record_out->expires = mq_rows_int(&rows, MQ_THROTTLE_BY_KEY_EXPIRES_AT);
    counted = mq_rows_bytes(&rows, MQ_THROTTLE_BY_KEY_COUNTED, &length);
    if (counted && length <= MQ_TABLE_DATA_MAX) {
        memcpy(record_out->data, counted, length);
        record_out->length = (apr_uint32_t)length;
    }
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

/* Have the row, and nobody else until the commit. @param is_there_out whether there is one */
static apr_status_t row_lock(int *is_there_out, const mq_system_t *nobody, change_t *change)
{
    int made = 0;
    change->is_made = 0;
    if (change->create) { /* a first one is swept at the earliest when it would be forgotten */
        MQ_TRY(mq_db_system_change(
            &made, nobody, MQ_SQL_THROTTLE_INSERT,
            MQ_PARAMS(key_bind(change->key),
                      mq_bind_int(change->now + apr_time_from_sec(KEPT_SECONDS)),
                      mq_bind_bytes("", 0))));
        change->is_made = made;
    }
    return mq_db_system_change(is_there_out, nobody, MQ_SQL_THROTTLE_LOCK,
                               MQ_PARAMS(key_bind(change->key)));
}

static apr_status_t row_delete(const mq_system_t *nobody, const unsigned char *key)
{
    return mq_db_system_change(NULL, nobody, MQ_SQL_THROTTLE_DELETE, MQ_PARAMS(key_bind(key)));
}

static apr_status_t row_edit(const mq_system_t *nobody, change_t *change)
{
    mq_table_record_t record;
    int is_there = 0;
    MQ_TRY(row_lock(&is_there, nobody, change));
    if (!is_there) { /* one that was there a moment ago has gone, and there is room for a new one */
        return change->create ? MQ_EAGAIN : APR_NOTFOUND;
    }
    MQ_TRY(row_read(&record, nobody, change->key));
    if (change->is_made || record.expires <= change->now) { /* as good as none */
        record.length = 0;
        record.expires = 0;
        memset(record.data, 0, sizeof record.data);
    }
    if (!record.expires && !change->create) {
        return APR_NOTFOUND;
    }
    MQ_TRY(change->edit(change->context, &record, record.expires == 0));
    if (record.expires <= 0) {
        return row_delete(nobody, change->key);
    }
    return mq_db_system_change(NULL, nobody, MQ_SQL_THROTTLE_SET,
                               MQ_PARAMS(mq_bind_int(record.expires),
                                         mq_bind_bytes(record.data, record.length),
                                         key_bind(change->key)));
}

static apr_status_t change_do(const mq_system_t *nobody, change_t *change)
{
    if (change->sweeps) {
        return mq_db_system_change(
            NULL, nobody, MQ_SQL_THROTTLES_PURGE,
            MQ_PARAMS(mq_bind_int(change->now - apr_time_from_sec(KEPT_SECONDS)),
                      mq_bind_int(PURGED_AT_ONCE)));
    }
    return change->edit ? row_edit(nobody, change) : row_delete(nobody, change->key);
}

static apr_status_t change_try(const mq_system_t *nobody, change_t *change)
{
    apr_status_t rv;
    MQ_TRY(mq_loan_begin(nobody->loan, MQ_TURN_SHORT));
    rv = change_do(nobody, change);
    if (rv != APR_SUCCESS) {
        return mq_loan_roll_back(nobody->loan) == APR_SUCCESS ? rv : MQ_EAGAIN;
    }
    return mq_loan_commit(nobody->loan);
}

/* Where nobody knows whether a try was counted, it is counted again: one too many at most. */
static apr_status_t change_run(const mq_visit_t *visit, change_t *change)
{
    mq_system_t nobody = {.loan = mq_loan_make(visit->core->store, MQ_NO_TENANT, visit->pool)};
    apr_status_t rv = MQ_EAGAIN;
    for (int i = 0; (rv == MQ_EAGAIN || rv == APR_INCOMPLETE) && i < TRIES_MOST; i++) {
        rv = change_try(&nobody, change);
    }
    mq_loan_give_back(nobody.loan);
    return rv == MQ_EAGAIN || rv == APR_INCOMPLETE ? MQ_EFULL : rv;
}

apr_status_t mq_throttle_row_change(const mq_visit_t *visit, const unsigned char *key, int create,
                                    mq_table_edit_t *edit, void *context)
{
    change_t change = {
        .key = key, .create = create, .edit = edit, .context = context, .now = visit->now};
    change_t sweep = {.now = visit->now, .sweeps = 1};
    MQ_TRY(change_run(visit, &change));
    if (change.is_made && key[0] % PURGED_OF == 0) {
        (void)change_run(visit, &sweep);
    }
    return APR_SUCCESS;
}

apr_status_t mq_throttle_row_find(mq_table_record_t *record_out, const mq_visit_t *visit,
                                  const unsigned char *key)
{
    mq_system_t nobody = {.loan = mq_loan_make(visit->core->store, MQ_NO_TENANT, visit->pool)};
    apr_status_t rv = row_read(record_out, &nobody, key);
    mq_loan_give_back(nobody.loan);
    return rv == APR_SUCCESS && record_out->expires <= visit->now ? APR_NOTFOUND : rv;
}

void mq_throttle_row_remove(const mq_visit_t *visit, const unsigned char *key)
{
    change_t change = {.key = key, .now = visit->now};
    (void)change_run(visit, &change);
}

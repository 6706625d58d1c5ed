/* session_rows.c -- sessions as rows of their organisation.
 *
 * Where several servers share a database, each must know at once of every session that another one
 * has begun or ended. So nothing is cached here: a row is looked for by the SHA-256 of its token at
 * every request, as nobody, for whose it is only the row says; all else is done as its organisation
 * does it, behind both walls. Within a change the row is looked for once more, on the change's own
 * connection: who is logged out at another server meanwhile does not change anything.
 *
 * What is written here says who is where, and is no record of anybody's: it has no event of its own
 * (logging in and out have), and can be written again when nobody knows whether it was. */
#define MQ_MAY_MINT_SCOPE
#include "domain/access/session_rows.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/access/session_records.h"
#include "store/scope_mint.h"

enum { TRIES_MOST = 5, LISTED_MOST = 256 };

/* Servers' clocks differ, and one that is ahead ends nobody's session. */
static const apr_interval_time_t kept_beyond = apr_time_from_sec(600);

static mq_scope_t *place_make(const mq_store_t *store, apr_int64_t tenant, apr_pool_t *pool)
{
    mq_scope_t *sc = apr_pcalloc(pool, sizeof *sc);
    sc->place.loan = mq_loan_make(store, tenant, pool);
    return sc;
}

/* One row, to be written. */
typedef struct writing_t {
    const unsigned char *key;
    const mq_session_record_t *record; /* NULL: it goes */
    apr_time_t expires;
    int is_new;
    int changed;
} writing_t;

static apr_status_t row_delete(int *changed_out, const mq_scope_t *sc, const unsigned char *key)
{
    return mq_db_change(changed_out, sc, MQ_SQL_SESSION_DELETE,
                        MQ_PARAMS(mq_bind_bytes(key, MQ_SESSION_KEY_LENGTH)));
}

static apr_status_t row_insert(const mq_scope_t *sc, const writing_t *writing)
{
    const mq_session_record_t *record = writing->record;
    MQ_TRY(mq_db_change(NULL, sc, MQ_SQL_SESSIONS_PURGE,
                        MQ_PARAMS(mq_bind_int(record->seen - kept_beyond))));
    MQ_TRY(row_delete(NULL, sc, writing->key)); /* written before, and nobody knew it */
    return mq_db_change(NULL, sc, MQ_SQL_SESSION_INSERT,
                        MQ_PARAMS(mq_bind_bytes(writing->key, MQ_SESSION_KEY_LENGTH),
                                  mq_bind_id(&record->user), mq_bind_int(record->epoch),
                                  mq_bind_int(record->roles), mq_bind_int(record->began),
                                  mq_bind_int(record->seen), mq_bind_int(writing->expires),
                                  mq_bind_text(record->agent), mq_bind_text(record->address),
                                  mq_bind_bytes(record->form, sizeof record->form)));
}

static apr_status_t row_write(const mq_scope_t *sc, writing_t *writing)
{
    if (!writing->record) {
        return row_delete(&writing->changed, sc, writing->key);
    }
    if (writing->is_new) {
        return row_insert(sc, writing);
    }
    return mq_db_change(&writing->changed, sc, MQ_SQL_SESSION_SEEN,
                        MQ_PARAMS(mq_bind_int(writing->record->seen), mq_bind_int(writing->expires),
                                  mq_bind_bytes(writing->key, MQ_SESSION_KEY_LENGTH)));
}

static apr_status_t writing_try(const mq_scope_t *sc, writing_t *writing)
{
    apr_status_t rv;
    MQ_TRY(mq_db_begin(sc));
    rv = row_write(sc, writing);
    if (rv != APR_SUCCESS) {
        return mq_db_rollback(sc) == APR_SUCCESS ? rv : MQ_EAGAIN;
    }
    return mq_db_commit(sc);
}

/* Whatever came of one try, the next one leaves the row as it is to be. */
static apr_status_t row_keep(const mq_session_owner_t *owner, writing_t *writing, apr_pool_t *pool,
                             const mq_store_t *store)
{
    const mq_scope_t *sc = place_make(store, owner->tenant, pool);
    apr_status_t rv = MQ_EAGAIN;
    for (int i = 0; (rv == MQ_EAGAIN || rv == APR_INCOMPLETE) && i < TRIES_MOST; i++) {
        rv = writing_try(sc, writing);
    }
    mq_db_give_back(sc);
    return rv == MQ_EAGAIN || rv == APR_INCOMPLETE ? MQ_EFULL : rv;
}

static apr_status_t rows_put(const mq_session_owner_t *owner, const unsigned char *key,
                             const void *data, apr_size_t length, apr_time_t expires,
                             apr_pool_t *pool, void *cache)
{
    writing_t writing = {.key = key, .record = data, .expires = expires, .is_new = 1};
    return length == sizeof *writing.record ? row_keep(owner, &writing, pool, cache) : MQ_EBUG;
}

static apr_status_t rows_renew(const mq_session_owner_t *owner, const unsigned char *key,
                               const void *data, apr_size_t length, apr_time_t expires,
                               apr_pool_t *pool, void *cache)
{
    writing_t writing = {.key = key, .record = data, .expires = expires};
    if (length != sizeof *writing.record) {
        return MQ_EBUG;
    }
    MQ_TRY(row_keep(owner, &writing, pool, cache));
    return writing.changed ? APR_SUCCESS : MQ_ENOTFOUND;
}

static apr_status_t rows_drop(const mq_session_owner_t *owner, const unsigned char *key,
                              apr_pool_t *pool, void *cache)
{
    writing_t writing = {.key = key};
    return row_keep(owner, &writing, pool, cache);
}

static void text_read(char *text_out, apr_size_t size, const mq_rows_t *rows, int column,
                      apr_pool_t *pool)
{
    const char *text = mq_rows_text(rows, column, pool);
    apr_cpystrn(text_out, text ? text : "", size);
}

/* Where a statement has what a record consists of. */
typedef struct columns_t {
    int user;
    int epoch;
    int roles;
    int began;
    int seen;
    int agent;
    int address;
    int form;
} columns_t;

static const columns_t by_key = {MQ_SESSION_BY_KEY_USER_ID, MQ_SESSION_BY_KEY_EPOCH,
                                 MQ_SESSION_BY_KEY_ROLES,   MQ_SESSION_BY_KEY_BEGAN_AT,
                                 MQ_SESSION_BY_KEY_SEEN_AT, MQ_SESSION_BY_KEY_AGENT,
                                 MQ_SESSION_BY_KEY_ADDRESS, MQ_SESSION_BY_KEY_FORM};

static const columns_t of_user = {MQ_SESSIONS_OF_USER_USER_ID, MQ_SESSIONS_OF_USER_EPOCH,
                                  MQ_SESSIONS_OF_USER_ROLES,   MQ_SESSIONS_OF_USER_BEGAN_AT,
                                  MQ_SESSIONS_OF_USER_SEEN_AT, MQ_SESSIONS_OF_USER_AGENT,
                                  MQ_SESSIONS_OF_USER_ADDRESS, MQ_SESSIONS_OF_USER_FORM};

static mq_session_record_t record_read(const mq_rows_t *rows, const columns_t *columns,
                                       apr_int64_t tenant, apr_pool_t *pool)
{
    mq_session_record_t record = {.version = MQ_SESSION_RECORD_VERSION};
    const void *form;
    apr_size_t length;
    record.tenant = tenant;
    record.user = mq_rows_id(rows, columns->user);
    record.epoch = mq_rows_int(rows, columns->epoch);
    record.roles = mq_rows_int(rows, columns->roles);
    record.began = mq_rows_int(rows, columns->began);
    record.seen = mq_rows_int(rows, columns->seen);
    text_read(record.agent, sizeof record.agent, rows, columns->agent, pool);
    text_read(record.address, sizeof record.address, rows, columns->address, pool);
    form = mq_rows_bytes(rows, columns->form, &length);
    if (form && length == sizeof record.form) {
        memcpy(record.form, form, length);
    }
    return record;
}

static apr_status_t rows_get(const unsigned char *key, void *data, apr_size_t *length,
                             apr_pool_t *pool, void *cache)
{
    mq_system_t nobody = {.loan = mq_loan_make(cache, MQ_NO_TENANT, pool)};
    mq_session_record_t record;
    mq_rows_t rows;
    apr_status_t rv;
    if (*length < sizeof record) {
        return MQ_EBUG;
    }
    rv = mq_db_system_select(&rows, &nobody, MQ_SQL_SESSION_BY_KEY,
                             MQ_PARAMS(mq_bind_bytes(key, MQ_SESSION_KEY_LENGTH)));
    rv = rv == APR_SUCCESS ? mq_rows_next(&rows) : rv;
    if (rv == APR_SUCCESS) {
        record = record_read(&rows, &by_key, mq_rows_int(&rows, MQ_SESSION_BY_KEY_TENANT_ID), pool);
        mq_rows_close(&rows);
        memcpy(data, &record, sizeof record);
        *length = sizeof record;
    }
    mq_db_system_give_back(&nobody);
    return rv == APR_EOF ? MQ_ENOTFOUND : rv;
}

static apr_status_t rows_stands(const mq_scope_t *sc, const unsigned char *key)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_SESSION_STANDS,
                            MQ_PARAMS(mq_bind_bytes(key, MQ_SESSION_KEY_LENGTH))));
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

/* One that was found, kept until the connection has gone back: who is called may want one. */
typedef struct found_t {
    mq_session_record_t record;
    unsigned char key[MQ_SESSION_KEY_LENGTH];
} found_t;

static apr_status_t found_read(apr_array_header_t *found, const mq_scope_t *sc,
                               const mq_session_owner_t *owner, apr_pool_t *pool)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_SESSIONS_OF_USER,
                        MQ_PARAMS(mq_bind_id(&owner->user), mq_bind_int(LISTED_MOST))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        apr_size_t length;
        const void *key = mq_rows_bytes(&rows, MQ_SESSIONS_OF_USER_KEY, &length);
        found_t *one = apr_array_push(found);
        one->record = record_read(&rows, &of_user, owner->tenant, pool);
        if (key && length == sizeof one->key) {
            memcpy(one->key, key, sizeof one->key);
        }
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t
rows_each(const mq_session_owner_t *owner,
          int (*wanted)(void *context, const unsigned char *data, apr_uint32_t length),
          int (*seen)(const unsigned char *key, const void *data, apr_size_t length, void *context),
          void *context, apr_pool_t *pool, void *cache)
{
    apr_array_header_t *found = apr_array_make(pool, 8, sizeof(found_t));
    const mq_scope_t *sc;
    apr_status_t rv;
    if (!owner) {
        return APR_ENOTIMPL;
    }
    sc = place_make(cache, owner->tenant, pool);
    rv = found_read(found, sc, owner, pool);
    mq_db_give_back(sc);
    for (int i = 0; rv == APR_SUCCESS && i < found->nelts; i++) {
        const found_t *one = &APR_ARRAY_IDX(found, i, found_t);
        const void *data = &one->record;
        if (wanted(context, data, sizeof one->record) &&
            seen(one->key, data, sizeof one->record, context)) {
            break;
        }
    }
    return rv;
}

mq_session_cache_t mq_session_rows(const mq_store_t *store)
{
    return (mq_session_cache_t){.put = rows_put,
                                .get = rows_get,
                                .renew = rows_renew,
                                .drop = rows_drop,
                                .each = rows_each,
                                .cache = (void *)(uintptr_t)store,
                                .stands = rows_stands,
                                .is_endless = 1};
}

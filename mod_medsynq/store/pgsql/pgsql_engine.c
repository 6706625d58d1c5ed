/* pgsql_engine.c -- the engine's table of functions. What is not there yet says so, and does
 * nothing: what copies a whole database, and archives. */
#include <apr_strings.h>
#include <string.h>

#include "store/moving_ends.h"
#include "store/pgsql/pgsql_check.h"
#include "store/pgsql/pgsql_commit.h"
#include "store/pgsql/pgsql_connection.h"
#include "store/pgsql/pgsql_erase.h"
#include "store/pgsql/pgsql_look.h"
#include "store/pgsql/pgsql_owner.h"
#include "store/pgsql/pgsql_run.h"
#include "store/pgsql/pgsql_schema.h"
#include "store/pgsql/pgsql_trip.h"

static const char absent[] = "this is not there for PostgreSQL yet";

static mq_trouble_t pgsql_place(const mq_db_t *base)
{
    (void)base;
    return MQ_TROUBLE_NONE;
}

static apr_status_t pgsql_rescue(mq_db_t *base)
{
    (void)base;
    return APR_SUCCESS;
}

static void pgsql_set_aside(const char *parameters, apr_pool_t *pool)
{
    (void)parameters;
    (void)pool;
}

static mq_users_t pgsql_users(const char *parameters)
{
    (void)parameters;
    return MQ_USERS_NONE;
}

/* It goes to the server with the next statement, and ends with the transaction. */
static apr_status_t pgsql_enter(mq_db_t *base, apr_int64_t tenant)
{
    base->tenant = tenant;
    mq_pgsql_of(base)->guest_tenant = MQ_NO_TENANT;
    return APR_SUCCESS;
}

/* What is not a guest's statement sees nothing meanwhile. */
static apr_status_t pgsql_enter_guest(mq_db_t *base, apr_int64_t tenant, const mq_guest_key_t *key)
{
    base->tenant = MQ_NO_TENANT;
    mq_pgsql_of(base)->guest_tenant = tenant;
    mq_pgsql_of(base)->guest = *key;
    return APR_SUCCESS;
}

static apr_status_t pgsql_begin(mq_db_t *base, mq_begin_t kind)
{
    mq_pgsql_t *db = mq_pgsql_of(base);
    if (db->state != MQ_PGSQL_IDLE) {
        db->failed = (mq_failure_t){.cause = "a transaction is open"};
        return db->state == MQ_PGSQL_LOST ? MQ_EAGAIN : MQ_EBUG;
    }
    db->state = MQ_PGSQL_PENDING;
    db->kind = kind;
    db->base.order = (mq_lock_order_t){0};
    db->entered = MQ_PGSQL_NOBODY;
    db->highest = MQ_PGSQL_NOBODY;
    db->guest_entered = MQ_NO_TENANT;
    db->event.number = 0;
    db->soon_count = 0;
    db->thread = pthread_self();
    return APR_SUCCESS;
}

/* One that is lost the server rolls back by itself. */
static apr_status_t pgsql_roll_back(mq_db_t *base)
{
    mq_pgsql_t *db = mq_pgsql_of(base);
    db->soon_count = 0;
    if (db->state == MQ_PGSQL_OPEN) {
        MQ_TRY(mq_pgsql_control(NULL, db, MQ_PGSQL_ROLL_BACK, 0, 0));
    }
    db->state = db->state == MQ_PGSQL_LOST ? MQ_PGSQL_LOST : MQ_PGSQL_IDLE;
    return APR_SUCCESS;
}

static apr_status_t pgsql_savepoint(mq_db_t *base, mq_savepoint_t what)
{
    return mq_pgsql_control(NULL, mq_pgsql_of(base),
                            what == MQ_SAVEPOINT_SET    ? MQ_PGSQL_PART
                            : what == MQ_SAVEPOINT_UNDO ? MQ_PGSQL_PART_UNDO
                                                        : MQ_PGSQL_PART_RELEASE,
                            0, 0);
}

static int pgsql_in_transaction(const mq_db_t *base)
{
    return ((const mq_pgsql_t *)(const void *)base)->state != MQ_PGSQL_IDLE;
}

static int pgsql_is_ours(mq_db_t *base)
{
    return pthread_equal(mq_pgsql_of(base)->thread, pthread_self());
}

static void pgsql_failure(mq_failure_t *failure_out, const mq_db_t *base)
{
    mq_failure_t failed = ((const mq_pgsql_t *)(const void *)base)->failed;
    failed.label = failed.label ? failed.label : failure_out->label;
    failed.cause = failed.cause ? failed.cause : "it failed without a word";
    *failure_out = failed;
}

static const char *pgsql_said(const mq_db_t *base, apr_pool_t *pool)
{
    return apr_pstrdup(pool, ((const mq_pgsql_t *)(const void *)base)->said);
}

static apr_status_t pgsql_copy(mq_db_t *db, const char *file, mq_progress_t progress, void *context,
                               const char **error_out, apr_pool_t *pool)
{
    (void)db;
    (void)file;
    (void)progress;
    (void)context;
    (void)pool;
    *error_out = absent;
    return MQ_EINVALID;
}

static apr_status_t pgsql_settle(const char *parameters, const char **error_out, apr_pool_t *pool)
{
    (void)parameters;
    (void)pool;
    *error_out = absent;
    return MQ_EINVALID;
}

static apr_status_t pgsql_archive_copy(apr_array_header_t **chains_out, apr_int64_t *events_out,
                                       const char *parameters, const char *file, apr_time_t before,
                                       mq_progress_t progress, void *context,
                                       const char **error_out, apr_pool_t *pool)
{
    (void)chains_out;
    (void)events_out;
    (void)file;
    (void)before;
    (void)progress;
    (void)context;
    return pgsql_settle(parameters, error_out, pool);
}

static apr_status_t pgsql_archive_remove(const char *parameters, const apr_array_header_t *chains,
                                         mq_progress_t progress, void *context,
                                         const char **error_out, apr_pool_t *pool)
{
    (void)chains;
    (void)progress;
    (void)context;
    return pgsql_settle(parameters, error_out, pool);
}

/* The server cuts its own. */
static apr_status_t pgsql_log_trim(apr_int64_t *bytes_out, const char *parameters, apr_pool_t *pool)
{
    (void)parameters;
    (void)pool;
    *bytes_out = 0;
    return APR_SUCCESS;
}

static const char *const companions[] = {NULL};

const mq_engine_t mq_pgsql_engine = {
    .driver = "pgsql",
    .library = (const void *)(uintptr_t)PQlibVersion,
    .companions = companions,
    .roles = mq_pgsql_roles,
    .parameters_fault = mq_pgsql_parameters_fault,
    .look = mq_pgsql_look,
    .open = mq_pgsql_open,
    .close = mq_pgsql_close,
    .migrate = mq_pgsql_migrate,
    .prove = mq_pgsql_prove,
    .place = pgsql_place,
    .rescue = pgsql_rescue,
    .set_aside = pgsql_set_aside,
    .users = pgsql_users,
    .enter = pgsql_enter,
    .enter_guest = pgsql_enter_guest,
    .begin = pgsql_begin,
    .commit = mq_pgsql_commit,
    .roll_back = pgsql_roll_back,
    .savepoint = pgsql_savepoint,
    .in_transaction = pgsql_in_transaction,
    .start = mq_pgsql_start,
    .step = mq_pgsql_step,
    .changed = mq_pgsql_changed,
    .finish = mq_pgsql_finish,
    .soon = mq_pgsql_soon,
    .text = mq_pgsql_text,
    .integer = mq_pgsql_integer,
    .bytes = mq_pgsql_bytes,
    .kind = mq_pgsql_kind,
    .is_ours = pgsql_is_ours,
    .abandon = mq_pgsql_abandon,
    .failure = pgsql_failure,
    .said = pgsql_said,
    .version = mq_pgsql_owner_version,
    .has_table = mq_pgsql_owner_has,
    .check = mq_pgsql_check,
    .size = mq_pgsql_size,
    .copy = pgsql_copy,
    .settle = pgsql_settle,
    .archive_copy = pgsql_archive_copy,
    .archive_remove = pgsql_archive_remove,
    .erase_rows = mq_pgsql_erase_rows,
    .erase_sweep = mq_pgsql_erase_sweep,
    .moving = &mq_pgsql_moving,
    .log_trim = pgsql_log_trim,
};

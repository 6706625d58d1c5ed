/* pgsql_trip.c -- several statements in one trip (libpq's pipeline), each prepared on a connection
 * when it first goes. Of what is refused the first matters: what follows it is not run. Integers go
 * and come as eight bytes, the most significant first. */
#include "store/pgsql/pgsql_trip.h"

#include <apr_strings.h>
#include <string.h>

#include "store/pgsql/pgsql_wait.h"

static const struct {
    const char *sql;
    const char *kinds;
} controls[MQ_PGSQL_CONTROLS] = {
    [MQ_PGSQL_BEGIN_READ] = {"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ""},
    [MQ_PGSQL_BEGIN_WRITE] = {"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", ""},
    [MQ_PGSQL_ENTER] = {"SELECT set_config('medsynq.tenant', $1, true)", "s"},
    [MQ_PGSQL_GUEST] = {"SELECT set_config('medsynq.guest', $1, true), "
                        "set_config('medsynq.guest_patient', $2, true), "
                        "set_config('medsynq.guest_share', $3, true), "
                        "set_config('medsynq.guest_parts', $4, true)",
                        "ssss"},
    [MQ_PGSQL_LOCK] = {"SELECT number FROM audit_heads WHERE tenant_id = $1 FOR UPDATE", "i"},
    [MQ_PGSQL_LOCK_NOW] = {"SELECT number FROM audit_heads WHERE tenant_id = $1 FOR UPDATE NOWAIT",
                           "i"},
    [MQ_PGSQL_COMMIT] = {"COMMIT", ""},
    [MQ_PGSQL_ROLL_BACK] = {"ROLLBACK", ""},
    [MQ_PGSQL_SAVEPOINT] = {"SAVEPOINT mq_change", ""},
    [MQ_PGSQL_UNDO] = {"ROLLBACK TO SAVEPOINT mq_change", ""},
    [MQ_PGSQL_RELEASE] = {"RELEASE SAVEPOINT mq_change", ""},
    [MQ_PGSQL_PART] = {"SAVEPOINT mq_part", ""},
    [MQ_PGSQL_PART_UNDO] = {"ROLLBACK TO SAVEPOINT mq_part", ""},
    [MQ_PGSQL_PART_RELEASE] = {"RELEASE SAVEPOINT mq_part", ""},
    [MQ_PGSQL_EVENT] = {"SELECT digest FROM audit_events WHERE tenant_id = $1 AND number = $2",
                        "ii"},
};

mq_pgsql_step_t *mq_pgsql_step_add(mq_pgsql_trip_t *trip, int number)
{
    mq_pgsql_step_t *step = &trip->steps[trip->count++];
    step->number = number;
    step->count = 0;
    step->is_new = 0;
    return step;
}

static int number_of(mq_pgsql_control_t control)
{
    return mq_sql_count + (int)control;
}

mq_pgsql_step_t *mq_pgsql_control_add(mq_pgsql_trip_t *trip, mq_pgsql_control_t control)
{
    return mq_pgsql_step_add(trip, number_of(control));
}

void mq_pgsql_give_bytes(mq_pgsql_step_t *step, const void *data, apr_size_t length)
{
    step->values[step->count] = data;
    step->lengths[step->count++] = (int)length;
}

void mq_pgsql_give_integer(mq_pgsql_step_t *step, apr_int64_t value)
{
    unsigned char *bytes = step->integers[step->count];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)((apr_uint64_t)value >> (56 - 8 * i));
    }
    mq_pgsql_give_bytes(step, bytes, 8);
}

void mq_pgsql_give(mq_pgsql_step_t *step, const mq_param_t *param)
{
    if (!param->data) {
        mq_pgsql_give_bytes(step, NULL, 0);
    } else if (param->kind == 'i') {
        mq_pgsql_give_integer(step, param->integer);
    } else if (param->kind == 'b') {
        mq_pgsql_give_bytes(step, param->data, param->length);
    } else {
        mq_pgsql_give_bytes(step, param->data, strlen(param->data));
    }
}

static int prepare_send(const mq_pgsql_t *db, const char *name, int number)
{
    int is_control = number >= mq_sql_count;
    const char *sql = is_control ? controls[number - mq_sql_count].sql
                      : mq_sql_rows[number].owner
                          ? apr_pstrcat(db->base.pool, "DECLARE ", name, " NO SCROLL CURSOR FOR ",
                                        mq_sql_rows[number].pgsql, NULL)
                          : mq_sql_rows[number].pgsql;
    const char *kinds =
        is_control ? controls[number - mq_sql_count].kinds : mq_sql_rows[number].kinds;
    Oid types[MQ_PGSQL_PARAMS_MOST];
    int count = 0;
    if (!is_control && mq_sql_rows[number].tenant) {
        types[count++] = MQ_PGSQL_INT8;
    }
    if (!is_control && mq_sql_rows[number].guest) {
        types[count++] = MQ_PGSQL_BYTEA;
    }
    for (; *kinds; kinds++) {
        types[count++] = *kinds == 's'   ? MQ_PGSQL_TEXT
                         : *kinds == 'b' ? MQ_PGSQL_BYTEA
                                         : MQ_PGSQL_INT8;
    }
    return PQsendPrepare(db->connection, name, sql, count, types);
}

/* @return 0: the connection is lost */
static int step_send(const mq_pgsql_t *db, mq_pgsql_step_t *step)
{
    static const int all_binary[MQ_PGSQL_PARAMS_MOST] = {
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    char name[16];
    (void)apr_snprintf(name, sizeof name, "mq%d", step->number);
    step->is_new = !db->prepared[step->number];
    return (!step->is_new || prepare_send(db, name, step->number)) &&
           PQsendQueryPrepared(db->connection, name, step->count, step->values, step->lengths,
                               all_binary, 1);
}

/* The one result of what was sent, and the end of it. */
static apr_status_t answer_take(PGresult **result_out, const mq_pgsql_t *db, apr_time_t until)
{
    PGresult *end = NULL;
    MQ_TRY(mq_pgsql_result(result_out, db->connection, until));
    if (!*result_out || PQresultStatus(*result_out) == PGRES_PIPELINE_SYNC) {
        return *result_out ? APR_SUCCESS : APR_EOF;
    }
    return mq_pgsql_result(&end, db->connection, until);
}

static int is_well(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* Of what is refused, the first matters; what follows it was not run. */
static apr_status_t step_take(mq_pgsql_t *db, mq_pgsql_trip_t *trip, int i, apr_time_t until)
{
    mq_pgsql_step_t *step = &trip->steps[i];
    if (step->is_new) {
        PGresult *prepared = NULL;
        MQ_TRY(answer_take(&prepared, db, until));
        db->prepared[step->number] = (unsigned char)is_well(prepared);
        if (!is_well(prepared) && trip->failed < 0) {
            trip->failed = i;
            (void)answer_take(&trip->results[i], db, until);
            PQclear(trip->results[i]);
            trip->results[i] = prepared;
            return APR_SUCCESS;
        }
        PQclear(prepared);
    }
    MQ_TRY(answer_take(&trip->results[i], db, until));
    if (!is_well(trip->results[i]) && trip->failed < 0) {
        trip->failed = i;
    }
    return APR_SUCCESS;
}

/* The answer to what was sent ahead, and the end of its trip. */
static apr_status_t unread_take(mq_pgsql_t *db, apr_time_t until)
{
    PGresult *result = NULL;
    PGresult *end = NULL;
    apr_status_t rv;
    if (!db->has_unread) {
        return APR_SUCCESS;
    }
    db->has_unread = 0;
    rv = answer_take(&result, db, until);
    rv = rv == APR_SUCCESS && is_well(result) ? answer_take(&end, db, until) : APR_EOF;
    PQclear(result);
    PQclear(end);
    return rv == APR_SUCCESS && PQexitPipelineMode(db->connection) ? APR_SUCCESS : APR_EOF;
}

static apr_status_t trip_exchange(mq_pgsql_t *db, mq_pgsql_trip_t *trip)
{
    apr_time_t until = apr_time_now() + apr_time_from_sec(MQ_PGSQL_ANSWER_SECONDS);
    PGresult *end = NULL;
    apr_status_t rv = unread_take(db, until);
    int sent = rv == APR_SUCCESS && PQenterPipelineMode(db->connection);
    for (int i = 0; i < trip->count && sent; i++) {
        sent = step_send(db, &trip->steps[i]);
    }
    if (!sent || !PQpipelineSync(db->connection)) {
        return APR_EOF;
    }
    for (int i = 0; i < trip->count && rv == APR_SUCCESS; i++) {
        rv = step_take(db, trip, i, until);
    }
    rv = rv == APR_SUCCESS ? answer_take(&end, db, until) : rv;
    PQclear(end);
    return rv == APR_SUCCESS && PQexitPipelineMode(db->connection) ? APR_SUCCESS : APR_EOF;
}

void mq_pgsql_trip_clear(mq_pgsql_trip_t *trip)
{
    for (int i = 0; i < trip->count; i++) {
        PQclear(trip->results[i]);
        trip->results[i] = NULL;
    }
}

apr_status_t mq_pgsql_trip_run(mq_pgsql_t *db, mq_pgsql_trip_t *trip)
{
    apr_status_t rv = APR_SUCCESS;
    trip->failed = -1;
    memset(trip->results, 0, sizeof trip->results);
    if (!db->connection || trip_exchange(db, trip) != APR_SUCCESS ||
        PQstatus(db->connection) == CONNECTION_BAD) {
        rv = mq_pgsql_fail(db, NULL);
    } else if (trip->failed >= 0) {
        rv = mq_pgsql_fail(db, trip->results[trip->failed]);
        if (rv == MQ_EFULL && trip->steps[trip->failed].number == number_of(MQ_PGSQL_LOCK_NOW)) {
            rv = MQ_EAGAIN;
        }
    }
    if (rv != APR_SUCCESS) {
        mq_pgsql_trip_clear(trip);
    }
    return rv;
}

apr_status_t mq_pgsql_control_ahead(mq_pgsql_t *db, mq_pgsql_control_t control)
{
    mq_pgsql_trip_t trip = {.count = 0};
    mq_pgsql_step_t *step = mq_pgsql_control_add(&trip, control);
    if (!db->prepared[step->number] || db->has_unread) {
        return mq_pgsql_control(NULL, db, control, 0, 0);
    }
    if (!PQenterPipelineMode(db->connection) || !step_send(db, step) ||
        !PQpipelineSync(db->connection) || PQflush(db->connection) != 0) {
        return mq_pgsql_fail(db, NULL);
    }
    db->has_unread = 1;
    return APR_SUCCESS;
}

void mq_pgsql_give_text(mq_pgsql_step_t *step, const char *text)
{
    mq_pgsql_give_bytes(step, text, strlen(text));
}

void mq_pgsql_give_tenant(mq_pgsql_step_t *step, apr_int64_t tenant)
{
    (void)apr_snprintf(step->text, sizeof step->text, "%" APR_INT64_T_FMT, tenant);
    mq_pgsql_give_text(step, step->text);
}

static void id_give(mq_pgsql_step_t *step, char *text, const mq_id_t *id)
{
    for (size_t i = 0; i < sizeof id->bytes; i++) {
        (void)apr_snprintf(text + 2 * i, 3, "%02x", id->bytes[i]);
    }
    mq_pgsql_give_text(step, text);
}

/* Whom a guest sees, by which share; who was in before in this transaction sees nobody any more. */
static void guest_add(mq_pgsql_trip_t *trip, const mq_pgsql_t *db)
{
    mq_pgsql_step_t *step;
    int is_in = db->guest_tenant != MQ_NO_TENANT;
    int was_in = db->state == MQ_PGSQL_OPEN && db->guest_entered != MQ_NO_TENANT;
    int is_same = was_in && db->guest_entered == db->guest_tenant &&
                  memcmp(&db->guest.patient, &db->guest_set.patient, sizeof(mq_id_t)) == 0 &&
                  memcmp(&db->guest.share, &db->guest_set.share, sizeof(mq_id_t)) == 0 &&
                  db->guest.parts == db->guest_set.parts;
    if (is_same || (!is_in && !was_in)) {
        return;
    }
    step = mq_pgsql_control_add(trip, MQ_PGSQL_GUEST);
    if (!is_in) {
        for (int i = 0; i < 4; i++) {
            mq_pgsql_give_text(step, "");
        }
        return;
    }
    mq_pgsql_give_tenant(step, db->guest_tenant);
    id_give(step, step->patient, &db->guest.patient);
    id_give(step, step->share, &db->guest.share);
    (void)apr_snprintf(step->parts, sizeof step->parts, "%d", db->guest.parts);
    mq_pgsql_give_text(step, step->parts);
}

static void tenant_add(mq_pgsql_trip_t *trip, const mq_pgsql_t *db, apr_int64_t tenant,
                       mq_pgsql_control_t lock)
{
    mq_pgsql_give_tenant(mq_pgsql_control_add(trip, MQ_PGSQL_ENTER), tenant);
    if (db->kind == MQ_BEGIN_WRITE && tenant != MQ_NO_TENANT) {
        mq_pgsql_give_integer(mq_pgsql_control_add(trip, lock), tenant);
    }
}

/* Whoever has a higher one may be waited for by whoever has this one. What one has already is given
 * at once. */
static mq_pgsql_control_t lock_of(const mq_pgsql_t *db, apr_int64_t tenant)
{
    const mq_lock_order_t *order = &db->base.order;
    apr_int64_t ahead = order->count ? order->ahead[order->count - 1] : MQ_PGSQL_NOBODY;
    return order->is_kept && (tenant < db->highest || tenant < ahead) ? MQ_PGSQL_LOCK_NOW
                                                                      : MQ_PGSQL_LOCK;
}

void mq_pgsql_preamble_add(mq_pgsql_trip_t *trip, const mq_pgsql_t *db)
{
    apr_int64_t tenant = db->base.tenant;
    if (db->state == MQ_PGSQL_PENDING) {
        (void)mq_pgsql_control_add(trip, db->kind == MQ_BEGIN_WRITE ? MQ_PGSQL_BEGIN_WRITE
                                                                    : MQ_PGSQL_BEGIN_READ);
    }
    if (db->is_owner) {
        return;
    }
    for (int i = 0; db->state == MQ_PGSQL_PENDING && i < db->base.order.count; i++) {
        tenant_add(trip, db, db->base.order.ahead[i], MQ_PGSQL_LOCK);
    }
    if (db->state == MQ_PGSQL_PENDING || db->entered != tenant) {
        tenant_add(trip, db, tenant, lock_of(db, tenant));
    }
    guest_add(trip, db);
}

apr_status_t mq_pgsql_control(PGresult **result_out, mq_pgsql_t *db, mq_pgsql_control_t control,
                              apr_int64_t tenant, apr_int64_t number)
{
    mq_pgsql_trip_t trip = {.count = 0};
    mq_pgsql_step_t *step = mq_pgsql_control_add(&trip, control);
    if (control == MQ_PGSQL_ENTER) {
        mq_pgsql_give_tenant(step, tenant);
    } else if (*controls[control].kinds) {
        mq_pgsql_give_integer(step, tenant);
    }
    if (control == MQ_PGSQL_EVENT) {
        mq_pgsql_give_integer(step, number);
    }
    MQ_TRY(mq_pgsql_trip_run(db, &trip));
    if (result_out) {
        *result_out = trip.results[0];
    } else {
        mq_pgsql_trip_clear(&trip);
    }
    return APR_SUCCESS;
}

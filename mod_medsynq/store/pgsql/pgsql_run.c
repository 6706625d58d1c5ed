/* pgsql_run.c -- running statements: each goes to the server in one trip, with what must precede
 * it. The first of a transaction brings its BEGIN, the first of an organisation brings that
 * organisation, and in a transaction that writes its lock: so a page or a change costs no trip for
 * being safe.
 *
 * The lock is the head of the organisation's trail, which every change moves anyway. Whoever writes
 * waits for it before anything is read, so that what must happen once per organisation is judged by
 * one at a time, as on an engine with one writer; organisations do not wait for each other.
 *
 * A change has a savepoint of its own: one that is refused undoes itself and nothing else, as the
 * domain expects. Integers go and come as eight bytes, the most significant first. */
#include "store/pgsql/pgsql_run.h"

#include <apr_strings.h>
#include <string.h>

#include "store/pgsql/pgsql_owner.h"
#include "store/pgsql/pgsql_wait.h"

enum {
    PARAMS_MOST = 64,
    STEPS_MOST = 8,
    INT8 = 20,
    INT4 = 23,
    INT2 = 21,
    TEXT = 25,
    BYTEA = 17,
    NUMERIC = 1700
};

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

/* One statement with its parameters. */
typedef struct step_t {
    int number; /* of mq_sql_rows, or of a control behind them */
    int count;
    const char *values[PARAMS_MOST];
    int lengths[PARAMS_MOST];
    unsigned char integers[PARAMS_MOST][8];
    char text[24];
    char patient[2 * sizeof(mq_id_t) + 1];
    char share[2 * sizeof(mq_id_t) + 1];
    char parts[12];
    int is_new; /* it is prepared in this trip */
} step_t;

/* What goes to the server at once. */
typedef struct trip_t {
    step_t steps[STEPS_MOST];
    int count;
    PGresult *results[STEPS_MOST];
    int failed; /* the step that the server has refused, or -1 */
} trip_t;

static step_t *step_add(trip_t *trip, int number)
{
    step_t *step = &trip->steps[trip->count++];
    step->number = number;
    step->count = 0;
    step->is_new = 0;
    return step;
}

static step_t *control_add(trip_t *trip, mq_pgsql_control_t control)
{
    return step_add(trip, mq_sql_count + (int)control);
}

static void bytes_give(step_t *step, const void *data, apr_size_t length)
{
    step->values[step->count] = data;
    step->lengths[step->count++] = (int)length;
}

static void integer_give(step_t *step, apr_int64_t value)
{
    unsigned char *bytes = step->integers[step->count];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)((apr_uint64_t)value >> (56 - 8 * i));
    }
    bytes_give(step, bytes, 8);
}

static void param_give(step_t *step, const mq_param_t *param)
{
    if (!param->data) {
        bytes_give(step, NULL, 0);
    } else if (param->kind == 'i') {
        integer_give(step, param->integer);
    } else if (param->kind == 'b') {
        bytes_give(step, param->data, param->length);
    } else {
        bytes_give(step, param->data, strlen(param->data));
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
    Oid types[PARAMS_MOST];
    int count = 0;
    if (!is_control && mq_sql_rows[number].tenant) {
        types[count++] = INT8;
    }
    if (!is_control && mq_sql_rows[number].guest) {
        types[count++] = BYTEA;
    }
    for (; *kinds; kinds++) {
        types[count++] = *kinds == 's' ? TEXT : *kinds == 'b' ? BYTEA : INT8;
    }
    return PQsendPrepare(db->connection, name, sql, count, types);
}

/* @return 0: the connection is lost */
static int step_send(const mq_pgsql_t *db, step_t *step)
{
    static const int all_binary[PARAMS_MOST] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                                1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                                1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                                1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
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
static apr_status_t step_take(mq_pgsql_t *db, trip_t *trip, int i, apr_time_t until)
{
    step_t *step = &trip->steps[i];
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

static apr_status_t trip_exchange(mq_pgsql_t *db, trip_t *trip)
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

static void trip_clear(trip_t *trip)
{
    for (int i = 0; i < trip->count; i++) {
        PQclear(trip->results[i]);
        trip->results[i] = NULL;
    }
}

/* Its results are cleared unless it goes well. */
static apr_status_t trip_run(mq_pgsql_t *db, trip_t *trip)
{
    apr_status_t rv = APR_SUCCESS;
    trip->failed = -1;
    memset(trip->results, 0, sizeof trip->results);
    if (!db->connection || trip_exchange(db, trip) != APR_SUCCESS ||
        PQstatus(db->connection) == CONNECTION_BAD) {
        rv = mq_pgsql_fail(db, NULL);
    } else if (trip->failed >= 0) {
        rv = mq_pgsql_fail(db, trip->results[trip->failed]);
    }
    if (rv != APR_SUCCESS) {
        trip_clear(trip);
    }
    return rv;
}

apr_status_t mq_pgsql_control(PGresult **result_out, mq_pgsql_t *db, mq_pgsql_control_t control,
                              apr_int64_t tenant, apr_int64_t number)
{
    trip_t trip = {.count = 0};
    step_t *step = control_add(&trip, control);
    if (control == MQ_PGSQL_ENTER) {
        (void)apr_snprintf(step->text, sizeof step->text, "%" APR_INT64_T_FMT, tenant);
        bytes_give(step, step->text, strlen(step->text));
    } else if (*controls[control].kinds) {
        integer_give(step, tenant);
    }
    if (control == MQ_PGSQL_EVENT) {
        integer_give(step, number);
    }
    MQ_TRY(trip_run(db, &trip));
    if (result_out) {
        *result_out = trip.results[0];
    } else {
        trip_clear(&trip);
    }
    return APR_SUCCESS;
}

apr_status_t mq_pgsql_control_ahead(mq_pgsql_t *db, mq_pgsql_control_t control)
{
    trip_t trip = {.count = 0};
    step_t *step = control_add(&trip, control);
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

static void text_give(step_t *step, const char *text)
{
    bytes_give(step, text, strlen(text));
}

static void tenant_give(step_t *step, apr_int64_t tenant)
{
    (void)apr_snprintf(step->text, sizeof step->text, "%" APR_INT64_T_FMT, tenant);
    text_give(step, step->text);
}

static void id_give(step_t *step, char *text, const mq_id_t *id)
{
    for (size_t i = 0; i < sizeof id->bytes; i++) {
        (void)apr_snprintf(text + 2 * i, 3, "%02x", id->bytes[i]);
    }
    text_give(step, text);
}

/* Whom a guest sees, by which share; who was in before in this transaction sees nobody any more. */
static void guest_add(trip_t *trip, const mq_pgsql_t *db)
{
    step_t *step;
    int is_in = db->guest_tenant != MQ_NO_TENANT;
    int was_in = db->state == MQ_PGSQL_OPEN && db->guest_entered != MQ_NO_TENANT;
    int is_same = was_in && db->guest_entered == db->guest_tenant &&
                  memcmp(&db->guest.patient, &db->guest_set.patient, sizeof(mq_id_t)) == 0 &&
                  memcmp(&db->guest.share, &db->guest_set.share, sizeof(mq_id_t)) == 0 &&
                  db->guest.parts == db->guest_set.parts;
    if (is_same || (!is_in && !was_in)) {
        return;
    }
    step = control_add(trip, MQ_PGSQL_GUEST);
    if (!is_in) {
        for (int i = 0; i < 4; i++) {
            text_give(step, "");
        }
        return;
    }
    tenant_give(step, db->guest_tenant);
    id_give(step, step->patient, &db->guest.patient);
    id_give(step, step->share, &db->guest.share);
    (void)apr_snprintf(step->parts, sizeof step->parts, "%d", db->guest.parts);
    text_give(step, step->parts);
}

/* What is not in force yet: the transaction, the organisation, its lock. */
static void preamble_add(trip_t *trip, const mq_pgsql_t *db)
{
    apr_int64_t tenant = db->base.tenant;
    if (db->state == MQ_PGSQL_PENDING) {
        (void)control_add(trip,
                          db->kind == MQ_BEGIN_WRITE ? MQ_PGSQL_BEGIN_WRITE : MQ_PGSQL_BEGIN_READ);
    }
    if (db->is_owner) {
        return;
    }
    if (db->state == MQ_PGSQL_PENDING || db->entered != tenant) {
        tenant_give(control_add(trip, MQ_PGSQL_ENTER), tenant);
        if (db->kind == MQ_BEGIN_WRITE && tenant != MQ_NO_TENANT) {
            integer_give(control_add(trip, MQ_PGSQL_LOCK), tenant);
        }
    }
    guest_add(trip, db);
}

/* @return the place of the statement itself */
static int trip_make(trip_t *trip, const mq_pgsql_t *db, int number, apr_int64_t tenant,
                     const mq_guest_key_t *guest, const mq_param_t *params)
{
    const mq_sql_row_t *row = &mq_sql_rows[number];
    step_t *step;
    int place;
    trip->count = 0;
    preamble_add(trip, db);
    if (*row->writes) {
        (void)control_add(trip, MQ_PGSQL_SAVEPOINT);
    }
    place = trip->count;
    step = step_add(trip, number);
    if (row->tenant) {
        integer_give(step, tenant);
    }
    if (row->guest) {
        bytes_give(step, guest->patient.bytes, sizeof guest->patient.bytes);
    }
    for (int i = 0; row->kinds[i]; i++) {
        param_give(step, &params[i]);
    }
    if (*row->writes) {
        (void)control_add(trip, MQ_PGSQL_RELEASE);
    }
    return place;
}

/* A change that was refused: what was before it in the transaction stays. */
static void change_undo(mq_pgsql_t *db)
{
    mq_failure_t failed = db->failed;
    trip_t trip = {.count = 0};
    (void)control_add(&trip, MQ_PGSQL_UNDO);
    (void)control_add(&trip, MQ_PGSQL_RELEASE);
    if (trip_run(db, &trip) == APR_SUCCESS) {
        trip_clear(&trip);
    }
    db->failed = failed;
}

static mq_cursor_t *cursor_take(mq_pgsql_t *db)
{
    mq_cursor_t *cursor = db->cursors;
    while (cursor && cursor->result) {
        cursor = cursor->next;
    }
    if (!cursor) {
        cursor = apr_pcalloc(db->base.pool, sizeof *cursor);
        cursor->next = db->cursors;
        db->cursors = cursor;
    }
    cursor->row = -1;
    cursor->batch_of = -1;
    return cursor;
}

/* Who asks whether this was stored asks for its event. */
static void event_note(mq_pgsql_t *db, int number, apr_int64_t tenant, const mq_param_t *params)
{
    const mq_param_t *digest;
    if (&mq_sql_rows[number] != (const mq_sql_row_t *)MQ_SQL_AUDIT_EVENT_INSERT) {
        return;
    }
    digest = &params[strlen(mq_sql_rows[number].kinds) - 1];
    db->event.tenant = tenant;
    db->event.number = params[0].integer;
    if (digest->length == sizeof db->event.digest) {
        memcpy(db->event.digest, digest->data, sizeof db->event.digest);
    }
}

/* The server has the rows of an owner's statement. */
static apr_status_t batches_begin(mq_rows_t *rows)
{
    mq_cursor_t *cursor = rows->statement;
    apr_status_t rv;
    cursor->batch_of = rows->row;
    rv = mq_pgsql_owner_fetch(mq_pgsql_of(rows->db), cursor);
    if (rv != APR_SUCCESS) {
        mq_pgsql_finish(rows);
        rows->statement = NULL;
    }
    return rv;
}

apr_status_t mq_pgsql_start(mq_rows_t *rows, apr_int64_t tenant, const mq_guest_key_t *guest,
                            const mq_param_t *params)
{
    mq_pgsql_t *db = mq_pgsql_of(rows->db);
    int was_pending = db->state == MQ_PGSQL_PENDING;
    trip_t trip;
    int place;
    apr_status_t rv;
    if (db->state == MQ_PGSQL_IDLE || mq_sql_rows[rows->row].owner != db->is_owner) {
        db->failed = (mq_failure_t){.cause = "no transaction is open, or another's connection"};
        return MQ_EBUG;
    }
    place = trip_make(&trip, db, rows->row, tenant, guest, params);
    rv = trip_run(db, &trip);
    if (was_pending && db->state == MQ_PGSQL_LOST) { /* while nobody used it: nothing was done */
        MQ_TRY(mq_pgsql_reconnect(db));
        db->state = MQ_PGSQL_PENDING;
        rv = trip_run(db, &trip);
    }
    if (db->state == MQ_PGSQL_LOST) {
        return rv;
    }
    db->state = MQ_PGSQL_OPEN;
    if (rv == APR_SUCCESS || trip.failed >= place) {
        db->entered = db->base.tenant;
        db->guest_entered = db->guest_tenant;
        db->guest_set = db->guest;
    }
    if (rv != APR_SUCCESS) {
        if (*mq_sql_rows[rows->row].writes && trip.failed >= place) {
            change_undo(db);
        }
        return rv;
    }
    event_note(db, rows->row, tenant, params);
    rows->statement = cursor_take(db);
    ((mq_cursor_t *)rows->statement)->result = trip.results[place];
    trip.results[place] = NULL;
    trip_clear(&trip);
    return db->is_owner ? batches_begin(rows) : APR_SUCCESS;
}

static const mq_cursor_t *cursor_of(const mq_rows_t *rows)
{
    return rows->statement;
}

apr_status_t mq_pgsql_step(mq_rows_t *rows)
{
    mq_cursor_t *cursor = rows->statement;
    if (++cursor->row < PQntuples(cursor->result)) {
        return APR_SUCCESS;
    }
    if (cursor->batch_of < 0 || PQntuples(cursor->result) == 0) {
        return APR_EOF;
    }
    MQ_TRY(mq_pgsql_owner_fetch(mq_pgsql_of(rows->db), cursor));
    return ++cursor->row < PQntuples(cursor->result) ? APR_SUCCESS : APR_EOF;
}

int mq_pgsql_changed(const mq_rows_t *rows)
{
    char *count = PQcmdTuples(cursor_of(rows)->result);
    return (int)apr_atoi64(count);
}

void mq_pgsql_finish(mq_rows_t *rows)
{
    mq_cursor_t *cursor = rows->statement;
    if (cursor && cursor->batch_of >= 0) {
        mq_pgsql_owner_finish(mq_pgsql_of(rows->db), cursor);
    }
    if (cursor) {
        PQclear(cursor->result);
        cursor->result = NULL;
    }
}

void mq_pgsql_abandon(mq_db_t *base)
{
    for (mq_cursor_t *cursor = mq_pgsql_of(base)->cursors; cursor; cursor = cursor->next) {
        PQclear(cursor->result);
        cursor->result = NULL;
    }
}

const void *mq_pgsql_bytes(const mq_rows_t *rows, int column, apr_size_t *length_out)
{
    const mq_cursor_t *cursor = cursor_of(rows);
    *length_out = (apr_size_t)PQgetlength(cursor->result, cursor->row, column);
    return PQgetisnull(cursor->result, cursor->row, column)
               ? NULL
               : PQgetvalue(cursor->result, cursor->row, column);
}

/* libpq ends each value with a NUL. */
const char *mq_pgsql_text(const mq_rows_t *rows, int column)
{
    apr_size_t length;
    return mq_pgsql_bytes(rows, column, &length);
}

/* What sum() gives: digits, weight of the first, sign and scale in two bytes each, then digits of
 * base 10,000. */
static apr_int64_t numeric_read(const unsigned char *bytes, apr_size_t length)
{
    int digits = length < 8 ? 0 : bytes[0] << 8 | bytes[1];
    int weight = length < 8 ? -1 : bytes[2] << 8 | bytes[3];
    apr_int64_t value = 0;
    for (int i = 0; i <= weight && weight < 5; i++) {
        const unsigned char *digit = bytes + 8 + 2 * i;
        value = value * 10000 +
                (i < digits && 8 + 2 * i + 2 <= (int)length ? digit[0] << 8 | digit[1] : 0);
    }
    return length >= 8 && bytes[4] == 0x40 ? -value : value;
}

apr_int64_t mq_pgsql_integer(const mq_rows_t *rows, int column)
{
    apr_size_t length;
    const unsigned char *bytes = mq_pgsql_bytes(rows, column, &length);
    if (bytes && PQftype(cursor_of(rows)->result, column) == NUMERIC) {
        return numeric_read(bytes, length);
    }
    apr_uint64_t value = bytes && length && length < 8 && bytes[0] & 0x80 ? ~(apr_uint64_t)0 : 0;
    for (apr_size_t i = 0; bytes && i < length; i++) {
        value = value << 8 | bytes[i];
    }
    return (apr_int64_t)value;
}

char mq_pgsql_kind(const mq_rows_t *rows, int column)
{
    const mq_cursor_t *cursor = cursor_of(rows);
    if (PQgetisnull(cursor->result, cursor->row, column)) {
        return 0;
    }
    switch (PQftype(cursor->result, column)) {
    case NUMERIC:
    case INT8:
    case INT4:
    case INT2:
        return 'i';
    case TEXT:
        return 's';
    case BYTEA:
        return 'b';
    default:
        return 'f';
    }
}

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
 * domain expects. */
#include "store/pgsql/pgsql_run.h"

#include <apr_strings.h>
#include <string.h>

#include "store/pgsql/pgsql_owner.h"
#include "store/pgsql/pgsql_trip.h"

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

static apr_int64_t integer_of(const PGresult *result, int row, int column)
{
    apr_size_t length = (apr_size_t)PQgetlength(result, row, column);
    const unsigned char *bytes =
        PQgetisnull(result, row, column) ? NULL : (const void *)PQgetvalue(result, row, column);
    apr_uint64_t value;
    if (bytes && PQftype(result, column) == MQ_PGSQL_NUMERIC) {
        return numeric_read(bytes, length);
    }
    value = bytes && length && length < 8 && bytes[0] & 0x80 ? ~(apr_uint64_t)0 : 0;
    for (apr_size_t i = 0; bytes && i < length; i++) {
        value = value << 8 | bytes[i];
    }
    return (apr_int64_t)value;
}

/* What is to be read soon goes behind what is read. */
static void soon_add(mq_pgsql_trip_t *trip, const mq_pgsql_t *db)
{
    for (int i = 0; i < db->soon_count; i++) {
        const mq_pgsql_soon_t *soon = &db->soon[i];
        mq_pgsql_step_t *step = mq_pgsql_step_add(trip, soon->number);
        mq_pgsql_give_integer(step, soon->tenant);
        for (int k = 0; mq_sql_rows[soon->number].kinds[k]; k++) {
            mq_pgsql_give(step, &soon->params[k]);
        }
    }
}

/* The last of a trip that went well. */
static void soon_take(mq_pgsql_t *db, const mq_pgsql_trip_t *trip)
{
    for (int i = 0; i < db->soon_count; i++) {
        const PGresult *result = trip->results[trip->count - db->soon_count + i];
        *db->soon[i].value_out = PQntuples(result) ? integer_of(result, 0, 0) : 0;
    }
    db->soon_count = 0;
}

/* Where what was to be read soon is refused, that is named, not what it went with. */
static apr_status_t trip_go(mq_pgsql_t *db, mq_pgsql_trip_t *trip)
{
    apr_status_t rv = mq_pgsql_trip_run(db, trip);
    int place = trip->failed - (trip->count - db->soon_count);
    if (rv != APR_SUCCESS && trip->failed >= 0 && place >= 0) {
        db->failed.label = mq_sql_rows[db->soon[place].number].label;
    }
    return rv;
}

apr_status_t mq_pgsql_soon(mq_db_t *base, int row, const mq_param_t *params, apr_int64_t *value_out)
{
    mq_pgsql_t *db = mq_pgsql_of(base);
    if (db->soon_count == MQ_PGSQL_SOON_MOST || db->state == MQ_PGSQL_IDLE || db->is_owner) {
        return MQ_EFULL;
    }
    db->soon[db->soon_count++] = (mq_pgsql_soon_t){row, base->tenant, params, value_out};
    return APR_SUCCESS;
}

apr_status_t mq_pgsql_soon_end(mq_pgsql_t *db)
{
    mq_pgsql_trip_t trip = {.count = 0};
    if (db->soon_count == 0) {
        return APR_SUCCESS;
    }
    mq_pgsql_preamble_add(&trip, db);
    soon_add(&trip, db);
    MQ_TRY(trip_go(db, &trip));
    db->state = MQ_PGSQL_OPEN;
    soon_take(db, &trip);
    mq_pgsql_trip_clear(&trip);
    return APR_SUCCESS;
}

/* @return the place of the statement itself */
static int trip_make(mq_pgsql_trip_t *trip, const mq_pgsql_t *db, int number, apr_int64_t tenant,
                     const mq_guest_key_t *guest, const mq_param_t *params)
{
    const mq_sql_row_t *row = &mq_sql_rows[number];
    mq_pgsql_step_t *step;
    int place;
    trip->count = 0;
    mq_pgsql_preamble_add(trip, db);
    if (*row->writes) {
        (void)mq_pgsql_control_add(trip, MQ_PGSQL_SAVEPOINT);
    }
    place = trip->count;
    step = mq_pgsql_step_add(trip, number);
    if (row->tenant) {
        mq_pgsql_give_integer(step, tenant);
    }
    if (row->guest) {
        mq_pgsql_give_bytes(step, guest->patient.bytes, sizeof guest->patient.bytes);
    }
    for (int i = 0; row->kinds[i]; i++) {
        mq_pgsql_give(step, &params[i]);
    }
    if (*row->writes) {
        (void)mq_pgsql_control_add(trip, MQ_PGSQL_RELEASE);
    }
    soon_add(trip, db);
    return place;
}

/* A change that was refused: what was before it in the transaction stays. */
static void change_undo(mq_pgsql_t *db)
{
    mq_failure_t failed = db->failed;
    mq_pgsql_trip_t trip = {.count = 0};
    (void)mq_pgsql_control_add(&trip, MQ_PGSQL_UNDO);
    (void)mq_pgsql_control_add(&trip, MQ_PGSQL_RELEASE);
    if (mq_pgsql_trip_run(db, &trip) == APR_SUCCESS) {
        mq_pgsql_trip_clear(&trip);
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
    mq_pgsql_trip_t trip;
    int place;
    apr_status_t rv;
    if (db->state == MQ_PGSQL_IDLE || mq_sql_rows[rows->row].owner != db->is_owner) {
        db->failed = (mq_failure_t){.cause = "no transaction is open, or another's connection"};
        return MQ_EBUG;
    }
    place = trip_make(&trip, db, rows->row, tenant, guest, params);
    rv = trip_go(db, &trip);
    if (was_pending && db->state == MQ_PGSQL_LOST) { /* while nobody used it: nothing was done */
        MQ_TRY(mq_pgsql_reconnect(db));
        db->state = MQ_PGSQL_PENDING;
        rv = trip_go(db, &trip);
    }
    if (db->state == MQ_PGSQL_LOST) {
        return rv;
    }
    db->state = MQ_PGSQL_OPEN;
    if (rv == APR_SUCCESS || trip.failed >= place) {
        db->entered = db->base.tenant;
        db->highest = db->entered > db->highest ? db->entered : db->highest;
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
    soon_take(db, &trip);
    rows->statement = cursor_take(db);
    ((mq_cursor_t *)rows->statement)->result = trip.results[place];
    trip.results[place] = NULL;
    mq_pgsql_trip_clear(&trip);
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

apr_int64_t mq_pgsql_integer(const mq_rows_t *rows, int column)
{
    return integer_of(cursor_of(rows)->result, cursor_of(rows)->row, column);
}

char mq_pgsql_kind(const mq_rows_t *rows, int column)
{
    const mq_cursor_t *cursor = cursor_of(rows);
    if (PQgetisnull(cursor->result, cursor->row, column)) {
        return 0;
    }
    switch (PQftype(cursor->result, column)) {
    case MQ_PGSQL_NUMERIC:
    case MQ_PGSQL_INT8:
    case MQ_PGSQL_INT4:
    case MQ_PGSQL_INT2:
        return 'i';
    case MQ_PGSQL_TEXT:
        return 's';
    case MQ_PGSQL_BYTEA:
        return 'b';
    default:
        return 'f';
    }
}

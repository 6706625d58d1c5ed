/* pgsql_commit.c -- ending a transaction. A COMMIT that was sent and not answered, for the server
 * or the network went away, has happened or has not. Every change writes an event with a number and
 * a digest that nobody else has: on a connection of its own the chain's head is locked, so that
 * nothing is under way any more, and the event looked for. */
#include "store/pgsql/pgsql_commit.h"

#include <apr_strings.h>
#include <string.h>

#include "store/pgsql/pgsql_run.h"
#include "store/pgsql/pgsql_trip.h"

enum { SETTLE_SECONDS = 3, PAUSE_MILLISECONDS = 100 };

/* @return APR_SUCCESS it is known: *is_stored_out */
static apr_status_t event_find(int *is_stored_out, mq_pgsql_t *db, const mq_pgsql_event_t *event)
{
    PGresult *result = NULL;
    MQ_TRY(mq_pgsql_control(NULL, db, MQ_PGSQL_BEGIN_WRITE, 0, 0));
    MQ_TRY(mq_pgsql_control(NULL, db, MQ_PGSQL_ENTER, event->tenant, 0));
    MQ_TRY(mq_pgsql_control(NULL, db, MQ_PGSQL_LOCK, event->tenant, 0));
    MQ_TRY(mq_pgsql_control(&result, db, MQ_PGSQL_EVENT, event->tenant, event->number));
    *is_stored_out = PQntuples(result) == 1 &&
                     PQgetlength(result, 0, 0) == (int)sizeof event->digest &&
                     memcmp(PQgetvalue(result, 0, 0), event->digest, sizeof event->digest) == 0;
    PQclear(result);
    return mq_pgsql_control(NULL, db, MQ_PGSQL_ROLL_BACK, 0, 0);
}

/* The first event of a chain has no head to lock: one that is not there may be under way. */
static apr_status_t outcome_find(mq_pgsql_t *db)
{
    const mq_pgsql_event_t event = db->event;
    apr_time_t until = apr_time_now() + apr_time_from_sec(SETTLE_SECONDS);
    int is_stored = 0;
    do {
        if (mq_pgsql_reconnect(db) == APR_SUCCESS &&
            event_find(&is_stored, db, &event) == APR_SUCCESS) {
            db->base.failed = (mq_failure_t){NULL};
            if (is_stored) {
                return APR_SUCCESS;
            }
            if (event.number > 1) {
                return MQ_EAGAIN;
            }
        }
        apr_sleep(apr_time_from_msec(PAUSE_MILLISECONDS));
    } while (apr_time_now() < until);
    return APR_INCOMPLETE;
}

static apr_status_t unknown_settle(mq_pgsql_t *db)
{
    apr_status_t rv = db->event.number ? outcome_find(db) : APR_INCOMPLETE;
    if (rv == APR_SUCCESS) {
        db->state = MQ_PGSQL_IDLE;
        return rv;
    }
    db->state = MQ_PGSQL_LOST;
    db->failed.cause = rv == MQ_EAGAIN ? "the connection was lost, and nothing is stored"
                                       : "the connection was lost, and nobody knows whether it is "
                                         "stored";
    return rv;
}

apr_status_t mq_pgsql_commit(mq_db_t *base)
{
    mq_pgsql_t *db = mq_pgsql_of(base);
    PGresult *result = NULL;
    int is_kept;
    apr_status_t rv;
    if (db->state == MQ_PGSQL_PENDING || db->state == MQ_PGSQL_OPEN) {
        MQ_TRY(mq_pgsql_soon_end(db));
    }
    if (db->state == MQ_PGSQL_PENDING) { /* nothing was asked of the server */
        db->state = MQ_PGSQL_IDLE;
        return APR_SUCCESS;
    }
    if (db->state != MQ_PGSQL_OPEN) {
        return db->kind == MQ_BEGIN_WRITE ? MQ_EAGAIN : APR_SUCCESS;
    }
    if (db->kind == MQ_BEGIN_READ &&
        !db->is_owner) { /* nobody waits to hear that reading has ended */
        MQ_TRY(mq_pgsql_control_ahead(db, MQ_PGSQL_COMMIT));
        db->state = MQ_PGSQL_IDLE;
        return APR_SUCCESS;
    }
    rv = mq_pgsql_control(&result, db, MQ_PGSQL_COMMIT, 0, 0);
    if (rv != APR_SUCCESS) {
        return db->kind == MQ_BEGIN_WRITE && db->state == MQ_PGSQL_LOST ? unknown_settle(db) : rv;
    }
    is_kept = strcmp(PQcmdStatus(result), "COMMIT") == 0; /* of what has failed it says ROLLBACK */
    PQclear(result);
    db->state = MQ_PGSQL_IDLE;
    if (!is_kept) {
        db->failed = (mq_failure_t){.cause = "the transaction has failed before"};
    }
    return is_kept ? APR_SUCCESS : MQ_EBUG;
}

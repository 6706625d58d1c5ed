/* pgsql_trip.h -- what goes to the server at once, and the answers to it: for pgsql_run.c, which
 * says what goes together. */
#ifndef MQ_STORE_PGSQL_TRIP_H
#define MQ_STORE_PGSQL_TRIP_H

#include "store/pgsql/pgsql_connection.h"

enum {
    MQ_PGSQL_PARAMS_MOST = 64,
    MQ_PGSQL_STEPS_MOST = 8 + 2 * MQ_LOCKS_AHEAD_MOST + MQ_PGSQL_SOON_MOST
};

/** Types as the server numbers them. */
enum {
    MQ_PGSQL_BYTEA = 17,
    MQ_PGSQL_INT8 = 20,
    MQ_PGSQL_INT2 = 21,
    MQ_PGSQL_INT4 = 23,
    MQ_PGSQL_TEXT = 25,
    MQ_PGSQL_NUMERIC = 1700
};

/** One statement with its parameters. */
typedef struct mq_pgsql_step_t {
    int number; /* of mq_sql_rows, or of a control behind them */
    int count;
    const char *values[MQ_PGSQL_PARAMS_MOST];
    int lengths[MQ_PGSQL_PARAMS_MOST];
    unsigned char integers[MQ_PGSQL_PARAMS_MOST][8];
    char text[24];
    char patient[2 * sizeof(mq_id_t) + 1];
    char share[2 * sizeof(mq_id_t) + 1];
    char parts[12];
    int is_new; /* it is prepared in this trip */
} mq_pgsql_step_t;

/** What goes to the server at once. */
typedef struct mq_pgsql_trip_t {
    mq_pgsql_step_t steps[MQ_PGSQL_STEPS_MOST];
    int count;
    PGresult *results[MQ_PGSQL_STEPS_MOST];
    int failed; /* the step that the server has refused, or -1 */
} mq_pgsql_trip_t;

/** Add a statement without its parameters. @return it, in the trip */
mq_pgsql_step_t *mq_pgsql_step_add(mq_pgsql_trip_t *trip, int number);

/** The same of a control. */
mq_pgsql_step_t *mq_pgsql_control_add(mq_pgsql_trip_t *trip, mq_pgsql_control_t control);

/** Give a step its next parameter. What it points to is not copied. */
void mq_pgsql_give(mq_pgsql_step_t *step, const mq_param_t *param);
void mq_pgsql_give_bytes(mq_pgsql_step_t *step, const void *data, apr_size_t length);
void mq_pgsql_give_integer(mq_pgsql_step_t *step, apr_int64_t value);
void mq_pgsql_give_text(mq_pgsql_step_t *step, const char *text);
void mq_pgsql_give_tenant(mq_pgsql_step_t *step, apr_int64_t tenant);

/** Add what is not in force yet: the transaction, the organisation, its lock, a guest. */
void mq_pgsql_preamble_add(mq_pgsql_trip_t *trip, const mq_pgsql_t *db);

/** Send it, and wait for all answers; they are cleared unless it goes well. */
apr_status_t mq_pgsql_trip_run(mq_pgsql_t *db, mq_pgsql_trip_t *trip);

/** Forget its answers. */
void mq_pgsql_trip_clear(mq_pgsql_trip_t *trip);

/** Run one control, of the organisation and a number where it has parameters.
 * @param result_out PQclear it; may be NULL */
apr_status_t mq_pgsql_control(PGresult **result_out, mq_pgsql_t *db, mq_pgsql_control_t control,
                              apr_int64_t tenant, apr_int64_t number);

/** Send one control whose answer is of no interest: it is read with the next trip's. */
apr_status_t mq_pgsql_control_ahead(mq_pgsql_t *db, mq_pgsql_control_t control);

#endif

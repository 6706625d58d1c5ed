/* pgsql_wait.h -- talking to the server. libpq's own functions wait without limit when a server is
 * alive and silent; nothing here does. After a wait that was in vain the connection is closed. */
#ifndef MQ_STORE_PGSQL_WAIT_H
#define MQ_STORE_PGSQL_WAIT_H

#include <apr_pools.h>
#include <apr_time.h>
#include <libpq-fe.h>

#include "base/status.h"

enum { MQ_PGSQL_ANSWER_SECONDS = 10 /* more than the server takes: statement_timeout */ };

/** @return a sentence of the server's or libpq's, which has lines, as one, from pool */
const char *mq_pgsql_one_line(const char *said, apr_pool_t *pool);

/**
 * Wait for the next result of what was sent.
 * @param result_out NULL where there is no more of that statement; PQclear it
 * @return APR_TIMEUP, or APR_EOF: the connection is of no use any more
 */
apr_status_t mq_pgsql_result(PGresult **result_out, PGconn *connection, apr_time_t until);

/**
 * Run SQL that is a constant of ours, one statement or more.
 * @param result_out the last result, or the one that failed; never NULL on success
 * @return APR_EGENERAL the server refuses it; error_out has its words, from pool
 */
apr_status_t mq_pgsql_execute(PGresult **result_out, PGconn *connection, const char *sql,
                              apr_interval_time_t patience, const char **error_out,
                              apr_pool_t *pool);

/**
 * Wait for the next piece of a COPY to us.
 * @param piece_out PQfreemem it; NULL at the end
 * @param length_out -1 at the end, whose result is to be read then
 */
apr_status_t mq_pgsql_copied(char **piece_out, int *length_out, PGconn *connection,
                             apr_time_t until);

/** Send a piece of a COPY from us, on a connection that is set not to block. */
apr_status_t mq_pgsql_copy(PGconn *connection, const char *piece, apr_size_t length,
                           apr_time_t until);

#endif

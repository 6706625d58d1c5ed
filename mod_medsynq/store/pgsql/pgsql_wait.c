/* pgsql_wait.c -- talking to the server: each wait is a poll() of ours with a deadline. */
#include "store/pgsql/pgsql_wait.h"

#include <apr_strings.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

static apr_status_t wait_for(PGconn *connection, short events, apr_time_t until)
{
    struct pollfd fd = {.fd = PQsocket(connection), .events = events};
    int n;
    do {
        apr_interval_time_t left = until - apr_time_now();
        n = poll(&fd, 1, left > 0 ? (int)apr_time_as_msec(left) + 1 : 0);
    } while (n < 0 && errno == EINTR);
    return n > 0 ? APR_SUCCESS : n == 0 ? APR_TIMEUP : APR_EOF;
}

const char *mq_pgsql_one_line(const char *said, apr_pool_t *pool)
{
    char *line = apr_pstrdup(pool, said);
    apr_size_t length = strlen(line);
    while (length && line[length - 1] == '\n') {
        line[--length] = 0;
    }
    for (char *s = line; *s; s++) {
        *s = *s == '\n' || *s == '\t' ? ' ' : *s;
    }
    return line;
}

apr_status_t mq_pgsql_result(PGresult **result_out, PGconn *connection, apr_time_t until)
{
    int unsent = PQflush(connection);
    while (unsent == 1 || (unsent == 0 && PQisBusy(connection))) {
        MQ_TRY(wait_for(connection, (short)(unsent ? POLLIN | POLLOUT : POLLIN), until));
        if (!PQconsumeInput(connection)) {
            return APR_EOF;
        }
        unsent = PQflush(connection);
    }
    if (unsent < 0) {
        return APR_EOF;
    }
    *result_out = PQgetResult(connection);
    return APR_SUCCESS;
}

apr_status_t mq_pgsql_execute(PGresult **result_out, PGconn *connection, const char *sql,
                              apr_interval_time_t patience, const char **error_out,
                              apr_pool_t *pool)
{
    apr_time_t until = apr_time_now() + patience;
    PGresult *result = NULL;
    apr_status_t rv = PQsendQuery(connection, sql) ? APR_SUCCESS : APR_EOF;
    *result_out = NULL;
    while (rv == APR_SUCCESS) {
        rv = mq_pgsql_result(&result, connection, until);
        if (rv != APR_SUCCESS || !result) {
            break;
        }
        PQclear(*result_out);
        *result_out = result;
    }
    if (rv != APR_SUCCESS || !*result_out) {
        *error_out = rv == APR_TIMEUP ? "the server does not answer" : "the server has gone away";
        PQclear(*result_out);
        *result_out = NULL;
        return APR_EOF;
    }
    if (PQresultStatus(*result_out) != PGRES_COMMAND_OK &&
        PQresultStatus(*result_out) != PGRES_TUPLES_OK) {
        *error_out = mq_pgsql_one_line(PQresultErrorMessage(*result_out), pool);
        return APR_EGENERAL;
    }
    return APR_SUCCESS;
}

apr_status_t mq_pgsql_copied(char **piece_out, int *length_out, PGconn *connection,
                             apr_time_t until)
{
    while ((*length_out = PQgetCopyData(connection, piece_out, 1)) == 0) {
        MQ_TRY(wait_for(connection, POLLIN, until));
        if (!PQconsumeInput(connection)) {
            return APR_EOF;
        }
    }
    return *length_out == -2 ? APR_EOF : APR_SUCCESS;
}

apr_status_t mq_pgsql_copy(PGconn *connection, const char *piece, apr_size_t length,
                           apr_time_t until)
{
    int unsent = PQputCopyData(connection, piece, (int)length) == 1 ? PQflush(connection) : -1;
    while (unsent == 1) {
        MQ_TRY(wait_for(connection, POLLIN | POLLOUT, until));
        if (!PQconsumeInput(connection)) {
            return APR_EOF;
        }
        unsent = PQflush(connection);
    }
    return unsent == 0 ? APR_SUCCESS : APR_EOF;
}

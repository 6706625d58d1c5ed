/* pgsql_hosts.c -- a try at each host, side by side, with one deadline for all.
 *
 * libpq asks one host after the other, and its own time limit for each is not there for who waits
 * by poll(). A host that has lost its power accepts nothing and refuses nothing: then no other one
 * would ever be asked. Which is the primary nobody remembers here, for it may be another one when a
 * connection is made the next time. */
#include "store/pgsql/pgsql_hosts.h"

#include <apr_strings.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "store/pgsql/pgsql_transport.h"
#include "store/pgsql/pgsql_wait.h"

/* What the server keeps to by itself: no statement and no lock is waited for longer than a page
 * may take, and a transaction that somebody has left ends. */
static const char options[] = "-c search_path=public -c lock_timeout=5s -c statement_timeout=9s "
                              "-c idle_in_transaction_session_timeout=60s";

typedef struct try_t {
    PGconn *connection; /* NULL: it has failed */
    PostgresPollingStatusType wanted;
} try_t;

/* All that are asked. */
typedef struct tries_t {
    try_t each[MQ_PGSQL_HOSTS_MOST];
    int count;
    const char *said; /* by those that have failed; NULL: nothing yet */
    apr_pool_t *pool;
} tries_t;

static int list_count(const char *list)
{
    int count = 1;
    for (; *list; list++) {
        count += *list == ',';
    }
    return count;
}

/* @param unsaid what an entry means that says nothing
 * @return an entry of a list, or its only one; NULL: the list is empty */
static const char *list_entry(const char *list, int place, const char *unsaid, apr_pool_t *pool)
{
    int is_list = list_count(list) > 1;
    for (; is_list && place > 0; place--) {
        list = strchr(list, ',') + 1;
    }
    if (!is_list && !*list) {
        return NULL;
    }
    return strcspn(list, ",") ? apr_pstrmemdup(pool, list, strcspn(list, ",")) : unsaid;
}

static int hosts_count(const PQconninfoOption *all)
{
    int hosts = list_count(mq_pgsql_option(all, "host"));
    int addresses = list_count(mq_pgsql_option(all, "hostaddr"));
    return hosts > addresses ? hosts : addresses;
}

/* @return whether a list has one entry for all, or one for each */
static int fits(const char *list, int count)
{
    return list_count(list) == 1 || list_count(list) == count;
}

/* Of several, one that says nothing: libpq would take all of them in its place. */
static int has_gap(const char *list)
{
    apr_size_t length = strlen(list);
    return list_count(list) > 1 &&
           (*list == ',' || list[length - 1] == ',' || strstr(list, ",,") != NULL);
}

const char *mq_pgsql_hosts_fault(const PQconninfoOption *all)
{
    int count = hosts_count(all);
    if (count == 1) {
        return NULL;
    }
    if (count > MQ_PGSQL_HOSTS_MOST) {
        return "there are too many hosts: name eight at most";
    }
    if (!fits(mq_pgsql_option(all, "port"), count) || !fits(mq_pgsql_option(all, "host"), count) ||
        !fits(mq_pgsql_option(all, "hostaddr"), count)) {
        return "host=, hostaddr= and port= have different numbers of entries: name one port, or "
               "one for each host";
    }
    if (has_gap(mq_pgsql_option(all, "host")) || has_gap(mq_pgsql_option(all, "hostaddr"))) {
        return "one of several hosts has no name: a comma is too many in host= or hostaddr=";
    }
    return strcmp(mq_pgsql_option(all, "target_session_attrs"), "read-write") == 0
               ? NULL
               : "of several hosts the primary is wanted: say target_session_attrs=read-write";
}

/* postgresql://one,two/medsynq comes as port=, */
static const char port_unsaid[] = "5432";

static PGconn *connect_begin(const char *parameters, const PQconninfoOption *all, int place,
                             apr_pool_t *pool)
{
    const int is_one = hosts_count(all) == 1;
    const char *host = is_one ? NULL : list_entry(mq_pgsql_option(all, "host"), place, NULL, pool);
    const char *address =
        is_one ? NULL : list_entry(mq_pgsql_option(all, "hostaddr"), place, NULL, pool);
    const char *port =
        is_one ? NULL : list_entry(mq_pgsql_option(all, "port"), place, port_unsaid, pool);
    const char *const names[] = {"dbname",
                                 "client_encoding",
                                 "application_name",
                                 "options",
                                 "tcp_user_timeout",
                                 "host",
                                 "hostaddr",
                                 "port",
                                 NULL};
    const char *const values[] = {parameters, "UTF8",  "MedSynQ", options, "5000",
                                  host,       address, port,      NULL};
    return PQconnectStartParams(names, values, 1);
}

/* @param why NULL: what the connection says */
static void try_fail(tries_t *tries, try_t *one, const char *why)
{
    const char *said = why ? why
                       : one->connection
                           ? mq_pgsql_one_line(PQerrorMessage(one->connection), tries->pool)
                           : "memory is short";
    tries->said = tries->said ? apr_pstrcat(tries->pool, tries->said, "; ", said, NULL) : said;
    PQfinish(one->connection);
    one->connection = NULL;
}

static apr_status_t tries_begin(tries_t *tries, const char *parameters, const char **error_out,
                                apr_pool_t *pool)
{
    PQconninfoOption *all = PQconninfoParse(parameters, NULL);
    *tries = (tries_t){.pool = pool};
    if (!all) {
        *error_out = "its parameters are not as libpq wants them";
        return MQ_EINVALID;
    }
    *error_out = mq_pgsql_transport_fault(all, pool);
    if (*error_out) {
        PQconninfoFree(all);
        return MQ_EINVALID;
    }
    tries->count = hosts_count(all) > MQ_PGSQL_HOSTS_MOST ? MQ_PGSQL_HOSTS_MOST : hosts_count(all);
    for (int i = 0; i < tries->count; i++) {
        try_t *one = &tries->each[i];
        one->connection = connect_begin(parameters, all, i, pool);
        one->wanted = PGRES_POLLING_WRITING;
        if (!one->connection || PQstatus(one->connection) == CONNECTION_BAD) {
            try_fail(tries, one, NULL);
        }
    }
    PQconninfoFree(all);
    return APR_SUCCESS;
}

/* Wait until something has happened to one of them. @return APR_EOF none is left */
static apr_status_t tries_wait(struct pollfd *fds, const tries_t *tries, apr_time_t until)
{
    apr_interval_time_t left = until - apr_time_now();
    int is_any = 0;
    int n;
    for (int i = 0; i < tries->count; i++) {
        const try_t *one = &tries->each[i];
        fds[i] = (struct pollfd){.fd = one->connection ? PQsocket(one->connection) : -1,
                                 .events = one->wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT};
        is_any |= one->connection != NULL;
    }
    if (!is_any) {
        return APR_EOF;
    }
    n = poll(fds, (nfds_t)tries->count, left > 0 ? (int)apr_time_as_msec(left) + 1 : 0);
    return n > 0 || (n < 0 && errno == EINTR) ? APR_SUCCESS : APR_TIMEUP;
}

/* Go on with those to which something has happened. @return the one that is through, or NULL */
static try_t *tries_step(tries_t *tries, const struct pollfd *fds)
{
    for (int i = 0; i < tries->count; i++) {
        try_t *one = &tries->each[i];
        if (!one->connection || !fds[i].revents) {
            continue;
        }
        one->wanted = PQconnectPoll(one->connection);
        if (one->wanted == PGRES_POLLING_OK) {
            return one;
        }
        if (one->wanted == PGRES_POLLING_FAILED) {
            try_fail(tries, one, NULL);
        }
    }
    return NULL;
}

/* @return the connection of the first that is through; the others are let go */
static PGconn *tries_await(tries_t *tries)
{
    apr_time_t until = apr_time_now() + apr_time_from_sec(MQ_PGSQL_CONNECT_SECONDS);
    struct pollfd fds[MQ_PGSQL_HOSTS_MOST];
    try_t *through = NULL;
    PGconn *connection = NULL;
    while (!through && tries_wait(fds, tries, until) == APR_SUCCESS) {
        through = tries_step(tries, fds);
    }
    if (through) {
        connection = through->connection;
        through->connection = NULL;
    }
    for (int i = 0; i < tries->count; i++) {
        if (tries->each[i].connection) {
            try_fail(tries, &tries->each[i], "the server does not answer");
        }
    }
    return connection;
}

static void notice_ignore(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

apr_status_t mq_pgsql_connect(PGconn **connection_out, const char *parameters,
                              const char **error_out, apr_pool_t *pool)
{
    tries_t tries;
    PGconn *connection;
    if (tries_begin(&tries, parameters, error_out, pool) != APR_SUCCESS) {
        return APR_EGENERAL;
    }
    connection = tries_await(&tries);
    if (connection && PQsetnonblocking(connection, 1) == 0) {
        (void)PQsetNoticeReceiver(connection, notice_ignore, NULL);
        *connection_out = connection;
        return APR_SUCCESS;
    }
    PQfinish(connection);
    *error_out = tries.said ? tries.said : "memory is short";
    return APR_EGENERAL;
}

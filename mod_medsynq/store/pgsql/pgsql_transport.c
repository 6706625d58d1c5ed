/* pgsql_transport.c -- left to itself, libpq goes on without TLS where the other end, or somebody
 * between, has none. Which end that is it takes from more places than the parameters: an
 * environment variable, or a file of services, may name another machine. */
#include "store/pgsql/pgsql_transport.h"

#include <apr_strings.h>
#include <arpa/inet.h>
#include <string.h>

const char *mq_pgsql_option(const PQconninfoOption *all, const char *keyword)
{
    while (all->keyword && strcmp(all->keyword, keyword) != 0) {
        all++;
    }
    return all->keyword && all->val ? all->val : "";
}

/* What libpq will take: what is written, or else what is around. */
static const char *taken(const PQconninfoOption *all, const PQconninfoOption *around,
                         const char *keyword)
{
    const char *written = mq_pgsql_option(all, keyword);
    return *written ? written : mq_pgsql_option(around, keyword);
}

/* An address and no name: 127.example.org is another machine's. */
static int is_loopback(const char *host)
{
    unsigned char bytes[16];
    return (inet_pton(AF_INET, host, bytes) == 1 && bytes[0] == 127) || strcmp(host, "::1") == 0;
}

/* A socket's folder, or an address that no network sees. libpq takes a list for each. */
static int is_this_machine(const char *hosts, apr_pool_t *pool)
{
    char *state;
    int is_near = 1;
    for (char *host = apr_strtok(apr_pstrdup(pool, hosts), ",", &state); host && is_near;
         host = apr_strtok(NULL, ",", &state)) {
        is_near =
            *host == '/' || *host == '@' || strcmp(host, "localhost") == 0 || is_loopback(host);
    }
    return is_near;
}

static int is_open_to_all(const PQconninfoOption *all, const PQconninfoOption *around,
                          apr_pool_t *pool)
{
    const char *mode = taken(all, around, "sslmode");
    int is_near = is_this_machine(taken(all, around, "host"), pool) &&
                  is_this_machine(taken(all, around, "hostaddr"), pool);
    return !is_near && (!*mode || strcmp(mode, "allow") == 0 || strcmp(mode, "prefer") == 0);
}

const char *mq_pgsql_transport_fault(const PQconninfoOption *all, apr_pool_t *pool)
{
    PQconninfoOption *around;
    int is_open;
    if (*mq_pgsql_option(all, "service")) {
        return "service=: write here what that file says, so that its hosts and their TLS are seen";
    }
    around = PQconndefaults();
    if (!around) {
        return "memory is short";
    }
    is_open = is_open_to_all(all, around, pool);
    PQconninfoFree(around);
    return is_open ? "records would go over the network as whoever answers there likes it: say "
                     "sslmode=verify-full (or, where the network itself is sealed, sslmode=disable)"
                   : NULL;
}

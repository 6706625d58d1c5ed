/* pgsql_transport.h -- whether records may go over the network as a connection's parameters say. */
#ifndef MQ_STORE_PGSQL_TRANSPORT_H
#define MQ_STORE_PGSQL_TRANSPORT_H

#include <apr_pools.h>
#include <libpq-fe.h>

/** @return what parameters say of a keyword, "" for nothing */
const char *mq_pgsql_option(const PQconninfoOption *all, const char *keyword);

/**
 * Judge parameters together with what libpq takes from its environment (PGHOST, PGSERVICE ...),
 * also where medsynqctl connects and no configuration was read.
 * @param all as they are written
 * @return a sentence; NULL: nothing goes in the clear over a network unless somebody said so
 */
const char *mq_pgsql_transport_fault(const PQconninfoOption *all, apr_pool_t *pool);

#endif

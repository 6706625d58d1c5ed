/* session_rows.h -- sessions as rows of the database, which every server on it sees at once: behind
 * the same interface as the table in shared memory (core.h). `MedSynQSessionCache database`. */
#ifndef MQ_DOMAIN_SESSION_ROWS_H
#define MQ_DOMAIN_SESSION_ROWS_H

#include "domain/core.h"

/**
 * Keep sessions in a database.
 * @param store where connections come from; read when a session is, not before
 * @return the cache; its context is the store
 */
mq_session_cache_t mq_session_rows(const mq_store_t *store);

#endif

/* pgsql_status.h -- what PostgreSQL's codes mean to us. */
#ifndef MQ_STORE_PGSQL_STATUS_H
#define MQ_STORE_PGSQL_STATUS_H

#include "store/connection.h"

/** What a code means: our status, the cause in words that follow a colon, and whether the database
 * itself is in trouble. */
typedef struct mq_pgsql_meaning_t {
    const char *code; /* SQLSTATE, or how it begins */
    apr_status_t status;
    const char *cause;
    mq_trouble_t trouble;
} mq_pgsql_meaning_t;

/** @param code an SQLSTATE; NULL: the connection was lost. @return never NULL */
const mq_pgsql_meaning_t *mq_pgsql_meaning(const char *code);

#endif

/* pgsql_status.c -- one row a code, or a class of codes. */
#include "store/pgsql/pgsql_status.h"

#include <string.h>

/* Whole codes before their classes. MQ_EAGAIN: nothing was done, and it may go well the next time:
 * the bracket of a change (domain/change.c) tries it anew. */
static const mq_pgsql_meaning_t meanings[] = {
    {"40001", MQ_EAGAIN, "another transaction was in the way", MQ_TROUBLE_NONE},
    {"40P01", MQ_EAGAIN, "two transactions waited for each other", MQ_TROUBLE_NONE},
    {"55P03", MQ_EFULL, "a lock did not come free in time", MQ_TROUBLE_NONE},
    {"57014", MQ_EFULL, "it took longer than it may", MQ_TROUBLE_NONE},
    {"57P", MQ_EAGAIN, "the server ends the connection", MQ_TROUBLE_NONE},
    {"25P03", MQ_EAGAIN, "the server ends the connection", MQ_TROUBLE_NONE},
    {"25006", MQ_EFULL, "this server may not be written: it is a standby", MQ_TROUBLE_BARRED},
    {"26000", MQ_EAGAIN, "the server has forgotten a statement", MQ_TROUBLE_NONE},
    {"0A000", MQ_EAGAIN, "the schema has changed meanwhile", MQ_TROUBLE_NONE},
    {"42501", MQ_EBUG, "the second wall, or a right, refuses it", MQ_TROUBLE_NONE},
    {"42704", MQ_EBUG, "the second wall: no organisation is set", MQ_TROUBLE_NONE},
    {"53100", APR_ENOSPC, "the server's disk is full", MQ_TROUBLE_FULL},
    {"53", MQ_EFULL, "the server is short of something", MQ_TROUBLE_NONE},
    {"08", MQ_EAGAIN, "the connection was lost", MQ_TROUBLE_NONE},
    {"23", MQ_ECONFLICT, "a key, a foreign key or a check refuses it", MQ_TROUBLE_NONE},
    {"58", APR_EGENERAL, "the server's disk fails", MQ_TROUBLE_BARRED},
    {"XX", MQ_ECORRUPT, "the database is damaged", MQ_TROUBLE_DAMAGED},
    {"", MQ_EBUG, "it is not used as it must be", MQ_TROUBLE_NONE},
};

static const mq_pgsql_meaning_t lost = {NULL, MQ_EAGAIN, "the connection was lost",
                                        MQ_TROUBLE_NONE};

const mq_pgsql_meaning_t *mq_pgsql_meaning(const char *code)
{
    const mq_pgsql_meaning_t *meaning = meanings;
    if (!code) {
        return &lost;
    }
    while (strncmp(meaning->code, code, strlen(meaning->code)) != 0) {
        meaning++; /* the last fits all */
    }
    return meaning;
}

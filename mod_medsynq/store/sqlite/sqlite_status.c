/* sqlite_status.c -- one row a code: our status, and the cause in words for the log. */
#include "store/sqlite/sqlite_status.h"

#include <sqlite3.h>

typedef struct meaning_t {
    int code; /* SQLite's, the extended ones before their primary */
    apr_status_t status;
    const char *cause;
} meaning_t;

static const meaning_t meanings[] = {
    {SQLITE_OK, APR_SUCCESS, ""},
    {SQLITE_DONE, APR_SUCCESS, ""},
    {SQLITE_ROW, APR_SUCCESS, ""},
    {SQLITE_BUSY, MQ_EFULL, "a foreign lock: another program holds the database"},
    {SQLITE_LOCKED, MQ_EFULL, "a foreign lock: another connection holds a table"},
    {SQLITE_CONSTRAINT_TRIGGER, MQ_EBUG, "the second wall: a row of another organisation"},
    {SQLITE_CONSTRAINT, MQ_ECONFLICT, "a key, a foreign key or a check refuses it"},
    {SQLITE_CORRUPT, MQ_ECORRUPT, "the database is damaged"},
    {SQLITE_NOTADB, MQ_ECORRUPT, "the file is no database"},
    {SQLITE_FULL, APR_ENOSPC, "the disk is full"},
    {SQLITE_IOERR, APR_EGENERAL, "the disk fails"},
    {SQLITE_READONLY, APR_EACCES, "the database may not be written"},
    {SQLITE_CANTOPEN, APR_EACCES, "the database cannot be opened"},
    {SQLITE_PERM, APR_EACCES, "the database may not be used"},
    {SQLITE_NOMEM, APR_ENOMEM, "memory is short"},
    {SQLITE_AUTH, MQ_EBUG, "the second wall refuses it"},
    {SQLITE_MISUSE, MQ_EBUG, "it is not used as it must be"},
    {SQLITE_RANGE, MQ_EBUG, "there is no such parameter"},
};

static const meaning_t *meaning_find(int code)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        if (meanings[i].code == code || meanings[i].code == (code & 0xff)) {
            return &meanings[i];
        }
    }
    return NULL;
}

apr_status_t mq_sqlite_status(int code)
{
    const meaning_t *meaning = meaning_find(code);
    return meaning ? meaning->status : APR_EGENERAL;
}

const char *mq_sqlite_cause(int code)
{
    const meaning_t *meaning = meaning_find(code);
    return meaning ? meaning->cause : sqlite3_errstr(code);
}

/* sqlite_status.c -- one row a code: our status, and the cause in words for the log. */
#include "store/sqlite/sqlite_status.h"

#include <errno.h>

typedef struct meaning_t {
    int code; /* SQLite's, the extended ones before their primary */
    apr_status_t status;
    const char *cause;
    mq_trouble_t trouble;
} meaning_t;

static const meaning_t meanings[] = {
    {SQLITE_OK, APR_SUCCESS, "", MQ_TROUBLE_NONE},
    {SQLITE_DONE, APR_SUCCESS, "", MQ_TROUBLE_NONE},
    {SQLITE_ROW, APR_SUCCESS, "", MQ_TROUBLE_NONE},
    {SQLITE_BUSY, MQ_EFULL, "a foreign lock: another program holds the database",
     MQ_TROUBLE_LOCKED},
    {SQLITE_LOCKED, MQ_EFULL, "a foreign lock: another connection holds a table",
     MQ_TROUBLE_LOCKED},
    {SQLITE_CONSTRAINT_TRIGGER, MQ_EBUG, "the second wall: a row of another organisation",
     MQ_TROUBLE_NONE},
    {SQLITE_CONSTRAINT, MQ_ECONFLICT, "a key, a foreign key or a check refuses it",
     MQ_TROUBLE_NONE},
    {SQLITE_CORRUPT, MQ_ECORRUPT, "the database is damaged", MQ_TROUBLE_DAMAGED},
    {SQLITE_NOTADB, MQ_ECORRUPT, "the file is no database", MQ_TROUBLE_DAMAGED},
    {SQLITE_FULL, APR_ENOSPC, "the disk is full", MQ_TROUBLE_FULL},
    {SQLITE_IOERR_SHMSIZE, APR_ENOSPC, "the disk is full", MQ_TROUBLE_FULL},
    {SQLITE_IOERR, APR_EGENERAL, "the disk fails", MQ_TROUBLE_BARRED},
    {SQLITE_READONLY, APR_EACCES, "the database may not be written", MQ_TROUBLE_BARRED},
    {SQLITE_CANTOPEN, APR_EACCES, "the database cannot be opened", MQ_TROUBLE_BARRED},
    {SQLITE_PERM, APR_EACCES, "the database may not be used", MQ_TROUBLE_BARRED},
    {SQLITE_NOMEM, APR_ENOMEM, "memory is short", MQ_TROUBLE_NONE},
    {SQLITE_AUTH, MQ_EBUG, "the second wall refuses it", MQ_TROUBLE_NONE},
    {SQLITE_MISUSE, MQ_EBUG, "it is not used as it must be", MQ_TROUBLE_NONE},
    {SQLITE_RANGE, MQ_EBUG, "there is no such parameter", MQ_TROUBLE_NONE},
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

const char *mq_sqlite_words(sqlite3 *sqlite)
{
    return mq_sqlite_trouble(sqlite3_extended_errcode(sqlite), sqlite3_system_errno(sqlite)) ==
                   MQ_TROUBLE_FULL
               ? "the disk is full: make room"
               : sqlite3_errmsg(sqlite);
}

mq_trouble_t mq_sqlite_trouble(int code, int system_error)
{
    const meaning_t *meaning = meaning_find(code);
    if ((code & 0xff) == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT)) {
        return MQ_TROUBLE_FULL;
    }
    return meaning ? meaning->trouble : MQ_TROUBLE_NONE;
}

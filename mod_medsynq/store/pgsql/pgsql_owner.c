/* pgsql_owner.c -- what reads all organisations: as medsynq_admin, whom a policy of its own lets
 * past the wall, in one read-only state of the database. Rows come in batches, by cursors of the
 * server. */
#include "store/pgsql/pgsql_owner.h"

#include <apr_strings.h>

#include "store/pgsql/pgsql_schema.h"
#include "store/pgsql/pgsql_wait.h"

enum { BATCH = 2000, BATCH_SECONDS = 600 };

/* Its rows in binary. */
static apr_status_t one_run(PGresult **result_out, mq_pgsql_t *db, const char *sql)
{
    apr_time_t until = apr_time_now() + apr_time_from_sec(BATCH_SECONDS);
    PGresult *end = NULL;
    apr_status_t rv = PQsendQueryParams(db->connection, sql, 0, NULL, NULL, NULL, NULL, 1)
                          ? mq_pgsql_result(result_out, db->connection, until)
                          : APR_EOF;
    rv = rv == APR_SUCCESS ? mq_pgsql_result(&end, db->connection, until) : rv;
    if (rv != APR_SUCCESS || !*result_out) {
        return mq_pgsql_fail(db, NULL);
    }
    return PQresultStatus(*result_out) == PGRES_TUPLES_OK ||
                   PQresultStatus(*result_out) == PGRES_COMMAND_OK
               ? APR_SUCCESS
               : mq_pgsql_fail(db, *result_out);
}

apr_status_t mq_pgsql_owner_fetch(mq_pgsql_t *db, mq_cursor_t *cursor)
{
    char sql[64];
    PGresult *result = NULL;
    apr_status_t rv;
    (void)apr_snprintf(sql, sizeof sql, "FETCH FORWARD %d FROM mq%d", BATCH, cursor->batch_of);
    rv = one_run(&result, db, sql);
    if (rv != APR_SUCCESS) {
        PQclear(result);
        return rv;
    }
    PQclear(cursor->result);
    cursor->result = result;
    cursor->row = -1;
    return APR_SUCCESS;
}

void mq_pgsql_owner_finish(mq_pgsql_t *db, mq_cursor_t *cursor)
{
    char sql[32];
    PGresult *result = NULL;
    (void)apr_snprintf(sql, sizeof sql, "CLOSE mq%d", cursor->batch_of);
    if (db->state == MQ_PGSQL_OPEN) {
        (void)one_run(&result, db, sql);
    }
    PQclear(result);
}

apr_status_t mq_pgsql_owner_version(int *version_out, mq_db_t *base, const char **error_out,
                                    apr_pool_t *pool)
{
    return mq_pgsql_version(version_out, mq_pgsql_of(base)->connection, error_out, pool);
}

int mq_pgsql_owner_has(mq_db_t *base, const char *table)
{
    PGresult *result;
    const char *ignored;
    apr_pool_t *scratch;
    int has = 0;
    if (apr_pool_create(&scratch, NULL) != APR_SUCCESS) {
        return 0;
    }
    if (mq_pgsql_execute(&result, mq_pgsql_of(base)->connection,
                         apr_psprintf(scratch, "SELECT to_regclass('public.%s')", table),
                         apr_time_from_sec(MQ_PGSQL_ANSWER_SECONDS), &ignored,
                         scratch) == APR_SUCCESS) {
        has = !PQgetisnull(result, 0, 0);
    }
    PQclear(result);
    apr_pool_destroy(scratch);
    return has;
}

/* pgsql_check.c -- what medsynq_admin can see of a database's soundness. pg_amcheck, which compares
 * each index with its table, is a superuser's. */
#include "store/pgsql/pgsql_check.h"

#include <apr_strings.h>

#include "store/pgsql/pgsql_connection.h"
#include "store/pgsql/pgsql_wait.h"

enum { CHECK_SECONDS = 3600 };

static const char storage[] =
    "SELECT format('index %s cannot be used: REINDEX INDEX %1$s', indexrelid::regclass) "
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "WHERE c.relnamespace = 'public'::regnamespace AND NOT (indisvalid AND indisready) "
    "UNION ALL SELECT format('%s pages have failed their checksum: restore a backup', "
    "checksum_failures) FROM pg_stat_database "
    "WHERE datname = current_database() AND checksum_failures > 0 "
    "UNION ALL SELECT 'ok: without checksums nobody notices a page that the disk has spoilt: "
    "pg_checksums --enable' WHERE current_setting('data_checksums') <> 'on'";

static const char keys_off[] =
    "SELECT format('the key %s of %s is not kept: ALTER TABLE %2$s ENABLE TRIGGER ALL', "
    "k.conname, k.conrelid::regclass) FROM pg_constraint k JOIN pg_trigger t "
    "ON t.tgconstraint = k.oid WHERE k.contype = 'f' AND t.tgenabled <> 'O' "
    "UNION ALL SELECT format('the key %s of %s was never proved: ALTER TABLE %2$s VALIDATE "
    "CONSTRAINT %1$I', conname, conrelid::regclass) FROM pg_constraint "
    "WHERE contype = 'f' AND NOT convalidated";

/* One query for each key: the child's rows whose parent is not there. */
static const char key_queries[] =
    "SELECT conrelid::regclass::text, format('SELECT 1 FROM %s c WHERE %s AND NOT EXISTS "
    "(SELECT FROM %s p WHERE %s) LIMIT 1', conrelid::regclass, "
    "string_agg(format('c.%I IS NOT NULL', a.attname), ' AND '), confrelid::regclass, "
    "string_agg(format('p.%I = c.%I', b.attname, a.attname), ' AND ')) "
    "FROM pg_constraint k CROSS JOIN unnest(conkey, confkey) AS pair (ours, theirs) "
    "JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = pair.ours "
    "JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = pair.theirs "
    "WHERE contype = 'f' AND connamespace = 'public'::regnamespace "
    "GROUP BY k.oid, conname, conrelid, confrelid ORDER BY conname";

static apr_status_t rows_ask(PGresult **result_out, mq_db_t *base, const char *sql,
                             const char **error_out, apr_pool_t *pool)
{
    return mq_pgsql_execute(result_out, mq_pgsql_of(base)->connection, sql,
                            apr_time_from_sec(CHECK_SECONDS), error_out, pool);
}

/* @param value_out the first row's first column, from pool; NULL: there is no row */
static apr_status_t first_ask(const char **value_out, mq_db_t *base, const char *sql,
                              const char **error_out, apr_pool_t *pool)
{
    PGresult *result = NULL;
    apr_status_t rv = rows_ask(&result, base, sql, error_out, pool);
    *value_out = rv == APR_SUCCESS && PQntuples(result) > 0
                     ? apr_pstrdup(pool, PQgetvalue(result, 0, 0))
                     : NULL;
    PQclear(result);
    return rv;
}

static apr_status_t keys_prove(const char **fault_out, mq_db_t *base, const char **error_out,
                               apr_pool_t *pool)
{
    PGresult *keys = NULL;
    apr_status_t rv = rows_ask(&keys, base, key_queries, error_out, pool);
    for (int i = 0; rv == APR_SUCCESS && !*fault_out && i < PQntuples(keys); i++) {
        const char *orphan;
        rv = first_ask(&orphan, base, PQgetvalue(keys, i, 1), error_out, pool);
        if (orphan) {
            *fault_out =
                apr_pstrcat(pool, "a row of ", PQgetvalue(keys, i, 0), " points to nothing", NULL);
        }
    }
    PQclear(keys);
    return rv;
}

apr_status_t mq_pgsql_check(const char **fault_out, mq_db_t *base, mq_check_t what,
                            apr_pool_t *pool)
{
    const char *error = NULL;
    apr_status_t rv = APR_SUCCESS;
    *fault_out = NULL;
    if (what == MQ_CHECK_STORAGE) {
        rv = first_ask(fault_out, base, storage, &error, pool);
    } else if (what == MQ_CHECK_KEYS) {
        rv = first_ask(fault_out, base, keys_off, &error, pool);
        rv = rv == APR_SUCCESS && !*fault_out ? keys_prove(fault_out, base, &error, pool) : rv;
    }
    *fault_out = rv == APR_SUCCESS ? *fault_out : error;
    return rv;
}

apr_status_t mq_pgsql_size(apr_int64_t *bytes_out, mq_db_t *base, apr_pool_t *pool)
{
    const char *error = NULL;
    const char *value;
    MQ_TRY(first_ask(&value, base, "SELECT pg_database_size(current_database())", &error, pool));
    *bytes_out = value ? apr_atoi64(value) : 0;
    return APR_SUCCESS;
}

/* pgsql_erase.c -- the deleting of store/tenant_rows.h, as medsynq_admin.
 *
 * Which tables there are the database itself says, so none is forgotten: all that have a tenant_id,
 * and partnerships, which name two. Keys are kept meanwhile, unlike on SQLite, so a table is
 * emptied once nothing that is left points to it; rows that point to each other within one table
 * go in one statement. All of it is one transaction: other organisations' rows are not locked by
 * it, and a kill leaves everything as it was. Whoever writes in the organisation has come first,
 * or finds it gone: the row that writers take turns by is locked for the whole of it. */
#include "store/pgsql/pgsql_erase.h"

#include <apr_strings.h>
#include <string.h>

#include "store/pgsql/pgsql_hosts.h"
#include "store/pgsql/pgsql_schema.h"
#include "store/pgsql/pgsql_wait.h"

enum { ERASE_SECONDS = 3600 };

typedef struct table_t {
    const char *name;
    int is_gone;
} table_t;

typedef struct work_t {
    PGconn *connection;
    const char *tenant;         /* its number, for SQL */
    apr_array_header_t *tables; /* of table_t */
    PGresult *keys;             /* a table, and another one that it points to */
    int left;                   /* of them */
    apr_int64_t rows;
    const char **error_out;
    apr_pool_t *pool;
} work_t;

static apr_status_t sql_run(PGresult **result_out, const work_t *work, const char *sql)
{
    return mq_pgsql_execute(result_out, work->connection, sql, apr_time_from_sec(ERASE_SECONDS),
                            work->error_out, work->pool);
}

/* The organisation's number stands between the two. */
static apr_status_t tenant_run(work_t *work, const char *before, const char *after)
{
    PGresult *result = NULL;
    apr_status_t rv =
        sql_run(&result, work, apr_pstrcat(work->pool, before, work->tenant, after, NULL));
    work->rows += rv == APR_SUCCESS ? apr_atoi64(PQcmdTuples(result)) : 0;
    PQclear(result);
    return rv;
}

static apr_status_t tables_read(work_t *work)
{
    static const char sql[] =
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' "
        "AND a.attname = 'tenant_id' AND NOT a.attisdropped ORDER BY 1";
    static const char keys[] =
        "SELECT DISTINCT c.relname, p.relname FROM pg_constraint k JOIN pg_class c "
        "ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid "
        "WHERE k.contype = 'f' AND c.oid <> p.oid";
    PGresult *result = NULL;
    apr_status_t rv = sql_run(&result, work, sql);
    work->tables = apr_array_make(work->pool, 64, sizeof(table_t));
    for (int i = 0; rv == APR_SUCCESS && i < PQntuples(result); i++) {
        APR_ARRAY_PUSH(work->tables, table_t) =
            (table_t){.name = apr_pstrdup(work->pool, PQgetvalue(result, i, 0))};
    }
    PQclear(result);
    work->left = work->tables->nelts;
    return rv == APR_SUCCESS ? sql_run(&work->keys, work, keys) : rv;
}

static int is_left(const work_t *work, const char *name)
{
    for (int i = 0; i < work->tables->nelts; i++) {
        const table_t *table = &APR_ARRAY_IDX(work->tables, i, table_t);
        if (strcmp(table->name, name) == 0) {
            return !table->is_gone;
        }
    }
    return 0;
}

static int is_pointed_to(const work_t *work, const char *name)
{
    for (int i = 0; i < PQntuples(work->keys); i++) {
        if (strcmp(PQgetvalue(work->keys, i, 1), name) == 0 &&
            is_left(work, PQgetvalue(work->keys, i, 0))) {
            return 1;
        }
    }
    return 0;
}

/* @param moved_out whether a table was emptied */
static apr_status_t round_empty(int *moved_out, work_t *work, mq_progress_t progress, void *context)
{
    *moved_out = 0;
    for (int i = 0; i < work->tables->nelts; i++) {
        table_t *table = &APR_ARRAY_IDX(work->tables, i, table_t);
        if (table->is_gone || is_pointed_to(work, table->name)) {
            continue;
        }
        MQ_TRY(tenant_run(work,
                          apr_pstrcat(work->pool, "DELETE FROM public.", table->name,
                                      " WHERE tenant_id = ", NULL),
                          ""));
        table->is_gone = 1;
        work->left--;
        *moved_out = 1;
        if (progress) {
            progress(context, work->rows, 0);
        }
    }
    return APR_SUCCESS;
}

static apr_status_t all_delete(work_t *work, mq_progress_t progress, void *context)
{
    PGresult *result = NULL;
    int moved = 1;
    apr_status_t rv = sql_run(&result, work, "BEGIN");
    PQclear(result);
    MQ_TRY(rv);
    MQ_TRY(tenant_run(work, "SELECT 1 FROM public.audit_heads WHERE tenant_id = ", " FOR UPDATE"));
    MQ_TRY(tenant_run(work, "DELETE FROM public.partnerships WHERE ", " IN (low, high)"));
    work->rows = 0; /* those are two organisations' */
    while (moved) {
        MQ_TRY(round_empty(&moved, work, progress, context));
    }
    if (work->left) {
        *work->error_out = "tables point to each other in a circle";
        return MQ_EBUG;
    }
    result = NULL;
    rv = sql_run(&result, work, "COMMIT");
    PQclear(result);
    return rv;
}

apr_status_t mq_pgsql_erase_rows(apr_int64_t *rows_out, const char *parameters, apr_int64_t tenant,
                                 mq_progress_t progress, void *context, const char **error_out,
                                 apr_pool_t *pool)
{
    work_t work = {.tenant = apr_psprintf(pool, "%" APR_INT64_T_FMT, tenant),
                   .error_out = error_out,
                   .pool = pool};
    apr_status_t rv;
    if (tenant <= 0) {
        return MQ_EBUG;
    }
    MQ_TRY(mq_pgsql_connect(&work.connection, parameters, error_out, pool));
    rv = mq_pgsql_owner_enter(work.connection, error_out, pool);
    rv = rv == APR_SUCCESS ? tables_read(&work) : rv;
    rv = rv == APR_SUCCESS ? all_delete(&work, progress, context) : rv;
    PQclear(work.keys);
    PQfinish(work.connection);
    *rows_out = work.rows;
    if (rv != APR_SUCCESS) {
        *error_out =
            apr_psprintf(pool, "%s; no row is erased, and the same command goes on", *error_out);
    }
    return rv;
}

apr_status_t mq_pgsql_erase_sweep(int *was_due_out, const char *parameters, const char **error_out,
                                  apr_pool_t *pool)
{
    (void)parameters;
    (void)error_out;
    (void)pool;
    *was_due_out = 0;
    return APR_SUCCESS;
}

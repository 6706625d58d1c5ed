/* seed_reader.c -- another program's schema, met half-way. No value of the file enters SQL. It is
 * SQLite's whatever engine has our own data. */
#include "store/seed_reader.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <sqlite3.h>
#include <string.h>

enum { MEMBERS = 7, NAMES_MOST = 5 };

struct mq_seed_t {
    sqlite3 *sqlite;
    sqlite3_stmt *rows[MQ_SEED_TABLES];
    sqlite3_stmt *orphans[MQ_SEED_TABLES];
};

static const char *const table_names[MQ_SEED_TABLES] = {"tenants", "users", "patients"};

/* The names under which a member may be found, in the order of mq_seed_row_t. */
static const char *const column_names[MEMBERS][NAMES_MOST] = {
    {"id"},
    {"name", "full_name", "tenant_name", "tenantName"},
    {"email", "mail"},
    {"password", "plain_password"},
    {"role", "roles"},
    {"date_of_birth", "birth_date", "dob", "dateOfBirth"},
    {"notes", "note"}};

static const char *const tenant_columns[] = {"tenant_id", "tenantId", "organisation_id"};

static apr_status_t seed_close(void *data)
{
    mq_seed_t *seed = data;
    for (int i = 0; i < MQ_SEED_TABLES; i++) {
        (void)sqlite3_finalize(seed->rows[i]);
        (void)sqlite3_finalize(seed->orphans[i]);
    }
    (void)sqlite3_close(seed->sqlite);
    return APR_SUCCESS;
}

static int has_column(mq_seed_t *seed, const char *table, const char *column)
{
    return sqlite3_table_column_metadata(seed->sqlite, "main", table, column, NULL, NULL, NULL,
                                         NULL, NULL) == SQLITE_OK;
}

/* @return the first of some names that the table has, or NULL */
static const char *column_find(mq_seed_t *seed, const char *table, const char *const *names,
                               int count)
{
    for (int i = 0; i < count && names[i]; i++) {
        if (has_column(seed, table, names[i])) {
            return names[i];
        }
    }
    return NULL;
}

static int table_prepare(mq_seed_t *seed, int table, apr_pool_t *pool)
{
    const char *name = table_names[table];
    const char *tenant = column_find(seed, name, tenant_columns,
                                     (int)(sizeof tenant_columns / sizeof *tenant_columns));
    const char *sql = "SELECT ";
    int code;
    for (int i = 0; i < MEMBERS; i++) {
        const char *column = column_find(seed, name, column_names[i], NAMES_MOST);
        sql = apr_pstrcat(pool, sql, i ? ", " : "", column ? "\"" : "NULL", column ? column : "",
                          column ? "\"" : "", NULL);
    }
    sql = apr_pstrcat(pool, sql, " FROM ", name, NULL);
    if (table == MQ_SEED_TENANTS) {
        return sqlite3_prepare_v2(seed->sqlite, apr_pstrcat(pool, sql, " ORDER BY rowid", NULL), -1,
                                  &seed->rows[table], NULL);
    }
    if (!tenant) {
        return SQLITE_ERROR;
    }
    code = sqlite3_prepare_v2(
        seed->sqlite, apr_pstrcat(pool, sql, " WHERE ", tenant, " = ?1 ORDER BY rowid", NULL), -1,
        &seed->rows[table], NULL);
    if (code != SQLITE_OK) {
        return code;
    }
    return sqlite3_prepare_v2(seed->sqlite,
                              apr_pstrcat(pool, "SELECT count(*) FROM ", name, " WHERE ", tenant,
                                          " IS NULL OR ", tenant,
                                          " NOT IN (SELECT id FROM tenants)", NULL),
                              -1, &seed->orphans[table], NULL);
}

apr_status_t mq_seed_open(mq_seed_t **seed_out, const char *path, const char **error_out,
                          apr_pool_t *pool)
{
    mq_seed_t *seed = apr_pcalloc(pool, sizeof *seed);
    apr_finfo_t info;
    int code;
    apr_status_t rv = apr_stat(&info, path, APR_FINFO_TYPE, pool);
    if (rv != APR_SUCCESS) {
        *error_out = APR_STATUS_IS_EACCES(rv) ? "the server's user, as whom this runs, may not "
                                                "read it"
                                              : "there is no such file";
        return MQ_ENOTFOUND;
    }
    code = sqlite3_open_v2(path, &seed->sqlite, SQLITE_OPEN_READONLY, NULL);
    apr_pool_cleanup_register(pool, seed, seed_close, apr_pool_cleanup_null);
    for (int i = 0; code == SQLITE_OK && i < MQ_SEED_TABLES; i++) {
        code = table_prepare(seed, i, pool);
    }
    if (code != SQLITE_OK) {
        *error_out = apr_psprintf(pool, "it is no database of the proof of concept: %s",
                                  sqlite3_errmsg(seed->sqlite));
        return MQ_ECORRUPT;
    }
    *seed_out = seed;
    return APR_SUCCESS;
}

static const char *column_text(sqlite3_stmt *statement, int column)
{
    return (const char *)sqlite3_column_text(statement, column);
}

apr_status_t mq_seed_each(mq_seed_t *seed, mq_seed_table_t table, const char *tenant,
                          mq_seed_seen_t seen, void *context)
{
    sqlite3_stmt *statement = seed->rows[table];
    apr_status_t rv = APR_SUCCESS;
    int code = SQLITE_OK;
    if (table != MQ_SEED_TENANTS) {
        code = sqlite3_bind_text(statement, 1, tenant, -1, SQLITE_STATIC);
    }
    while (rv == APR_SUCCESS && code == SQLITE_OK &&
           (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const mq_seed_row_t row = {column_text(statement, 0), column_text(statement, 1),
                                   column_text(statement, 2), column_text(statement, 3),
                                   column_text(statement, 4), column_text(statement, 5),
                                   column_text(statement, 6)};
        rv = seen(context, &row);
        code = SQLITE_OK;
    }
    (void)sqlite3_reset(statement);
    return rv != APR_SUCCESS ? rv : code == SQLITE_DONE ? APR_SUCCESS : MQ_ECORRUPT;
}

apr_status_t mq_seed_orphans(apr_int64_t *count_out, mq_seed_t *seed, mq_seed_table_t table)
{
    sqlite3_stmt *statement = seed->orphans[table];
    int code = statement ? sqlite3_step(statement) : SQLITE_DONE;
    *count_out = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    if (statement) {
        (void)sqlite3_reset(statement);
    }
    return code == SQLITE_ROW || code == SQLITE_DONE ? APR_SUCCESS : MQ_ECORRUPT;
}

/* console.c -- SQL by hand on a connection as requests have it, second wall up, for tests that
 * attack it. Reads lines "tenant TAB declared target TAB SQL" and prints for each "code TAB rows".
 *
 *   console DATABASE               each prepared as the statements of requests are
 *   console DATABASE authorizer    past what sqlite_guard.c looks at before it prepares: the rest
 * must hold console DATABASE plans         print EXPLAIN QUERY PLAN of every statement instead
 *
 * "@veil@" in the SQL stands for the connection's secret: what it guards is tried too. */
#define MQ_MAY_MINT_SCOPE
#include <apr_dbd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/db.h"
#include "store/sqlite/sqlite_connection.h"

static void print_rows(sqlite3_stmt *statement, int *code)
{
    while ((*code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int c = 0; c < sqlite3_column_count(statement); c++) {
            const char *text = (const char *)sqlite3_column_text(statement, c);
            printf("%s%s", c ? "|" : "\t", text ? text : "NULL");
        }
    }
    *code = *code == SQLITE_DONE ? SQLITE_OK : *code;
}

static void run(mq_sqlite_t *db, int past_admission, const char *target, const char *sql)
{
    mq_sql_row_t row = {
        .label = "console", .sqlite = sql, .kinds = "", .writes = target, .tenant = 1};
    sqlite3_stmt *statement = NULL;
    int code;
    db->current = &row;
    code = past_admission ? sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL)
                          : mq_guard_prepare(&statement, db, &row);
    db->current = &row;
    printf("%d", code);
    if (code == SQLITE_OK) {
        print_rows(statement, &code);
        printf("\t=%d", code);
    }
    (void)sqlite3_finalize(statement);
    printf("\n");
    db->current = NULL;
}

static const char *unveiled(const char *sql, const mq_sqlite_t *db, apr_pool_t *pool)
{
    static const char mark[] = "@veil@";
    const char *at;
    while ((at = strstr(sql, mark))) {
        sql = apr_pstrcat(pool, apr_pstrndup(pool, sql, (apr_size_t)(at - sql)), db->veil,
                          at + sizeof mark - 1, NULL);
    }
    return sql;
}

static void plans(mq_sqlite_t *db, apr_pool_t *pool)
{
    for (int i = 0; i < mq_sql_count; i++) {
        sqlite3_stmt *statement = NULL;
        const char *sql = apr_pstrcat(pool, "EXPLAIN QUERY PLAN ", mq_sql_rows[i].sqlite, NULL);
        if (mq_sql_rows[i].owner) {
            continue; /* reads all there is, row after row */
        }
        db->current = &mq_sql_rows[i];
        if (sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL) != SQLITE_OK) {
            printf("%s\tFAILED %s\n", mq_sql_rows[i].label, sqlite3_errmsg(db->sqlite));
            continue;
        }
        while (sqlite3_step(statement) == SQLITE_ROW) {
            printf("%s\t%s\n", mq_sql_rows[i].label, sqlite3_column_text(statement, 3));
        }
        (void)sqlite3_finalize(statement);
    }
}

int main(int argc, char **argv)
{
    char line[8192];
    const char *error = "";
    apr_pool_t *pool;
    mq_db_t *opened;
    mq_sqlite_t *db;
    (void)apr_initialize();
    (void)apr_pool_create(&pool, NULL);
    (void)apr_dbd_init(pool);
    if (argc < 2 ||
        mq_db_open(&opened, "sqlite3", argv[1], MQ_DB_SERVE, &error, pool) != APR_SUCCESS) {
        printf("open: %s\n", error);
        return 2;
    }
    db = mq_sqlite_of(opened);
    if (argc > 2 && strcmp(argv[2], "plans") == 0) {
        plans(db, pool);
        mq_db_close(opened);
        return 0;
    }
    while (fgets(line, sizeof line, stdin)) {
        char *target = strchr(line, '\t');
        char *sql = target ? strchr(target + 1, '\t') : NULL;
        if (sql) {
            *target++ = 0;
            *sql++ = 0;
            sql[strcspn(sql, "\n")] = 0;
            opened->tenant = strtol(line, NULL, 10);
            run(db, argc > 2, target, unveiled(apr_pstrdup(pool, sql), db, pool));
        }
    }
    mq_db_close(opened);
    return 0;
}

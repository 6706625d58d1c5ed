/* cost.c -- what the second wall costs: reads the first page of an organisation of 5,000 patients
 * again and again through store/db.c, and prints the microseconds of one reading. Linked with
 * sqlite_guard.c, and with no_wall.c in its place, by test_cost.py. */
#define MQ_MAY_MINT_SCOPE
#include <apr_dbd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>

#include "store/db.h"
#include "store/sqlite/sqlite_connection.h"
#include "store/scope_mint.h"

enum { TENANT = 1001, PATIENTS = 5000, ROWS = 51, READINGS_DEFAULT = 3000 };

static const char make_rows[] =
    "PRAGMA foreign_keys = OFF; BEGIN;"
    "INSERT INTO tenants (tenant_id, name, name_key, status, version, created_at) "
    "VALUES (1001, 'a', 'a', 1, 1, 1);"
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
    "INSERT INTO patients (tenant_id, id, version, mrn, name, name_key, birth_date, status, "
    "created_at, created_by, updated_at, updated_by) SELECT 1001, randomblob(16), 1, 'P' || i, "
    "'Name of patient ' || i, 'name of patient ' || i, '1975-04-03', 1, i, x'00', i, x'00' FROM n;"
    "COMMIT";

static apr_status_t lend(mq_db_t **db_out, void *lender)
{
    *db_out = lender;
    return APR_SUCCESS;
}

static void take_back(mq_db_t *db, int broken, void *lender)
{
    (void)db;
    (void)broken;
    (void)lender;
}

static int read_page(const mq_scope_t *sc)
{
    mq_rows_t rows;
    int count = 0;
    if (mq_db_select(&rows, sc, MQ_SQL_PATIENTS_BY_NAME_FIRST,
                     MQ_PARAMS(mq_bind_int(1), mq_bind_int(ROWS))) != APR_SUCCESS) {
        return -1;
    }
    while (mq_rows_next(&rows) == APR_SUCCESS) {
        count++;
    }
    mq_db_give_back(sc);
    return count;
}

int main(int argc, char **argv)
{
    apr_pool_t *pool;
    const char *error = "";
    const char *path;
    sqlite3 *owner;
    mq_db_t *db;
    mq_store_t store = {.lend = lend, .take_back = take_back};
    mq_scope_t sc = {.actor = {.name = "", .address = ""}, .place = {.tenant_name = ""}};
    apr_time_t begun;
    int readings = argc > 2 ? (int)apr_atoi64(argv[2]) : READINGS_DEFAULT;
    int from = 0;
    (void)apr_initialize();
    (void)apr_pool_create(&pool, NULL);
    (void)apr_dbd_init(pool);
    path = apr_pstrcat(pool, argc > 1 ? argv[1] : ".", "/cost.db", NULL);
    if (mq_db_migrate("sqlite3", path, 0, &from, &error, pool) != APR_SUCCESS ||
        sqlite3_open(path, &owner) != SQLITE_OK ||
        sqlite3_exec(owner, make_rows, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_close(owner) != SQLITE_OK ||
        mq_db_open(&db, "sqlite3", path, MQ_DB_SERVE, &error, pool) != APR_SUCCESS) {
        printf("cannot be prepared: %s\n", error);
        return 2;
    }
    store.lender = db;
    sc.place.loan = mq_loan_make(&store, TENANT, pool);
    begun = apr_time_now();
    for (int i = 0; i < readings; i++) {
        if (read_page(&sc) != ROWS) {
            printf("a page has not %d rows\n", ROWS);
            return 2;
        }
    }
    printf("%.3f\n", (double)(apr_time_now() - begun) / readings);
    return 0;
}

/* pgsql_schema.c -- numbered migrations, forward only, and the wall, in one transaction under one
 * lock. The server's own role cannot migrate: medsynqctl does, as medsynq_admin. */
#include "store/pgsql/pgsql_schema.h"

#include <apr_strings.h>
#include <string.h>

#include "store/pgsql/pgsql_hosts.h"
#include "store/pgsql/pgsql_wait.h"

enum { MIGRATION_SECONDS = 3600, LOCK_KEY = 77383 /* "MSQ" */ };

/* @return the first row's first column as text, from pool; NULL: no row */
static apr_status_t value_read(const char **value_out, PGconn *connection, const char *sql,
                               apr_interval_time_t patience, const char **error_out,
                               apr_pool_t *pool)
{
    PGresult *result;
    apr_status_t rv = mq_pgsql_execute(&result, connection, sql, patience, error_out, pool);
    *value_out = rv == APR_SUCCESS && PQntuples(result) > 0 && !PQgetisnull(result, 0, 0)
                     ? apr_pstrdup(pool, PQgetvalue(result, 0, 0))
                     : NULL;
    PQclear(result);
    return rv;
}

static apr_status_t sql_run(PGconn *connection, const char *sql, const char **error_out,
                            apr_pool_t *pool)
{
    PGresult *result;
    apr_status_t rv = mq_pgsql_execute(&result, connection, sql,
                                       apr_time_from_sec(MIGRATION_SECONDS), error_out, pool);
    PQclear(result);
    return rv;
}

apr_status_t mq_pgsql_version(int *version_out, PGconn *connection, const char **error_out,
                              apr_pool_t *pool)
{
    static const apr_interval_time_t patience = APR_USEC_PER_SEC * 5;
    const char *value;
    *version_out = 0;
    MQ_TRY(value_read(&value, connection, "SELECT to_regclass('public.medsynq_schema')", patience,
                      error_out, pool));
    if (value) {
        MQ_TRY(value_read(&value, connection, "SELECT max(version) FROM public.medsynq_schema",
                          patience, error_out, pool));
        *version_out = value ? (int)apr_atoi64(value) : 0;
    }
    return APR_SUCCESS;
}

/* @param oldest_out the oldest program that works on the schema: one that knows so many migrations
 */
static apr_status_t oldest_read(int *oldest_out, PGconn *connection, const char **error_out,
                                apr_pool_t *pool)
{
    const char *value;
    MQ_TRY(value_read(&value, connection,
                      "SELECT max(coalesce((to_jsonb(s) ->> 'oldest')::bigint, version)) FROM "
                      "public.medsynq_schema s",
                      APR_USEC_PER_SEC * 5, error_out, pool));
    *oldest_out = value ? (int)apr_atoi64(value) : 0;
    return APR_SUCCESS;
}

/* @param oldest the oldest program that works on it */
static const char *version_fault(int version, int oldest, apr_pool_t *pool)
{
    return version < mq_migration_count
               ? apr_psprintf(pool,
                              "the schema has version %d and this program needs %d: run medsynqctl "
                              "--database \"pgsql:... user=medsynq_admin\" migrate",
                              version, mq_migration_count)
           : oldest > mq_migration_count
               ? apr_psprintf(pool,
                              "the schema has version %d and this program knows %d: install the "
                              "newer MedSynQ again, or restore an older backup",
                              version, mq_migration_count)
               : NULL;
}

apr_status_t mq_pgsql_schema_check(PGconn *connection, const char **error_out, apr_pool_t *pool)
{
    const char *fault;
    int version;
    int oldest = 0;
    if (PQserverVersion(connection) < 150000) {
        *error_out = "the server is older than PostgreSQL 15";
        return APR_EGENERAL;
    }
    MQ_TRY(mq_pgsql_version(&version, connection, error_out, pool));
    if (version > mq_migration_count) {
        MQ_TRY(oldest_read(&oldest, connection, error_out, pool));
    }
    fault = version_fault(version, oldest, pool);
    *error_out = fault ? fault : *error_out;
    return fault ? APR_EGENERAL : APR_SUCCESS;
}

apr_status_t mq_pgsql_order_check(PGconn *connection, const char **error_out, apr_pool_t *pool)
{
    const char *wrong = NULL;
    MQ_TRY(value_read(&wrong, connection,
                      "SELECT 1 FROM pg_database WHERE datname = current_database() AND "
                      "(datcollate NOT IN ('C', 'POSIX') OR datlocprovider <> 'c' OR "
                      "pg_encoding_to_char(encoding) <> 'UTF8')",
                      APR_USEC_PER_SEC * 5, error_out, pool));
    if (wrong) {
        *error_out = "the database is not UTF8 with the order of C: make another one, createdb -T "
                     "template0 -E UTF8 -l C";
        return MQ_EINVALID;
    }
    return APR_SUCCESS;
}

apr_status_t mq_pgsql_owner_enter(PGconn *connection, const char **error_out, apr_pool_t *pool)
{
    PGresult *result;
    int is_admin;
    MQ_TRY(
        mq_pgsql_execute(&result, connection,
                         "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; "
                         "SELECT 1 FROM pg_roles WHERE rolname = 'medsynq_admin' AND "
                         "pg_has_role(current_user, oid, 'MEMBER')",
                         apr_time_from_sec(MQ_PGSQL_ANSWER_SECONDS), error_out, pool));
    is_admin = PQntuples(result) == 1;
    PQclear(result);
    if (!is_admin) {
        *error_out = "this role sees one organisation at a time: user=medsynq_admin sees all";
    }
    return is_admin ? APR_SUCCESS : MQ_EDENIED;
}

static apr_status_t migrations_run(PGconn *connection, int *from_out, const char **error_out,
                                   apr_pool_t *pool)
{
    MQ_TRY(mq_pgsql_version(from_out, connection, error_out,
                            pool)); /* after the lock: two may start */
    if (*from_out > mq_migration_count) {
        *error_out = version_fault(*from_out, *from_out, pool);
        return MQ_ECORRUPT;
    }
    for (int i = *from_out; i < mq_migration_count; i++) {
        MQ_TRY(sql_run(connection, mq_migrations[i].pgsql, error_out, pool));
    }
    MQ_TRY(sql_run(connection, mq_pgsql_wall, error_out, pool));
    return sql_run(connection,
                   apr_psprintf(pool,
                                "DELETE FROM public.medsynq_schema;"
                                "INSERT INTO public.medsynq_schema (version, oldest, proof) "
                                "VALUES (%d, %d, $proof$%s$proof$);"
                                /* what nobody can open any more, and tokens of forms a day old */
                                "DELETE FROM parked_forms WHERE expires_at < extract(epoch FROM "
                                "now()) * 1000000;"
                                "DELETE FROM form_uses WHERE used_at < (extract(epoch FROM now()) "
                                "- 86400) * 1000000;"
                                /* and of an organisation where nobody has logged in since */
                                "DELETE FROM sessions WHERE expires_at < (extract(epoch FROM "
                                "now()) - 600) * 1000000;"
                                "COMMIT",
                                mq_migration_count, mq_schema_oldest, mq_pgsql_proof),
                   error_out, pool);
}

/* All tables at once, and the guests' views, which a column that changes must not be in the way of;
 * wall.sql makes them. Whoever is at work ends first and whoever comes then waits, so servers go on
 * beside it. Where we would wait for one who waits for us it is we who begin anew, before the
 * server looks for a deadlock, which it does after a second: else that one would be told 503. */
static const char tables_lock[] =
    "DO $$ DECLARE v text; begun timestamptz := clock_timestamp(); BEGIN LOOP BEGIN "
    "SET LOCAL lock_timeout = '400ms'; "
    "FOR v IN SELECT relname FROM pg_class WHERE relkind = 'v' AND "
    "relnamespace = 'medsynq_guest'::regnamespace LOOP EXECUTE "
    "format('DROP VIEW medsynq_guest.%I', v); END LOOP; "
    "FOR v IN SELECT relname FROM pg_class WHERE relkind = 'r' AND "
    "relnamespace = 'public'::regnamespace AND pg_get_userbyid(relowner) = 'medsynq_owner' "
    /* with which most begin */
    "ORDER BY relname <> 'sessions', relname <> 'tenants', relname <> 'users', relname LOOP "
    "EXECUTE format('LOCK TABLE public.%I', v); END LOOP; RETURN; "
    "EXCEPTION WHEN lock_not_available OR deadlock_detected THEN "
    "IF clock_timestamp() > begun + interval '60 s' THEN RAISE; END IF; "
    "PERFORM pg_sleep(random() * 0.2); END; END LOOP; END $$";

static apr_status_t migrate_as_admin(PGconn *connection, apr_interval_time_t patience,
                                     int *from_out, const char **error_out, apr_pool_t *pool)
{
    const char *begin =
        apr_psprintf(pool,
                     "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; "
                     "SET lock_timeout = %d; BEGIN; SELECT pg_advisory_xact_lock(%d)",
                     (int)apr_time_as_msec(patience), LOCK_KEY);
    MQ_TRY(mq_pgsql_order_check(connection, error_out, pool));
    MQ_TRY(sql_run(connection, begin, error_out, pool));
    MQ_TRY(sql_run(connection, tables_lock, error_out, pool));
    return migrations_run(connection, from_out, error_out, pool);
}

apr_status_t mq_pgsql_migrate(const char *parameters, apr_interval_time_t patience, int *from_out,
                              const char **error_out, apr_pool_t *pool)
{
    PGconn *connection;
    const char *is_admin = NULL;
    apr_status_t rv;
    MQ_TRY(mq_pgsql_connect(&connection, parameters, error_out, pool));
    rv = value_read(&is_admin, connection,
                    "SELECT 1 FROM pg_roles WHERE rolname = 'medsynq_owner' AND "
                    "pg_has_role(current_user, oid, 'MEMBER')",
                    patience, error_out, pool);
    if (rv == APR_SUCCESS && is_admin) {
        rv = migrate_as_admin(connection, patience, from_out, error_out, pool);
    } else if (rv == APR_SUCCESS) {
        rv = mq_pgsql_version(from_out, connection, error_out, pool);
        rv = rv == APR_SUCCESS ? mq_pgsql_schema_check(connection, error_out, pool) : rv;
    }
    PQfinish(connection);
    return rv;
}

/* The proof of the schema as it is: a newer one's tables and policies are known to the program that
 * made them, which has left its proof there. Whoever may write that row is the owner of the wall.
 */
static const char *proof_read(PGconn *connection, apr_interval_time_t patience,
                              const char **error_out, apr_pool_t *pool)
{
    const char *proof = NULL;
    int version;
    if (mq_pgsql_version(&version, connection, error_out, pool) != APR_SUCCESS) {
        return NULL;
    }
    return version <= mq_migration_count ? mq_pgsql_proof
           : value_read(&proof, connection,
                        "SELECT proof FROM public.medsynq_schema ORDER BY version DESC LIMIT 1",
                        patience, error_out, pool) == APR_SUCCESS
               ? proof
               : NULL;
}

/* Of our own proof what a newer program's may not do away with: that what we need is there, and
 * that the role is no more than one that serves and cannot have written the other's. */
static apr_status_t needs_read(const char **fault_out, PGconn *connection,
                               apr_interval_time_t patience, const char **error_out,
                               apr_pool_t *pool)
{
    return value_read(fault_out, connection,
                      apr_pstrcat(pool, "SELECT fault FROM (", mq_pgsql_proof,
                                  "\n) AS own WHERE fault ~ '( is not (there|granted)$"
                                  "|^(there is no view|table medsynq_schema|may |row_security"
                                  "|the role (owns|is a member|may set|[^ ]+ may pass)))'",
                                  NULL),
                      patience, error_out, pool);
}

/* What makes a server useless, in words. */
static const char *proof_fault(PGconn *connection, apr_interval_time_t patience, apr_pool_t *pool)
{
    const char *error = "the schema is newer and has no proof of the second wall";
    const char *fault = NULL;
    const char *proof;
    if (mq_pgsql_schema_check(connection, &error, pool) != APR_SUCCESS) {
        return error;
    }
    if (value_read(&fault, connection, "SHOW transaction_read_only", patience, &error, pool) !=
        APR_SUCCESS) {
        return error;
    }
    if (!fault || strcmp(fault, "off") != 0) {
        return "this server may not be written: it is a standby";
    }
    proof = proof_read(connection, patience, &error, pool);
    if (!proof || value_read(&fault, connection, proof, patience, &error, pool) != APR_SUCCESS ||
        (!fault && proof != mq_pgsql_proof &&
         needs_read(&fault, connection, patience, &error, pool) != APR_SUCCESS)) {
        return error;
    }
    return fault ? apr_pstrcat(pool, "the second wall is broken: ", fault,
                               "; medsynqctl migrate puts it up again, docs/postgresql.md says "
                               "what is the superuser's",
                               NULL)
                 : NULL;
}

void mq_pgsql_prove(mq_trouble_t *trouble_out, const char *parameters, apr_interval_time_t patience,
                    int thoroughly, const char **error_out, apr_pool_t *pool)
{
    PGconn *connection;
    const char *fault = NULL;
    (void)thoroughly; /* PostgreSQL's own checksums and pg_amcheck are for that */
    *trouble_out = MQ_TROUBLE_BARRED;
    if (mq_pgsql_connect(&connection, parameters, error_out, pool) != APR_SUCCESS) {
        return;
    }
    fault = proof_fault(connection,
                        patience > apr_time_from_sec(2) ? patience : apr_time_from_sec(2), pool);
    PQfinish(connection);
    *trouble_out = fault ? MQ_TROUBLE_BARRED : MQ_TROUBLE_NONE;
    *error_out = fault ? fault : *error_out;
}

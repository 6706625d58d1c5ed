/* pgsql_connection.c -- opening and closing a connection, and what may stand in its parameters. */
#include "store/pgsql/pgsql_connection.h"

#include <apr_strings.h>
#include <string.h>

#include "store/pgsql/pgsql_hosts.h"
#include "store/pgsql/pgsql_schema.h"
#include "store/pgsql/pgsql_status.h"
#include "store/pgsql/pgsql_transport.h"
#include "store/pgsql/pgsql_wait.h"

static const char *option_fault(const PQconninfoOption *option, apr_pool_t *pool)
{
    static const struct {
        const char *name;
        const char *fault;
    } refused[] = {
        {"password", "a password does not stand in the configuration, which others read: "
                     "name a file with passfile=, which the server's user alone may read"},
        {"options", "MedSynQ gives these options itself"},
    };
    for (size_t i = 0; option->val && i < sizeof refused / sizeof *refused; i++) {
        if (strcmp(option->keyword, refused[i].name) == 0) {
            return apr_psprintf(pool, "%s=: %s", option->keyword, refused[i].fault);
        }
    }
    return NULL;
}

const char *mq_pgsql_parameters_fault(const char *parameters, apr_pool_t *pool)
{
    char *said = NULL;
    const char *fault = NULL;
    int has_user = 0;
    int has_database = 0;
    PQconninfoOption *all = PQconninfoParse(parameters, &said);
    if (!all) {
        fault = apr_psprintf(pool,
                             "'%s' is not as libpq wants it, such as \"host=/run/postgresql "
                             "dbname=medsynq user=medsynq_serve\"",
                             parameters);
        PQfreemem(said);
        return fault;
    }
    for (const PQconninfoOption *option = all; option->keyword && !fault; option++) {
        has_user |= option->val && strcmp(option->keyword, "user") == 0;
        has_database |= option->val && strcmp(option->keyword, "dbname") == 0;
        fault = option_fault(option, pool);
    }
    if (!fault) {
        fault = mq_pgsql_transport_fault(all, pool);
    }
    if (!fault) {
        fault = mq_pgsql_hosts_fault(all);
    }
    PQconninfoFree(all);
    if (!fault && !(has_user && has_database)) {
        fault = "name the role and the database: user=medsynq_serve dbname=medsynq";
    }
    return fault;
}

apr_status_t mq_pgsql_fail(mq_pgsql_t *db, const PGresult *result)
{
    const char *code = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *name = code ? PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME) : NULL;
    const mq_pgsql_meaning_t *meaning = mq_pgsql_meaning(code);
    db->failed = (mq_failure_t){.cause = meaning->cause, .trouble = meaning->trouble};
    (void)apr_snprintf(db->failed.code, sizeof db->failed.code, "PostgreSQL %s",
                       code ? code : "is gone");
    /* never what the server says of a row's values */
    (void)apr_snprintf(db->said, sizeof db->said, "%s%s%s", meaning->cause, name ? ": " : "",
                       name ? name : "");
    if (meaning->trouble != MQ_TROUBLE_NONE) {
        db->base.failed = db->failed;
    }
    if (!code || (meaning->status == MQ_EAGAIN && strncmp(code, "40", 2) != 0)) {
        db->state = MQ_PGSQL_LOST;
        PQfinish(db->connection); /* or an answer that comes late would be taken for another's */
        db->connection = NULL;
    }
    return meaning->status;
}

static apr_status_t connected(mq_pgsql_t *db, const char **error_out, apr_pool_t *pool)
{
    MQ_TRY(mq_pgsql_connect(&db->connection, db->parameters, error_out, pool));
    memset(db->prepared, 0, (apr_size_t)mq_pgsql_statements());
    db->state = MQ_PGSQL_IDLE;
    db->has_unread = 0;
    return db->is_owner ? mq_pgsql_owner_enter(db->connection, error_out, pool)
                        : mq_pgsql_schema_check(db->connection, error_out, pool);
}

apr_status_t mq_pgsql_reconnect(mq_pgsql_t *db)
{
    const char *error = NULL;
    apr_pool_t *scratch;
    apr_status_t rv;
    MQ_TRY(apr_pool_create(&scratch, NULL));
    PQfinish(db->connection);
    db->connection = NULL;
    rv = connected(db, &error, scratch);
    apr_pool_destroy(scratch);
    if (rv != APR_SUCCESS) {
        (void)mq_pgsql_fail(db, NULL);
        db->base.failed = db->failed;
        db->base.failed.trouble = MQ_TROUBLE_BARRED;
        db->failed.trouble = MQ_TROUBLE_BARRED;
        return MQ_EFULL;
    }
    return rv;
}

apr_status_t mq_pgsql_open(mq_db_t **db_out, const char *parameters, mq_db_purpose_t purpose,
                           const char **error_out, apr_pool_t *pool)
{
    mq_pgsql_t *db;
    apr_pool_t *own;
    apr_status_t rv;
    MQ_TRY(apr_pool_create(&own, NULL));
    db = apr_pcalloc(own, sizeof *db);
    db->base = (mq_db_t){.engine = &mq_pgsql_engine, .pool = own, .tenant = MQ_NO_TENANT};
    db->guest_tenant = MQ_NO_TENANT;
    db->parameters = apr_pstrdup(own, parameters);
    db->prepared = apr_pcalloc(own, (apr_size_t)mq_pgsql_statements());
    db->is_owner = purpose == MQ_DB_OWNER;
    rv = connected(db, error_out, pool);
    if (rv != APR_SUCCESS) {
        mq_pgsql_close(&db->base);
        return rv;
    }
    *db_out = &db->base;
    return APR_SUCCESS;
}

void mq_pgsql_close(mq_db_t *base)
{
    mq_pgsql_t *db = mq_pgsql_of(base);
    for (mq_cursor_t *cursor = db->cursors; cursor; cursor = cursor->next) {
        PQclear(cursor->result);
    }
    PQfinish(db->connection);
    apr_pool_destroy(base->pool);
}

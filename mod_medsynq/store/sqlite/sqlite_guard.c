/* sqlite_guard.c -- the second wall, inside SQLite. Whatever a statement says, a connection shows
 * and changes rows of one organisation only: the one that mq_tenant() names.
 *
 *   reading   a name such as "patients" resolves to TEMP view patients, over a TEMP view with a
 *             secret name, over main.patients WHERE tenant_id = mq_tenant(). The authorizer admits
 *             reads of main.patients only from within the secret view; SQLite reports the innermost
 *             view or CTE, so a CTE that calls itself "patients" gains nothing.
 *   writing   goes to main.patients (changes() stays exact); BEFORE triggers abort when the old or
 *             the new row is of another organisation. recursive_triggers is on, so that REPLACE
 *             fires them too. Only the table that the statement declares as its target may be
 *             written, and only its own WHERE may read that table directly: main.x is named once.
 *   the trail audit_events and its groups only grow: their UPDATE and DELETE triggers abort whoever
 *             asks.
 *   guests    read seven tables by other names: TEMP view guest_patients, over one with a secret
 *             name, over main.patients of the organisation, the patient and the parts that the
 *             guest was let in for. The authorizer lets a guest's statement through these alone,
 *             and nobody else's; while a guest is in, mq_tenant() is nobody's. A guest changes
 *             nothing.
 *   the rest  ATTACH, PRAGMA, schema changes, virtual tables, extensions, the schema tables
 *             themselves: refused when a statement is prepared, and when it is prepared again.
 *
 * The first wall is the scope type, :tenant, and tools/sqlgen/. */
#include "store/sqlite/sqlite_connection.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include <strings.h>

#include "base/crypto.h"

static const char veil_prefix[] = "mq_veil_";
static const char guest_prefix[] = "mq_guest_";
static const char insert_prefix[] = "mq_guard_insert_";
static const char update_prefix[] = "mq_guard_update_";
static const char delete_prefix[] = "mq_guard_delete_";

/* mq_tenant(): the organisation of this connection, NULL while there is none. */
static void tenant_function(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const mq_sqlite_t *db = sqlite3_user_data(context);
    (void)argc;
    (void)argv;
    if (db->base.tenant >= 0) {
        sqlite3_result_int64(context, db->base.tenant);
    } else {
        sqlite3_result_null(context);
    }
}

/* What guests see of which tables. Whoever has written something that they see is named, and nobody
 * else of the organisation. */
static const struct {
    const char *table;
    const char *columns;
    const char *condition;
} guest_tables[] = {
    {"patients", "*", "id = mq_guest_patient() AND (mq_guest_parts() & 1) <> 0"},
    {"chart_items", "*", "patient_id = mq_guest_patient() AND (mq_guest_parts() & 2) <> 0"},
    {"share_notes", "*",
     "patient_id = mq_guest_patient() AND share_id = mq_guest_share() AND "
     "(mq_guest_parts() & 8) <> 0"},
    {"patient_notes", "*",
     "patient_id = mq_guest_patient() AND status <> 1 AND ((mq_guest_parts() & 4) <> 0 OR "
     "EXISTS (SELECT 1 FROM temp.guest_share_notes s "
     "WHERE s.note = coalesce(patient_notes.parent_id, patient_notes.id)))"},
    {"referrals", "*",
     "patient_id = mq_guest_patient() AND id = mq_guest_share() AND (mq_guest_parts() & 1) <> 0"},
    {"referral_steps", "*",
     "patient_id = mq_guest_patient() AND referral_id = mq_guest_share() AND "
     "(mq_guest_parts() & 1) <> 0"},
    {"users", "tenant_id, id, name",
     "(EXISTS (SELECT 1 FROM temp.guest_patients p WHERE p.updated_by = users.id) OR "
     "EXISTS (SELECT 1 FROM temp.guest_chart_items c WHERE c.updated_by = users.id) OR "
     "EXISTS (SELECT 1 FROM temp.guest_patient_notes n WHERE n.author_id = users.id))"}};

enum { GUEST_TABLES = sizeof guest_tables / sizeof *guest_tables };

/* Of whom the guest sees one patient, NULL while there is no guest. */
static void guest_tenant_function(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const mq_sqlite_t *db = sqlite3_user_data(context);
    (void)argc;
    (void)argv;
    if (db->guest_tenant >= 0) {
        sqlite3_result_int64(context, db->guest_tenant);
    } else {
        sqlite3_result_null(context);
    }
}

static void guest_patient_function(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const mq_sqlite_t *db = sqlite3_user_data(context);
    (void)argc;
    (void)argv;
    sqlite3_result_blob(context, db->guest.patient.bytes, sizeof db->guest.patient.bytes,
                        SQLITE_TRANSIENT);
}

static void guest_share_function(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const mq_sqlite_t *db = sqlite3_user_data(context);
    (void)argc;
    (void)argv;
    sqlite3_result_blob(context, db->guest.share.bytes, sizeof db->guest.share.bytes,
                        SQLITE_TRANSIENT);
}

static void guest_parts_function(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const mq_sqlite_t *db = sqlite3_user_data(context);
    (void)argc;
    (void)argv;
    sqlite3_result_int(context, db->guest.parts);
}

static const mq_sql_table_t *table_find(const char *name)
{
    for (int i = 0; i < mq_sql_table_count; i++) {
        if (name && strcmp(mq_sql_tables[i].name, name) == 0) {
            return &mq_sql_tables[i];
        }
    }
    return NULL;
}

static int is_write_target(const mq_sqlite_t *db, const char *table)
{
    return db->current && table && strcmp(db->current->writes, table) == 0;
}

/* A key that SQLite checks because the statement changes the table at its other end. */
static int is_key_check(const mq_sqlite_t *db, const char *table, const char *column)
{
    for (int i = 0; column && i < db->links->nelts; i++) {
        const mq_key_link_t *link = &APR_ARRAY_IDX(db->links, i, mq_key_link_t);
        if ((is_write_target(db, link->child) && strcmp(link->parent, table) == 0 &&
             strcmp(link->parent_column, column) == 0) ||
            (is_write_target(db, link->parent) && strcmp(link->child, table) == 0 &&
             strcmp(link->child_column, column) == 0)) {
            return 1;
        }
    }
    return 0;
}

/* A prefix, the connection's secret, "_" and the table: what table_guard() makes and nobody knows.
 */
static int is_secret_name(const mq_sqlite_t *db, const char *name, const char *prefix,
                          const char *table)
{
    size_t prefix_length = strlen(prefix);
    size_t veil_length = strlen(db->veil);
    return strncmp(name, prefix, prefix_length) == 0 &&
           strncmp(name + prefix_length, db->veil, veil_length) == 0 &&
           name[prefix_length + veil_length] == '_' &&
           strcmp(name + prefix_length + veil_length + 1, table) == 0;
}

static int is_guests(const mq_sqlite_t *db)
{
    return db->current && db->current->guest;
}

/* A read of main.table: from within its secret view or a guard trigger, by the WHERE of the
 * statement that writes this very table, by SQLite's check of a foreign key, or by the system
 * statements: they find an organisation, whose a session is, and which two a partnership joins. */
static int may_read(const mq_sqlite_t *db, const char *table, const char *column,
                    const char *accessor)
{
    const mq_sql_table_t *row = table_find(table);
    if (!row) {
        return 0;
    }
    if (is_guests(db)) { /* nothing but what guests see */
        return accessor && is_secret_name(db, accessor, guest_prefix, table);
    }
    if (accessor) {
        return is_secret_name(db, accessor, veil_prefix, table) ||
               is_secret_name(db, accessor, insert_prefix, table) ||
               is_secret_name(db, accessor, update_prefix, table) ||
               is_secret_name(db, accessor, delete_prefix, table);
    }
    return is_write_target(db, table) || is_key_check(db, table, column) ||
           (db->current && !db->current->tenant &&
            (strcmp(table, "tenants") == 0 || strcmp(table, "sessions") == 0)) ||
           (db->current && !db->current->tenant && !row->tenant);
}

static int action_authorize(void *data, int action, const char *first, const char *second,
                            const char *schema, const char *accessor)
{
    const mq_sqlite_t *db = data;
    int in_main = schema && strcmp(schema, "main") == 0;
    switch (action) {
    case SQLITE_SELECT:
        return SQLITE_OK;
    case SQLITE_READ:
        if (in_main) {
            return may_read(db, first, second, accessor) ? SQLITE_OK : SQLITE_DENY;
        }
        return schema && strcmp(schema, "temp") == 0 && first && strncmp(first, "sqlite_", 7) != 0
                   ? SQLITE_OK
                   : SQLITE_DENY;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
        return in_main && !accessor && table_find(first) && is_write_target(db, first)
                   ? SQLITE_OK
                   : SQLITE_DENY;
    case SQLITE_FUNCTION:
        return second && strcmp(second, "load_extension") != 0 ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        return !db->current ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

/* A table itself (main.x) is named once, as the target of a write, and never by a tenant's SELECT.
 * What the authorizer sees of a write's own WHERE it would also see of a subquery over the same
 * table. */
static int statement_admit(const mq_sql_row_t *row)
{
    static const char schema[] = "main";
    int named = 0;
    for (const char *s = row->sqlite; *s; s++) {
        int begins = s == row->sqlite || (!apr_isalnum(s[-1]) && s[-1] != '_');
        if (begins && strncasecmp(s, schema, sizeof schema - 1) == 0 &&
            !apr_isalnum(s[sizeof schema - 1]) && s[sizeof schema - 1] != '_') {
            named++;
        }
    }
    return !row->tenant || named == (*row->writes ? 1 : 0);
}

int mq_guard_prepare(sqlite3_stmt **statement_out, mq_sqlite_t *db, const mq_sql_row_t *row)
{
    int code;
    *statement_out = NULL;
    if (!statement_admit(row)) {
        return SQLITE_AUTH;
    }
    db->current = row;
    code = sqlite3_prepare_v3(db->sqlite, row->sqlite, -1, SQLITE_PREPARE_PERSISTENT, statement_out,
                              NULL);
    db->current = NULL;
    if (code == SQLITE_OK && sqlite3_stmt_readonly(*statement_out) != !*row->writes) {
        (void)sqlite3_finalize(*statement_out);
        *statement_out = NULL;
        code = SQLITE_AUTH; /* a SELECT that declares a target would read it directly */
    }
    return code;
}

static int sql_execute(const mq_sqlite_t *db, const char *sql)
{
    return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);
}

/* What an UPDATE or DELETE must not be about: a foreign row, and no row of the trail at all. */
static const char *change_forbidden(const char *table, const char *foreign)
{
    static const char *const growing[] = {"audit_events", "audit_groups", "audit_group_patients"};
    for (size_t i = 0; i < sizeof growing / sizeof *growing; i++) {
        if (strcmp(table, growing[i]) == 0) {
            return "1";
        }
    }
    return foreign;
}

static int table_guard(const mq_sqlite_t *db, const char *table, apr_pool_t *pool)
{
    const char *update = change_forbidden(
        table, "OLD.tenant_id IS NOT mq_tenant() OR NEW.tenant_id IS NOT mq_tenant()");
    const char *delete = change_forbidden(table, "OLD.tenant_id IS NOT mq_tenant()");
    const char *veiled = apr_pstrcat(pool, veil_prefix, db->veil, "_", table, NULL);
    return sql_execute(
        db,
        apr_pstrcat(
            pool, "CREATE TEMP VIEW ", veiled, " AS SELECT * FROM main.", table,
            " WHERE tenant_id = mq_tenant();"
            "CREATE TEMP VIEW ",
            table, " AS SELECT * FROM temp.", veiled,
            ";"
            "CREATE TEMP TRIGGER ",
            insert_prefix, db->veil, "_", table, " BEFORE INSERT ON main.", table,
            " WHEN NEW.tenant_id IS NOT mq_tenant()"
            " BEGIN SELECT RAISE(ABORT, 'row of another organisation'); END;"
            "CREATE TEMP TRIGGER ",
            update_prefix, db->veil, "_", table, " BEFORE UPDATE ON main.", table, " WHEN ", update,
            " BEGIN SELECT RAISE(ABORT, 'row of another organisation, or of the trail'); END;"
            "CREATE TEMP TRIGGER ",
            delete_prefix, db->veil, "_", table, " BEFORE DELETE ON main.", table, " WHEN ", delete,
            " BEGIN SELECT RAISE(ABORT, 'row of another organisation, or of the trail'); END;",
            NULL));
}

/* The same for guests, who only read: what they name is another view. */
static int guest_guard(const mq_sqlite_t *db, int i, apr_pool_t *pool)
{
    const char *table = guest_tables[i].table;
    const char *veiled = apr_pstrcat(pool, guest_prefix, db->veil, "_", table, NULL);
    return sql_execute(db, apr_pstrcat(pool, "CREATE TEMP VIEW ", veiled, " AS SELECT ",
                                       guest_tables[i].columns, " FROM main.", table,
                                       " WHERE tenant_id = mq_guest_tenant() AND ",
                                       guest_tables[i].condition, ";CREATE TEMP VIEW guest_", table,
                                       " AS SELECT * FROM temp.", veiled, ";", NULL));
}

/* Learn the foreign keys from the schema itself. */
static int links_read(mq_sqlite_t *db)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(db->sqlite,
                                  "SELECT \"table\", \"from\", \"to\" FROM "
                                  "pragma_foreign_key_list(?1)",
                                  -1, &statement, NULL);
    db->links = apr_array_make(db->base.pool, 32, sizeof(mq_key_link_t));
    for (int i = 0; code == SQLITE_OK && i < mq_sql_table_count; i++) {
        (void)sqlite3_bind_text(statement, 1, mq_sql_tables[i].name, -1, SQLITE_STATIC);
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
            const char *parent = (const char *)sqlite3_column_text(statement, 0);
            const char *from = (const char *)sqlite3_column_text(statement, 1);
            const char *to = (const char *)sqlite3_column_text(statement, 2);
            APR_ARRAY_PUSH(db->links, mq_key_link_t) =
                (mq_key_link_t){.child = mq_sql_tables[i].name,
                                .child_column = apr_pstrdup(db->base.pool, from),
                                .parent = apr_pstrdup(db->base.pool, parent),
                                .parent_column = apr_pstrdup(db->base.pool, to ? to : from)};
        }
        code = code == SQLITE_DONE ? sqlite3_reset(statement) : code;
    }
    (void)sqlite3_finalize(statement);
    return code;
}

static int functions_make(mq_sqlite_t *db)
{
    static const struct {
        const char *name;
        void (*function)(sqlite3_context *context, int argc, sqlite3_value **argv);
    } functions[] = {{"mq_tenant", tenant_function},
                     {"mq_guest_tenant", guest_tenant_function},
                     {"mq_guest_patient", guest_patient_function},
                     {"mq_guest_share", guest_share_function},
                     {"mq_guest_parts", guest_parts_function}};
    int code = SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && i < sizeof functions / sizeof *functions; i++) {
        code = sqlite3_create_function_v2(db->sqlite, functions[i].name, 0,
                                          SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, db,
                                          functions[i].function, NULL, NULL, NULL);
    }
    return code;
}

int mq_guard_raise(mq_sqlite_t *db)
{
    unsigned char secret[8];
    int code = functions_make(db);
    if (mq_random(secret, sizeof secret) != APR_SUCCESS) {
        return SQLITE_ERROR;
    }
    for (size_t i = 0; i < sizeof secret; i++) {
        (void)apr_snprintf(db->veil + 2 * i, 3, "%02x", secret[i]);
    }
    if (code == SQLITE_OK) {
        code = links_read(db);
    }
    for (int i = 0; code == SQLITE_OK && i < mq_sql_table_count; i++) {
        if (mq_sql_tables[i].tenant) {
            code = table_guard(db, mq_sql_tables[i].name, db->base.pool);
        }
    }
    for (int i = 0; code == SQLITE_OK && i < GUEST_TABLES; i++) {
        code = guest_guard(db, i, db->base.pool);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_set_authorizer(db->sqlite, action_authorize, db);
    }
    db->guarding = code == SQLITE_OK;
    return code;
}

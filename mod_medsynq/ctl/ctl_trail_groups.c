/* ctl_trail_groups.c -- groups in a hash by organisation and id, read once before the walk. */
#include "ctl/ctl_trail_groups.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "domain/trail/audit_groups.h"

typedef struct group_key_t {
    sqlite3_int64 tenant;
    mq_id_t id;
} group_key_t;

typedef struct group_t {
    group_key_t key;
    const mq_id_t *members;
    int count;
    int found; /* rows by patient */
    int is_wrong;
} group_t;

struct trail_groups_t {
    apr_hash_t *groups;
    apr_pool_t *pool;
    int has_tables;
    int is_stray;
    sqlite3_int64 stray_tenant;
};

static const char groups_sql[] = "SELECT tenant_id, id, members FROM audit_groups";
static const char rows_sql[] = "SELECT tenant_id, group_id, patient_id FROM audit_group_patients";
static const char tables_sql[] = "SELECT 1 FROM sqlite_schema WHERE name = 'audit_groups'";

static int id_compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(mq_id_t));
}

static int is_id(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_BLOB &&
           sqlite3_column_bytes(row, column) == (int)sizeof(mq_id_t);
}

static void stray(trail_groups_t *groups, sqlite3_int64 tenant)
{
    groups->is_stray = 1;
    groups->stray_tenant = tenant;
}

static int is_ascending(const group_t *group)
{
    for (int i = 1; i < group->count; i++) {
        if (id_compare(&group->members[i - 1], &group->members[i]) >= 0) {
            return 0;
        }
    }
    return 1;
}

static group_key_t key_make(sqlite3_int64 tenant, const void *id)
{
    group_key_t key;
    memset(&key, 0, sizeof key);
    key.tenant = tenant;
    memcpy(key.id.bytes, id, sizeof key.id.bytes);
    return key;
}

static void group_add(trail_groups_t *groups, sqlite3_stmt *row)
{
    sqlite3_int64 tenant = sqlite3_column_int64(row, 0);
    int length = sqlite3_column_bytes(row, 2);
    group_t *group = apr_pcalloc(groups->pool, sizeof *group);
    mq_id_t id;
    if (!is_id(row, 1)) {
        stray(groups, tenant);
        return;
    }
    group->key = key_make(tenant, sqlite3_column_blob(row, 1));
    group->count = length / (int)sizeof(mq_id_t);
    group->members = apr_pmemdup(groups->pool, sqlite3_column_blob(row, 2), (apr_size_t)length);
    group->is_wrong = sqlite3_column_type(row, 2) != SQLITE_BLOB || group->count < 2 ||
                      length % (int)sizeof(mq_id_t) != 0 || !is_ascending(group) ||
                      mq_audit_group_id(&id, group->members, group->count) != APR_SUCCESS ||
                      !mq_id_equal(&id, &group->key.id);
    apr_hash_set(groups->groups, &group->key, sizeof group->key, group);
}

static void row_add(trail_groups_t *groups, sqlite3_stmt *row)
{
    sqlite3_int64 tenant = sqlite3_column_int64(row, 0);
    group_key_t key;
    group_t *group = NULL;
    if (is_id(row, 1)) {
        key = key_make(tenant, sqlite3_column_blob(row, 1));
        group = apr_hash_get(groups->groups, &key, sizeof key);
    }
    if (!group) {
        stray(groups, tenant);
    } else if (is_id(row, 2) && bsearch(sqlite3_column_blob(row, 2), group->members,
                                        (size_t)group->count, sizeof(mq_id_t), id_compare)) {
        group->found++;
    } else {
        group->is_wrong = 1;
    }
}

static int each_row(trail_groups_t *groups, sqlite3 *sqlite, const char *sql,
                    void (*add)(trail_groups_t *groups, sqlite3_stmt *row))
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW) {
            add(groups, statement);
        }
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static void table_seen(trail_groups_t *groups, sqlite3_stmt *row)
{
    (void)row;
    groups->has_tables = 1;
}

int trail_groups_read(trail_groups_t **groups_out, sqlite3 *sqlite, apr_pool_t *pool)
{
    trail_groups_t *groups = apr_pcalloc(pool, sizeof *groups);
    int code;
    groups->pool = pool;
    groups->groups = apr_hash_make(pool);
    *groups_out = groups;
    code = each_row(groups, sqlite, tables_sql, table_seen);
    if (code == SQLITE_OK && groups->has_tables) {
        code = each_row(groups, sqlite, groups_sql, group_add);
    }
    if (code == SQLITE_OK && groups->has_tables) {
        code = each_row(groups, sqlite, rows_sql, row_add);
    }
    return code;
}

int trail_groups_admit(trail_groups_t *groups, sqlite3_int64 tenant, const void *id)
{
    group_key_t key = key_make(tenant, id);
    const group_t *group;
    if (!mq_audit_is_group(&key.id)) {
        return 1;
    }
    group = apr_hash_get(groups->groups, &key, sizeof key);
    return group && !group->is_wrong && group->found == group->count;
}

int trail_groups_stray(sqlite3_int64 *tenant_out, const trail_groups_t *groups)
{
    *tenant_out = groups->stray_tenant;
    if (groups->is_stray) {
        return 1;
    }
    for (apr_hash_index_t *i = apr_hash_first(groups->pool, groups->groups); i;
         i = apr_hash_next(i)) {
        void *value;
        const group_t *group;
        apr_hash_this(i, NULL, NULL, &value);
        group = value;
        if (group->is_wrong || group->found != group->count) {
            *tenant_out = group->key.tenant;
            return 1;
        }
    }
    return 0;
}

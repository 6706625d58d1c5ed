/* ctl_trail_groups.c -- groups in a hash by organisation and id, read once before the walk. */
#include "ctl/ctl_trail_groups.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "domain/trail/audit_groups.h"

typedef struct group_key_t {
    apr_int64_t tenant;
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
    int is_stray;
    apr_int64_t stray_tenant;
};

static int id_compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(mq_id_t));
}

/* @return the id that stands in a column, or NULL: none does */
static const void *id_of(const mq_rows_t *row, int column)
{
    apr_size_t length;
    const void *bytes = mq_rows_bytes(row, column, &length);
    return mq_rows_kind(row, column) == 'b' && length == sizeof(mq_id_t) ? bytes : NULL;
}

static void stray(trail_groups_t *groups, apr_int64_t tenant)
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

static group_key_t key_make(apr_int64_t tenant, const void *id)
{
    group_key_t key;
    memset(&key, 0, sizeof key);
    key.tenant = tenant;
    memcpy(key.id.bytes, id, sizeof key.id.bytes);
    return key;
}

static void group_add(trail_groups_t *groups, const mq_rows_t *row)
{
    apr_int64_t tenant = mq_rows_int(row, MQ_OWNER_GROUPS_TENANT_ID);
    const void *id = id_of(row, MQ_OWNER_GROUPS_ID);
    group_t *group = apr_pcalloc(groups->pool, sizeof *group);
    const void *members;
    apr_size_t length;
    mq_id_t made;
    if (!id) {
        stray(groups, tenant);
        return;
    }
    group->key = key_make(tenant, id);
    members = mq_rows_bytes(row, MQ_OWNER_GROUPS_MEMBERS, &length);
    group->count = (int)(length / sizeof(mq_id_t));
    group->members = apr_pmemdup(groups->pool, members, length);
    group->is_wrong = mq_rows_kind(row, MQ_OWNER_GROUPS_MEMBERS) != 'b' || group->count < 2 ||
                      length % sizeof(mq_id_t) != 0 || !is_ascending(group) ||
                      mq_audit_group_id(&made, group->members, group->count) != APR_SUCCESS ||
                      !mq_id_equal(&made, &group->key.id);
    apr_hash_set(groups->groups, &group->key, sizeof group->key, group);
}

static void row_add(trail_groups_t *groups, const mq_rows_t *row)
{
    apr_int64_t tenant = mq_rows_int(row, MQ_OWNER_GROUP_PATIENTS_TENANT_ID);
    const void *id = id_of(row, MQ_OWNER_GROUP_PATIENTS_GROUP_ID);
    const void *patient = id_of(row, MQ_OWNER_GROUP_PATIENTS_PATIENT_ID);
    group_key_t key;
    group_t *group = NULL;
    if (id) {
        key = key_make(tenant, id);
        group = apr_hash_get(groups->groups, &key, sizeof key);
    }
    if (!group) {
        stray(groups, tenant);
    } else if (patient && bsearch(patient, group->members, (size_t)group->count, sizeof(mq_id_t),
                                  id_compare)) {
        group->found++;
    } else {
        group->is_wrong = 1;
    }
}

static apr_status_t each_row(trail_groups_t *groups, mq_owner_t *owner,
                             const mq_owner_read_t *statement,
                             void (*add)(trail_groups_t *groups, const mq_rows_t *row))
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_owner_select(&rows, owner, statement, MQ_NO_PARAMS));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        add(groups, &rows);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t trail_groups_read(trail_groups_t **groups_out, mq_owner_t *owner, apr_pool_t *pool)
{
    trail_groups_t *groups = apr_pcalloc(pool, sizeof *groups);
    groups->pool = pool;
    groups->groups = apr_hash_make(pool);
    *groups_out = groups;
    if (!mq_owner_has(owner, "audit_groups")) {
        return APR_SUCCESS;
    }
    MQ_TRY(each_row(groups, owner, MQ_SQL_OWNER_GROUPS, group_add));
    return each_row(groups, owner, MQ_SQL_OWNER_GROUP_PATIENTS, row_add);
}

int trail_groups_admit(trail_groups_t *groups, apr_int64_t tenant, const void *id)
{
    group_key_t key = key_make(tenant, id);
    const group_t *group;
    if (!mq_audit_is_group(&key.id)) {
        return 1;
    }
    group = apr_hash_get(groups->groups, &key, sizeof key);
    return group && !group->is_wrong && group->found == group->count;
}

int trail_groups_stray(apr_int64_t *tenant_out, const trail_groups_t *groups)
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

/* ctl_trail_views.c -- looks in a hash by share, or list, and instant, each taken out by its
 * counterpart. One that stays is excused where the other chain may have been cut before it: the
 * chain of the organisation that the share's partnership joins with this one, and no other's. */
#include "ctl/ctl_trail_views.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

#include "domain/sharing/shared.h"
#include "domain/trail/audit_event.h"

typedef struct look_key_t {
    mq_id_t object;
    apr_time_t at;
} look_key_t;

typedef struct look_t {
    look_key_t key;
    apr_int64_t balance; /* the owners' less the reader's */
    apr_int64_t tenant;
    apr_int64_t number;
    int is_list; /* it names no share */
} look_t;

/* A chain of which what precedes an instant need not be here. */
typedef struct cut_t {
    apr_int64_t tenant;
    apr_time_t until;
    int is_gone; /* it is erased */
} cut_t;

struct trail_views_t {
    apr_hash_t *looks;
    apr_array_header_t *cuts; /* of cut_t */
    apr_pool_t *pool;
};

trail_views_t *trail_views_make(apr_pool_t *pool)
{
    trail_views_t *views = apr_pcalloc(pool, sizeof *views);
    views->looks = apr_hash_make(pool);
    views->cuts = apr_array_make(pool, 4, sizeof(cut_t));
    views->pool = pool;
    return views;
}

/* How many organisations a list named somebody of, as its reader's event says. */
static apr_int64_t owners_of(const trail_event_t *event)
{
    static const char prefix[] = MQ_SHARED_OWNERS;
    return event->reason && strncmp(event->reason, prefix, sizeof prefix - 1) == 0
               ? apr_atoi64(event->reason + sizeof prefix - 1)
               : 0;
}

/* @return more than 0 an owner's event of a look, less the reader's, 0 something else */
static apr_int64_t side_of(int *is_list_out, const trail_event_t *event)
{
    *is_list_out = 0;
    if (event->outcome != MQ_OUTCOME_DONE || mq_id_is_nil(&event->object)) {
        return 0; /* who opens a referral of their own looks at their own patient: no share is named
                   */
    }
    switch (event->action) {
    case MQ_ACTION_SHARE_VIEWED:
    case MQ_ACTION_REFERRAL_VIEWED:
    case MQ_ACTION_EMERGENCY_OPENED:
        return 1;
    case MQ_ACTION_SHARED_OPEN:
    case MQ_ACTION_REFERRAL_VIEW:
    case MQ_ACTION_EMERGENCY_OPEN:
        return -1;
    case MQ_ACTION_SHARE_LISTED:
        *is_list_out = 1;
        return 1;
    case MQ_ACTION_SHARED_LIST:
    case MQ_ACTION_REFERRALS_LIST:
        *is_list_out = 1;
        return -owners_of(event);
    default:
        return 0;
    }
}

void trail_views_note(trail_views_t *views, const trail_event_t *event)
{
    look_key_t key;
    look_t *look;
    int is_list;
    apr_int64_t side = side_of(&is_list, event);
    if (!side) {
        return;
    }
    memset(&key, 0, sizeof key);
    key.object = event->object;
    key.at = event->at;
    look = apr_hash_get(views->looks, &key, sizeof key);
    if (!look) {
        look = apr_pcalloc(views->pool, sizeof *look);
        look->key = key;
        look->tenant = event->tenant;
        look->number = event->number;
        look->is_list = is_list;
        apr_hash_set(views->looks, &look->key, sizeof look->key, look);
    }
    look->balance += side;
    if (look->balance == 0) {
        apr_hash_set(views->looks, &key, sizeof key, NULL);
    }
}

void trail_views_excuse(trail_views_t *views, apr_int64_t tenant, apr_time_t until, int is_gone)
{
    APR_ARRAY_PUSH(views->cuts, cut_t) = (cut_t){tenant, until, is_gone};
}

/* --- who shares with whom --- */

typedef struct link_t {
    mq_id_t id;
    apr_int64_t low;
    apr_int64_t high;
} link_t;

typedef struct share_t {
    mq_id_t id;
    mq_id_t partner;
} share_t;

/* What is read once something is lonely, and may be excused. */
typedef struct links_t {
    apr_hash_t *links;       /* of link_t, by id */
    apr_hash_t *shares;      /* of share_t, by id */
    apr_hash_t *bereft;      /* organisations that were linked with one that is gone */
    apr_array_header_t *all; /* of link_t * */
    apr_pool_t *pool;
} links_t;

static apr_status_t links_read(links_t *links, mq_owner_t *owner)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_owner_select(&rows, owner, MQ_SQL_OWNER_PARTNERSHIPS, MQ_NO_PARAMS));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        link_t *link = apr_pcalloc(links->pool, sizeof *link);
        *link = (link_t){mq_rows_id(&rows, MQ_OWNER_PARTNERSHIPS_ID),
                         mq_rows_int(&rows, MQ_OWNER_PARTNERSHIPS_LOW),
                         mq_rows_int(&rows, MQ_OWNER_PARTNERSHIPS_HIGH)};
        apr_hash_set(links->links, &link->id, sizeof link->id, link);
        APR_ARRAY_PUSH(links->all, link_t *) = link;
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t shares_read(links_t *links, mq_owner_t *owner)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_owner_select(&rows, owner, MQ_SQL_OWNER_SHARES, MQ_NO_PARAMS));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        share_t *share = apr_pcalloc(links->pool, sizeof *share);
        *share = (share_t){mq_rows_id(&rows, MQ_OWNER_SHARES_ID),
                           mq_rows_id(&rows, MQ_OWNER_SHARES_PARTNER_ID)};
        apr_hash_set(links->shares, &share->id, sizeof share->id, share);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* An organisation that is erased has taken its partnerships along; what it was to others stays. */
static apr_status_t bereft_read(links_t *links, mq_owner_t *owner)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_owner_select(&rows, owner, MQ_SQL_OWNER_PARTNERS, MQ_NO_PARAMS));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        const mq_id_t id = mq_rows_id(&rows, MQ_OWNER_PARTNERS_ID);
        if (!apr_hash_get(links->links, &id, sizeof id)) {
            apr_int64_t *tenant = apr_palloc(links->pool, sizeof *tenant);
            *tenant = mq_rows_int(&rows, MQ_OWNER_PARTNERS_TENANT_ID);
            apr_hash_set(links->bereft, tenant, sizeof *tenant, tenant);
        }
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t all_read(links_t *links, mq_owner_t *owner, apr_pool_t *pool)
{
    *links = (links_t){.links = apr_hash_make(pool),
                       .shares = apr_hash_make(pool),
                       .bereft = apr_hash_make(pool),
                       .all = apr_array_make(pool, 8, sizeof(link_t *)),
                       .pool = pool};
    if (!mq_owner_has(owner, "shares")) {
        return APR_SUCCESS;
    }
    MQ_TRY(links_read(links, owner));
    MQ_TRY(shares_read(links, owner));
    return bereft_read(links, owner);
}

static int joins(const link_t *link, apr_int64_t one, apr_int64_t other)
{
    return (link->low == one && link->high == other) || (link->low == other && link->high == one);
}

static int are_linked(const links_t *links, apr_int64_t one, apr_int64_t other)
{
    for (int i = 0; i < links->all->nelts; i++) {
        if (joins(APR_ARRAY_IDX(links->all, i, const link_t *), one, other)) {
            return 1;
        }
    }
    return 0;
}

/* Whether a chain that was cut may be the other one of a look. */
static int may_be_other(const links_t *links, const look_t *look, const cut_t *cut)
{
    const share_t *share = apr_hash_get(links->shares, &look->key.object, sizeof(mq_id_t));
    const link_t *link =
        share ? apr_hash_get(links->links, &share->partner, sizeof share->partner) : NULL;
    if (cut->is_gone) {
        return look->is_list
                   ? apr_hash_get(links->bereft, &look->tenant, sizeof look->tenant) != NULL
                   : !link;
    }
    return look->is_list ? are_linked(links, look->tenant, cut->tenant)
                         : link && joins(link, look->tenant, cut->tenant);
}

static int is_excused(const trail_views_t *views, const links_t *links, const look_t *look)
{
    for (int i = 0; i < views->cuts->nelts; i++) {
        const cut_t *cut = &APR_ARRAY_IDX(views->cuts, i, cut_t);
        if (look->key.at < cut->until && may_be_other(links, look, cut)) {
            return 1;
        }
    }
    return 0;
}

apr_status_t trail_views_lonely(int *is_lonely_out, apr_int64_t *tenant_out,
                                apr_int64_t *number_out, const trail_views_t *views,
                                mq_owner_t *owner)
{
    const look_t *first = NULL;
    links_t links;
    *is_lonely_out = 0;
    if (apr_hash_count(views->looks) == 0) {
        return APR_SUCCESS;
    }
    MQ_TRY(all_read(&links, owner, views->pool));
    for (apr_hash_index_t *i = apr_hash_first(views->pool, views->looks); i; i = apr_hash_next(i)) {
        void *value;
        const look_t *look;
        apr_hash_this(i, NULL, NULL, &value);
        look = value;
        if ((!first || look->tenant < first->tenant ||
             (look->tenant == first->tenant && look->number < first->number)) &&
            !is_excused(views, &links, look)) {
            first = look;
        }
    }
    if (first) {
        *tenant_out = first->tenant;
        *number_out = first->number;
    }
    *is_lonely_out = first != NULL;
    return APR_SUCCESS;
}

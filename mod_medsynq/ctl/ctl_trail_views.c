/* ctl_trail_views.c -- looks in a hash by share and instant, each taken out by its counterpart. */
#include "ctl/ctl_trail_views.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

#include "domain/trail/audit_event.h"

typedef struct look_key_t {
    mq_id_t share;
    apr_time_t at;
} look_key_t;

typedef struct look_t {
    look_key_t key;
    int balance; /* the owner's less the reader's */
    apr_int64_t tenant;
    apr_int64_t number;
} look_t;

struct trail_views_t {
    apr_hash_t *looks;
    apr_time_t excused;
    apr_pool_t *pool;
};

trail_views_t *trail_views_make(apr_pool_t *pool)
{
    trail_views_t *views = apr_pcalloc(pool, sizeof *views);
    views->looks = apr_hash_make(pool);
    views->pool = pool;
    return views;
}

/* @return 1 the owner's event of a look, -1 the reader's, 0 something else */
static int side_of(const trail_event_t *event)
{
    if (event->outcome != MQ_OUTCOME_DONE) {
        return 0;
    }
    if (event->action == MQ_ACTION_SHARE_VIEWED || event->action == MQ_ACTION_REFERRAL_VIEWED) {
        return 1;
    }
    /* who opens a referral that is their own looks at their own patient, and no share is named */
    return event->action == MQ_ACTION_SHARED_OPEN ||
                   (event->action == MQ_ACTION_REFERRAL_VIEW && !mq_id_is_nil(&event->object))
               ? -1
               : 0;
}

void trail_views_note(trail_views_t *views, const trail_event_t *event)
{
    look_key_t key;
    look_t *look;
    int side = side_of(event);
    if (!side) {
        return;
    }
    memset(&key, 0, sizeof key);
    key.share = event->object;
    key.at = event->at;
    look = apr_hash_get(views->looks, &key, sizeof key);
    if (!look) {
        look = apr_pcalloc(views->pool, sizeof *look);
        look->key = key;
        look->tenant = event->tenant;
        look->number = event->number;
        apr_hash_set(views->looks, &look->key, sizeof look->key, look);
    }
    look->balance += side;
    if (look->balance == 0) {
        apr_hash_set(views->looks, &key, sizeof key, NULL);
    }
}

void trail_views_excuse(trail_views_t *views, apr_time_t until)
{
    views->excused = until > views->excused ? until : views->excused;
}

int trail_views_lonely(apr_int64_t *tenant_out, apr_int64_t *number_out, const trail_views_t *views)
{
    const look_t *first = NULL;
    for (apr_hash_index_t *i = apr_hash_first(views->pool, views->looks); i; i = apr_hash_next(i)) {
        void *value;
        const look_t *look;
        apr_hash_this(i, NULL, NULL, &value);
        look = value;
        if (look->key.at >= views->excused &&
            (!first || look->tenant < first->tenant ||
             (look->tenant == first->tenant && look->number < first->number))) {
            first = look;
        }
    }
    if (first) {
        *tenant_out = first->tenant;
        *number_out = first->number;
    }
    return first != NULL;
}

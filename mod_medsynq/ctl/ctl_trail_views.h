/* ctl_trail_views.h -- whether each look at another organisation's patient stands in both trails:
 * the owner's event and the reader's name the same share, or the same list, at the same instant. */
#ifndef MQ_CTL_CTL_TRAIL_VIEWS_H
#define MQ_CTL_CTL_TRAIL_VIEWS_H

#include <apr_pools.h>
#include <apr_time.h>

#include "base/id.h"
#include "store/owner.h"

/** Looks that have no counterpart yet. */
typedef struct trail_views_t trail_views_t;

trail_views_t *trail_views_make(apr_pool_t *pool);

/** An event, of whatever kind. */
typedef struct trail_event_t {
    apr_int64_t tenant;
    apr_int64_t number;
    apr_time_t at;
    apr_int64_t action;
    apr_int64_t outcome;
    mq_id_t object;
    const char *reason; /* or NULL */
} trail_event_t;

/** Take it into account, if it is a look. */
void trail_views_note(trail_views_t *views, const trail_event_t *event);

/** Say that what precedes an instant need not be here in one chain: it was archived to there, or
 * was erased then. That excuses those alone who were linked with that organisation. */
void trail_views_excuse(trail_views_t *views, apr_int64_t tenant, apr_time_t until, int is_gone);

/**
 * Find the first look that stands in one trail alone.
 * @param owner where it is read who shares with whom, to see whether the other chain may be cut
 * @param is_lonely_out whether there is one; then whose it is, and which event
 */
apr_status_t trail_views_lonely(int *is_lonely_out, apr_int64_t *tenant_out,
                                apr_int64_t *number_out, const trail_views_t *views,
                                mq_owner_t *owner);

#endif

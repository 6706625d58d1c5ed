/* guests.h -- the one place that lets somebody of another organisation see a patient. For
 * domain/sharing/shared.c, within a change that is made on both sides (mq_change_beside): what is
 * checked here, and what the guest then reads, is one snapshot, and the bracket has asked in it
 * whether the reader's session, account, roles and organisation stand. */
#ifndef MQ_DOMAIN_SHARING_GUESTS_H
#define MQ_DOMAIN_SHARING_GUESTS_H

#include <apr_tables.h>

#include "domain/sharing/sides.h"

/** What a share is to its reader. Texts are from the scope's pool. */
typedef struct mq_share_t {
    mq_id_t id;
    const mq_scope_t *owner; /* to write in the owner's trail, and nothing else */
    const char *owner_name;  /* the organisation's */
    const char *purpose;
    int parts; /* MQ_SHARE_ bits */
    apr_time_t until;
    int is_over;      /* its time is: to be ended, with MQ_ENOTFOUND */
    int is_emergency; /* without a consent, and for one person: emergencies.h */
    int is_anothers;  /* for another one, with MQ_ENOTFOUND */
} mq_share_t;

/** The other sides that one page has met: each is looked for once. */
typedef struct mq_guest_sides_t mq_guest_sides_t;

/** What one's own organisation has of a share, and what was read of it with its page. */
typedef struct mq_standing_t mq_standing_t;

typedef struct mq_guest_link_t {
    mq_id_t id;
    mq_id_t partner;
    const mq_standing_t *standing; /* NULL: it is read when its guest is minted */
} mq_guest_link_t;

/** @return none yet, from pool */
mq_guest_sides_t *mq_guest_sides_make(apr_pool_t *pool);

/**
 * Let the person of a scope see what is shared by one id.
 * @param sides what has been found on this page before; kept for those that follow
 * @param id    what their own organisation has of the share
 * @return MQ_ENOTFOUND there is none, or not now: the link rests or has ended, the consent is
 *         withdrawn, over or yet to begin, the owner is suspended: all the same
 */
apr_status_t mq_guest_mint(const mq_guest_t **guest_out, mq_share_t *share_out,
                           mq_guest_sides_t *sides, const mq_scope_t *sc, const mq_id_t *id);

/**
 * Read a page of what one's own organisation has, the newest first, and what the owners say of it:
 * one statement for each organisation. Nothing is decided by it: each is judged when its guest is
 * minted, in the same change.
 * @param links  cleared; of mq_guest_link_t
 * @param before the last of the page before, or NULL
 */
apr_status_t mq_guest_links_read(apr_array_header_t *links, mq_guest_sides_t *sides,
                                 const mq_scope_t *sc, const mq_id_t *before, int limit);

/** mq_guest_mint, for one of such a page. */
apr_status_t mq_guest_mint_link(const mq_guest_t **guest_out, mq_share_t *share_out,
                                mq_guest_sides_t *sides, const mq_scope_t *sc,
                                const mq_guest_link_t *link);

#endif

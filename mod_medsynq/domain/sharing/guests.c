/* guests.c -- mints guests: the one place that does.
 *
 * Everything that makes a share is held together here, from the rows as they are in the transaction
 * in which the guest then reads: the reader's own link row names the partnership, the partnership
 * names the two, the owner's rows name that partnership again, and the patient. In the place of a
 * consent there may be an emergency, which the reader's rows say whom it was opened by. If one of
 * them says no, or says something else, there is no such share, and the answer is that for an id
 * that never was.
 *
 * A clock that is set back brings nothing to life: no instant counts that is before the last event
 * of the owner's trail, and what is once seen to be over is ended for good by the caller. */
#define MQ_MAY_MINT_SCOPE
#include "domain/sharing/guests.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/keyset.h"
#include "domain/organisations/tenants.h"
#include "domain/sharing/consents.h"
#include "store/scope_mint.h"

typedef struct side_t {
    mq_id_t partner;
    const mq_scope_t *owner; /* NULL: there is no such side, or the link is not active */
    apr_time_t now;          /* or what the owner has lived to see, if that is later */
} side_t;

struct mq_guest_sides_t {
    apr_array_header_t *known; /* of side_t */
};

mq_guest_sides_t *mq_guest_sides_make(apr_pool_t *pool)
{
    mq_guest_sides_t *sides = apr_palloc(pool, sizeof *sides);
    sides->known = apr_array_make(pool, 4, sizeof(side_t));
    return sides;
}

static apr_status_t partner_of(mq_id_t *partner_out, const mq_scope_t *sc, const mq_id_t *id)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_SHARED_LINK_BY_ID, MQ_PARAMS(mq_bind_id(id))));
    *partner_out = mq_rows_id(&rows, MQ_SHARED_LINK_BY_ID_PARTNER_ID);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

/* What the owner's rows say of a share, to be judged. Read for one, or for all of a page at once.
 */
struct mq_standing_t {
    mq_id_t patient;
    mq_id_t shared_with;
    const char *purpose;
    apr_time_t from;
    apr_time_t until;
    int state;
    int consent_state;
    int owner_status;
    int parts;
};

/* The later of now and the last event of the owner's trail. */
static apr_status_t now_at_least(apr_time_t *now_out, const mq_scope_t *owner)
{
    mq_rows_t rows;
    apr_time_t latest;
    apr_status_t rv = mq_db_select_one(&rows, owner, MQ_SQL_AUDIT_EVENT_LATEST, MQ_NO_PARAMS);
    *now_out = mq_scope_now(owner);
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    latest = mq_rows_int(&rows, MQ_AUDIT_EVENT_LATEST_AT);
    mq_rows_close(&rows);
    *now_out = latest > *now_out ? latest : *now_out;
    return APR_SUCCESS;
}

static apr_status_t side_find(side_t *side_out, mq_guest_sides_t *sides, const mq_scope_t *sc,
                              const mq_id_t *partner)
{
    mq_partner_state_t state = MQ_PARTNER_ENDED;
    side_t side = {.partner = *partner};
    const mq_scope_t *owner = NULL;
    apr_status_t rv;
    for (int i = 0; i < sides->known->nelts; i++) {
        const side_t *known = &APR_ARRAY_IDX(sides->known, i, side_t);
        if (mq_id_equal(&known->partner, partner)) {
            *side_out = *known;
            return known->owner ? APR_SUCCESS : MQ_ENOTFOUND;
        }
    }
    rv = mq_side_of(&owner, &state, sc, partner);
    if (rv == APR_SUCCESS && state != MQ_PARTNER_ACTIVE) {
        rv = MQ_ENOTFOUND;
    }
    if (rv == APR_SUCCESS) {
        side.owner = owner;
        rv = now_at_least(&side.now, owner);
    }
    APR_ARRAY_PUSH(sides->known, side_t) = side;
    *side_out = side;
    return rv;
}

static void standing_of_row(mq_standing_t *standing_out, const mq_scope_t *sc,
                            const mq_rows_t *rows)
{
    *standing_out =
        (mq_standing_t){.patient = mq_rows_id(rows, MQ_SHARE_STANDING_PATIENT_ID),
                        .shared_with = mq_rows_id(rows, MQ_SHARE_STANDING_PARTNER_ID),
                        .purpose = mq_rows_text(rows, MQ_SHARE_STANDING_PURPOSE, mq_scope_pool(sc)),
                        .from = mq_rows_int(rows, MQ_SHARE_STANDING_FROM_AT),
                        .until = mq_rows_int(rows, MQ_SHARE_STANDING_UNTIL_AT),
                        .state = (int)mq_rows_int(rows, MQ_SHARE_STANDING_STATE),
                        .consent_state = (int)mq_rows_int(rows, MQ_SHARE_STANDING_CONSENT_STATE),
                        .owner_status = (int)mq_rows_int(rows, MQ_SHARE_STANDING_STATUS),
                        .parts = (int)mq_rows_int(rows, MQ_SHARE_STANDING_PARTS)};
}

static apr_status_t standing_read(mq_standing_t *standing_out, const mq_scope_t *sc,
                                  const side_t *side, const mq_id_t *id)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, side->owner, MQ_SQL_SHARE_STANDING, MQ_PARAMS(mq_bind_id(id))));
    standing_of_row(standing_out, sc, &rows);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t share_judge(mq_share_t *share_out, mq_guest_key_t *key_out,
                                const mq_scope_t *sc, const mq_standing_t *standing,
                                const side_t *side)
{
    share_out->until = standing->until;
    share_out->parts = standing->parts;
    share_out->purpose = standing->purpose;
    *key_out = (mq_guest_key_t){
        .patient = standing->patient, .share = share_out->id, .parts = share_out->parts};
    if (!mq_id_equal(&standing->shared_with, &side->partner) ||
        standing->state != MQ_CONSENT_ACTIVE || standing->consent_state != MQ_CONSENT_ACTIVE ||
        !mq_consent_parts_hold(share_out->parts)) {
        return MQ_ENOTFOUND;
    }
    share_out->is_over = side->now >= share_out->until;
    return share_out->is_over || mq_scope_now(sc) < standing->from ||
                   standing->owner_status != MQ_TENANT_ACTIVE
               ? MQ_ENOTFOUND
               : APR_SUCCESS;
}

/* --- a page of them --- */

static mq_guest_link_t *link_at(const apr_array_header_t *links, int i)
{
    return &APR_ARRAY_IDX(links, i, mq_guest_link_t);
}

static apr_status_t links_read(apr_array_header_t *links, const mq_scope_t *sc,
                               const mq_id_t *before, int limit)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_SHARED_LINKS_BEFORE,
                        MQ_PARAMS(mq_bind_id(mq_keyset_before(before)), mq_bind_int(limit))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(links, mq_guest_link_t) =
            (mq_guest_link_t){.id = mq_rows_id(&rows, MQ_SHARED_LINKS_BEFORE_ID),
                              .partner = mq_rows_id(&rows, MQ_SHARED_LINKS_BEFORE_PARTNER_ID)};
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* Both go from the newest to the oldest. What an owner's rows do not have is asked for one by one.
 */
static apr_status_t links_of_side_stand(const apr_array_header_t *links, const mq_scope_t *sc,
                                        const side_t *side, int first)
{
    const mq_id_t *newest = &link_at(links, first)->id;
    const mq_id_t *oldest = &link_at(links, links->nelts - 1)->id;
    int i = first;
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, side->owner, MQ_SQL_SHARES_STANDING,
                        MQ_PARAMS(mq_bind_id(&side->partner), mq_bind_id(newest),
                                  mq_bind_id(oldest), mq_bind_int(links->nelts))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        const mq_id_t id = mq_rows_id(&rows, MQ_SHARE_STANDING_ID);
        while (i < links->nelts && memcmp(&link_at(links, i)->id, &id, sizeof id) > 0) {
            i++;
        }
        if (i < links->nelts && mq_id_equal(&link_at(links, i)->id, &id) &&
            mq_id_equal(&link_at(links, i)->partner, &side->partner)) {
            mq_standing_t *standing = apr_palloc(mq_scope_pool(sc), sizeof *standing);
            standing_of_row(standing, sc, &rows);
            link_at(links, i)->standing = standing;
        }
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

apr_status_t mq_guest_links_read(apr_array_header_t *links, mq_guest_sides_t *sides,
                                 const mq_scope_t *sc, const mq_id_t *before, int limit)
{
    apr_array_clear(links);
    MQ_TRY(links_read(links, sc, before, limit));
    for (int i = 0; i < links->nelts; i++) {
        const mq_id_t *partner = &link_at(links, i)->partner;
        int earlier = 0;
        side_t side;
        apr_status_t rv;
        while (!mq_id_equal(&link_at(links, earlier)->partner, partner)) {
            earlier++;
        }
        if (earlier < i) {
            continue;
        }
        rv = side_find(&side, sides, sc, partner);
        if (rv == APR_SUCCESS) {
            rv = links_of_side_stand(links, sc, &side, i);
        }
        if (rv != APR_SUCCESS && rv != MQ_ENOTFOUND) {
            return rv;
        }
    }
    return APR_SUCCESS;
}

/* --- in an emergency --- */

/* The reader's side: whom it was opened for, who must be as they were then, where it is allowed
 * still. */
static apr_status_t use_judge(mq_share_t *share_out, const mq_scope_t *sc)
{
    mq_rows_t rows;
    mq_id_t user;
    int holds;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_EMERGENCY_USE_STANDING,
                            MQ_PARAMS(mq_bind_id(&share_out->id))));
    user = mq_rows_id(&rows, MQ_EMERGENCY_USE_STANDING_USER_ID);
    share_out->is_anothers = !mq_id_equal(&user, mq_scope_user(sc));
    holds = mq_rows_int(&rows, MQ_EMERGENCY_USE_STANDING_ACCOUNT_VERSION) ==
                mq_rows_int(&rows, MQ_EMERGENCY_USE_STANDING_VERSION) &&
            mq_rows_int(&rows, MQ_EMERGENCY_USE_STANDING_ALLOWS_EMERGENCY) != 0 &&
            mq_rows_int(&rows, MQ_EMERGENCY_USE_STANDING_LINK_STATE) == MQ_PARTNER_ACTIVE;
    mq_rows_close(&rows);
    return holds && !share_out->is_anothers ? APR_SUCCESS : MQ_ENOTFOUND;
}

static apr_status_t emergency_judge(mq_share_t *share_out, mq_guest_key_t *key_out,
                                    const mq_scope_t *sc, const mq_rows_t *rows, const side_t *side)
{
    const mq_id_t opened_to = mq_rows_id(rows, MQ_EMERGENCY_STANDING_PARTNER_ID);
    share_out->is_emergency = 1;
    share_out->until = mq_rows_int(rows, MQ_EMERGENCY_STANDING_UNTIL_AT);
    share_out->parts = MQ_SHARE_ALL;
    share_out->purpose = "ETREAT";
    *key_out = (mq_guest_key_t){.patient = mq_rows_id(rows, MQ_EMERGENCY_STANDING_PATIENT_ID),
                                .share = share_out->id,
                                .parts = MQ_SHARE_ALL};
    if (!mq_id_equal(&opened_to, &side->partner) ||
        mq_rows_int(rows, MQ_EMERGENCY_STANDING_STATE) != MQ_CONSENT_ACTIVE) {
        return MQ_ENOTFOUND;
    }
    share_out->is_over = side->now >= share_out->until;
    return share_out->is_over ||
                   mq_scope_now(sc) < mq_rows_int(rows, MQ_EMERGENCY_STANDING_OPENED_AT) ||
                   mq_rows_int(rows, MQ_EMERGENCY_STANDING_ALLOWS_EMERGENCY) == 0 ||
                   mq_rows_int(rows, MQ_EMERGENCY_STANDING_LINK_STATE) != MQ_PARTNER_ACTIVE ||
                   mq_rows_int(rows, MQ_EMERGENCY_STANDING_STATUS) != MQ_TENANT_ACTIVE
               ? MQ_ENOTFOUND
               : APR_SUCCESS;
}

/* A share without a consent: both sides are asked, whatever one of them says. */
static apr_status_t emergency_look(mq_share_t *share_out, mq_guest_key_t *key_out,
                                   const mq_scope_t *sc, const side_t *side)
{
    mq_rows_t rows;
    apr_status_t here;
    apr_status_t there;
    MQ_TRY(mq_db_select_one(&rows, share_out->owner, MQ_SQL_EMERGENCY_STANDING,
                            MQ_PARAMS(mq_bind_id(&share_out->id))));
    there = emergency_judge(share_out, key_out, sc, &rows, side);
    mq_rows_close(&rows);
    here = use_judge(share_out, sc);
    return there == APR_SUCCESS ? here : there;
}

static apr_status_t guest_make(const mq_guest_t **guest_out, const mq_scope_t *sc,
                               const mq_scope_t *owner, const mq_guest_key_t *key)
{
    mq_loan_t *own = sc->place.loan;
    mq_guest_t *guest = apr_pcalloc(own->pool, sizeof *guest);
    guest->loan = mq_loan_make(own->store, owner->place.loan->tenant, own->pool);
    guest->loan->guest = apr_pmemdup(own->pool, key, sizeof *key);
    *guest_out = guest;
    return mq_loan_beside(guest->loan, own);
}

/* What was read with the page is judged as what is read now: both are of one snapshot. */
apr_status_t mq_guest_mint_link(const mq_guest_t **guest_out, mq_share_t *share_out,
                                mq_guest_sides_t *sides, const mq_scope_t *sc,
                                const mq_guest_link_t *link)
{
    const mq_standing_t *standing = link->standing;
    mq_standing_t own;
    mq_guest_key_t key;
    side_t side;
    apr_status_t rv = APR_SUCCESS;
    *share_out = (mq_share_t){.id = link->id};
    MQ_TRY(side_find(&side, sides, sc, &link->partner));
    share_out->owner = side.owner;
    share_out->owner_name = mq_scope_tenant_name(share_out->owner);
    if (!standing) {
        rv = standing_read(&own, sc, &side, &link->id);
        standing = &own;
    }
    if (rv == APR_SUCCESS) {
        rv = share_judge(share_out, &key, sc, standing, &side);
    } else if (rv == MQ_ENOTFOUND) {
        rv = emergency_look(share_out, &key, sc, &side);
    }
    MQ_TRY(rv);
    return guest_make(guest_out, sc, share_out->owner, &key);
}

apr_status_t mq_guest_mint(const mq_guest_t **guest_out, mq_share_t *share_out,
                           mq_guest_sides_t *sides, const mq_scope_t *sc, const mq_id_t *id)
{
    mq_guest_link_t link = {.id = *id};
    *share_out = (mq_share_t){.id = *id};
    MQ_TRY(partner_of(&link.partner, sc, id));
    return mq_guest_mint_link(guest_out, share_out, sides, sc, &link);
}

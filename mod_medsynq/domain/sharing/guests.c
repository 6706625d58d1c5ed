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

static apr_status_t share_judge(mq_share_t *share_out, mq_guest_key_t *key_out,
                                const mq_scope_t *sc, const mq_rows_t *rows, const side_t *side)
{
    const mq_id_t shared_with = mq_rows_id(rows, MQ_SHARE_STANDING_PARTNER_ID);
    share_out->until = mq_rows_int(rows, MQ_SHARE_STANDING_UNTIL_AT);
    share_out->parts = (int)mq_rows_int(rows, MQ_SHARE_STANDING_PARTS);
    share_out->purpose = mq_rows_text(rows, MQ_SHARE_STANDING_PURPOSE, mq_scope_pool(sc));
    *key_out = (mq_guest_key_t){.patient = mq_rows_id(rows, MQ_SHARE_STANDING_PATIENT_ID),
                                .share = share_out->id,
                                .parts = share_out->parts};
    if (!mq_id_equal(&shared_with, &side->partner) ||
        mq_rows_int(rows, MQ_SHARE_STANDING_STATE) != MQ_CONSENT_ACTIVE ||
        mq_rows_int(rows, MQ_SHARE_STANDING_CONSENT_STATE) != MQ_CONSENT_ACTIVE ||
        !mq_consent_parts_hold(share_out->parts)) {
        return MQ_ENOTFOUND;
    }
    share_out->is_over = side->now >= share_out->until;
    return share_out->is_over || mq_scope_now(sc) < mq_rows_int(rows, MQ_SHARE_STANDING_FROM_AT) ||
                   mq_rows_int(rows, MQ_SHARE_STANDING_STATUS) != MQ_TENANT_ACTIVE
               ? MQ_ENOTFOUND
               : APR_SUCCESS;
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

apr_status_t mq_guest_mint(const mq_guest_t **guest_out, mq_share_t *share_out,
                           mq_guest_sides_t *sides, const mq_scope_t *sc, const mq_id_t *id)
{
    mq_guest_key_t key;
    mq_id_t partner;
    side_t side;
    mq_rows_t rows;
    apr_status_t rv;
    *share_out = (mq_share_t){.id = *id};
    MQ_TRY(partner_of(&partner, sc, id));
    MQ_TRY(side_find(&side, sides, sc, &partner));
    share_out->owner = side.owner;
    share_out->owner_name = mq_scope_tenant_name(share_out->owner);
    rv =
        mq_db_select_one(&rows, share_out->owner, MQ_SQL_SHARE_STANDING, MQ_PARAMS(mq_bind_id(id)));
    if (rv == APR_SUCCESS) {
        rv = share_judge(share_out, &key, sc, &rows, &side);
        mq_rows_close(&rows);
    } else if (rv == MQ_ENOTFOUND) {
        rv = emergency_look(share_out, &key, sc, &side);
    }
    MQ_TRY(rv);
    return guest_make(guest_out, sc, share_out->owner, &key);
}

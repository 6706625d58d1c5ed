/* referral_standing.c -- one referral as it stands in a transaction, whichever side asks, and what
 * each step and message writes on both; SQL is in store/statements/referrals.sql. */
#include "domain/sharing/referral_standing.h"

#include "domain/access/standing.h"

enum { ASKING_MOST = 40 /* steps after which nobody asks to cancel any more */ };

mq_referral_side_t mq_referral_side_of(const mq_referral_t *referral)
{
    return !referral->is_ours  ? MQ_REFERRAL_READER
           : referral->is_gone ? MQ_REFERRAL_OWNER_ALONE
                               : MQ_REFERRAL_OWNER;
}

/* Whether so many steps were taken that one of the two may be going round: asking to cancel and
 * going on all the same, which fills the owner's record with what the other side says. */
static apr_status_t is_worn(int *is_worn_out, const mq_referral_standing_t *standing)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(
        &rows, standing->owner, MQ_SQL_REFERRAL_STEPS_COUNT,
        MQ_PARAMS(mq_bind_id(&standing->referral->id), mq_bind_int(MQ_REFERRAL_NONE))));
    *is_worn_out = mq_rows_int(&rows, MQ_REFERRAL_COUNT) >= ASKING_MOST;
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t side_settle(mq_referral_standing_t *standing, const mq_scope_t *sc)
{
    mq_referral_t *referral = standing->referral;
    mq_referral_side_t side = mq_referral_side_of(referral);
    int worn = 0;
    referral->state = mq_referral_now(standing->stored, referral->expires_at, mq_scope_now(sc));
    referral->steps = mq_referral_steps(referral->state, side);
    if (mq_referral_is_asked(mq_referral_after(referral->state, MQ_REFERRAL_CANCEL, side))) {
        MQ_TRY(is_worn(&worn, standing));
    }
    referral->steps &= worn ? ~(int)MQ_REFERRAL_CANCEL : ~0;
    referral->can_write = mq_referral_is_open(referral->state) && !referral->is_alone;
    return APR_SUCCESS;
}

/* The other side of one that is ours, where it is there and the link is alive. */
static apr_status_t reader_look(mq_referral_standing_t *standing, const mq_scope_t *sc,
                                int is_shared)
{
    mq_referral_t *referral = standing->referral;
    mq_partner_state_t state = MQ_PARTNER_ENDED;
    apr_status_t rv = mq_side_of(&standing->reader, &state, sc, &standing->partner);
    if (rv != APR_SUCCESS && rv != MQ_ENOTFOUND) {
        return rv;
    }
    referral->is_gone = rv == MQ_ENOTFOUND || !is_shared || state == MQ_PARTNER_ENDED;
    if (rv == APR_SUCCESS && state < MQ_PARTNER_ENDED) {
        referral->partner = mq_scope_tenant_name(standing->reader); /* as it is called now */
    }
    if (rv == APR_SUCCESS && state == MQ_PARTNER_ACTIVE && is_shared) {
        rv = mq_standing_check_nobody(standing->reader);
    } else {
        rv = MQ_ENOTFOUND;
    }
    referral->is_alone = rv != APR_SUCCESS;
    standing->reader = referral->is_gone ? NULL : standing->reader;
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

static apr_status_t own_read(mq_referral_standing_t *standing, const mq_scope_t *sc)
{
    mq_referral_t *referral = standing->referral;
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    int is_shared;
    int is_merged;
    MQ_TRY(
        mq_db_select_one(&rows, sc, MQ_SQL_REFERRAL_BY_ID, MQ_PARAMS(mq_bind_id(&referral->id))));
    referral->is_ours = 1;
    referral->patient = mq_rows_id(&rows, MQ_REFERRAL_BY_ID_PATIENT_ID);
    referral->partner = mq_rows_text(&rows, MQ_REFERRAL_BY_ID_PARTNER_NAME, pool);
    referral->urgency = (mq_urgency_t)mq_rows_int(&rows, MQ_REFERRAL_BY_ID_URGENCY);
    referral->reason = mq_rows_text(&rows, MQ_REFERRAL_BY_ID_REASON, pool);
    referral->question = mq_rows_text(&rows, MQ_REFERRAL_BY_ID_QUESTION, pool);
    referral->sent_at = mq_rows_int(&rows, MQ_REFERRAL_BY_ID_SENT_AT);
    referral->expires_at = mq_rows_int(&rows, MQ_REFERRAL_BY_ID_EXPIRES_AT);
    referral->parts = (int)mq_rows_int(&rows, MQ_REFERRAL_BY_ID_PARTS);
    referral->until = mq_rows_int(&rows, MQ_REFERRAL_BY_ID_UNTIL_AT);
    standing->owner = sc;
    standing->patient = referral->patient;
    standing->partner = mq_rows_id(&rows, MQ_REFERRAL_BY_ID_PARTNER_ID);
    standing->sent_by = mq_rows_id(&rows, MQ_REFERRAL_BY_ID_SENT_BY);
    standing->stored = (mq_referral_state_t)mq_rows_int(&rows, MQ_REFERRAL_BY_ID_STATE);
    is_shared = mq_rows_int(&rows, MQ_REFERRAL_BY_ID_SHARE_STATE) == MQ_CONSENT_ACTIVE &&
                referral->until > mq_scope_now(sc);
    is_merged = mq_rows_int(&rows, MQ_REFERRAL_BY_ID_PATIENT_STATUS) == MQ_PATIENT_HIDDEN;
    mq_rows_close(&rows);
    MQ_TRY(reader_look(standing, sc, is_shared));
    referral->is_alone |= is_merged; /* no guest sees it until they are two again */
    return APR_SUCCESS;
}

static apr_status_t as_guest(mq_referral_standing_t *standing, const mq_scope_t *sc)
{
    mq_referral_t *referral = standing->referral;
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_patient_read_as_guest(&referral->seen, standing->guest));
    MQ_TRY(mq_db_guest_select(&rows, standing->guest, MQ_SQL_GUEST_REFERRAL,
                              MQ_PARAMS(mq_bind_id(&referral->id))));
    rv = mq_rows_next(&rows);
    if (rv != APR_SUCCESS) {
        return rv == APR_EOF ? MQ_ENOTFOUND : rv;
    }
    referral->urgency = (mq_urgency_t)mq_rows_int(&rows, MQ_GUEST_REFERRAL_URGENCY);
    referral->reason = mq_rows_text(&rows, MQ_GUEST_REFERRAL_REASON, pool);
    referral->question = mq_rows_text(&rows, MQ_GUEST_REFERRAL_QUESTION, pool);
    referral->sent_at = mq_rows_int(&rows, MQ_GUEST_REFERRAL_SENT_AT);
    referral->expires_at = mq_rows_int(&rows, MQ_GUEST_REFERRAL_EXPIRES_AT);
    standing->sent_by = mq_rows_id(&rows, MQ_GUEST_REFERRAL_SENT_BY);
    standing->stored = (mq_referral_state_t)mq_rows_int(&rows, MQ_GUEST_REFERRAL_STATE);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static apr_status_t others_read(mq_referral_standing_t *standing, const mq_scope_t *sc)
{
    mq_referral_t *referral = standing->referral;
    mq_share_t *share = &standing->share;
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_REFERRAL_LINK_BY_ID,
                            MQ_PARAMS(mq_bind_id(&referral->id))));
    standing->partner = mq_rows_id(&rows, MQ_REFERRAL_LINK_BY_ID_PARTNER_ID);
    mq_rows_close(&rows);
    MQ_TRY(mq_guest_mint(&standing->guest, &standing->share, mq_guest_sides_make(mq_scope_pool(sc)),
                         sc, &referral->id));
    standing->owner = share->owner;
    standing->reader = sc;
    standing->patient = *mq_guest_patient(standing->guest);
    referral->partner = share->owner_name;
    referral->parts = share->parts;
    referral->until = share->until;
    return as_guest(standing, sc);
}

apr_status_t mq_referral_standing_own(mq_referral_standing_t *standing, mq_referral_t *referral,
                                      const mq_scope_t *sc, const mq_id_t *id)
{
    *referral = (mq_referral_t){.id = *id};
    *standing = (mq_referral_standing_t){.referral = referral};
    MQ_TRY(own_read(standing, sc));
    return side_settle(standing, sc);
}

apr_status_t mq_referral_standing_came(mq_referral_standing_t *standing, mq_referral_t *referral,
                                       const mq_scope_t *sc, const mq_id_t *id)
{
    *referral = (mq_referral_t){.id = *id};
    *standing = (mq_referral_standing_t){.referral = referral};
    MQ_TRY(others_read(standing, sc));
    return side_settle(standing, sc);
}

apr_status_t mq_referral_standing_read(mq_referral_standing_t *standing, mq_referral_t *referral,
                                       const mq_scope_t *sc, const mq_id_t *id)
{
    apr_status_t rv = mq_referral_standing_own(standing, referral, sc, id);
    return rv == MQ_ENOTFOUND ? mq_referral_standing_came(standing, referral, sc, id) : rv;
}

/* --- writing --- */

apr_status_t mq_referral_step_write(const mq_referral_standing_t *standing,
                                    mq_referral_state_t state, const char *by,
                                    const mq_referral_said_t *said)
{
    const mq_scope_t *owner = standing->owner;
    mq_id_t id;
    MQ_TRY(mq_id_make(&id));
    return mq_db_change(NULL, owner, MQ_SQL_REFERRAL_STEP_INSERT,
                        MQ_PARAMS(mq_bind_id(&standing->referral->id), mq_bind_id(&id),
                                  mq_bind_id(&standing->patient), mq_bind_int(mq_scope_now(owner)),
                                  mq_bind_int(state), mq_bind_text(by),
                                  mq_bind_int(standing->referral->is_ours),
                                  mq_bind_text(said->said), mq_bind_text(said->next_step)));
}

/* What the reader's people write stays with them as well. */
apr_status_t mq_referral_words_keep(const mq_referral_standing_t *standing,
                                    mq_referral_state_t state, const mq_referral_said_t *said)
{
    const mq_scope_t *reader = standing->reader;
    mq_id_t id;
    if (standing->referral->is_ours || !said->said) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_id_make(&id));
    return mq_db_change(NULL, reader, MQ_SQL_REFERRAL_WORDS_INSERT,
                        MQ_PARAMS(mq_bind_id(&id), mq_bind_id(&standing->partner),
                                  mq_bind_int(mq_scope_now(reader)), mq_bind_int(state),
                                  mq_bind_id(mq_scope_user(reader)), mq_bind_text(said->said),
                                  mq_bind_text(said->next_step)));
}

/* The reader's event names the referral, and nothing of the patient. */
apr_status_t mq_referral_both_tell(mq_audit_event_t *event_io,
                                   const mq_referral_standing_t *standing)
{
    mq_audit_event_t theirs;
    event_io->object = &standing->referral->id;
    theirs = *event_io;
    if (standing->referral->is_ours) {
        event_io->patient = &standing->patient;
        return standing->reader ? mq_audit_write(standing->reader, &theirs) : APR_SUCCESS;
    }
    theirs.patient = &standing->patient;
    return mq_audit_write(standing->owner, &theirs);
}

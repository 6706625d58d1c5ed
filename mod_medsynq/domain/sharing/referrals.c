/* referrals.c -- sending a referral, the steps that follow, reading one; SQL is in
 * store/statements/referrals.sql.
 *
 * A referral has the id of the share that it is sent with, so that whoever may read it is judged
 * where shares are judged (guests.c), and nowhere else. Each step is written on both sides in one
 * commit: the owner's row and its past, the state in the other side's row, an event in each chain.
 *
 * What must stay true: no row of the reader's names the owner's patient, nor says what the owner
 * said; a reader whose share has ended is answered as if there had never been one. */
#include "domain/sharing/referrals.h"

#include <apr_strings.h>

#include "domain/access/standing.h"
#include "domain/sharing/shared.h"

enum {
    PAST_MOST = 100, /* that is shown */
    ASKING_MOST = 40 /* steps after which nobody asks to cancel any more, so that all are shown */
};

static const apr_interval_time_t day = (apr_interval_time_t)24 * 3600 * APR_USEC_PER_SEC;

/* --- one of them, as it stands in the transaction --- */

typedef struct standing_t {
    mq_referral_t *referral;
    const mq_scope_t *owner;
    const mq_scope_t *reader; /* NULL: it does not see it */
    const mq_guest_t *guest;  /* of the reader; NULL: it is ours */
    mq_id_t patient;
    mq_id_t partner;
    mq_id_t sent_by;
    mq_share_t share; /* likewise */
    mq_referral_state_t stored;
} standing_t;

static mq_referral_side_t side_of(const mq_referral_t *referral)
{
    return !referral->is_ours  ? MQ_REFERRAL_READER
           : referral->is_gone ? MQ_REFERRAL_OWNER_ALONE
                               : MQ_REFERRAL_OWNER;
}

static int is_asked(mq_referral_state_t state)
{
    return state == MQ_REFERRAL_OWNER_ASKS || state == MQ_REFERRAL_READER_ASKS;
}

/* Whether so many steps were taken that one of the two may be going round: asking to cancel and
 * going on all the same, which fills the owner's record with what the other side says. */
static apr_status_t is_worn(int *is_worn_out, const standing_t *standing)
{
    int count = 0;
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, standing->owner, MQ_SQL_REFERRAL_STEPS_OF,
                        MQ_PARAMS(mq_bind_id(&standing->referral->id), mq_bind_int(ASKING_MOST))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        count++;
    }
    *is_worn_out = count == ASKING_MOST;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

static apr_status_t side_settle(standing_t *standing, const mq_scope_t *sc)
{
    mq_referral_t *referral = standing->referral;
    mq_referral_side_t side = side_of(referral);
    int worn = 0;
    referral->state = mq_referral_now(standing->stored, referral->expires_at, mq_scope_now(sc));
    referral->steps = mq_referral_steps(referral->state, side);
    if (is_asked(mq_referral_after(referral->state, MQ_REFERRAL_CANCEL, side))) {
        MQ_TRY(is_worn(&worn, standing));
    }
    referral->steps &= worn ? ~(int)MQ_REFERRAL_CANCEL : ~0;
    return APR_SUCCESS;
}

/* The other side of one that is ours, where it is there and the link is alive. */
static apr_status_t reader_look(standing_t *standing, const mq_scope_t *sc, int is_shared)
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

static apr_status_t own_read(standing_t *standing, const mq_scope_t *sc)
{
    mq_referral_t *referral = standing->referral;
    apr_pool_t *pool = mq_scope_pool(sc);
    mq_rows_t rows;
    int is_shared;
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
    mq_rows_close(&rows);
    return reader_look(standing, sc, is_shared);
}

static apr_status_t as_guest(standing_t *standing, const mq_scope_t *sc)
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

static apr_status_t others_read(standing_t *standing, const mq_scope_t *sc)
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

static apr_status_t standing_read(standing_t *standing, mq_referral_t *referral,
                                  const mq_scope_t *sc, const mq_id_t *id)
{
    apr_status_t rv;
    *referral = (mq_referral_t){.id = *id};
    *standing = (standing_t){.referral = referral};
    rv = own_read(standing, sc);
    if (rv == MQ_ENOTFOUND) {
        rv = others_read(standing, sc);
    }
    MQ_TRY(rv);
    return side_settle(standing, sc);
}

apr_status_t mq_referral_came(mq_referral_state_t *state_out, const mq_scope_t *sc,
                              const mq_id_t *id)
{
    mq_referral_t *referral = apr_palloc(mq_scope_pool(sc), sizeof *referral);
    standing_t *standing = apr_palloc(mq_scope_pool(sc), sizeof *standing);
    *referral = (mq_referral_t){.id = *id};
    *standing = (standing_t){.referral = referral};
    MQ_TRY(others_read(standing, sc));
    MQ_TRY(side_settle(standing, sc));
    *state_out = referral->state;
    return APR_SUCCESS;
}

/* --- steps --- */

/* @param by as the owner reads it */
static apr_status_t step_write(const standing_t *standing, mq_referral_state_t state,
                               const char *by, const mq_referral_said_t *said)
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
static apr_status_t words_keep(const standing_t *standing, mq_referral_state_t state,
                               const mq_referral_said_t *said)
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

/* A reply is a signed note from outside: it stands under whoever has referred, and says who wrote
 * it, and for which organisation. */
static apr_status_t reply_keep(const standing_t *standing, const char *reply)
{
    const mq_scope_t *owner = standing->owner;
    const mq_param_t now = mq_bind_int(mq_scope_now(owner));
    mq_day_t today;
    mq_id_t note;
    MQ_TRY(mq_id_make(&note));
    mq_scope_today(&today, owner);
    return mq_db_change(NULL, owner, MQ_SQL_REFERRAL_NOTE_INSERT,
                        MQ_PARAMS(mq_bind_id(&standing->patient), mq_bind_id(&note),
                                  mq_bind_id(&standing->sent_by), mq_bind_text(reply), now, now,
                                  mq_bind_text(mq_date_iso(&today, mq_scope_pool(owner))),
                                  mq_bind_text(mq_scope_user_name(owner))));
}

static const struct {
    mq_referral_step_t step;
    mq_action_t action;
    int wants_said;
    int wants_next_step;
} steps[] = {{MQ_REFERRAL_ACCEPT, MQ_ACTION_REFERRAL_ACCEPT, 0, 0},
             {MQ_REFERRAL_DECLINE, MQ_ACTION_REFERRAL_DECLINE, 1, 1},
             {MQ_REFERRAL_START, MQ_ACTION_REFERRAL_START, 0, 0},
             {MQ_REFERRAL_COMPLETE, MQ_ACTION_REFERRAL_COMPLETE, 1, 0},
             {MQ_REFERRAL_CANCEL, MQ_ACTION_REFERRAL_CANCEL, 1, 0}};

static int row_of(mq_referral_step_t step)
{
    int row = 0;
    while (steps[row].step != step) {
        row++;
    }
    return row;
}

/* To agree with what the other one has asked wants no reason of one's own. */
static int is_agreement(mq_referral_state_t from, mq_referral_state_t to)
{
    return to == MQ_REFERRAL_CANCELLED && is_asked(from);
}

typedef struct taking_t {
    const mq_id_t *id;
    mq_referral_step_t step;
    const mq_referral_said_t *said;
    mq_referral_state_t state; /* that it was in */
} taking_t;

static apr_status_t state_set(const standing_t *standing, mq_referral_state_t to)
{
    const mq_id_t *id = &standing->referral->id;
    const mq_scope_t *owner = standing->owner;
    int changed = 0;
    MQ_TRY(mq_db_change(&changed, owner, MQ_SQL_REFERRAL_STATE_SET,
                        MQ_PARAMS(mq_bind_int(to), mq_bind_int(mq_scope_now(owner)), mq_bind_id(id),
                                  mq_bind_int(standing->stored))));
    if (!changed) {
        return MQ_ECONFLICT;
    }
    return standing->reader ? mq_db_change(NULL, standing->reader, MQ_SQL_REFERRAL_LINK_STATE_SET,
                                           MQ_PARAMS(mq_bind_int(to), mq_bind_id(id)))
                            : APR_SUCCESS;
}

/* The reader's event names the referral, and nothing of the patient. */
static apr_status_t both_told(mq_audit_event_t *event_io, const standing_t *standing)
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

static apr_status_t take(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    taking_t *taking = data;
    mq_referral_t *referral = apr_palloc(mq_scope_pool(sc), sizeof *referral);
    standing_t *standing = apr_palloc(mq_scope_pool(sc), sizeof *standing);
    const mq_referral_said_t *said = taking->said;
    const int row = row_of(taking->step);
    mq_referral_state_t to;
    MQ_TRY(standing_read(standing, referral, sc, taking->id));
    taking->state = referral->state;
    if (!(referral->steps & (int)taking->step)) {
        return MQ_ECONFLICT;
    }
    to = mq_referral_after(referral->state, taking->step, side_of(referral));
    if ((steps[row].wants_said && !said->said && !is_agreement(referral->state, to)) ||
        (steps[row].wants_next_step && !said->next_step)) {
        return MQ_EINVALID;
    }
    MQ_TRY(state_set(standing, to));
    /* the other side's scope is named with its organisation */
    MQ_TRY(step_write(standing, to, mq_scope_user_name(standing->owner), said));
    MQ_TRY(words_keep(standing, to, said));
    if (to == MQ_REFERRAL_COMPLETED) {
        MQ_TRY(reply_keep(standing, said->said));
    }
    return both_told(event_io, standing);
}

apr_status_t mq_referral_take(mq_referral_state_t *state_out, const mq_scope_t *sc,
                              const mq_id_t *id, mq_referral_step_t step,
                              const mq_referral_said_t *said)
{
    taking_t taking = {.id = id, .step = step, .said = said};
    apr_status_t rv = mq_change_beside_once(sc, steps[row_of(step)].action, take, &taking);
    *state_out = taking.state;
    return rv;
}

/* --- sending --- */

typedef struct sending_t {
    const mq_id_t *patient;
    const mq_referral_new_t *in;
    mq_referral_t referral;
} sending_t;

static apr_status_t rows_insert(const mq_scope_t *sc, const mq_scope_t *reader,
                                const sending_t *sending)
{
    const mq_referral_new_t *in = sending->in;
    const mq_id_t *id = &sending->referral.id;
    const apr_time_t now = mq_scope_now(sc);
    int changed = 0;
    MQ_TRY(mq_db_change(&changed, sc, MQ_SQL_REFERRAL_INSERT,
                        MQ_PARAMS(mq_bind_id(id), mq_bind_id(sending->patient),
                                  mq_bind_id(&in->consent.partner), mq_bind_int(in->urgency),
                                  mq_bind_text(in->reason), mq_bind_text(in->question),
                                  mq_bind_int(now), mq_bind_id(mq_scope_user(sc)),
                                  mq_bind_int(now + MQ_REFERRAL_DAYS * day), mq_bind_int(now))));
    if (!changed) {
        return MQ_EBUG; /* an id that was there already */
    }
    return mq_db_change(NULL, reader, MQ_SQL_REFERRAL_LINK_INSERT,
                        MQ_PARAMS(mq_bind_id(id), mq_bind_id(&in->consent.partner),
                                  mq_bind_int(now + MQ_REFERRAL_DAYS * day)));
}

static apr_status_t refer(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    sending_t *sending = data;
    standing_t standing = {.referral = &sending->referral, .owner = sc};
    mq_referral_said_t nothing = {NULL, NULL};
    sending->referral = (mq_referral_t){.is_ours = 1};
    standing.patient = *sending->patient;
    MQ_TRY(mq_consent_record_within(&sending->referral.id, &standing.reader, sc, sending->patient,
                                    &sending->in->consent));
    MQ_TRY(rows_insert(sc, standing.reader, sending));
    MQ_TRY(step_write(&standing, MQ_REFERRAL_SENT, mq_scope_user_name(sc), &nothing));
    MQ_TRY(both_told(event_io, &standing));
    event_io->patient = sending->patient;
    return APR_SUCCESS;
}

apr_status_t mq_referral_send(mq_id_t *id_out, int *wait_out, const mq_visit_t *visit,
                              const mq_scope_t *sc, const mq_id_t *patient,
                              const mq_referral_new_t *in)
{
    sending_t sending = {.patient = patient, .in = in};
    if (!in->reason || in->urgency < MQ_URGENCY_ROUTINE || in->urgency > MQ_URGENCY_EMERGENCY) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_consent_reach(wait_out, visit, sc, &in->consent.partner));
    MQ_TRY(mq_change_beside_once(sc, MQ_ACTION_REFERRAL_SEND, refer, &sending));
    *id_out = sending.referral.id;
    return APR_SUCCESS;
}

/* --- reading --- */

static apr_status_t past_read(mq_referral_t *referral, mq_rows_t *rows, apr_pool_t *pool)
{
    apr_status_t rv;
    referral->past = apr_array_make(pool, 8, sizeof(mq_referral_past_t));
    while ((rv = mq_rows_next(rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(referral->past, mq_referral_past_t) = (mq_referral_past_t){
            .at = mq_rows_int(rows, MQ_REFERRAL_STEP_AT),
            .state = (mq_referral_state_t)mq_rows_int(rows, MQ_REFERRAL_STEP_STATE),
            .by_name = mq_rows_text(rows, MQ_REFERRAL_STEP_BY_NAME, pool),
            .said = mq_rows_text(rows, MQ_REFERRAL_STEP_SAID, pool),
            .next_step = mq_rows_text(rows, MQ_REFERRAL_STEP_NEXT_STEP, pool)};
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

typedef struct opening_t {
    const mq_id_t *id;
    mq_referral_t *referral;
    int is_there;
} opening_t;

static apr_status_t steps_read(const standing_t *standing, const mq_scope_t *sc)
{
    mq_referral_t *referral = standing->referral;
    const mq_param_t id = mq_bind_id(&referral->id);
    mq_rows_t rows;
    MQ_TRY(standing->guest ? mq_db_guest_select(&rows, standing->guest, MQ_SQL_GUEST_REFERRAL_STEPS,
                                                MQ_PARAMS(id, mq_bind_int(PAST_MOST)))
                           : mq_db_select(&rows, sc, MQ_SQL_REFERRAL_STEPS_OF,
                                          MQ_PARAMS(id, mq_bind_int(PAST_MOST))));
    return past_read(referral, &rows, mq_scope_pool(sc));
}

static apr_status_t open_own(const mq_scope_t *sc, void *data)
{
    const opening_t *opening = data;
    standing_t standing = {.referral = opening->referral};
    *opening->referral = (mq_referral_t){.id = *opening->id};
    MQ_TRY(own_read(&standing, sc));
    MQ_TRY(side_settle(&standing, sc));
    return steps_read(&standing, sc);
}

static apr_status_t open_others(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    opening_t *opening = data;
    mq_referral_t *referral = opening->referral;
    standing_t standing = {.referral = referral};
    mq_audit_event_t theirs;
    apr_status_t rv;
    *referral = (mq_referral_t){.id = *opening->id};
    rv = others_read(&standing, sc);
    opening->is_there = rv == APR_SUCCESS;
    if (rv == MQ_ENOTFOUND && standing.share.is_over) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return mq_shared_over(sc, &standing.share);
    }
    MQ_TRY(rv);
    MQ_TRY(side_settle(&standing, sc));
    MQ_TRY(steps_read(&standing, sc));
    if (mq_scope_shows_nothing(sc)) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return APR_SUCCESS;
    }
    event_io->object = opening->id;
    theirs = *event_io;
    theirs.action = MQ_ACTION_REFERRAL_VIEWED;
    theirs.patient = &referral->seen.id;
    return mq_audit_write(standing.owner, &theirs);
}

/* One's own is read; what is shown of another's patient stands in both trails before. */
apr_status_t mq_referral_open(mq_referral_t *referral_out, const mq_scope_t *sc, const mq_id_t *id)
{
    opening_t opening = {.id = id, .referral = referral_out};
    apr_status_t rv = mq_read_beside(sc, MQ_ACTION_REFERRAL_VIEW, open_own, &opening);
    if (rv != MQ_ENOTFOUND) {
        return rv;
    }
    MQ_TRY(mq_change_beside(sc, MQ_ACTION_REFERRAL_VIEW, open_others, &opening));
    return opening.is_there ? APR_SUCCESS : MQ_ENOTFOUND;
}

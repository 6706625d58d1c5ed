/* referrals.c -- sending a referral, the steps that follow, messages, reading one; how one stands
 * is asked in referral_standing.c, SQL is in store/statements/referrals.sql.
 *
 * A referral has the id of the share that it is sent with, so that whoever may read it is judged
 * where shares are judged (guests.c), and nowhere else. Each step is written on both sides in one
 * commit: the owner's row and its past, the state in the other side's row, an event in each chain.
 *
 * What must stay true: no row of the reader's names the owner's patient, nor says what the owner
 * said; a reader whose share has ended is answered as if there had never been one. */
#include "domain/sharing/referrals.h"

#include <apr_strings.h>

#include "base/text.h"
#include "domain/sharing/referral_standing.h"
#include "domain/sharing/shared.h"

enum { PAST_MOST = 100 + 2 * MQ_REFERRAL_MESSAGES /* that is shown */ };

static const apr_interval_time_t day = (apr_interval_time_t)24 * 3600 * APR_USEC_PER_SEC;

apr_status_t mq_referral_came(mq_referral_state_t *state_out, const mq_scope_t *sc,
                              const mq_id_t *id)
{
    mq_referral_t *referral = apr_palloc(mq_scope_pool(sc), sizeof *referral);
    mq_referral_standing_t *standing = apr_palloc(mq_scope_pool(sc), sizeof *standing);
    MQ_TRY(mq_referral_standing_came(standing, referral, sc, id));
    *state_out = referral->state;
    return APR_SUCCESS;
}

/* --- steps --- */

/* A reply is a signed note from outside: it stands under whoever has referred, and says who wrote
 * it, and for which organisation. */
static apr_status_t reply_keep(const mq_referral_standing_t *standing, const char *reply)
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
    return to == MQ_REFERRAL_CANCELLED && mq_referral_is_asked(from);
}

typedef struct taking_t {
    const mq_id_t *id;
    mq_referral_step_t step;
    const mq_referral_said_t *said;
    mq_referral_state_t state; /* that it was in */
} taking_t;

static apr_status_t state_set(const mq_referral_standing_t *standing, mq_referral_state_t to)
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
    if (!standing->reader) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_db_change(NULL, standing->reader, MQ_SQL_REFERRAL_LINK_STATE_SET,
                        MQ_PARAMS(mq_bind_int(to), mq_bind_id(id))));
    return mq_db_change(NULL, standing->reader, MQ_SQL_REFERRAL_LINK_ANSWERED,
                        MQ_PARAMS(mq_bind_id(id)));
}

static apr_status_t take(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    taking_t *taking = data;
    mq_referral_t *referral = apr_palloc(mq_scope_pool(sc), sizeof *referral);
    mq_referral_standing_t *standing = apr_palloc(mq_scope_pool(sc), sizeof *standing);
    const mq_referral_said_t *said = taking->said;
    const int row = row_of(taking->step);
    mq_referral_state_t to;
    MQ_TRY(mq_referral_standing_read(standing, referral, sc, taking->id));
    taking->state = referral->state;
    if (!(referral->steps & (int)taking->step)) {
        return MQ_ECONFLICT;
    }
    to = mq_referral_after(referral->state, taking->step, mq_referral_side_of(referral));
    if ((steps[row].wants_said && !said->said && !is_agreement(referral->state, to)) ||
        (steps[row].wants_next_step && !said->next_step)) {
        return MQ_EINVALID;
    }
    MQ_TRY(state_set(standing, to));
    /* the other side's scope is named with its organisation */
    MQ_TRY(mq_referral_step_write(standing, to, mq_scope_user_name(standing->owner), said));
    MQ_TRY(mq_referral_words_keep(standing, to, said));
    if (to == MQ_REFERRAL_COMPLETED) {
        MQ_TRY(reply_keep(standing, said->said));
    }
    return mq_referral_both_tell(event_io, standing);
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

/* --- messages --- */

typedef struct writing_t {
    const mq_id_t *id;
    const mq_referral_said_t said;
    mq_referral_state_t state; /* that it is in */
} writing_t;

/* Each side has its own number of them, or one alone takes the other's word away. */
static apr_status_t is_full(int *is_full_out, const mq_referral_standing_t *standing)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, standing->owner, MQ_SQL_REFERRAL_MESSAGES_COUNT,
                            MQ_PARAMS(mq_bind_id(&standing->referral->id),
                                      mq_bind_int(MQ_REFERRAL_NONE),
                                      mq_bind_int(standing->referral->is_ours))));
    *is_full_out = mq_rows_int(&rows, MQ_REFERRAL_COUNT) >= MQ_REFERRAL_MESSAGES;
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

/* A side is called until it has read what there is; the reader's, too, until it has answered. */
static apr_status_t side_call(const mq_referral_standing_t *standing, int is_owner,
                              apr_time_t until)
{
    const mq_id_t *id = &standing->referral->id;
    return mq_db_change(NULL, is_owner ? standing->owner : standing->reader,
                        is_owner ? MQ_SQL_REFERRAL_CALLS : MQ_SQL_REFERRAL_LINK_CALLS,
                        MQ_PARAMS(mq_bind_int(until), mq_bind_id(id)));
}

static apr_status_t message_add(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    writing_t *writing = data;
    mq_referral_t *referral = apr_palloc(mq_scope_pool(sc), sizeof *referral);
    mq_referral_standing_t *standing = apr_palloc(mq_scope_pool(sc), sizeof *standing);
    int full;
    MQ_TRY(mq_referral_standing_read(standing, referral, sc, writing->id));
    writing->state = referral->state;
    MQ_TRY(is_full(&full, standing));
    if (full || !referral->can_write) {
        return MQ_ECONFLICT;
    }
    MQ_TRY(mq_referral_step_write(standing, MQ_REFERRAL_NONE, mq_scope_user_name(standing->owner),
                                  &writing->said));
    MQ_TRY(mq_referral_words_keep(standing, MQ_REFERRAL_NONE, &writing->said));
    MQ_TRY(side_call(standing, !referral->is_ours, MQ_REFERRAL_UNREAD));
    return mq_referral_both_tell(event_io, standing);
}

apr_status_t mq_referral_message(mq_referral_state_t *state_out, const mq_scope_t *sc,
                                 const mq_id_t *id, const char *message)
{
    writing_t writing = {.id = id, .said = {message, NULL}};
    apr_status_t rv;
    if (!message || mq_text_count(message) > MQ_LIMIT_MESSAGE) {
        return MQ_EINVALID;
    }
    rv = mq_change_beside_once(sc, MQ_ACTION_REFERRAL_MESSAGE, message_add, &writing);
    *state_out = writing.state;
    return rv;
}

/* Of the other side, and nobody here has seen it. */
static int is_unread(const mq_referral_past_t *past)
{
    return past->state == MQ_REFERRAL_NONE && !past->is_mine && !past->read_at;
}

/* Those that are shown, and no other one, are marked. */
static apr_status_t messages_read(int *count_out, const mq_referral_standing_t *standing)
{
    const mq_referral_t *referral = standing->referral;
    const apr_time_t now = mq_scope_now(standing->owner);
    *count_out = 0;
    for (int i = 0; i < referral->past->nelts; i++) {
        mq_referral_past_t *past = &APR_ARRAY_IDX(referral->past, i, mq_referral_past_t);
        if (is_unread(past)) {
            past->read_at = now;
            (*count_out)++;
            MQ_TRY(mq_db_change(
                NULL, standing->owner, MQ_SQL_REFERRAL_MESSAGE_READ,
                MQ_PARAMS(mq_bind_int(now), mq_bind_id(&referral->id), mq_bind_id(&past->id))));
        }
    }
    return *count_out ? side_call(standing, referral->is_ours,
                                  standing->stored == MQ_REFERRAL_SENT && !referral->is_ours
                                      ? referral->expires_at
                                      : 0)
                      : APR_SUCCESS;
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
                                  mq_bind_int(now + MQ_REFERRAL_DAYS * day),
                                  mq_bind_int(now + MQ_REFERRAL_DAYS * day)));
}

static apr_status_t refer(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    sending_t *sending = data;
    mq_referral_standing_t standing = {.referral = &sending->referral, .owner = sc};
    mq_referral_said_t nothing = {NULL, NULL};
    sending->referral = (mq_referral_t){.is_ours = 1};
    standing.patient = *sending->patient;
    MQ_TRY(mq_consent_record_within(&sending->referral.id, &standing.reader, sc, sending->patient,
                                    &sending->in->consent));
    MQ_TRY(rows_insert(sc, standing.reader, sending));
    MQ_TRY(mq_referral_step_write(&standing, MQ_REFERRAL_SENT, mq_scope_user_name(sc), &nothing));
    MQ_TRY(mq_referral_both_tell(event_io, &standing));
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

static int is_own_message(const mq_referral_past_t *past)
{
    return past->state == MQ_REFERRAL_NONE && past->is_mine;
}

static apr_status_t past_read(mq_referral_t *referral, mq_rows_t *rows, apr_pool_t *pool)
{
    apr_status_t rv;
    int mine = 0;
    referral->past = apr_array_make(pool, 8, sizeof(mq_referral_past_t));
    while ((rv = mq_rows_next(rows)) == APR_SUCCESS) {
        APR_ARRAY_PUSH(referral->past, mq_referral_past_t) = (mq_referral_past_t){
            .id = mq_rows_id(rows, MQ_REFERRAL_STEP_ID),
            .at = mq_rows_int(rows, MQ_REFERRAL_STEP_AT),
            .state = (mq_referral_state_t)mq_rows_int(rows, MQ_REFERRAL_STEP_STATE),
            .is_mine = mq_rows_int(rows, MQ_REFERRAL_STEP_IS_HERE) == referral->is_ours,
            .read_at = mq_rows_int(rows, MQ_REFERRAL_STEP_READ_AT),
            .by_name = mq_rows_text(rows, MQ_REFERRAL_STEP_BY_NAME, pool),
            .said = mq_rows_text(rows, MQ_REFERRAL_STEP_SAID, pool),
            .next_step = mq_rows_text(rows, MQ_REFERRAL_STEP_NEXT_STEP, pool)};
        mine += is_own_message(
            &APR_ARRAY_IDX(referral->past, referral->past->nelts - 1, mq_referral_past_t));
    }
    referral->can_write &= mine < MQ_REFERRAL_MESSAGES;
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

typedef struct opening_t {
    const mq_id_t *id;
    mq_referral_t *referral;
    int with_messages; /* are shown */
    int is_there;
} opening_t;

static apr_status_t steps_read(const mq_referral_standing_t *standing, const mq_scope_t *sc)
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
    mq_referral_standing_t standing;
    MQ_TRY(mq_referral_standing_own(&standing, opening->referral, sc, opening->id));
    return steps_read(&standing, sc);
}

static apr_status_t open_others(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    opening_t *opening = data;
    mq_referral_t *referral = opening->referral;
    mq_referral_standing_t standing;
    mq_audit_event_t theirs;
    int count;
    apr_status_t rv;
    rv = mq_referral_standing_came(&standing, referral, sc, opening->id);
    opening->is_there = rv == APR_SUCCESS;
    if (rv == MQ_ENOTFOUND && standing.share.is_over) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return mq_shared_over(sc, &standing.share);
    }
    MQ_TRY(rv);
    MQ_TRY(steps_read(&standing, sc));
    if (mq_scope_shows_nothing(sc)) {
        event_io->outcome = MQ_OUTCOME_NONE;
        return APR_SUCCESS;
    }
    MQ_TRY(opening->with_messages ? messages_read(&count, &standing) : APR_SUCCESS);
    event_io->object = opening->id;
    theirs = *event_io;
    theirs.action = MQ_ACTION_REFERRAL_VIEWED;
    theirs.patient = &referral->seen.id;
    return mq_audit_write(standing.owner, &theirs);
}

/* The first who opens one's own after the other side has written. */
static apr_status_t own_messages_read(mq_audit_event_t *event_io, const mq_scope_t *sc, void *data)
{
    const opening_t *opening = data;
    mq_referral_standing_t *standing = apr_palloc(mq_scope_pool(sc), sizeof *standing);
    int count;
    MQ_TRY(mq_referral_standing_own(standing, opening->referral, sc, opening->id));
    MQ_TRY(steps_read(standing, sc));
    MQ_TRY(messages_read(&count, standing));
    if (!count) { /* somebody else was */
        event_io->outcome = MQ_OUTCOME_NONE;
        return APR_SUCCESS;
    }
    return mq_referral_both_tell(event_io, standing);
}

static int has_unread(const mq_referral_t *referral)
{
    for (int i = 0; i < referral->past->nelts; i++) {
        if (is_unread(&APR_ARRAY_IDX(referral->past, i, mq_referral_past_t))) {
            return 1;
        }
    }
    return 0;
}

/* One's own is read; what is shown of another's patient stands in both trails before. */
static apr_status_t open_one(const mq_scope_t *sc, opening_t *opening)
{
    apr_status_t rv = mq_read_beside(sc, MQ_ACTION_REFERRAL_VIEW, open_own, opening);
    if (rv == APR_SUCCESS && opening->with_messages && has_unread(opening->referral) &&
        !mq_scope_shows_nothing(sc)) {
        return mq_change_beside(sc, MQ_ACTION_REFERRAL_MESSAGES_READ, own_messages_read, opening);
    }
    if (rv != MQ_ENOTFOUND) {
        return rv;
    }
    MQ_TRY(mq_change_beside(sc, MQ_ACTION_REFERRAL_VIEW, open_others, opening));
    return opening->is_there ? APR_SUCCESS : MQ_ENOTFOUND;
}

apr_status_t mq_referral_open(mq_referral_t *referral_out, const mq_scope_t *sc, const mq_id_t *id)
{
    return open_one(sc, &(opening_t){.id = id, .referral = referral_out});
}

apr_status_t mq_referral_read(mq_referral_t *referral_out, const mq_scope_t *sc, const mq_id_t *id)
{
    return open_one(sc, &(opening_t){.id = id, .referral = referral_out, .with_messages = 1});
}

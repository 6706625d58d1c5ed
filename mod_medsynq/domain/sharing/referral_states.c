/* referral_states.c -- the life of a referral, as rows of a table. */
#include "domain/sharing/referral_states.h"

#include <stddef.h>

enum { EITHER_OWNER = MQ_REFERRAL_OWNER | MQ_REFERRAL_OWNER_ALONE };

static const struct {
    mq_referral_step_t step;
    mq_referral_state_t from;
    mq_referral_state_t to;
    int sides; /* a set of mq_referral_side_t */
} rows[] = {
    {MQ_REFERRAL_ACCEPT, MQ_REFERRAL_SENT, MQ_REFERRAL_ACCEPTED, MQ_REFERRAL_READER},
    {MQ_REFERRAL_DECLINE, MQ_REFERRAL_SENT, MQ_REFERRAL_DECLINED, MQ_REFERRAL_READER},
    {MQ_REFERRAL_START, MQ_REFERRAL_ACCEPTED, MQ_REFERRAL_IN_PROGRESS, MQ_REFERRAL_READER},
    {MQ_REFERRAL_START, MQ_REFERRAL_OWNER_ASKS, MQ_REFERRAL_IN_PROGRESS, MQ_REFERRAL_READER},
    {MQ_REFERRAL_START, MQ_REFERRAL_READER_ASKS, MQ_REFERRAL_IN_PROGRESS, MQ_REFERRAL_READER},
    {MQ_REFERRAL_COMPLETE, MQ_REFERRAL_IN_PROGRESS, MQ_REFERRAL_COMPLETED, MQ_REFERRAL_READER},
    /* nobody has begun with it */
    {MQ_REFERRAL_CANCEL, MQ_REFERRAL_SENT, MQ_REFERRAL_CANCELLED, EITHER_OWNER},
    /* one asks, the other one agrees */
    {MQ_REFERRAL_CANCEL, MQ_REFERRAL_ACCEPTED, MQ_REFERRAL_OWNER_ASKS, MQ_REFERRAL_OWNER},
    {MQ_REFERRAL_CANCEL, MQ_REFERRAL_IN_PROGRESS, MQ_REFERRAL_OWNER_ASKS, MQ_REFERRAL_OWNER},
    {MQ_REFERRAL_CANCEL, MQ_REFERRAL_ACCEPTED, MQ_REFERRAL_READER_ASKS, MQ_REFERRAL_READER},
    {MQ_REFERRAL_CANCEL, MQ_REFERRAL_IN_PROGRESS, MQ_REFERRAL_READER_ASKS, MQ_REFERRAL_READER},
    {MQ_REFERRAL_CANCEL, MQ_REFERRAL_OWNER_ASKS, MQ_REFERRAL_CANCELLED, MQ_REFERRAL_READER},
    {MQ_REFERRAL_CANCEL, MQ_REFERRAL_READER_ASKS, MQ_REFERRAL_CANCELLED, EITHER_OWNER},
    {MQ_REFERRAL_CANCEL, MQ_REFERRAL_ACCEPTED, MQ_REFERRAL_CANCELLED, MQ_REFERRAL_OWNER_ALONE},
    {MQ_REFERRAL_CANCEL, MQ_REFERRAL_IN_PROGRESS, MQ_REFERRAL_CANCELLED, MQ_REFERRAL_OWNER_ALONE},
    {MQ_REFERRAL_CANCEL, MQ_REFERRAL_OWNER_ASKS, MQ_REFERRAL_CANCELLED, MQ_REFERRAL_OWNER_ALONE}};

enum { ROWS = sizeof rows / sizeof *rows };

mq_referral_state_t mq_referral_after(mq_referral_state_t state, mq_referral_step_t step,
                                      mq_referral_side_t side)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].step == step && rows[i].from == state && (rows[i].sides & (int)side)) {
            return rows[i].to;
        }
    }
    return MQ_REFERRAL_NONE;
}

int mq_referral_steps(mq_referral_state_t state, mq_referral_side_t side)
{
    int open = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].from == state && (rows[i].sides & (int)side)) {
            open |= (int)rows[i].step;
        }
    }
    return open;
}

int mq_referral_is_asked(mq_referral_state_t state)
{
    return state == MQ_REFERRAL_OWNER_ASKS || state == MQ_REFERRAL_READER_ASKS;
}

int mq_referral_is_open(mq_referral_state_t state)
{
    return mq_referral_steps(state, MQ_REFERRAL_OWNER) != 0 ||
           mq_referral_steps(state, MQ_REFERRAL_READER) != 0;
}

mq_referral_state_t mq_referral_now(mq_referral_state_t stored, apr_time_t expires_at,
                                    apr_time_t now)
{
    return stored == MQ_REFERRAL_SENT && expires_at <= now ? MQ_REFERRAL_EXPIRED : stored;
}

/* referral_states.h -- the life of a referral: what may be done from where, and by which of the
 * two organisations. A pure table; who does it is referrals.h's. */
#ifndef MQ_DOMAIN_SHARING_REFERRAL_STATES_H
#define MQ_DOMAIN_SHARING_REFERRAL_STATES_H

#include <apr_time.h>

/** How a referral is. The numbers are stored, but for expired, which is what one that was sent and
 * not answered is found to be. */
typedef enum {
    MQ_REFERRAL_NONE = 0,
    MQ_REFERRAL_SENT = 1,
    MQ_REFERRAL_ACCEPTED = 2,
    MQ_REFERRAL_DECLINED = 3,
    MQ_REFERRAL_CANCELLED = 4,
    MQ_REFERRAL_EXPIRED = 5,
    MQ_REFERRAL_IN_PROGRESS = 6,
    MQ_REFERRAL_COMPLETED = 7,
    MQ_REFERRAL_OWNER_ASKS = 8, /* that it be cancelled */
    MQ_REFERRAL_READER_ASKS = 9
} mq_referral_state_t;

enum { MQ_REFERRAL_STATES = 10, MQ_REFERRAL_DAYS = 30 /* in which it is to be answered */ };

/** What is done to one; a set of these is what may be done now. */
typedef enum {
    MQ_REFERRAL_ACCEPT = 1,
    MQ_REFERRAL_DECLINE = 2,
    MQ_REFERRAL_START = 4, /* or go on, though it was asked to cancel */
    MQ_REFERRAL_COMPLETE = 8,
    MQ_REFERRAL_CANCEL = 16
} mq_referral_step_t;

/** Who acts. Alone is the owner of one that the other side sees no more: nobody is left to ask. */
typedef enum {
    MQ_REFERRAL_OWNER = 1,
    MQ_REFERRAL_READER = 2,
    MQ_REFERRAL_OWNER_ALONE = 4
} mq_referral_side_t;

/** @return what a step leads to; MQ_REFERRAL_NONE: it is not open to this side now */
mq_referral_state_t mq_referral_after(mq_referral_state_t state, mq_referral_step_t step,
                                      mq_referral_side_t side);

/** @return which steps are open to a side, a set of mq_referral_step_t */
int mq_referral_steps(mq_referral_state_t state, mq_referral_side_t side);

/** @return whether one side has asked to cancel, and the other one has not said anything yet */
int mq_referral_is_asked(mq_referral_state_t state);

/** @return whether something can still become of it; what is closed gets no message either */
int mq_referral_is_open(mq_referral_state_t state);

/** @return how one is that is stored so */
mq_referral_state_t mq_referral_now(mq_referral_state_t stored, apr_time_t expires_at,
                                    apr_time_t now);

#endif

/* referral_standing.h -- one referral as it stands in a transaction: both of its sides, and what is
 * written on them. For referrals.c. */
#ifndef MQ_DOMAIN_SHARING_REFERRAL_STANDING_H
#define MQ_DOMAIN_SHARING_REFERRAL_STANDING_H

#include "domain/sharing/guests.h"
#include "domain/sharing/referral.h"

/** The two sides. */
typedef struct mq_referral_standing_t {
    mq_referral_t *referral;
    const mq_scope_t *owner;
    const mq_scope_t *reader; /* NULL: it does not see it */
    const mq_guest_t *guest;  /* of the reader; NULL: it is ours */
    mq_id_t patient;
    mq_id_t partner;
    mq_id_t sent_by;
    mq_share_t share; /* likewise */
    mq_referral_state_t stored;
} mq_referral_standing_t;

/** Read one that was sent from here. @return MQ_ENOTFOUND */
apr_status_t mq_referral_standing_own(mq_referral_standing_t *standing, mq_referral_t *referral,
                                      const mq_scope_t *sc, const mq_id_t *id);

/** Read one that came, as a guest. @return MQ_ENOTFOUND none, or it is not shared any more: the
 * standing says whether the share is over */
apr_status_t mq_referral_standing_came(mq_referral_standing_t *standing, mq_referral_t *referral,
                                       const mq_scope_t *sc, const mq_id_t *id);

/** Read one of either. @return MQ_ENOTFOUND */
apr_status_t mq_referral_standing_read(mq_referral_standing_t *standing, mq_referral_t *referral,
                                       const mq_scope_t *sc, const mq_id_t *id);

/** @return who asks */
mq_referral_side_t mq_referral_side_of(const mq_referral_t *referral);

/** Write what has happened among the owner's rows. @param state MQ_REFERRAL_NONE: it is a message
 * @param by as the owner reads it */
apr_status_t mq_referral_step_write(const mq_referral_standing_t *standing,
                                    mq_referral_state_t state, const char *by,
                                    const mq_referral_said_t *said);

/** Keep what the reader's people have written with them as well. */
apr_status_t mq_referral_words_keep(const mq_referral_standing_t *standing,
                                    mq_referral_state_t state, const mq_referral_said_t *said);

/** Write the event of the other side, and fill in one's own. */
apr_status_t mq_referral_both_tell(mq_audit_event_t *event_io,
                                   const mq_referral_standing_t *standing);

#endif

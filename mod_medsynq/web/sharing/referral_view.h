/* referral_view.h -- a referral's states and urgencies in words, for its page and for the lists. */
#ifndef MQ_WEB_REFERRAL_VIEW_H
#define MQ_WEB_REFERRAL_VIEW_H

#include "domain/sharing/referrals.h"
#include "web/pages.h"

/** Values of the form and words, in the order of the stored numbers. */
extern const mq_choice_t mq_referral_urgencies[];

/** The states, by which a list is filtered. */
extern const mq_choice_t mq_referral_state_choices[];

/** @return how it is, in the reader's words */
const char *mq_referral_state_text(const mq_request_t *rq, mq_referral_state_t state);

/** @return what has happened, in the reader's words: the state that it led to, or a message */
const char *mq_referral_past_text(const mq_request_t *rq, mq_referral_state_t state);

/** @return the state of a value of mq_referral_state_choices; MQ_REFERRAL_NONE: none */
mq_referral_state_t mq_referral_state_of(const char *value);

const char *mq_referral_urgency_text(const mq_request_t *rq, mq_urgency_t urgency);

/** @return the path of one */
const char *mq_referral_href(const mq_request_t *rq, const mq_id_t *id);

#endif

/* referral_view.c -- from a referral to its words. */
#include "web/sharing/referral_view.h"

#include <apr_strings.h>

#include "web/sharing/consent_view.h"

const mq_choice_t mq_referral_urgencies[] = {{"routine", MQ_SAY("Routine")},
                                             {"urgent", MQ_SAY("Urgent")},
                                             {"emergency", MQ_SAY("Emergency")},
                                             {NULL, NULL}};

const mq_choice_t mq_referral_state_choices[] = {
    {"sent", MQ_SAY("waits for an answer")},
    {"accepted", MQ_SAY("accepted")},
    {"declined", MQ_SAY("declined")},
    {"cancelled", MQ_SAY("cancelled")},
    {"expired", MQ_SAY("expired without an answer")},
    {"in-progress", MQ_SAY("in progress")},
    {"completed", MQ_SAY("completed")},
    {"cancel-sender", MQ_SAY("the sender asks to cancel")},
    {"cancel-receiver", MQ_SAY("the receiver asks to cancel")},
    {NULL, NULL}};

const char *mq_referral_state_text(const mq_request_t *rq, mq_referral_state_t state)
{
    return state ? mq_say(rq, mq_referral_state_choices[state - 1].label) : NULL;
}

const char *mq_referral_past_text(const mq_request_t *rq, mq_referral_state_t state)
{
    return state ? mq_referral_state_text(rq, state) : mq_say(rq, "Message");
}

mq_referral_state_t mq_referral_state_of(const char *value)
{
    return (mq_referral_state_t)mq_consent_number(mq_referral_state_choices, value);
}

const char *mq_referral_urgency_text(const mq_request_t *rq, mq_urgency_t urgency)
{
    return mq_say(rq, mq_referral_urgencies[urgency - 1].label);
}

const char *mq_referral_href(const mq_request_t *rq, const mq_id_t *id)
{
    return apr_pstrcat(rq->pool, "/referrals/", mq_id_text(id, rq->pool), NULL);
}

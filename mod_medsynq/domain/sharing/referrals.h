/* referrals.h -- a patient is referred to a linked organisation: one consent, one share, one
 * referral, in one change. What is said in it is the owner's, and the other side reads it as a
 * guest; what the other side answers is kept in the owner's record, and its people's own words with
 * themselves. The states are referral_states.h's, the lists referral_lists.h's. */
#ifndef MQ_DOMAIN_SHARING_REFERRALS_H
#define MQ_DOMAIN_SHARING_REFERRALS_H

#include "domain/sharing/referral.h"

/**
 * Refer a patient, with the consent that shares the record.
 * @param id_out the referral's
 * @return as mq_consent_record
 */
apr_status_t mq_referral_send(mq_id_t *id_out, int *wait_out, const mq_visit_t *visit,
                              const mq_scope_t *sc, const mq_id_t *patient,
                              const mq_referral_new_t *in);

/**
 * Take a step.
 * @param state_out how it is, with MQ_ECONFLICT
 * @return MQ_ENOTFOUND none of one's own, or not shared any more; MQ_ECONFLICT the step is not open
 *         now; MQ_EINVALID it wants a reason, a next step or a reply; MQ_EDENIED
 */
apr_status_t mq_referral_take(mq_referral_state_t *state_out, const mq_scope_t *sc,
                              const mq_id_t *id, mq_referral_step_t step,
                              const mq_referral_said_t *said);

/** Look how one stands that came, within a change that is made on both sides. @return MQ_ENOTFOUND
 * none, or not shared any more */
apr_status_t mq_referral_came(mq_referral_state_t *state_out, const mq_scope_t *sc,
                              const mq_id_t *id);

/**
 * Write a message, which nobody can change afterwards.
 * @param message clean
 * @param state_out how it is, with MQ_ECONFLICT
 * @return MQ_ENOTFOUND as above; MQ_ECONFLICT the referral is closed, the other side does not see
 * it now, or this side has written MQ_REFERRAL_MESSAGES; MQ_EINVALID it is empty or too long;
 *         MQ_EDENIED
 */
apr_status_t mq_referral_message(mq_referral_state_t *state_out, const mq_scope_t *sc,
                                 const mq_id_t *id, const char *message);

/**
 * Open one. Where it is another organisation's, both are told in their trails; where it is ours,
 * the caller records that the patient is shown.
 * @return MQ_ENOTFOUND; MQ_EDENIED
 */
apr_status_t mq_referral_open(mq_referral_t *referral_out, const mq_scope_t *sc, const mq_id_t *id);

/** The same for a page that shows its messages: those of the other side count as read. */
apr_status_t mq_referral_read(mq_referral_t *referral_out, const mq_scope_t *sc, const mq_id_t *id);

#endif

/* referral_matches.h -- which own record a referral that came is of. Somebody compares and says so;
 * nothing is chosen for them, and nothing of the other organisation's patient is kept: the row says
 * which referral, and which record of one's own. */
#ifndef MQ_DOMAIN_SHARING_REFERRAL_MATCHES_H
#define MQ_DOMAIN_SHARING_REFERRAL_MATCHES_H

#include "domain/patients/patients.h"
#include "domain/sharing/referral_states.h"

/** A referral and an own record. */
typedef struct mq_referral_match_t {
    mq_id_t patient; /* that was said */
    mq_id_t now;     /* the record that it has become, if another replaced it; else the same */
    apr_time_t linked_at;
    const char *linked_by;
} mq_referral_match_t;

/** @return whether a referral in this state has been accepted, so that its patient can be linked */
int mq_referral_is_taken(mq_referral_state_t state);

/**
 * Find own records that may be the patient of a referral, the likeliest first; that they are shown
 * is recorded.
 * @param found_out    of mq_duplicate_t
 * @param is_known_out whether the number is somebody's here
 * @param fields       what the referral says of the patient
 * @param number       the record number of one that is to be shown, too; or NULL
 * @return MQ_EDENIED
 */
apr_status_t mq_referral_candidates(apr_array_header_t **found_out, int *is_known_out,
                                    const mq_scope_t *sc, const mq_patient_fields_t *fields,
                                    const char *number);

/** Read what was said, for whoever has opened the referral. @return MQ_ENOTFOUND nothing yet */
apr_status_t mq_referral_match_read(mq_referral_match_t *match_out, const mq_scope_t *sc,
                                    const mq_id_t *referral);

/**
 * Say that a record in use is the referral's patient.
 * @return MQ_ENOTFOUND no such referral, not shared any more, or no such record; MQ_ECONFLICT it is
 *         not accepted, or has a record already, or the record is archived or was merged;
 *         MQ_EREPEATED it is said already; MQ_EDENIED
 */
apr_status_t mq_referral_link(const mq_scope_t *sc, const mq_id_t *referral,
                              const mq_id_t *patient);

/** Register the referral's patient as somebody has confirmed it, and say so, in one change; once,
 * however often its form is sent. @return as mq_referral_link and mq_patient_add; MQ_EREPEATED */
apr_status_t mq_referral_register(mq_id_t *patient_out, const mq_scope_t *sc,
                                  const mq_id_t *referral, const mq_patient_new_t *in);

/** Take it back; the record stays. @param patient that was said. @return MQ_ENOTFOUND as above;
 * MQ_ECONFLICT it is not said any more; MQ_EDENIED */
apr_status_t mq_referral_unlink(const mq_scope_t *sc, const mq_id_t *referral,
                                const mq_id_t *patient);

#endif

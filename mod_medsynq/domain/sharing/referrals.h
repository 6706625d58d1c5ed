/* referrals.h -- a patient is referred to a linked organisation: one consent, one share, one
 * referral, in one change. What is said in it is the owner's, and the other side reads it as a
 * guest; what the other side answers is kept in the owner's record, and its people's own words with
 * themselves. The states are referral_states.h's, the lists referral_lists.h's. */
#ifndef MQ_DOMAIN_SHARING_REFERRALS_H
#define MQ_DOMAIN_SHARING_REFERRALS_H

#include <apr_tables.h>

#include "domain/patients/patient_record.h"
#include "domain/sharing/consents.h"
#include "domain/sharing/referral_states.h"

enum { MQ_LIMIT_REFERRAL = 4000 /* bytes of each of its texts */ };

/** The numbers are stored. */
typedef enum {
    MQ_URGENCY_ROUTINE = 1,
    MQ_URGENCY_URGENT = 2,
    MQ_URGENCY_EMERGENCY = 3
} mq_urgency_t;

/** What is asked of whoever refers; texts are clean. */
typedef struct mq_referral_new_t {
    mq_consent_new_t consent; /* with its partner */
    mq_urgency_t urgency;
    const char *reason;
    const char *question; /* or NULL */
} mq_referral_new_t;

/** One step of its life. */
typedef struct mq_referral_past_t {
    apr_time_t at;
    mq_referral_state_t state; /* that it led to */
    const char *by_name;       /* with the organisation, where it is the other one's */
    const char *said;
    const char *next_step;
} mq_referral_past_t;

/** One referral. Texts are from the scope's pool. */
typedef struct mq_referral_t {
    mq_id_t id;
    int is_ours; /* sent from here */
    mq_referral_state_t state;
    int steps;           /* that are open here, a set of mq_referral_step_t */
    const char *partner; /* the other organisation */
    mq_id_t patient;     /* only where it is ours */
    mq_patient_t seen;   /* only where it is not */
    const char *reason;
    const char *question;
    mq_urgency_t urgency;
    int parts;
    apr_time_t until; /* that it is shared */
    apr_time_t sent_at;
    apr_time_t expires_at;
    int is_alone;             /* ours, and the other side does not see it now */
    int is_gone;              /* and will not again */
    apr_array_header_t *past; /* of mq_referral_past_t, the oldest first */
} mq_referral_t;

/** What goes with a step; texts are clean. */
typedef struct mq_referral_said_t {
    const char *said;      /* why, or the reply */
    const char *next_step; /* where one is declined */
} mq_referral_said_t;

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
 * Open one. Where it is another organisation's, both are told in their trails; where it is ours,
 * the caller records that the patient is shown.
 * @return MQ_ENOTFOUND; MQ_EDENIED
 */
apr_status_t mq_referral_open(mq_referral_t *referral_out, const mq_scope_t *sc, const mq_id_t *id);

#endif

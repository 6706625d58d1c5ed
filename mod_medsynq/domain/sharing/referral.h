/* referral.h -- what a referral is: its texts, its sides, what has become of it. What is done with
 * one is referrals.h's, the states are referral_states.h's. */
#ifndef MQ_DOMAIN_SHARING_REFERRAL_H
#define MQ_DOMAIN_SHARING_REFERRAL_H

#include <apr_tables.h>

#include "domain/patients/patient_record.h"
#include "domain/sharing/consents.h"
#include "domain/sharing/referral_states.h"

enum {
    MQ_LIMIT_REFERRAL = 4000,  /* bytes of each of its texts */
    MQ_LIMIT_MESSAGE = 4000,   /* characters */
    MQ_REFERRAL_MESSAGES = 100 /* that one side may write on one */
};

/** How long a side is called by a message: until it has read it. A time that is stored. */
#define MQ_REFERRAL_UNREAD APR_INT64_MAX

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

/** One step of its life, or a message. */
typedef struct mq_referral_past_t {
    mq_id_t id;
    apr_time_t at;
    mq_referral_state_t state; /* that it led to; MQ_REFERRAL_NONE: it is a message */
    int is_mine;               /* of one's own organisation */
    apr_time_t read_at;        /* of a message: when the other side first saw it; 0: not yet */
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
    int can_write;       /* a message */
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

#endif

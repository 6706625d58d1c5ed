/* ctl_demo_sharing.c -- links, consents and referrals of a demo, as the people there make them. */
#define MQ_MAY_MINT_SCOPE
#include "ctl/ctl_demo_sharing.h"

#include "domain/patients/patient_record.h"
#include "domain/sharing/consents.h"
#include "domain/sharing/partners.h"
#include "domain/sharing/referrals.h"

static apr_status_t enter(const mq_scope_t **sc_out, const mq_visit_t *visit,
                          const demo_house_t *house, const mq_id_t *user)
{
    const mq_scope_t *nobody;
    MQ_TRY(mq_scope_anonymous_of(&nobody, visit, house->tenant));
    return mq_scope_enter(sc_out, visit, nobody, user);
}

/* A referral for each state that one can be in: what was done to it, in turn. */
static const struct {
    const char *reason;
    mq_urgency_t urgency;
    int days; /* that it is old */
    struct {
        mq_referral_step_t step; /* 0: no more */
        int is_owners;           /* else the other side's */
        mq_referral_said_t said;
    } steps[3];
} demo_referrals[] = {
    {"A cough that does not go.", MQ_URGENCY_ROUTINE, MQ_REFERRAL_DAYS + 10, {{0}}},
    {"Short of breath on the stairs, more so since the spring.", MQ_URGENCY_URGENT, 0, {{0}}},
    {"Chest pain at rest this morning.", MQ_URGENCY_EMERGENCY, 1, {{MQ_REFERRAL_ACCEPT, 0, {0}}}},
    {"Knee pain, an operation is thought of.",
     MQ_URGENCY_ROUTINE,
     6,
     {{MQ_REFERRAL_DECLINE, 0, {"No place before the summer.", "Ask the day clinic."}}}},
    {"Headaches in the morning.",
     MQ_URGENCY_ROUTINE,
     9,
     {{MQ_REFERRAL_CANCEL, 1, {"They have gone.", NULL}}}},
    {"Blood sugar out of range for weeks.",
     MQ_URGENCY_URGENT,
     4,
     {{MQ_REFERRAL_ACCEPT, 0, {0}}, {MQ_REFERRAL_START, 0, {0}}}},
    {"A murmur that was not there before.",
     MQ_URGENCY_URGENT,
     12,
     {{MQ_REFERRAL_ACCEPT, 0, {0}},
      {MQ_REFERRAL_START, 0, {0}},
      {MQ_REFERRAL_COMPLETE, 0, {"Echo without findings. See again in a year.", NULL}}}},
    {"A mole that has changed.",
     MQ_URGENCY_ROUTINE,
     3,
     {{MQ_REFERRAL_ACCEPT, 0, {0}}, {MQ_REFERRAL_CANCEL, 1, {"Seen elsewhere meanwhile.", NULL}}}},
    {"Back pain for two months.",
     MQ_URGENCY_ROUTINE,
     5,
     {{MQ_REFERRAL_ACCEPT, 0, {0}},
      {MQ_REFERRAL_CANCEL, 0, {"The patient did not come twice.", NULL}}}}};

enum { REFERRALS = sizeof demo_referrals / sizeof *demo_referrals };

static apr_status_t referral_make(const mq_visit_t *visit, const demo_house_t *one,
                                  const demo_house_t *other, const mq_id_t *partner,
                                  const mq_id_t *patient, int row)
{
    const apr_time_t day = apr_time_from_sec(86400);
    mq_visit_t then = *visit;
    const mq_scope_t *here;
    const mq_scope_t *there;
    mq_referral_state_t state;
    mq_referral_new_t referral = {.urgency = demo_referrals[row].urgency,
                                  .reason = demo_referrals[row].reason,
                                  .consent = {.partner = *partner,
                                              .given_by = MQ_GIVEN_BY_PATIENT,
                                              .method = MQ_GIVEN_ORALLY,
                                              .parts = MQ_SHARE_PERSON | MQ_SHARE_LISTS,
                                              .purpose = "TREAT",
                                              .until = visit->now + MQ_CONSENT_DAYS * day}};
    mq_id_t id;
    int wait = 0;
    then.now -= demo_referrals[row].days * day;
    referral.consent.from = then.now;
    MQ_TRY(enter(&here, &then, one, &one->doctor));
    MQ_TRY(mq_referral_send(&id, &wait, visit, here, patient, &referral));
    mq_db_give_back(here);
    MQ_TRY(enter(&here, visit, one, &one->doctor));
    MQ_TRY(enter(&there, visit, other, &other->doctor));
    for (int i = 0; i < 3 && demo_referrals[row].steps[i].step; i++) {
        MQ_TRY(mq_referral_take(&state, demo_referrals[row].steps[i].is_owners ? here : there, &id,
                                demo_referrals[row].steps[i].step,
                                &demo_referrals[row].steps[i].said));
    }
    return APR_SUCCESS;
}

/* From one to the other, of whoever is not archived, one after the other. */
static apr_status_t houses_refer(const mq_visit_t *visit, const demo_house_t *one,
                                 const demo_house_t *other, const mq_id_t *partner)
{
    const mq_scope_t *here;
    mq_id_t patients[DEMO_SHARED];
    int count = 0;
    MQ_TRY(enter(&here, visit, one, &one->doctor));
    for (int i = 0; i < one->count; i++) {
        mq_patient_t patient;
        MQ_TRY(mq_patient_read(&patient, here, &one->patients[i]));
        if (patient.status == MQ_PATIENT_ACTIVE) {
            patients[count++] = one->patients[i];
        }
    }
    mq_db_give_back(here);
    for (int row = 0; count && row < REFERRALS; row++) {
        MQ_TRY(referral_make(visit, one, other, partner, &patients[row % count], row));
    }
    return APR_SUCCESS;
}

/* Two administrators agree, and patients of the one are shared with the other: each part, each
 * purpose that comes first. */
static apr_status_t houses_link(const mq_visit_t *visit, const demo_house_t *one,
                                const demo_house_t *other)
{
    static const int parts[DEMO_SHARED] = {MQ_SHARE_ALL, MQ_SHARE_PERSON | MQ_SHARE_LISTS,
                                           MQ_SHARE_PERSON, MQ_SHARE_ALL};
    const apr_time_t day = apr_time_from_sec(86400);
    const mq_scope_t *here;
    const mq_scope_t *there;
    const char *code;
    int wait = 0;
    mq_consent_new_t consent = {.given_by = MQ_GIVEN_BY_PATIENT, .method = MQ_GIVEN_IN_WRITING};
    mq_id_t id;
    MQ_TRY(enter(&here, visit, one, &one->admin));
    MQ_TRY(enter(&there, visit, other, &other->admin));
    MQ_TRY(mq_connection_code(&code, there));
    mq_db_give_back(there);
    MQ_TRY(mq_partner_propose(&consent.partner, &wait, visit, here, code,
                              "We treat many of the same people."));
    MQ_TRY(mq_partner_take(&wait, visit, there, &consent.partner, MQ_PARTNER_ACCEPT, NULL));
    MQ_TRY(enter(&here, visit, one, &one->doctor));
    for (int i = 0; i < one->count; i++) {
        mq_patient_t patient;
        MQ_TRY(mq_patient_read(&patient, here, &one->patients[i]));
        if (patient.status != MQ_PATIENT_ACTIVE) {
            continue; /* archived meanwhile */
        }
        consent.parts = parts[i];
        consent.purpose = mq_consent_purposes[i].value;
        consent.from = visit->now;
        consent.until = visit->now + (MQ_CONSENT_DAYS - 20 * i) * day;
        MQ_TRY(mq_consent_record(&id, &wait, visit, here, &one->patients[i], &consent));
    }
    mq_db_give_back(here);
    return houses_refer(visit, one, other, &consent.partner);
}

apr_status_t demo_houses_share(const mq_visit_t *visit, const demo_house_t *houses, int count)
{
    for (int i = 0; i < count && count > 1 && !(count == 2 && i); i++) {
        MQ_TRY(houses_link(visit, &houses[i], &houses[(i + 1) % count]));
    }
    return APR_SUCCESS;
}

/* referral_new_pages.c -- referring a patient: why, what for, and the consent, in one page. Rules
 * are in domain/sharing/referrals.c. */
#include <apr_strings.h>

#include "domain/sharing/referrals.h"
#include "web/flash.h"
#include "web/patients/patient_banner.h"
#include "web/route_tables.h"
#include "web/sharing/consent_fields.h"
#include "web/sharing/referral_view.h"

typedef struct new_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_form_view_t form;
    const char *href; /* of the record */
    mq_consent_offer_t offer;
    int is_active;
} new_page_t;

static const mq_slot_t new_slots[] = {MQ_STRUCT(new_page_t, patient, mq_patient_banner_slots),
                                      MQ_TEXT(new_page_t, href),
                                      MQ_INCLUDE(new_page_t, offer, mq_consent_offer_slots),
                                      MQ_FLAG(new_page_t, is_active),
                                      MQ_INCLUDE(new_page_t, form, mq_form_slots),
                                      MQ_INCLUDE(new_page_t, frame, mq_frame_slots),
                                      MQ_SLOTS_END};

static const mq_page_t new_template = {"referral_new.html", new_slots, 1};

typedef struct refer_in_t {
    const char *patient;
    const char *urgency;
    const char *reason;
    const char *question;
    mq_consent_typed_t consent;
} refer_in_t;

static const mq_field_t refer_fields[] = {
    {"patient", MQ_SAY("Patient"), MQ_FIELD_HIDDEN, 1, MQ_LIMIT_SHORT, "off", NULL, NULL,
     offsetof(refer_in_t, patient)},
    {.name = "partner"},
    {"urgency", MQ_SAY("Urgency"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off", NULL,
     MQ_SAY("Choose how urgent it is."), offsetof(refer_in_t, urgency), mq_referral_urgencies},
    {"reason", MQ_SAY("Reason for the referral"), MQ_FIELD_BLOCK, 1, MQ_LIMIT_REFERRAL, "off", NULL,
     MQ_SAY("Enter the reason for the referral."), offsetof(refer_in_t, reason)},
    {"question", MQ_SAY("Question"), MQ_FIELD_BLOCK, 0, MQ_LIMIT_REFERRAL, "off", NULL, NULL,
     offsetof(refer_in_t, question)},
    {.name = "scope"},
    {.name = "purpose"},
    {.name = "until", .label = MQ_SAY("Shared until")},
    {.name = "given_by"},
    {.name = "giver_name"},
    {.name = "relation"},
    {.name = "method"},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static apr_status_t fields_make(const mq_field_t **fields_out, mq_consent_offer_t *offer_out,
                                const mq_request_t *rq, const mq_scope_t *sc,
                                const mq_id_t *patient)
{
    return mq_consent_fields(
        fields_out, offer_out, rq, sc, patient, refer_fields, offsetof(refer_in_t, consent),
        apr_pstrcat(rq->pool, "/referrals/new?patient=", mq_id_text(patient, rq->pool), NULL));
}

static apr_status_t new_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                             const mq_form_t *form, const mq_id_t *patient_id,
                             const mq_consent_offer_t *offer, const char *problem)
{
    new_page_t page = {.frame.title = mq_say(rq, "Refer a patient")};
    mq_patient_t patient;
    MQ_TRY(mq_patient_view(&patient, sc, patient_id));
    page.patient = mq_patient_banner(rq, &patient);
    page.href = mq_patient_href(rq, patient_id, "");
    page.offer = *offer;
    page.is_active = patient.status == MQ_PATIENT_ACTIVE;
    page.form = mq_form_view(form, problem);
    return mq_page_show(rq, status, &new_template, &page);
}

static apr_status_t new_page(mq_request_t *rq, const mq_scope_t *sc)
{
    const char *typed = mq_request_query(rq, "patient");
    const mq_field_t *fields;
    mq_form_t *form;
    mq_id_t patient;
    mq_consent_offer_t offer;
    if (!typed || mq_id_parse(&patient, typed) != APR_SUCCESS) {
        return MQ_ENOTFOUND;
    }
    MQ_TRY(fields_make(&fields, &offer, rq, sc, &patient));
    form = mq_form_make(rq, fields);
    mq_form_set(form, "patient", typed);
    mq_form_set(form, "purpose", mq_consent_purposes[0].value);
    return new_show(rq, sc, 200, form, &patient, &offer, NULL);
}

static void refer_read(mq_referral_new_t *out, mq_form_t *form, const mq_request_t *rq,
                       const refer_in_t *in, const mq_consent_offer_t *offer)
{
    *out = (mq_referral_new_t){
        .urgency = (mq_urgency_t)mq_consent_number(mq_referral_urgencies, in->urgency),
        .reason = in->reason,
        .question = in->question};
    mq_consent_typed_read(&out->consent, form, rq, &in->consent, offer);
}

static apr_status_t new_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_referral_new_t referral;
    refer_in_t in = {0};
    const mq_field_t *fields;
    mq_form_t *form;
    mq_id_t patient;
    mq_id_t id;
    mq_consent_offer_t offer;
    int wait = 0;
    apr_status_t rv;
    const char *sent = mq_form_get(rq->form, "patient", NULL);
    if (!sent || mq_id_parse(&patient, sent) != APR_SUCCESS) {
        return MQ_ENOTFOUND;
    }
    MQ_TRY(fields_make(&fields, &offer, rq, sc, &patient));
    form = mq_form_make(rq, fields);
    MQ_TRY(mq_form_read(form, &in));
    refer_read(&referral, form, rq, &in, &offer);
    if (mq_form_faults(form)) {
        return new_show(rq, sc, 422, form, &patient, &offer, NULL);
    }
    rv = mq_referral_send(&id, &wait, &rq->visit, sc, &patient, &referral);
    if (rv == MQ_EBUSY) {
        return new_show(rq, sc, 429, form, &patient, &offer, mq_consent_wait_say(rq, wait));
    }
    if (rv == MQ_ECONFLICT) {
        return new_show(rq, sc, 409, form, &patient, &offer,
                        mq_say(rq, "Nothing is sent: the link is not active, the other "
                                   "organisation is closed, this record is archived, or a note "
                                   "that was ticked cannot be shared any more."));
    }
    MQ_TRY(rv);
    return mq_flash_redirect(rq, mq_referral_href(rq, &id),
                             mq_say(rq, "The referral is sent, and the consent is recorded."));
}

const mq_route_t mq_referral_new_routes[] = {
    {MQ_GET, "/referrals/new", MQ_ACTION_REFERRAL_SEND, new_page, .page = &new_template},
    {MQ_POST, "/referrals/new", MQ_ACTION_REFERRAL_SEND, new_post, .page = &new_template,
     .reviews = 1, .once = "/referrals/{result}"},
    MQ_ROUTES_END};

/* referral_match_pages.c -- which own record a referral that came is of: comparing, linking,
 * registering, and taking it back. Rules are in domain/sharing/referral_matches.c. */
#include <apr_strings.h>

#include "base/text.h"
#include "domain/sharing/referral_matches.h"
#include "domain/sharing/referrals.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/patients/double_warning.h"
#include "web/patients/patient_pages.h"
#include "web/route_tables.h"
#include "web/sharing/referral_view.h"

enum { NUMBER_LIMIT = 100 };

/* --- comparing --- */

typedef struct record_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient; /* of the other organisation */
    mq_list_t candidates;
    const char *href; /* of the referral */
    const char *partner;
    const char *phone; /* as the referral has them */
    const char *address;
    const char *number; /* that was looked for */
    const char *problem;
    int has_candidates;
    int can_link;
} record_page_t;

static const mq_slot_t record_slots[] = {
    MQ_STRUCT(record_page_t, patient, mq_patient_banner_slots),
    MQ_LIST(record_page_t, candidates, mq_double_slots, mq_double_row_t),
    MQ_TEXT(record_page_t, href),
    MQ_TEXT(record_page_t, partner),
    MQ_TEXT(record_page_t, phone),
    MQ_TEXT(record_page_t, address),
    MQ_TEXT(record_page_t, number),
    MQ_TEXT(record_page_t, problem),
    MQ_FLAG(record_page_t, has_candidates),
    MQ_FLAG(record_page_t, can_link),
    MQ_INCLUDE(record_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t record_template = {"referral_record.html", record_slots};

/* @return MQ_ENOTFOUND also where it was sent from here: its patient is one's own */
static apr_status_t came_open(mq_referral_t *referral, mq_id_t *id_out, const mq_request_t *rq,
                              const mq_scope_t *sc)
{
    MQ_TRY(mq_request_record(id_out, rq));
    MQ_TRY(mq_referral_open(referral, sc, id_out));
    return referral->is_ours ? MQ_ENOTFOUND : APR_SUCCESS;
}

static apr_status_t can_link(int *can_out, const mq_scope_t *sc, const mq_referral_t *referral)
{
    mq_referral_match_t match;
    apr_status_t rv = mq_referral_match_read(&match, sc, &referral->id);
    *can_out = rv == MQ_ENOTFOUND && mq_referral_is_taken(referral->state);
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

static apr_status_t number_read(const char **number_out, const mq_request_t *rq)
{
    const char *typed = mq_request_query(rq, "number");
    *number_out = NULL;
    if (!typed) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_text_clean_line(number_out, typed, rq->pool));
    if (mq_text_count(*number_out) > NUMBER_LIMIT) {
        return MQ_EINVALID;
    }
    *number_out = **number_out ? *number_out : NULL;
    return APR_SUCCESS;
}

/* @param referral that came, as it was opened */
static apr_status_t record_draw(mq_request_t *rq, const mq_scope_t *sc, int status,
                                const mq_referral_t *referral, const char *problem)
{
    record_page_t page = {.frame.title = mq_say(rq, "Own record"), .problem = problem};
    apr_array_header_t *found;
    int is_known;
    MQ_TRY(number_read(&page.number, rq));
    MQ_TRY(can_link(&page.can_link, sc, referral));
    page.patient = mq_patient_banner(rq, &referral->seen);
    page.phone = referral->seen.fields.phone1;
    page.address = referral->seen.fields.address;
    page.href = mq_referral_href(rq, &referral->id);
    page.partner = referral->partner;
    if (page.can_link) {
        MQ_TRY(mq_referral_candidates(&found, &is_known, sc, &referral->seen.fields, page.number));
        if (page.number && !is_known && !problem) {
            page.problem = mq_say(rq, "No patient here has this record number.");
        }
        page.candidates = mq_double_rows(rq, found);
        page.has_candidates = found->nelts > 0;
    }
    return mq_page_show(rq, status, &record_template, &page);
}

static apr_status_t record_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                                const char *problem)
{
    mq_referral_t referral;
    mq_id_t id;
    MQ_TRY(came_open(&referral, &id, rq, sc));
    return record_draw(rq, sc, status, &referral, problem);
}

static apr_status_t record_page(mq_request_t *rq, const mq_scope_t *sc)
{
    return record_show(rq, sc, 200, NULL);
}

/* The record that a form names. @return MQ_ENOTFOUND it is no id at all */
static apr_status_t patient_sent(mq_id_t *patient_out, const mq_request_t *rq)
{
    const char *sent = mq_form_get(rq->form, "patient", NULL);
    return sent && mq_id_parse(patient_out, sent) == APR_SUCCESS ? APR_SUCCESS : MQ_ENOTFOUND;
}

static apr_status_t link_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t patient;
    mq_id_t id;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(patient_sent(&patient, rq));
    rv = mq_referral_link(sc, &id, &patient);
    if (rv == MQ_ECONFLICT) {
        return record_show(rq, sc, 409,
                           mq_say(rq, "Nothing is linked: the referral is not accepted or has a "
                                      "record already, or the record is archived."));
    }
    if (rv != MQ_EREPEATED) {
        MQ_TRY(rv);
    }
    return mq_flash_redirect(rq, mq_referral_href(rq, &id),
                             mq_say(rq, "The referral is linked with the record."));
}

static apr_status_t unlink_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t patient;
    mq_id_t id;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(patient_sent(&patient, rq));
    rv = mq_referral_unlink(sc, &id, &patient);
    if (rv == MQ_ECONFLICT) {
        return record_show(rq, sc, 409,
                           mq_say(rq, "The referral is not linked with this record any more."));
    }
    MQ_TRY(rv);
    return mq_flash_redirect(rq, mq_referral_href(rq, &id),
                             mq_say(rq, "The link is undone. The record stays as it is."));
}

/* --- registering --- */

static mq_form_t *register_form(mq_request_t *rq, const mq_scope_t *sc)
{
    int with_notes = mq_policy_allows(MQ_ACTION_PATIENT_NOTE_ADD, mq_scope_roles(sc));
    return mq_form_make(rq, mq_patient_new_fields(with_notes, rq->pool));
}

static apr_status_t register_show(mq_request_t *rq, int status, const mq_form_t *form,
                                  const mq_id_t *id, const mq_list_t *doubles, const char *problem)
{
    const char *href = mq_referral_href(rq, id);
    mq_patient_form_page_t page = {
        .frame.title = mq_say(rq, "Register the patient of a referral"),
        .frame.notice = mq_say(rq, "These are the details of the referral. Confirm each of them "
                                   "before you register."),
        .form = mq_form_view(form, problem),
        .action = apr_pstrcat(rq->pool, href, "/register", NULL),
        .back_href = href,
        .is_new = 1};
    if (doubles) {
        page.has_duplicates = doubles->count > 0;
        page.duplicates = *doubles;
    }
    return mq_page_show(rq, status, &mq_patient_form_template, &page);
}

/* Nobody fills in a form that can only be refused. */
static apr_status_t register_page(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = register_form(rq, sc);
    mq_referral_t referral;
    mq_id_t id;
    int is_open;
    MQ_TRY(came_open(&referral, &id, rq, sc));
    MQ_TRY(can_link(&is_open, sc, &referral));
    if (!is_open) {
        return record_draw(rq, sc, 409, &referral, NULL);
    }
    mq_patient_form_person(form, &referral.seen.fields, rq);
    return register_show(rq, 200, form, &id, NULL, NULL);
}

static apr_status_t register_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = register_form(rq, sc);
    mq_patient_form_t values = {0};
    mq_list_t doubles;
    mq_id_t patient;
    mq_id_t id;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_form_read(form, &values));
    mq_patient_form_unnamed(form, &values, rq);
    mq_patient_form_judge(form, &values, rq);
    if (mq_form_faults(form)) {
        return register_show(rq, 422, form, &id, NULL, NULL);
    }
    if (values.in.unnamed) { /* which says nothing of who it is */
        values.in.fields.name = "";
    }
    MQ_TRY(mq_double_warn(&doubles, form, rq, sc, NULL, &values));
    if (doubles.count) {
        return register_show(rq, 200, form, &id, &doubles, NULL);
    }
    rv = mq_referral_register(&patient, sc, &id, &values.in);
    if (rv == MQ_ECONFLICT) {
        return register_show(rq, 409, form, &id, NULL,
                             mq_say(rq, "Nothing is registered: the referral is not accepted, or "
                                        "has a record already."));
    }
    MQ_TRY(rv);
    return mq_flash_redirect(rq, mq_referral_href(rq, &id),
                             mq_say(rq, "The patient is registered, and linked with the "
                                        "referral."));
}

const mq_route_t mq_referral_match_routes[] = {
    {MQ_GET, "/referrals/{id}/record", MQ_ACTION_REFERRAL_LINK, record_page,
     .page = &record_template},
    {MQ_POST, "/referrals/{id}/link", MQ_ACTION_REFERRAL_LINK, link_post},
    {MQ_POST, "/referrals/{id}/unlink", MQ_ACTION_REFERRAL_UNLINK, unlink_post},
    {MQ_GET, "/referrals/{id}/register", MQ_ACTION_REFERRAL_REGISTER, register_page,
     .page = &mq_patient_form_template},
    {MQ_POST, "/referrals/{id}/register", MQ_ACTION_REFERRAL_REGISTER, register_post,
     .page = &mq_patient_form_template, .reviews = 1, .once = "/referrals/{id}"},
    MQ_ROUTES_END};

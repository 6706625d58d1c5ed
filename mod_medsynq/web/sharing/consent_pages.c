/* consent_pages.c -- with whom a patient's record is shared: recording and withdrawing consents,
 * and the paper that is signed. Rules are in domain/sharing/consents.c. */
#include <apr_strings.h>
#include <string.h>

#include "domain/patients/patients.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/form.h"
#include "web/paper_head.h"
#include "web/paging.h"
#include "web/patients/patient_banner.h"
#include "web/route_tables.h"
#include "web/sharing/consent_view.h"

enum { LIMIT_REMARK = 1000 };

typedef struct consents_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_form_view_t form;
    mq_list_t consents;
    const char *href; /* of the record */
    const char *next_href;
    int can_record;
    int has_partners;
} consents_page_t;

static const mq_slot_t consents_slots[] = {
    MQ_STRUCT(consents_page_t, patient, mq_patient_banner_slots),
    MQ_LIST(consents_page_t, consents, mq_consent_slots, mq_consent_view_t),
    MQ_TEXT(consents_page_t, href),
    MQ_TEXT(consents_page_t, next_href),
    MQ_FLAG(consents_page_t, can_record),
    MQ_FLAG(consents_page_t, has_partners),
    MQ_INCLUDE(consents_page_t, form, mq_form_slots),
    MQ_INCLUDE(consents_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t consents_template = {"consents.html", consents_slots, 1};

typedef struct paper_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    const mq_consent_view_t *consent;
    mq_letterhead_t letterhead;
    const char *back_href;
} paper_page_t;

static const mq_slot_t paper_slots[] = {MQ_STRUCT(paper_page_t, patient, mq_patient_banner_slots),
                                        MQ_STRUCT(paper_page_t, consent, mq_consent_slots),
                                        MQ_TEXT(paper_page_t, back_href),
                                        MQ_INCLUDE(paper_page_t, letterhead, mq_letterhead_slots),
                                        MQ_INCLUDE(paper_page_t, frame, mq_frame_slots),
                                        MQ_SLOTS_END};

static const mq_page_t paper_template = {"consent_form.html", paper_slots};

typedef struct consent_in_t {
    const char *partner;
    const char *scope;
    const char *purpose;
    const char *given_by;
    const char *giver_name;
    const char *relation;
    const char *method;
    const char *from;
    const char *until;
    const char *remark;
} consent_in_t;

static const mq_field_t record_fields[] = {
    {"partner", MQ_SAY("Organisation"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off", NULL,
     MQ_SAY("Choose the organisation."), offsetof(consent_in_t, partner)},
    {"scope", MQ_SAY("What is shared"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off",
     MQ_SAY("What is added to these parts later is shared as well."),
     MQ_SAY("Choose what is shared."), offsetof(consent_in_t, scope), mq_consent_scopes},
    {"purpose", MQ_SAY("Purpose"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off", NULL,
     MQ_SAY("Choose the purpose."), offsetof(consent_in_t, purpose), mq_consent_purposes},
    {"given_by", MQ_SAY("Consent given by"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off", NULL,
     MQ_SAY("Choose who has given the consent."), offsetof(consent_in_t, given_by),
     mq_consent_givers},
    {"giver_name", MQ_SAY("Name of the guardian"), MQ_FIELD_LINE, 0, MQ_LIMIT_NAME, "off", NULL,
     NULL, offsetof(consent_in_t, giver_name)},
    {"relation", MQ_SAY("Relationship of the guardian to the patient"), MQ_FIELD_LINE, 0,
     MQ_LIMIT_SHORT, "off", NULL, NULL, offsetof(consent_in_t, relation)},
    {"method", MQ_SAY("How it was given"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off", NULL,
     MQ_SAY("Choose how the consent was given."), offsetof(consent_in_t, method),
     mq_consent_methods},
    {"from", MQ_SAY("From"), MQ_FIELD_DAY, 0, 0, "off", MQ_SAY("Empty: from now on."), NULL,
     offsetof(consent_in_t, from)},
    {"until", MQ_SAY("Until"), MQ_FIELD_DAY, 0, 0, "off",
     MQ_SAY("The last day. Empty: 90 days. At most 365 days."), NULL,
     offsetof(consent_in_t, until)},
    {"remark", MQ_SAY("Remark"), MQ_FIELD_BLOCK, 0, LIMIT_REMARK, "off", NULL, NULL,
     offsetof(consent_in_t, remark)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

typedef struct withdraw_in_t {
    const char *reason;
} withdraw_in_t;

static const mq_field_t withdraw_fields[] = {
    {"reason", MQ_SAY("Reason"), MQ_FIELD_LINE, 0, MQ_LIMIT_REASON, "off", NULL, NULL,
     offsetof(withdraw_in_t, reason)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static const char *consents_href(const mq_request_t *rq, const mq_id_t *patient)
{
    return mq_patient_href(rq, patient, "/consents");
}

/* The fields, with the organisations that there are to choose from. */
static apr_status_t fields_make(const mq_field_t **fields_out, int *has_partners_out,
                                const mq_request_t *rq, const mq_scope_t *sc)
{
    mq_field_t *fields = apr_pmemdup(rq->pool, record_fields, sizeof record_fields);
    apr_array_header_t *partners;
    mq_choice_t *choices;
    MQ_TRY(mq_consent_partners(&partners, sc));
    choices = apr_pcalloc(rq->pool, sizeof *choices * (apr_size_t)(partners->nelts + 1));
    for (int i = 0; i < partners->nelts; i++) {
        const mq_consent_partner_t *partner = &APR_ARRAY_IDX(partners, i, mq_consent_partner_t);
        choices[i] = (mq_choice_t){mq_id_text(&partner->id, rq->pool), partner->name};
    }
    fields[0].choices = choices;
    *fields_out = fields;
    *has_partners_out = partners->nelts > 0;
    return APR_SUCCESS;
}

static mq_list_t consents_draw(const mq_request_t *rq, const apr_array_header_t *list,
                               int can_withdraw)
{
    mq_consent_view_t *rows = apr_palloc(rq->pool, sizeof *rows * (apr_size_t)(list->nelts + 1));
    for (int i = 0; i < list->nelts; i++) {
        rows[i] = mq_consent_view(rq, &APR_ARRAY_IDX(list, i, mq_consent_t), can_withdraw);
    }
    return (mq_list_t){rows, list->nelts};
}

/* @param form NULL: an empty one; @param problem of all of it, or NULL */
static apr_status_t consents_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                                  const mq_form_t *form, const char *problem)
{
    consents_page_t page = {.frame.title = mq_say(rq, "Shared with")};
    apr_array_header_t *list;
    const mq_field_t *fields;
    const mq_id_t *before;
    mq_patient_t patient;
    mq_flash_t flash;
    mq_id_t id;
    int has_next;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_paging_read(&before, rq, "before"));
    MQ_TRY(mq_patient_view_for(&patient, sc, &id, MQ_ACTION_CONSENTS_VIEW));
    MQ_TRY(fields_make(&fields, &page.has_partners, rq, sc));
    MQ_TRY(mq_consents_page(&list, &has_next, sc, &id, before));
    MQ_TRY(mq_flash_take(&flash, rq));
    page.frame.notice = flash.notice;
    page.form = mq_form_view(form ? form : mq_form_make(rq, fields), problem);
    page.patient = mq_patient_banner(rq, &patient);
    page.href = mq_patient_href(rq, &id, "");
    page.can_record = patient.status == MQ_PATIENT_ACTIVE &&
                      mq_policy_allows(MQ_ACTION_CONSENT_RECORD, mq_scope_roles(sc));
    page.consents =
        consents_draw(rq, list, mq_policy_allows(MQ_ACTION_CONSENT_WITHDRAW, mq_scope_roles(sc)));
    if (has_next) {
        page.next_href =
            mq_paging_href_id(rq, consents_href(rq, &id), "before",
                              &APR_ARRAY_IDX(list, list->nelts - 1, mq_consent_t).id, "");
    }
    return mq_page_show(rq, status, &consents_template, &page);
}

static apr_status_t consents_page(mq_request_t *rq, const mq_scope_t *sc)
{
    return consents_show(rq, sc, 200, NULL, NULL);
}

/* --- recording --- */

/* @param later days after it; the last day of all is a whole one */
static apr_time_t begins(const mq_request_t *rq, mq_day_t day, int later)
{
    day.day += later; /* the calendar goes on with the next month */
    return mq_date_begins(&day, rq->zone);
}

/* From and until: from now on, or from the beginning of a day, to the end of one. */
static void period_read(mq_consent_new_t *out, mq_form_t *form, const mq_request_t *rq,
                        const consent_in_t *in)
{
    mq_day_t from = mq_today(rq);
    mq_day_t until;
    out->from = rq->now;
    if (in->from && mq_date_parse(&from, in->from) == APR_SUCCESS) {
        out->from = begins(rq, from, 0);
    }
    out->until = begins(rq, from, MQ_CONSENT_DAYS + 1);
    if (in->until && mq_date_parse(&until, in->until) == APR_SUCCESS) {
        out->until = begins(rq, until, 1);
    }
    if (out->until <= out->from) {
        mq_form_fault_add(form, "until", MQ_FAULT_ENDS_FIRST);
    } else if (out->until <= rq->now) {
        mq_form_fault(form, "until", mq_say(rq, "This day is over."));
    } else if (out->until > begins(rq, from, MQ_CONSENT_DAYS_MOST + 1)) {
        mq_form_fault(form, "until", mq_say(rq, "A consent is for 365 days at most."));
    }
}

static void consent_read(mq_consent_new_t *out, mq_form_t *form, const mq_request_t *rq,
                         const consent_in_t *in)
{
    *out = (mq_consent_new_t){
        .given_by = (mq_giver_t)mq_consent_number(mq_consent_givers, in->given_by),
        .method = (mq_giving_t)mq_consent_number(mq_consent_methods, in->method),
        .parts = mq_consent_parts_of(in->scope),
        .purpose = in->purpose,
        .remark = in->remark};
    (void)mq_id_parse(&out->partner, in->partner);
    if (out->given_by == MQ_GIVEN_BY_GUARDIAN) {
        out->giver_name = in->giver_name;
        out->giver_relation = in->relation;
        if (!in->giver_name) {
            mq_form_fault(form, "giver_name", mq_say(rq, "Enter the name of the guardian."));
        }
        if (!in->relation) {
            mq_form_fault(form, "relation",
                          mq_say(rq, "Enter how the guardian is related to the patient."));
        }
    }
    period_read(out, form, rq, in);
}

static apr_status_t record_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_consent_new_t consent;
    consent_in_t in = {0};
    const mq_field_t *fields;
    mq_form_t *form;
    mq_id_t patient;
    mq_id_t id;
    int has_partners;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&patient, rq));
    MQ_TRY(fields_make(&fields, &has_partners, rq, sc));
    form = mq_form_make(rq, fields);
    MQ_TRY(mq_form_read(form, &in));
    consent_read(&consent, form, rq, &in);
    if (mq_form_faults(form)) {
        return consents_show(rq, sc, 422, form, NULL);
    }
    rv = mq_consent_record(&id, sc, &patient, &consent);
    if (rv == MQ_ECONFLICT) {
        return consents_show(rq, sc, 409, form,
                             mq_say(rq, "Nothing is shared: the link is not active, the other "
                                        "organisation is closed, or this record is archived."));
    }
    MQ_TRY(rv);
    return mq_flash_redirect(rq, consents_href(rq, &patient),
                             mq_say(rq, "The consent is recorded."));
}

static apr_status_t withdraw_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, withdraw_fields);
    withdraw_in_t in = {0};
    mq_id_t patient;
    mq_id_t id;
    int is_shared_still;
    apr_status_t rv;
    MQ_TRY(mq_request_item(&patient, &id, rq));
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return consents_show(rq, sc, 422, NULL, mq_say(rq, "The reason is too long."));
    }
    rv = mq_consent_withdraw(&is_shared_still, sc, &patient, &id, in.reason);
    if (rv == MQ_ECONFLICT) {
        return consents_show(rq, sc, 409, NULL, mq_say(rq, "This consent has ended already."));
    }
    MQ_TRY(rv);
    return mq_flash_redirect(
        rq, consents_href(rq, &patient),
        is_shared_still
            ? mq_say(rq, "The consent is withdrawn. Another one shares this record with "
                         "the same organisation still.")
            : mq_say(rq, "The consent is withdrawn. Nothing is shown any more."));
}

/* --- on paper --- */

/* What somebody signs here is in the language of the house, whoever prints it. */
static apr_status_t speak_as_house(mq_request_t *rq, const mq_scope_t *sc)
{
    const mq_pages_t *pages = rq->app->pages;
    const char *tag;
    int language;
    MQ_TRY(mq_consent_language(&tag, sc));
    language = tag ? mq_pages_language_of(pages, tag, strlen(tag)) : -1;
    if (language >= 0) {
        rq->language = language;
        rq->script = *mq_pages_script(pages, language);
        rq->dates.months = mq_pages_months(pages, language);
    }
    return APR_SUCCESS;
}

static apr_status_t paper_page(mq_request_t *rq, const mq_scope_t *sc)
{
    paper_page_t page = {.patient = NULL};
    mq_consent_view_t view;
    mq_consent_t consent;
    mq_patient_t patient;
    mq_id_t patient_id;
    mq_id_t id;
    MQ_TRY(mq_request_item(&patient_id, &id, rq));
    MQ_TRY(mq_consent_read(&consent, sc, &patient_id, &id));
    MQ_TRY(speak_as_house(rq, sc));
    MQ_TRY(mq_patient_view_for(&patient, sc, &patient_id, MQ_ACTION_CONSENTS_VIEW));
    view = mq_consent_view(rq, &consent, 0);
    MQ_TRY(mq_letterhead_read(&page.letterhead, sc));
    page.frame.title = mq_say(rq, "Consent to share a record");
    page.patient = mq_patient_banner(rq, &patient);
    page.consent = &view;
    page.back_href = consents_href(rq, &patient_id);
    return mq_page_show(rq, 200, &paper_template, &page);
}

const mq_route_t mq_consent_routes[] = {
    {MQ_GET, "/patients/{id}/consents", MQ_ACTION_CONSENTS_VIEW, consents_page,
     .page = &consents_template},
    {MQ_POST, "/patients/{id}/consents", MQ_ACTION_CONSENT_RECORD, record_post,
     .page = &consents_template, .reviews = 1, .once = "/patients/{id}/consents"},
    {MQ_GET, "/patients/{id}/consents/{consent}/form", MQ_ACTION_CONSENTS_VIEW, paper_page,
     .page = &paper_template},
    {MQ_POST, "/patients/{id}/consents/{consent}/withdraw", MQ_ACTION_CONSENT_WITHDRAW,
     withdraw_post},
    MQ_ROUTES_END};

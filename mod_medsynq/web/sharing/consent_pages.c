/* consent_pages.c -- with whom a patient's record is shared: recording and withdrawing consents,
 * and the paper that is signed. Rules are in domain/sharing/consents.c. */
#include <apr_strings.h>

#include "domain/patients/patients.h"
#include "web/flash.h"
#include "web/paper_head.h"
#include "web/paging.h"
#include "web/patients/patient_banner.h"
#include "web/route_tables.h"
#include "web/sharing/consent_fields.h"

enum { LIMIT_REMARK = 1000 };

typedef struct consents_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_form_view_t form;
    mq_list_t consents;
    const char *href; /* of the record */
    mq_paging_t paging;
    int can_record;
    mq_consent_offer_t offer;
} consents_page_t;

static const mq_slot_t consents_slots[] = {
    MQ_STRUCT(consents_page_t, patient, mq_patient_banner_slots),
    MQ_LIST(consents_page_t, consents, mq_consent_slots, mq_consent_view_t),
    MQ_TEXT(consents_page_t, href),
    MQ_INCLUDE(consents_page_t, paging, mq_paging_slots),
    MQ_FLAG(consents_page_t, can_record),
    MQ_INCLUDE(consents_page_t, offer, mq_consent_offer_slots),
    MQ_INCLUDE(consents_page_t, form, mq_form_slots),
    MQ_INCLUDE(consents_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t consents_template = {"consents.html", consents_slots, 1};

typedef struct paper_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    const mq_consent_view_t *consent; /* NULL: one that is to be filled in by hand */
    mq_letterhead_t letterhead;
    mq_list_t scopes; /* to choose from, by hand */
    mq_list_t purposes;
    const char *back_href;
    int is_blank;
} paper_page_t;

typedef struct box_t {
    const char *label;
} box_t;

static const mq_slot_t box_slots[] = {MQ_TEXT(box_t, label), MQ_SLOTS_END};

static const mq_slot_t paper_slots[] = {MQ_STRUCT(paper_page_t, patient, mq_patient_banner_slots),
                                        MQ_STRUCT(paper_page_t, consent, mq_consent_slots),
                                        MQ_LIST(paper_page_t, scopes, box_slots, box_t),
                                        MQ_LIST(paper_page_t, purposes, box_slots, box_t),
                                        MQ_FLAG(paper_page_t, is_blank),
                                        MQ_TEXT(paper_page_t, back_href),
                                        MQ_INCLUDE(paper_page_t, letterhead, mq_letterhead_slots),
                                        MQ_INCLUDE(paper_page_t, frame, mq_frame_slots),
                                        MQ_SLOTS_END};

static const mq_page_t paper_template = {"consent_form.html", paper_slots};

typedef struct consent_in_t {
    mq_consent_typed_t consent;
    const char *remark;
} consent_in_t;

static const mq_field_t record_fields[] = {{.name = "partner"},
                                           {.name = "scope"},
                                           {.name = "purpose"},
                                           {.name = "given_by"},
                                           {.name = "giver_name"},
                                           {.name = "relation"},
                                           {.name = "method"},
                                           {.name = "from"},
                                           {.name = "until"},
                                           {"remark", MQ_SAY("Remark"), MQ_FIELD_BLOCK, 0,
                                            LIMIT_REMARK, "off", NULL, NULL,
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

static apr_status_t fields_make(const mq_field_t **fields_out, mq_consent_offer_t *offer_out,
                                const mq_request_t *rq, const mq_scope_t *sc,
                                const mq_id_t *patient)
{
    return mq_consent_fields(fields_out, offer_out, rq, sc, patient, record_fields,
                             offsetof(consent_in_t, consent), consents_href(rq, patient));
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
    MQ_TRY(fields_make(&fields, &page.offer, rq, sc, &id));
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
    page.paging = mq_paging(
        rq, consents_href(rq, &id), "before",
        has_next ? mq_id_text(&APR_ARRAY_IDX(list, list->nelts - 1, mq_consent_t).id, rq->pool)
                 : NULL,
        list->nelts, mq_say(rq, "Older"));
    return mq_page_show(rq, status, &consents_template, &page);
}

static apr_status_t consents_page(mq_request_t *rq, const mq_scope_t *sc)
{
    return consents_show(rq, sc, 200, NULL, NULL);
}

/* --- recording --- */

static apr_status_t record_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_consent_new_t consent;
    consent_in_t in = {0};
    const mq_field_t *fields;
    mq_form_t *form;
    mq_id_t patient;
    mq_id_t id;
    mq_consent_offer_t offer;
    int wait = 0;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&patient, rq));
    MQ_TRY(fields_make(&fields, &offer, rq, sc, &patient));
    form = mq_form_make(rq, fields);
    MQ_TRY(mq_form_read(form, &in));
    mq_consent_typed_read(&consent, form, rq, &in.consent, &offer);
    consent.remark = in.remark;
    if (mq_form_faults(form)) {
        return consents_show(rq, sc, 422, form, NULL);
    }
    rv = mq_consent_record(&id, &wait, &rq->visit, sc, &patient, &consent);
    if (rv == MQ_EBUSY) {
        return consents_show(rq, sc, 429, form, mq_consent_wait_say(rq, wait));
    }
    if (rv == MQ_ECONFLICT) {
        return consents_show(rq, sc, 409, form,
                             mq_say(rq, "Nothing is shared: the link is not active, the other "
                                        "organisation is closed, this record is archived, or a "
                                        "note that was ticked cannot be shared any more."));
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

/* @param consent NULL: none is recorded yet */
static apr_status_t paper_show(mq_request_t *rq, const mq_scope_t *sc, paper_page_t *page,
                               const mq_id_t *patient_id, const mq_consent_t *consent)
{
    mq_patient_t patient;
    MQ_TRY(mq_speak_as_house(rq, sc));
    MQ_TRY(mq_patient_view_for(&patient, sc, patient_id, MQ_ACTION_CONSENTS_VIEW));
    MQ_TRY(mq_letterhead_read(&page->letterhead, sc));
    if (consent) {
        mq_consent_view_t *view = apr_palloc(rq->pool, sizeof *view);
        *view = mq_consent_view(rq, consent, 0);
        page->consent = view;
    }
    page->frame.title = mq_say(rq, "Consent to share a record");
    page->patient = mq_patient_banner(rq, &patient);
    page->back_href = consents_href(rq, patient_id);
    return mq_page_show(rq, 200, &paper_template, page);
}

static apr_status_t paper_page(mq_request_t *rq, const mq_scope_t *sc)
{
    paper_page_t page = {.patient = NULL};
    mq_consent_t consent;
    mq_id_t patient;
    mq_id_t id;
    MQ_TRY(mq_request_item(&patient, &id, rq));
    MQ_TRY(mq_consent_read(&consent, sc, &patient, &id));
    return paper_show(rq, sc, &page, &patient, &consent);
}

static mq_list_t boxes_draw(const mq_request_t *rq, const mq_choice_t *choices)
{
    apr_array_header_t *boxes = apr_array_make(rq->pool, 10, sizeof(box_t));
    for (; choices->value; choices++) {
        APR_ARRAY_PUSH(boxes, box_t) = (box_t){mq_say(rq, choices->label)};
    }
    return (mq_list_t){boxes->elts, boxes->nelts};
}

/* What is signed first, and recorded then. */
static apr_status_t blank_page(mq_request_t *rq, const mq_scope_t *sc)
{
    paper_page_t page = {.is_blank = 1};
    mq_id_t patient;
    MQ_TRY(mq_request_record(&patient, rq));
    MQ_TRY(mq_speak_as_house(rq, sc));
    page.scopes = boxes_draw(rq, mq_consent_scopes);
    page.purposes = boxes_draw(rq, mq_consent_purposes);
    return paper_show(rq, sc, &page, &patient, NULL);
}

const mq_route_t mq_consent_routes[] = {
    {MQ_GET, "/patients/{id}/consents", MQ_ACTION_CONSENTS_VIEW, consents_page,
     .page = &consents_template},
    {MQ_POST, "/patients/{id}/consents", MQ_ACTION_CONSENT_RECORD, record_post,
     .page = &consents_template, .reviews = 1, .once = "/patients/{id}/consents"},
    {MQ_GET, "/patients/{id}/consents/form", MQ_ACTION_CONSENTS_VIEW, blank_page,
     .page = &paper_template},
    {MQ_GET, "/patients/{id}/consents/{consent}/form", MQ_ACTION_CONSENTS_VIEW, paper_page,
     .page = &paper_template},
    {MQ_POST, "/patients/{id}/consents/{consent}/withdraw", MQ_ACTION_CONSENT_WITHDRAW,
     withdraw_post},
    MQ_ROUTES_END};

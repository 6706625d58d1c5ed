/* emergency_pages.c -- opening a record of a linked organisation in an emergency: /emergency. What
 * is opened is shown by shared_pages.c. Rules are in domain/sharing/emergencies.c. */
#include <apr_strings.h>
#include <string.h>

#include "domain/sharing/consents.h"
#include "domain/sharing/emergencies.h"
#include "web/access/proof.h"
#include "web/flash.h"
#include "web/mail_links.h"
#include "web/route_tables.h"

enum { LIMIT_IDENTIFIER = 100, ISO_DAY = 10 /* "1980-02-03" */ };

typedef struct open_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
    int has_partners;
} open_page_t;

static const mq_slot_t open_slots[] = {
    MQ_FLAG(open_page_t, has_partners), MQ_INCLUDE(open_page_t, form, mq_form_slots),
    MQ_INCLUDE(open_page_t, frame, mq_frame_slots), MQ_SLOTS_END};

static const mq_page_t open_template = {"emergency.html", open_slots, 1};

typedef struct open_in_t {
    const char *partner;
    const char *identifier;
    const char *birth_date;
    const char *reason;
    const char *password;
} open_in_t;

enum { PARTNER_ROW = 0 };

static const mq_field_t open_fields[] = {
    [PARTNER_ROW] = {"partner", MQ_SAY("Organisation"), MQ_FIELD_SELECT, 1, MQ_LIMIT_SHORT, "off",
                     NULL, MQ_SAY("Choose the organisation."), offsetof(open_in_t, partner)},
    {"identifier", MQ_SAY("National identifier, or their record number"), MQ_FIELD_LINE, 1,
     LIMIT_IDENTIFIER, "off", MQ_SAY("The whole number, as it is written there."),
     MQ_SAY("Enter the number."), offsetof(open_in_t, identifier)},
    {"date_of_birth", MQ_SAY("Date of birth"), MQ_FIELD_BIRTH_DATE, 1, 0, "off", NULL,
     MQ_SAY("Enter the date of birth."), offsetof(open_in_t, birth_date)},
    {"reason", MQ_SAY("Why this is an emergency"), MQ_FIELD_BLOCK, 1, MQ_LIMIT_REASON, "off",
     MQ_SAY("At least 15 characters. The other organisation's administrators read it."),
     MQ_SAY("Say why this is an emergency."), offsetof(open_in_t, reason)},
    MQ_PROOF_FIELD(open_in_t, password, NULL, NULL),
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

/* The fields, with the organisations that one's own allows it for: what the others say shows only
 * when one is asked. */
static apr_status_t fields_make(const mq_field_t **fields_out, int *has_partners_out,
                                const mq_request_t *rq, const mq_scope_t *sc)
{
    mq_field_t *fields = apr_pmemdup(rq->pool, open_fields, sizeof open_fields);
    apr_array_header_t *partners;
    mq_choice_t *choices;
    MQ_TRY(mq_emergency_partners(&partners, sc));
    choices = apr_pcalloc(rq->pool, sizeof *choices * (apr_size_t)(partners->nelts + 1));
    for (int i = 0; i < partners->nelts; i++) {
        const mq_consent_partner_t *partner = &APR_ARRAY_IDX(partners, i, mq_consent_partner_t);
        choices[i] = (mq_choice_t){mq_id_text(&partner->id, rq->pool), partner->name};
    }
    fields[PARTNER_ROW].choices = choices;
    *fields_out = fields;
    *has_partners_out = partners->nelts > 0;
    return APR_SUCCESS;
}

static apr_status_t open_show(mq_request_t *rq, int status, const mq_form_t *form, int has_partners,
                              const char *problem)
{
    open_page_t page = {.frame.title = mq_say(rq, "Emergency access"),
                        .form = mq_form_view(form, problem),
                        .has_partners = has_partners};
    return mq_page_show(rq, status, &open_template, &page);
}

static apr_status_t open_page(mq_request_t *rq, const mq_scope_t *sc)
{
    const mq_field_t *fields;
    int has_partners;
    MQ_TRY(fields_make(&fields, &has_partners, rq, sc));
    return open_show(rq, 200, mq_form_make(rq, fields), has_partners, NULL);
}

/* To those who have to know it, in the language of their house, and without a word of whom it is
 * about. What is told here stands on their dashboard already. */
static void administrators_mail(const mq_request_t *rq, const mq_scope_t *sc,
                                const mq_emergency_told_t *told, const mq_id_t *id)
{
    const char *tag = told->language;
    mq_request_t house = *rq;
    int language = tag ? mq_pages_language_of(rq->app->pages, tag, strlen(tag)) : -1;
    house.language = language >= 0 ? language : rq->language;
    for (int i = 0; i < told->addresses->nelts; i++) {
        (void)mq_link_mail(
            &house, APR_ARRAY_IDX(told->addresses, i, const char *),
            mq_say(&house, "Emergency access to a record"),
            mq_sayf(&house,
                    "%s, %s, has opened a record of your organisation in an emergency. "
                    "Review it here:",
                    mq_scope_user_name(sc), mq_scope_tenant_name(sc)),
            apr_pstrcat(rq->pool, "/emergencies/", mq_id_text(id, rq->pool), NULL),
            mq_say(&house, "It stays on your dashboard until it is reviewed."), 1);
    }
}

/* What is wrong with what was typed, so far as it can be said without asking anybody. */
static void open_judge(mq_form_t *form, const mq_request_t *rq, const open_in_t *in)
{
    if (in->reason && !mq_emergency_reason_holds(in->reason)) {
        mq_form_fault(form, "reason", mq_say(rq, "Say it in at least 15 characters."));
    }
    if (in->birth_date && strlen(in->birth_date) != ISO_DAY) {
        mq_form_fault(form, "date_of_birth",
                      mq_say(rq, "Enter the whole date of birth, with day and month."));
    }
}

static apr_status_t refuse(mq_request_t *rq, mq_form_t *form, int has_partners, apr_status_t rv,
                           int wait)
{
    if (rv == MQ_EBUSY) {
        apr_table_setn(rq->headers, "Retry-After", apr_itoa(rq->pool, wait));
        mq_form_fault(form, "identifier",
                      mq_say_count(rq, "Too many attempts. Try again in %d second.",
                                   "Too many attempts. Try again in %d seconds.", wait));
        return open_show(rq, 429, form, has_partners, NULL);
    }
    mq_form_fault(form, "identifier",
                  mq_say(rq, "Nothing is opened. Either the number and the date of birth are of no "
                             "patient there, or that organisation does not allow it."));
    return open_show(rq, 422, form, has_partners, NULL);
}

static apr_status_t open_post(mq_request_t *rq, const mq_scope_t *sc)
{
    open_in_t in = {0};
    mq_emergency_told_t told = {NULL, NULL};
    mq_emergency_new_t emergency;
    const mq_field_t *fields;
    mq_form_t *form;
    mq_id_t id;
    int has_partners;
    int status;
    int wait = 0;
    apr_status_t rv;
    MQ_TRY(fields_make(&fields, &has_partners, rq, sc));
    form = mq_form_make(rq, fields);
    MQ_TRY(mq_form_read(form, &in));
    open_judge(form, rq, &in);
    if (mq_form_faults(form)) {
        return open_show(rq, 422, form, has_partners, NULL);
    }
    MQ_TRY(mq_proof_check(&status, rq, sc, form, NULL, in.password));
    if (status) {
        return open_show(rq, status, form, has_partners, NULL);
    }
    emergency = (mq_emergency_new_t){
        .identifier = in.identifier, .birth_date = in.birth_date, .reason = in.reason};
    MQ_TRY(mq_id_parse(&emergency.partner, in.partner));
    rv = mq_emergency_open(&id, &told, &wait, &rq->visit, sc, &emergency);
    if (rv == MQ_EBUSY || rv == MQ_ENOTFOUND) {
        return refuse(rq, form, has_partners, rv, wait);
    }
    MQ_TRY(rv);
    administrators_mail(rq, sc, &told, &id);
    return mq_flash_redirect(
        rq, apr_pstrcat(rq->pool, "/shared/", mq_id_text(&id, rq->pool), NULL),
        mq_say(rq, "The record is open to you for 60 minutes. Its organisation has been told."));
}

const mq_route_t mq_emergency_routes[] = {
    {MQ_GET, "/emergency", MQ_ACTION_EMERGENCY_OPEN, open_page, .page = &open_template},
    {MQ_POST, "/emergency", MQ_ACTION_EMERGENCY_OPEN, open_post, .page = &open_template,
     .reviews = 1, .once = "/shared/{result}"},
    MQ_ROUTES_END};

/* sign_in_pages.c -- the way in and the way out. Rules are in domain/organisations/tenants.c and
 * users.c. */

#include <apr_strings.h>
#include <string.h>

#include "base/crypto.h"
#include "base/text.h"
#include "domain/organisations/tenants.h"
#include "domain/access/sign_in.h"
#include "web/error_pages.h"
#include "web/failures.h"
#include "web/flash.h"
#include "web/form.h"
#include "web/once.h"
#include "web/organisations/manners_choices.h"
#include "web/people/invitation_pages.h"
#include "web/refusals.h"
#include "web/access/beside.h"
#include "web/access/log_in_href.h"
#include "web/access/parking_pages.h"
#include "web/access/two_factor_pages.h"
#include "web/route_tables.h"

enum { BUSY_SECONDS = 5, LIMIT_CHOICE = 100, REGISTER_FIELDS = 7 };

typedef struct form_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
    int registration_open;
    int typed_is_kept;
    int file_is_lost;
    int beside;
    mq_list_t also; /* of mq_beside_t: organisations that are left too, or that one may go on in */
    int has_also;
} form_page_t;

static const mq_slot_t also_slots[] = {MQ_TEXT(mq_beside_t, id), MQ_TEXT(mq_beside_t, organisation),
                                       MQ_TEXT(mq_beside_t, person), MQ_SLOTS_END};

static const mq_slot_t form_page_slots[] = {MQ_FLAG(form_page_t, registration_open),
                                            MQ_FLAG(form_page_t, typed_is_kept),
                                            MQ_FLAG(form_page_t, file_is_lost),
                                            MQ_FLAG(form_page_t, beside),
                                            MQ_FLAG(form_page_t, has_also),
                                            MQ_LIST(form_page_t, also, also_slots, mq_beside_t),
                                            MQ_INCLUDE(form_page_t, form, mq_form_slots),
                                            MQ_INCLUDE(form_page_t, frame, mq_frame_slots),
                                            MQ_SLOTS_END};

static const mq_slot_t logout_slots[] = {MQ_LIST(form_page_t, also, also_slots, mq_beside_t),
                                         MQ_INCLUDE(form_page_t, frame, mq_frame_slots),
                                         MQ_SLOTS_END};

static const mq_page_t register_template = {"register.html", form_page_slots, .once = 1};
static const mq_page_t login_template = {"login.html", form_page_slots};
static const mq_page_t logout_template = {"logout.html", logout_slots};

/* The last two get their choices when the page is made. */
static const mq_field_t register_fields[REGISTER_FIELDS] = {
    {"tenantName", MQ_SAY("Organisation"), MQ_FIELD_LINE, 1, MQ_LIMIT_NAME, "organization",
     MQ_SAY("The name your staff will type to log in."), MQ_SAY("Enter the organisation's name."),
     offsetof(mq_tenant_new_t, tenant_name)},
    {"adminName", MQ_SAY("Your name"), MQ_FIELD_LINE, 1, MQ_LIMIT_NAME, "name", NULL,
     MQ_SAY("Enter your name."), offsetof(mq_tenant_new_t, admin_name)},
    {"adminEmail", MQ_SAY("E-mail address"), MQ_FIELD_EMAIL, 1, MQ_LIMIT_EMAIL, "username", NULL,
     MQ_SAY("Enter your e-mail address."), offsetof(mq_tenant_new_t, admin_email)},
    {"adminPassword", MQ_SAY("Password"), MQ_FIELD_NEW_PASSWORD, 1, MQ_LIMIT_PASSWORD,
     "new-password",
     MQ_SAY(
         "At least 12 characters. Several words in a row are easy to remember and hard to guess."),
     MQ_SAY("Choose a password."), offsetof(mq_tenant_new_t, admin_password)},
    {"dateFormat", MQ_SAY("Date format"), MQ_FIELD_SELECT, 2, LIMIT_CHOICE, "off", NULL, NULL,
     offsetof(mq_tenant_new_t, manners.date_format)},
    {"timeZone", MQ_SAY("Time zone"), MQ_FIELD_SELECT, 2, LIMIT_CHOICE, "off", NULL, NULL,
     offsetof(mq_tenant_new_t, manners.time_zone)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

typedef struct login_in_t {
    mq_sign_in_t sign_in;
    const char *next;
    const char *beside; /* the page has said that the present session stays */
} login_in_t;

static const mq_field_t login_fields[] = {
    {"tenantName", MQ_SAY("Organisation"), MQ_FIELD_LINE, 1, MQ_LIMIT_NAME, "organization", NULL,
     MQ_SAY("Enter the organisation's name."),
     offsetof(login_in_t, sign_in) + offsetof(mq_sign_in_t, tenant_name)},
    {"email", MQ_SAY("E-mail address"), MQ_FIELD_LINE, 1, MQ_LIMIT_EMAIL, "username", NULL,
     MQ_SAY("Enter your e-mail address."),
     offsetof(login_in_t, sign_in) + offsetof(mq_sign_in_t, email)},
    {"password", MQ_SAY("Password"), MQ_FIELD_PASSWORD, 1, MQ_LIMIT_PASSWORD, "current-password",
     NULL, MQ_SAY("Enter your password."),
     offsetof(login_in_t, sign_in) + offsetof(mq_sign_in_t, password)},
    {"next", MQ_SAY("Next page"), MQ_FIELD_HIDDEN, 0, MQ_LIMIT_PASSWORD, NULL, NULL, NULL,
     offsetof(login_in_t, next)},
    {"beside", MQ_SAY("Next page"), MQ_FIELD_HIDDEN, 0, 1, NULL, NULL, NULL,
     offsetof(login_in_t, beside)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

/* What another page has sent the person here with; nothing of the address is shown. */
static const char *notice_of(const mq_request_t *rq)
{
    const char *asked = mq_request_query(rq, "notice");
    if (asked && strcmp(asked, "password-set") == 0) {
        return mq_say(rq, "Your password is set. Log in with it.");
    }
    return asked && strcmp(asked, "ended") == 0
               ? mq_say(rq, "That session has ended. Log in there again.")
               : NULL;
}

/* Whether somebody who is logged in wants to be so in another organisation too: what they have been
 * told, their form says again. */
static int is_beside(const mq_request_t *rq)
{
    const char *said = rq->method == MQ_GET ? mq_request_query(rq, "beside")
                                            : mq_form_get(rq->form, "beside", NULL);
    return rq->session && said && *said;
}

/* The session that this browser acted with is over, those beside it may not be. */
static apr_status_t also_find(form_page_t *page, mq_request_t *rq)
{
    apr_array_header_t *beside;
    MQ_TRY(mq_beside_list(&beside, rq));
    page->also = (mq_list_t){beside->elts, beside->nelts};
    page->has_also = beside->nelts > 0;
    return APR_SUCCESS;
}

static apr_status_t form_show(mq_request_t *rq, int status, const mq_page_t *template,
                              const mq_form_t *form, const char *title, const char *form_error)
{
    form_page_t page = {.frame.title = mq_say(rq, title),
                        .frame.notice = rq->method == MQ_GET ? notice_of(rq) : NULL,
                        .form = mq_form_view(form, form_error),
                        .registration_open = rq->app->core->registration == MQ_REGISTRATION_OPEN};
    page.beside = template == &login_template && is_beside(rq);
    if (rq->method == MQ_GET && template == &login_template) {
        const char *next = mq_request_query(rq, "next");
        page.typed_is_kept = next && strcmp(next, "/parked") == 0;
        page.file_is_lost = mq_request_query(rq, "file") != NULL;
    }
    if (!rq->session && template == &login_template) {
        MQ_TRY(also_find(&page, rq));
    }
    return mq_page_show(rq, status, template, &page);
}

static apr_status_t register_show(mq_request_t *rq, int status, const mq_form_t *form)
{
    return form_show(rq, status, &register_template, form, "Create Organisation", NULL);
}

static apr_status_t login_show(mq_request_t *rq, int status, const mq_form_t *form,
                               const char *form_error)
{
    return form_show(rq, status, &login_template, form, MQ_SAY("Log in"), form_error);
}

static void set_retry(mq_request_t *rq, int seconds)
{
    apr_table_setn(rq->headers, "Retry-After", apr_itoa(rq->pool, seconds));
}

static const char *too_many(const mq_request_t *rq, int seconds)
{
    return mq_say_count(rq, "Too many attempts. Try again in %d second.",
                        "Too many attempts. Try again in %d seconds.", seconds);
}

/* Nobody's turn for the password came: what was typed stays in the form. */
static const char *say_busy(mq_request_t *rq)
{
    mq_failure_log_busy(rq);
    set_retry(rq, BUSY_SECONDS);
    return mq_say(rq, "The server is busy. What you typed is still here: try again in a few "
                      "seconds.");
}

static apr_status_t register_form(mq_form_t **form_out, mq_request_t *rq)
{
    const char *later = mq_say(rq, "Choose later, in the settings");
    mq_field_t *fields = apr_pmemdup(rq->pool, register_fields, sizeof register_fields);
    fields[REGISTER_FIELDS - 3].choices = mq_formats_offer(rq, later);
    MQ_TRY(mq_zones_offer(&fields[REGISTER_FIELDS - 2].choices, rq, later, NULL));
    *form_out = mq_form_make(rq, fields);
    return APR_SUCCESS;
}

static apr_status_t register_page(mq_request_t *rq)
{
    mq_form_t *form;
    if (rq->app->core->registration != MQ_REGISTRATION_OPEN) {
        rq->refusal = MQ_REFUSAL_CLOSED;
        return MQ_EDENIED;
    }
    MQ_TRY(register_form(&form, rq));
    return register_show(rq, 200, form);
}

/* Something of it must be: "..." is nobody's name. */
static int is_seen(const char *name, apr_pool_t *pool)
{
    const char *look;
    return mq_text_look_key(&look, name, pool) == APR_SUCCESS && *look;
}

/* Sent twice, by a double click or from a second tab: the second one leads where the first did. */
static apr_status_t register_again(mq_request_t *rq, mq_form_t *form, const mq_tenant_new_t *in)
{
    const mq_scope_t *sc;
    int wait;
    apr_status_t rv = mq_tenant_created_before(&sc, &wait, &rq->visit, in);
    if (rv == APR_SUCCESS && !mq_scope_has_second_factor(sc)) {
        MQ_TRY(mq_beside_hand_over(rq, sc));
        return mq_request_redirect(rq, "/dashboard");
    }
    if (rv != APR_SUCCESS && rv != MQ_ENOTFOUND && rv != MQ_EDENIED && rv != MQ_EBUSY &&
        rv != MQ_EFULL) {
        return rv;
    }
    mq_form_fault(form, "tenantName",
                  mq_say(rq, "There is an organisation of this name already. Choose another "
                             "name, or log in."));
    return register_show(rq, 422, form);
}

/* Why nothing was founded. */
static apr_status_t register_refuse(mq_request_t *rq, mq_form_t *form, const mq_tenant_new_t *in,
                                    apr_status_t rv, int wait, mq_password_verdict_t verdict)
{
    switch (rv) {
    case MQ_EBUSY:
        set_retry(rq, wait);
        return form_show(rq, 429, &register_template, form, "Create Organisation",
                         too_many(rq, wait));
    case MQ_EFULL:
        return form_show(rq, 503, &register_template, form, "Create Organisation", say_busy(rq));
    case MQ_EINVALID:
        mq_form_fault(form, "adminPassword", mq_password_verdict_text(rq, verdict));
        return register_show(rq, 422, form);
    case MQ_ECONFLICT:
        return register_again(rq, form, in);
    default:
        return rv;
    }
}

static apr_status_t register_post(mq_request_t *rq)
{
    mq_form_t *form;
    mq_password_verdict_t verdict = MQ_PASSWORD_GOOD;
    mq_tenant_new_t in = {0};
    int wait = 0;
    const mq_scope_t *sc;
    apr_status_t rv;
    if (rq->app->core->registration != MQ_REGISTRATION_OPEN) {
        rq->refusal = MQ_REFUSAL_CLOSED;
        return MQ_EDENIED;
    }
    MQ_TRY(register_form(&form, rq));
    MQ_TRY(mq_form_read(form, &in));
    if (!mq_form_faults(form) && !is_seen(in.tenant_name, rq->pool)) {
        mq_form_fault(form, "tenantName", mq_say(rq, register_fields[0].missing));
    }
    if (mq_form_faults(form)) {
        return register_show(rq, 422, form);
    }
    MQ_TRY(mq_once_read(rq, NULL));
    in.form = rq->once;
    rv =
        mq_request_seat(rq, NULL); /* or the organisation would be there, and its founder outside */
    if (rv == APR_SUCCESS) {
        rv = mq_tenant_create(&sc, &wait, &verdict, &rq->visit, &in);
    }
    if (rv != APR_SUCCESS) {
        return register_refuse(rq, form, &in, rv, wait, verdict);
    }
    MQ_TRY(mq_beside_hand_over(rq, sc));
    return mq_flash_redirect(
        rq, "/dashboard",
        mq_sayf(rq, "%s is created. You are its first administrator.", mq_scope_tenant_name(sc)));
}

/* The one that this browser was logged in to last. A cookie may hold anything. */
static const char *organisation_known(const mq_request_t *rq)
{
    const mq_field_rule_t rule = {MQ_FIELD_LINE, MQ_LIMIT_NAME, NULL};
    const char *name = mq_request_organisation(rq);
    return name && *name && mq_field_check(&rule, name, NULL, rq->pool) == MQ_FAULT_NONE ? name
                                                                                         : NULL;
}

/* next is a path of ours to go to afterwards. Two ways lead here: log_in_href.h. */
static apr_status_t login_page(mq_request_t *rq)
{
    const char *next = mq_request_query(rq, "next");
    const char *organisation = mq_log_in_organisation(rq);
    mq_form_t *form = mq_form_make(rq, login_fields);
    if (is_beside(rq)) {
        mq_form_set(form, "beside", "1");
    } else {
        organisation = organisation ? organisation : organisation_known(rq);
    }
    mq_form_set(form, "next",
                mq_path_is_ours(next) && strlen(next) <= MQ_LIMIT_PASSWORD ? next : NULL);
    mq_form_set(form, "tenantName", organisation);
    mq_form_focus(form, organisation ? "email" : "tenantName");
    return login_show(rq, 200, form, NULL);
}

/* The token is of one form alone, in one page: by it one that is sent twice is known. Create
 * Organisation has its own way (once.h). */
static void form_name(mq_request_t *rq)
{
    const char *token = mq_form_get(rq->form, "csrf_token", NULL);
    unsigned char *digest = apr_palloc(rq->pool, MQ_SHA256_LENGTH);
    if (token && mq_sha256(digest, token, strlen(token)) == APR_SUCCESS) {
        rq->visit.form = digest;
    }
}

static apr_status_t login_post(mq_request_t *rq)
{
    mq_form_t *form = mq_form_make(rq, login_fields);
    login_in_t in = {0};
    int wait = 0;
    const mq_scope_t *sc;
    apr_status_t rv;
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return login_show(rq, 422, form, NULL);
    }
    rv = mq_user_sign_in(&sc, &wait, &rq->visit, &in.sign_in);
    mq_refusal_tell(rq, "password", rv);
    if (rv == MQ_EBUSY) {
        set_retry(rq, wait);
        return login_show(rq, 429, form, too_many(rq, wait));
    }
    if (rv == MQ_EFULL) {
        return login_show(rq, 503, form, say_busy(rq));
    }
    if (rv == MQ_EDENIED) {
        return login_show(
            rq, 422, form,
            mq_say(rq, "Organisation, e-mail address or password is wrong. Check all three."));
    }
    if (rv == MQ_ENOTFOUND) {
        return mq_error_suspended(rq);
    }
    MQ_TRY(rv);
    if (mq_scope_has_second_factor(sc)) {
        return mq_code_ask(rq, sc, in.next, in.beside != NULL);
    }
    form_name(rq);
    MQ_TRY(in.beside ? mq_beside_log_in(rq, sc) : mq_beside_hand_over(rq, sc));
    return mq_request_redirect(rq, mq_parking_next(rq, sc, in.next));
}

static apr_status_t logout_page(mq_request_t *rq, const mq_scope_t *sc)
{
    form_page_t page = {.frame.title = mq_say(rq, "Log out")};
    (void)sc;
    MQ_TRY(also_find(&page, rq));
    return mq_page_show(rq, 200, &logout_template, &page);
}

static apr_status_t logout_post(mq_request_t *rq, const mq_scope_t *sc)
{
    apr_status_t rv = mq_session_end(&rq->visit, rq->session);
    (void)sc;
    MQ_TRY(mq_beside_end(rq));
    MQ_TRY(rv);
    MQ_TRY(mq_request_cookie_set(rq, MQ_COOKIE_NAME, ""));
    apr_table_setn(rq->headers, "Clear-Site-Data", "\"cache\", \"storage\"");
    return mq_request_redirect(rq, "/?notice=logged-out");
}

const mq_route_t mq_sign_in_routes[] = {
    {MQ_GET, "/register-tenant", .open = register_page, .page = &register_template},
    {MQ_POST, "/register-tenant", .open = register_post, .reviews = 1},
    {MQ_GET, "/login", .open = login_page, .page = &login_template},
    {MQ_POST, "/login", .open = login_post, .reviews = 1},
    {MQ_GET, "/login/{organisation}", .open = login_page},
    {MQ_GET, "/logout", MQ_ACTION_SIGN_OUT, logout_page, .page = &logout_template},
    {MQ_POST, "/logout", MQ_ACTION_SIGN_OUT, logout_post},
    MQ_ROUTES_END};

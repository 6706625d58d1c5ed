/* sign_in_pages.c -- the way in and the way out. Rules are in domain/organisations/tenants.c and
 * users.c. */
#include "web/access/sign_in_pages.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/organisations/tenants.h"
#include "domain/access/sign_in.h"
#include "web/error_pages.h"
#include "web/form.h"
#include "web/people/invitation_pages.h"
#include "web/access/parking_pages.h"
#include "web/access/two_factor_pages.h"

typedef struct form_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
    int registration_open;
    int typed_is_kept;
    int file_is_lost;
} form_page_t;

static const mq_slot_t form_page_slots[] = {MQ_FLAG(form_page_t, registration_open),
                                            MQ_FLAG(form_page_t, typed_is_kept),
                                            MQ_FLAG(form_page_t, file_is_lost),
                                            MQ_INCLUDE(form_page_t, form, mq_form_slots),
                                            MQ_INCLUDE(form_page_t, frame, mq_frame_slots),
                                            MQ_SLOTS_END};

static const mq_slot_t logout_slots[] = {MQ_INCLUDE(form_page_t, frame, mq_frame_slots),
                                         MQ_SLOTS_END};

const mq_page_t mq_register_page_template = {"register.html", form_page_slots};
const mq_page_t mq_login_page_template = {"login.html", form_page_slots};
const mq_page_t mq_logout_page_template = {"logout.html", logout_slots};

static const mq_field_t register_fields[] = {
    {"tenantName", "Organisation", MQ_FIELD_LINE, 1, MQ_LIMIT_NAME, "organization",
     "The name that your people type when they log in.", "Enter the organisation's name.",
     offsetof(mq_tenant_new_t, tenant_name)},
    {"adminName", "Your name", MQ_FIELD_LINE, 1, MQ_LIMIT_NAME, "name", NULL, "Enter your name.",
     offsetof(mq_tenant_new_t, admin_name)},
    {"adminEmail", "E-mail address", MQ_FIELD_EMAIL, 1, MQ_LIMIT_EMAIL, "username", NULL,
     "Enter your e-mail address.", offsetof(mq_tenant_new_t, admin_email)},
    {"adminPassword", "Password", MQ_FIELD_NEW_PASSWORD, 1, MQ_LIMIT_PASSWORD, "new-password",
     "At least 12 characters. Several words in a row are easy to remember and hard to guess.",
     "Choose a password.", offsetof(mq_tenant_new_t, admin_password)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

typedef struct login_in_t {
    mq_sign_in_t sign_in;
    const char *next;
} login_in_t;

static const mq_field_t login_fields[] = {
    {"tenantName", "Organisation", MQ_FIELD_LINE, 1, MQ_LIMIT_NAME, "organization", NULL,
     "Enter the organisation's name.",
     offsetof(login_in_t, sign_in) + offsetof(mq_sign_in_t, tenant_name)},
    {"email", "E-mail address", MQ_FIELD_LINE, 1, MQ_LIMIT_EMAIL, "username", NULL,
     "Enter your e-mail address.", offsetof(login_in_t, sign_in) + offsetof(mq_sign_in_t, email)},
    {"password", "Password", MQ_FIELD_PASSWORD, 1, MQ_LIMIT_PASSWORD, "current-password", NULL,
     "Enter your password.", offsetof(login_in_t, sign_in) + offsetof(mq_sign_in_t, password)},
    {"next", "Next page", MQ_FIELD_HIDDEN, 0, MQ_LIMIT_PASSWORD, NULL, NULL, NULL,
     offsetof(login_in_t, next)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

/* What another page has sent the person here with; nothing of the address is shown. */
static const char *notice_of(const mq_request_t *rq)
{
    const char *asked = mq_request_query(rq, "notice");
    return asked && strcmp(asked, "password-set") == 0
               ? mq_say(rq, "Your password is set. Log in with it.")
               : NULL;
}

static apr_status_t form_show(mq_request_t *rq, int status, const mq_page_t *template,
                              const mq_form_t *form, const char *title, const char *form_error)
{
    form_page_t page = {.frame.title = mq_say(rq, title),
                        .frame.notice = rq->method == MQ_GET ? notice_of(rq) : NULL,
                        .form = mq_form_view(form, form_error),
                        .registration_open = rq->app->core->registration == MQ_REGISTRATION_OPEN};
    if (rq->method == MQ_GET && template == &mq_login_page_template) {
        const char *next = mq_request_query(rq, "next");
        page.typed_is_kept = next && strcmp(next, "/parked") == 0;
        page.file_is_lost = mq_request_query(rq, "file") != NULL;
    }
    return mq_page_show(rq, status, template, &page);
}

static apr_status_t register_show(mq_request_t *rq, int status, const mq_form_t *form)
{
    return form_show(rq, status, &mq_register_page_template, form, "Create Organisation", NULL);
}

static apr_status_t login_show(mq_request_t *rq, int status, const mq_form_t *form,
                               const char *form_error)
{
    return form_show(rq, status, &mq_login_page_template, form, "Log in", form_error);
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

apr_status_t mq_register_page(mq_request_t *rq)
{
    if (rq->app->core->registration != MQ_REGISTRATION_OPEN) {
        return MQ_EDENIED;
    }
    return register_show(rq, 200, mq_form_make(rq, register_fields));
}

apr_status_t mq_register_post(mq_request_t *rq)
{
    mq_form_t *form = mq_form_make(rq, register_fields);
    mq_password_verdict_t verdict;
    mq_tenant_new_t in = {0};
    int wait = 0;
    const mq_scope_t *sc;
    apr_status_t rv;
    if (rq->app->core->registration != MQ_REGISTRATION_OPEN) {
        return MQ_EDENIED;
    }
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return register_show(rq, 422, form);
    }
    rv = mq_tenant_create(&sc, &wait, &verdict, &rq->visit, &in);
    if (rv == MQ_EBUSY) {
        set_retry(rq, wait);
        return form_show(rq, 429, &mq_register_page_template, form, "Create Organisation",
                         too_many(rq, wait));
    }
    if (rv == MQ_EINVALID) {
        mq_form_fault(form, "adminPassword", mq_password_verdict_text(rq, verdict));
        return register_show(rq, 422, form);
    }
    if (rv == MQ_ECONFLICT) {
        mq_form_fault(form, "tenantName",
                      mq_say(rq, "There is an organisation of this name already. Choose another "
                                 "name, or log in."));
        return register_show(rq, 422, form);
    }
    MQ_TRY(rv);
    MQ_TRY(mq_request_sign_in(rq, sc));
    return mq_request_redirect(rq, "/dashboard");
}

apr_status_t mq_login_page(mq_request_t *rq)
{
    const char *next = mq_request_query(rq, "next");
    mq_form_t *form = mq_form_make(rq, login_fields);
    mq_form_set(form, "next", mq_is_path_of_ours(next) ? next : NULL);
    return login_show(rq, 200, form, NULL);
}

apr_status_t mq_login_post(mq_request_t *rq)
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
    if (rv == MQ_EBUSY) {
        set_retry(rq, wait);
        return login_show(rq, 429, form, too_many(rq, wait));
    }
    if (rv == MQ_EDENIED) {
        return login_show(rq, 422, form,
                          mq_say(rq, "Organisation, e-mail address and password do not fit "
                                     "together. Check all three, then try again."));
    }
    if (rv == MQ_ENOTFOUND) {
        return mq_error_suspended(rq);
    }
    MQ_TRY(rv);
    if (mq_scope_has_second_factor(sc)) {
        return mq_code_ask(rq, sc, in.next);
    }
    if (rq->session) { /* the browser changes hands: the former session is over */
        MQ_TRY(mq_session_end(&rq->visit, rq->session));
    }
    MQ_TRY(mq_request_sign_in(rq, sc));
    return mq_request_redirect(rq, mq_parking_next(rq, sc, in.next));
}

apr_status_t mq_logout_page(mq_request_t *rq, const mq_scope_t *sc)
{
    form_page_t page = {.frame.title = mq_say(rq, "Log out")};
    (void)sc;
    return mq_page_show(rq, 200, &mq_logout_page_template, &page);
}

apr_status_t mq_logout_post(mq_request_t *rq, const mq_scope_t *sc)
{
    (void)sc;
    MQ_TRY(mq_session_end(&rq->visit, rq->session));
    MQ_TRY(mq_request_cookie_set(rq, MQ_COOKIE_NAME, ""));
    apr_table_setn(rq->headers, "Clear-Site-Data", "\"cache\", \"storage\"");
    return mq_request_redirect(rq, "/");
}

/* password_link_pages.c -- links that set a password: asked for by their owner, or made by an
 * administrator. Rules are in domain/access/password_changes.c. */

#include <apr_strings.h>

#include "domain/access/password_changes.h"
#include "web/access/password_page.h"
#include "web/mail_links.h"
#include "web/people/invitation_pages.h"
#include "web/route_tables.h"

typedef struct ask_in_t {
    const char *tenant_name;
    const char *email;
} ask_in_t;

static const mq_field_t ask_fields[] = {
    {"tenantName", MQ_SAY("Organisation"), MQ_FIELD_LINE, 1, MQ_LIMIT_NAME, "organization", NULL,
     MQ_SAY("Enter the organisation's name."), offsetof(ask_in_t, tenant_name)},
    {"email", MQ_SAY("E-mail address"), MQ_FIELD_EMAIL, 1, MQ_LIMIT_EMAIL, "username", NULL,
     MQ_SAY("Enter your e-mail address."), offsetof(ask_in_t, email)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

typedef struct reset_in_t {
    const char *password;
} reset_in_t;

static const mq_field_t reset_fields[] = {
    {"password", MQ_SAY("New password"), MQ_FIELD_NEW_PASSWORD, 1, MQ_LIMIT_PASSWORD,
     "new-password", MQ_NEW_PASSWORD_HINT, MQ_SAY("Choose a password."),
     offsetof(reset_in_t, password)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static apr_status_t ask_show(mq_request_t *rq, int status, const mq_form_t *form, const char *said)
{
    mq_password_page_t page = {
        .frame.title = mq_say(rq, "Forgotten password"),
        .form = mq_form_view(form, NULL),
        .action = "/password-reset",
        .said = said,
        .button = mq_say(rq, "Send the link"),
        .lead = rq->visit.core->mail
                    ? mq_say(rq, "A link to set a new password goes to the address of the account.")
                    : mq_say(rq, "This server sends no e-mail. An administrator of your "
                                 "organisation can create a link for you.")};
    return mq_page_show(rq, status, &mq_password_template, &page);
}

static apr_status_t reset_ask_page(mq_request_t *rq)
{
    return ask_show(rq, 200, mq_form_make(rq, ask_fields), NULL);
}

static void mail_reset(const mq_request_t *rq, const mq_reset_asked_t *asked,
                       const char *tenant_name)
{
    const char *lead = apr_pstrcat(
        rq->pool,
        mq_sayf(rq, "Somebody asked for a new password for your account at %s.", tenant_name), "\n",
        mq_say(rq, "If it was you, open this link within 30 minutes:"), NULL);
    (void)mq_link_mail(rq, asked->email, mq_say(rq, "A new password for MedSynQ"), lead,
                       apr_pstrcat(rq->pool, "/password-reset/", asked->token, NULL),
                       mq_say(rq, "If it was not you, ignore this e-mail."), asked->is_meant);
}

/* The answer is the same whether there is such an account or not, and so is what it takes. */
static apr_status_t reset_ask_post(mq_request_t *rq)
{
    mq_form_t *form = mq_form_make(rq, ask_fields);
    ask_in_t in = {0};
    mq_reset_asked_t asked;
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return ask_show(rq, 422, form, NULL);
    }
    if (rq->visit.core->mail) {
        apr_status_t rv = mq_reset_ask(&asked, &rq->visit, in.tenant_name, in.email);
        if (rv == MQ_EBUSY) {
            apr_table_setn(rq->headers, "Retry-After", apr_itoa(rq->pool, asked.wait));
            mq_form_fault(form, "email",
                          mq_say_count(rq, "Too many attempts. Try again in %d second.",
                                       "Too many attempts. Try again in %d seconds.", asked.wait));
            return ask_show(rq, 429, form, NULL);
        }
        MQ_TRY(rv);
        mail_reset(rq, &asked, in.tenant_name);
    }
    return ask_show(
        rq, 200, form,
        mq_say(
            rq,
            "If there is such an account and this server sends e-mail, a link is on its way. It "
            "works for 30 minutes. Otherwise ask an administrator of your organisation for one."));
}

static apr_status_t reset_show(mq_request_t *rq, int status, const mq_form_t *form)
{
    mq_password_page_t page = {.frame.title = mq_say(rq, "New password"),
                               .form = mq_form_view(form, NULL),
                               .button = mq_say(rq, "Set the password")};
    mq_reset_t reset;
    apr_status_t rv = mq_reset_open(&reset, &rq->visit, rq->captures[0]);
    if (rv == MQ_ENOTFOUND) {
        page.problem = mq_say(rq, "This link no longer works: it works once, within 30 minutes, "
                                  "until a newer one is created. Ask for a new one.");
        return mq_page_show(rq, 404, &mq_password_template, &page);
    }
    MQ_TRY(rv);
    page.action = apr_pstrcat(rq->pool, "/password-reset/", rq->captures[0], NULL);
    page.whose = apr_pstrcat(rq->pool, reset.email, ", ", reset.tenant_name, NULL);
    return mq_page_show(rq, status, &mq_password_template, &page);
}

static apr_status_t reset_page(mq_request_t *rq)
{
    return reset_show(rq, 200, mq_form_make(rq, reset_fields));
}

static apr_status_t reset_post(mq_request_t *rq)
{
    mq_form_t *form = mq_form_make(rq, reset_fields);
    mq_password_verdict_t verdict;
    reset_in_t in = {0};
    apr_status_t rv;
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return reset_show(rq, 422, form);
    }
    rv = mq_reset_finish(&verdict, &rq->visit, rq->captures[0], in.password);
    if (rv == MQ_EINVALID) {
        mq_form_fault(form, "password", mq_password_verdict_text(rq, verdict));
    }
    if (rv == MQ_EINVALID || rv == MQ_ENOTFOUND) {
        return reset_show(rq, 422, form);
    }
    MQ_TRY(rv);
    return mq_request_redirect(rq, "/login?notice=password-set");
}

const mq_route_t mq_password_link_routes[] = {
    {MQ_GET, "/password-reset", .open = reset_ask_page, .page = &mq_password_template},
    {MQ_POST, "/password-reset", .open = reset_ask_post, .reviews = 1},
    {MQ_GET, "/password-reset/{token}", .open = reset_page, .page = &mq_password_template},
    {MQ_POST, "/password-reset/{token}", .open = reset_post, .reviews = 1},
    MQ_ROUTES_END};

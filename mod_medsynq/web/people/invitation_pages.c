/* invitation_pages.c -- accepting an invitation. Rules are in domain/people/invitations.c. */
#include "web/people/invitation_pages.h"

#include <apr_strings.h>

#include "domain/people/invitations.h"
#include "web/access/beside.h"
#include "web/access/log_in_href.h"
#include "web/flash.h"
#include "web/form.h"
#include "web/mail_links.h"
#include "web/people/roles_field.h"
#include "web/route_tables.h"

typedef struct invitation_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
    const char *action;
    const char *log_in_href;
    const char *log_in; /* the same, to be written down */
    const char *organisation;
    const char *email;
    const char *roles_text;
    const char *problem;
} invitation_page_t;

static const mq_slot_t slots[] = {MQ_TEXT(invitation_page_t, action),
                                  MQ_TEXT(invitation_page_t, log_in_href),
                                  MQ_TEXT(invitation_page_t, log_in),
                                  MQ_TEXT(invitation_page_t, organisation),
                                  MQ_TEXT(invitation_page_t, email),
                                  MQ_TEXT(invitation_page_t, roles_text),
                                  MQ_TEXT(invitation_page_t, problem),
                                  MQ_INCLUDE(invitation_page_t, form, mq_form_slots),
                                  MQ_INCLUDE(invitation_page_t, frame, mq_frame_slots),
                                  MQ_SLOTS_END};

static const mq_page_t invitation_template = {"invitation.html", slots};

typedef struct accept_in_t {
    const char *name;
    const char *password;
} accept_in_t;

static const mq_field_t accept_fields[] = {
    {"name", MQ_SAY("Your name"), MQ_FIELD_LINE, 0, MQ_LIMIT_NAME, "name", NULL, NULL,
     offsetof(accept_in_t, name)},
    {"password", MQ_SAY("Password"), MQ_FIELD_NEW_PASSWORD, 1, MQ_LIMIT_PASSWORD, "new-password",
     MQ_SAY(
         "At least 12 characters. Several words in a row are easy to remember and hard to guess."),
     MQ_SAY("Choose a password."), offsetof(accept_in_t, password)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

const char *mq_password_verdict_text(const mq_request_t *rq, mq_password_verdict_t verdict)
{
    return verdict == MQ_PASSWORD_NAMED
               ? mq_say(rq, "This password is little more than your own name, address or "
                            "organisation. Choose one that nobody can guess who knows you.")
               : mq_say(rq, "This password is among those that attackers try first. Choose "
                            "several words that do not belong together.");
}

static const char *state_problem(const mq_request_t *rq, mq_invitation_state_t state)
{
    switch (state) {
    case MQ_INVITATION_PENDING:
        return NULL;
    case MQ_INVITATION_ACCEPTED:
        return mq_say(rq, "This invitation has been accepted already. Log in with the password "
                          "that you chose.");
    case MQ_INVITATION_EXPIRED:
        return mq_say(rq, "This invitation has expired. Ask your administrator for a new one.");
    case MQ_INVITATION_REVOKED:
    default:
        return mq_say(rq, "This invitation has been withdrawn. Ask your administrator for a new "
                          "one.");
    }
}

static apr_status_t invitation_show(mq_request_t *rq, int status, mq_form_t *form)
{
    invitation_page_t page = {.frame.title = mq_say(rq, "Invitation")};
    mq_invitation_t invitation;
    const mq_scope_t *sc;
    MQ_TRY(mq_invitation_open(&invitation, &sc, &rq->visit, rq->captures[0]));
    page.problem = state_problem(rq, invitation.state);
    page.organisation = mq_scope_tenant_name(sc);
    page.log_in_href = mq_log_in_href(rq, mq_scope_tenant_name(sc));
    page.log_in = mq_request_url(rq, page.log_in_href);
    page.email = invitation.email;
    page.roles_text = mq_roles_text(rq, invitation.roles);
    page.action = apr_pstrcat(rq->pool, "/invitations/", rq->captures[0], NULL);
    if (rq->method == MQ_GET) {
        mq_form_set(form, "name", invitation.name);
    }
    page.form = mq_form_view(form, NULL);
    return mq_page_show(rq, page.problem ? 409 : status, &invitation_template, &page);
}

static apr_status_t invitation_page(mq_request_t *rq)
{
    return invitation_show(rq, 200, mq_form_make(rq, accept_fields));
}

/* Makes the account and signs in. */
static apr_status_t invitation_post(mq_request_t *rq)
{
    mq_form_t *form = mq_form_make(rq, accept_fields);
    mq_password_verdict_t verdict;
    accept_in_t in = {0};
    mq_invitation_t invitation;
    const mq_scope_t *sc;
    apr_status_t rv;
    MQ_TRY(mq_form_read(form, &in));
    MQ_TRY(mq_invitation_open(&invitation, &sc, &rq->visit, rq->captures[0]));
    if (mq_form_faults(form) || invitation.state != MQ_INVITATION_PENDING) {
        return invitation_show(rq, 422, form);
    }
    MQ_TRY(mq_request_seat(rq, sc)); /* the link works once */
    rv = mq_invitation_accept(&sc, &verdict, &rq->visit, rq->captures[0],
                              in.name ? in.name : invitation.name, in.password);
    if (rv == MQ_EINVALID) {
        mq_form_fault(form, "password", mq_password_verdict_text(rq, verdict));
        return invitation_show(rq, 422, form);
    }
    MQ_TRY(rv);
    MQ_TRY(mq_beside_hand_over(rq, sc));
    return mq_flash_redirect(rq, "/dashboard",
                             mq_sayf(rq, "Your account with %s is ready, and you are logged in.",
                                     mq_scope_tenant_name(sc)));
}

const mq_route_t mq_invitation_routes[] = {
    {MQ_GET, "/invitations/{token}", .open = invitation_page, .page = &invitation_template},
    {MQ_POST, "/invitations/{token}", .open = invitation_post, .reviews = 1},
    MQ_ROUTES_END};

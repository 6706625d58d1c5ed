/* account_pages.c -- one's own account, and changing its password, knowing the old one. Rules are
 * in domain/access/password_changes.c. */

#include <apr_strings.h>

#include "domain/access/password_changes.h"
#include "web/access/beside.h"
#include "web/access/parking_pages.h"
#include "web/access/password_page.h"
#include "web/flash.h"
#include "web/organisations/organisation_pages.h"
#include "web/people/invitation_pages.h"
#include "web/people/roles_field.h"
#include "web/refusals.h"
#include "web/route_tables.h"

typedef struct account_page_t {
    mq_frame_t frame;
    const char *roles_text;
    mq_form_view_t form; /* the language */
    int has_parked;
    mq_list_t beside;
} account_page_t;

static const mq_slot_t beside_slots[] = {MQ_TEXT(mq_beside_t, id),
                                         MQ_TEXT(mq_beside_t, organisation), MQ_SLOTS_END};

static const mq_slot_t account_slots[] = {
    MQ_LIST(account_page_t, beside, beside_slots, mq_beside_t),
    MQ_TEXT(account_page_t, roles_text),
    MQ_FLAG(account_page_t, has_parked),
    MQ_INCLUDE(account_page_t, form, mq_form_slots),
    MQ_INCLUDE(account_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t account_template = {"account.html", account_slots};

typedef struct change_in_t {
    const char *old_password;
    const char *password;
} change_in_t;

static const mq_field_t change_fields[] = {
    {"old_password", MQ_SAY("Current password"), MQ_FIELD_PASSWORD, 1, MQ_LIMIT_PASSWORD,
     "current-password", NULL, MQ_SAY("Enter your current password."),
     offsetof(change_in_t, old_password)},
    {"password", MQ_SAY("New password"), MQ_FIELD_NEW_PASSWORD, 1, MQ_LIMIT_PASSWORD,
     "new-password", MQ_NEW_PASSWORD_HINT, MQ_SAY("Choose a password."),
     offsetof(change_in_t, password)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static apr_status_t account_page(mq_request_t *rq, const mq_scope_t *sc)
{
    account_page_t page = {.frame.title = mq_say(rq, "Your account"),
                           .form = mq_form_view(mq_language_form(rq, sc), NULL)};
    apr_array_header_t *beside;
    mq_flash_t flash;
    MQ_TRY(mq_beside_list(&beside, rq));
    page.beside = (mq_list_t){beside->elts, beside->nelts};
    page.has_parked = mq_parking_has(rq, sc);
    page.roles_text = mq_roles_text(rq, mq_scope_roles(sc));
    MQ_TRY(mq_flash_take(&flash, rq));
    page.frame.notice = flash.notice;
    return mq_page_show(rq, 200, &account_template, &page);
}

static apr_status_t change_show(mq_request_t *rq, int status, const mq_form_t *form)
{
    mq_password_page_t page = {
        .frame.title = mq_say(rq, "Change password"),
        .form = mq_form_view(form, NULL),
        .action = "/account/password",
        .button = mq_say(rq, "Change password"),
        .lead = mq_say(rq, "All your other sessions, on other devices too, will end.")};
    return mq_page_show(rq, status, &mq_password_template, &page);
}

static apr_status_t password_page(mq_request_t *rq, const mq_scope_t *sc)
{
    (void)sc;
    return change_show(rq, 200, mq_form_make(rq, change_fields));
}

static apr_status_t password_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, change_fields);
    mq_password_verdict_t verdict;
    change_in_t in = {0};
    int wait = 0;
    apr_status_t rv;
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return change_show(rq, 422, form);
    }
    MQ_TRY(mq_request_seat(rq, NULL));
    rv = mq_password_change(&verdict, &wait, &rq->visit, sc, in.old_password, in.password);
    mq_refusal_tell(rq, "password", rv);
    if (rv == MQ_EBUSY) {
        apr_table_setn(rq->headers, "Retry-After", apr_itoa(rq->pool, wait));
        mq_form_fault(form, "old_password",
                      mq_say_count(rq, "Too many attempts. Try again in %d second.",
                                   "Too many attempts. Try again in %d seconds.", wait));
        return change_show(rq, 429, form);
    }
    if (rv == MQ_EDENIED) {
        mq_form_fault(form, "old_password", mq_say(rq, "This is not your current password."));
        return change_show(rq, 422, form);
    }
    if (rv == MQ_EINVALID) {
        mq_form_fault(form, "password", mq_password_verdict_text(rq, verdict));
        return change_show(rq, 422, form);
    }
    MQ_TRY(rv);
    MQ_TRY(mq_request_sign_in(rq, sc)); /* all sessions have ended: a new one */
    return mq_flash_redirect(
        rq, "/account", mq_say(rq, "The password is changed. Your other sessions have ended."));
}

const mq_route_t mq_account_routes[] = {
    {MQ_GET, "/account", MQ_ACTION_ACCOUNT_VIEW, account_page, .page = &account_template},
    {MQ_GET, "/account/password", MQ_ACTION_PASSWORD_CHANGE, password_page,
     .page = &mq_password_template},
    {MQ_POST, "/account/password", MQ_ACTION_PASSWORD_CHANGE, password_post, .reviews = 1},
    MQ_ROUTES_END};

/* people_pages.c -- the list of people, and inviting them. One person's page is person_pages.c's;
 * rules are in domain/people/accounts.c and domain/people/invitations.c. */

#include <apr_strings.h>

#include "domain/people/invitations.h"
#include "domain/people/accounts.h"
#include "domain/policy.h"
#include "web/dates.h"
#include "web/access/log_in_href.h"
#include "web/access/proof.h"
#include "web/flash.h"
#include "web/mail_links.h"
#include "web/paging.h"
#include "web/people/roles_field.h"
#include "web/route_tables.h"

typedef struct person_t {
    const char *id;
    const char *name;
    const char *email;
    const char *roles_text;
    int is_disabled;
    int has_two_factor;
} person_t;

static const mq_slot_t person_slots[] = {MQ_TEXT(person_t, id),
                                         MQ_TEXT(person_t, name),
                                         MQ_TEXT(person_t, email),
                                         MQ_TEXT(person_t, roles_text),
                                         MQ_FLAG(person_t, is_disabled),
                                         MQ_FLAG(person_t, has_two_factor),
                                         MQ_SLOTS_END};

typedef struct invitation_t {
    const char *id;
    const char *name;
    const char *email;
    const char *roles_text;
    const char *state_text;
    const char *expires_text;
    int is_pending;
} invitation_t;

static const mq_slot_t invitation_slots[] = {
    MQ_TEXT(invitation_t, id),         MQ_TEXT(invitation_t, name),
    MQ_TEXT(invitation_t, email),      MQ_TEXT(invitation_t, roles_text),
    MQ_TEXT(invitation_t, state_text), MQ_TEXT(invitation_t, expires_text),
    MQ_FLAG(invitation_t, is_pending), MQ_SLOTS_END};

typedef struct policy_row_t {
    const char *label;
    int administrator;
    int clinician;
    int front_desk;
    int auditor;
} policy_row_t;

static const mq_slot_t policy_slots[] = {
    MQ_TEXT(policy_row_t, label),     MQ_FLAG(policy_row_t, administrator),
    MQ_FLAG(policy_row_t, clinician), MQ_FLAG(policy_row_t, front_desk),
    MQ_FLAG(policy_row_t, auditor),   MQ_SLOTS_END};

typedef struct users_page_t {
    mq_frame_t frame;
    mq_list_t people;
    mq_list_t invitations;
    mq_list_t policies;
    const char *link;
    const char *log_in; /* the address at which they do */
    mq_paging_t paging;
    const char *older_href; /* invitations */
} users_page_t;

static const mq_slot_t users_slots[] = {
    MQ_LIST(users_page_t, people, person_slots, person_t),
    MQ_LIST(users_page_t, invitations, invitation_slots, invitation_t),
    MQ_LIST(users_page_t, policies, policy_slots, policy_row_t),
    MQ_TEXT(users_page_t, link),
    MQ_TEXT(users_page_t, log_in),
    MQ_INCLUDE(users_page_t, paging, mq_paging_slots),
    MQ_TEXT(users_page_t, older_href),
    MQ_INCLUDE(users_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

typedef struct invite_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
    mq_roles_view_t roles;
} invite_page_t;

static const mq_slot_t invite_slots[] = {MQ_INCLUDE(invite_page_t, form, mq_form_slots),
                                         MQ_INCLUDE(invite_page_t, roles, mq_roles_slots),
                                         MQ_INCLUDE(invite_page_t, frame, mq_frame_slots),
                                         MQ_SLOTS_END};

static const mq_page_t users_template = {"users.html", users_slots};
static const mq_page_t invite_template = {"user_invite.html", invite_slots, 1};

typedef struct invite_in_t {
    const char *name;
    const char *email;
    const char *password;
} invite_in_t;

static const mq_field_t invite_fields[] = {
    {"name", MQ_SAY("Name"), MQ_FIELD_LINE, 1, MQ_LIMIT_NAME, "off", NULL,
     MQ_SAY("Enter the person's name."), offsetof(invite_in_t, name)},
    {"email", MQ_SAY("E-mail address"), MQ_FIELD_EMAIL, 1, MQ_LIMIT_EMAIL, "off",
     MQ_SAY("The person logs in with it."), MQ_SAY("Enter the person's e-mail address."),
     offsetof(invite_in_t, email)},
    MQ_PROOF_FIELD(invite_in_t, password, MQ_SAY("Your own password"), NULL), /* after the roles */
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static person_t person_draw(const mq_request_t *rq, const mq_person_t *person)
{
    return (person_t){.id = mq_id_text(&person->id, rq->pool),
                      .name = person->name,
                      .email = person->email,
                      .roles_text = mq_roles_text(rq, person->roles),
                      .is_disabled = person->status == MQ_PERSON_DISABLED,
                      .has_two_factor = person->has_second_factor};
}

static mq_list_t people_draw(const mq_request_t *rq, const apr_array_header_t *people)
{
    person_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(people->nelts + 1));
    for (int i = 0; i < people->nelts; i++) {
        rows[i] = person_draw(rq, &APR_ARRAY_IDX(people, i, mq_person_t));
    }
    return (mq_list_t){rows, people->nelts};
}

static const char *state_text(const mq_request_t *rq, mq_invitation_state_t state)
{
    switch (state) {
    case MQ_INVITATION_PENDING:
        return mq_say(rq, "pending");
    case MQ_INVITATION_ACCEPTED:
        return mq_say(rq, "accepted");
    case MQ_INVITATION_REVOKED:
        return mq_say(rq, "revoked");
    case MQ_INVITATION_EXPIRED:
    default:
        return mq_say(rq, "expired");
    }
}

static mq_list_t invitations_draw(const mq_request_t *rq, const apr_array_header_t *list)
{
    invitation_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(list->nelts + 1));
    for (int i = 0; i < list->nelts; i++) {
        const mq_invitation_t *in = &APR_ARRAY_IDX(list, i, mq_invitation_t);
        rows[i] = (invitation_t){.id = mq_id_text(&in->id, rq->pool),
                                 .name = in->name,
                                 .email = in->email,
                                 .roles_text = mq_roles_text(rq, in->roles),
                                 .state_text = state_text(rq, in->state),
                                 .expires_text = mq_time_say(rq, in->expires_at),
                                 .is_pending = in->state == MQ_INVITATION_PENDING};
    }
    return (mq_list_t){rows, list->nelts};
}

/* Neither medsynqctl's alone nor everybody's: what tells the roles apart. */
static int is_some_roles(const mq_policy_t *row)
{
    return (row->roles & MQ_ROLES_ALL) != 0 && (row->roles & MQ_ROLES_ALL) != MQ_ROLES_ALL;
}

static mq_list_t policies_draw(const mq_request_t *rq)
{
    const mq_policy_t *policies = mq_policies();
    policy_row_t *rows;
    int count = 0;
    while (policies[count].name) {
        count++;
    }
    rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(count + 1));
    count = 0;
    for (const mq_policy_t *row = policies; row->name; row++) {
        if (is_some_roles(row)) {
            rows[count++] = (policy_row_t){
                mq_say(rq, row->label), (row->roles & MQ_ROLE_ADMIN) != 0,
                (row->roles & MQ_ROLE_CLINICIAN) != 0, (row->roles & MQ_ROLE_FRONT_DESK) != 0,
                (row->roles & MQ_ROLE_AUDITOR) != 0};
        }
    }
    return (mq_list_t){rows, count};
}

/* The link is shown once: the answer to the first sending may not have been seen. */
static const char *invited_before_say(const mq_request_t *rq)
{
    return mq_request_query(rq, "invited")
               ? mq_say(rq, "This person was invited already when the form came again. If you have "
                            "not seen the link, invite them anew: the earlier link ends then.")
               : NULL;
}

static apr_status_t people_paging(mq_paging_t *paging_out, const mq_request_t *rq,
                                  const mq_scope_t *sc, const apr_array_header_t *people,
                                  int has_next)
{
    const mq_id_t *last =
        has_next ? &APR_ARRAY_IDX(people, people->nelts - 1, mq_person_t).id : NULL;
    apr_int64_t total;
    *paging_out = mq_paging(rq, "/users", "after", last ? mq_id_text(last, rq->pool) : NULL,
                            people->nelts, mq_say(rq, "Next page"));
    if (paging_out->place) { /* a list of one page is not counted */
        MQ_TRY(mq_people_total(&total, sc));
        paging_out->place = mq_paging_place(rq, mq_paging_shown(rq, !mq_request_query(rq, "after")),
                                            people->nelts, total);
    }
    return APR_SUCCESS;
}

static apr_status_t users_page(mq_request_t *rq, const mq_scope_t *sc)
{
    users_page_t page = {.frame.title = mq_say(rq, "Staff"), .policies = policies_draw(rq)};
    apr_array_header_t *people;
    apr_array_header_t *invitations;
    mq_flash_t flash;
    const mq_id_t *after;
    const mq_id_t *before;
    int has_next;
    int has_older;
    MQ_TRY(mq_paging_read(&after, rq, "after"));
    MQ_TRY(mq_paging_read(&before, rq, "invited_before"));
    MQ_TRY(mq_people_page(&people, &has_next, sc, after));
    MQ_TRY(mq_invitations_page(&invitations, &has_older, sc, before));
    MQ_TRY(mq_flash_take(&flash, rq));
    page.people = people_draw(rq, people);
    page.invitations = invitations_draw(rq, invitations);
    page.frame.notice = flash.notice ? flash.notice : invited_before_say(rq);
    page.link = flash.link ? mq_request_url(rq, flash.link) : NULL;
    page.log_in = mq_request_url(rq, mq_log_in_href(rq, mq_scope_tenant_name(sc)));
    MQ_TRY(people_paging(&page.paging, rq, sc, people, has_next));
    if (has_older) {
        const mq_invitation_t *last =
            &APR_ARRAY_IDX(invitations, invitations->nelts - 1, mq_invitation_t);
        page.older_href =
            mq_paging_href_id(rq, "/users", "invited_before", &last->id, "#invitations");
    }
    return mq_page_show(rq, 200, &users_template, &page);
}

static apr_status_t invite_show(mq_request_t *rq, int status, const mq_form_t *form, int roles,
                                const char *roles_error)
{
    invite_page_t page = {.frame.title = mq_say(rq, "Invite a person"),
                          .form = mq_form_view(form, roles_error),
                          .roles = mq_roles_draw(rq, roles, roles_error)};
    return mq_page_show(rq, status, &invite_template, &page);
}

static apr_status_t invite_page(mq_request_t *rq, const mq_scope_t *sc)
{
    (void)sc;
    return invite_show(rq, 200, mq_form_make(rq, invite_fields), 0, NULL);
}

static apr_status_t invite_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, invite_fields);
    invite_in_t in = {0};
    mq_flash_t flash = {NULL, NULL, NULL};
    const char *roles_error = NULL;
    const char *token;
    int roles;
    int status;
    apr_status_t rv;
    MQ_TRY(mq_form_read(form, &in));
    MQ_TRY(mq_roles_read(&roles, rq));
    if (!roles) {
        roles_error = mq_say(rq, "Tick at least one role.");
    }
    if (mq_form_faults(form) || roles_error) {
        return invite_show(rq, 422, form, roles, roles_error);
    }
    MQ_TRY(mq_proof_check(&status, rq, sc, form, NULL, in.password));
    if (status) {
        return invite_show(rq, status, form, roles, NULL);
    }
    rv = mq_invitation_make(&token, sc, in.email, in.name, roles);
    if (rv == MQ_ECONFLICT) {
        mq_form_fault(form, "email",
                      mq_say(rq, "A member of staff has this e-mail address already."));
        return invite_show(rq, 422, form, roles, NULL);
    }
    MQ_TRY(rv);
    flash.notice =
        mq_sayf(rq, "The invitation for %s is ready. Send them the link below.", in.name);
    flash.link = apr_pstrcat(rq->pool, "/invitations/", token, NULL);
    mq_db_give_back(sc);
    if (mq_link_mail(rq, in.email, mq_say(rq, "An invitation to MedSynQ"),
                     mq_sayf(rq, "%s invites you to %s. Open this link within 72 hours:",
                             mq_scope_user_name(sc), mq_scope_tenant_name(sc)),
                     flash.link,
                     mq_sayf(rq, "It works once. Afterwards you log in at %s",
                             mq_request_url(rq, mq_log_in_href(rq, mq_scope_tenant_name(sc)))),
                     1)) {
        flash.notice = mq_sayf(rq, "%s is invited, and an e-mail is on its way.", in.name);
    }
    MQ_TRY(mq_flash_set(rq, &flash));
    return mq_request_redirect(rq, "/users");
}

static apr_status_t invitation_revoke_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_invitation_revoke(sc, &id));
    MQ_TRY(mq_flash_set(
        rq, &(mq_flash_t){mq_say(rq, "The invitation has been withdrawn."), NULL, NULL}));
    return mq_request_redirect(rq, "/users");
}

const mq_route_t mq_people_routes[] = {
    {MQ_GET, "/users", MQ_ACTION_USERS_LIST, users_page, .page = &users_template,
     .tab = MQ_SAY("Staff")},
    {MQ_GET, "/users/invite", MQ_ACTION_USER_INVITE, invite_page, .page = &invite_template},
    {MQ_POST, "/users/invite", MQ_ACTION_USER_INVITE, invite_post, .page = &invite_template,
     .repeats = "role", .reviews = 1, .once = "/users?invited=before"},
    {MQ_POST, "/users/invitations/{id}/revoke", MQ_ACTION_INVITATION_REVOKE,
     invitation_revoke_post},
    MQ_ROUTES_END};

/* person_pages.c -- one person's account as the administrator sees it. What gives access or takes
 * the place of somebody's proof is a row of steps[] and asks for the administrator's own password;
 * what takes access away does not, for it may be urgent. Rules are in domain/people/accounts.c and
 * domain/access/. */

#include <apr_strings.h>

#include "domain/access/password_changes.h"
#include "domain/access/two_factor.h"
#include "domain/people/accounts.h"
#include "web/access/proof.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/mail_links.h"
#include "web/people/roles_field.h"
#include "web/refusals.h"
#include "web/route_tables.h"

typedef struct proof_in_t {
    const char *password;
} proof_in_t;

#define PROOF(id)                                                                                  \
    {                                                                                              \
        MQ_PROOF_FIELD(proof_in_t, password, NULL, id),                                            \
        {                                                                                          \
            NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0                                   \
        }                                                                                          \
    }

static const mq_field_t roles_fields[] = PROOF("roles-password");
static const mq_field_t enable_fields[] = PROOF("enable-password");
static const mq_field_t reset_fields[] = PROOF("reset-password");
static const mq_field_t factor_fields[] = PROOF("two-factor-password");
static const mq_field_t unlock_fields[] = PROOF("unlock-password");

/* What an administrator does for somebody who is in trouble. */
typedef struct step_t {
    const char *verb; /* of the path */
    mq_action_t action;
    mq_person_status_t of; /* the accounts that it is offered for */
    const char *title;     /* English, like the next two; the catalogue translates */
    const char *hint;
    const char *notice; /* when it is done */
    const mq_field_t *fields;
    apr_status_t (*work)(mq_flash_t *flash_io, const mq_scope_t *sc, const mq_id_t *id);
} step_t;

static apr_status_t account_enable(mq_flash_t *flash_io, const mq_scope_t *sc, const mq_id_t *id)
{
    (void)flash_io;
    return mq_person_status_set(sc, id, MQ_PERSON_ACTIVE);
}

/* A link for the administrator to hand over. */
static apr_status_t link_make(mq_flash_t *flash_io, const mq_scope_t *sc, const mq_id_t *id)
{
    const char *token;
    MQ_TRY(mq_reset_make(&token, sc, id));
    flash_io->link = apr_pstrcat(mq_scope_pool(sc), "/password-reset/", token, NULL);
    return APR_SUCCESS;
}

static apr_status_t factor_reset(mq_flash_t *flash_io, const mq_scope_t *sc, const mq_id_t *id)
{
    (void)flash_io;
    return mq_two_factor_reset(sc, id);
}

static apr_status_t account_unlock(mq_flash_t *flash_io, const mq_scope_t *sc, const mq_id_t *id)
{
    (void)flash_io;
    return mq_person_unlock(sc, id);
}

static const step_t steps[] = {
    {"enable", MQ_ACTION_USER_ENABLE, MQ_PERSON_DISABLED, MQ_SAY("Enable the account"),
     MQ_SAY("The person can log in again, with the same password and two-step verification as "
            "before."),
     MQ_SAY("The account is enabled."), enable_fields, account_enable},
    {"reset", MQ_ACTION_USER_RESET, MQ_PERSON_ACTIVE, MQ_SAY("Create a link to set a new password"),
     MQ_SAY("For a person who has forgotten the password. You send them the link; it works once."),
     MQ_SAY("The link works for 30 minutes."), reset_fields, link_make},
    {"two-factor-off", MQ_ACTION_USER_TWO_FACTOR_OFF, MQ_PERSON_ACTIVE,
     MQ_SAY("Turn off this person's two-step verification"),
     MQ_SAY("For a person who has lost phone and recovery codes. The password alone is then enough "
            "to log in."),
     MQ_SAY("This person's two-step verification is off."), factor_fields, factor_reset},
    {"unlock", MQ_ACTION_USER_UNLOCK, MQ_PERSON_ACTIVE, MQ_SAY("Unlock now"),
     MQ_SAY("Too many wrong passwords or codes make the next try wait. This unlocks the account at "
            "once."),
     MQ_SAY("This person can try to log in again at once."), unlock_fields, account_unlock}};

enum { STEPS = sizeof steps / sizeof *steps };

typedef struct step_view_t {
    const char *verb;
    const char *title;
    const char *hint;
    mq_form_view_t form;
} step_view_t;

static const mq_slot_t step_slots[] = {MQ_TEXT(step_view_t, verb), MQ_TEXT(step_view_t, title),
                                       MQ_TEXT(step_view_t, hint),
                                       MQ_INCLUDE(step_view_t, form, mq_form_slots), MQ_SLOTS_END};

typedef struct user_page_t {
    mq_frame_t frame;
    mq_form_view_t form; /* the field below the roles, and the errors of whichever form was sent */
    mq_roles_view_t roles;
    apr_int64_t roles_seen; /* bits: what is replaced by what is ticked */
    mq_list_t steps;
    const char *id;
    const char *name;
    const char *email;
    const char *since_text;
    const char *link;
    int is_disabled;
    int is_oneself;
} user_page_t;

static const mq_slot_t user_slots[] = {MQ_LIST(user_page_t, steps, step_slots, step_view_t),
                                       MQ_TEXT(user_page_t, id),
                                       MQ_TEXT(user_page_t, name),
                                       MQ_TEXT(user_page_t, email),
                                       MQ_TEXT(user_page_t, since_text),
                                       MQ_TEXT(user_page_t, link),
                                       MQ_INT(user_page_t, roles_seen),
                                       MQ_FLAG(user_page_t, is_disabled),
                                       MQ_FLAG(user_page_t, is_oneself),
                                       MQ_INCLUDE(user_page_t, form, mq_form_slots),
                                       MQ_INCLUDE(user_page_t, roles, mq_roles_slots),
                                       MQ_INCLUDE(user_page_t, frame, mq_frame_slots),
                                       MQ_SLOTS_END};

static const mq_page_t user_template = {"user.html", user_slots};

/* What was sent, to be shown again with what is wrong. */
typedef struct sent_t {
    const mq_field_t *fields; /* of which form */
    const mq_form_t *form;
    const mq_roles_view_t *roles;
    int seen;            /* what is ticked is to replace these, 0: what there is now */
    const char *problem; /* of no field */
} sent_t;

static mq_form_view_t form_draw(mq_request_t *rq, const mq_field_t *fields, const sent_t *sent)
{
    return mq_form_view(sent->fields == fields ? sent->form : mq_form_make(rq, fields), NULL);
}

static mq_list_t steps_draw(mq_request_t *rq, const mq_person_t *person, const sent_t *sent)
{
    step_view_t *rows = apr_palloc(rq->pool, sizeof *rows * STEPS);
    int count = 0;
    for (int i = 0; i < STEPS; i++) {
        if (steps[i].of == person->status) {
            rows[count++] =
                (step_view_t){steps[i].verb, mq_say(rq, steps[i].title), mq_say(rq, steps[i].hint),
                              form_draw(rq, steps[i].fields, sent)};
        }
    }
    return (mq_list_t){rows, count};
}

static apr_status_t user_show(mq_request_t *rq, const mq_scope_t *sc, int status, const mq_id_t *id,
                              const sent_t *sent)
{
    user_page_t page = {.is_oneself = mq_person_spare_oneself(sc, id) != APR_SUCCESS};
    mq_person_t person;
    mq_flash_t flash;
    MQ_TRY(mq_person_view(&person, sc, id));
    MQ_TRY(mq_flash_take(&flash, rq));
    page.frame.title = person.name;
    page.frame.notice = flash.notice;
    page.link = flash.link ? mq_request_url(rq, flash.link) : NULL;
    page.id = mq_id_text(id, rq->pool);
    page.name = person.name;
    page.email = person.email;
    page.since_text = mq_time_say(rq, person.created_at);
    page.is_disabled = person.status == MQ_PERSON_DISABLED;
    page.roles_seen = sent->seen ? sent->seen : person.roles;
    page.roles = sent->roles ? *sent->roles : mq_roles_draw(rq, person.roles, NULL);
    page.form = form_draw(rq, roles_fields, sent);
    if (!page.is_oneself) {
        page.steps = steps_draw(rq, &person, sent);
    }
    if (sent->form) {
        page.form.errors = mq_form_view(sent->form, NULL).errors;
    }
    page.form.form_error = sent->problem;
    page.form.has_errors = page.form.errors.count > 0 || sent->problem;
    return mq_page_show(rq, status, &user_template, &page);
}

static apr_status_t user_page(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    return user_show(rq, sc, 200, &id, &(sent_t){.problem = NULL});
}

/* The account is one's own, and this would give it access. */
static apr_status_t oneself_refuse(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *id)
{
    mq_refusal_record(rq,
                      apr_pstrcat(rq->pool, mq_policy(rq->route->action)->name, ", oneself", NULL));
    return user_show(rq, sc, 403, id,
                     &(sent_t){.problem = mq_say(rq, "This is your own account: another "
                                                     "administrator has to do this.")});
}

/* Show the account again: changed, or why not. */
static apr_status_t user_changed(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *id,
                                 apr_status_t rv, const mq_flash_t *flash)
{
    if (rv == MQ_EDENIED) {
        return oneself_refuse(rq, sc, id);
    }
    MQ_TRY(rv);
    MQ_TRY(mq_flash_set(rq, flash));
    return mq_request_redirect(rq,
                               apr_pstrcat(rq->pool, "/users/", mq_id_text(id, rq->pool), NULL));
}

static apr_status_t last_admin_say(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *id)
{
    return user_show(rq, sc, 409, id,
                     &(sent_t){.problem = mq_say(rq, "This is the last active administrator. Make "
                                                     "somebody else administrator first.")});
}

static apr_status_t disable_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t id;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    rv = mq_person_status_set(sc, &id, MQ_PERSON_DISABLED);
    if (rv == MQ_ECONFLICT) {
        return last_admin_say(rq, sc, &id);
    }
    return user_changed(
        rq, sc, &id, rv,
        &(mq_flash_t){mq_say(rq, "The account is disabled and its sessions have ended."), NULL,
                      NULL});
}

static apr_status_t sessions_end_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    return user_changed(
        rq, sc, &id, mq_person_sessions_end(sc, &id),
        &(mq_flash_t){mq_say(rq, "All sessions of this person have ended."), NULL, NULL});
}

/* The roles that the form was drawn with; 0: it does not say. */
static int roles_seen(const mq_request_t *rq)
{
    return (int)mq_request_number_of(mq_form_get(rq->form, "roles_seen", NULL));
}

/* Two administrators at once: the later one is told what the earlier one has done. */
static apr_status_t roles_conflict(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *id,
                                   sent_t *sent)
{
    mq_person_t person;
    MQ_TRY(mq_person_view(&person, sc, id));
    if (!sent->seen || person.roles == sent->seen) {
        return last_admin_say(rq, sc, id);
    }
    sent->seen = 0;
    sent->problem = mq_sayf(rq,
                            "Somebody changed the roles while you were here. They are now: %s. "
                            "What you ticked is below and is not saved: send it again to save it.",
                            mq_roles_text(rq, person.roles));
    return user_show(rq, sc, 409, id, sent);
}

static apr_status_t roles_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, roles_fields);
    mq_roles_view_t view;
    sent_t sent = {.fields = roles_fields, .form = form, .roles = &view, .seen = roles_seen(rq)};
    proof_in_t in = {0};
    mq_person_t person;
    mq_id_t id;
    int roles;
    int status;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_person_view(&person, sc, &id)); /* there is one: 404 comes before all that is slow */
    MQ_TRY(mq_form_read(form, &in));
    MQ_TRY(mq_roles_read(&roles, rq));
    sent.problem = roles ? NULL : mq_say(rq, "Tick at least one role.");
    view = mq_roles_draw(rq, roles, sent.problem);
    if (mq_form_faults(form) || sent.problem) {
        return user_show(rq, sc, 422, &id, &sent);
    }
    MQ_TRY(mq_proof_check(&status, rq, sc, form, &id, in.password));
    if (status) {
        return user_show(rq, sc, status, &id, &sent);
    }
    rv = mq_person_roles_set(sc, &id, sent.seen, roles);
    if (rv == MQ_ECONFLICT) {
        return roles_conflict(rq, sc, &id, &sent);
    }
    return user_changed(rq, sc, &id, rv,
                        &(mq_flash_t){mq_say(rq, "The roles are changed."), NULL, NULL});
}

static const step_t *step_of(mq_action_t action)
{
    const step_t *step = steps;
    while (step->action != action) {
        step++;
    }
    return step;
}

/* The route's action says which. */
static apr_status_t step_post(mq_request_t *rq, const mq_scope_t *sc)
{
    const step_t *step = step_of(rq->route->action);
    mq_form_t *form = mq_form_make(rq, step->fields);
    sent_t sent = {.fields = step->fields, .form = form};
    mq_flash_t flash = {mq_say(rq, step->notice), NULL, NULL};
    proof_in_t in = {0};
    mq_person_t person;
    mq_id_t id;
    int status;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_person_view(&person, sc, &id));
    if (mq_person_spare_oneself(sc, &id) != APR_SUCCESS) { /* whatever the password is */
        return oneself_refuse(rq, sc, &id);
    }
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return user_show(rq, sc, 422, &id, &sent);
    }
    MQ_TRY(mq_proof_check(&status, rq, sc, form, &id, in.password));
    if (status) {
        return user_show(rq, sc, status, &id, &sent);
    }
    rv = step->work(&flash, sc, &id);
    if (rv == MQ_ECONFLICT) {
        return user_show(
            rq, sc, 409, &id,
            &(sent_t){.problem = mq_say(rq, "The account is disabled. Enable it first.")});
    }
    return user_changed(rq, sc, &id, rv, &flash);
}

const mq_route_t mq_person_routes[] = {
    {MQ_GET, "/users/{id}", MQ_ACTION_USER_VIEW, user_page, .page = &user_template},
    {MQ_POST, "/users/{id}/disable", MQ_ACTION_USER_DISABLE, disable_post},
    {MQ_POST, "/users/{id}/sessions-end", MQ_ACTION_USER_SESSIONS_END, sessions_end_post},
    {MQ_POST, "/users/{id}/roles", MQ_ACTION_USER_ROLES, roles_post, .repeats = "role",
     .reviews = 1},
    {MQ_POST, "/users/{id}/enable", MQ_ACTION_USER_ENABLE, step_post, .reviews = 1},
    {MQ_POST, "/users/{id}/reset", MQ_ACTION_USER_RESET, step_post, .reviews = 1},
    {MQ_POST, "/users/{id}/two-factor-off", MQ_ACTION_USER_TWO_FACTOR_OFF, step_post, .reviews = 1},
    {MQ_POST, "/users/{id}/unlock", MQ_ACTION_USER_UNLOCK, step_post, .reviews = 1},
    MQ_ROUTES_END};

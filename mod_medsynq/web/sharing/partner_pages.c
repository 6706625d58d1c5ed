/* partner_pages.c -- organisations that are linked: /partners, and one of them. Rules are in
 * domain/sharing/partners.c. */
#include <apr_strings.h>

#include "domain/sharing/emergencies.h"
#include "domain/sharing/partners.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/form.h"
#include "web/paging.h"
#include "web/route_tables.h"

enum { LIMIT_TEXT = 2000 };

typedef struct partner_row_t {
    const char *id;
    const char *name;
    const char *state_text;
} partner_row_t;

static const mq_slot_t partner_slots[] = {MQ_TEXT(partner_row_t, id), MQ_TEXT(partner_row_t, name),
                                          MQ_TEXT(partner_row_t, state_text), MQ_SLOTS_END};

typedef struct partners_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
    const char *code;
    mq_list_t partners;
    mq_paging_t paging;
} partners_page_t;

static const mq_slot_t partners_slots[] = {
    MQ_TEXT(partners_page_t, code),
    MQ_LIST(partners_page_t, partners, partner_slots, partner_row_t),
    MQ_INCLUDE(partners_page_t, paging, mq_paging_slots),
    MQ_INCLUDE(partners_page_t, form, mq_form_slots),
    MQ_INCLUDE(partners_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t partners_template = {"partners.html", partners_slots, 1};

typedef struct step_row_t {
    const char *verb;
    const char *label;
} step_row_t;

static const mq_slot_t step_slots[] = {MQ_TEXT(step_row_t, verb), MQ_TEXT(step_row_t, label),
                                       MQ_SLOTS_END};

typedef struct past_row_t {
    const char *state_text;
    const char *at_text;
    const char *by_name;
    const char *organisation;
    const char *reason;
} past_row_t;

static const mq_slot_t past_slots[] = {
    MQ_TEXT(past_row_t, state_text),   MQ_TEXT(past_row_t, at_text), MQ_TEXT(past_row_t, by_name),
    MQ_TEXT(past_row_t, organisation), MQ_TEXT(past_row_t, reason),  MQ_SLOTS_END};

typedef struct partner_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
    const char *id;
    const char *name;
    const char *state_text;
    const char *explained;
    mq_list_t steps;
    int has_steps;
    int can_allow; /* emergency access: the link is not over */
    int is_allowed;
    mq_list_t past;
    const char *next_href;
} partner_page_t;

static const mq_slot_t page_slots[] = {MQ_TEXT(partner_page_t, id),
                                       MQ_TEXT(partner_page_t, name),
                                       MQ_TEXT(partner_page_t, state_text),
                                       MQ_TEXT(partner_page_t, explained),
                                       MQ_LIST(partner_page_t, steps, step_slots, step_row_t),
                                       MQ_FLAG(partner_page_t, has_steps),
                                       MQ_FLAG(partner_page_t, can_allow),
                                       MQ_FLAG(partner_page_t, is_allowed),
                                       MQ_LIST(partner_page_t, past, past_slots, past_row_t),
                                       MQ_TEXT(partner_page_t, next_href),
                                       MQ_INCLUDE(partner_page_t, form, mq_form_slots),
                                       MQ_INCLUDE(partner_page_t, frame, mq_frame_slots),
                                       MQ_SLOTS_END};

static const mq_page_t partner_template = {"partner.html", page_slots};

typedef struct propose_in_t {
    const char *code;
    const char *message;
} propose_in_t;

static const mq_field_t propose_fields[] = {
    {"code", MQ_SAY("Connection code of the other organisation"), MQ_FIELD_LINE, 1, MQ_CODE_MOST,
     "off", MQ_SAY("Its administrator reads it to you."),
     MQ_SAY("Enter the connection code of the other organisation."), offsetof(propose_in_t, code)},
    {"message", MQ_SAY("Message"), MQ_FIELD_BLOCK, 0, LIMIT_TEXT, "off",
     MQ_SAY("The other administrator sees it, with your name and your organisation's."), NULL,
     offsetof(propose_in_t, message)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

typedef struct step_in_t {
    const char *reason;
} step_in_t;

static const mq_field_t step_fields[] = {{"reason", MQ_SAY("Reason"), MQ_FIELD_BLOCK, 0, LIMIT_TEXT,
                                          "off", MQ_SAY("Both organisations see it."), NULL,
                                          offsetof(step_in_t, reason)},
                                         {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static const char *state_text(const mq_request_t *rq, mq_partner_state_t state)
{
    static const char *const words[] = {[MQ_PARTNER_PROPOSED] = MQ_SAY("proposed"),
                                        [MQ_PARTNER_ACTIVE] = MQ_SAY("linked"),
                                        [MQ_PARTNER_SUSPENDED] = MQ_SAY("suspended"),
                                        [MQ_PARTNER_ENDED] = MQ_SAY("ended"),
                                        [MQ_PARTNER_DECLINED] = MQ_SAY("declined")};
    return mq_say(rq, words[state]);
}

static const char *explained(const mq_request_t *rq, const mq_partner_t *partner)
{
    switch (partner->state) {
    case MQ_PARTNER_PROPOSED:
        return partner->is_ours ? mq_say(rq, "The other organisation has not answered yet.")
                                : mq_say(rq, "This organisation proposes a link. Accept it if you "
                                             "know who they are.");
    case MQ_PARTNER_ACTIVE:
        return mq_say(rq, "Both organisations have agreed to this link.");
    case MQ_PARTNER_SUSPENDED:
        return partner->changed_here
                   ? mq_say(rq, "The link rests until your organisation resumes it.")
                   : mq_say(rq, "The link rests until the other organisation resumes it.");
    case MQ_PARTNER_ENDED:
    case MQ_PARTNER_DECLINED:
    default:
        return mq_say(rq, "This link is over. A new one begins with a connection code.");
    }
}

/* --- all of them --- */

static mq_list_t partners_draw(const mq_request_t *rq, const apr_array_header_t *list)
{
    partner_row_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(list->nelts + 1));
    for (int i = 0; i < list->nelts; i++) {
        const mq_partner_t *partner = &APR_ARRAY_IDX(list, i, mq_partner_t);
        rows[i] = (partner_row_t){mq_id_text(&partner->id, rq->pool), partner->name,
                                  state_text(rq, partner->state)};
    }
    return (mq_list_t){rows, list->nelts};
}

static apr_status_t partners_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                                  const mq_form_t *form)
{
    partners_page_t page = {.frame.title = mq_say(rq, "Linked organisations"),
                            .form = mq_form_view(form, NULL)};
    apr_array_header_t *list;
    const mq_id_t *before;
    mq_flash_t flash;
    int has_next;
    MQ_TRY(mq_paging_read(&before, rq, "before"));
    MQ_TRY(mq_connection_code(&page.code, sc));
    MQ_TRY(mq_partners_page(&list, &has_next, sc, before));
    MQ_TRY(mq_flash_take(&flash, rq));
    page.frame.notice = flash.notice;
    page.partners = partners_draw(rq, list);
    page.paging = mq_paging(
        rq, "/partners", "before",
        has_next ? mq_id_text(&APR_ARRAY_IDX(list, list->nelts - 1, mq_partner_t).id, rq->pool)
                 : NULL,
        list->nelts, mq_say(rq, "Older links"));
    return mq_page_show(rq, status, &partners_template, &page);
}

static apr_status_t partners_page(mq_request_t *rq, const mq_scope_t *sc)
{
    return partners_show(rq, sc, 200, mq_form_make(rq, propose_fields));
}

static apr_status_t notice_and_lead(mq_request_t *rq, const char *notice, const char *path)
{
    MQ_TRY(mq_flash_set(rq, &(mq_flash_t){notice, NULL, NULL}));
    return mq_request_redirect(rq, path);
}

static apr_status_t code_post(mq_request_t *rq, const mq_scope_t *sc)
{
    MQ_TRY(mq_connection_code_renew(sc));
    return notice_and_lead(rq, mq_say(rq, "The connection code is new."), "/partners");
}

static const char *partner_path(const mq_request_t *rq, const mq_id_t *id)
{
    return apr_pstrcat(rq->pool, "/partners/", mq_id_text(id, rq->pool), NULL);
}

/* @return what is said to whoever has to wait; they are told when to come back */
static const char *wait_say(mq_request_t *rq, int seconds)
{
    apr_table_setn(rq->headers, "Retry-After", apr_itoa(rq->pool, seconds));
    return mq_say_count(rq, "Too many attempts. Try again in %d second.",
                        "Too many attempts. Try again in %d seconds.", seconds);
}

static apr_status_t propose_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, propose_fields);
    propose_in_t in = {0};
    int wait = 0;
    mq_id_t id;
    apr_status_t rv;
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return partners_show(rq, sc, 422, form);
    }
    rv = mq_partner_propose(&id, &wait, &rq->visit, sc, in.code, in.message);
    if (rv == MQ_EBUSY) {
        mq_form_fault(form, "code", wait_say(rq, wait));
        return partners_show(rq, sc, 429, form);
    }
    if (rv == MQ_ENOTFOUND) {
        mq_form_fault(form, "code",
                      mq_say(rq,
                             "No other organisation has this connection code. Ask for it again: "
                             "it may have been renewed."));
        return partners_show(rq, sc, 422, form);
    }
    if (rv == MQ_ECONFLICT) {
        mq_form_fault(form, "code",
                      mq_say(rq, "You are linked with this organisation already, or a proposal "
                                 "waits for an answer."));
        return partners_show(rq, sc, 409, form);
    }
    MQ_TRY(rv);
    return notice_and_lead(rq, mq_say(rq, "The link is proposed."), partner_path(rq, &id));
}

/* --- one of them --- */

static const struct {
    mq_action_t action;
    mq_partner_step_t step;
    const char *verb; /* of the path */
    const char *label;
    const char *notice;
} steps[] = {{MQ_ACTION_PARTNER_ACCEPT, MQ_PARTNER_ACCEPT, "accept", MQ_SAY("Accept"),
              MQ_SAY("The two organisations are linked.")},
             {MQ_ACTION_PARTNER_DECLINE, MQ_PARTNER_DECLINE, "decline", MQ_SAY("Decline"),
              MQ_SAY("The proposal is declined.")},
             {MQ_ACTION_PARTNER_RESUME, MQ_PARTNER_RESUME, "resume", MQ_SAY("Resume"),
              MQ_SAY("The two organisations are linked again.")},
             {MQ_ACTION_PARTNER_SUSPEND, MQ_PARTNER_SUSPEND, "suspend", MQ_SAY("Suspend"),
              MQ_SAY("The link is suspended.")},
             {MQ_ACTION_PARTNER_END, MQ_PARTNER_END, "end", MQ_SAY("End for good"),
              MQ_SAY("The link has ended.")}};

enum { STEPS = sizeof steps / sizeof *steps };

static mq_list_t steps_draw(const mq_request_t *rq, int open)
{
    step_row_t *rows = apr_palloc(rq->pool, sizeof *rows * STEPS);
    int count = 0;
    for (int i = 0; i < STEPS; i++) {
        if (open & (int)steps[i].step) {
            rows[count++] = (step_row_t){steps[i].verb, mq_say(rq, steps[i].label)};
        }
    }
    return (mq_list_t){rows, count};
}

static mq_list_t past_draw(const mq_request_t *rq, const mq_scope_t *sc,
                           const mq_partner_t *partner, const apr_array_header_t *past)
{
    past_row_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(past->nelts + 1));
    for (int i = 0; i < past->nelts; i++) {
        const mq_partner_past_t *one = &APR_ARRAY_IDX(past, i, mq_partner_past_t);
        rows[i] =
            (past_row_t){.state_text = state_text(rq, one->state),
                         .at_text = mq_time_say(rq, one->at),
                         .by_name = one->by_name,
                         .organisation = one->is_here ? mq_scope_tenant_name(sc) : partner->name,
                         .reason = one->reason};
    }
    return (mq_list_t){rows, past->nelts};
}

static apr_status_t partner_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                                 const mq_form_t *form, const char *problem)
{
    partner_page_t page = {.form = mq_form_view(form, problem)};
    apr_array_header_t *past;
    mq_partner_t partner;
    const mq_id_t *before;
    mq_flash_t flash;
    mq_id_t id;
    int has_next;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_paging_read(&before, rq, "before"));
    MQ_TRY(mq_partner_view(&partner, &past, &has_next, sc, &id, before));
    MQ_TRY(mq_flash_take(&flash, rq));
    page.frame.title = partner.name;
    page.frame.notice = flash.notice;
    page.id = mq_id_text(&id, rq->pool);
    page.name = partner.name;
    page.state_text = state_text(rq, partner.state);
    page.explained = explained(rq, &partner);
    page.steps = steps_draw(rq, mq_partner_steps(&partner));
    page.has_steps = page.steps.count > 0;
    page.can_allow = partner.state == MQ_PARTNER_ACTIVE || partner.state == MQ_PARTNER_SUSPENDED;
    page.is_allowed = partner.allows_emergency;
    page.past = past_draw(rq, sc, &partner, past);
    if (has_next) {
        page.next_href =
            mq_paging_href_id(rq, partner_path(rq, &id), "before",
                              &APR_ARRAY_IDX(past, past->nelts - 1, mq_partner_past_t).id, "");
    }
    return mq_page_show(rq, status, &partner_template, &page);
}

static apr_status_t partner_page(mq_request_t *rq, const mq_scope_t *sc)
{
    return partner_show(rq, sc, 200, mq_form_make(rq, step_fields), NULL);
}

/* The route's action says which. */
static apr_status_t step_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, step_fields);
    step_in_t in = {0};
    int row = 0;
    int wait = 0;
    mq_id_t id;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return partner_show(rq, sc, 422, form, NULL);
    }
    while (steps[row].action != rq->route->action) {
        row++;
    }
    rv = mq_partner_take(&wait, &rq->visit, sc, &id, steps[row].step, in.reason);
    if (rv == MQ_EBUSY) {
        return partner_show(rq, sc, 429, form, wait_say(rq, wait));
    }
    if (rv == MQ_ECONFLICT) {
        return partner_show(rq, sc, 409, form,
                            mq_say(rq, "This cannot be done as the link is now. Nothing was "
                                       "changed."));
    }
    MQ_TRY(rv);
    return notice_and_lead(rq, mq_say(rq, steps[row].notice), partner_path(rq, &id));
}

typedef struct allow_in_t {
    const char *allow;
} allow_in_t;

static const mq_field_t allow_fields[] = {
    {"allow", NULL, MQ_FIELD_HIDDEN, 0, 1, "off", NULL, NULL, offsetof(allow_in_t, allow)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

/* On one's own side alone: what the other one says, it says there. */
static apr_status_t allow_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, allow_fields);
    allow_in_t in = {0};
    int allow;
    mq_id_t id;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return MQ_EINVALID;
    }
    allow = in.allow && *in.allow == '1';
    rv = mq_emergency_allow(sc, &id, allow);
    if (rv == MQ_EFULL) {
        return partner_show(rq, sc, 409, mq_form_make(rq, step_fields),
                            mq_say(rq, "Emergency access is allowed for as many organisations as "
                                       "there can be. End it for another one first."));
    }
    if (rv == MQ_ECONFLICT) {
        return partner_show(rq, sc, 409, mq_form_make(rq, step_fields),
                            mq_say(rq, "This cannot be done as the link is now. Nothing was "
                                       "changed."));
    }
    MQ_TRY(rv);
    return notice_and_lead(rq,
                           allow ? mq_say(rq, "Emergency access is allowed on your side.")
                                 : mq_say(rq, "Emergency access is not allowed any more. What was "
                                              "open has ended."),
                           partner_path(rq, &id));
}

const mq_route_t mq_partner_routes[] = {
    {MQ_GET, "/partners", MQ_ACTION_PARTNERS_VIEW, partners_page, .page = &partners_template,
     .tab = MQ_SAY("Linked organisations")},
    {MQ_POST, "/partners", MQ_ACTION_PARTNER_PROPOSE, propose_post, .page = &partners_template,
     .reviews = 1, .once = "/partners/{result}", .code_is_typed = 1},
    {MQ_POST, "/partners/code", MQ_ACTION_CONNECTION_CODE_NEW, code_post},
    {MQ_GET, "/partners/{id}", MQ_ACTION_PARTNERS_VIEW, partner_page, .page = &partner_template},
    {MQ_POST, "/partners/{id}/accept", MQ_ACTION_PARTNER_ACCEPT, step_post},
    {MQ_POST, "/partners/{id}/decline", MQ_ACTION_PARTNER_DECLINE, step_post},
    {MQ_POST, "/partners/{id}/suspend", MQ_ACTION_PARTNER_SUSPEND, step_post},
    {MQ_POST, "/partners/{id}/resume", MQ_ACTION_PARTNER_RESUME, step_post},
    {MQ_POST, "/partners/{id}/end", MQ_ACTION_PARTNER_END, step_post},
    {MQ_POST, "/partners/{id}/emergency", MQ_ACTION_PARTNER_EMERGENCY, allow_post},
    MQ_ROUTES_END};

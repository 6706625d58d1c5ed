/* referral_pages.c -- one referral, its letter, the steps of its life and its messages. Rules are
 * in domain/sharing/referrals.c; sending one is in referral_new_pages.c, the lists in
 * referral_list_pages.c. */
#include <apr_strings.h>

#include "domain/sharing/referral_matches.h"
#include "domain/sharing/referrals.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/form.h"
#include "web/paper_head.h"
#include "web/patients/patient_banner.h"
#include "web/route_tables.h"
#include "web/sharing/consent_view.h"
#include "web/sharing/referral_view.h"

typedef struct past_t {
    const char *state; /* or that it is a message */
    const char *read;  /* of one's own message: whether the other side has seen it */
    const char *at;
    const char *by;
    const char *said;
    const char *next_step;
} past_t;

static const mq_slot_t past_slots[] = {
    MQ_TEXT(past_t, read), MQ_TEXT(past_t, state),     MQ_TEXT(past_t, at), MQ_TEXT(past_t, by),
    MQ_TEXT(past_t, said), MQ_TEXT(past_t, next_step), MQ_SLOTS_END};

typedef struct step_t {
    const char *verb;
    const char *label;
    mq_list_t fields;
    int has_fields;
} step_t;

/* One field of a step. */
typedef struct step_field_t {
    const char *id;
    const char *name;
    const char *label;
    const char *typed;
    const char *error;
    apr_int64_t most;
} step_field_t;

static const mq_slot_t step_field_slots[] = {MQ_TEXT(step_field_t, id),
                                             MQ_TEXT(step_field_t, name),
                                             MQ_TEXT(step_field_t, label),
                                             MQ_TEXT(step_field_t, typed),
                                             MQ_TEXT(step_field_t, error),
                                             MQ_INT(step_field_t, most),
                                             MQ_SLOTS_END};

static const mq_slot_t step_slots[] = {MQ_TEXT(step_t, verb), MQ_TEXT(step_t, label),
                                       MQ_LIST(step_t, fields, step_field_slots, step_field_t),
                                       MQ_FLAG(step_t, has_fields), MQ_SLOTS_END};

/* The own record that a referral which came is of. */
typedef struct match_t {
    const char *id;   /* that was linked */
    const char *name; /* of the record as it is now */
    const char *birth_date;
    const char *birth_date_text;
    const char *mrn;
    const char *record_href;
    const char *at;
    const char *by;
    int is_archived;
} match_t;

static const mq_slot_t match_slots[] = {
    MQ_TEXT(match_t, id),          MQ_TEXT(match_t, name),
    MQ_TEXT(match_t, birth_date),  MQ_TEXT(match_t, birth_date_text),
    MQ_TEXT(match_t, mrn),         MQ_TEXT(match_t, record_href),
    MQ_TEXT(match_t, at),          MQ_TEXT(match_t, by),
    MQ_FLAG(match_t, is_archived), MQ_SLOTS_END};

typedef struct one_page_t {
    mq_frame_t frame;
    const match_t *match;
    int can_match;
    const mq_patient_banner_t *patient;
    mq_list_t past;
    mq_list_t steps;
    const char *href;
    const char *patient_href; /* of the record */
    const char *partner;
    const char *state;
    const char *urgency;
    const char *reason;
    const char *question;
    const char *parts;
    const char *until;
    const char *expires;
    const char *problem;
    const char *message; /* that was typed, and is shown also where none can be sent any more */
    const char *message_error;
    apr_int64_t message_most;
    int can_write;
    int is_ours;
    int is_alone;
    int is_gone;
    int is_pressing;
    const char *sent_on; /* of the letter */
    mq_letterhead_t letterhead;
} one_page_t;

static const mq_slot_t one_slots[] = {MQ_STRUCT(one_page_t, patient, mq_patient_banner_slots),
                                      MQ_STRUCT(one_page_t, match, match_slots),
                                      MQ_FLAG(one_page_t, can_match),
                                      MQ_LIST(one_page_t, past, past_slots, past_t),
                                      MQ_LIST(one_page_t, steps, step_slots, step_t),
                                      MQ_TEXT(one_page_t, href),
                                      MQ_TEXT(one_page_t, patient_href),
                                      MQ_TEXT(one_page_t, partner),
                                      MQ_TEXT(one_page_t, state),
                                      MQ_TEXT(one_page_t, urgency),
                                      MQ_TEXT(one_page_t, reason),
                                      MQ_TEXT(one_page_t, question),
                                      MQ_TEXT(one_page_t, parts),
                                      MQ_TEXT(one_page_t, until),
                                      MQ_TEXT(one_page_t, expires),
                                      MQ_TEXT(one_page_t, problem),
                                      MQ_TEXT(one_page_t, message),
                                      MQ_TEXT(one_page_t, message_error),
                                      MQ_INT(one_page_t, message_most),
                                      MQ_FLAG(one_page_t, can_write),
                                      MQ_FLAG(one_page_t, is_ours),
                                      MQ_FLAG(one_page_t, is_alone),
                                      MQ_FLAG(one_page_t, is_gone),
                                      MQ_FLAG(one_page_t, is_pressing),
                                      MQ_INCLUDE(one_page_t, frame, mq_frame_slots),
                                      MQ_SLOTS_END};

static const mq_page_t one_template = {"referral.html", one_slots, .once = 1};

static const mq_slot_t letter_slots[] = {MQ_TEXT(one_page_t, sent_on),
                                         MQ_INCLUDE(one_page_t, letterhead, mq_letterhead_slots),
                                         MQ_STRUCT(one_page_t, patient, mq_patient_banner_slots),
                                         MQ_TEXT(one_page_t, href),
                                         MQ_TEXT(one_page_t, partner),
                                         MQ_TEXT(one_page_t, urgency),
                                         MQ_TEXT(one_page_t, reason),
                                         MQ_TEXT(one_page_t, question),
                                         MQ_TEXT(one_page_t, parts),
                                         MQ_TEXT(one_page_t, until),
                                         MQ_FLAG(one_page_t, is_ours),
                                         MQ_FLAG(one_page_t, is_pressing),
                                         MQ_INCLUDE(one_page_t, frame, mq_frame_slots),
                                         MQ_SLOTS_END};

static const mq_page_t letter_template = {"referral_letter.html", letter_slots};

typedef struct step_in_t {
    const char *said;
    const char *next_step;
} step_in_t;

enum { STEP_FIELDS_MOST = 2 };

static const mq_field_t no_fields[] = {{NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static const mq_field_t decline_fields[] = {
    {"reason", MQ_SAY("Reason"), MQ_FIELD_BLOCK, 2, MQ_LIMIT_REFERRAL, "off", NULL,
     MQ_SAY("Enter the reason."), offsetof(step_in_t, said)},
    {"next_step", MQ_SAY("Next step"), MQ_FIELD_BLOCK, 2, MQ_LIMIT_REFERRAL, "off", NULL,
     MQ_SAY("Say what is to be done next."), offsetof(step_in_t, next_step)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static const mq_field_t cancel_fields[] = {{"reason", MQ_SAY("Reason"), MQ_FIELD_BLOCK, 2,
                                            MQ_LIMIT_REFERRAL, "off", NULL,
                                            MQ_SAY("Enter the reason."), offsetof(step_in_t, said)},
                                           {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static const mq_field_t reply_fields[] = {{"reply", MQ_SAY("Reply"), MQ_FIELD_BLOCK, 2,
                                           MQ_LIMIT_REFERRAL, "off", NULL,
                                           MQ_SAY("Write the reply."), offsetof(step_in_t, said)},
                                          {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static const struct {
    mq_action_t action;
    mq_referral_step_t step;
    const char *verb; /* of the path */
    const char *label;
    const mq_field_t *fields;
    const char *notice;
} steps[] = {{MQ_ACTION_REFERRAL_ACCEPT, MQ_REFERRAL_ACCEPT, "accept", MQ_SAY("Accept"), no_fields,
              MQ_SAY("The referral is accepted.")},
             {MQ_ACTION_REFERRAL_DECLINE, MQ_REFERRAL_DECLINE, "decline", MQ_SAY("Decline"),
              decline_fields, MQ_SAY("The referral is declined.")},
             {MQ_ACTION_REFERRAL_START, MQ_REFERRAL_START, "start", MQ_SAY("Begin, or go on"),
              no_fields, MQ_SAY("The referral is in progress.")},
             {MQ_ACTION_REFERRAL_COMPLETE, MQ_REFERRAL_COMPLETE, "complete",
              MQ_SAY("Complete with a reply"), reply_fields, MQ_SAY("The referral is completed.")},
             {MQ_ACTION_REFERRAL_CANCEL, MQ_REFERRAL_CANCEL, "cancel",
              MQ_SAY("Cancel the referral"), cancel_fields,
              MQ_SAY("The cancellation is recorded.")}};

enum { STEPS = sizeof steps / sizeof *steps };

/* What somebody has sent, and what is wrong with it. */
typedef struct sent_t {
    int row; /* of steps; -1: none */
    const step_in_t *in;
    mq_form_view_t view;
    int is_missing; /* what is empty and should not be */
    const char *message;
    const char *message_error;
} sent_t;

static const char *typed_of(const sent_t *sent, const mq_field_t *field)
{
    return sent->in ? *(const char *const *)((const char *)sent->in + field->offset) : NULL;
}

static mq_list_t step_fields_draw(const mq_request_t *rq, const sent_t *sent, int row)
{
    step_field_t *fields = apr_pcalloc(rq->pool, sizeof *fields * STEP_FIELDS_MOST);
    const sent_t nothing = {.row = -1};
    const sent_t *ours = sent->row == row ? sent : &nothing;
    int count = 0;
    for (const mq_field_t *field = steps[row].fields; field->name; field++) {
        const char *typed = typed_of(ours, field);
        fields[count++] =
            (step_field_t){.id = apr_pstrcat(rq->pool, steps[row].verb, "-", field->name, NULL),
                           .name = field->name,
                           .label = mq_say(rq, field->label),
                           .typed = typed,
                           .error = ours->is_missing && !typed ? mq_say(rq, field->missing) : NULL,
                           .most = field->limit};
    }
    return (mq_list_t){fields, count};
}

static mq_list_t steps_draw(const mq_request_t *rq, const sent_t *sent, int open)
{
    step_t *rows = apr_palloc(rq->pool, sizeof *rows * STEPS);
    int count = 0;
    for (int i = 0; i < STEPS; i++) {
        if (open & (int)steps[i].step) {
            rows[count] = (step_t){.verb = steps[i].verb,
                                   .label = mq_say(rq, steps[i].label),
                                   .fields = step_fields_draw(rq, sent, i)};
            rows[count].has_fields = rows[count].fields.count > 0;
            count++;
        }
    }
    return (mq_list_t){rows, count};
}

static const char *read_say(const mq_request_t *rq, const mq_referral_past_t *one)
{
    if (one->state != MQ_REFERRAL_NONE || !one->is_mine) {
        return NULL;
    }
    return one->read_at ? mq_sayf(rq, "Read: %s", mq_time_say(rq, one->read_at))
                        : mq_say(rq, "Not read yet");
}

static mq_list_t past_draw(const mq_request_t *rq, const apr_array_header_t *past)
{
    past_t *rows = apr_palloc(rq->pool, sizeof *rows * (apr_size_t)(past->nelts + 1));
    for (int i = 0; i < past->nelts; i++) {
        const mq_referral_past_t *one = &APR_ARRAY_IDX(past, i, mq_referral_past_t);
        rows[i] = (past_t){.state = mq_referral_past_text(rq, one->state),
                           .read = read_say(rq, one),
                           .at = mq_time_say(rq, one->at),
                           .by = one->by_name,
                           .said = one->said,
                           .next_step = one->next_step};
    }
    return (mq_list_t){rows, past->nelts};
}

static void one_fill(one_page_t *page, const mq_request_t *rq, const mq_referral_t *referral)
{
    page->href = mq_referral_href(rq, &referral->id);
    page->partner = referral->partner;
    page->state = mq_referral_state_text(rq, referral->state);
    page->urgency = mq_referral_urgency_text(rq, referral->urgency);
    page->is_pressing = referral->urgency != MQ_URGENCY_ROUTINE;
    page->reason = referral->reason;
    page->question = referral->question;
    page->parts = mq_consent_parts_text(rq, referral->parts);
    page->until = mq_consent_last_day(rq, referral->until);
    page->expires =
        referral->state == MQ_REFERRAL_SENT ? mq_consent_last_day(rq, referral->expires_at) : NULL;
    page->can_write = referral->can_write;
    page->message_most = MQ_LIMIT_MESSAGE;
    page->is_ours = referral->is_ours;
    page->is_alone = referral->is_alone && !referral->is_gone;
    page->is_gone = referral->is_gone;
    page->past = past_draw(rq, referral->past);
    page->patient_href = referral->is_ours ? mq_patient_href(rq, &referral->patient, "")
                                           : apr_pstrcat(rq->pool, "/shared/",
                                                         mq_id_text(&referral->id, rq->pool), NULL);
}

/* Also of a record that was merged into another since. */
static apr_status_t own_patient(mq_patient_t *patient, const mq_scope_t *sc, const mq_id_t *id)
{
    apr_status_t rv = mq_patient_view_for(patient, sc, id, MQ_ACTION_REFERRAL_VIEW);
    return rv == MQ_ENOTFOUND ? mq_patient_view_replaced(patient, sc, id, MQ_ACTION_REFERRAL_VIEW)
                              : rv;
}

static apr_status_t match_draw(one_page_t *page, const mq_request_t *rq, const mq_scope_t *sc,
                               const mq_referral_t *referral)
{
    match_t *drawn = apr_palloc(rq->pool, sizeof *drawn);
    mq_referral_match_t match;
    mq_patient_t own;
    apr_status_t rv = mq_referral_match_read(&match, sc, &referral->id);
    page->can_match = rv == MQ_ENOTFOUND && mq_referral_is_taken(referral->state);
    if (rv != APR_SUCCESS) {
        return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
    }
    MQ_TRY(own_patient(&own, sc, &match.now));
    *drawn = (match_t){.id = mq_id_text(&match.patient, rq->pool),
                       .name = own.name,
                       .birth_date = own.birth_date,
                       .birth_date_text = mq_date_say(rq, own.birth_date),
                       .mrn = own.mrn,
                       .record_href = mq_patient_href(rq, &own.id, ""),
                       .at = mq_time_say(rq, match.linked_at),
                       .by = match.linked_by,
                       .is_archived = own.status == MQ_PATIENT_ARCHIVED};
    page->match = drawn;
    return APR_SUCCESS;
}

static apr_status_t one_show(mq_request_t *rq, const mq_scope_t *sc, int status, const sent_t *sent,
                             const char *problem)
{
    one_page_t page = {.frame.title = mq_say(rq, "Referral"), .problem = problem};
    mq_referral_t referral;
    mq_patient_t patient;
    mq_flash_t flash;
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_referral_read(&referral, sc, &id));
    if (referral.is_ours) {
        MQ_TRY(own_patient(&patient, sc, &referral.patient));
    } else {
        MQ_TRY(match_draw(&page, rq, sc, &referral));
    }
    MQ_TRY(mq_flash_take(&flash, rq));
    page.frame.notice = flash.notice;
    page.patient = mq_patient_banner(rq, referral.is_ours ? &patient : &referral.seen);
    one_fill(&page, rq, &referral);
    page.steps = steps_draw(rq, sent, referral.steps);
    page.message = sent->message;
    page.message_error = sent->message_error;
    return mq_page_show(rq, status, &one_template, &page);
}

static apr_status_t letter_page(mq_request_t *rq, const mq_scope_t *sc)
{
    one_page_t page = {.problem = NULL};
    mq_referral_t referral;
    mq_patient_t patient;
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_referral_open(&referral, sc, &id));
    if (referral.is_ours) {
        MQ_TRY(own_patient(&patient, sc, &referral.patient));
        MQ_TRY(mq_speak_as_house(rq, sc));
        MQ_TRY(mq_letterhead_read(&page.letterhead, sc));
    }
    page.frame.title = mq_say(rq, "Referral letter");
    page.patient = mq_patient_banner(rq, referral.is_ours ? &patient : &referral.seen);
    one_fill(&page, rq, &referral);
    page.sent_on = mq_consent_day(rq, referral.sent_at);
    return mq_page_show(rq, 200, &letter_template, &page);
}

static apr_status_t one_page(mq_request_t *rq, const mq_scope_t *sc)
{
    return one_show(rq, sc, 200, &(sent_t){.row = -1}, NULL);
}

/* The route's action says which. */
static apr_status_t step_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_referral_state_t state = MQ_REFERRAL_NONE;
    step_in_t in = {0};
    sent_t sent = {.in = &in};
    mq_form_t *form;
    mq_id_t id;
    apr_status_t rv;
    while (steps[sent.row].action != rq->route->action) {
        sent.row++;
    }
    form = mq_form_make(rq, steps[sent.row].fields);
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return one_show(rq, sc, 422, &sent, mq_say(rq, "A text is too long, or cannot be read."));
    }
    rv = mq_referral_take(&state, sc, &id, steps[sent.row].step,
                          &(mq_referral_said_t){in.said, in.next_step});
    if (rv == MQ_EINVALID) {
        sent.is_missing = 1;
        return one_show(rq, sc, 422, &sent, mq_say(rq, "Fill in what is missing."));
    }
    if (rv == MQ_ECONFLICT) {
        return one_show(rq, sc, 409, &sent,
                        mq_sayf(rq, "This cannot be done now. The referral is: %s.",
                                mq_referral_state_text(rq, state)));
    }
    MQ_TRY(rv);
    return mq_flash_redirect(rq, mq_referral_href(rq, &id), mq_say(rq, steps[sent.row].notice));
}

typedef struct message_in_t {
    const char *message;
} message_in_t;

enum { CHARACTER_BYTES = 4 };

static const mq_field_t message_fields[] = {
    {"message", MQ_SAY("Message"), MQ_FIELD_BLOCK, 1, MQ_LIMIT_MESSAGE *CHARACTER_BYTES, "off",
     NULL, MQ_SAY("Write the message."), offsetof(message_in_t, message)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static apr_status_t message_wrong(mq_request_t *rq, const mq_scope_t *sc, sent_t *sent)
{
    if (rq->returned || rq->repeated) { /* which the page says */
        return one_show(rq, sc, 422, sent, NULL);
    }
    sent->message_error =
        *sent->message ? mq_sayf(rq,
                                 "The message may have at most %d characters, and none that cannot "
                                 "be shown.",
                                 MQ_LIMIT_MESSAGE)
                       : mq_say(rq, "Write the message.");
    return one_show(rq, sc, 422, sent, sent->message_error);
}

static apr_status_t message_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_referral_state_t state = MQ_REFERRAL_NONE;
    mq_form_t *form = mq_form_make(rq, message_fields);
    message_in_t in = {0};
    sent_t sent = {.row = -1};
    mq_id_t id;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_form_read(form, &in));
    sent.message = in.message ? in.message : mq_form_get(rq->form, "message", NULL);
    sent.message = sent.message ? sent.message : "";
    rv = mq_form_faults(form) ? MQ_EINVALID : mq_referral_message(&state, sc, &id, in.message);
    if (rv == MQ_EINVALID) {
        return message_wrong(rq, sc, &sent);
    }
    if (rv == MQ_ECONFLICT) {
        return one_show(rq, sc, 409, &sent,
                        mq_sayf(rq,
                                "No message is written: the referral is closed, the other "
                                "organisation does not see it now, or yours has written as many as "
                                "it may. The referral is: %s.",
                                mq_referral_state_text(rq, state)));
    }
    MQ_TRY(rv);
    return mq_flash_redirect(rq, mq_referral_href(rq, &id), mq_say(rq, "The message is sent."));
}

/* Once: a second click is led to what the first has done. */
#define STEP(verb, action)                                                                         \
    {                                                                                              \
        MQ_POST, "/referrals/{id}/" verb, action, step_post, .page = &one_template,                \
                                                             .once = "/referrals/{id}"             \
    }

const mq_route_t mq_referral_routes[] = {
    {MQ_GET, "/referrals/{id}", MQ_ACTION_REFERRAL_VIEW, one_page, .page = &one_template},
    {MQ_GET, "/referrals/{id}/letter", MQ_ACTION_REFERRAL_VIEW, letter_page,
     .page = &letter_template},
    {MQ_POST, "/referrals/{id}/message", MQ_ACTION_REFERRAL_MESSAGE, message_post,
     .page = &one_template, .reviews = 1, .once = "/referrals/{id}"},
    STEP("accept", MQ_ACTION_REFERRAL_ACCEPT),
    STEP("decline", MQ_ACTION_REFERRAL_DECLINE),
    STEP("start", MQ_ACTION_REFERRAL_START),
    STEP("complete", MQ_ACTION_REFERRAL_COMPLETE),
    STEP("cancel", MQ_ACTION_REFERRAL_CANCEL),
    MQ_ROUTES_END};

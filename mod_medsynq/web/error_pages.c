/* error_pages.c -- one page, one table of words. */
#include "web/error_pages.h"

#include <apr_strings.h>
#include <string.h>

#include "web/people/roles_field.h"
#include "web/returned_forms.h"
#include "web/room.h"
#include "web/routes.h"

enum { RETRY_SECONDS = 5 };

typedef struct kept_t {
    const char *name;
    const char *label;
    const char *value;
} kept_t;

typedef struct error_page_t {
    mq_frame_t frame;
    apr_int64_t status;
    const char *heading;
    const char *said; /* by the administrator, or NULL */
    const char *message;
    const char *back_href;
    int show_login;
    mq_list_t kept;
    apr_int64_t retry_after;
} error_page_t;

static const mq_slot_t kept_slots[] = {MQ_TEXT(kept_t, name), MQ_TEXT(kept_t, label),
                                       MQ_TEXT(kept_t, value), MQ_SLOTS_END};

static const mq_slot_t error_slots[] = {MQ_INT(error_page_t, status),
                                        MQ_TEXT(error_page_t, heading),
                                        MQ_TEXT(error_page_t, said),
                                        MQ_TEXT(error_page_t, message),
                                        MQ_TEXT(error_page_t, back_href),
                                        MQ_FLAG(error_page_t, show_login),
                                        MQ_LIST(error_page_t, kept, kept_slots, kept_t),
                                        MQ_INT(error_page_t, retry_after),
                                        MQ_INCLUDE(error_page_t, frame, mq_frame_slots),
                                        MQ_SLOTS_END};

const mq_page_t mq_error_page = {"error.html", error_slots};

typedef struct words_t {
    int status;
    const char *heading;
    const char *message;
} words_t;

static const words_t words[] = {
    {400, MQ_SAY("This request could not be read"),
     MQ_SAY("Something in it cannot be read. Go back, and send the form again.")},
    {403, MQ_SAY("This is not allowed"),
     MQ_SAY("An administrator of your organisation can tell you why.")},
    {404, MQ_SAY("Page not found"),
     MQ_SAY("Check the address. Or the record does not exist in your organisation.")},
    {405, MQ_SAY("This does not work here"),
     MQ_SAY("The page exists, but not for this kind of request.")},
    {408, MQ_SAY("This took too long"), MQ_SAY("The connection was too slow. Try again.")},
    {409, MQ_SAY("The record changed while you were editing"),
     MQ_SAY("The record has changed since you opened it. Open it again.")},
    {413, MQ_SAY("This is too much text"),
     MQ_SAY("The form is larger than the server accepts. Shorten it.")},
    {414, MQ_SAY("This address is too long"), MQ_SAY("Shorten it, or begin at the start page.")},
    {415, MQ_SAY("This kind of form is not understood"), MQ_SAY("Send it from the page itself.")},
    {422, MQ_SAY("There is a problem"), MQ_SAY("Something in the form is not right.")},
    {429, MQ_SAY("Too many attempts"), MQ_SAY("Wait a moment, then try again.")},
    {431, MQ_SAY("This request is too long"),
     MQ_SAY("Delete this site's cookies, then try again.")},
    {500, MQ_SAY("Something went wrong"),
     MQ_SAY("The fault is on our side and has been noted. Nothing was half done. Try again; if it "
            "happens "
            "again, tell your administrator the number below.")},
    {503, MQ_SAY("The server is busy"),
     MQ_SAY("Nothing was lost on our side. Try again in a few seconds.")}};

/* What httpd says beyond the table is said in the words of its class. */
static words_t words_of(int status)
{
    words_t found = {status, NULL, NULL};
    int nearest = status >= 500 ? 500 : 400;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].status == status || (words[i].status == nearest && !found.heading)) {
            found.heading = words[i].heading;
            found.message = words[i].message;
        }
    }
    return found;
}

/* Each reason why something is not allowed, and who can help. */
static const words_t refusals[] = {
    [MQ_REFUSAL_TOKEN] = {403, MQ_SAY("This page is too old"),
                          MQ_SAY("It was opened before your current log-in, and nothing has been "
                                 "changed. Open it again, then send it once more.")},
    [MQ_REFUSAL_ANOTHER] =
        {403, MQ_SAY("Another log-in opened this page"),
         MQ_SAY(
             "Another person was logged in here when it was opened, or you were, in another "
             "organisation. Nothing has been saved. What was typed is kept for that log-in for an "
             "hour.")},
    [MQ_REFUSAL_ELSEWHERE] = {403, MQ_SAY("This form came from another site"),
                              MQ_SAY("Nothing has been changed. Open the page here, and send its "
                                     "form.")},
    [MQ_REFUSAL_DISABLED] = {403, MQ_SAY("Your account is disabled"),
                             MQ_SAY("Nothing has been saved. Copy what you typed from below, and "
                                    "ask an administrator of your organisation to let you in "
                                    "again.")},
    [MQ_REFUSAL_CLOSED] = {403, MQ_SAY("Nobody can create an organisation here"),
                           MQ_SAY("Whoever runs this server does not let people do it themselves, "
                                  "and can do it for you.")}};

/* Which roles may, so that a person knows whom to ask for what. */
static const char *roles_say(const mq_request_t *rq)
{
    return mq_sayf(
        rq,
        "You need the role %s for this. An administrator of your organisation can give it to you.",
        mq_roles_text(rq, mq_policy(rq->needs ? rq->needs : rq->route->action)->roles));
}

static words_t refusal_words(const mq_request_t *rq)
{
    int is_theirs = rq->session && rq->route && !rq->route->open;
    if (is_theirs && (rq->refusal == MQ_REFUSAL_ROLE || rq->refusal == MQ_REFUSAL_NONE)) {
        return (words_t){403, MQ_SAY("Your roles do not allow this"), roles_say(rq)};
    }
    return refusals[rq->refusal].status ? refusals[rq->refusal] : words_of(403);
}

/* What a person typed is given back to copy, as long as it is that person who is asking. */
static mq_list_t typed_values(const mq_request_t *rq)
{
    kept_t *kept;
    int count = 0;
    if ((!rq->session && !rq->returns_typed) || !rq->form) {
        return (mq_list_t){NULL, 0};
    }
    kept = apr_palloc(rq->pool, sizeof *kept * (size_t)(rq->form->nelts + 1));
    for (int i = 0; i < rq->form->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(rq->form, i, mq_form_field_t);
        if (*field->value && !mq_returned_is_secret(field->name) &&
            !mq_returned_is_carried(field->name)) {
            kept[count++] = (kept_t){field->name, mq_returned_label(rq, field->name), field->value};
        }
    }
    return (mq_list_t){kept, count};
}

static apr_status_t words_show(mq_request_t *rq, const words_t *row, int may_log_in)
{
    int status = row->status;
    error_page_t page = {.frame.title = mq_say(rq, row->heading),
                         .status = status,
                         .heading = mq_say(rq, row->heading),
                         .message = mq_say(rq, row->message),
                         .back_href = rq->session ? "/dashboard" : "/",
                         .show_login = may_log_in};
    if (status == 403 || status == 409 || status == 503) {
        page.kept = typed_values(rq);
    }
    if (status == 429 || status == 503) {
        page.retry_after = RETRY_SECONDS;
        if (!apr_table_get(rq->headers, "Retry-After")) {
            apr_table_setn(rq->headers, "Retry-After", apr_itoa(rq->pool, RETRY_SECONDS));
        }
    }
    return mq_page_show(rq, status, &mq_error_page, &page);
}

apr_status_t mq_error_show(mq_request_t *rq, int status)
{
    words_t row = status == 403 ? refusal_words(rq) : words_of(status);
    if (rq->refusal == MQ_REFUSAL_QUOTA) {
        row = (words_t){status, MQ_SAY("Your organisation has no room left"), mq_room_refusal(rq)};
    }
    return words_show(rq, &row, !rq->session && status == 403 && !rq->returns_typed);
}

apr_status_t mq_error_outage(mq_request_t *rq, int can_be_read)
{
    static const words_t unsaved = {
        503, MQ_SAY("Nothing can be saved for now"),
        MQ_SAY("This was not saved: what you typed stands below, or is still there when you go "
               "back. Patients cannot be shown either, for each time is recorded. The fault is on "
               "our side and has been noted; try again in a few minutes.")};
    static const words_t outage = {
        503, MQ_SAY("The records cannot be opened for now"),
        MQ_SAY(
            "The fault is on our side and has been noted. Nothing that was saved is changed. The "
            "service "
            "comes back by itself as soon as it is mended; whoever runs it can tell when.")};
    return words_show(rq, can_be_read ? &unsaved : &outage, 0);
}

/* A browser that loads the page anew sends the form anew. */
apr_status_t mq_error_maintenance(mq_request_t *rq)
{
    error_page_t page = {.frame.title = mq_say(rq, "Maintenance"),
                         .status = 503,
                         .heading = mq_say(rq, "Maintenance"),
                         .said = *rq->maintenance ? rq->maintenance : NULL,
                         .message =
                             mq_say(rq, "The service is being worked on and comes back by itself. "
                                        "Nothing that was saved is changed."),
                         .back_href = "/",
                         .kept = typed_values(rq)};
    if (rq->method == MQ_POST) {
        page.message = mq_say(
            rq, "The service is being worked on and comes back by itself. Nothing that was "
                "saved is changed; what you have just sent is not saved yet. Leave this page "
                "open and load it again later: your browser then sends it once more.");
        page.back_href = NULL;
    }
    return mq_page_show(rq, 503, &mq_error_page, &page);
}

apr_status_t mq_error_suspended(mq_request_t *rq)
{
    static const words_t suspended = {403, MQ_SAY("Your organisation is suspended"),
                                      MQ_SAY("Nobody of it can log in for now. Nothing is lost: "
                                             "everything will be there when it is let "
                                             "in again. Whoever runs this service can tell why.")};
    if (!rq->session) { /* who is logged in elsewhere has tried to be so here too, and stays there
                         */
        MQ_TRY(mq_request_cookie_set(rq, MQ_COOKIE_NAME, ""));
    }
    return words_show(rq, &suspended, 0);
}

/* returned_forms.c -- drawing what was typed, and saying why it comes back. */
#include "web/returned_forms.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "domain/patients/patient_fields.h"
#include "web/csrf.h"
#include "web/form.h"
#include "web/form_token.h"

enum { LINE_BYTES = 80 /* longer values are shown in a box of several lines */, RETRY_SECONDS = 5 };

const mq_slot_t mq_returned_value_slots[] = {MQ_TEXT(mq_returned_value_t, id),
                                             MQ_TEXT(mq_returned_value_t, name),
                                             MQ_TEXT(mq_returned_value_t, label),
                                             MQ_TEXT(mq_returned_value_t, value),
                                             MQ_FLAG(mq_returned_value_t, is_line),
                                             MQ_FLAG(mq_returned_value_t, is_hidden),
                                             MQ_SLOTS_END};

typedef struct returned_page_t {
    mq_frame_t frame;
    const char *path;
    mq_list_t values;
} returned_page_t;

static const mq_slot_t page_slots[] = {
    MQ_TEXT(returned_page_t, path),
    MQ_LIST(returned_page_t, values, mq_returned_value_slots, mq_returned_value_t),
    MQ_INCLUDE(returned_page_t, frame, mq_frame_slots), MQ_SLOTS_END};

const mq_page_t mq_returned_page = {"returned.html", page_slots};

int mq_returned_is_carried(const char *name)
{
    static const char *const names[] = {
        "version", MQ_FORM_DATES, MQ_FORM_TOKEN, "duplicates_seen", "sign",          "draft",
        "next",    "end",         "roles_seen",  "their_version",   MQ_FORM_AUTOSAVE};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            return 1;
        }
    }
    return strncmp(name, "take_", 5) == 0; /* an answer of edit_conflict.c, which is asked again */
}

/* Nor a number that was given to a parked form before. */
int mq_returned_is_secret(const char *name)
{
    return strcasestr(name, "password") || strcmp(name, "csrf_token") == 0 ||
           strcmp(name, "code") == 0 || strcmp(name, MQ_FORM_PARKED) == 0;
}

int mq_returned_is_typed(const apr_array_header_t *fields)
{
    for (int i = 0; fields && i < fields->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(fields, i, mq_form_field_t);
        if (*field->value && !mq_returned_is_secret(field->name) &&
            !mq_returned_is_carried(field->name)) {
            return 1;
        }
    }
    return 0;
}

/* Parameters that are no field of a record. */
static const char *const labels[][2] = {
    {"content", MQ_SAY("Note")},         {"reason", MQ_SAY("Reason")},
    {"email", MQ_SAY("E-mail address")}, {"adminEmail", MQ_SAY("E-mail address")},
    {"adminName", MQ_SAY("Your name")},  {"tenantName", MQ_SAY("Organisation")},
    {"role", MQ_SAY("Roles")},           {"language", MQ_SAY("Language")},
    {"digits", MQ_SAY("Digits")}};

/* What has no row reads as its name: "two_factor_from" is "Two factor from". */
const char *mq_returned_label(const mq_request_t *rq, const char *name)
{
    char *label = apr_pstrdup(rq->pool, name);
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (strcmp(mq_patient_field_table[i].name, name) == 0) {
            return mq_say(rq, mq_patient_field_table[i].label);
        }
    }
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        if (strcmp(labels[i][0], name) == 0) {
            return mq_say(rq, labels[i][1]);
        }
    }
    for (char *c = label; *c; c++) {
        *c = *c == '_' ? ' ' : *c;
    }
    *label = (char)apr_toupper(*label);
    return label;
}

const char *mq_returned_value(const mq_form_field_t *field)
{
    return strcmp(field->name, MQ_FORM_AUTOSAVE) == 0 ? "before" : field->value;
}

mq_list_t mq_returned_values(const mq_request_t *rq, const apr_array_header_t *fields, int number)
{
    mq_returned_value_t *values =
        apr_palloc(rq->pool, sizeof *values * (size_t)(fields->nelts + 1));
    int count = 0;
    for (int i = 0; i < fields->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(fields, i, mq_form_field_t);
        if (mq_returned_is_secret(field->name)) {
            continue;
        }
        values[count++] = (mq_returned_value_t){
            .id = apr_psprintf(rq->pool, "returned-%d-%d", number, i),
            .name = field->name,
            .label = mq_returned_label(rq, field->name),
            .value = mq_returned_value(field),
            .is_line = !strchr(field->value, '\n') && strlen(field->value) <= LINE_BYTES,
            .is_hidden = mq_returned_is_carried(field->name) || !*field->value};
    }
    return (mq_list_t){values, count};
}

/* Whether the page has an input for everything that was typed: a role may have changed meanwhile,
 * and with it the form. */
static int has_all(const mq_request_t *rq, const apr_array_header_t *fields)
{
    const char *page = mq_buffer_string(rq->body);
    for (int i = 0; i < fields->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(fields, i, mq_form_field_t);
        if (*field->value && !mq_returned_is_secret(field->name) &&
            !mq_returned_is_carried(field->name) &&
            !strstr(page, apr_pstrcat(rq->pool, " name=\"", field->name, "\"", NULL))) {
            return 0;
        }
    }
    return 1;
}

static apr_status_t route_run(mq_request_t *rq)
{
    return rq->route->open ? rq->route->open(rq) : rq->route->handler(rq, rq->session->scope);
}

int mq_returned_as_itself(mq_request_t *rq, const char *path, const apr_array_header_t *fields)
{
    const mq_request_t before = *rq;
    int methods;
    const mq_route_t *route =
        mq_route_find(&methods, rq->captures, rq->app->routes, path, MQ_POST, rq->pool);
    if (route && route->reviews &&
        (route->open ||
         (rq->session && mq_policy_allows(route->action, mq_scope_roles(rq->session->scope))))) {
        rq->route = route;
        rq->path = path;
        rq->form = fields;
        if (route_run(rq) == APR_SUCCESS && rq->status == 422 && rq->body && has_all(rq, fields)) {
            rq->route = before.route;
            return 1;
        }
    }
    *rq = before;
    return 0;
}

static const char *why_say(const mq_request_t *rq, int status)
{
    switch (status) {
    case 403:
        return mq_say(rq, "This page was older than your current log-in, so nothing has been saved "
                          "yet. Check it, then send it again.");
    case 413:
        return mq_sayf(rq,
                       "This is more than the %d KB of text that one form may have. Nothing has "
                       "been saved yet: shorten it, then send it again.",
                       (int)(rq->app->body_limit / 1024));
    case 415:
        return mq_say(rq, "It was sent in a way that this server does not read. Nothing has been "
                          "saved yet: check it, then send it again from here.");
    case 503:
        return mq_say(rq, "The server was too busy to save this. Nothing is lost: send it again in "
                          "a few seconds.");
    case 500:
        return mq_say(rq, "The server could not save this; the fault is on our side and has been "
                          "noted. Nothing is lost: send it again.");
    default:
        return NULL;
    }
}

/* A form without a token of ours is nobody's; one with another person's is never shown. */
static int is_theirs(const mq_request_t *rq)
{
    mq_page_mark_t mark;
    return !mq_csrf_is_foreign(rq) &&
           (mq_csrf_mark(&mark, rq) != APR_SUCCESS || !mq_page_mark_has_person(&mark) ||
            (rq->session && mq_page_mark_is_of(&mark, rq->session->scope)));
}

static apr_status_t fields_show(mq_request_t *rq, int status)
{
    const char *label = rq->route->open ? NULL : mq_policy(rq->route->action)->label;
    returned_page_t page = {.frame.title =
                                mq_say(rq, label ? label : "What you typed is still here"),
                            .path = rq->path,
                            .values = mq_returned_values(rq, rq->form, 1)};
    return mq_page_show(rq, status, &mq_returned_page, &page);
}

apr_status_t mq_form_return(mq_request_t *rq, int status, const char *why)
{
    why = why ? why : why_say(rq, status);
    if (rq->method != MQ_POST || !rq->route || !rq->form || !why || !is_theirs(rq) ||
        (!rq->session && !rq->route->open)) {
        return MQ_ENOTFOUND;
    }
    rq->returned = why;
    if (status >= 500) { /* what has failed is not asked again for a page */
        apr_table_setn(rq->headers, "Retry-After", apr_itoa(rq->pool, RETRY_SECONDS));
        return fields_show(rq, status);
    }
    if (mq_returned_is_typed(rq->form) && mq_returned_as_itself(rq, rq->path, rq->form)) {
        rq->status = status;
        return APR_SUCCESS;
    }
    return fields_show(rq, status);
}

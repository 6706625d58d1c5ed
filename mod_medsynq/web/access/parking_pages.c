/* parking_pages.c -- parking a form, showing it again. The rules are in domain/access/parking.c. */
#include "web/access/parking_pages.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "base/crypto.h"
#include "base/escape.h"
#include "base/id.h"
#include "domain/access/parking.h"
#include "domain/patients/patient_fields.h"
#include "web/error_pages.h"
#include "web/form.h"
#include "web/form_token.h"
#include "web/routes.h"
#include "web/route_tables.h"

enum { LINE_BYTES = 80 }; /* longer values are shown in a box of several lines */

static const char cookie[] = "medsynq_parked";
typedef struct value_t {
    const char *id;
    const char *name;
    const char *label;
    const char *value;
    int is_hidden;
    int is_line;
} value_t;

typedef struct parked_t {
    const char *id;
    const char *path;
    const char *review_href; /* where it is shown as the form that it was, or NULL */
    const char *number;
    mq_list_t values;
} parked_t;

typedef struct parked_page_t {
    mq_frame_t frame;
    mq_list_t forms;
    int has_several;
} parked_page_t;

static const mq_slot_t value_slots[] = {MQ_TEXT(value_t, id),
                                        MQ_TEXT(value_t, name),
                                        MQ_TEXT(value_t, label),
                                        MQ_TEXT(value_t, value),
                                        MQ_FLAG(value_t, is_line),
                                        MQ_FLAG(value_t, is_hidden),
                                        MQ_SLOTS_END};

static const mq_slot_t parked_slots[] = {MQ_TEXT(parked_t, id),
                                         MQ_TEXT(parked_t, path),
                                         MQ_TEXT(parked_t, review_href),
                                         MQ_TEXT(parked_t, number),
                                         MQ_LIST(parked_t, values, value_slots, value_t),
                                         MQ_SLOTS_END};

static const mq_slot_t page_slots[] = {
    MQ_LIST(parked_page_t, forms, parked_slots, parked_t), MQ_FLAG(parked_page_t, has_several),
    MQ_INCLUDE(parked_page_t, frame, mq_frame_slots), MQ_SLOTS_END};

static const mq_page_t parked_template = {"parked.html", page_slots};

/* What the form carries for the program: sent along, no reason to park by itself. */
static int is_carried(const char *name)
{
    return strcmp(name, "version") == 0 || strcmp(name, "dates_as") == 0 ||
           strcmp(name, MQ_FORM_TOKEN) == 0;
}

/* Never stored, however well sealed; nor a number that was given to a parked form before. */
static int is_left_out(const char *name)
{
    return strcasestr(name, "password") || strcmp(name, "csrf_token") == 0 ||
           strcmp(name, "code") == 0 || strcmp(name, MQ_FORM_PARKED) == 0;
}

/* Forms of one's own account are short and full of secrets. */
static int is_parkable(const char *path)
{
    return strcmp(path, "/logout") != 0 && strncmp(path, "/account/", 9) != 0 &&
           strncmp(path, "/parked/", 8) != 0;
}

/* @return whether the person typed anything at all */
static int body_make(mq_buffer_t *out, const apr_array_header_t *fields)
{
    int typed = 0;
    for (int i = 0; i < fields->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(fields, i, mq_form_field_t);
        if (!is_left_out(field->name)) {
            typed += *field->value && !is_carried(field->name);
            mq_escape_url_query(out, field->name);
            mq_buffer_text(out, "=");
            mq_escape_url_query(out, field->value);
            mq_buffer_text(out, "&");
        }
    }
    return typed;
}

static int secret_read(unsigned char secret_out[MQ_PARKING_SECRET_LENGTH], const mq_request_t *rq)
{
    const char *value = mq_request_cookie(rq, cookie);
    const unsigned char *bytes;
    apr_size_t length;
    if (!value || mq_base64url_decode(&bytes, &length, value, rq->pool) != APR_SUCCESS ||
        length != MQ_PARKING_SECRET_LENGTH) {
        return 0;
    }
    memcpy(secret_out, bytes, MQ_PARKING_SECRET_LENGTH);
    return 1;
}

apr_status_t mq_parking_take(mq_request_t *rq, const mq_scope_t *sc)
{
    unsigned char secret[MQ_PARKING_SECRET_LENGTH];
    mq_buffer_t *body = mq_buffer_make(rq->pool, 1024);
    apr_status_t rv;
    if (!is_parkable(rq->path) || !body_make(body, rq->form)) {
        return mq_request_redirect(rq, "/login?next=/dashboard");
    }
    if (!secret_read(secret, rq)) {
        MQ_TRY(mq_random(secret, sizeof secret));
        MQ_TRY(mq_request_cookie_set(rq, cookie,
                                     mq_base64url_encode(secret, sizeof secret, rq->pool)));
    }
    rv = mq_parking_add(sc, secret, rq->path, mq_buffer_string(body));
    mq_db_give_back(sc);
    if (rv == MQ_EFULL) { /* given back to the one who sent it, in this very answer */
        rq->returns_typed = 1;
        return mq_error_show(rq, 503);
    }
    MQ_TRY(rv);
    return mq_request_redirect(rq, "/login?next=/parked");
}

const char *mq_parking_next(const mq_request_t *rq, const mq_scope_t *sc, const char *next)
{
    unsigned char secret[MQ_PARKING_SECRET_LENGTH];
    apr_array_header_t *forms;
    int waits = secret_read(secret, rq) && mq_parking_list(&forms, sc, secret) == APR_SUCCESS &&
                forms->nelts > 0;
    mq_db_give_back(sc);
    return waits                                                   ? "/parked"
           : mq_path_is_ours(next) && strcmp(next, "/parked") != 0 ? next
                                                                   : "/dashboard";
}

void mq_parking_settle(mq_request_t *rq)
{
    const char *text = rq->form ? mq_form_get(rq->form, MQ_FORM_PARKED, NULL) : NULL;
    mq_id_t id;
    apr_status_t rv;
    /* a refused or failed form waits on; one that came back to be mended is on the page now */
    if (!text || !rq->session ||
        (rq->status != 200 && rq->status != 303 && rq->status != 422 && rq->status != 409) ||
        mq_id_parse(&id, text) != APR_SUCCESS) {
        return;
    }
    rv = mq_parking_remove(rq->session->scope, &id, 1);
    if (rv != APR_SUCCESS && rv != MQ_ENOTFOUND) {
        rq->hooks->log(rq, "MSQ0039", rv,
                       "a parked form could not be removed: it waits until it expires");
    }
}

/* A field of a record has its label there; else "date_of_birth" reads "Date of birth". */
static const char *label_of(const mq_request_t *rq, const char *name)
{
    char *label = apr_pstrdup(rq->pool, name);
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        if (strcmp(mq_patient_field_table[i].name, name) == 0) {
            return mq_say(rq, mq_patient_field_table[i].label);
        }
    }
    for (char *c = label; *c; c++) {
        *c = *c == '_' ? ' ' : *c;
    }
    *label = (char)apr_toupper(*label);
    return label;
}

/* The route that shows a parked form as itself; NULL: none does, or the person may no longer. */
static const mq_route_t *review_route(const char *captures_out[MQ_CAPTURES], const mq_request_t *rq,
                                      const mq_scope_t *sc, const mq_parked_t *form)
{
    int methods;
    const mq_route_t *route =
        mq_route_find(&methods, captures_out, rq->app->routes, form->path, MQ_POST, rq->pool);
    return route && route->reviews && mq_policy_allows(route->action, mq_scope_roles(sc)) ? route
                                                                                          : NULL;
}

/* Whether the page has an input for everything that was typed: a role may have changed meanwhile,
 * and with it the form. */
static int has_all(mq_request_t *rq)
{
    const char *page = mq_buffer_string(rq->body);
    for (int i = 0; i < rq->form->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(rq->form, i, mq_form_field_t);
        if (*field->value && !is_carried(field->name) &&
            !strstr(page, apr_pstrcat(rq->pool, " name=\"", field->name, "\"", NULL))) {
            return 0;
        }
    }
    return 1;
}

/* Show a parked form as the form that it was: its handler reads it and finds it not confirmed.
 * @return 0 that cannot be, and nothing has been shown */
static int review_show(mq_request_t *rq, const mq_scope_t *sc, const mq_parked_t *form)
{
    const mq_request_t before = *rq;
    rq->route = review_route(rq->captures, rq, sc, form);
    rq->path = form->path;
    rq->review = mq_id_text(&form->id, rq->pool);
    if (rq->route &&
        mq_form_parse(&rq->form, NULL, form->body, strlen(form->body), MQ_FORM_FIELDS_DEFAULT,
                      rq->pool) == APR_SUCCESS &&
        rq->route->handler(rq, sc) == APR_SUCCESS && rq->status == 422 && has_all(rq)) {
        rq->status = 200;
        rq->form = NULL;
        return 1;
    }
    *rq = before;
    return 0;
}

/* @param tried it has turned out that it cannot be shown as itself */
static apr_status_t parked_draw(parked_t *out, const mq_request_t *rq, const mq_scope_t *sc,
                                const mq_parked_t *form, int tried, int number)
{
    const char *captures[MQ_CAPTURES];
    const apr_array_header_t *fields;
    value_t *values;
    MQ_TRY(mq_form_parse(&fields, NULL, form->body, strlen(form->body), MQ_FORM_FIELDS_DEFAULT,
                         rq->pool));
    values = apr_palloc(rq->pool, sizeof *values * (size_t)(fields->nelts + 1));
    for (int i = 0; i < fields->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(fields, i, mq_form_field_t);
        values[i] =
            (value_t){.id = apr_psprintf(rq->pool, "parked-%d-%d", number, i),
                      .name = field->name,
                      .label = label_of(rq, field->name),
                      .value = field->value,
                      .is_line = !strchr(field->value, '\n') && strlen(field->value) <= LINE_BYTES,
                      .is_hidden = is_carried(field->name) || !*field->value};
    }
    *out = (parked_t){.id = mq_id_text(&form->id, rq->pool),
                      .path = form->path,
                      .review_href = !tried && review_route(captures, rq, sc, form)
                                         ? apr_pstrcat(rq->pool, "/parked?form=",
                                                       mq_id_text(&form->id, rq->pool), NULL)
                                         : NULL,
                      .number = apr_itoa(rq->pool, number),
                      .values = {values, fields->nelts}};
    return APR_SUCCESS;
}

/* @return which one: the only one, or the one that the query names; -1: several wait */
static int form_chosen(const mq_request_t *rq, const apr_array_header_t *forms)
{
    const char *named = mq_request_query(rq, "form");
    for (int i = 0; i < forms->nelts; i++) {
        const mq_parked_t *form = &APR_ARRAY_IDX(forms, i, mq_parked_t);
        if (named ? strcmp(named, mq_id_text(&form->id, rq->pool)) == 0 : forms->nelts == 1) {
            return i;
        }
    }
    return -1;
}

static apr_status_t parked_page(mq_request_t *rq, const mq_scope_t *sc)
{
    parked_page_t page = {.frame.title = mq_say(rq, "What you typed is still here")};
    unsigned char secret[MQ_PARKING_SECRET_LENGTH];
    apr_array_header_t *forms;
    int chosen;
    parked_t *rows;
    if (!secret_read(secret, rq)) {
        return mq_request_redirect(rq, "/dashboard");
    }
    MQ_TRY(mq_parking_list(&forms, sc, secret));
    if (forms->nelts == 0) {
        return mq_request_redirect(rq, "/dashboard");
    }
    chosen = form_chosen(rq, forms);
    if (chosen >= 0 && review_show(rq, sc, &APR_ARRAY_IDX(forms, chosen, mq_parked_t))) {
        return APR_SUCCESS;
    }
    rows = apr_palloc(rq->pool, sizeof *rows * (size_t)forms->nelts);
    for (int i = 0; i < forms->nelts; i++) {
        MQ_TRY(parked_draw(&rows[i], rq, sc, &APR_ARRAY_IDX(forms, i, mq_parked_t), i == chosen,
                           i + 1));
    }
    page.forms = (mq_list_t){rows, forms->nelts};
    page.has_several = forms->nelts > 1;
    return mq_page_show(rq, 200, &parked_template, &page);
}

static apr_status_t parked_discard_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_parking_remove(sc, &id, 0));
    return mq_request_redirect(rq, "/parked");
}

const mq_route_t mq_parking_routes[] = {
    {MQ_GET, "/parked", MQ_ACTION_FORMS_PARKED, parked_page, .page = &parked_template},
    {MQ_POST, "/parked/{id}/discard", MQ_ACTION_FORM_UNPARK, parked_discard_post},
    MQ_ROUTES_END};

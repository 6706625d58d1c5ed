/* parking_pages.c -- parking a form, showing it again. The rules are in domain/access/parking.c. */
#include "web/access/parking_pages.h"

#include <apr_strings.h>
#include <string.h>

#include "base/crypto.h"
#include "base/escape.h"
#include "base/id.h"
#include "domain/access/parking.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/form.h"
#include "web/returned_forms.h"
#include "web/route_tables.h"

static const char cookie[] = "medsynq_parked";
typedef struct parked_t {
    const char *id;
    const char *path;
    const char *review_href; /* where it is shown as the form that it was, or NULL */
    const char *number;
    const char *until_text;
    mq_list_t values;
} parked_t;

typedef struct parked_page_t {
    mq_frame_t frame;
    mq_list_t forms;
    mq_list_t discarded;
    int waits; /* one at least */
    int has_several;
} parked_page_t;

static const mq_slot_t parked_slots[] = {
    MQ_TEXT(parked_t, id),
    MQ_TEXT(parked_t, path),
    MQ_TEXT(parked_t, review_href),
    MQ_TEXT(parked_t, number),
    MQ_TEXT(parked_t, until_text),
    MQ_LIST(parked_t, values, mq_returned_value_slots, mq_returned_value_t),
    MQ_SLOTS_END};

static const mq_slot_t page_slots[] = {MQ_LIST(parked_page_t, forms, parked_slots, parked_t),
                                       MQ_LIST(parked_page_t, discarded, parked_slots, parked_t),
                                       MQ_FLAG(parked_page_t, waits),
                                       MQ_FLAG(parked_page_t, has_several),
                                       MQ_INCLUDE(parked_page_t, frame, mq_frame_slots),
                                       MQ_SLOTS_END};

static const mq_page_t parked_template = {"parked.html", page_slots};

/* Forms of one's own account are short and full of secrets. */
static int is_parkable(const char *path)
{
    return strcmp(path, "/logout") != 0 && strncmp(path, "/account/", 9) != 0 &&
           strncmp(path, "/parked/", 8) != 0;
}

static const char *body_make(const apr_array_header_t *fields, apr_pool_t *pool)
{
    mq_buffer_t *out = mq_buffer_make(pool, 1024);
    for (int i = 0; i < fields->nelts; i++) {
        const mq_form_field_t *field = &APR_ARRAY_IDX(fields, i, mq_form_field_t);
        if (!mq_returned_is_secret(field->name)) {
            mq_escape_url_query(out, field->name);
            mq_buffer_text(out, "=");
            mq_escape_url_query(out, mq_returned_value(field));
            mq_buffer_text(out, "&");
        }
    }
    return mq_buffer_string(out);
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

int mq_parking_takes(const mq_request_t *rq)
{
    return is_parkable(rq->path) && mq_returned_is_typed(rq->form);
}

apr_status_t mq_parking_take(int *kept_out, mq_request_t *rq, const mq_scope_t *sc)
{
    unsigned char secret[MQ_PARKING_SECRET_LENGTH];
    apr_status_t rv;
    *kept_out = 0;
    if (!mq_parking_takes(rq)) {
        return APR_SUCCESS;
    }
    if (!secret_read(secret, rq)) {
        MQ_TRY(mq_random(secret, sizeof secret));
        MQ_TRY(mq_request_cookie_set(rq, cookie,
                                     mq_base64url_encode(secret, sizeof secret, rq->pool)));
    }
    rv = mq_parking_add(sc, secret, rq->path, body_make(rq->form, rq->pool));
    mq_db_give_back(sc);
    *kept_out = rv == APR_SUCCESS;
    return rv;
}

static int number_of(const apr_array_header_t *forms, int is_discarded)
{
    int count = 0;
    for (int i = 0; i < forms->nelts; i++) {
        count += APR_ARRAY_IDX(forms, i, mq_parked_t).is_discarded == is_discarded;
    }
    return count;
}

const char *mq_parking_next(const mq_request_t *rq, const mq_scope_t *sc, const char *next)
{
    unsigned char secret[MQ_PARKING_SECRET_LENGTH];
    apr_array_header_t *forms;
    int waits = secret_read(secret, rq) && mq_parking_list(&forms, sc, secret) == APR_SUCCESS &&
                number_of(forms, 0) > 0;
    mq_db_give_back(sc);
    return waits                                                   ? "/parked"
           : mq_path_is_ours(next) && strcmp(next, "/parked") != 0 ? next
                                                                   : "/dashboard";
}

int mq_parking_has(const mq_request_t *rq, const mq_scope_t *sc)
{
    unsigned char secret[MQ_PARKING_SECRET_LENGTH];
    apr_array_header_t *forms;
    return secret_read(secret, rq) && mq_parking_list(&forms, sc, secret) == APR_SUCCESS &&
           forms->nelts > 0;
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
    rv = mq_parking_remove(rq->session->scope, &id);
    if (rv != APR_SUCCESS && rv != MQ_ENOTFOUND) {
        rq->hooks->log(rq, "MSQ0039", rv,
                       "a parked form could not be removed: it waits until it expires");
    }
}

/* The route that shows a parked form as itself; NULL: none does, or the person may no longer. */
static const mq_route_t *review_route(const mq_request_t *rq, const mq_scope_t *sc,
                                      const mq_parked_t *form)
{
    const char *captures[MQ_CAPTURES];
    int methods;
    const mq_route_t *route =
        mq_route_find(&methods, captures, rq->app->routes, form->path, MQ_POST, rq->pool);
    return route && route->reviews && route->handler &&
                   mq_policy_allows(route->action, mq_scope_roles(sc))
               ? route
               : NULL;
}

static const char *why_say(const mq_request_t *rq)
{
    return mq_say(rq, "Your session had ended when you sent it, so nothing has been saved yet. "
                      "Check it, then send it again.");
}

static int review_show(mq_request_t *rq, const mq_parked_t *form)
{
    const mq_request_t before = *rq;
    const apr_array_header_t *fields;
    rq->review = mq_id_text(&form->id, rq->pool);
    rq->returned = why_say(rq);
    if (mq_form_parse(&fields, NULL, form->body, strlen(form->body), MQ_FORM_FIELDS_DEFAULT,
                      rq->pool) == APR_SUCCESS &&
        mq_returned_as_itself(rq, form->path, fields)) {
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
    const apr_array_header_t *fields;
    MQ_TRY(mq_form_parse(&fields, NULL, form->body, strlen(form->body), MQ_FORM_FIELDS_DEFAULT,
                         rq->pool));
    *out = (parked_t){.id = mq_id_text(&form->id, rq->pool),
                      .path = form->path,
                      .review_href = !tried && review_route(rq, sc, form)
                                         ? apr_pstrcat(rq->pool, "/parked?form=",
                                                       mq_id_text(&form->id, rq->pool), NULL)
                                         : NULL,
                      .number = apr_itoa(rq->pool, number),
                      .until_text = mq_time_say(rq, form->until),
                      .values = mq_returned_values(rq, fields, number)};
    return APR_SUCCESS;
}

/* @return which one: the only one, or the one that the query names; -1: several wait, or the last
 * one has just been discarded */
static int form_chosen(const mq_request_t *rq, const apr_array_header_t *forms)
{
    const char *named = mq_request_query(rq, "form");
    int is_single = number_of(forms, 0) == 1 && !mq_request_query(rq, "discarded");
    for (int i = 0; i < forms->nelts; i++) {
        const mq_parked_t *form = &APR_ARRAY_IDX(forms, i, mq_parked_t);
        if (!form->is_discarded &&
            (named ? strcmp(named, mq_id_text(&form->id, rq->pool)) == 0 : is_single)) {
            return i;
        }
    }
    return -1;
}

static apr_status_t forms_draw(mq_list_t *list_out, const mq_request_t *rq, const mq_scope_t *sc,
                               const apr_array_header_t *forms, int is_discarded, int chosen)
{
    parked_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)forms->nelts);
    int count = 0;
    for (int i = 0; i < forms->nelts; i++) {
        const mq_parked_t *form = &APR_ARRAY_IDX(forms, i, mq_parked_t);
        if (form->is_discarded == is_discarded) {
            MQ_TRY(parked_draw(&rows[count++], rq, sc, form, i == chosen, i + 1));
        }
    }
    *list_out = (mq_list_t){rows, count};
    return APR_SUCCESS;
}

static apr_status_t parked_page(mq_request_t *rq, const mq_scope_t *sc)
{
    parked_page_t page = {.frame.title = mq_say(rq, "What you typed is still here")};
    unsigned char secret[MQ_PARKING_SECRET_LENGTH];
    apr_array_header_t *forms;
    int chosen;
    if (!secret_read(secret, rq)) {
        return mq_request_redirect(rq, "/dashboard");
    }
    MQ_TRY(mq_parking_list(&forms, sc, secret));
    if (forms->nelts == 0) {
        return mq_request_redirect(rq, "/dashboard");
    }
    chosen = form_chosen(rq, forms);
    if (chosen >= 0 && review_show(rq, &APR_ARRAY_IDX(forms, chosen, mq_parked_t))) {
        return APR_SUCCESS;
    }
    MQ_TRY(forms_draw(&page.forms, rq, sc, forms, 0, chosen));
    MQ_TRY(forms_draw(&page.discarded, rq, sc, forms, 1, chosen));
    page.waits = page.forms.count > 0;
    page.has_several = page.forms.count > 1;
    return mq_page_show(rq, 200, &parked_template, &page);
}

static apr_status_t parked_discard_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_parking_discard(sc, &id));
    return mq_flash_redirect(rq, "/parked?discarded=1", mq_say(rq, "Discarded."));
}

static apr_status_t parked_undo_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_parking_bring_back(sc, &id));
    return mq_flash_redirect(
        rq, apr_pstrcat(rq->pool, "/parked?form=", mq_id_text(&id, rq->pool), NULL),
        mq_say(rq, "What you typed is back."));
}

const mq_route_t mq_parking_routes[] = {
    {MQ_GET, "/parked", MQ_ACTION_FORMS_PARKED, parked_page, .page = &parked_template},
    {MQ_POST, "/parked/{id}/discard", MQ_ACTION_FORM_UNPARK, parked_discard_post},
    {MQ_POST, "/parked/{id}/undo", MQ_ACTION_FORM_PARK, parked_undo_post},
    MQ_ROUTES_END};

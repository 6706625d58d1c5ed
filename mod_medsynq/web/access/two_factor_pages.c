/* two_factor_pages.c -- codes at log-in and on one's account. Rules are in
 * domain/access/two_factor.c. */
#include "web/access/two_factor_pages.h"

#include <apr_strings.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/escape.h"
#include "base/qr.h"
#include "domain/access/scope_minting.h"
#include "domain/change.h"
#include "domain/access/links.h"
#include "domain/access/two_factor.h"
#include "web/flash.h"
#include "web/form.h"
#include "web/access/beside.h"
#include "web/access/parking_pages.h"
#include "web/access/proof.h"
#include "web/failures.h"
#include "web/refusals.h"
#include "web/route_tables.h"

enum { STEP_SECONDS = 300, CODE_LIMIT = 40, URI_EASY = 250 /* for a telephone to scan */ };

typedef struct code_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
} code_page_t;

static const mq_slot_t code_slots[] = {MQ_INCLUDE(code_page_t, form, mq_form_slots),
                                       MQ_INCLUDE(code_page_t, frame, mq_frame_slots),
                                       MQ_SLOTS_END};

typedef struct code_t {
    const char *code;
} code_t;

static const mq_slot_t recovery_slots[] = {MQ_TEXT(code_t, code), MQ_SLOTS_END};

typedef struct two_factor_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
    int is_on;
    int is_owed;
    const char *secret;
    const char *uri;
    mq_markup_t qr;
    const char *left_text;
    mq_list_t codes;
    int has_codes;
} two_factor_page_t;

static const mq_slot_t two_factor_slots[] = {
    MQ_FLAG(two_factor_page_t, is_on),
    MQ_FLAG(two_factor_page_t, is_owed),
    MQ_FLAG(two_factor_page_t, has_codes),
    MQ_TEXT(two_factor_page_t, secret),
    MQ_TEXT(two_factor_page_t, uri),
    MQ_MARKUP(two_factor_page_t, qr),
    MQ_TEXT(two_factor_page_t, left_text),
    MQ_LIST(two_factor_page_t, codes, recovery_slots, code_t),
    MQ_INCLUDE(two_factor_page_t, form, mq_form_slots),
    MQ_INCLUDE(two_factor_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t code_template = {"login_code.html", code_slots};
static const mq_page_t two_factor_template = {"two_factor.html", two_factor_slots};

typedef struct code_in_t {
    const char *code;
    const char *next;
    const char *beside;
} code_in_t;

static const mq_field_t login_fields[] = {
    {"code", MQ_SAY("Code"), MQ_FIELD_LINE, 1, CODE_LIMIT, "one-time-code",
     MQ_SAY("Six digits from your authenticator app, or one of your recovery codes."),
     MQ_SAY("Enter the code."), offsetof(code_in_t, code)},
    {"next", MQ_SAY("Next page"), MQ_FIELD_HIDDEN, 0, MQ_LIMIT_PASSWORD, NULL, NULL, NULL,
     offsetof(code_in_t, next)},
    {"beside", MQ_SAY("Next page"), MQ_FIELD_HIDDEN, 0, 1, NULL, NULL, NULL,
     offsetof(code_in_t, beside)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

/* One's own: a session that was stolen must not become the account. */
typedef struct own_in_t {
    const char *password;
    const char *code;
} own_in_t;

static const mq_field_t own_fields[] = {MQ_PROOF_FIELD(own_in_t, password, NULL, NULL),
                                        {"code", MQ_SAY("Code"), MQ_FIELD_LINE, 1, CODE_LIMIT,
                                         "one-time-code",
                                         MQ_SAY("Six digits that the app shows now."),
                                         MQ_SAY("Enter the code."), offsetof(own_in_t, code)},
                                        {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

/* What the step is bound to, beside the person: a password changed meanwhile ends it. */
static const char *epoch_of(const mq_scope_t *sc)
{
    return apr_psprintf(mq_scope_pool(sc), "%" APR_INT64_T_FMT, mq_scope_epoch(sc));
}

/* A path of ours: one slash and then no second one, no backslash, nothing that a browser would
 * strip and then read as another host. */
apr_status_t mq_code_ask(mq_request_t *rq, const mq_scope_t *sc, const char *next, int beside)
{
    mq_buffer_t *location = mq_buffer_make(rq->pool, 128);
    const char *text;
    mq_link_t link;
    const char *epoch = epoch_of(sc);
    MQ_TRY(mq_link_make(&text, &link, sc, MQ_LINK_SECOND_STEP, mq_scope_user(sc), epoch));
    MQ_TRY(mq_request_cookie_set(rq, MQ_COOKIE_STEP_NAME,
                                 apr_pstrcat(rq->pool, text, ".", epoch, NULL)));
    mq_buffer_text(location, beside ? "/login/code?beside=1" : "/login/code");
    if (mq_path_is_ours(next)) {
        mq_buffer_text(location, beside ? "&next=" : "?next=");
        mq_escape_url_query(location, next);
    }
    return mq_request_redirect(rq, mq_buffer_string(location));
}

/* Who has shown the password a moment ago. @return MQ_ENOTFOUND nobody: begin again */
static apr_status_t step_person(const mq_scope_t **sc_out, const mq_request_t *rq)
{
    const char *cookie = mq_request_cookie(rq, MQ_COOKIE_STEP_NAME);
    const char *epoch = cookie ? strchr(cookie, '.') : NULL;
    mq_link_t link;
    if (!epoch) {
        return MQ_ENOTFOUND;
    }
    MQ_TRY(mq_link_open(&link, &rq->visit, MQ_LINK_SECOND_STEP,
                        apr_pstrmemdup(rq->pool, cookie, (apr_size_t)(epoch - cookie)), epoch + 1));
    if (!mq_term_runs(rq->now, link.made + apr_time_from_sec(STEP_SECONDS),
                      apr_time_from_sec(STEP_SECONDS))) {
        return MQ_ENOTFOUND;
    }
    MQ_TRY(mq_scope_enter(sc_out, &rq->visit, link.scope, &link.record));
    if (strcmp(epoch + 1, epoch_of(*sc_out)) != 0) {
        mq_db_give_back(*sc_out);
        return MQ_ENOTFOUND;
    }
    return APR_SUCCESS;
}

static apr_status_t code_show(mq_request_t *rq, int status, const mq_form_t *form)
{
    code_page_t page = {.frame.title = mq_say(rq, "Enter your code"),
                        .form = mq_form_view(form, NULL)};
    return mq_page_show(rq, status, &code_template, &page);
}

static apr_status_t code_page(mq_request_t *rq)
{
    const char *next = mq_request_query(rq, "next");
    mq_form_t *form = mq_form_make(rq, login_fields);
    const mq_scope_t *sc;
    apr_status_t rv = step_person(&sc, rq);
    if (rv == MQ_ENOTFOUND) {
        return mq_request_redirect(rq, "/login");
    }
    MQ_TRY(rv);
    mq_db_give_back(sc);
    mq_form_set(form, "next",
                mq_path_is_ours(next) && strlen(next) <= MQ_LIMIT_PASSWORD ? next : NULL);
    mq_form_set(form, "beside", rq->session && mq_request_query(rq, "beside") ? "1" : NULL);
    return code_show(rq, 200, form);
}

/* Put the fault of a code into the form. @return the status to show it with, 0: it was right */
static int code_fault(mq_request_t *rq, mq_form_t *form, apr_status_t rv, int wait)
{
    mq_refusal_tell(rq, "code", rv);
    if (rv == MQ_EBUSY) {
        apr_table_setn(rq->headers, "Retry-After", apr_itoa(rq->pool, wait));
        mq_form_fault(form, "code",
                      mq_say_count(rq, "Too many attempts. Try again in %d second.",
                                   "Too many attempts. Try again in %d seconds.", wait));
        return 429;
    }
    if (rv == MQ_EDENIED) {
        mq_form_fault(form, "code",
                      mq_say(rq, "This code does not fit, or has been used. Wait for the next one "
                                 "and check that your device's clock is right."));
        return 422;
    }
    if (rv == MQ_ECORRUPT) {
        mq_failure_log(rq, rv);
        mq_form_fault(form, "code",
                      mq_say(rq, "Your two-step verification cannot be read on this server. Use a "
                                 "recovery code, or ask your administrator to turn it off."));
        return 422;
    }
    return 0;
}

static apr_status_t sign_in_record(const mq_scope_t *sc, mq_outcome_t outcome)
{
    mq_audit_event_t event = {.action = MQ_ACTION_SIGN_IN,
                              .outcome = outcome,
                              .object = mq_scope_user(sc),
                              .reason = "second factor"};
    apr_status_t rv = mq_event_record(sc, &event);
    mq_db_give_back(sc);
    return rv;
}

static apr_status_t code_post(mq_request_t *rq)
{
    mq_form_t *form = mq_form_make(rq, login_fields);
    code_in_t in = {0};
    const mq_scope_t *sc;
    int wait = 0;
    int status;
    apr_status_t rv = step_person(&sc, rq);
    if (rv == MQ_ENOTFOUND) {
        return mq_request_redirect(rq, "/login");
    }
    MQ_TRY(rv);
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return code_show(rq, 422, form);
    }
    MQ_TRY(mq_request_seat(rq, sc)); /* a code works once */
    rv = mq_two_factor_check(&wait, &rq->visit, sc, in.code);
    status = code_fault(rq, form, rv, wait);
    if (rv == MQ_EDENIED) { /* a code that had to wait was not looked at: nothing has happened */
        MQ_TRY(sign_in_record(sc, MQ_OUTCOME_FAILED));
    }
    if (status) {
        return code_show(rq, status, form);
    }
    MQ_TRY(rv);
    MQ_TRY(sign_in_record(sc, MQ_OUTCOME_DONE));
    MQ_TRY(in.beside ? mq_beside_log_in(rq, sc) : mq_beside_hand_over(rq, sc));
    return mq_request_redirect(rq, mq_parking_next(rq, sc, in.next));
}

/* Who works in several organisations sees in the app which code is whose. */
static const char *uri_make(const mq_request_t *rq, const mq_scope_t *sc, const char *secret,
                            int with_organisation)
{
    mq_buffer_t *out = mq_buffer_make(rq->pool, 256);
    mq_buffer_text(out, "otpauth://totp/MedSynQ:");
    mq_escape_url_segment(out, mq_scope_user_name(sc));
    if (with_organisation) {
        mq_escape_url_segment(out,
                              apr_pstrcat(rq->pool, " (", mq_scope_tenant_name(sc), ")", NULL));
    }
    mq_buffer_text(out, "?secret=");
    mq_buffer_text(out, secret);
    mq_buffer_text(out, "&issuer=MedSynQ");
    return mq_buffer_string(out);
}

static apr_status_t offer_draw(two_factor_page_t *page, const mq_request_t *rq,
                               const mq_scope_t *sc)
{
    unsigned char secret[MQ_TOTP_SECRET_LENGTH];
    MQ_TRY(mq_two_factor_offer(secret, sc));
    page->secret = mq_base32_encode(secret, sizeof secret, rq->pool);
    page->uri = uri_make(rq, sc, page->secret, 1);
    if (strlen(page->uri) > URI_EASY) {
        page->uri = uri_make(rq, sc, page->secret, 0);
    }
    if (mq_qr_svg(&page->qr.html, page->uri, rq->pool) != APR_SUCCESS) {
        page->qr.html = NULL; /* a very long name: the secret can still be typed */
    }
    return APR_SUCCESS;
}

static mq_list_t codes_draw(const mq_request_t *rq, const char *codes)
{
    code_t *items = apr_pcalloc(rq->pool, sizeof *items * MQ_RECOVERY_CODES);
    char *rest = apr_pstrdup(rq->pool, codes ? codes : "");
    int count = 0;
    while (*rest && count < MQ_RECOVERY_CODES) {
        char *end = rest + strcspn(rest, " ");
        items[count++].code = apr_pstrmemdup(rq->pool, rest, (apr_size_t)(end - rest));
        rest = end + strspn(end, " ");
    }
    return (mq_list_t){items, count};
}

static apr_status_t two_factor_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                                    const mq_form_t *form)
{
    two_factor_page_t page = {.frame.title = mq_say(rq, "Two-step verification"),
                              .form = mq_form_view(form, NULL),
                              .is_on = mq_scope_has_second_factor(sc),
                              .is_owed = mq_scope_owes_second_factor(sc)};
    mq_flash_t flash;
    int left;
    MQ_TRY(mq_flash_take(&flash, rq));
    page.frame.notice = flash.notice;
    page.codes = codes_draw(rq, flash.codes);
    page.has_codes = page.codes.count > 0;
    if (page.is_on) {
        MQ_TRY(mq_recovery_codes_left(&left, sc));
        page.left_text =
            mq_say_count(rq, "%d recovery code is left.", "%d recovery codes are left.", left);
    } else {
        MQ_TRY(offer_draw(&page, rq, sc));
    }
    return mq_page_show(rq, status, &two_factor_template, &page);
}

static apr_status_t two_factor_page(mq_request_t *rq, const mq_scope_t *sc)
{
    return two_factor_show(rq, sc, 200, mq_form_make(rq, own_fields));
}

/* All sessions have ended: begin a new one, and go on in it so that the flash is tied to it. */
static apr_status_t sign_in_anew(mq_request_t *rq, const mq_scope_t *sc)
{
    const char *cookie;
    mq_session_t *session;
    mq_db_give_back(sc);
    MQ_TRY(mq_session_begin(&cookie, &rq->visit, sc, rq->seat));
    rq->seat = NULL;
    MQ_TRY(mq_request_cookie_set(rq, MQ_COOKIE_NAME, cookie));
    MQ_TRY(mq_session_resolve(&session, &rq->visit, cookie));
    rq->session = session;
    return APR_SUCCESS;
}

static apr_status_t codes_say(mq_request_t *rq, const char *notice,
                              const mq_recovery_codes_t *codes)
{
    mq_flash_t flash = {notice, NULL, ""};
    for (int i = 0; codes && i < MQ_RECOVERY_CODES; i++) {
        flash.codes = apr_pstrcat(rq->pool, flash.codes, i ? " " : "", codes->codes[i], NULL);
    }
    MQ_TRY(mq_flash_set(rq, &flash));
    return mq_request_redirect(rq, "/account/two-factor");
}

/* What is asked for before anything of it changes: the password, which takes long, then the code,
 * which works once. @param form_out made here; status_out with which it was shown again, or 0 */
static apr_status_t own_read(mq_form_t **form_out, int *status_out, own_in_t *in_out,
                             mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, own_fields);
    *form_out = form;
    *in_out = (own_in_t){NULL, NULL};
    MQ_TRY(mq_form_read(form, in_out));
    *status_out = mq_form_faults(form) ? 422 : 0;
    if (!*status_out) {
        MQ_TRY(mq_proof_check(status_out, rq, sc, form, NULL, in_out->password));
    }
    return *status_out ? two_factor_show(rq, sc, *status_out, form) : APR_SUCCESS;
}

static apr_status_t two_factor_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_recovery_codes_t codes;
    mq_form_t *form;
    own_in_t in;
    int wait = 0;
    int status;
    apr_status_t rv = own_read(&form, &status, &in, rq, sc);
    if (rv != APR_SUCCESS || status) {
        return rv;
    }
    MQ_TRY(mq_request_seat(rq, NULL)); /* the recovery codes are shown once */
    rv = mq_two_factor_on(&codes, &wait, &rq->visit, sc, in.code);
    status = code_fault(rq, form, rv, wait);
    if (status) {
        return two_factor_show(rq, sc, status, form);
    }
    MQ_TRY(rv);
    MQ_TRY(sign_in_anew(rq, sc));
    return codes_say(rq, mq_say(rq, "Your two-step verification is on."), &codes);
}

static apr_status_t two_factor_codes_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_recovery_codes_t codes;
    mq_form_t *form;
    own_in_t in;
    int wait = 0;
    int status;
    apr_status_t rv = own_read(&form, &status, &in, rq, sc);
    if (rv != APR_SUCCESS || status) {
        return rv;
    }
    rv = mq_recovery_codes_renew(&codes, &wait, &rq->visit, sc, in.code);
    status = code_fault(rq, form, rv, wait);
    if (status) {
        return two_factor_show(rq, sc, status, form);
    }
    MQ_TRY(rv);
    return codes_say(rq, mq_say(rq, "The old recovery codes no longer work."), &codes);
}

static apr_status_t two_factor_off_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form;
    own_in_t in;
    int wait = 0;
    int status;
    apr_status_t rv = own_read(&form, &status, &in, rq, sc);
    if (rv != APR_SUCCESS || status) {
        return rv;
    }
    MQ_TRY(mq_request_seat(rq, NULL));
    rv = mq_two_factor_off(&wait, &rq->visit, sc, in.code);
    status = code_fault(rq, form, rv, wait);
    if (status) {
        return two_factor_show(rq, sc, status, form);
    }
    MQ_TRY(rv);
    MQ_TRY(sign_in_anew(rq, sc));
    return codes_say(rq, mq_say(rq, "Your two-step verification is off."), NULL);
}

const mq_route_t mq_two_factor_routes[] = {
    {MQ_GET, "/login/code", .open = code_page, .page = &code_template},
    {MQ_POST, "/login/code", .open = code_post, .reviews = 1},
    {MQ_GET, "/account/two-factor", MQ_ACTION_TWO_FACTOR_VIEW, two_factor_page,
     .page = &two_factor_template},
    {MQ_POST, "/account/two-factor", MQ_ACTION_TWO_FACTOR_ON, two_factor_post, .reviews = 1},
    {MQ_POST, "/account/two-factor/codes", MQ_ACTION_RECOVERY_CODES_NEW, two_factor_codes_post,
     .reviews = 1},
    {MQ_POST, "/account/two-factor/off", MQ_ACTION_TWO_FACTOR_OFF, two_factor_off_post,
     .reviews = 1},
    MQ_ROUTES_END};

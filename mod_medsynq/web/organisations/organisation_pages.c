/* organisation_pages.c -- the forms of the settings. Rules are in domain/organisations/settings.c;
 * which languages there are, pages.c knows, and which zones, ICU. */
#include "web/organisations/organisation_pages.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/organisations/logo.h"
#include "domain/organisations/settings.h"
#include "web/access/log_in_href.h"
#include "web/access/proof.h"
#include "web/flash.h"
#include "web/mail_links.h"
#include "web/organisations/manners_choices.h"
#include "web/room.h"
#include "web/route_tables.h"

typedef struct room_t {
    const char *name;
    const char *used;
    const char *limit; /* NULL: none */
} room_t;

static const mq_slot_t room_slots[] = {MQ_TEXT(room_t, name), MQ_TEXT(room_t, used),
                                       MQ_TEXT(room_t, limit), MQ_SLOTS_END};

typedef struct organisation_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
    mq_list_t room;
    const char *log_in; /* the address at which its people do */
    const char *logo_fault;
    int has_logo;
    apr_int64_t logo_kilobytes;
} organisation_page_t;

static const mq_slot_t organisation_slots[] = {
    MQ_LIST(organisation_page_t, room, room_slots, room_t),
    MQ_TEXT(organisation_page_t, log_in),
    MQ_TEXT(organisation_page_t, logo_fault),
    MQ_FLAG(organisation_page_t, has_logo),
    MQ_INT(organisation_page_t, logo_kilobytes),
    MQ_INCLUDE(organisation_page_t, form, mq_form_slots),
    MQ_INCLUDE(organisation_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t organisation_template = {"organisation.html", organisation_slots};

typedef struct settings_in_t {
    const char *date_format;
    const char *time_zone;
    const char *language;
    const char *digits;
    const char *two_factor_from;
    mq_letterhead_t letterhead;
    const char *password;
    const char *version;
} settings_in_t;

enum { LIMIT_CHOICE = 100, LIMIT_NUMBER = 20, FIELDS = 10 };

/* The choices are filled in by fields_make, each as its value. */
static const mq_field_t organisation_fields[FIELDS] = {
    {"date_format", MQ_SAY("Date format"), MQ_FIELD_SELECT, 2, LIMIT_CHOICE, "off",
     MQ_SAY("Exported files always use 1975-04-23."), NULL, offsetof(settings_in_t, date_format)},
    {"time_zone", MQ_SAY("Time zone"), MQ_FIELD_SELECT, 2, LIMIT_CHOICE, "off", NULL, NULL,
     offsetof(settings_in_t, time_zone)},
    {"language", MQ_SAY("Language"), MQ_FIELD_SELECT, 0, LIMIT_CHOICE, "off",
     MQ_SAY("Everybody may choose another one for themselves."), NULL,
     offsetof(settings_in_t, language)},
    {"digits", MQ_SAY("Digits"), MQ_FIELD_SELECT, 2, LIMIT_CHOICE, "off",
     MQ_SAY("Of dates, ages and counts on pages and paper. Exported files always use 0 to 9."),
     NULL, offsetof(settings_in_t, digits)},
    {"two_factor_from", MQ_SAY("Require two-step verification from"), MQ_FIELD_DAY, 0, 0, "off",
     MQ_SAY("For example %s. From that day on, all staff must turn on two-step verification before "
            "anything else. Leave empty for optional."),
     NULL, offsetof(settings_in_t, two_factor_from)},
    {"address", MQ_SAY("Address of the organisation"), MQ_FIELD_BLOCK, 0, MQ_LIMIT_ADDRESS, "off",
     MQ_SAY("At the head of printed records, below the organisation's name."), NULL,
     offsetof(settings_in_t, letterhead.address)},
    {"phone", MQ_SAY("Phone of the organisation"), MQ_FIELD_PHONE, 0, MQ_LIMIT_PHONE, "off",
     MQ_SAY("At the head of printed records."), NULL, offsetof(settings_in_t, letterhead.phone)},
    {"password", MQ_SAY("Your own password"), MQ_FIELD_PASSWORD, 0, MQ_LIMIT_PASSWORD,
     "current-password",
     MQ_SAY("Only where two-step verification is to be required later than now, or of nobody."),
     NULL, offsetof(settings_in_t, password)},
    {"version", "version", MQ_FIELD_HIDDEN, 0, LIMIT_NUMBER, NULL, NULL, NULL,
     offsetof(settings_in_t, version)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

/* @param first the label of the choice of none, or NULL */
static const mq_choice_t *digits_offer(const mq_request_t *rq, const char *first)
{
    mq_choice_t *choices = apr_pcalloc(rq->pool, sizeof *choices * 4);
    mq_choice_t *at = choices;
    if (first) {
        *at++ = (mq_choice_t){"", first};
    }
    *at++ = (mq_choice_t){MQ_DIGITS_LATIN, "0123456789"};
    *at = (mq_choice_t){MQ_DIGITS_NATIVE, mq_say(rq, "the language's own, such as ٠١٢٣ in Arabic")};
    return choices;
}

static apr_status_t fields_make(const mq_field_t **fields_out, const mq_request_t *rq,
                                const mq_settings_t *settings)
{
    mq_field_t *fields = apr_pmemdup(rq->pool, organisation_fields, sizeof organisation_fields);
    fields[0].choices = mq_formats_offer(rq, NULL);
    MQ_TRY(mq_zones_offer(&fields[1].choices, rq, NULL,
                          settings->time_zone ? settings->time_zone : "UTC"));
    fields[2].choices =
        mq_languages_choices(rq, mq_say(rq, "the one that each person's browser asks for"));
    fields[3].choices = digits_offer(rq, NULL);
    *fields_out = fields;
    return APR_SUCCESS;
}

static apr_status_t room_draw(mq_list_t *list_out, const mq_request_t *rq, const mq_scope_t *sc)
{
    room_t *rows = apr_pcalloc(rq->pool, sizeof *rows * MQ_QUOTAS);
    mq_quota_use_t uses[MQ_QUOTAS];
    MQ_TRY(mq_quotas_read(uses, sc));
    for (int i = 0; i < MQ_QUOTAS; i++) {
        rows[i].name = mq_room_name(rq, uses[i].what);
        rows[i].used = mq_room_figure(rq, uses[i].what, uses[i].used);
        rows[i].limit = uses[i].limit ? mq_room_figure(rq, uses[i].what, uses[i].limit) : NULL;
    }
    *list_out = (mq_list_t){rows, MQ_QUOTAS};
    return APR_SUCCESS;
}

/* @param logo_fault what is wrong with a picture that was sent, or NULL */
static apr_status_t page_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                              const mq_form_t *form, const char *logo_fault)
{
    organisation_page_t page = {.frame.title = mq_say(rq, "Settings"),
                                .form = mq_form_view(form, NULL),
                                .logo_fault = logo_fault,
                                .logo_kilobytes = MQ_LOGO_BYTES_MOST / 1024};
    mq_letterhead_t letterhead;
    mq_flash_t flash;
    MQ_TRY(mq_flash_take(&flash, rq));
    MQ_TRY(mq_letterhead_read(&letterhead, sc));
    page.has_logo = letterhead.has_logo;
    page.frame.is_wrong = page.frame.is_wrong || logo_fault;
    MQ_TRY(room_draw(&page.room, rq, sc));
    page.frame.notice = flash.notice;
    page.log_in = mq_request_url(rq, mq_log_in_href(rq, mq_scope_tenant_name(sc)));
    return mq_page_show(rq, status, &organisation_template, &page);
}

static apr_status_t organisation_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                                      const mq_form_t *form)
{
    return page_show(rq, sc, status, form, NULL);
}

static const char *number(const mq_request_t *rq, apr_int64_t value)
{
    return apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, value);
}

/* The settings as they are stored. */
static apr_status_t stored_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                                const char *logo_fault)
{
    const mq_field_t *fields;
    mq_settings_t settings;
    mq_form_t *form;
    MQ_TRY(mq_settings_read(&settings, sc));
    MQ_TRY(fields_make(&fields, rq, &settings));
    form = mq_form_make(rq, fields);
    mq_form_set(form, "date_format", number(rq, settings.date_format));
    mq_form_set(form, "time_zone", settings.time_zone ? settings.time_zone : "UTC");
    mq_form_set(form, "language", settings.language);
    mq_form_set(form, "digits", settings.digits ? settings.digits : MQ_DIGITS_LATIN);
    mq_form_set(form, "two_factor_from", settings.two_factor_from);
    mq_form_set(form, "address", settings.letterhead.address);
    mq_form_set(form, "phone", settings.letterhead.phone);
    mq_form_set(form, "version", number(rq, settings.version));
    return page_show(rq, sc, status, form, logo_fault);
}

static apr_status_t organisation_page(mq_request_t *rq, const mq_scope_t *sc)
{
    return stored_show(rq, sc, 200, NULL);
}

apr_status_t mq_organisation_show_logo_fault(mq_request_t *rq, const mq_scope_t *sc,
                                             const char *fault)
{
    return stored_show(rq, sc, 422, fault);
}

/* What a client leaves out stays as it is; the language and the day may be empty. */
static void settings_take(mq_settings_t *settings, const mq_request_t *rq, const settings_in_t *in)
{
    settings->version = mq_request_number_of(in->version);
    settings->two_factor_from = in->two_factor_from;
    settings->language = in->language;
    if (mq_form_get(rq->form, "address", NULL)) {
        settings->letterhead.address = in->letterhead.address;
    }
    if (mq_form_get(rq->form, "phone", NULL)) {
        settings->letterhead.phone = in->letterhead.phone;
    }
    if (in->date_format) {
        settings->date_format = (mq_date_format_t)apr_atoi64(in->date_format);
    }
    if (in->digits) {
        settings->digits = strcmp(in->digits, MQ_DIGITS_LATIN) == 0 ? NULL : in->digits;
    }
    if (in->time_zone) {
        settings->time_zone = strcmp(in->time_zone, "UTC") == 0 ? NULL : in->time_zone;
    }
}

static void language_set(mq_request_t *rq, const char *tag)
{
    int language = tag ? mq_pages_language_of(rq->app->pages, tag, strlen(tag)) : -1;
    rq->language = language >= 0 ? language : rq->language;
}

/* A day that comes later, or none, takes a proof away from everybody: it asks for one. What was
 * stored meanwhile is another version, and is not overwritten.
 * @param status_out with which to show the form again, or 0 */
static apr_status_t relaxing_check(int *status_out, mq_request_t *rq, const mq_scope_t *sc,
                                   mq_form_t *form, const char *former, const settings_in_t *in)
{
    *status_out = 0;
    if (!former || (in->two_factor_from && strcmp(in->two_factor_from, former) <= 0)) {
        return APR_SUCCESS;
    }
    if (!in->password) {
        mq_form_fault(form, "password",
                      mq_say(rq, "Enter your own password: two-step verification is to be required "
                                 "later than now, or of nobody."));
        *status_out = 422;
        return APR_SUCCESS;
    }
    return mq_proof_check(status_out, rq, sc, form, NULL, in->password);
}

static apr_status_t organisation_post(mq_request_t *rq, const mq_scope_t *sc)
{
    const mq_field_t *fields;
    mq_flash_t flash = {NULL, NULL, NULL};
    mq_settings_t settings;
    settings_in_t in = {0};
    const char *former;
    mq_form_t *form;
    int status;
    MQ_TRY(mq_settings_read(&settings, sc));
    MQ_TRY(fields_make(&fields, rq, &settings));
    form = mq_form_make(rq, fields);
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return organisation_show(rq, sc, 422, form);
    }
    former = settings.two_factor_from;
    settings_take(&settings, rq, &in);
    MQ_TRY(relaxing_check(&status, rq, sc, form, former, &in));
    if (status) {
        return organisation_show(rq, sc, status, form);
    }
    MQ_TRY(mq_settings_save(sc, &settings));
    flash.notice = mq_say(rq, "The settings are saved.");
    MQ_TRY(mq_flash_set(rq, &flash));
    return mq_request_redirect(rq, "/organisation");
}

typedef struct language_in_t {
    const char *language;
    const char *digits;
} language_in_t;

static const mq_field_t language_fields[] = {
    {"language", MQ_SAY("Language"), MQ_FIELD_SELECT, 0, LIMIT_CHOICE, "off", NULL, NULL,
     offsetof(language_in_t, language)},
    {"digits", MQ_SAY("Digits"), MQ_FIELD_SELECT, 0, LIMIT_CHOICE, "off", NULL, NULL,
     offsetof(language_in_t, digits)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

mq_form_t *mq_language_form(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_field_t *fields = apr_pmemdup(rq->pool, language_fields, sizeof language_fields);
    mq_form_t *form;
    fields[0].choices = mq_languages_choices(rq, mq_say(rq, "as the organisation has set it"));
    fields[1].choices = digits_offer(rq, mq_say(rq, "as the organisation has set them"));
    form = mq_form_make(rq, fields);
    mq_form_set(form, "language", mq_scope_manners(sc)->own_language);
    mq_form_set(form, "digits", mq_scope_manners(sc)->own_digits);
    return form;
}

static apr_status_t language_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_language_form(rq, sc);
    mq_flash_t flash = {NULL, NULL, NULL};
    language_in_t in = {0};
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return MQ_EINVALID; /* none of the list: no page of ours sends that */
    }
    MQ_TRY(mq_language_choose(sc, in.language, in.digits));
    language_set(rq, in.language);
    flash.notice = mq_say(rq, "Language and digits are saved.");
    MQ_TRY(mq_flash_set(rq, &flash));
    return mq_request_redirect(rq, "/account");
}

const mq_route_t mq_organisation_routes[] = {
    {MQ_POST, "/account/language", MQ_ACTION_LANGUAGE_CHOOSE, language_post},
    {MQ_GET, "/organisation", MQ_ACTION_ORGANISATION_VIEW, organisation_page,
     .page = &organisation_template},
    {MQ_POST, "/organisation", MQ_ACTION_ORGANISATION_CHANGE, organisation_post, .reviews = 1},
    MQ_ROUTES_END};

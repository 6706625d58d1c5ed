/* pages.c -- compiling the templates at start-up, the frame, and showing a page. */
#include "web/pages.h"

#include <apr_file_info.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>

#include "base/catalogue.h"
#include "base/text.h"
#include "domain/field_kinds.h"
#include "domain/sharing/referral_lists.h"
#include "web/access/beside.h"
#include "web/csrf.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/form_token.h"
#include "web/nav.h"

static const apr_size_t no_flag = APR_SIZE_MAX; /* whatever the page says of itself */

enum { TABS_MOST = 12, LANGUAGES_MAX = 16, NAMES_CAPACITY = 1024 };

typedef struct language_t {
    const char *tag;  /* BCP 47, lower case: "en", "fr" */
    const char *name; /* in the language itself */
    mq_script_t script;
    const char *months[24]; /* short and long */
    const mq_catalogue_t *catalogue;
    const mq_template_t **templates; /* in the order of the pages' list */
    int *has_open_form;              /* likewise: a form for people who are not signed in */
    int *has_form_token;             /* likewise: a form that creates */
} language_t;

struct mq_pages_t {
    const mq_page_t *const *list;
    language_t languages[LANGUAGES_MAX];
    int count;
};

const mq_slot_t mq_frame_slots[] = {MQ_TEXT(mq_frame_t, title),
                                    MQ_TEXT(mq_frame_t, notice),
                                    MQ_TEXT(mq_frame_t, returned),
                                    MQ_TEXT(mq_frame_t, review),
                                    MQ_TEXT(mq_frame_t, repeated),
                                    MQ_TEXT(mq_frame_t, form_token),
                                    MQ_TEXT(mq_frame_t, lang),
                                    MQ_TEXT(mq_frame_t, dir),
                                    MQ_TEXT(mq_frame_t, csrf),
                                    MQ_TEXT(mq_frame_t, tenant_name),
                                    MQ_TEXT(mq_frame_t, user_name),
                                    MQ_TEXT(mq_frame_t, static_version),
                                    MQ_TEXT(mq_frame_t, request_id),
                                    MQ_TEXT(mq_frame_t, q),
                                    MQ_TEXT(mq_frame_t, date_example),
                                    MQ_TEXT(mq_frame_t, time_zone),
                                    MQ_FLAG(mq_frame_t, is_wrong),
                                    MQ_FLAG(mq_frame_t, signed_in),
                                    MQ_FLAG(mq_frame_t, can_see_patients),
                                    MQ_FLAG(mq_frame_t, can_add_patient),
                                    MQ_FLAG(mq_frame_t, can_import),
                                    MQ_FLAG(mq_frame_t, can_export),
                                    MQ_FLAG(mq_frame_t, can_see_settings),
                                    MQ_FLAG(mq_frame_t, has_beside),
                                    MQ_LIST(mq_frame_t, tabs, mq_nav_link_slots, mq_nav_link_t),
                                    MQ_INT(mq_frame_t, session_warn),
                                    MQ_SLOTS_END};

static size_t pages_number(const mq_page_t *const *list)
{
    size_t n = 0;
    while (list[n]) {
        n++;
    }
    return n;
}

static void months_say(language_t *language)
{
    static const char *const months[24] = {
        MQ_SAY("Jan"),       MQ_SAY("Feb"),      MQ_SAY("Mar"),      MQ_SAY("Apr"),
        MQ_SAY("May"),       MQ_SAY("Jun"),      MQ_SAY("Jul"),      MQ_SAY("Aug"),
        MQ_SAY("Sep"),       MQ_SAY("Oct"),      MQ_SAY("Nov"),      MQ_SAY("Dec"),
        MQ_SAY("January"),   MQ_SAY("February"), MQ_SAY("March"),    MQ_SAY("April"),
        MQ_SAY("May"),       MQ_SAY("June"),     MQ_SAY("July"),     MQ_SAY("August"),
        MQ_SAY("September"), MQ_SAY("October"),  MQ_SAY("November"), MQ_SAY("December")};
    for (int i = 0; i < 24; i++) {
        language->months[i] = mq_catalogue_say(language->catalogue, months[i]);
    }
}

/* As of the other token, start-up makes sure of it. */
static apr_status_t form_token_find(int *found_out, const mq_template_t *compiled,
                                    const mq_page_t *page, const char **error_out, apr_pool_t *pool)
{
    *found_out = mq_template_shows_without(compiled, offsetof(mq_frame_t, form_token), no_flag);
    if (page->once && !*found_out) {
        *error_out =
            apr_psprintf(pool, "%s: its form that creates needs {{form_token}}", page->file);
        return MQ_EINVALID;
    }
    return APR_SUCCESS;
}

static apr_status_t language_compile(language_t *language, const mq_page_t *const *list,
                                     const char *directory, const char **error_out,
                                     apr_pool_t *pool)
{
    mq_templates_t *set;
    language->name = mq_text_language_name(language->tag, pool);
    language->script = mq_script_of(language->tag, pool);
    months_say(language);
    MQ_TRY(mq_templates_open(&set, directory, language->catalogue, pool, error_out));
    language->templates = apr_pcalloc(pool, sizeof *language->templates * pages_number(list));
    language->has_open_form =
        apr_pcalloc(pool, sizeof *language->has_open_form * pages_number(list));
    language->has_form_token =
        apr_pcalloc(pool, sizeof *language->has_form_token * pages_number(list));
    for (int i = 0; list[i]; i++) {
        MQ_TRY(mq_template_compile(&language->templates[i], set, list[i]->file, list[i]->slots,
                                   pool, error_out));
        language->has_open_form[i] = mq_template_shows_without(
            language->templates[i], offsetof(mq_frame_t, csrf), offsetof(mq_frame_t, signed_in));
        MQ_TRY(form_token_find(&language->has_form_token[i], language->templates[i], list[i],
                               error_out, pool));
    }
    return APR_SUCCESS;
}

/* English is built in; each file locale/xx.po adds a language. */
static apr_status_t languages_find(mq_pages_t *pages, const char *directory, const char **error_out,
                                   apr_pool_t *pool)
{
    const char *folder = apr_pstrcat(pool, directory, "/locale", NULL);
    apr_finfo_t file;
    apr_dir_t *dir;
    pages->languages[0].tag = "en";
    pages->count = 1;
    if (apr_dir_open(&dir, folder, pool) != APR_SUCCESS) {
        return APR_SUCCESS;
    }
    while (apr_dir_read(&file, APR_FINFO_NAME, dir) == APR_SUCCESS &&
           pages->count < LANGUAGES_MAX) {
        apr_size_t length = strlen(file.name);
        language_t *language = &pages->languages[pages->count];
        mq_catalogue_t *catalogue;
        if (length < 4 || strcmp(file.name + length - 3, ".po") != 0) {
            continue;
        }
        MQ_TRY(mq_catalogue_load(&catalogue, apr_pstrcat(pool, folder, "/", file.name, NULL), pool,
                                 error_out));
        language->tag = apr_pstrmemdup(pool, file.name, length - 3);
        language->catalogue = catalogue;
        pages->count++;
    }
    return apr_dir_close(dir);
}

apr_status_t mq_pages_compile(const mq_pages_t **pages_out, const mq_page_t *const *list,
                              const char *directory, const char **error_out, apr_pool_t *pool)
{
    mq_pages_t *pages = apr_pcalloc(pool, sizeof *pages);
    pages->list = list;
    MQ_TRY(languages_find(pages, directory, error_out, pool));
    for (int i = 0; i < pages->count; i++) {
        MQ_TRY(language_compile(&pages->languages[i], list, directory, error_out, pool));
    }
    *pages_out = pages;
    return APR_SUCCESS;
}

/* The weight of one range of Accept-Language, in thousandths: "fr;q=0.8" is 800. */
static int weight_read(const char *range, apr_size_t length)
{
    const char *end = range + length;
    const char *q = memchr(range, ';', length);
    int weight = 0;
    if (!q) {
        return 1000;
    }
    q += strspn(q, "; \tqQ=");
    for (int unit = 1000; q < end && unit > 0; q++) {
        if (*q >= '0' && *q <= '9') {
            weight += (*q - '0') * unit;
            unit /= 10;
        }
    }
    return weight;
}

int mq_pages_language_of(const mq_pages_t *pages, const char *tag, apr_size_t length)
{
    for (int i = 0; i < pages->count; i++) {
        if (strlen(pages->languages[i].tag) == length &&
            strncasecmp(pages->languages[i].tag, tag, length) == 0) {
            return i;
        }
    }
    return -1;
}

const mq_script_t *mq_pages_script(const mq_pages_t *pages, int language)
{
    return &pages->languages[language].script;
}

const char *const *mq_pages_months(const mq_pages_t *pages, int language)
{
    return pages->languages[language].months;
}

const mq_choice_t *mq_languages_choices(const mq_request_t *rq, const char *first)
{
    const mq_pages_t *pages = rq->app->pages;
    mq_choice_t *choices = apr_pcalloc(rq->pool, sizeof *choices * (LANGUAGES_MAX + 2));
    choices[0] = (mq_choice_t){"", first};
    for (int i = 0; i < pages->count; i++) {
        choices[i + 1] = (mq_choice_t){pages->languages[i].tag, pages->languages[i].name};
    }
    return choices;
}

/* A range that is no language here counts by its first subtag: "fr-CH" is served French. */
int mq_pages_language(const mq_pages_t *pages, const char *accept)
{
    int best = 0;
    int best_weight = 0;
    while (accept && *accept) {
        apr_size_t whole = strcspn(accept, ",");
        int exact = mq_pages_language_of(pages, accept, strcspn(accept, ",; \t"));
        int language =
            exact >= 0 ? exact : mq_pages_language_of(pages, accept, strcspn(accept, ",;- \t"));
        int weight = weight_read(accept, whole);
        if (language >= 0 && weight > best_weight) {
            best = language;
            best_weight = weight;
        }
        accept += whole;
        accept += strspn(accept, ", \t");
    }
    return best;
}

const char *mq_say(const mq_request_t *rq, const char *text)
{
    const mq_catalogue_t *catalogue = rq->app->pages->languages[rq->language].catalogue;
    return catalogue ? mq_catalogue_say(catalogue, text) : text;
}

/* As apr_pvsprintf, which knows 0 to 9 alone. Texts for people have %s and %d, nothing else. */
static const char *filled_with(const char *digits, const char *format, va_list ap, apr_pool_t *pool)
{
    mq_buffer_t *out = mq_buffer_make(pool, strlen(format) + NAMES_CAPACITY);
    for (const char *at = format; *at; at++) {
        if (at[0] == '%' && at[1] == 'd') {
            mq_buffer_figure(out, va_arg(ap, int), digits);
            at++;
        } else if (at[0] == '%' && at[1] == 's') {
            mq_buffer_text(out, va_arg(ap, const char *));
            at++;
        } else {
            mq_buffer_add(out, at, 1);
        }
    }
    return mq_buffer_string(out);
}

/* @param format is translated already */
static const char *filled(const mq_request_t *rq, const char *format, va_list ap)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    return rq->script.digits ? filled_with(rq->script.digits, format, ap, rq->pool)
                             : apr_pvsprintf(rq->pool, format, ap);
#pragma GCC diagnostic pop
}

const char *mq_sayf(const mq_request_t *rq, const char *format, ...)
{
    const char *text;
    va_list ap;
    va_start(ap, format);
    text = filled(rq, mq_say(rq, format), ap);
    va_end(ap);
    return text;
}

static const char *number_fill(const mq_request_t *rq, const char *format, ...)
{
    const char *text;
    va_list ap;
    va_start(ap, format);
    text = filled(rq, format, ap);
    va_end(ap);
    return text;
}

const char *mq_say_count(const mq_request_t *rq, const char *one, const char *many, int n)
{
    const mq_catalogue_t *catalogue = rq->app->pages->languages[rq->language].catalogue;
    return number_fill(rq, mq_catalogue_say_count(catalogue, one, many, n), n);
}

/* Whether the page is the tab's, or lies below it. */
static int is_at(const char *path, const char *tab)
{
    apr_size_t length = strlen(tab);
    return strncmp(path, tab, length) == 0 && (path[length] == 0 || path[length] == '/');
}

/* @param waiting referrals */
static mq_list_t tabs_draw(const mq_request_t *rq, int roles, int waiting)
{
    mq_nav_link_t items[TABS_MOST];
    int count = 0;
    for (const mq_tab_t *tab = rq->app->tabs; tab->label && count < TABS_MOST; tab++) {
        if (mq_policy_allows(tab->action, roles)) {
            const char *label = waiting > 0 && tab->action == MQ_ACTION_REFERRALS_LIST
                                    ? mq_sayf(rq, "Referrals (%d)", waiting)
                                    : mq_say(rq, tab->label);
            items[count++] = (mq_nav_link_t){label, tab->path, is_at(rq->path, tab->path)};
        }
    }
    return (mq_list_t){apr_pmemdup(rq->pool, items, sizeof *items * (size_t)count), count};
}

/* What a page offers only to those who may, wherever it stands: the policy is asked here alone. */
static const struct {
    apr_size_t flag;
    mq_action_t action;
} frame_flags[] = {{offsetof(mq_frame_t, can_see_patients), MQ_ACTION_PATIENTS_LIST},
                   {offsetof(mq_frame_t, can_add_patient), MQ_ACTION_PATIENT_ADD},
                   {offsetof(mq_frame_t, can_import), MQ_ACTION_PATIENTS_IMPORT},
                   {offsetof(mq_frame_t, can_export), MQ_ACTION_PATIENTS_EXPORT},
                   {offsetof(mq_frame_t, can_see_settings), MQ_ACTION_ORGANISATION_VIEW}};

static void frame_flags_set(mq_frame_t *frame, int roles)
{
    for (apr_size_t i = 0; i < sizeof frame_flags / sizeof *frame_flags; i++) {
        int *flag = (int *)(void *)((char *)frame + frame_flags[i].flag);
        *flag = mq_policy_allows(frame_flags[i].action, roles);
    }
}

static int calls_sum(apr_int64_t came, apr_int64_t sent)
{
    return (came > 0 ? (int)came : 0) + (sent > 0 ? (int)sent : 0);
}

/* @return how many referrals call for somebody: as the request has found it, unless it has changed
 * something since */
static int calling(const mq_request_t *rq)
{
    const mq_scope_t *sc = rq->session->scope;
    apr_int64_t came = 0;
    apr_int64_t sent = 0;
    mq_db_give_back(sc); /* with what is to be read soon */
    if (rq->has_calls && !mq_db_is_changed(sc)) {
        return calls_sum(rq->calls_came, rq->calls_sent);
    }
    mq_referrals_calling(&came, &sent, sc);
    mq_db_give_back(sc);
    return calls_sum(came, sent);
}

/* A page that says that the database is not to be had does not ask it once more. */
static void frame_person(mq_frame_t *frame, const mq_request_t *rq, int status)
{
    const mq_scope_t *sc = rq->session->scope;
    int roles = mq_scope_roles(sc);
    frame->signed_in = 1;
    frame->has_beside = mq_beside_is_there(rq);
    frame->tenant_name = mq_scope_tenant_name(sc);
    frame->user_name = mq_scope_user_name(sc);
    frame_flags_set(frame, roles);
    frame->tabs = tabs_draw(rq, roles, status < 500 ? calling(rq) : 0);
    frame->date_example = mq_date_example(rq);
    frame->time_zone = mq_scope_manners(sc)->time_zone;
    frame->session_warn = apr_time_sec(rq->session->idle_left);
    mq_db_give_back(sc);
}

/* @return its place in the list, or -1 */
static int place_of(const mq_pages_t *pages, const mq_page_t *page)
{
    for (int i = 0; pages->list[i]; i++) {
        if (pages->list[i] == page) {
            return i;
        }
    }
    return -1;
}

apr_status_t mq_page_show(mq_request_t *rq, int status, const mq_page_t *page, void *content)
{
    const language_t *language = &rq->app->pages->languages[rq->language];
    int place = place_of(rq->app->pages, page);
    mq_frame_t *frame = content;
    apr_time_t begun;
    if (place < 0) {
        return MQ_EBUG;
    }
    frame->lang = language->tag;
    frame->dir = language->script.is_right_to_left ? "rtl" : "ltr";
    frame->static_version = rq->app->static_version;
    frame->request_id = rq->id;
    frame->returned = rq->returned;
    frame->review = rq->review;
    frame->repeated = rq->repeated;
    frame->is_wrong =
        status == 422 && !rq->returned; /* who was logged out has done nothing wrong */
    if (rq->session) {
        frame_person(frame, rq, status);
    }
    if (rq->session && rq->method == MQ_GET && status == 200 && !frame->notice) {
        mq_flash_t flash;
        MQ_TRY(mq_flash_take(&flash, rq));
        frame->notice = flash.notice;
    }
    if (rq->session || language->has_open_form[place]) {
        MQ_TRY(mq_csrf_token(&frame->csrf, rq));
    }
    if (language->has_form_token[place] && !frame->form_token) {
        MQ_TRY(mq_form_token(&frame->form_token, rq));
    }
    rq->status = status;
    rq->content_type = "text/html; charset=utf-8";
    apr_table_setn(rq->headers, "Content-Language", language->tag);
    rq->body =
        mq_buffer_make(rq->pool, mq_template_typical(language->templates[place]) + NAMES_CAPACITY);
    begun = apr_time_now();
    mq_template_render(language->templates[place], content, rq->script.digits, rq->body);
    rq->rendering = apr_time_now() - begun;
    return APR_SUCCESS;
}

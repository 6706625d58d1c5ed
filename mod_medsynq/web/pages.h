/* pages.h -- the pages as templates: which file with which slots, compiled for every language when
 * the server starts, and shown inside the common frame. Handlers fill a struct and call
 * mq_page_show. */
#ifndef MQ_WEB_PAGES_H
#define MQ_WEB_PAGES_H

#include "base/catalogue.h"
#include "base/template.h"
#include "domain/policy.h"
#include "web/request.h"

/** What every page shows round its content; the first member of each page's struct, filled by
 * mq_page_show but for title and notice. */
typedef struct mq_frame_t {
    const char *title;
    const char *notice;     /* a message of success, or NULL */
    const char *returned;   /* of request.h */
    const char *review;     /* likewise */
    const char *repeated;   /* likewise */
    const char *form_token; /* of the forms that create; see form_token.h */
    const char *lang;
    const char *dir; /* of its script: "ltr" or "rtl" */
    const char *csrf;
    const char *tenant_name;
    const char *user_name;
    const char *static_version;
    const char *request_id;
    const char *q;            /* in the search box: what was searched for, NULL for nothing */
    const char *date_example; /* a day as the organisation writes it */
    const char *time_zone;
    int is_wrong; /* a form in it has faults: its tab says so, its heading does not */
    int signed_in;
    int can_see_patients;
    int can_add_patient;
    int can_import;
    int can_export;
    int can_see_settings;
    int has_beside; /* sessions in other organisations: beside.h */
    mq_list_t tabs;
    apr_int64_t session_warn; /* seconds until the idle limit, 0: nobody is signed in */
} mq_frame_t;

extern const mq_slot_t mq_frame_slots[];

/** One of the tabs of every page: where it leads, and who sees it. */
typedef struct mq_tab_t {
    const char *path;
    const char *label; /* English; the catalogue translates it */
    mq_action_t action;
} mq_tab_t;

/** One page: its file in templates/ and the slots of its struct. Each *_pages.c defines its own,
 * and names it in a route's row. */
typedef struct mq_page_t {
    const char *file;
    const mq_slot_t *slots;
    int once; /* it has a form that creates, which therefore needs {{form_token}} */
} mq_page_t;

/**
 * Compile pages for every language (English, and one for each templates/locale/xx.po).
 * @param list      ended by NULL; lives as long as pool
 * @param error_out one sentence with file and line
 * @return MQ_EINVALID a template or catalogue has a fault
 */
apr_status_t mq_pages_compile(const mq_pages_t **pages_out, const mq_page_t *const *list,
                              const char *directory, const char **error_out, apr_pool_t *pool);

/** @return which language suits an Accept-Language header best (RFC 9110, 12.5.4); 0 is English */
int mq_pages_language(const mq_pages_t *pages, const char *accept);

/** @return the names of the months in a language: 12 short ones, then 12 long ones */
const char *const *mq_pages_months(const mq_pages_t *pages, int language);

/**
 * What to choose a language from.
 * @param first the label of the choice of none, whose value is ""
 * @return rows of tag and the language's name in itself, ended by NULL; from the request's pool
 */
const struct mq_choice_t *mq_languages_choices(const mq_request_t *rq, const char *first);

/** @return how a language is written */
const mq_script_t *mq_pages_script(const mq_pages_t *pages, int language);

/** @return the language of a tag such as "fr", or -1 where there is none */
int mq_pages_language_of(const mq_pages_t *pages, const char *tag, apr_size_t length);

/** @return a text for people in the request's language; text itself where there is no other */
const char *mq_say(const mq_request_t *rq, const char *text);

/** Look up a text that has %s or %d in it and fill it in. */
const char *mq_sayf(const mq_request_t *rq, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * Say a number in its right form: "1 patient found", "2 patients found"; 0 patients are plural in
 * English and singular in French.
 * @param one  with %d, as English says one
 * @param many with %d, as English says any other number
 */
const char *mq_say_count(const mq_request_t *rq, const char *one, const char *many, int n);

/**
 * Show a page: gives the connection back, fills the frame, renders.
 * @param content the page's struct, which begins with mq_frame_t
 */
apr_status_t mq_page_show(mq_request_t *rq, int status, const mq_page_t *page, void *content);

#endif

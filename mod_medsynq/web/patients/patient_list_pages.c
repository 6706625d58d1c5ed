/* patient_list_pages.c -- the register: the box that finds people, and the table of all. Rules are
 * in domain/patients/patient_search.c and domain/patients/patient_lists.c. */
#include "web/patients/patient_list_pages.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/patient_search.h"
#include "domain/policy.h"
#include "web/dates.h"
#include "web/href.h"
#include "web/nav.h"
#include "web/paging.h"
#include "web/patients/patients_table.h"
#include "web/route_tables.h"

enum { QUERY_LIMIT = 200 /* characters of a search */ };

typedef struct list_page_t {
    mq_frame_t frame;
    mq_patients_table_t table;
    apr_int64_t patient_count;
    const char *found_text; /* how many were found; NULL: nothing was searched */
    int has_two_orders;     /* of a date that was searched for */
    int is_recent;
    int is_list;
    int can_compare;           /* likely doubles */
    int is_exact;              /* somebody was found who has what was typed */
    const char *register_href; /* to add whom the search did not find */
    const char *register_name;
    const char *more_href;
    const char *export_href;
    mq_list_t navs;
    const char *since;
    const char *since_error;
    const char *status;
} list_page_t;

static const mq_slot_t list_slots[] = {MQ_INT(list_page_t, patient_count),
                                       MQ_TEXT(list_page_t, found_text),
                                       MQ_FLAG(list_page_t, has_two_orders),
                                       MQ_FLAG(list_page_t, is_recent),
                                       MQ_FLAG(list_page_t, is_list),
                                       MQ_FLAG(list_page_t, can_compare),
                                       MQ_FLAG(list_page_t, is_exact),
                                       MQ_TEXT(list_page_t, register_href),
                                       MQ_TEXT(list_page_t, register_name),
                                       MQ_TEXT(list_page_t, more_href),
                                       MQ_TEXT(list_page_t, export_href),
                                       MQ_LIST(list_page_t, navs, mq_nav_slots, mq_nav_t),
                                       MQ_TEXT(list_page_t, since),
                                       MQ_TEXT(list_page_t, since_error),
                                       MQ_TEXT(list_page_t, status),
                                       MQ_INCLUDE(list_page_t, table, mq_patients_table_slots),
                                       MQ_INCLUDE(list_page_t, frame, mq_frame_slots),
                                       MQ_SLOTS_END};

static const mq_page_t patients_template = {"patients.html", list_slots};

/* after= and before= name a row of the table; together, or no id at all, are malformed. */
static apr_status_t place_read(mq_page_place_t *place_out, const mq_id_t **anchor_out,
                               const mq_request_t *rq)
{
    const mq_id_t *after;
    const mq_id_t *before;
    MQ_TRY(mq_paging_read(&after, rq, "after"));
    MQ_TRY(mq_paging_read(&before, rq, "before"));
    *place_out = after ? MQ_PAGE_AFTER : before ? MQ_PAGE_BEFORE : MQ_PAGE_FIRST;
    if (after && before) {
        return MQ_EINVALID;
    }
    *anchor_out = after ? after : before;
    return APR_SUCCESS;
}

apr_status_t mq_patients_choice_read(mq_patients_choice_t *choice_out, const char **fault_out,
                                     const mq_request_t *rq)
{
    const char *sort = mq_request_query(rq, "sort");
    const char *status = mq_request_query(rq, "status");
    const char *since = mq_request_query(rq, "since");
    mq_day_t day;
    *choice_out = MQ_PATIENTS_ACTIVE;
    *fault_out = NULL;
    if (sort && strcmp(sort, "birth_date") == 0) {
        choice_out->sort = MQ_SORT_BIRTH_DATE;
    } else if (sort && strcmp(sort, "family") == 0) {
        choice_out->sort = MQ_SORT_FAMILY;
    } else if (sort && strcmp(sort, "updated") == 0) {
        choice_out->sort = MQ_SORT_UPDATED;
    } else if (sort && strcmp(sort, "name") != 0) {
        return MQ_EINVALID;
    }
    if (status && strcmp(status, "archived") == 0) {
        choice_out->listing = MQ_LISTING_ARCHIVED;
    } else if (status && strcmp(status, "deceased") == 0) {
        choice_out->listing = MQ_LISTING_DECEASED;
    } else if (status && strcmp(status, "active") != 0) {
        return MQ_EINVALID;
    }
    if (!since || !*since) {
        return APR_SUCCESS;
    }
    if (mq_day_read(&day, rq, since) != APR_SUCCESS) {
        *fault_out = mq_sayf(rq, "Enter the day like this: %s.", mq_date_example(rq));
        return APR_SUCCESS;
    }
    choice_out->sort = MQ_SORT_UPDATED;
    choice_out->since = mq_date_begins(&day, rq->zone);
    return APR_SUCCESS;
}

static mq_list_t sorts_draw(const mq_request_t *rq, const mq_patients_choice_t *choice)
{
    const char *const labels[MQ_SORTS] = {mq_say(rq, "Name"), mq_say(rq, "Family name"),
                                          mq_say(rq, "Date of birth"), mq_say(rq, "Last change")};
    mq_nav_link_t *links = apr_palloc(rq->pool, sizeof *links * MQ_SORTS);
    for (int i = 0; i < MQ_SORTS; i++) {
        const mq_patients_choice_t other = {.sort = (mq_patients_sort_t)i,
                                            .listing = choice->listing};
        links[i] = (mq_nav_link_t){labels[i], mq_patients_choice_href(rq, "/patients", &other),
                                   choice->sort == other.sort};
    }
    return (mq_list_t){links, MQ_SORTS};
}

static mq_list_t statuses_draw(const mq_request_t *rq, const mq_patients_choice_t *choice)
{
    const struct {
        const char *label;
        mq_listing_t listing;
    } all[] = {{mq_say(rq, "Active"), MQ_LISTING_ACTIVE},
               {mq_say(rq, "Deceased"), MQ_LISTING_DECEASED},
               {mq_say(rq, "Archived"), MQ_LISTING_ARCHIVED}};
    int count = (int)(sizeof all / sizeof *all);
    mq_nav_link_t *links = apr_palloc(rq->pool, sizeof *links * (size_t)count);
    for (int i = 0; i < count; i++) {
        mq_patients_choice_t other = *choice;
        other.listing = all[i].listing;
        links[i] = (mq_nav_link_t){all[i].label, mq_patients_choice_href(rq, "/patients", &other),
                                   choice->listing == other.listing};
    }
    return (mq_list_t){links, count};
}

static mq_list_t navs_draw(const mq_request_t *rq, const mq_patients_choice_t *choice)
{
    const mq_nav_t both[] = {{mq_say(rq, "Sort by"), sorts_draw(rq, choice)},
                             {mq_say(rq, "Show"), statuses_draw(rq, choice)}};
    return (mq_list_t){apr_pmemdup(rq->pool, both, sizeof both), 2};
}

/* Only how many are active is kept: a list of others, or of those changed since, is not counted. */
static apr_int64_t total_of(const mq_patients_choice_t *choice, apr_int64_t active)
{
    return choice->listing == MQ_LISTING_ACTIVE && !choice->since ? active : -1;
}

static apr_status_t list_show(mq_request_t *rq, const mq_scope_t *sc)
{
    list_page_t page = {.frame.title = mq_say(rq, "Patients"), .is_list = 1};
    mq_patients_choice_t choice;
    mq_patients_page_t patients;
    mq_page_place_t place;
    const mq_id_t *anchor;
    MQ_TRY(place_read(&place, &anchor, rq));
    MQ_TRY(mq_patients_choice_read(&choice, &page.since_error, rq));
    MQ_TRY(mq_patients_total(&page.patient_count, sc));
    MQ_TRY(mq_patients_page(&patients, sc, &choice, place, anchor, NULL));
    page.table = mq_patients_table(rq, &patients, &choice, total_of(&choice, page.patient_count));
    page.export_href = mq_patients_choice_href(rq, "/patients/export.csv", &choice);
    page.can_compare = mq_policy_allows(MQ_ACTION_PATIENT_DUPLICATES, mq_scope_roles(sc));
    page.navs = navs_draw(rq, &choice);
    page.since = mq_request_query(rq, "since");
    page.status = mq_request_query(rq, "status");
    return mq_page_show(rq, page.since_error ? 422 : 200, &patients_template, &page);
}

/* The way on when nobody was found, or not the right one: with what was typed. */
static const char *register_href(const mq_request_t *rq, const mq_search_typed_t *typed)
{
    mq_buffer_t *href = mq_buffer_make(rq->pool, 128);
    mq_buffer_text(href, "/patients/new");
    if (*typed->name) {
        mq_href_add(href, "name", typed->name);
    }
    if (typed->birth_date) {
        mq_href_add(href, "date_of_birth", typed->birth_date);
    }
    if (typed->phone) {
        mq_href_add(href, "phone1", typed->phone);
    }
    return mq_buffer_string(href);
}

static const char *more_href(const mq_request_t *rq, const char *q, int most)
{
    mq_buffer_t *href = mq_buffer_make(rq->pool, 128);
    mq_buffer_text(href, "/patients");
    mq_href_add(href, "q", q);
    mq_href_add(href, "show", apr_itoa(rq->pool, most + MQ_SEARCH_STEP));
    return mq_buffer_string(href);
}

static const char *found_text(const mq_request_t *rq, const mq_search_found_t *found)
{
    if (found->typed.mistyped_number) {
        return mq_sayf(rq, "%s is not a record number: one of its digits is wrong.",
                       found->typed.mistyped_number);
    }
    if (found->count == 0) {
        return mq_say(rq, "No patients found.");
    }
    if (found->is_similar) {
        return mq_say(rq, "No patients found. These have similar names:");
    }
    if (found->has_more) {
        return mq_sayf(rq, "The first %d patients found", found->count);
    }
    return mq_say_count(rq, "%d patient found", "%d patients found", found->count);
}

/* show= is a multiple of the step, as our own links say it. */
static apr_status_t most_read(int *most_out, const mq_request_t *rq)
{
    apr_int64_t most;
    MQ_TRY(mq_request_number(&most, rq, "show"));
    *most_out = most < MQ_SEARCH_STEP   ? MQ_SEARCH_STEP
                : most > MQ_SEARCH_MOST ? MQ_SEARCH_MOST
                                        : (int)most;
    return APR_SUCCESS;
}

static apr_status_t search_show(mq_request_t *rq, const mq_scope_t *sc, const char *typed)
{
    list_page_t page = {.frame.title = mq_say(rq, "Find a patient")};
    const mq_patients_choice_t choice = MQ_PATIENTS_ACTIVE;
    mq_search_found_t found;
    mq_patients_page_t patients;
    int most;
    MQ_TRY(most_read(&most, rq));
    MQ_TRY(mq_text_clean_line(&page.frame.q, typed, rq->pool));
    if (mq_text_count(page.frame.q) > QUERY_LIMIT) {
        return MQ_EINVALID;
    }
    MQ_TRY(mq_patients_total(&page.patient_count, sc));
    if (*page.frame.q) {
        MQ_TRY(mq_patients_search(&found, sc, page.frame.q, &rq->dates, most));
        page.found_text = found_text(rq, &found);
        page.has_two_orders = found.typed.has_two_orders;
        page.more_href =
            found.has_more && most < MQ_SEARCH_MOST ? more_href(rq, page.frame.q, most) : NULL;
        page.register_name = *found.typed.name ? found.typed.name : NULL;
        page.is_exact = found.count > 0 && !found.is_similar;
        if (page.is_exact) { /* the number is somebody's */
            found.typed.phone = NULL;
        }
        page.register_href =
            !found.typed.is_number && mq_policy_allows(MQ_ACTION_PATIENT_ADD, mq_scope_roles(sc))
                ? register_href(rq, &found.typed)
                : NULL;
    } else {
        MQ_TRY(mq_patients_recent(&found, sc, MQ_SEARCH_STEP, 1));
        page.is_recent = 1;
    }
    patients = (mq_patients_page_t){.rows = found.rows, .count = found.count};
    page.table = mq_patients_table(rq, &patients, &choice, -1);
    return mq_page_show(rq, 200, &patients_template, &page);
}

/* With q= a search (empty: the records opened last), else the table with sort=, status=, since=,
 * and after= or before= the id of one of its rows. */
static apr_status_t patients_page_show(mq_request_t *rq, const mq_scope_t *sc)
{
    const char *typed = mq_request_query(rq, "q");
    return typed ? search_show(rq, sc, typed) : list_show(rq, sc);
}

const mq_route_t mq_patient_list_routes[] = {{MQ_GET, "/patients", MQ_ACTION_PATIENTS_LIST,
                                              patients_page_show, .page = &patients_template,
                                              .tab = MQ_SAY("Patients")},
                                             MQ_ROUTES_END};

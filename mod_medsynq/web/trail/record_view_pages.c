/* record_view_pages.c -- who has viewed a record, in words for the patient whom it is about. Rules
 * are in domain/trail/record_views.c. */

#include <apr_strings.h>
#include <string.h>

#include "domain/trail/event_words.h"
#include "domain/trail/record_views.h"
#include "web/dates.h"
#include "web/patients/patient_banner.h"
#include "web/people/roles_field.h"
#include "web/route_tables.h"
#include "web/trail/trail_query.h"

typedef struct deed_t {
    const char *said;
} deed_t;

static const mq_slot_t deed_slots[] = {MQ_TEXT(deed_t, said), MQ_SLOTS_END};

typedef struct view_t {
    const char *from_iso;
    const char *from_text;
    const char *until_iso; /* NULL: it is one instant */
    const char *until_text;
    const char *name;  /* NULL: the system */
    const char *roles; /* NULL: not known */
    mq_list_t deeds;
    const char *outcome; /* NULL: done */
} view_t;

static const mq_slot_t view_slots[] = {MQ_TEXT(view_t, from_iso),
                                       MQ_TEXT(view_t, from_text),
                                       MQ_TEXT(view_t, until_iso),
                                       MQ_TEXT(view_t, until_text),
                                       MQ_TEXT(view_t, name),
                                       MQ_TEXT(view_t, roles),
                                       MQ_LIST(view_t, deeds, deed_slots, deed_t),
                                       MQ_TEXT(view_t, outcome),
                                       MQ_SLOTS_END};

typedef struct person_t {
    const char *id;
    const char *name;
    int is_chosen;
} person_t;

static const mq_slot_t person_slots[] = {MQ_TEXT(person_t, id), MQ_TEXT(person_t, name),
                                         MQ_FLAG(person_t, is_chosen), MQ_SLOTS_END};

typedef struct views_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    const char *id;
    mq_list_t views;
    mq_list_t people;
    const char *from;
    const char *to;
    const char *problem;
    const char *listed;      /* a sentence, or NULL */
    const char *lists_href;  /* NULL where the lists are shown */
    const char *record_href; /* back from them */
    mq_paging_t paging;
    int is_lists;
} views_page_t;

static const mq_slot_t views_slots[] = {MQ_STRUCT(views_page_t, patient, mq_patient_banner_slots),
                                        MQ_TEXT(views_page_t, id),
                                        MQ_LIST(views_page_t, views, view_slots, view_t),
                                        MQ_LIST(views_page_t, people, person_slots, person_t),
                                        MQ_TEXT(views_page_t, from),
                                        MQ_TEXT(views_page_t, to),
                                        MQ_TEXT(views_page_t, problem),
                                        MQ_TEXT(views_page_t, listed),
                                        MQ_TEXT(views_page_t, lists_href),
                                        MQ_TEXT(views_page_t, record_href),
                                        MQ_INCLUDE(views_page_t, paging, mq_paging_slots),
                                        MQ_FLAG(views_page_t, is_lists),
                                        MQ_INCLUDE(views_page_t, frame, mq_frame_slots),
                                        MQ_SLOTS_END};

static const mq_page_t views_template = {"accesses.html", views_slots};

static const char *const kept[] = {"person", "from", "to", NULL};
static const char *const kept_lists[] = {"person", "from", "to", "lists", NULL};

static mq_list_t deeds_draw(const mq_request_t *rq, const apr_array_header_t *actions)
{
    deed_t *deeds = apr_palloc(rq->pool, sizeof *deeds * (size_t)actions->nelts);
    for (int i = 0; i < actions->nelts; i++) {
        deeds[i].said = mq_say(rq, mq_event_words(APR_ARRAY_IDX(actions, i, mq_action_t)));
    }
    return (mq_list_t){deeds, actions->nelts};
}

static view_t view_draw(const mq_request_t *rq, const mq_record_view_t *view)
{
    view_t row = {.from_iso = mq_time_iso(view->from, rq->pool),
                  .from_text = mq_time_say(rq, view->from),
                  .name = view->name,
                  .roles = view->roles ? mq_roles_text(rq, view->roles) : NULL,
                  .deeds = deeds_draw(rq, view->actions),
                  .outcome = view->outcome == MQ_OUTCOME_REFUSED  ? mq_say(rq, "refused")
                             : view->outcome == MQ_OUTCOME_FAILED ? mq_say(rq, "failed")
                                                                  : NULL};
    if (strcmp(mq_time_say(rq, view->until), row.from_text) != 0) {
        row.until_iso = mq_time_iso(view->until, rq->pool);
        row.until_text = mq_time_end_say(rq, view->from, view->until);
    }
    return row;
}

static mq_list_t views_draw(const mq_request_t *rq, const apr_array_header_t *views)
{
    view_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(views->nelts + 1));
    for (int i = 0; i < views->nelts; i++) {
        rows[i] = view_draw(rq, &APR_ARRAY_IDX(views, i, mq_record_view_t));
    }
    return (mq_list_t){rows, views->nelts};
}

static mq_list_t people_draw(const mq_request_t *rq, const apr_array_header_t *people,
                             const mq_id_t *chosen)
{
    person_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(people->nelts + 1));
    for (int i = 0; i < people->nelts; i++) {
        const mq_viewer_t *viewer = &APR_ARRAY_IDX(people, i, mq_viewer_t);
        rows[i] = (person_t){mq_id_text(&viewer->id, rq->pool), viewer->name,
                             chosen && mq_id_equal(chosen, &viewer->id)};
    }
    return (mq_list_t){rows, people->nelts};
}

static const char *listed_say(const mq_request_t *rq, int listed)
{
    return listed == 0 ? NULL
           : listed > MQ_VIEWS_COUNTED_MOST
               ? mq_sayf(rq,
                         "This patient also appeared in lists and search results more than "
                         "%d times.",
                         MQ_VIEWS_COUNTED_MOST)
               : mq_say_count(rq, "This patient also appeared in lists and search results %d time.",
                              "This patient also appeared in lists and search results %d times.",
                              listed);
}

/* What the address asks for. @return MQ_EINVALID a person that is none, a number that is none */
static apr_status_t choice_read(mq_audit_choice_t *choice, const char **problem_out,
                                const mq_request_t *rq)
{
    mq_id_t *person = apr_pcalloc(rq->pool, sizeof *person);
    *problem_out = NULL;
    MQ_TRY(mq_request_number(&choice->before, rq, "after"));
    if (mq_query_given(rq, "lists")) {
        choice->lists = MQ_AUDIT_LISTS_ONLY;
    }
    if (mq_query_given(rq, "person")) {
        MQ_TRY(mq_id_parse(person, mq_query_given(rq, "person")));
        choice->actor = person;
    }
    if (!mq_query_day(&choice->from, rq, "from", 0) || !mq_query_day(&choice->until, rq, "to", 1)) {
        *problem_out = mq_sayf(rq, "Enter the day like this: %s.", mq_date_example(rq));
    }
    return APR_SUCCESS;
}

static void page_fill(views_page_t *page, const mq_request_t *rq, const mq_record_views_t *views,
                      const mq_audit_choice_t *choice)
{
    const char *path = apr_pstrcat(rq->pool, "/patients/", page->id, "/accesses", NULL);
    page->people = people_draw(rq, views->people, choice->actor);
    page->is_lists = choice->lists == MQ_AUDIT_LISTS_ONLY;
    page->record_href = mq_query_href(rq, path, kept);
    if (page->problem) {
        return;
    }
    page->views = views_draw(rq, views->views);
    page->listed = listed_say(rq, views->listed);
    page->lists_href = apr_pstrcat(rq->pool, page->record_href,
                                   strchr(page->record_href, '?') ? "&" : "?", "lists=yes", NULL);
    page->paging = mq_query_paging(rq, path, kept_lists, views->next, page->views.count);
}

/* With person=, from=, to=, after=; lists= for the lists and searches in which the patient was. */
static apr_status_t views_page_show(mq_request_t *rq, const mq_scope_t *sc)
{
    views_page_t page = {.frame.title = mq_say(rq, "Who has viewed this record"),
                         .from = mq_query_given(rq, "from"),
                         .to = mq_query_given(rq, "to")};
    mq_audit_choice_t choice = {0};
    mq_record_views_t views;
    mq_patient_t patient;
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    choice.patient = &id;
    MQ_TRY(choice_read(&choice, &page.problem, rq));
    MQ_TRY(mq_record_views(&views, sc, &choice));
    MQ_TRY(mq_patient_read(&patient, sc, &id));
    page.patient = mq_patient_banner(rq, &patient);
    page.id = mq_id_text(&id, rq->pool);
    page_fill(&page, rq, &views, &choice);
    return mq_page_show(rq, page.problem ? 422 : 200, &views_template, &page);
}

const mq_route_t mq_record_view_routes[] = {{MQ_GET, "/patients/{id}/accesses",
                                             MQ_ACTION_PATIENT_ACCESSES, views_page_show,
                                             .page = &views_template},
                                            MQ_ROUTES_END};

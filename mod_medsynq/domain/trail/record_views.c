/* record_views.c -- from events to visits. Whoever works in a record causes many events within some
 * minutes; whom it is about wants to know that they came, and when. */
#include "domain/trail/record_views.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "domain/patients/patient_links.h"
#include "domain/trail/disclosures.h"

enum { EVENTS_PER_PAGE = 1000, PEOPLE_MOST = 200 };

static const apr_time_t gap = (apr_time_t)MQ_VIEWS_JOINED_MINUTES * 60 * APR_USEC_PER_SEC;

static int is_look(const mq_audit_entry_t *entry)
{
    static const mq_action_t looks[] = {
        MQ_ACTION_DASHBOARD_VIEW,     MQ_ACTION_PATIENTS_LIST,     MQ_ACTION_PATIENTS_SEARCH,
        MQ_ACTION_PATIENT_DUPLICATES, MQ_ACTION_PATIENT_VIEW,      MQ_ACTION_PATIENT_NOTES_READ,
        MQ_ACTION_CHART_READ,         MQ_ACTION_PATIENT_HISTORY,   MQ_ACTION_PATIENT_PRINT,
        MQ_ACTION_PATIENT_ACCESSES,   MQ_ACTION_CONSENTS_VIEW,     MQ_ACTION_SHARE_LISTED,
        MQ_ACTION_SHARE_VIEWED,       MQ_ACTION_PATIENTS_ARCHIVED, MQ_ACTION_PATIENTS_COMPARE,
        MQ_ACTION_REFERRALS_LIST,     MQ_ACTION_REFERRAL_VIEW,     MQ_ACTION_REFERRAL_VIEWED,
        MQ_ACTION_EMERGENCY_OPENED,   MQ_ACTION_EMERGENCY_VIEW};
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        if (looks[i] == entry->action && entry->outcome == MQ_OUTCOME_DONE) {
            return 1;
        }
    }
    return 0;
}

/* What one request has done is one line. */
static int is_same_request(const mq_record_view_t *view, const mq_audit_entry_t *entry)
{
    return view->from == entry->at && view->outcome == entry->outcome;
}

static int is_same_visit(const mq_record_view_t *view, const mq_audit_entry_t *entry)
{
    const mq_audit_entry_t told = {.action = APR_ARRAY_IDX(view->actions, 0, mq_action_t),
                                   .outcome = view->outcome};
    return is_look(&told) && is_look(entry) && view->from - entry->at <= gap;
}

/* Whoever has no account here, as people of other organisations, is known by name. */
static int is_same_person(const mq_record_view_t *view, const mq_audit_entry_t *entry)
{
    return mq_id_equal(&view->actor, &entry->actor) &&
           (!mq_id_is_nil(&view->actor) ||
            strcmp(view->name ? view->name : "", entry->actor_name ? entry->actor_name : "") == 0);
}

/* The line that an event belongs to: the latest told of the same person. A change of theirs between
 * two looks parts them, so that lines stay in the order of what happened. */
static mq_record_view_t *line_of(const apr_array_header_t *views, const mq_audit_entry_t *entry)
{
    for (int i = views->nelts - 1; i >= 0; i--) {
        mq_record_view_t *view = &APR_ARRAY_IDX(views, i, mq_record_view_t);
        if (is_same_person(view, entry)) {
            return is_same_request(view, entry) || is_same_visit(view, entry) ? view : NULL;
        }
    }
    return NULL;
}

/* Events come from the newest on, so what is told last was done first. */
static void action_tell(mq_record_view_t *view, mq_action_t action, apr_pool_t *pool)
{
    apr_array_header_t *actions = apr_array_make(pool, 2, sizeof(mq_action_t));
    APR_ARRAY_PUSH(actions, mq_action_t) = action;
    for (int i = 0; view->actions && i < view->actions->nelts; i++) {
        if (APR_ARRAY_IDX(view->actions, i, mq_action_t) != action) {
            APR_ARRAY_PUSH(actions, mq_action_t) = APR_ARRAY_IDX(view->actions, i, mq_action_t);
        }
    }
    view->actions = actions;
}

static int roles_of(const apr_array_header_t *people, const mq_id_t *id)
{
    for (int i = 0; i < people->nelts; i++) {
        const mq_viewer_t *viewer = &APR_ARRAY_IDX(people, i, mq_viewer_t);
        if (mq_id_equal(&viewer->id, id)) {
            return viewer->roles;
        }
    }
    return 0;
}

/* @return 0 the page is full, and the event belongs to the next */
static int event_tell(mq_record_views_t *views, const mq_audit_entry_t *entry, apr_pool_t *pool)
{
    mq_record_view_t *view = line_of(views->views, entry);
    if (!view && views->views->nelts == MQ_VIEWS_PER_PAGE) {
        return 0;
    }
    if (!view) {
        view = apr_array_push(views->views);
        *view = (mq_record_view_t){.until = entry->at,
                                   .actor = entry->actor,
                                   .name = entry->actor_name,
                                   .roles = roles_of(views->people, &entry->actor),
                                   .outcome = entry->outcome};
    }
    view->from = entry->at;
    action_tell(view, entry->action, pool);
    return 1;
}

static apr_status_t views_tell(mq_record_views_t *views, const mq_scope_t *sc,
                               const mq_audit_choice_t *choice)
{
    apr_pool_t *pool = mq_scope_pool(sc);
    apr_array_header_t *entries;
    views->views = apr_array_make(pool, MQ_VIEWS_PER_PAGE, sizeof(mq_record_view_t));
    MQ_TRY(mq_audit_rows(&entries, &views->next, sc, choice, EVENTS_PER_PAGE, pool));
    for (int i = 0; i < entries->nelts; i++) {
        if (!event_tell(views, &APR_ARRAY_IDX(entries, i, mq_audit_entry_t), pool)) {
            views->next = APR_ARRAY_IDX(entries, i - 1, mq_audit_entry_t).number;
            break;
        }
    }
    return APR_SUCCESS;
}

static void person_note(apr_array_header_t *people, const mq_id_t *id)
{
    for (int i = 0; i < people->nelts; i++) {
        if (mq_id_equal(&APR_ARRAY_IDX(people, i, mq_viewer_t).id, id)) {
            return;
        }
    }
    APR_ARRAY_PUSH(people, mq_viewer_t) = (mq_viewer_t){.id = *id};
}

static apr_status_t people_of(apr_array_header_t *people, const mq_scope_t *sc, const mq_id_t *id)
{
    mq_rows_t rows;
    apr_status_t rv;
    MQ_TRY(mq_db_select(&rows, sc, MQ_SQL_AUDIT_PEOPLE_OF_PATIENT,
                        MQ_PARAMS(mq_bind_id(id), mq_bind_id(id), mq_bind_int(PEOPLE_MOST))));
    while ((rv = mq_rows_next(&rows)) == APR_SUCCESS) {
        const mq_id_t actor = mq_rows_id(&rows, MQ_AUDIT_PEOPLE_OF_PATIENT_ACTOR_ID);
        person_note(people, &actor);
    }
    return rv == APR_EOF ? APR_SUCCESS : rv;
}

/* @return MQ_ENOTFOUND no account of this organisation: the administrator's command */
static apr_status_t person_read(mq_viewer_t *viewer, const mq_scope_t *sc)
{
    mq_rows_t rows;
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_USER_VIEW, MQ_PARAMS(mq_bind_id(&viewer->id))));
    viewer->name = mq_rows_text(&rows, MQ_USER_VIEW_NAME, mq_scope_pool(sc));
    viewer->key = mq_text_name_key(viewer->name, mq_scope_pool(sc));
    viewer->roles = (int)mq_rows_int(&rows, MQ_USER_VIEW_ROLES);
    mq_rows_close(&rows);
    return APR_SUCCESS;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const mq_viewer_t *)a)->key, ((const mq_viewer_t *)b)->key);
}

static apr_status_t people_find(mq_record_views_t *views, const mq_scope_t *sc,
                                const mq_audit_choice_t *choice)
{
    apr_array_header_t *people = apr_array_make(mq_scope_pool(sc), 8, sizeof(mq_viewer_t));
    apr_array_header_t *ids;
    int kept = 0;
    MQ_TRY(mq_patient_stands_for(&ids, sc, choice->patient));
    for (int i = 0; i < ids->nelts; i++) {
        MQ_TRY(people_of(people, sc, &APR_ARRAY_IDX(ids, i, mq_id_t)));
    }
    for (int i = 0; i < people->nelts; i++) {
        mq_viewer_t viewer = APR_ARRAY_IDX(people, i, mq_viewer_t);
        apr_status_t rv = person_read(&viewer, sc);
        if (rv == APR_SUCCESS) {
            APR_ARRAY_IDX(people, kept++, mq_viewer_t) = viewer;
        } else if (rv != MQ_ENOTFOUND) {
            return rv;
        }
    }
    people->nelts = kept;
    qsort(people->elts, (size_t)kept, sizeof(mq_viewer_t), by_name);
    views->people = people;
    return APR_SUCCESS;
}

static apr_status_t lists_count(mq_record_views_t *views, const mq_scope_t *sc,
                                const mq_audit_choice_t *choice)
{
    mq_audit_choice_t lists = *choice;
    apr_array_header_t *entries;
    apr_int64_t next;
    lists.lists = MQ_AUDIT_LISTS_ONLY;
    lists.before = 0;
    MQ_TRY(
        mq_audit_rows(&entries, &next, sc, &lists, MQ_VIEWS_COUNTED_MOST + 1, mq_scope_pool(sc)));
    views->listed = entries->nelts;
    return APR_SUCCESS;
}

apr_status_t mq_record_views(mq_record_views_t *views_out, const mq_scope_t *sc,
                             const mq_audit_choice_t *choice)
{
    const mq_audit_event_t event = {.action = MQ_ACTION_PATIENT_ACCESSES,
                                    .outcome = MQ_OUTCOME_DONE,
                                    .patient = choice->patient};
    mq_audit_choice_t wanted = *choice;
    mq_rows_t rows;
    *views_out = (mq_record_views_t){0};
    if (!mq_policy_allows(MQ_ACTION_PATIENT_ACCESSES, mq_scope_roles(sc))) {
        return MQ_EDENIED;
    }
    MQ_TRY(
        mq_db_select_one(&rows, sc, MQ_SQL_PATIENT_BRIEF, MQ_PARAMS(mq_bind_id(choice->patient))));
    mq_rows_close(&rows);
    wanted.lists = wanted.lists == MQ_AUDIT_LISTS_ONLY ? wanted.lists : MQ_AUDIT_LISTS_NOT;
    MQ_TRY(people_find(views_out, sc, choice));
    MQ_TRY(views_tell(views_out, sc, &wanted));
    if (wanted.lists == MQ_AUDIT_LISTS_NOT) {
        MQ_TRY(lists_count(views_out, sc, choice));
    }
    return mq_disclose(sc, &event, NULL);
}

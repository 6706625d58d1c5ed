/* duplicate_pages.c -- likely doubles over the whole register, pair by pair: /patients/duplicates,
 * and saying that two records are of different people. Rules are in
 * domain/patients/duplicate_queue.c; merging is merge_pages.c's. */

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/duplicate_queue.h"
#include "domain/policy.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/form.h"
#include "web/nav.h"
#include "web/paging.h"
#include "web/patients/double_warning.h"
#include "web/patients/patient_href.h"
#include "web/patients/patient_values.h"
#include "web/route_tables.h"

/* A field that one of the two has, or both. */
typedef struct value_t {
    const char *label;
    const char *mine;
    const char *theirs;
    int is_same;
} value_t;

static const mq_slot_t value_slots[] = {MQ_TEXT(value_t, label), MQ_TEXT(value_t, mine),
                                        MQ_TEXT(value_t, theirs), MQ_FLAG(value_t, is_same),
                                        MQ_SLOTS_END};

typedef struct pair_t {
    apr_int64_t number; /* on the page */
    const char *one_name;
    const char *one_href;
    const char *other_id;
    const char *other_name;
    const char *other_href;
    const char *why;
    const char *said_by;
    const char *said_text;
    const char *said_iso;
    const char *merge_href; /* NULL: the person may not, or both are archived */
    const char *action;
    mq_list_t values;
    int one_archived;
    int other_archived;
} pair_t;

static const mq_slot_t pair_slots[] = {MQ_INT(pair_t, number),
                                       MQ_TEXT(pair_t, one_name),
                                       MQ_TEXT(pair_t, one_href),
                                       MQ_TEXT(pair_t, other_id),
                                       MQ_TEXT(pair_t, other_name),
                                       MQ_TEXT(pair_t, other_href),
                                       MQ_TEXT(pair_t, why),
                                       MQ_TEXT(pair_t, said_by),
                                       MQ_TEXT(pair_t, said_text),
                                       MQ_TEXT(pair_t, said_iso),
                                       MQ_TEXT(pair_t, merge_href),
                                       MQ_TEXT(pair_t, action),
                                       MQ_LIST(pair_t, values, value_slots, value_t),
                                       MQ_FLAG(pair_t, one_archived),
                                       MQ_FLAG(pair_t, other_archived),
                                       MQ_SLOTS_END};

typedef struct queue_page_t {
    mq_frame_t frame;
    mq_list_t navs;
    mq_list_t pairs;
    mq_paging_t paging;
    int is_apart;
    int is_at_work;
} queue_page_t;

static const mq_slot_t queue_slots[] = {MQ_LIST(queue_page_t, navs, mq_nav_slots, mq_nav_t),
                                        MQ_LIST(queue_page_t, pairs, pair_slots, pair_t),
                                        MQ_INCLUDE(queue_page_t, paging, mq_paging_slots),
                                        MQ_FLAG(queue_page_t, is_apart),
                                        MQ_FLAG(queue_page_t, is_at_work),
                                        MQ_INCLUDE(queue_page_t, frame, mq_frame_slots),
                                        MQ_SLOTS_END};

static const mq_page_t queue_template = {"duplicate_queue.html", queue_slots};

static const char queue_path[] = "/patients/duplicates";
static const char apart_query[] = "?show=apart";

static value_t value_make(const char *label, const char *mine, const char *theirs)
{
    return (value_t){label, mine, theirs, mine && theirs && strcmp(mine, theirs) == 0};
}

static mq_list_t values_draw(const mq_request_t *rq, const mq_pair_t *pair)
{
    value_t *rows = apr_palloc(rq->pool, sizeof *rows * (MQ_PATIENT_FIELDS + 1));
    int count = 0;
    rows[count++] = value_make(mq_say(rq, "Record number"), pair->one.mrn, pair->other.mrn);
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *mine = mq_patient_field_say(rq, i, &pair->one.fields);
        const char *theirs = mq_patient_field_say(rq, i, &pair->other.fields);
        if ((mine || theirs) && i != MQ_PATIENT_FIELD_NAME) {
            rows[count++] = value_make(mq_say(rq, mq_patient_field_table[i].label), mine, theirs);
        }
    }
    return (mq_list_t){rows, count};
}

/* Into the one that is in use; of two, into the older one. */
static const char *merge_href(const mq_request_t *rq, const mq_scope_t *sc, const mq_pair_t *pair)
{
    const mq_patient_t *target = pair->one.status == MQ_PATIENT_ACTIVE ? &pair->one : &pair->other;
    const mq_patient_t *source = target == &pair->one ? &pair->other : &pair->one;
    if (target->status != MQ_PATIENT_ACTIVE ||
        !mq_policy_allows(MQ_ACTION_PATIENT_MERGE, mq_scope_roles(sc))) {
        return NULL;
    }
    return mq_patient_href(
        rq, &target->id,
        apr_pstrcat(rq->pool, "/merge?other=", mq_id_text(&source->id, rq->pool), NULL));
}

static pair_t pair_draw(const mq_request_t *rq, const mq_scope_t *sc, const mq_pair_t *pair,
                        int number)
{
    const int is_apart = pair->said_by != NULL;
    return (pair_t){.number = number,
                    .one_name = pair->one.name,
                    .one_href = mq_patient_href(rq, &pair->one.id, ""),
                    .other_id = mq_id_text(&pair->other.id, rq->pool),
                    .other_name = pair->other.name,
                    .other_href = mq_patient_href(rq, &pair->other.id, ""),
                    .why = mq_double_why(rq, pair->why),
                    .said_by = pair->said_by,
                    .said_text = is_apart ? mq_time_say(rq, pair->said_at) : NULL,
                    .said_iso = is_apart ? mq_time_iso(pair->said_at, rq->pool) : NULL,
                    .merge_href = merge_href(rq, sc, pair),
                    .action =
                        mq_patient_href(rq, &pair->one.id, is_apart ? "/apart/undo" : "/apart"),
                    .values = values_draw(rq, pair),
                    .one_archived = pair->one.status == MQ_PATIENT_ARCHIVED,
                    .other_archived = pair->other.status == MQ_PATIENT_ARCHIVED};
}

/* after= is what this page wrote: a place and two ids. */
static apr_status_t place_read(mq_pair_place_t *place_out, const mq_request_t *rq, const char *text)
{
    const char *one = strchr(text, '.');
    const char *other = one ? strchr(one + 1, '.') : NULL;
    if (!other || one == text || strspn(text, "0123456789") != (size_t)(one - text)) {
        return MQ_EINVALID;
    }
    place_out->place = apr_atoi64(text);
    MQ_TRY(mq_id_parse(&place_out->one,
                       apr_pstrmemdup(rq->pool, one + 1, (apr_size_t)(other - one - 1))));
    return mq_id_parse(&place_out->other, other + 1);
}

static const char *place_text(const mq_request_t *rq, const mq_pair_place_t *place)
{
    return apr_psprintf(rq->pool, "%" APR_INT64_T_FMT ".%s.%s", place->place,
                        mq_id_text(&place->one, rq->pool), mq_id_text(&place->other, rq->pool));
}

static mq_list_t navs_draw(const mq_request_t *rq, int is_apart)
{
    const mq_nav_link_t links[] = {{mq_say(rq, "Likely duplicates"), queue_path, !is_apart},
                                   {mq_say(rq, "Different people"),
                                    apr_pstrcat(rq->pool, queue_path, apart_query, NULL),
                                    is_apart}};
    mq_nav_t *nav = apr_palloc(rq->pool, sizeof *nav);
    *nav = (mq_nav_t){mq_say(rq, "Show"), {apr_pmemdup(rq->pool, links, sizeof links), 2}};
    return (mq_list_t){nav, 1};
}

/* With show=apart those said to be different people. */
static apr_status_t queue_show(mq_request_t *rq, const mq_scope_t *sc)
{
    queue_page_t page = {.frame.title = mq_say(rq, "Likely duplicates")};
    const char *show = mq_request_query(rq, "show");
    const char *after = mq_request_query(rq, "after");
    mq_pair_place_t place;
    mq_pairs_page_t found;
    mq_flash_t flash;
    pair_t *rows;
    if (show && strcmp(show, "apart") != 0) {
        return MQ_EINVALID;
    }
    if (after) {
        MQ_TRY(place_read(&place, rq, after));
    }
    MQ_TRY(mq_flash_take(&flash, rq));
    page.is_apart = show != NULL;
    MQ_TRY(mq_pairs_page(&found, sc, show ? MQ_PAIR_APART : MQ_PAIR_LIKELY, after ? &place : NULL));
    rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(found.pairs->nelts + 1));
    for (int i = 0; i < found.pairs->nelts; i++) {
        rows[i] = pair_draw(rq, sc, &APR_ARRAY_IDX(found.pairs, i, mq_pair_t), i + 1);
    }
    page.frame.notice = flash.notice;
    page.pairs = (mq_list_t){rows, found.pairs->nelts};
    page.navs = navs_draw(rq, page.is_apart);
    page.paging =
        mq_paging(rq, apr_pstrcat(rq->pool, queue_path, page.is_apart ? apart_query : "", NULL),
                  "after", found.has_more ? place_text(rq, &found.last) : NULL, found.pairs->nelts,
                  mq_say(rq, "Next page"));
    page.is_at_work = found.is_at_work && !page.is_apart;
    return mq_page_show(rq, 200, &queue_template, &page);
}

static apr_status_t both_sent(mq_id_t *one_out, mq_id_t *other_out, const mq_request_t *rq)
{
    const char *text = mq_form_get(rq->form, "other", NULL);
    MQ_TRY(mq_request_record(one_out, rq));
    return text ? mq_id_parse(other_out, text) : MQ_EINVALID;
}

static apr_status_t back_lead(mq_request_t *rq, const char *notice)
{
    MQ_TRY(mq_flash_set(rq, &(mq_flash_t){.notice = notice}));
    return mq_request_redirect(rq, queue_path);
}

static apr_status_t apart_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t one;
    mq_id_t other;
    MQ_TRY(both_sent(&one, &other, rq));
    MQ_TRY(mq_duplicates_part(sc, &one, &other));
    return back_lead(rq, mq_say(rq, "Noted: they are different people. You find the pair under "
                                    "\"Different people\"."));
}

static apr_status_t join_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t one;
    mq_id_t other;
    MQ_TRY(both_sent(&one, &other, rq));
    MQ_TRY(mq_duplicates_join(sc, &one, &other));
    return back_lead(rq, mq_say(rq, "Taken back: the two are compared again."));
}

const mq_route_t mq_duplicate_routes[] = {
    {MQ_GET, "/patients/duplicates", MQ_ACTION_PATIENT_DUPLICATES, queue_show,
     .page = &queue_template},
    {MQ_POST, "/patients/{id}/apart", MQ_ACTION_PATIENTS_PART, apart_post},
    {MQ_POST, "/patients/{id}/apart/undo", MQ_ACTION_PATIENTS_PART_UNDO, join_post},
    MQ_ROUTES_END};

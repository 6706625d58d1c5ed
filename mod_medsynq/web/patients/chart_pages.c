/* chart_pages.c -- the lists of a patient's chart and their forms, the same for every kind:
 * /patients/{id}/allergies, /medicines, /problems, and each item below. Rules are in
 * domain/patients/chart_changes.c. */

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/chart_changes.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/patients/archived.h"
#include "web/form.h"
#include "web/patients/chart_view.h"
#include "web/patients/patient_banner.h"
#include "web/route_tables.h"

enum { LIMIT_VERSION = 20, LIMIT_SEEN = MQ_CHART_LIKE_MOST * MQ_ID_TEXT_SIZE };

/* What a form fills. */
typedef struct values_t {
    const char *of[MQ_CHART_FIELDS_MOST];
    const char *version;
    const char *seen; /* ids of items of the same name that the person has been shown */
    const char *reason;
} values_t;

/* What a form comes back with. */
typedef struct again_t {
    const char *problem;            /* of no field */
    const apr_array_header_t *like; /* items of the same name, to be looked at first */
    const values_t *mine;           /* what somebody else's change came before */
} again_t;

static const again_t afresh;

/* What an item says, or said, of one field; mine and theirs where two have changed it. */
typedef struct fact_t {
    const char *label;
    const char *value;
    const char *mine;
} fact_t;

typedef struct version_t {
    apr_int64_t number;
    const char *at_text;
    const char *at_iso;
    const char *by;
    const char *what;
    const char *reason;
    mq_list_t facts;
} version_t;

typedef struct chart_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_form_view_t form;
    mq_chart_card_t card;
    mq_list_t past;
    mq_list_t in_error;
    mq_list_t doubles;
    const char *said; /* the item that a page is about */
    const char *action;
    const char *back_href;
    const char *list_href;
    const char *none; /* the button that says that there are none, NULL: not now */
    mq_list_t clashes;
    const char *their_name; /* NULL: nobody came between */
    mq_list_t versions;
    apr_int64_t item_version;
    apr_int64_t reason_limit;
    int has_past;
    int has_in_error;
    int has_doubles;
    int can_add;
    int can_change;
    int can_mark_error;
} chart_page_t;

static const mq_slot_t fact_slots[] = {MQ_TEXT(fact_t, label), MQ_TEXT(fact_t, value),
                                       MQ_TEXT(fact_t, mine), MQ_SLOTS_END};

static const mq_slot_t version_slots[] = {MQ_INT(version_t, number),
                                          MQ_TEXT(version_t, at_text),
                                          MQ_TEXT(version_t, at_iso),
                                          MQ_TEXT(version_t, by),
                                          MQ_TEXT(version_t, what),
                                          MQ_TEXT(version_t, reason),
                                          MQ_LIST(version_t, facts, fact_slots, fact_t),
                                          MQ_SLOTS_END};

static const mq_slot_t page_slots[] = {
    MQ_STRUCT(chart_page_t, patient, mq_patient_banner_slots),
    MQ_INCLUDE(chart_page_t, form, mq_form_slots),
    MQ_INCLUDE(chart_page_t, card, mq_chart_card_slots),
    MQ_LIST(chart_page_t, past, mq_chart_line_slots, mq_chart_line_t),
    MQ_LIST(chart_page_t, in_error, mq_chart_line_slots, mq_chart_line_t),
    MQ_LIST(chart_page_t, doubles, mq_chart_line_slots, mq_chart_line_t),
    MQ_TEXT(chart_page_t, said),
    MQ_TEXT(chart_page_t, action),
    MQ_TEXT(chart_page_t, back_href),
    MQ_TEXT(chart_page_t, list_href),
    MQ_TEXT(chart_page_t, none),
    MQ_LIST(chart_page_t, clashes, fact_slots, fact_t),
    MQ_TEXT(chart_page_t, their_name),
    MQ_LIST(chart_page_t, versions, version_slots, version_t),
    MQ_INT(chart_page_t, item_version),
    MQ_INT(chart_page_t, reason_limit),
    MQ_FLAG(chart_page_t, has_past),
    MQ_FLAG(chart_page_t, has_in_error),
    MQ_FLAG(chart_page_t, has_doubles),
    MQ_FLAG(chart_page_t, can_add),
    MQ_FLAG(chart_page_t, can_change),
    MQ_FLAG(chart_page_t, can_mark_error),
    MQ_INCLUDE(chart_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t list_template = {"chart.html", page_slots, 1};
static const mq_page_t item_template = {"chart_item.html", page_slots};
static const mq_page_t error_template = {"chart_error.html", page_slots};

/* The route's pattern names the kind: "/patients/{id}/allergies/{item}". */
static const mq_chart_kind_t *kind_of(const mq_request_t *rq)
{
    static const char before[] = "/patients/{id}/";
    const char *name = rq->route->pattern + sizeof before - 1;
    int i = 0;
    while (i < MQ_CHART_KINDS - 1 &&
           (strncmp(name, mq_chart_kinds[i].name, strcspn(name, "/")) != 0 ||
            mq_chart_kinds[i].name[strcspn(name, "/")])) {
        i++;
    }
    return &mq_chart_kinds[i];
}

static int may_write(const mq_scope_t *sc, const mq_patient_t *patient, mq_action_t action)
{
    return patient->status == MQ_PATIENT_ACTIVE && mq_policy_allows(action, mq_scope_roles(sc));
}

static const mq_field_t version_row = {.name = "version",
                                       .label = "version",
                                       .kind = MQ_FIELD_HIDDEN,
                                       .limit = LIMIT_VERSION,
                                       .offset = offsetof(values_t, version)};

static const mq_field_t seen_row = {.name = "duplicates_seen",
                                    .label = "duplicates_seen",
                                    .kind = MQ_FIELD_HIDDEN,
                                    .limit = LIMIT_SEEN,
                                    .offset = offsetof(values_t, seen)};

static mq_form_t *form_make(mq_request_t *rq, const mq_chart_kind_t *kind, int with_version)
{
    mq_field_t *rows = apr_pcalloc(rq->pool, sizeof *rows * (MQ_CHART_FIELDS_MOST + 3));
    mq_form_t *form;
    int count = 0;
    for (; kind->fields[count].name; count++) {
        const mq_chart_field_t *field = &kind->fields[count];
        rows[count] = (mq_field_t){.name = field->name,
                                   .label = field->label,
                                   .kind = field->rule.kind,
                                   .required = count == 0 || count == kind->status,
                                   .limit = field->rule.limit,
                                   .autocomplete = "off",
                                   .hint = field->hint,
                                   .missing = kind->missing,
                                   .offset = offsetof(values_t, of) +
                                             (apr_size_t)count * sizeof(const char *),
                                   .choices = field->rule.choices};
    }
    rows[count++] = seen_row;
    if (with_version) {
        rows[count] = version_row;
    }
    form = mq_form_make(rq, rows);
    if (kind->status >= 0) {
        mq_form_set(form, kind->fields[kind->status].name, "active");
    }
    return form;
}

/* A form of a program may leave out what a page would have chosen. */
static apr_status_t form_take(values_t *values_out, mq_form_t *form, const mq_request_t *rq,
                              const mq_chart_kind_t *kind)
{
    mq_chart_faults_t faults;
    mq_day_t today;
    *values_out = (values_t){.version = NULL};
    MQ_TRY(mq_form_read(form, values_out));
    mq_field_today(&today, rq->now);
    (void)mq_chart_check(&faults, kind, values_out->of, &today, rq->pool);
    for (int i = 0; kind->fields[i].name; i++) {
        if (faults.of[i] == MQ_FAULT_MISSING && i > 0 && i != kind->status) {
            mq_form_fault(form, kind->fields[i].name, mq_say(rq, "Say until when it was taken."));
        } else {
            mq_form_fault_add(form, kind->fields[i].name, faults.of[i]);
        }
    }
    return APR_SUCCESS;
}

static apr_int64_t version_of(const char *text)
{
    return text && *text && strspn(text, "0123456789") == strlen(text) ? apr_atoi64(text) : 0;
}

/* Those of the same name, and none if the person has been shown them all: whoever means it sends
 * the form again. */
static apr_status_t like_find(apr_array_header_t **like_out, mq_form_t *form,
                              const mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *patient,
                              const values_t *values, const mq_id_t *self)
{
    const char *all = "";
    int news = 0;
    MQ_TRY(mq_chart_like(like_out, sc, patient, kind_of(rq), values->of[0], self));
    for (int i = 0; i < (*like_out)->nelts; i++) {
        const char *id = mq_id_text(&APR_ARRAY_IDX(*like_out, i, mq_chart_item_t).id, rq->pool);
        news |= !values->seen || !strstr(values->seen, id);
        all = apr_pstrcat(rq->pool, all, id, " ", NULL);
    }
    mq_form_set(form, "duplicates_seen", all);
    if (!news) {
        (*like_out)->nelts = 0;
    }
    return APR_SUCCESS;
}

static void doubles_draw(chart_page_t *page, const mq_request_t *rq, const char *list_href,
                         const apr_array_header_t *like)
{
    mq_chart_line_t *lines;
    if (!like) {
        return;
    }
    lines = apr_palloc(rq->pool, sizeof *lines * (apr_size_t)(like->nelts + 1));
    for (int i = 0; i < like->nelts; i++) {
        lines[i] = mq_chart_line(rq, list_href, &APR_ARRAY_IDX(like, i, mq_chart_item_t));
    }
    page->doubles = (mq_list_t){lines, like->nelts};
    page->has_doubles = like->nelts > 0;
}

/* --- one list --- */

static apr_status_t rest_draw(chart_page_t *page, mq_request_t *rq, const mq_scope_t *sc,
                              const mq_patient_t *patient, const mq_chart_kind_t *kind)
{
    const mq_day_t today = mq_today(rq);
    apr_array_header_t *items;
    mq_chart_line_t *past;
    mq_chart_line_t *in_error;
    MQ_TRY(mq_chart_items(&items, sc, &patient->id, kind));
    past = apr_palloc(rq->pool, sizeof *past * (apr_size_t)(items->nelts + 1));
    in_error = apr_palloc(rq->pool, sizeof *in_error * (apr_size_t)(items->nelts + 1));
    for (int i = 0; i < items->nelts; i++) {
        const mq_chart_item_t *item = &APR_ARRAY_IDX(items, i, mq_chart_item_t);
        if (item->state == MQ_CHART_IN_ERROR) {
            in_error[page->in_error.count++] = mq_chart_line(rq, page->card.href, item);
        } else if (item->state == MQ_CHART_STANDS && !item->is_none &&
                   !mq_chart_is_current(item, &today)) {
            past[page->past.count++] = mq_chart_line(rq, page->card.href, item);
        }
    }
    page->past.items = past;
    page->in_error.items = in_error;
    page->has_past = page->past.count > 0;
    page->has_in_error = page->in_error.count > 0;
    return APR_SUCCESS;
}

static apr_status_t list_show(mq_request_t *rq, const mq_scope_t *sc, int status, const mq_id_t *id,
                              const mq_form_t *form, const again_t *again)
{
    const mq_chart_kind_t *kind = kind_of(rq);
    chart_page_t page = {.frame.title = mq_say(rq, kind->title)};
    mq_patient_t patient;
    MQ_TRY(mq_patient_view_for(&patient, sc, id, kind->reading));
    page.can_add = may_write(sc, &patient, kind->adding);
    page.card = mq_chart_list(rq, &patient, kind, page.can_add);
    MQ_TRY(rest_draw(&page, rq, sc, &patient, kind));
    page.patient = mq_patient_banner(rq, &patient);
    doubles_draw(&page, rq, page.card.href, again->like);
    page.form = mq_form_view(form, again->problem);
    page.action = page.card.href;
    page.back_href = mq_patient_href(rq, id, "");
    page.none =
        page.can_add && kind->none && !page.card.now.lines.count ? mq_say(rq, kind->none) : NULL;
    return mq_page_show(rq, status, &list_template, &page);
}

static apr_status_t list_page(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    return list_show(rq, sc, 200, &id, form_make(rq, kind_of(rq), 0), &afresh);
}

static apr_status_t back_to_list(mq_request_t *rq, const mq_id_t *patient, const char *notice)
{
    return mq_flash_redirect(rq, mq_chart_href(rq, patient, kind_of(rq), ""), notice);
}

static apr_status_t none_post(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *patient)
{
    const mq_chart_kind_t *kind = kind_of(rq);
    apr_status_t rv = mq_chart_add_none(sc, patient, kind);
    if (rv == MQ_ECONFLICT && !mq_archived_is(sc, patient)) {
        return list_show(
            rq, sc, 409, patient, form_make(rq, kind, 0),
            &(again_t){.problem = mq_say(rq, "This cannot be said: something is recorded below.")});
    }
    MQ_TRY(rv);
    return back_to_list(rq, patient, mq_sayf(rq, "Recorded: %s", mq_say(rq, kind->none)));
}

static apr_status_t list_post(mq_request_t *rq, const mq_scope_t *sc)
{
    const mq_chart_kind_t *kind = kind_of(rq);
    const char *none = mq_form_get(rq->form, "none_known", NULL);
    mq_form_t *form = form_make(rq, kind, 0);
    apr_array_header_t *like;
    values_t values;
    mq_id_t patient;
    mq_id_t made;
    MQ_TRY(mq_request_record(&patient, rq));
    if (none && *none && kind->none) { /* also a form: one that comes back is not yet confirmed */
        return mq_form_faults(form) ? list_show(rq, sc, 422, &patient, form, &afresh)
                                    : none_post(rq, sc, &patient);
    }
    MQ_TRY(form_take(&values, form, rq, kind));
    if (mq_form_faults(form)) {
        return list_show(rq, sc, 422, &patient, form, &afresh);
    }
    MQ_TRY(like_find(&like, form, rq, sc, &patient, &values, NULL));
    if (like->nelts) {
        return list_show(rq, sc, 200, &patient, form, &(again_t){.like = like});
    }
    MQ_TRY(mq_chart_add(&made, sc, &patient, kind, values.of));
    return back_to_list(rq, &patient, mq_sayf(rq, "Recorded: %s", values.of[0]));
}

/* --- one item --- */

static mq_list_t facts_draw(const mq_request_t *rq, const mq_chart_kind_t *kind,
                            const char *const *values)
{
    fact_t *facts = apr_palloc(rq->pool, sizeof *facts * MQ_CHART_FIELDS_MOST);
    int count = 0;
    for (int i = 0; kind->fields[i].name; i++) {
        const char *value = mq_chart_value_say(rq, &kind->fields[i], values[i]);
        if (value) {
            facts[count++] = (fact_t){mq_say(rq, kind->fields[i].label), value, NULL};
        }
    }
    return (mq_list_t){facts, count};
}

static const char *state_say(const mq_request_t *rq, apr_int64_t version, mq_chart_state_t state)
{
    return state == MQ_CHART_IN_ERROR    ? mq_say(rq, "Entered in error")
           : state == MQ_CHART_OVERTAKEN ? mq_say(rq, "No longer so")
           : version == 1                ? mq_say(rq, "Recorded")
                                         : mq_say(rq, "Changed");
}

static apr_status_t versions_draw(mq_list_t *versions_out, const mq_request_t *rq,
                                  const mq_scope_t *sc, const mq_chart_item_t *item)
{
    apr_array_header_t *earlier;
    version_t *rows;
    MQ_TRY(mq_chart_versions(&earlier, sc, item));
    rows = apr_palloc(rq->pool, sizeof *rows * (apr_size_t)(earlier->nelts + 1));
    rows[0] = (version_t){.number = item->version,
                          .at_text = mq_time_say(rq, item->updated_at),
                          .at_iso = mq_time_iso(item->updated_at, rq->pool),
                          .by = item->updated_by_name,
                          .what = state_say(rq, item->version, item->state),
                          .reason = item->reason,
                          .facts = facts_draw(rq, item->kind, item->values)};
    for (int i = 0; i < earlier->nelts; i++) {
        const mq_chart_version_t *was = &APR_ARRAY_IDX(earlier, i, mq_chart_version_t);
        rows[i + 1] = (version_t){.number = was->version,
                                  .at_text = mq_time_say(rq, was->changed_at),
                                  .at_iso = mq_time_iso(was->changed_at, rq->pool),
                                  .by = was->changed_by,
                                  .what = state_say(rq, was->version, was->state),
                                  .reason = was->reason,
                                  .facts = facts_draw(rq, item->kind, was->values)};
    }
    *versions_out = (mq_list_t){rows, earlier->nelts + 1};
    return APR_SUCCESS;
}

static apr_status_t item_read(mq_patient_t *patient_out, mq_chart_item_t *item_out,
                              mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t patient;
    mq_id_t id;
    MQ_TRY(mq_request_item(&patient, &id, rq));
    MQ_TRY(mq_chart_item_read(item_out, sc, &patient, &id));
    if (item_out->kind != kind_of(rq)) {
        return MQ_ENOTFOUND;
    }
    return mq_patient_view_for(patient_out, sc, &patient, item_out->kind->reading);
}

/* Where mine and theirs differ, both are shown above the form, which has mine. */
static mq_list_t clashes_draw(const mq_request_t *rq, const mq_chart_item_t *theirs,
                              const values_t *mine)
{
    const mq_chart_kind_t *kind = theirs->kind;
    fact_t *facts = apr_palloc(rq->pool, sizeof *facts * MQ_CHART_FIELDS_MOST);
    int count = 0;
    for (int i = 0; kind->fields[i].name; i++) {
        const char *a = theirs->values[i] ? theirs->values[i] : "";
        const char *b = mine->of[i] ? mine->of[i] : "";
        if (strcmp(a, b) != 0) {
            facts[count++] = (fact_t){mq_say(rq, kind->fields[i].label),
                                      mq_chart_value_say(rq, &kind->fields[i], theirs->values[i]),
                                      mq_chart_value_say(rq, &kind->fields[i], mine->of[i])};
        }
    }
    return (mq_list_t){facts, count};
}

static const char *said_of(const mq_request_t *rq, const mq_chart_item_t *item)
{
    return item->is_none ? mq_say(rq, item->kind->none) : item->values[0];
}

static apr_status_t item_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                              const mq_form_t *form, const mq_patient_t *patient,
                              const mq_chart_item_t *item, const again_t *again)
{
    const int stands = item->state == MQ_CHART_STANDS;
    chart_page_t page = {.reason_limit = MQ_LIMIT_REASON, .item_version = item->version};
    page.said = said_of(rq, item);
    page.frame.title = page.said;
    page.can_change = stands && !item->is_none && may_write(sc, patient, item->kind->changing);
    page.can_mark_error = stands && may_write(sc, patient, item->kind->error);
    if (again->mine && item->version != version_of(again->mine->version)) {
        page.their_name = item->updated_by_name;
        page.clashes = clashes_draw(rq, item, again->mine);
    }
    MQ_TRY(versions_draw(&page.versions, rq, sc, item));
    page.patient = mq_patient_banner(rq, patient);
    page.form = mq_form_view(form, NULL);
    page.list_href = mq_chart_href(rq, &patient->id, item->kind, "");
    page.action = apr_pstrcat(rq->pool, page.list_href, "/", mq_id_text(&item->id, rq->pool), NULL);
    doubles_draw(&page, rq, page.list_href, again->like);
    return mq_page_show(rq, status, &item_template, &page);
}

static void form_fill(mq_form_t *form, const mq_chart_item_t *item)
{
    for (int i = 0; item->kind->fields[i].name; i++) {
        mq_form_set(form, item->kind->fields[i].name, item->values[i]);
    }
}

static void form_version_set(mq_form_t *form, const mq_request_t *rq, apr_int64_t version)
{
    mq_form_set(form, "version", apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, version));
}

static apr_status_t item_page(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = form_make(rq, kind_of(rq), 1);
    mq_patient_t patient;
    mq_chart_item_t item;
    MQ_TRY(item_read(&patient, &item, rq, sc));
    form_fill(form, &item);
    form_version_set(form, rq, item.version);
    return item_show(rq, sc, 200, form, &patient, &item, &afresh);
}

/* Somebody was faster: what was typed stays, and is sent against their version when it is sent
 * again. */
static apr_status_t item_post(mq_request_t *rq, const mq_scope_t *sc)
{
    const mq_chart_kind_t *kind = kind_of(rq);
    mq_form_t *form = form_make(rq, kind, 1);
    values_t values;
    mq_patient_t patient;
    mq_chart_item_t item;
    apr_array_header_t *like;
    mq_id_t patient_id;
    mq_id_t id;
    apr_status_t rv;
    MQ_TRY(mq_request_item(&patient_id, &id, rq));
    MQ_TRY(form_take(&values, form, rq, kind));
    if (mq_form_faults(form)) {
        MQ_TRY(item_read(&patient, &item, rq, sc));
        return item_show(rq, sc, 422, form, &patient, &item, &afresh);
    }
    MQ_TRY(mq_chart_item_read(&item, sc, &patient_id, &id));
    if (item.version == version_of(values.version)) { /* what somebody has changed is told first */
        MQ_TRY(like_find(&like, form, rq, sc, &patient_id, &values, &id));
        if (like->nelts) {
            MQ_TRY(item_read(&patient, &item, rq, sc));
            return item_show(rq, sc, 200, form, &patient, &item, &(again_t){.like = like});
        }
    }
    rv = mq_chart_change(sc, &patient_id, kind, &id, version_of(values.version), values.of);
    if (rv == MQ_ECONFLICT) {
        MQ_TRY(item_read(&patient, &item, rq, sc));
        if (patient.status == MQ_PATIENT_ARCHIVED) {
            return MQ_ECONFLICT;
        }
        form_version_set(form, rq, item.version);
        return item_show(rq, sc, 409, form, &patient, &item, &(again_t){.mine = &values});
    }
    MQ_TRY(rv);
    return back_to_list(rq, &patient_id, mq_sayf(rq, "Changed: %s", values.of[0]));
}

static const mq_field_t reason_fields[] = {{.name = "reason",
                                            .label = MQ_SAY("Why was this entered in error?"),
                                            .kind = MQ_FIELD_LINE,
                                            .required = 1,
                                            .limit = MQ_LIMIT_REASON,
                                            .autocomplete = "off",
                                            .missing = MQ_SAY("Say why this was entered in error."),
                                            .offset = offsetof(values_t, reason)},
                                           {.name = "version",
                                            .label = "version",
                                            .kind = MQ_FIELD_HIDDEN,
                                            .limit = LIMIT_VERSION,
                                            .offset = offsetof(values_t, version)},
                                           {.name = NULL}};

static apr_status_t error_again(mq_request_t *rq, const mq_scope_t *sc, int status, mq_form_t *form)
{
    chart_page_t page = {.action = rq->path};
    mq_patient_t patient;
    mq_chart_item_t item;
    MQ_TRY(item_read(&patient, &item, rq, sc));
    form_version_set(form, rq, item.version);
    page.said = said_of(rq, &item);
    page.frame.title = mq_say(rq, "Entered in error");
    page.their_name = status == 409 ? item.updated_by_name : NULL;
    MQ_TRY(versions_draw(&page.versions, rq, sc, &item));
    page.patient = mq_patient_banner(rq, &patient);
    page.form = mq_form_view(form, NULL);
    page.back_href = mq_chart_href(rq, &patient.id, item.kind, "");
    return mq_page_show(rq, status, &error_template, &page);
}

static apr_status_t error_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, reason_fields);
    values_t values = {.version = NULL};
    mq_chart_item_t item;
    mq_id_t patient;
    mq_id_t id;
    apr_status_t rv;
    MQ_TRY(mq_request_item(&patient, &id, rq));
    MQ_TRY(mq_form_read(form, &values));
    if (mq_form_faults(form)) {
        return error_again(rq, sc, 422, form);
    }
    rv = mq_chart_mark_error(sc, &patient, kind_of(rq), &id, version_of(values.version),
                             values.reason);
    if (rv == MQ_ECONFLICT && !mq_archived_is(sc, &patient)) {
        return error_again(rq, sc, 409, form);
    }
    MQ_TRY(rv);
    MQ_TRY(mq_chart_item_read(&item, sc, &patient, &id));
    return back_to_list(rq, &patient,
                        mq_sayf(rq, "Marked as entered in error: %s", said_of(rq, &item)));
}

#define KIND_ROUTES(name, reading, adding, changing, error)                                        \
    {MQ_GET, "/patients/{id}/" name, reading, list_page, .page = &list_template},                  \
        {MQ_POST,      "/patients/{id}/" name,        adding, list_post, .page = &list_template,   \
         .reviews = 1, .once = "/patients/{id}/" name},                                            \
        {MQ_GET, "/patients/{id}/" name "/{item}", reading, item_page, .page = &item_template},    \
        {MQ_POST, "/patients/{id}/" name "/{item}", changing, item_post, .reviews = 1},            \
    {                                                                                              \
        MQ_POST, "/patients/{id}/" name "/{item}/error", error, error_post,                        \
            .page = &error_template, .reviews = 1                                                  \
    }

const mq_route_t mq_chart_routes[] = {
    KIND_ROUTES("allergies", MQ_ACTION_PATIENT_VIEW, MQ_ACTION_ALLERGY_ADD,
                MQ_ACTION_ALLERGY_CHANGE, MQ_ACTION_ALLERGY_ERROR),
    KIND_ROUTES("medicines", MQ_ACTION_CHART_READ, MQ_ACTION_MEDICINE_ADD,
                MQ_ACTION_MEDICINE_CHANGE, MQ_ACTION_MEDICINE_ERROR),
    KIND_ROUTES("problems", MQ_ACTION_CHART_READ, MQ_ACTION_PROBLEM_ADD, MQ_ACTION_PROBLEM_CHANGE,
                MQ_ACTION_PROBLEM_ERROR),
    MQ_ROUTES_END};

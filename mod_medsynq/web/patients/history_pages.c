/* history_pages.c -- versions as differences by field, and bringing one back. Rules are in
 * domain/patients/patient_history.c. */

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/patient_history.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/paging.h"
#include "web/patients/archived.h"
#include "web/patients/patient_banner.h"
#include "web/patients/patient_values.h"
#include "web/route_tables.h"

enum { VERSIONS_SHOWN = 20 };

typedef struct difference_t {
    const char *label;
    const char *before;
    const char *after;
} difference_t;

typedef struct version_t {
    apr_int64_t version;
    const char *at_text;
    const char *at_iso;
    const char *by;
    const char *what;
    const char *reason;
    const char *restore_href; /* NULL: the newest, or the person may not */
    mq_list_t differences;
} version_t;

typedef struct history_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_list_t versions;
    apr_int64_t version; /* of the record that is shown: only that one is replaced */
    const char *older_href;
    const char *back_href;
    mq_list_t charts; /* whose items have versions of their own */
    const char *problem;
} history_page_t;

static const mq_slot_t difference_slots[] = {MQ_TEXT(difference_t, label),
                                             MQ_TEXT(difference_t, before),
                                             MQ_TEXT(difference_t, after), MQ_SLOTS_END};

static const mq_slot_t version_slots[] = {
    {"number", MQ_SLOT_INT, offsetof(version_t, version), NULL, 0},
    MQ_TEXT(version_t, at_text),
    MQ_TEXT(version_t, at_iso),
    MQ_TEXT(version_t, by),
    MQ_TEXT(version_t, what),
    MQ_TEXT(version_t, reason),
    MQ_TEXT(version_t, restore_href),
    MQ_LIST(version_t, differences, difference_slots, difference_t),
    MQ_SLOTS_END};

static const mq_slot_t history_slots[] = {
    MQ_STRUCT(history_page_t, patient, mq_patient_banner_slots),
    MQ_LIST(history_page_t, versions, version_slots, version_t),
    MQ_INT(history_page_t, version),
    MQ_TEXT(history_page_t, problem),
    MQ_LIST(history_page_t, charts, mq_chart_card_slots, mq_chart_card_t),
    MQ_TEXT(history_page_t, older_href),
    MQ_TEXT(history_page_t, back_href),
    MQ_INCLUDE(history_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t history_template = {"history.html", history_slots};

static const char *change_text(const mq_request_t *rq, mq_patient_change_t change)
{
    switch (change) {
    case MQ_CHANGE_ADDED:
        return mq_say(rq, "Added");
    case MQ_CHANGE_ARCHIVED:
        return mq_say(rq, "Moved to the archive");
    case MQ_CHANGE_RESTORED:
        return mq_say(rq, "Restored from the archive");
    case MQ_CHANGE_REVERTED:
        return mq_say(rq, "Earlier version restored");
    case MQ_CHANGE_MERGED:
        return mq_say(rq, "Another record was merged into this one");
    case MQ_CHANGE_REPLACED:
        return mq_say(rq, "Merged into another record");
    case MQ_CHANGE_SEPARATED:
        return mq_say(rq, "Separated again from a record");
    case MQ_CHANGE_EDITED:
    default:
        return mq_say(rq, "Edited");
    }
}

static mq_list_t differences_draw(const mq_request_t *rq, const mq_patient_fields_t *before,
                                  const mq_patient_fields_t *after)
{
    difference_t *rows = apr_palloc(rq->pool, sizeof *rows * MQ_PATIENT_FIELDS);
    int count = 0;
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        const char *was = mq_patient_field_say(rq, i, before);
        const char *is = mq_patient_field_say(rq, i, after);
        if (strcmp(was ? was : "", is ? is : "") != 0) {
            rows[count++] = (difference_t){mq_say(rq, mq_patient_field_table[i].label), was, is};
        }
    }
    return (mq_list_t){rows, count};
}

static version_t version_draw(const mq_request_t *rq, const mq_scope_t *sc,
                              const mq_patient_t *patient, const mq_patient_version_t *version,
                              const mq_patient_version_t *earlier)
{
    static const mq_patient_fields_t nothing;
    int may_restore = version->version != patient->version &&
                      patient->status == MQ_PATIENT_ACTIVE &&
                      mq_policy_allows(MQ_ACTION_PATIENT_VERSION_RESTORE, mq_scope_roles(sc));
    return (version_t){
        .version = version->version,
        .at_text = mq_time_say(rq, version->changed_at),
        .at_iso = mq_time_iso(version->changed_at, rq->pool),
        .by = version->changed_by,
        .what = change_text(rq, version->change),
        .reason = version->reason,
        .restore_href =
            may_restore
                ? mq_patient_href(rq, &patient->id,
                                  apr_psprintf(rq->pool, "/history/%" APR_INT64_T_FMT "/restore",
                                               version->version))
                : NULL,
        .differences =
            differences_draw(rq, earlier ? &earlier->fields : &nothing, &version->fields)};
}

/* @param problem NULL: there is none */
static apr_status_t history_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                                 const mq_id_t *id, apr_int64_t before, const char *problem)
{
    history_page_t page = {.frame.title = mq_say(rq, "History"), .problem = problem};
    apr_array_header_t *versions;
    mq_patient_t patient;
    version_t *rows;
    int shown;
    MQ_TRY(mq_patient_history(&versions, &patient, sc, id, before, VERSIONS_SHOWN + 1));
    shown = versions->nelts > VERSIONS_SHOWN ? VERSIONS_SHOWN : versions->nelts;
    rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(shown + 1));
    for (int i = 0; i < shown; i++) {
        const mq_patient_version_t *version = &APR_ARRAY_IDX(versions, i, mq_patient_version_t);
        rows[i] =
            version_draw(rq, sc, &patient, version, i + 1 < versions->nelts ? version + 1 : NULL);
    }
    page.versions = (mq_list_t){rows, shown};
    page.version = patient.version;
    page.patient = mq_patient_banner(rq, &patient);
    page.charts = mq_chart_cards(rq, sc, &patient);
    page.back_href = mq_patient_href(rq, id, "");
    if (shown < versions->nelts) {
        page.older_href = mq_paging_href(
            rq, mq_patient_href(rq, id, "/history"), "before",
            apr_psprintf(rq->pool, "%" APR_INT64_T_FMT, rows[shown - 1].version), "");
    }
    return mq_page_show(rq, status, &history_template, &page);
}

static apr_status_t history_page(mq_request_t *rq, const mq_scope_t *sc)
{
    apr_int64_t before;
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_request_number(&before, rq, "before"));
    return history_show(rq, sc, 200, &id, before, NULL);
}

/* What it would replace is what the person has seen, and nothing newer. */
static apr_status_t history_restore_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t id;
    apr_int64_t version = mq_request_number_of(rq->captures[1]);
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    if (version == 0) {
        return MQ_ENOTFOUND;
    }
    rv = mq_patient_version_restore(sc, &id, version, mq_request_version(rq));
    if (rv == MQ_ECONFLICT && !mq_archived_is(sc, &id)) {
        return history_show(rq, sc, 409, &id, 0,
                            mq_say(rq, "The record has changed since you saw it, and nothing was "
                                       "restored. Look at it as it is now, then choose again."));
    }
    MQ_TRY(rv);
    return mq_flash_redirect(rq, mq_patient_href(rq, &id, ""),
                             mq_sayf(rq, "Version %s is restored.", rq->captures[1]));
}

const mq_route_t mq_history_routes[] = {{MQ_GET, "/patients/{id}/history",
                                         MQ_ACTION_PATIENT_HISTORY, history_page,
                                         .page = &history_template},
                                        {MQ_POST, "/patients/{id}/history/{version}/restore",
                                         MQ_ACTION_PATIENT_VERSION_RESTORE, history_restore_post},
                                        MQ_ROUTES_END};

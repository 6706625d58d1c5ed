/* dashboard_pages.c -- where the day begins: the records that somebody had open, what waits, what
 * others changed, the key figures; the first steps while there is little of all that. */

#include <apr_strings.h>

#include "domain/organisations/dashboard.h"
#include "domain/imports/patient_import.h"
#include "domain/imports/patient_import_work.h"
#include "domain/patients/patient_search.h"
#include "domain/policy.h"
#include "domain/sharing/emergency_reviews.h"
#include "web/organisations/chart.h"
#include "web/dates.h"
#include "web/patients/patients_table.h"
#include "web/room.h"
#include "web/route_tables.h"

enum {
    RECENT = 8,
    CHANGED = 8,
    FEW = 10, /* patients: until then the first steps are shown, and the charts are folded away */
    IMPORTS_LOOKED_AT = 5
};

/* A record that this person opened last. */
typedef struct recent_t {
    const char *href;
    const char *name;
    const char *birth; /* with the age; or NULL */
    const char *mrn;
    int is_archived;
    int is_deceased;
} recent_t;

static const mq_slot_t recent_slots[] = {MQ_TEXT(recent_t, href),
                                         MQ_TEXT(recent_t, name),
                                         MQ_TEXT(recent_t, birth),
                                         MQ_TEXT(recent_t, mrn),
                                         MQ_FLAG(recent_t, is_archived),
                                         MQ_FLAG(recent_t, is_deceased),
                                         MQ_SLOTS_END};

typedef struct dashboard_page_t {
    mq_frame_t frame;
    apr_int64_t patient_count;
    apr_int64_t new_this_week;
    const char *waiting_href; /* an import that waits for somebody */
    const char *room_warning; /* a limit that is near, or NULL */
    const char *emergencies;  /* that others had, and that wait for a review; or NULL */
    mq_markup_t ages_chart;
    mq_list_t ages;
    mq_markup_t months_chart;
    mq_list_t months;
    mq_list_t recent;
    int has_recent;
    int is_busy; /* there are more than a few patients */
    int can_invite;
    int can_see_archived;
    mq_patients_table_t table;
} dashboard_page_t;

static const mq_slot_t dashboard_slots[] = {
    MQ_INT(dashboard_page_t, patient_count),
    MQ_INT(dashboard_page_t, new_this_week),
    MQ_TEXT(dashboard_page_t, waiting_href),
    MQ_TEXT(dashboard_page_t, room_warning),
    MQ_TEXT(dashboard_page_t, emergencies),
    MQ_MARKUP(dashboard_page_t, ages_chart),
    MQ_LIST(dashboard_page_t, ages, mq_bar_slots, mq_bar_t),
    MQ_MARKUP(dashboard_page_t, months_chart),
    MQ_LIST(dashboard_page_t, months, mq_bar_slots, mq_bar_t),
    MQ_LIST(dashboard_page_t, recent, recent_slots, recent_t),
    MQ_FLAG(dashboard_page_t, has_recent),
    MQ_FLAG(dashboard_page_t, is_busy),
    MQ_FLAG(dashboard_page_t, can_invite),
    MQ_FLAG(dashboard_page_t, can_see_archived),
    MQ_INCLUDE(dashboard_page_t, table, mq_patients_table_slots),
    MQ_INCLUDE(dashboard_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t dashboard_template = {"dashboard.html", dashboard_slots};

static void ages_draw(dashboard_page_t *page, const mq_request_t *rq, const mq_dashboard_t *figures)
{
    int count = MQ_DASHBOARD_BANDS + 1;
    mq_bar_t *bars = apr_palloc(rq->pool, sizeof *bars * (size_t)count);
    for (int i = 0; i < MQ_DASHBOARD_BANDS; i++) {
        int from = i * MQ_DASHBOARD_BAND_YEARS;
        bars[i].value = figures->bands[i];
        const char *label =
            i == MQ_DASHBOARD_BANDS - 1
                ? apr_psprintf(rq->pool, "%d+", from)
                : apr_psprintf(rq->pool, "%d–%d", from, from + MQ_DASHBOARD_BAND_YEARS - 1);
        bars[i].label = mq_digits_say(rq, label);
    }
    bars[MQ_DASHBOARD_BANDS] = (mq_bar_t){"?", figures->age_unknown};
    page->ages = (mq_list_t){bars, count};
    page->ages_chart =
        mq_chart_bars(bars, count, mq_say(rq, "Active patients by age"), &rq->script, rq->pool);
}

/* Under a bar there is room for "Sep"; of 12 months none needs its year to be known. */
static const char *month_under_bar(const mq_request_t *rq, const char *month)
{
    mq_day_t day;
    return mq_date_parse(&day, month) == APR_SUCCESS ? rq->dates.months[day.month - 1]
                                                     : mq_date_say(rq, month);
}

static void months_draw(dashboard_page_t *page, const mq_request_t *rq,
                        const mq_dashboard_t *figures)
{
    mq_bar_t *bars = apr_palloc(rq->pool, sizeof *bars * MQ_DASHBOARD_MONTHS);
    mq_bar_t *rows = apr_palloc(rq->pool, sizeof *rows * MQ_DASHBOARD_MONTHS);
    for (int i = 0; i < MQ_DASHBOARD_MONTHS; i++) {
        const char *month = apr_pstrdup(rq->pool, figures->months[i]);
        bars[i] = (mq_bar_t){month_under_bar(rq, month), figures->registrations[i]};
        rows[i] = (mq_bar_t){mq_date_say(rq, month), figures->registrations[i]};
    }
    page->months = (mq_list_t){rows, MQ_DASHBOARD_MONTHS};
    page->months_chart = mq_chart_bars(bars, MQ_DASHBOARD_MONTHS,
                                       mq_say(rq, "Registrations by month"), &rq->script, rq->pool);
}

/* "1975-04-23 (51)" */
static const char *birth_text(const mq_request_t *rq, const mq_patient_row_t *row,
                              const mq_day_t *today)
{
    const char *age = mq_age_text(rq, row->birth_date, row->is_deceased, row->deceased_date, today);
    return row->birth_date && age
               ? apr_pstrcat(rq->pool, mq_date_say(rq, row->birth_date), " (", age, ")", NULL)
               : mq_date_say(rq, row->birth_date);
}

static apr_status_t recent_draw(dashboard_page_t *page, mq_patients_page_t *recent_out,
                                const mq_request_t *rq, const mq_scope_t *sc)
{
    mq_search_found_t found;
    const mq_day_t today = mq_today(rq);
    recent_t *rows;
    MQ_TRY(mq_patients_recent(&found, sc, RECENT, 0));
    rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(found.count + 1));
    for (int i = 0; i < found.count; i++) {
        const mq_patient_row_t *row = &found.rows[i];
        rows[i] = (recent_t){
            .href = apr_pstrcat(rq->pool, "/patients/", mq_id_text(&row->id, rq->pool), NULL),
            .name = row->name,
            .birth = birth_text(rq, row, &today),
            .mrn = row->mrn,
            .is_archived = row->is_archived,
            .is_deceased = row->is_deceased};
    }
    page->recent = (mq_list_t){rows, found.count};
    page->has_recent = found.count > 0;
    *recent_out = (mq_patients_page_t){.rows = found.rows, .count = found.count};
    return APR_SUCCESS;
}

/* One event in the trail for the page, about the table and those opened last. */
static apr_status_t patients_draw(dashboard_page_t *page, const mq_request_t *rq,
                                  const mq_scope_t *sc)
{
    const mq_patients_choice_t choice = {MQ_SORT_UPDATED, MQ_LISTING_ACTIVE, 0, CHANGED};
    mq_patients_page_t patients;
    mq_patients_page_t recent;
    mq_dashboard_t figures;
    MQ_TRY(mq_dashboard_read(&figures, sc));
    page->patient_count = figures.active;
    page->is_busy = figures.active > FEW;
    page->new_this_week = figures.new_this_week;
    ages_draw(page, rq, &figures);
    months_draw(page, rq, &figures);
    MQ_TRY(recent_draw(page, &recent, rq, sc));
    MQ_TRY(mq_patients_page(&patients, sc, &choice, MQ_PAGE_FIRST, NULL, &recent));
    page->table = mq_patients_table(rq, &patients, &choice, -1);
    return APR_SUCCESS;
}

/* The latest import that somebody has begun and not brought to an end. */
static apr_status_t waiting_find(dashboard_page_t *page, const mq_request_t *rq,
                                 const mq_scope_t *sc)
{
    apr_array_header_t *imports;
    MQ_TRY(mq_imports_newest(&imports, sc, NULL, IMPORTS_LOOKED_AT));
    for (int i = 0; i < imports->nelts && !page->waiting_href; i++) {
        const mq_import_t *import = &APR_ARRAY_IDX(imports, i, mq_import_t);
        if (mq_import_is_working(import) || import->state == MQ_IMPORT_CHECKED) {
            page->waiting_href =
                apr_pstrcat(rq->pool, "/patients/import/", mq_id_text(&import->id, rq->pool), NULL);
        }
    }
    return APR_SUCCESS;
}

/* They stay here until they are reviewed. */
static apr_status_t emergencies_find(dashboard_page_t *page, const mq_request_t *rq,
                                     const mq_scope_t *sc)
{
    apr_array_header_t *waiting;
    MQ_TRY(mq_emergencies_waiting(&waiting, sc));
    if (waiting->nelts) {
        page->emergencies = mq_say_count(
            rq, "%d emergency access to a record of yours waits for a review.",
            "%d emergency accesses to records of yours wait for a review.", waiting->nelts);
    }
    return APR_SUCCESS;
}

static apr_status_t dashboard_page(mq_request_t *rq, const mq_scope_t *sc)
{
    int roles = mq_scope_roles(sc);
    dashboard_page_t page = {.frame.title = mq_say(rq, "Dashboard")};
    mq_quota_use_t uses[MQ_QUOTAS];
    page.can_invite = mq_policy_allows(MQ_ACTION_USER_INVITE, roles);
    page.can_see_archived = mq_policy_allows(MQ_ACTION_PATIENTS_ARCHIVED, roles);
    if (mq_policy_allows(MQ_ACTION_EMERGENCIES_LIST, roles)) {
        MQ_TRY(emergencies_find(&page, rq, sc));
    }
    if (mq_policy_allows(MQ_ACTION_PATIENTS_IMPORT, roles)) {
        MQ_TRY(waiting_find(&page, rq, sc));
    }
    if (mq_policy_allows(MQ_ACTION_PATIENTS_LIST, roles)) {
        MQ_TRY(patients_draw(&page, rq, sc));
    }
    MQ_TRY(mq_quotas_read(uses, sc));
    page.room_warning = mq_room_warning(rq, uses);
    return mq_page_show(rq, 200, &dashboard_template, &page);
}

const mq_route_t mq_dashboard_routes[] = {{MQ_GET, "/dashboard", MQ_ACTION_DASHBOARD_VIEW,
                                           dashboard_page, .page = &dashboard_template,
                                           .tab = MQ_SAY("Dashboard")},
                                          MQ_ROUTES_END};

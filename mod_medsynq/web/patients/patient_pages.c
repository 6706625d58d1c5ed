/* patient_pages.c -- registering a patient, with a warning when the person seems to be there
 * already; and the record. Rules are in domain/patients/patients.c and
 * domain/patients/duplicates.c. */
#include "web/patients/patient_pages.h"

#include <apr_strings.h>
#include <string.h>

#include "domain/policy.h"
#include "domain/patients/patient_links.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/patients/double_warning.h"
#include "web/patients/part_views.h"
#include "web/patients/patient_values.h"
#include "web/route_tables.h"

static const mq_slot_t form_slots[] = {
    MQ_TEXT(mq_patient_form_page_t, action),
    MQ_TEXT(mq_patient_form_page_t, back_href),
    MQ_FLAG(mq_patient_form_page_t, is_new),
    MQ_FLAG(mq_patient_form_page_t, has_duplicates),
    MQ_LIST(mq_patient_form_page_t, duplicates, mq_double_slots, mq_double_row_t),
    MQ_STRUCT(mq_patient_form_page_t, patient, mq_patient_banner_slots),
    MQ_INCLUDE(mq_patient_form_page_t, form, mq_form_slots),
    MQ_INCLUDE(mq_patient_form_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

typedef struct patient_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_list_t values;
    const char *href; /* of the record */
    const char *archive_reason;
    apr_int64_t record_version;
    apr_int64_t reason_limit; /* the most that the field for it takes */
    int can_edit;
    int can_archive;
    int can_restore;
    int can_export;
    int can_merge;
    int can_separate;
    mq_list_t replaces;
    mq_parts_view_t parts;
} patient_page_t;

/* A record that was merged into this one. */
typedef struct replaced_t {
    const char *name;
    const char *mrn;
    const char *href; /* of its history */
} replaced_t;

static const mq_slot_t replaced_slots[] = {MQ_TEXT(replaced_t, name), MQ_TEXT(replaced_t, mrn),
                                           MQ_TEXT(replaced_t, href), MQ_SLOTS_END};

static const mq_slot_t patient_slots[] = {
    MQ_STRUCT(patient_page_t, patient, mq_patient_banner_slots),
    MQ_LIST(patient_page_t, values, mq_patient_value_slots, mq_patient_value_t),
    MQ_TEXT(patient_page_t, href),
    MQ_TEXT(patient_page_t, archive_reason),
    MQ_INT(patient_page_t, record_version),
    MQ_INT(patient_page_t, reason_limit),
    MQ_FLAG(patient_page_t, can_edit),
    MQ_FLAG(patient_page_t, can_archive),
    MQ_FLAG(patient_page_t, can_restore),
    MQ_FLAG(patient_page_t, can_export),
    MQ_FLAG(patient_page_t, can_merge),
    MQ_FLAG(patient_page_t, can_separate),
    MQ_LIST(patient_page_t, replaces, replaced_slots, replaced_t),
    MQ_INCLUDE(patient_page_t, parts, mq_parts_slots),
    MQ_INCLUDE(patient_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

const mq_page_t mq_patient_form_template = {"patient_form.html", form_slots, 1};
static const mq_page_t patient_template = {"patient.html", patient_slots, 1};

static int may(const mq_scope_t *sc, mq_action_t action)
{
    return mq_policy_allows(action, mq_scope_roles(sc));
}

static mq_form_t *new_form(mq_request_t *rq, const mq_scope_t *sc)
{
    return mq_form_make(rq, mq_patient_new_fields(may(sc, MQ_ACTION_PATIENT_NOTE_ADD), rq->pool));
}

static mq_patient_form_page_t new_page(const mq_request_t *rq, const mq_form_t *form)
{
    return (mq_patient_form_page_t){.frame.title = mq_say(rq, "Add patient"),
                                    .form = mq_form_view(form, NULL),
                                    .action = "/patients/new",
                                    .back_href = "/patients",
                                    .is_new = 1};
}

static apr_status_t patient_new_page(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = new_form(rq, sc);
    mq_patient_form_page_t page;
    const char *const carried[] = {"name", "date_of_birth",
                                   "phone1"}; /* from a search that found nobody */
    for (size_t i = 0; i < sizeof carried / sizeof *carried; i++) {
        const char *value = mq_request_query(rq, carried[i]);
        if (value) {
            mq_form_set(form, carried[i], value);
        }
    }
    mq_form_focus(form, "name");
    page = new_page(rq, form);
    return mq_page_show(rq, 200, &mq_patient_form_template, &page);
}

static apr_status_t patient_new_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = new_form(rq, sc);
    mq_patient_form_t values = {0};
    mq_patient_form_page_t page;
    mq_list_t doubles;
    mq_id_t id;
    MQ_TRY(mq_form_read(form, &values));
    mq_patient_form_unnamed(form, &values, rq);
    mq_patient_form_judge(form, &values, rq);
    if (mq_form_faults(form)) {
        page = new_page(rq, form);
        return mq_page_show(rq, 422, &mq_patient_form_template, &page);
    }
    if (mq_patient_form_has_notes(rq) && !may(sc, MQ_ACTION_PATIENT_NOTE_ADD)) {
        rq->needs = MQ_ACTION_PATIENT_NOTE_ADD;
        return MQ_EDENIED; /* rather than drop what somebody wrote */
    }
    if (values.in.unnamed) { /* which says nothing of who it is */
        values.in.fields.name = "";
    }
    MQ_TRY(mq_double_warn(&doubles, form, rq, sc, NULL, &values));
    if (doubles.count) {
        page = new_page(rq, form);
        page.has_duplicates = 1;
        page.duplicates = doubles;
        return mq_page_show(rq, 200, &mq_patient_form_template, &page);
    }
    MQ_TRY(mq_patient_add(&id, sc, &values.in));
    return mq_flash_redirect(rq, mq_patient_href(rq, &id, ""),
                             mq_say(rq, "The patient is registered."));
}

static apr_status_t replaced_draw(mq_list_t *list_out, const mq_request_t *rq, const mq_scope_t *sc,
                                  const mq_id_t *id)
{
    apr_array_header_t *links;
    replaced_t *rows;
    MQ_TRY(mq_patient_replaces(&links, sc, id));
    rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(links->nelts + 1));
    for (int i = 0; i < links->nelts; i++) {
        const mq_patient_link_t *link = &APR_ARRAY_IDX(links, i, mq_patient_link_t);
        rows[i] = (replaced_t){link->name, link->mrn, mq_patient_href(rq, &link->id, "/history")};
    }
    *list_out = (mq_list_t){rows, links->nelts};
    return APR_SUCCESS;
}

static apr_status_t patient_page(mq_request_t *rq, const mq_scope_t *sc)
{
    patient_page_t page = {.reason_limit = MQ_LIMIT_REASON};
    mq_patient_t patient;
    mq_flash_t flash;
    mq_id_t id;
    int is_active;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_patient_view(&patient, sc, &id));
    is_active = patient.status == MQ_PATIENT_ACTIVE;
    MQ_TRY(mq_parts_view(&page.parts, rq, sc, &patient, MQ_ON_SCREEN));
    page.frame.title = patient.name;
    page.patient = mq_patient_banner(rq, &patient);
    page.values = mq_patient_values(rq, &patient.fields);
    page.href = mq_patient_href(rq, &id, "");
    page.archive_reason = is_active ? NULL : patient.change_reason;
    page.record_version = patient.version;
    page.can_edit = is_active && may(sc, MQ_ACTION_PATIENT_EDIT);
    page.can_archive = is_active && may(sc, MQ_ACTION_PATIENT_ARCHIVE);
    MQ_TRY(replaced_draw(&page.replaces, rq, sc, &id));
    MQ_TRY(mq_flash_take(&flash, rq));
    page.frame.notice = flash.notice;
    page.can_export = may(sc, MQ_ACTION_PATIENT_EXPORT);
    page.can_merge = may(sc, MQ_ACTION_PATIENT_MERGE);
    page.can_separate = page.replaces.count && may(sc, MQ_ACTION_PATIENT_UNMERGE);
    page.can_restore = mq_patient_may_restore(sc, &patient);
    return mq_page_show(rq, 200, &patient_template, &page);
}

const mq_route_t mq_patient_routes[] = {
    {MQ_GET, "/patients/new", MQ_ACTION_PATIENT_ADD, patient_new_page,
     .page = &mq_patient_form_template},
    {MQ_POST, "/patients/new", MQ_ACTION_PATIENT_ADD, patient_new_post,
     .page = &mq_patient_form_template, .reviews = 1, .once = "/patients/{result}"},
    {MQ_GET, "/patients/{id}", MQ_ACTION_PATIENT_VIEW, patient_page, .page = &patient_template},
    MQ_ROUTES_END};

/* patient_edit_pages.c -- changing a record. Rules are in domain/patients/patients.c. */

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/patient_links.h"
#include "web/dates.h"
#include "web/flash.h"
#include "web/patients/archived.h"
#include "web/patients/double_warning.h"
#include "web/patients/edit_conflict.h"
#include "web/patients/patient_pages.h"
#include "web/route_tables.h"

static const mq_field_t *edit_fields(const mq_request_t *rq, const mq_scope_t *sc)
{
    int roles = mq_scope_roles(sc);
    return mq_patient_edit_fields(mq_policy_allows(MQ_ACTION_PATIENT_NOTE_ADD, roles), rq->pool);
}

static mq_patient_form_page_t edit_page(const mq_request_t *rq, const mq_form_t *form,
                                        const mq_patient_t *patient)
{
    return (mq_patient_form_page_t){.frame.title = mq_say(rq, "Edit the record"),
                                    .form = mq_form_view(form, NULL),
                                    .patient = mq_patient_banner(rq, patient),
                                    .action = mq_patient_href(rq, &patient->id, "/edit"),
                                    .back_href = mq_patient_href(rq, &patient->id, "")};
}

/* The form stays one of the record whose version it has, also where another has replaced that. */
static apr_status_t edit_show(mq_request_t *rq, int status, const mq_form_t *form,
                              const mq_patient_t *patient)
{
    mq_patient_form_page_t page = edit_page(rq, form, patient);
    page.action = rq->path;
    return mq_page_show(rq, status, &mq_patient_form_template, &page);
}

static apr_status_t patient_edit_page(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, edit_fields(rq, sc));
    mq_patient_t patient;
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_patient_view(&patient, sc, &id));
    if (patient.status != MQ_PATIENT_ACTIVE) {
        return MQ_ECONFLICT;
    }
    mq_patient_form_fill(form, &patient, rq);
    return edit_show(rq, 200, form, &patient);
}

static int differs(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") != 0;
}

/* Whether what tells people apart has changed: another telephone number makes nobody a double. */
static int is_another_person(const mq_patient_fields_t *old, const mq_patient_fields_t *edited)
{
    return differs(old->name, edited->name) || differs(old->given_name, edited->given_name) ||
           differs(old->family_name, edited->family_name) ||
           differs(old->birth_date, edited->birth_date) ||
           differs(old->national_id, edited->national_id);
}

/* An edit on its way: the form, and what it says put together with what stands there. */
typedef struct draft_t {
    mq_form_t *form;
    const mq_field_t *fields;
    mq_patient_form_t values;
    mq_edit_t edit;
} draft_t;

/* The form again, with what was put together: another look, and it is an edit of what is there now.
 */
static mq_patient_form_page_t merged_page(const mq_request_t *rq, draft_t *draft)
{
    if (draft->edit.is_led || draft->edit.now.version != draft->edit.opened) {
        mq_patient_t merged = draft->edit.now;
        merged.fields = draft->edit.merge.fields;
        mq_patient_form_fill(draft->form, &merged, rq);
    }
    return edit_page(rq, draft->form, &draft->edit.now);
}

/* As registering does: an edit that makes a double, or takes another's identifier, is asked about.
 */
static apr_status_t edit_warn(mq_patient_form_page_t *page, const mq_request_t *rq,
                              const mq_scope_t *sc, draft_t *draft)
{
    mq_patient_form_t values = draft->values;
    mq_list_t doubles;
    page->has_duplicates = 0;
    values.in.fields = draft->edit.merge.fields;
    if (!is_another_person(&draft->edit.now.fields, &values.in.fields)) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_double_warn(&doubles, draft->form, rq, sc, &draft->edit.now.id, &values));
    if (doubles.count) {
        *page = merged_page(rq, draft);
        page->has_duplicates = 1;
        page->duplicates = doubles;
    }
    return APR_SUCCESS;
}

/* What is right in each of two edits may be wrong in both together: a death before the birth. */
static int merged_is_wrong(const mq_request_t *rq, draft_t *draft)
{
    const mq_day_t today = mq_today(rq);
    mq_patient_faults_t faults;
    if (mq_patient_check(&faults, &draft->edit.merge.fields, &today, rq->pool) == APR_SUCCESS) {
        return 0;
    }
    for (int i = 0; i < MQ_PATIENT_FIELDS; i++) {
        mq_form_fault_add(draft->form, mq_patient_field_table[i].name, faults.of[i]);
    }
    return 1;
}

static int has_notes(const mq_patient_new_t *in)
{
    return in->notes && *in->notes;
}

/* @return MQ_ECONFLICT somebody was faster once more: begin again */
static apr_status_t edit_save(mq_request_t *rq, const mq_scope_t *sc, const draft_t *draft)
{
    const mq_edit_t *edit = &draft->edit;
    mq_patient_new_t in = draft->values.in;
    const int is_news = edit->merge.is_news || has_notes(&in);
    in.fields = edit->merge.fields;
    if (is_news) {
        MQ_TRY(mq_patient_edit(sc, &edit->now.id, edit->now.version, &in));
    }
    return mq_flash_redirect(rq, mq_patient_href(rq, &edit->now.id, ""),
                             mq_edit_said(rq, edit, is_news));
}

static apr_status_t edit_try(mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *id,
                             const mq_id_t *source, draft_t *draft)
{
    mq_patient_form_page_t page;
    mq_edit_t *edit = &draft->edit;
    const mq_patient_fields_t *mine = &draft->values.in.fields;
    MQ_TRY(mq_edit_put_together(edit, rq, sc, id, source, mq_request_version(rq), mine));
    if (edit->merge.open) {
        return mq_edit_conflict_show(rq, sc, edit, draft->fields, mine);
    }
    mq_patient_fields_settle(&edit->merge.fields, &edit->now.fields, rq->pool);
    if (merged_is_wrong(rq, draft)) {
        page = merged_page(rq, draft);
        return mq_page_show(rq, 422, &mq_patient_form_template, &page);
    }
    MQ_TRY(edit_warn(&page, rq, sc, draft));
    if (page.has_duplicates) {
        return mq_page_show(rq, 200, &mq_patient_form_template, &page);
    }
    return edit_save(rq, sc, draft);
}

/* The record whose page this was, and the one that has replaced it: what was typed meets that one,
 * and what was changed is what differs from what was opened. */
static apr_status_t records_find(mq_id_t *id_out, mq_id_t *source_out, mq_request_t *rq,
                                 const mq_scope_t *sc)
{
    apr_status_t rv;
    MQ_TRY(mq_request_record(source_out, rq));
    *id_out = *source_out;
    rv = mq_patient_replaced_by(id_out, sc, source_out);
    return rv == MQ_ENOTFOUND ? APR_SUCCESS : rv;
}

/* Whoever was faster is not overwritten: what both have touched is 409 with both side by side. */
static apr_status_t patient_edit_post(mq_request_t *rq, const mq_scope_t *sc)
{
    enum { TRIES = 4 };
    draft_t draft = {.fields = edit_fields(rq, sc)};
    mq_id_t id;
    mq_id_t source;
    apr_status_t rv = MQ_ECONFLICT;
    draft.form = mq_form_make(rq, draft.fields);
    MQ_TRY(records_find(&id, &source, rq, sc));
    MQ_TRY(mq_form_read(draft.form, &draft.values));
    mq_patient_form_judge(draft.form, &draft.values, rq);
    if (mq_form_faults(draft.form)) {
        mq_patient_t patient;
        MQ_TRY(mq_patient_view(&patient, sc, &id));
        return edit_show(rq, 422, draft.form, &patient);
    }
    if (mq_patient_form_has_notes(rq) &&
        !mq_policy_allows(MQ_ACTION_PATIENT_NOTE_ADD, mq_scope_roles(sc))) {
        rq->needs = MQ_ACTION_PATIENT_NOTE_ADD;
        return MQ_EDENIED; /* rather than drop what somebody wrote */
    }
    for (int i = 0; i < TRIES && rv == MQ_ECONFLICT; i++) {
        rv = edit_try(rq, sc, &id, &source, &draft);
    }
    return rv;
}

typedef struct reason_t {
    const char *reason;
    const char *version;
} reason_t;

static const mq_field_t reason_fields[] = {
    {"reason", MQ_SAY("Reason"), MQ_FIELD_LINE, 1, MQ_LIMIT_REASON, "off", NULL,
     MQ_SAY("Say why the record is archived."), offsetof(reason_t, reason)},
    {"version", "version", MQ_FIELD_HIDDEN, 0, 20, NULL, NULL, NULL, offsetof(reason_t, version)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

/* The second click on one form: what it asks for has been done, by the same person, and nothing
 * since. */
static int is_done_already(const mq_request_t *rq, const mq_scope_t *sc, const mq_id_t *id,
                           mq_patient_change_t change, const char *reason)
{
    mq_patient_t patient;
    return mq_patient_read(&patient, sc, id) == APR_SUCCESS && patient.change == change &&
           patient.version == mq_request_version(rq) + 1 &&
           mq_id_equal(&patient.updated_by, mq_scope_user(sc)) &&
           (!reason || (patient.change_reason && strcmp(patient.change_reason, reason) == 0));
}

static apr_status_t patient_archive_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, reason_fields);
    reason_t values = {NULL, NULL};
    apr_status_t rv;
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_form_read(form, &values));
    if (mq_form_faults(form)) {
        mq_patient_t patient;
        mq_patient_form_page_t page = {.frame.title = mq_say(rq, "Archive this patient"),
                                       .form = mq_form_view(form, NULL),
                                       .action = rq->path,
                                       .back_href = mq_patient_href(rq, &id, "")};
        MQ_TRY(mq_patient_view(&patient, sc, &id));
        page.patient = mq_patient_banner(rq, &patient);
        return mq_page_show(rq, 422, &mq_patient_form_template, &page);
    }
    rv = mq_patient_archive(sc, &id, mq_request_version(rq), values.reason);
    if (rv != MQ_ECONFLICT || !is_done_already(rq, sc, &id, MQ_CHANGE_ARCHIVED, values.reason)) {
        MQ_TRY(rv);
    }
    return mq_flash_redirect(rq, mq_patient_href(rq, &id, ""),
                             mq_say(rq, "The patient is archived."));
}

static apr_status_t patient_restore_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t id;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    rv = mq_patient_restore(sc, &id, mq_request_version(rq), NULL);
    if (rv == MQ_EDENIED) { /* the role would do, but somebody else has archived it */
        return mq_archived_show(rq, sc, 403, &id);
    }
    if (rv != MQ_ECONFLICT || !is_done_already(rq, sc, &id, MQ_CHANGE_RESTORED, NULL)) {
        MQ_TRY(rv);
    }
    return mq_flash_redirect(rq,
                             mq_policy_allows(MQ_ACTION_PATIENT_VIEW, mq_scope_roles(sc))
                                 ? mq_patient_href(rq, &id, "")
                                 : "/patients/archived",
                             mq_say(rq, "The patient is restored from the archive."));
}

const mq_route_t mq_patient_edit_routes[] = {
    {MQ_GET, "/patients/{id}/edit", MQ_ACTION_PATIENT_EDIT, patient_edit_page,
     .page = &mq_patient_form_template},
    {MQ_POST, "/patients/{id}/edit", MQ_ACTION_PATIENT_EDIT, patient_edit_post,
     .page = &mq_edit_conflict_page, .reviews = 1},
    {MQ_POST, "/patients/{id}/archive", MQ_ACTION_PATIENT_ARCHIVE, patient_archive_post,
     .reviews = 1},
    {MQ_POST, "/patients/{id}/restore", MQ_ACTION_PATIENT_RESTORE, patient_restore_post,
     .page = &mq_archived_page},
    MQ_ROUTES_END};

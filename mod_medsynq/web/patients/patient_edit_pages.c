/* patient_edit_pages.c -- changing a record. Rules are in domain/patients/patients.c. */

#include <apr_strings.h>
#include <string.h>

#include "domain/patients/patient_history.h"
#include "domain/patients/patient_links.h"
#include "web/dates.h"
#include "web/patients/double_warning.h"
#include "web/patients/patient_pages.h"
#include "web/route_tables.h"

/* A field that mine and theirs disagree about, or one that is carried along. */
typedef struct choice_t {
    const char *name;
    const char *label;
    const char *mine;
    const char *theirs;
    int mine_chosen;
    int theirs_chosen;
} choice_t;

typedef struct conflict_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_list_t choices;
    mq_list_t kept;
    const char *action;
    const char *back_href;
    const char *their_name;
    apr_int64_t their_version;
} conflict_page_t;

static const mq_slot_t choice_slots[] = {MQ_TEXT(choice_t, name),
                                         MQ_TEXT(choice_t, label),
                                         MQ_TEXT(choice_t, mine),
                                         MQ_TEXT(choice_t, theirs),
                                         MQ_FLAG(choice_t, mine_chosen),
                                         MQ_FLAG(choice_t, theirs_chosen),
                                         MQ_SLOTS_END};

static const mq_slot_t conflict_slots[] = {
    MQ_STRUCT(conflict_page_t, patient, mq_patient_banner_slots),
    MQ_LIST(conflict_page_t, choices, choice_slots, choice_t),
    MQ_LIST(conflict_page_t, kept, choice_slots, choice_t),
    MQ_TEXT(conflict_page_t, action),
    MQ_TEXT(conflict_page_t, back_href),
    MQ_TEXT(conflict_page_t, their_name),
    MQ_INT(conflict_page_t, their_version),
    MQ_INCLUDE(conflict_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t conflict_template = {"conflict.html", conflict_slots};

static mq_form_t *edit_form(mq_request_t *rq, const mq_scope_t *sc)
{
    int roles = mq_scope_roles(sc);
    return mq_form_make(
        rq, mq_patient_edit_fields(mq_policy_allows(MQ_ACTION_PATIENT_NOTE_ADD, roles), rq->pool));
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

static apr_status_t edit_show(mq_request_t *rq, int status, const mq_form_t *form,
                              const mq_patient_t *patient)
{
    mq_patient_form_page_t page = edit_page(rq, form, patient);
    return mq_page_show(rq, status, &mq_patient_form_template, &page);
}

static apr_status_t patient_edit_page(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = edit_form(rq, sc);
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

/* What was typed, with the line breaks of a stored text. */
static const char *typed_value(const mq_request_t *rq, const char *name)
{
    const char *value = mq_form_get(rq->form, name, NULL);
    char *made = apr_pstrdup(rq->pool, value ? value : "");
    char *end = made;
    for (const char *s = made; *s; s++) {
        if (*s != '\r' || s[1] != '\n') {
            *end++ = *s;
        }
    }
    *end = 0;
    return made;
}

/* Mine is chosen where only I changed something since the version that I opened; where both did, or
 * nobody knows, theirs is, so that nothing is overwritten by not looking. */
static choice_t choice_make(const mq_form_t *form, const mq_request_t *rq, const mq_field_t *field,
                            const mq_patient_t *theirs, const mq_patient_fields_t *base)
{
    choice_t choice = {.name = field->name,
                       .label = mq_say(rq, field->label),
                       .mine = typed_value(rq, field->name),
                       .theirs = mq_patient_form_value(field->name, &theirs->fields, rq)};
    choice.mine_chosen =
        base && strcmp(mq_patient_form_value(field->name, base, rq), choice.theirs) == 0;
    choice.theirs_chosen = !choice.mine_chosen;
    if (mq_field_is_date(field->kind)) {
        choice.mine = mq_date_say(rq, mq_form_date(form, choice.mine));
        choice.theirs = mq_date_say(rq, choice.theirs);
    }
    return choice;
}

static apr_status_t conflict_show(mq_request_t *rq, const mq_form_t *form,
                                  const mq_patient_t *theirs, const mq_patient_fields_t *base)
{
    const mq_field_t *fields = mq_patient_form_fields(0, rq->pool);
    conflict_page_t page = {.frame.title = mq_say(rq, "Somebody else changed this record"),
                            .patient = mq_patient_banner(rq, theirs),
                            .action = mq_patient_href(rq, &theirs->id, "/edit"),
                            .back_href = mq_patient_href(rq, &theirs->id, ""),
                            .their_name = theirs->updated_by_name,
                            .their_version = theirs->version};
    choice_t *choices = apr_palloc(rq->pool, sizeof *choices * (MQ_PATIENT_FIELDS + 4));
    choice_t *kept = apr_palloc(rq->pool, sizeof *kept * (MQ_PATIENT_FIELDS + 5));
    const char *notes = typed_value(rq, "notes");
    for (; fields->name; fields++) {
        choice_t choice;
        if (fields->kind == MQ_FIELD_HIDDEN) {
            continue;
        }
        choice = choice_make(form, rq, fields, theirs, base);
        if (strcmp(choice.mine, choice.theirs) != 0) {
            choices[page.choices.count++] = choice;
        } else {
            kept[page.kept.count++] = choice;
        }
    }
    if (*notes) {
        kept[page.kept.count++] = (choice_t){.name = "notes", .mine = notes};
    }
    kept[page.kept.count++] =
        (choice_t){.name = MQ_FORM_DATES, .mine = apr_itoa(rq->pool, (int)rq->dates.format)};
    page.choices.items = choices;
    page.kept.items = kept;
    return mq_page_show(rq, 409, &conflict_template, &page);
}

/* The version that was opened, when it is still known. */
static apr_status_t conflict(mq_request_t *rq, const mq_scope_t *sc, const mq_form_t *form,
                             const mq_id_t *id, apr_int64_t version)
{
    mq_patient_t theirs;
    mq_patient_version_t base;
    apr_status_t rv;
    MQ_TRY(mq_patient_view(&theirs, sc, id));
    if (theirs.status != MQ_PATIENT_ACTIVE) {
        return MQ_ECONFLICT;
    }
    rv = mq_patient_version_read(&base, sc, &theirs, version);
    if (rv != APR_SUCCESS && rv != MQ_ENOTFOUND) {
        return rv;
    }
    return conflict_show(rq, form, &theirs, rv == APR_SUCCESS ? &base.fields : NULL);
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

/* As registering does: an edit that makes a double, or takes another's identifier, is asked about.
 * A form that is stale already has other questions to answer. */
static apr_status_t edit_warn(mq_patient_form_page_t *page, mq_form_t *form, const mq_request_t *rq,
                              const mq_scope_t *sc, const mq_id_t *id, apr_int64_t version,
                              const mq_patient_form_t *values)
{
    mq_patient_t patient;
    mq_patient_fields_t edited = values->in.fields;
    page->has_duplicates = 0;
    MQ_TRY(mq_patient_read(&patient, sc, id));
    mq_patient_fields_settle(&edited, &patient.fields, rq->pool);
    if (patient.version != version || !is_another_person(&patient.fields, &edited)) {
        return APR_SUCCESS;
    }
    MQ_TRY(mq_double_warn(&page->duplicates, form, rq, sc, id, values));
    if (page->duplicates.count) {
        const mq_list_t doubles = page->duplicates;
        *page = edit_page(rq, form, &patient);
        page->has_duplicates = 1;
        page->duplicates = doubles;
    }
    return APR_SUCCESS;
}

/* A stale one is 409 with both versions side by side. */
static apr_status_t patient_edit_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = edit_form(rq, sc);
    mq_patient_form_t values = {0};
    apr_int64_t version = mq_request_version(rq);
    mq_patient_form_page_t page;
    mq_id_t id;
    apr_status_t rv;
    MQ_TRY(mq_request_record(&id, rq));
    rv = mq_patient_replaced_by(&id, sc, &id);
    if (rv == APR_SUCCESS) {
        version = 0; /* of a record that another has replaced: what was typed meets that one */
    } else if (rv != MQ_ENOTFOUND) {
        return rv;
    }
    MQ_TRY(mq_form_read(form, &values));
    mq_patient_form_judge(form, &values, rq);
    if (version == 0) { /* not by chance the other record's */
        mq_form_set(form, "version", "0");
    }
    if (mq_form_faults(form)) {
        mq_patient_t patient;
        MQ_TRY(mq_patient_view(&patient, sc, &id));
        return edit_show(rq, 422, form, &patient);
    }
    MQ_TRY(edit_warn(&page, form, rq, sc, &id, version, &values));
    if (page.has_duplicates) {
        return mq_page_show(rq, 200, &mq_patient_form_template, &page);
    }
    rv = mq_patient_edit(sc, &id, version, &values.in);
    if (rv == MQ_ECONFLICT) {
        return conflict(rq, sc, form, &id, version);
    }
    MQ_TRY(rv);
    return mq_request_redirect(rq, mq_patient_href(rq, &id, ""));
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

static apr_status_t patient_archive_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_form_t *form = mq_form_make(rq, reason_fields);
    reason_t values = {NULL, NULL};
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
    MQ_TRY(mq_patient_archive(sc, &id, mq_request_version(rq), values.reason));
    return mq_request_redirect(rq, mq_patient_href(rq, &id, ""));
}

static apr_status_t patient_restore_post(mq_request_t *rq, const mq_scope_t *sc)
{
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_patient_restore(sc, &id, mq_request_version(rq), NULL));
    return mq_request_redirect(rq, mq_policy_allows(MQ_ACTION_PATIENT_VIEW, mq_scope_roles(sc))
                                       ? mq_patient_href(rq, &id, "")
                                       : "/dashboard");
}

const mq_route_t mq_patient_edit_routes[] = {
    {MQ_GET, "/patients/{id}/edit", MQ_ACTION_PATIENT_EDIT, patient_edit_page,
     .page = &mq_patient_form_template},
    {MQ_POST, "/patients/{id}/edit", MQ_ACTION_PATIENT_EDIT, patient_edit_post,
     .page = &conflict_template, .reviews = 1},
    {MQ_POST, "/patients/{id}/archive", MQ_ACTION_PATIENT_ARCHIVE, patient_archive_post,
     .reviews = 1},
    {MQ_POST, "/patients/{id}/restore", MQ_ACTION_PATIENT_RESTORE, patient_restore_post},
    MQ_ROUTES_END};

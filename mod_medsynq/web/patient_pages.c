/* patient_pages.c -- form and record. Rules are in domain/patients.c. */
#include "web/patient_pages.h"

#include <apr_strings.h>

#include "base/date.h"
#include "domain/patients.h"
#include "domain/policy.h"
#include "web/form.h"
#include "web/patients_table.h"

enum { NOTES_SHOWN = 50 };

typedef struct form_page_t {
    mq_frame_t frame;
    mq_form_view_t form;
    const char *action;
} form_page_t;

static const mq_slot_t form_slots[] = {MQ_TEXT(form_page_t, action),
                                       MQ_INCLUDE(form_page_t, form, mq_form_slots),
                                       MQ_INCLUDE(form_page_t, frame, mq_frame_slots),
                                       MQ_SLOTS_END};

typedef struct banner_t {
    const char *id;
    const char *name;
    const char *birth_date;
    const char *birth_date_text;
    const char *age;
    const char *mrn;
    apr_int64_t version;
} banner_t;

static const mq_slot_t banner_slots[] = {MQ_TEXT(banner_t, id),
                                         MQ_TEXT(banner_t, name),
                                         MQ_TEXT(banner_t, birth_date),
                                         MQ_TEXT(banner_t, birth_date_text),
                                         MQ_TEXT(banner_t, age),
                                         MQ_TEXT(banner_t, mrn),
                                         MQ_INT(banner_t, version),
                                         MQ_SLOTS_END};

typedef struct note_t {
    const char *text;
    const char *author;
    const char *at_text;
    const char *at_iso;
} note_t;

static const mq_slot_t note_slots[] = {MQ_TEXT(note_t, text), MQ_TEXT(note_t, author),
                                       MQ_TEXT(note_t, at_text), MQ_TEXT(note_t, at_iso),
                                       MQ_SLOTS_END};

typedef struct patient_page_t {
    mq_frame_t frame;
    const banner_t *patient;
    mq_list_t notes;
    int can_read_notes;
} patient_page_t;

static const mq_slot_t patient_slots[] = {MQ_STRUCT(patient_page_t, patient, banner_slots),
                                          MQ_LIST(patient_page_t, notes, note_slots, note_t),
                                          MQ_FLAG(patient_page_t, can_read_notes),
                                          MQ_INCLUDE(patient_page_t, frame, mq_frame_slots),
                                          MQ_SLOTS_END};

const mq_page_t mq_patient_form_template = {"patient_form.html", form_slots};
const mq_page_t mq_patient_page_template = {"patient.html", patient_slots};

static const mq_field_t patient_fields[] = {
    {"name", "Name", MQ_FIELD_LINE, 1, MQ_LIMIT_NAME, "off", NULL, "Enter the patient's name.",
     offsetof(mq_patient_new_t, name)},
    {"date_of_birth", "Date of birth", MQ_FIELD_BIRTH_DATE, 0, 10, "off",
     "Year-month-day, such as 1975-04-03. The month and the day may be left out.", NULL,
     offsetof(mq_patient_new_t, birth_date)},
    {"notes", "Notes", MQ_FIELD_BLOCK, 0, MQ_LIMIT_NOTES, "off", NULL, NULL,
     offsetof(mq_patient_new_t, notes)},
    {NULL, NULL, MQ_FIELD_LINE, 0, 0, NULL, NULL, NULL, 0}};

static apr_status_t patient_form_show(mq_request_t *rq, int status, const mq_form_t *form)
{
    form_page_t page = {.frame.title = mq_say(rq, "Add patient"),
                        .form = mq_form_view(form, NULL),
                        .action = "/patients/new"};
    return mq_page_show(rq, status, &mq_patient_form_template, &page);
}

apr_status_t mq_patient_new_page(mq_request_t *rq)
{
    mq_form_t *form = mq_form_make(rq, patient_fields);
    const char *const carried[] = {"name", "date_of_birth"}; /* from a search that found nobody */
    for (size_t i = 0; i < sizeof carried / sizeof *carried; i++) {
        const char *value = mq_request_query(rq, carried[i]);
        if (value) {
            mq_form_set(form, carried[i], value);
        }
    }
    return patient_form_show(rq, 200, form);
}

apr_status_t mq_patient_new_post(mq_request_t *rq)
{
    mq_form_t *form = mq_form_make(rq, patient_fields);
    mq_patient_new_t in = {0};
    mq_id_t id;
    MQ_TRY(mq_form_read(form, &in));
    if (mq_form_faults(form)) {
        return patient_form_show(rq, 422, form);
    }
    MQ_TRY(mq_patient_add(&id, mq_request_scope(rq), &in));
    return mq_request_redirect(
        rq, apr_pstrcat(rq->pool, "/patients/", mq_id_text(&id, rq->pool), NULL));
}

static mq_list_t notes_draw(const mq_request_t *rq, const apr_array_header_t *notes)
{
    note_t *rows = apr_palloc(rq->pool, sizeof *rows * (size_t)(notes->nelts + 1));
    for (int i = 0; i < notes->nelts; i++) {
        const mq_patient_note_t *note = &APR_ARRAY_IDX(notes, i, mq_patient_note_t);
        rows[i] = (note_t){.text = note->content,
                           .author = note->author,
                           .at_text = mq_time_format(note->created_at, NULL, MQ_DATE_ISO, rq->pool),
                           .at_iso = mq_time_iso(note->created_at, rq->pool)};
    }
    return (mq_list_t){rows, notes->nelts};
}

apr_status_t mq_patient_page(mq_request_t *rq)
{
    const mq_scope_t *sc = mq_request_scope(rq);
    patient_page_t page = {.can_read_notes = mq_policy_allows(MQ_ACTION_PATIENT_NOTES_READ,
                                                              mq_scope_roles(sc))};
    apr_array_header_t *notes;
    mq_patient_t patient;
    banner_t banner;
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_patient_view(&patient, sc, &id));
    if (page.can_read_notes) {
        MQ_TRY(mq_patient_notes(&notes, sc, &id, NOTES_SHOWN));
        page.notes = notes_draw(rq, notes);
    }
    banner = (banner_t){.id = mq_id_text(&id, rq->pool),
                        .name = patient.name,
                        .birth_date = patient.birth_date,
                        .birth_date_text = patient.birth_date,
                        .age = mq_age_text(rq, patient.birth_date),
                        .mrn = patient.mrn,
                        .version = patient.version};
    page.frame.title = patient.name;
    page.patient = &banner;
    return mq_page_show(rq, 200, &mq_patient_page_template, &page);
}

/* print_pages.c -- a record on paper, with its notes, and a label for tubes and folders. */

#include "domain/patients/patients.h"
#include "web/dates.h"
#include "web/patients/note_pages.h"
#include "web/patients/patient_banner.h"
#include "web/patients/patient_values.h"
#include "web/route_tables.h"

typedef struct print_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_list_t values;
    mq_list_t charts;
    mq_notes_view_t notes;
    const char *printed_at;
    const char *back_href;
} print_page_t;

static const mq_slot_t print_slots[] = {
    MQ_STRUCT(print_page_t, patient, mq_patient_banner_slots),
    MQ_LIST(print_page_t, values, mq_patient_value_slots, mq_patient_value_t),
    MQ_LIST(print_page_t, charts, mq_chart_card_slots, mq_chart_card_t),
    MQ_INCLUDE(print_page_t, notes, mq_notes_slots),
    MQ_TEXT(print_page_t, printed_at),
    MQ_TEXT(print_page_t, back_href),
    MQ_INCLUDE(print_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t print_template = {"print.html", print_slots};
static const mq_page_t label_template = {"label.html", print_slots};

static apr_status_t paper_show(mq_request_t *rq, const mq_scope_t *sc, const mq_page_t *template,
                               int with_notes)
{
    print_page_t page = {.printed_at = mq_time_say(rq, rq->now)};
    mq_patient_t patient;
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_patient_view_for(&patient, sc, &id, MQ_ACTION_PATIENT_PRINT));
    if (with_notes) {
        MQ_TRY(mq_notes_print(&page.notes, rq, sc, &id));
    }
    page.frame.title = patient.name;
    page.patient = mq_patient_banner(rq, &patient);
    page.values = mq_patient_values(rq, &patient.fields);
    page.charts = mq_chart_cards(rq, sc, &patient);
    page.back_href = mq_patient_href(rq, &id, "");
    return mq_page_show(rq, 200, template, &page);
}

static apr_status_t print_page(mq_request_t *rq, const mq_scope_t *sc)
{
    return paper_show(rq, sc, &print_template, 1);
}

static apr_status_t label_page(mq_request_t *rq, const mq_scope_t *sc)
{
    return paper_show(rq, sc, &label_template, 0);
}

const mq_route_t mq_print_routes[] = {
    {MQ_GET, "/patients/{id}/print", MQ_ACTION_PATIENT_PRINT, print_page, .page = &print_template},
    {MQ_GET, "/patients/{id}/label", MQ_ACTION_PATIENT_PRINT, label_page, .page = &label_template},
    MQ_ROUTES_END};

/* print_pages.c -- a record on paper, with all its parts, and a label for tubes and folders. */

#include "base/qr.h"
#include "domain/patients/patients.h"
#include "web/dates.h"
#include "web/paper_head.h"
#include "web/patients/label_view.h"
#include "web/patients/part_views.h"
#include "web/patients/patient_banner.h"
#include "web/patients/patient_values.h"
#include "web/route_tables.h"

typedef struct print_page_t {
    mq_frame_t frame;
    const mq_patient_banner_t *patient;
    mq_list_t values;
    mq_parts_view_t parts;
    mq_markup_t qr; /* the record number */
    mq_label_view_t label;
    mq_letterhead_t letterhead;
    const char *printed_at;
    const char *back_href;
} print_page_t;

static const mq_slot_t print_slots[] = {
    MQ_STRUCT(print_page_t, patient, mq_patient_banner_slots),
    MQ_LIST(print_page_t, values, mq_patient_value_slots, mq_patient_value_t),
    MQ_INCLUDE(print_page_t, parts, mq_parts_slots),
    MQ_MARKUP(print_page_t, qr),
    MQ_INCLUDE(print_page_t, label, mq_label_slots),
    MQ_INCLUDE(print_page_t, letterhead, mq_letterhead_slots),
    MQ_TEXT(print_page_t, printed_at),
    MQ_TEXT(print_page_t, back_href),
    MQ_INCLUDE(print_page_t, frame, mq_frame_slots),
    MQ_SLOTS_END};

static const mq_page_t print_template = {"print.html", print_slots};
static const mq_page_t label_template = {"label.html", print_slots};

static apr_status_t paper_show(mq_request_t *rq, const mq_scope_t *sc, const mq_page_t *template,
                               int with_parts)
{
    print_page_t page = {.printed_at = mq_time_say(rq, rq->now)};
    mq_patient_t patient;
    mq_id_t id;
    MQ_TRY(mq_request_record(&id, rq));
    MQ_TRY(mq_patient_view_for(&patient, sc, &id, MQ_ACTION_PATIENT_PRINT));
    if (with_parts) {
        MQ_TRY(mq_letterhead_read(&page.letterhead, sc));
        MQ_TRY(mq_parts_view(&page.parts, rq, sc, &patient, MQ_ON_PAPER));
    } else {
        MQ_TRY(mq_qr_svg(&page.qr.html, patient.mrn, rq->pool));
    }
    page.frame.title = patient.name;
    page.patient = mq_patient_banner(rq, &patient);
    page.label = mq_label_view(rq, &patient, page.patient);
    page.values = mq_patient_values(rq, &patient.fields);
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

/* part_views.c -- the table of a patient's parts, as they are shown. */
#include "web/patients/part_views.h"

#include "domain/patients/patient_parts.h"

const mq_slot_t mq_parts_slots[] = {
    MQ_LIST(mq_parts_view_t, charts, mq_chart_card_slots, mq_chart_card_t),
    MQ_INCLUDE(mq_parts_view_t, notes, mq_notes_slots), MQ_SLOTS_END};

static apr_status_t notes_draw(mq_parts_view_t *view, const mq_request_t *rq, const mq_scope_t *sc,
                               const mq_patient_t *patient, mq_medium_t medium)
{
    return medium == MQ_ON_PAPER ? mq_notes_print(&view->notes, rq, sc, &patient->id)
                                 : mq_notes_view(&view->notes, rq, sc, &patient->id,
                                                 patient->status == MQ_PATIENT_ACTIVE);
}

static apr_status_t chart_draw(mq_parts_view_t *view, const mq_request_t *rq, const mq_scope_t *sc,
                               const mq_patient_t *patient, mq_medium_t medium)
{
    (void)medium; /* its cards are the same */
    view->charts = mq_chart_cards(rq, sc, patient);
    return APR_SUCCESS;
}

const mq_part_view_t mq_part_views[MQ_PATIENT_PARTS] = {
    [MQ_PART_NOTES] = {notes_draw}, [MQ_PART_CHART] = {chart_draw}};

apr_status_t mq_parts_view(mq_parts_view_t *view_out, const mq_request_t *rq, const mq_scope_t *sc,
                           const mq_patient_t *patient, mq_medium_t medium)
{
    for (int i = 0; i < MQ_PATIENT_PARTS; i++) {
        MQ_TRY(mq_part_views[i].draw(view_out, rq, sc, patient, medium));
    }
    return APR_SUCCESS;
}

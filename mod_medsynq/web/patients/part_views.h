/* part_views.h -- what a patient has, drawn for the record's page and for paper: a row for each
 * kind of part (domain/patients/patient_parts.h). Pages that show a record show all of it by this,
 * so that none forgets a kind. */
#ifndef MQ_WEB_PART_VIEWS_H
#define MQ_WEB_PART_VIEWS_H

#include "web/patients/chart_view.h"
#include "web/patients/note_pages.h"

/** What a page's struct includes: MQ_INCLUDE(page_t, parts, mq_parts_slots), for record_parts.html
 * or paper_parts.html. */
typedef struct mq_parts_view_t {
    mq_list_t charts;
    mq_notes_view_t notes;
} mq_parts_view_t;

extern const mq_slot_t mq_parts_slots[];

typedef enum { MQ_ON_SCREEN, MQ_ON_PAPER } mq_medium_t;

/**
 * Read and draw all parts of a record that the scope's person may read; the disclosure is recorded.
 * @return MQ_EINVALID the query asks for a place in a part that is none
 */
apr_status_t mq_parts_view(mq_parts_view_t *view_out, const mq_request_t *rq, const mq_scope_t *sc,
                           const mq_patient_t *patient, mq_medium_t medium);

/** How a kind of part is drawn. */
typedef struct mq_part_view_t {
    apr_status_t (*draw)(mq_parts_view_t *view, const mq_request_t *rq, const mq_scope_t *sc,
                         const mq_patient_t *patient, mq_medium_t medium);
} mq_part_view_t;

/** The rows, in the order of mq_patient_parts. */
extern const mq_part_view_t mq_part_views[];

#endif

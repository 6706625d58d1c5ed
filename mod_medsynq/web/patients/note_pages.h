/* note_pages.h -- the timeline on a record's page, and the POSTs that change it. */
#ifndef MQ_WEB_NOTE_PAGES_H
#define MQ_WEB_NOTE_PAGES_H

#include "domain/patients/patient_notes.h"
#include "web/pages.h"

/** What a page's struct includes to show the timeline. */
typedef struct mq_notes_view_t {
    mq_list_t notes;
    const char *notes_href;  /* where new notes go */
    const char *older_href;  /* the next page of the timeline; on paper: what was left out */
    const char *new_href;    /* to the form of a new note, where another one's is shown */
    const char *newest_href; /* back to its beginning, or NULL: this is it */
    apr_int64_t note_limit;  /* the most that a field for a note takes */
    apr_int64_t error_limit; /* and one for why it is an error */
    int is_paged;            /* one of the two is there */
    int can_read_notes;
    int can_add_note;
} mq_notes_view_t;

extern const mq_slot_t mq_notes_slots[];

/** @return "3 Apr 1980 · Dr Okafor", as the file from which a note came says it; NULL: it was
 * written here */
const char *mq_note_written(const mq_request_t *rq, const mq_patient_note_t *note);

/**
 * Read and draw a page of a patient's timeline, the newest or what ?notes_before= asks for; empty
 * for those who may not read notes.
 * @param is_active the record is not archived: notes may be added
 * @return MQ_EINVALID ?notes_before= is no id
 */
apr_status_t mq_notes_view(mq_notes_view_t *view_out, const mq_request_t *rq, const mq_scope_t *sc,
                           const mq_id_t *patient, int is_active);

/** The whole timeline for paper. older_href is there when even that is too much. */
apr_status_t mq_notes_print(mq_notes_view_t *view_out, const mq_request_t *rq, const mq_scope_t *sc,
                            const mq_id_t *patient);

#endif

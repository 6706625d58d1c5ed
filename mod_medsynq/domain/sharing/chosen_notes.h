/* chosen_notes.h -- notes that are shared one by one: which ones can be, and which a consent names.
 * A note is there by a row of its share; what is added to it goes with it, and no other note. */
#ifndef MQ_DOMAIN_SHARING_CHOSEN_NOTES_H
#define MQ_DOMAIN_SHARING_CHOSEN_NOTES_H

#include <apr_tables.h>

#include "domain/core.h"

enum {
    MQ_CHOSEN_NOTES_MOST = 50, /* of one consent */
    MQ_SHARABLE_PER_PAGE = 50  /* to choose from */
};

/** A note that can be chosen, or was. Texts are from the scope's pool. */
typedef struct mq_sharable_note_t {
    mq_id_t id;      /* null of one that was chosen, as are content and author */
    apr_time_t at;   /* when it was signed */
    const char *day; /* ISO day on which it was written elsewhere, or NULL */
    const char *content;
    const char *author; /* or who wrote it elsewhere */
} mq_sharable_note_t;

/**
 * Read a page of what can be chosen of a patient: signed notes, the newest first. Who looks at the
 * patient is recorded by the caller.
 * @param list_out of mq_sharable_note_t; empty for whoever may read no notes
 * @param next_out the last of the page, where they go on; else NULL
 * @param before   the last of the page before, or NULL
 * @param chosen   which are to be among them in any case, if they can be shared
 */
apr_status_t mq_sharable_notes(apr_array_header_t **list_out, const mq_id_t **next_out,
                               const mq_scope_t *sc, const mq_id_t *patient, const mq_id_t *before,
                               const mq_id_t *chosen, int count);

/** Write down what was chosen, within the change that makes the share.
 * @return MQ_ECONFLICT one of them is no signed note of the patient, or is there twice */
apr_status_t mq_chosen_notes_insert(const mq_scope_t *sc, const mq_id_t *patient,
                                    const mq_id_t *share, const mq_id_t *notes, int count);

/** Read what was chosen for a share, the newest first.
 * @param list_out of mq_sharable_note_t with at and day; empty for whoever may read no notes */
apr_status_t mq_chosen_notes_of(apr_array_header_t **list_out, const mq_scope_t *sc,
                                const mq_id_t *share);

/** @param count_out how many were chosen for a share */
apr_status_t mq_chosen_notes_count(int *count_out, const mq_scope_t *sc, const mq_id_t *share);

#endif

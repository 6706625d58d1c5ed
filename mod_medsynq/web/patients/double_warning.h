/* double_warning.h -- the warning above the form of a record when the person seems to be registered
 * already: who it may be, and why. Adding and editing show it; it never blocks. */
#ifndef MQ_WEB_DOUBLE_WARNING_H
#define MQ_WEB_DOUBLE_WARNING_H

#include "web/pages.h"
#include "web/patients/patient_form.h"

/** The rows of patients/duplicates.html. */
extern const mq_slot_t mq_double_slots[];

/** One who may be the same person, and the one whose form it is. */
typedef struct mq_double_row_t {
    const char *id; /* NULL: the one whose form it is */
    const char *name;
    const char *birth_date;
    const char *birth_date_text;
    const char *mrn;
    const char *phone;
    const char *address;
    const char *why;
    const char *merge_href; /* side by side with the record whose form it is; or NULL */
    int is_archived;
} mq_double_row_t;

/** @return each thing that fits, the weightiest first. @param why a set of likeness.h */
const char *mq_double_why(const mq_request_t *rq, int why);

/** @return rows of found, an array of mq_duplicate_t, without one for a form */
mq_list_t mq_double_rows(const mq_request_t *rq, const apr_array_header_t *found);

/**
 * Look for likely doubles that the person has not been shown yet.
 * @param rows_out of mq_double_row_t, the one whose form it is first; none: nothing to ask. Where
 *                 there are some, the form is to be shown with them instead of being saved; that it
 *                 is shown has been recorded
 * @param form     then remembers whom the person has been shown
 * @param self     the record that is being changed, or NULL for a new one
 */
apr_status_t mq_double_warn(mq_list_t *rows_out, mq_form_t *form, const mq_request_t *rq,
                            const mq_scope_t *sc, const mq_id_t *self,
                            const mq_patient_form_t *values);

#endif

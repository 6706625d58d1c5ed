/* edit_conflict.h -- an edit of a record that somebody else has changed meanwhile: what one alone
 * has touched is kept, what both have is asked. Rules are in domain/patients/edit_merge.c. */
#ifndef MQ_WEB_EDIT_CONFLICT_H
#define MQ_WEB_EDIT_CONFLICT_H

#include "domain/patients/edit_merge.h"
#include "web/patients/patient_form.h"

/** The page that asks; a row of the routes names it. */
extern const mq_page_t mq_edit_conflict_page;

/** One edit, put together with what stands there now. */
typedef struct mq_edit_t {
    apr_int64_t opened; /* the version that the form was filled from */
    int is_led;         /* it was one of a record that this one has replaced */
    mq_patient_t now;
    mq_patient_fields_t base;
    int has_base;    /* it is still known what was opened */
    int is_answered; /* the page that asks was sent, about what stands there now */
    mq_edit_merge_t merge;
} mq_edit_t;

/**
 * Read what stands there and put what was typed together with it.
 * @param source the record whose form it was: id, or one that it has replaced
 * @param mine as the form was read
 * @return MQ_ECONFLICT the record is archived; MQ_ENOTFOUND
 */
apr_status_t mq_edit_put_together(mq_edit_t *edit_out, const mq_request_t *rq, const mq_scope_t *sc,
                                  const mq_id_t *id, const mq_id_t *source, apr_int64_t opened,
                                  const mq_patient_fields_t *mine);

/** Ask about each clash: 409, and 422 where an answer is missing. Nothing is chosen beforehand. */
apr_status_t mq_edit_conflict_show(mq_request_t *rq, const mq_scope_t *sc, const mq_edit_t *edit,
                                   const mq_field_t *fields, const mq_patient_fields_t *mine);

/** @return what the page after saving says: also what came from somebody else meanwhile */
const char *mq_edit_said(const mq_request_t *rq, const mq_edit_t *edit, int is_saved);

#endif

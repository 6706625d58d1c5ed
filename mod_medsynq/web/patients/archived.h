/* archived.h -- whoever would change an archived record is told so, with what they typed, and who
 * can bring it back. */
#ifndef MQ_WEB_ARCHIVED_H
#define MQ_WEB_ARCHIVED_H

#include "web/pages.h"

/** A form, or the way to one, of a record that is archived; a row of the routes names it. */
extern const mq_page_t mq_archived_page;

/**
 * Answer a request that met an illegal state, where that is because its record is archived.
 * @return MQ_ECONFLICT it is not, or the path names no record: answer 409
 */
apr_status_t mq_archived_lead(mq_request_t *rq, const mq_scope_t *sc);

/** @return whether that is why a change met an illegal state */
int mq_archived_is(const mq_scope_t *sc, const mq_id_t *patient);

/** Show the page where it is known that the record is archived: 403 for whoever may not restore it,
 * with who may. @return as mq_patient_view */
apr_status_t mq_archived_show(mq_request_t *rq, const mq_scope_t *sc, int status,
                              const mq_id_t *id);

#endif

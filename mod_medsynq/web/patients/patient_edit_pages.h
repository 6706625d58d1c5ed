/* patient_edit_pages.h -- changing a record: editing, settling a conflict, archiving, restoring;
 * printing it. */
#ifndef MQ_WEB_PATIENT_EDIT_PAGES_H
#define MQ_WEB_PATIENT_EDIT_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_conflict_page_template;

/** GET and POST /patients/{id}/edit; a stale POST is 409 with both versions side by side */
apr_status_t mq_patient_edit_page(mq_request_t *rq, const mq_scope_t *sc);
apr_status_t mq_patient_edit_post(mq_request_t *rq, const mq_scope_t *sc);

/** POST /patients/{id}/archive: reason, version */
apr_status_t mq_patient_archive_post(mq_request_t *rq, const mq_scope_t *sc);

/** POST /patients/{id}/restore: version */
apr_status_t mq_patient_restore_post(mq_request_t *rq, const mq_scope_t *sc);

#endif

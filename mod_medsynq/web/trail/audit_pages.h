/* audit_pages.h -- the trail, and who has seen a record. */
#ifndef MQ_WEB_AUDIT_PAGES_H
#define MQ_WEB_AUDIT_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_audit_page_template;
extern const mq_page_t mq_accesses_page_template;

/** GET /audit: actor, action, patient, from, to, after. */
apr_status_t mq_audit_page_show(mq_request_t *rq, const mq_scope_t *sc);

/** GET /audit/export.csv: the same choice, all pages, streamed. */
apr_status_t mq_audit_export(mq_request_t *rq, const mq_scope_t *sc);

/** GET /patients/{id}/accesses. */
apr_status_t mq_accesses_page(mq_request_t *rq, const mq_scope_t *sc);

#endif

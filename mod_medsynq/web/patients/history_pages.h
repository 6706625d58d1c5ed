/* history_pages.h -- every version of a record and what each changed; the record on paper. */
#ifndef MQ_WEB_HISTORY_PAGES_H
#define MQ_WEB_HISTORY_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_history_page_template;
extern const mq_page_t mq_print_page_template;
extern const mq_page_t mq_label_page_template;

/** GET /patients/{id}/history */
apr_status_t mq_history_page(mq_request_t *rq, const mq_scope_t *sc);

/** POST /patients/{id}/history/{version}/restore */
apr_status_t mq_history_restore_post(mq_request_t *rq, const mq_scope_t *sc);

/** GET /patients/{id}/print */
apr_status_t mq_print_page(mq_request_t *rq, const mq_scope_t *sc);

/** GET /patients/{id}/label */
apr_status_t mq_label_page(mq_request_t *rq, const mq_scope_t *sc);

#endif

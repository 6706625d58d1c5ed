/* import_pages.h -- patients from a file: upload, columns, dry run, progress, undo. */
#ifndef MQ_WEB_IMPORT_PAGES_H
#define MQ_WEB_IMPORT_PAGES_H

#include "web/pages.h"

extern const mq_page_t mq_imports_page_template;
extern const mq_page_t mq_import_page_template;

/** GET and POST /patients/import: the form, and the uploaded file */
apr_status_t mq_imports_page(mq_request_t *rq, const mq_scope_t *sc);
apr_status_t mq_import_upload(mq_request_t *rq, const mq_scope_t *sc);

/** GET /patients/import/{id}: where it is; shows itself anew while a job is at it */
apr_status_t mq_import_page(mq_request_t *rq, const mq_scope_t *sc);

/** POST /patients/import/{id}/columns, /commit, /cancel, /discard, /undo */
apr_status_t mq_import_columns_post(mq_request_t *rq, const mq_scope_t *sc);
apr_status_t mq_import_commit_post(mq_request_t *rq, const mq_scope_t *sc);
apr_status_t mq_import_cancel_post(mq_request_t *rq, const mq_scope_t *sc);
apr_status_t mq_import_discard_post(mq_request_t *rq, const mq_scope_t *sc);
apr_status_t mq_import_undo_post(mq_request_t *rq, const mq_scope_t *sc);

/** GET /patients/import/{id}/errors.csv */
apr_status_t mq_import_errors(mq_request_t *rq, const mq_scope_t *sc);

#endif

/* organisation_pages.h -- what an administrator sets for the whole organisation, and what each
 * person chooses of it for themselves. */
#ifndef MQ_WEB_ORGANISATION_PAGES_H
#define MQ_WEB_ORGANISATION_PAGES_H

#include "web/form.h"

extern const mq_page_t mq_organisation_page_template;

/** GET and POST /organisation: date_format, time_zone, language, two_factor_from, version */
apr_status_t mq_organisation_page(mq_request_t *rq, const mq_scope_t *sc);
apr_status_t mq_organisation_post(mq_request_t *rq, const mq_scope_t *sc);

/** The form on /account: the language that the person has chosen. */
mq_form_t *mq_language_form(mq_request_t *rq, const mq_scope_t *sc);

/** POST /account/language: language */
apr_status_t mq_language_post(mq_request_t *rq, const mq_scope_t *sc);

#endif

/* organisation_pages.h -- what an administrator sets for the whole organisation, and what each
 * person chooses of it for themselves. */
#ifndef MQ_WEB_ORGANISATION_PAGES_H
#define MQ_WEB_ORGANISATION_PAGES_H

#include "web/form.h"

/** The form on /account: the language and digits that the person has chosen. */
mq_form_t *mq_language_form(mq_request_t *rq, const mq_scope_t *sc);

/** Show the settings with 422, because a picture cannot be the logo. @param fault translated */
apr_status_t mq_organisation_show_logo_fault(mq_request_t *rq, const mq_scope_t *sc,
                                             const char *fault);

#endif

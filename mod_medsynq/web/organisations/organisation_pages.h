/* organisation_pages.h -- what an administrator sets for the whole organisation, and what each
 * person chooses of it for themselves. */
#ifndef MQ_WEB_ORGANISATION_PAGES_H
#define MQ_WEB_ORGANISATION_PAGES_H

#include "web/form.h"

/** The form on /account: the language and digits that the person has chosen. */
mq_form_t *mq_language_form(mq_request_t *rq, const mq_scope_t *sc);

#endif

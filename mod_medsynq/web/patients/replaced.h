/* replaced.h -- whoever asks for a record that another has replaced is led to that one: an old
 * address with a word, a form that was open with what was typed into it. */
#ifndef MQ_WEB_REPLACED_H
#define MQ_WEB_REPLACED_H

#include "web/pages.h"

/** A form that was open when its record was replaced; a row of the routes names it. */
extern const mq_page_t mq_replaced_page;

/**
 * Answer a request whose handler has found no record, where another has replaced it.
 * @return MQ_ENOTFOUND none has, or the path names no record: answer 404
 */
apr_status_t mq_replaced_lead(mq_request_t *rq, const mq_scope_t *sc);

#endif

/* once.h -- one form, one effect, as the pages have it: the answer for whoever sends a form again
 * that creates. What a form has made is in domain/form_use.h, its token in form_token.h. */
#ifndef MQ_WEB_ONCE_H
#define MQ_WEB_ONCE_H

#include "domain/form_use.h"
#include "web/request.h"

/** What was sent, by the token of its form: rq->once, or NULL: it has none.
 * @param file digest of the file that came with it, or NULL: another file is another form */
apr_status_t mq_once_read(mq_request_t *rq, const unsigned char *file);

/**
 * Tie what was sent to the token of its form; done by mq_once_handle but for an upload, whose
 * handler has read it. A form without a token has its effect each time that it is sent.
 * @param sc_out a scope with the form, else sc
 * @param file   mq_once_read's
 */
apr_status_t mq_once_scope(const mq_scope_t **sc_out, mq_request_t *rq, const mq_scope_t *sc,
                           const unsigned char *file);

/** Run the handler of a route that creates. Whoever sends a form again is led to what it has made;
 * with something else typed into it, it comes back as a new form, and says so. */
apr_status_t mq_once_handle(mq_request_t *rq);

#endif
